"""The stages of standard land as a state machine, case by case."""

from __future__ import annotations

import datetime as dt

import pytest

from gis.errors import ParkLineError
from layers.checks import land_stages
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, default_policy_path, parse_policy
from tests.layers.checks.world import CODES, DAY, POLICY, table, units

TEXT = default_policy_path().read_text(encoding="utf-8")
# A parcel that went the whole way, a step a month.
WHOLE: dict[str, object] = {
    "parcel_no": "A", "unit": "石泉县", "evaluated_on": "2021-01-05", "cleared_on": "2021-02-05",
    "standard_set_on": "2021-03-05", "announced_on": "2021-04-05", "sold_on": "2021-05-05",
    "contract_on": "2021-06-05", "agreement_on": "2021-06-05", "paid_on": "2021-07-05",
    "handover_on": "2021-08-05", "certificate_on": "2021-08-05", "permit_on": "2021-09-05",
    "agreed_start": "2021-12-05", "actual_start": "2021-10-05", "agreed_finish": "2023-12-05",
    "actual_finish": "2023-04-05", "completion_review_on": "2023-05-05", "production_review_on": "2024-05-05",
    "stage": "reviewed",
}  # fmt: skip
STAGES = ("prepared", "standard_set", "matched", "handed_over", "building", "accepted", "reviewed")


def judge(*rows: dict[str, object], day: dt.date = DAY, policy: Policy = POLICY) -> CheckResult:
    return land_stages.run({"parcel": table(list(rows))}, units(), policy, CODES, day)


def of(result: CheckResult) -> UnitResult:
    return next(item for item in result.units if item.code == "610922")


@pytest.mark.parametrize(
    ("day", "reached"),
    [
        ("2021-02-04", "none"), ("2021-02-05", "prepared"), ("2021-04-04", "prepared"), ("2021-04-05", "standard_set"),
        ("2021-06-05", "matched"), ("2021-08-05", "handed_over"), ("2021-10-05", "building"), ("2023-05-05", "accepted"),
        ("2024-05-04", "accepted"), ("2024-05-05", "reviewed"),
    ],
)  # fmt: skip
def test_a_stage_is_reached_on_the_day_of_its_last_document(day: str, reached: str) -> None:
    found = of(judge(WHOLE, day=dt.date.fromisoformat(day)))
    assert found.verdict is Verdict.MET
    assert {name: found.figures[name] for name in ("none", *STAGES) if found.figures[name]} == {reached: 1.0}


def test_what_the_next_stage_needs_is_named_with_its_document() -> None:
    """On the day of the contract the agreement of the same day is there too; for the hand-over three are missing."""
    [row] = judge(WHOLE, day=dt.date(2021, 7, 5)).evidence.to_dict("records")
    assert row["stage"] == "对标"
    assert row["wanted"] == "交地确认书（交地日期）、不动产权证书（发证日期）"
    assert "下一阶段“交地”尚需" in row["why"]


def test_a_stage_entered_while_the_one_before_lacks_a_document_is_found() -> None:
    """Without the agreement the parcel stands at 定标, though works began."""
    result = judge({**WHOLE, "agreement_on": None, "stage": "building"}, day=dt.date(2021, 10, 5))
    found = of(result)
    assert found.verdict is Verdict.SHORT
    assert (found.figures["standard_set"], found.figures["skipped"], found.figures["claimed"]) == (
        1.0,
        1.0,
        1.0,
    )
    assert found.figures["faults"] == 1.0  # one parcel, however much is wrong with it
    assert "已进入后一阶段，仍缺：“标准地”履约监管协议（履约监管协议日期）" in result.evidence["why"].iloc[0]


def test_a_later_stage_is_no_claim_before_its_day() -> None:
    """The register says what is so today; on an earlier day the same row is simply further back."""
    assert of(judge(WHOLE, day=dt.date(2021, 5, 1))).verdict is Verdict.MET


def test_a_claimed_stage_without_dates_is_found() -> None:
    found = of(judge({"parcel_no": "A", "unit": "石泉县", "stage": "standard_set"}))
    assert (found.figures["claimed"], found.figures["none"]) == (1.0, 1.0)
    assert found.verdict is Verdict.SHORT


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"permit_on": "2021-08-04"}, "施工许可日期早于交地日期"),
        ({"cleared_on": "2021-04-06"}, "出让公告日期早于净地日期"),
        ({"agreed_finish": "2021-12-04"}, "约定竣工日期早于约定开工日期"),
        ({"contract_on": "2021-05-04"}, "合同签订日期早于成交日期"),
    ],
)
def test_dates_that_run_backwards_are_named(changes: dict[str, object], words: str) -> None:
    result = judge({**WHOLE, **changes})
    assert of(result).figures["backwards"] == 1.0
    assert words in result.evidence["why"].iloc[0]


def test_equal_days_are_in_order_and_a_gap_between_two_dates_hides_nothing() -> None:
    """Completion before the hand-over is found though permit and start, named between them, are missing."""
    same = dict.fromkeys(("standard_set_on", "announced_on", "sold_on", "contract_on"), "2021-06-05")
    assert of(judge({**WHOLE, **same})).figures["backwards"] == 0.0
    row = {**WHOLE, "permit_on": None, "actual_start": None, "actual_finish": "2021-08-04"}
    assert "实际竣工日期早于交地日期" in judge(row).evidence["why"].iloc[0]


def test_a_date_of_a_later_day_is_not_known_yet() -> None:
    row = {**WHOLE, "permit_on": "2023-06-01"}  # after the completion of 2023-04-05
    assert of(judge(row, day=dt.date(2023, 5, 31))).figures["backwards"] == 0.0
    assert of(judge(row, day=dt.date(2023, 6, 1))).figures["backwards"] == 1.0


def test_the_policy_says_what_a_stage_needs_and_in_which_order() -> None:
    policy = parse_policy(TEXT.replace('agreement_on = "“标准地”履约监管协议"\n', "", 1), "p")
    found = of(judge({**WHOLE, "agreement_on": None}, policy=policy))
    assert (found.verdict, found.figures["reviewed"]) == (Verdict.MET, 1.0)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('permit_on = "建设用地规划', 'permitted_on = "建设用地规划', "stages"),
        ("[target.parameters.stages.accepted]", "[target.parameters.stages.finished]", "stages"),
        ('["evaluated_on", "announced_on"]', '["evaluated_on", "announced"]', "order"),
    ],
)
def test_a_field_that_is_no_date_of_a_parcel_is_refused(old: str, new: str, key: str) -> None:
    with pytest.raises(ParkLineError) as caught:
        parse_policy(TEXT.replace(old, new, 1), "policy.toml")
    assert str(caught.value.args[0]).startswith(key)
    assert caught.value.row is not None


def test_without_standard_land_nothing_is_judged() -> None:
    assert {item.verdict for item in judge().units} == {Verdict.NOT_JUDGED}
    result = judge(WHOLE)
    assert next(item for item in result.units if item.code == "610902").verdict is Verdict.EMPTY
