"""Indicators of standard land, with shortfalls worked out by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.checks import standard_land
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.checks.standard_land import missing_amount
from layers.policy import Policy, default_policy_path, parse_policy
from tests.layers.checks.world import CODES, DAY, POLICY, rectangle, table, units

TEXT = default_policy_path().read_text(encoding="utf-8")


def parcel(number: str, **more: object) -> dict[str, object]:
    """A finished and reviewed parcel of 石泉县, its standard set in 2021."""
    return {
        "parcel_no": number, "unit": "石泉县", "standard_set_on": "2021-01-10", "contract_on": "2021-03-01",
        "actual_finish": "2023-05-01", "completion_review_on": "2023-06-01", "production_review_on": "2024-05-01",
        **more,
    }  # fmt: skip


def judge(*rows: dict[str, object], day: dt.date = DAY, policy: Policy = POLICY) -> CheckResult:
    return standard_land.run({"parcel": table(list(rows))}, units(), policy, CODES, day)


def of(result: CheckResult, code: str = "610922") -> UnitResult:
    return next(item for item in result.units if item.code == code)


def test_a_shortfall_is_the_difference_as_written() -> None:
    """Floor-area ratio 0.9 of 1.0: 0.1 is missing, though 1.0 − 0.9 is 0.09999999999999998 in binary."""
    result = judge(parcel("A", far_required=1.0, far_committed=1.0, far_actual=0.9))
    assert of(result).verdict is Verdict.SHORT
    assert result.evidence["amount"].tolist() == [0.1]
    assert "实际 0.9，要求不低于 1，差 0.1" in result.evidence["why"].iloc[0]


def test_the_required_figure_itself_is_enough_and_a_ceiling_works_the_other_way() -> None:
    """Far 1.0 of 1.0 holds; green 20 % at most: 20 holds, 20.5 exceeds by 0.5."""
    kept = parcel("A", far_required=1.0, far_committed=1.0, far_actual=1.0, green_ratio_required=20.0,
                  green_ratio_committed=20.0, green_ratio_actual=20.0)  # fmt: skip
    assert of(judge(kept)).verdict is Verdict.MET
    result = judge({**kept, "green_ratio_actual": 20.5})
    assert of(result).figures["violations"] == 1.0
    [row] = result.evidence[result.evidence["amount"] > 0].to_dict("records")
    assert (row["indicator"], row["amount"], row["state"]) == ("green_ratio", 0.5, "over")


def test_a_promise_below_the_standard_and_a_broken_promise_are_different_things() -> None:
    """Required 200, promised 190 (10 short), built 195: 5 below the requirement, above the promise: two findings.

    The second parcel promised 240 and built 220: the requirement holds, the promise misses by 20.
    """
    result = judge(
        parcel("A", invest_intensity_required=200.0, invest_intensity_committed=190.0, invest_intensity_actual=195.0),
        parcel("B", invest_intensity_required=200.0, invest_intensity_committed=240.0, invest_intensity_actual=220.0),
    )  # fmt: skip
    found = of(result).figures
    assert (found["weak_promises"], found["short_of_required"], found["short_of_promise"]) == (1.0, 1.0, 1.0)
    assert (found["violations"], found["violating"]) == (3.0, 2.0)
    by_state = dict(zip(result.evidence["state"], result.evidence["amount"], strict=True))
    assert by_state == {"weak_promise": 10.0, "short": 5.0, "promise_short": 20.0}


def test_which_kinds_count_is_for_the_policy_to_say() -> None:
    row = parcel("B", far_required=1.0, far_committed=1.5, far_actual=1.2)
    assert of(judge(row)).verdict is Verdict.SHORT
    lenient = parse_policy(
        TEXT.replace('"short_of_required", "short_of_promise"]', '"short_of_required"]', 1), "p"
    )
    found = of(judge(row, policy=lenient))
    assert found.verdict is Verdict.MET
    assert found.figures["short_of_promise"] == 1.0


def test_figures_are_due_at_completion_and_production_figures_at_their_review() -> None:
    """Complete on 2023-05-01, reviewed on 2024-05-01: on 1 May 2023 the floor-area ratio is due, the tax is not."""
    row = parcel("A", far_required=1.0, far_committed=1.0, far_actual=0.8, tax_per_mu_required=12.0,
                 tax_per_mu_committed=12.0, tax_per_mu_actual=3.0)  # fmt: skip
    assert of(judge(row, day=dt.date(2023, 4, 30))).verdict is Verdict.EMPTY
    assert of(judge(row, day=dt.date(2023, 5, 1))).figures["violations"] == 1.0
    assert of(judge(row, day=dt.date(2024, 5, 1))).figures["violations"] == 2.0


def test_a_due_figure_that_is_not_recorded_is_never_a_pass() -> None:
    """One of two is there and holds: the unit is not judged; with the other short it is short."""
    row = parcel(
        "A", far_required=1.0, far_committed=1.0, far_actual=1.1, energy_required=0.3, energy_committed=0.3
    )
    found = of(judge(row))
    assert (found.verdict, found.figures["not_checkable"]) == (Verdict.NOT_JUDGED, 1.0)
    assert of(judge({**row, "far_actual": 0.9})).verdict is Verdict.SHORT


def test_a_contract_without_a_promise_and_a_standard_without_figures_are_said() -> None:
    found = of(judge(parcel("A", far_required=1.0, far_actual=1.0), parcel("B")))
    assert (found.figures["not_checkable"], found.figures["without_standard"]) == (1.0, 1.0)
    assert found.verdict is Verdict.NOT_JUDGED


def test_actual_figures_without_any_day_are_not_judged() -> None:
    row = parcel("A", far_required=1.0, far_committed=1.0, far_actual=0.5, actual_finish=None,
                 completion_review_on=None, production_review_on=None)  # fmt: skip
    result = judge(row)
    assert of(result).verdict is not Verdict.SHORT
    assert any("没有竣工或复核日期" in item.text for item in result.findings)


def test_without_figures_nothing_is_judged_and_a_unit_without_standard_land_has_nothing_to_judge() -> None:
    assert {item.verdict for item in judge().units} == {Verdict.NOT_JUDGED}
    assert {item.verdict for item in judge({"parcel_no": "A", "unit": "石泉县"}).units} == {
        Verdict.NOT_JUDGED
    }
    assert of(judge(parcel("A", far_required=1.0)), "610902").verdict is Verdict.EMPTY


def test_land_in_the_committee_counts_there_and_once_in_the_city() -> None:
    """The parcel lies in 高新区 though its register says 汉滨区; judged by the outermost units it is 汉滨区's."""
    row = parcel("A", unit="汉滨区", far_required=1.0, far_committed=1.0, far_actual=0.9,
                 geometry=rectangle(2500, 500, 100, 100))  # fmt: skip
    result = judge(row)
    assert [item.figures["violations"] for item in result.units] == [0.0, 1.0, 0.0]
    assert result.city is not None
    assert result.city.figures["violations"] == 1.0
    start = TEXT.index('id = "standard_land_indicators"')
    outer = parse_policy(TEXT[:start] + TEXT[start:].replace('units = "all"', 'units = "outermost"', 1), "p")
    found = {item.code: item.figures["violations"] for item in judge(row, policy=outer).units}
    assert found == {"610902": 1.0, "610922": 0.0}


def test_land_of_no_unit_counts_in_the_city_only() -> None:
    result = judge(parcel("A", unit="", far_required=1.0, far_committed=1.0, far_actual=0.9))
    assert result.city is not None
    assert (
        result.city.figures["violations"],
        sum(item.figures["violations"] or 0 for item in result.units),
    ) == (1, 0)
    assert any("无法归属单元" in item.text for item in result.findings)


amounts = st.integers(0, 4000).map(lambda number: number / 100)


@given(amounts, amounts, st.sampled_from([">=", "<="]))
def test_nothing_is_missing_exactly_when_the_comparison_holds(
    value: float, wanted: float, operator: str
) -> None:
    """And what is missing, added (or taken off), makes it hold."""
    [gap] = missing_amount(np.array([value]), np.array([wanted]), operator).tolist()
    assert (gap == 0.0) is (value >= wanted if operator == ">=" else value <= wanted)
    mended = value + gap if operator == ">=" else value - gap
    assert mended == pytest.approx(wanted, abs=1e-8) or gap == 0.0
