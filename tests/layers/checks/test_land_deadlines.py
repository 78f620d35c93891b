"""Days late of starts, completions and certificates, counted by hand."""

from __future__ import annotations

import datetime as dt

from layers.checks import land_deadlines
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import Policy, default_policy_path, parse_policy
from tests.layers.checks.world import CODES, DAY, POLICY, table, units

TEXT = default_policy_path().read_text(encoding="utf-8")


def deadlines(*rows: dict[str, object], day: dt.date = DAY, policy: Policy = POLICY) -> CheckResult:
    frame = table([{"unit": "石泉县", "parcel_no": "A", **row} for row in rows])
    return land_deadlines.run_deadlines({"parcel": frame}, units(), policy, CODES, day)


def certificates(
    *rows: dict[str, object], day: dt.date = DAY, policy: Policy = POLICY, year: int | None = None
) -> CheckResult:
    frame = table([{"unit": "石泉县", "parcel_no": "A", **row} for row in rows])
    return land_deadlines.run_certificates({"parcel": frame}, units(), policy, CODES, day, year)


def of(result: CheckResult) -> UnitResult:
    return next(item for item in result.units if item.code == "610922")


def test_a_start_is_overdue_from_the_day_after_the_agreed_one() -> None:
    row = {"contract_on": "2023-06-01", "agreed_start": "2024-06-29", "agreed_finish": "2026-06-29"}
    assert of(deadlines(row, day=dt.date(2024, 6, 29))).verdict is Verdict.MET
    found = of(deadlines(row))
    assert (found.verdict, found.figures["not_started"], found.figures["longest"]) == (
        Verdict.SHORT,
        1.0,
        1.0,
    )


def test_days_late_are_those_of_the_calendar_over_the_leap_day() -> None:
    """From 2024-02-01 to 2024-06-30: 28 (rest of February, of 29) + 31 + 30 + 31 + 30 = 150."""
    result = deadlines({"contract_on": "2023-06-01", "agreed_start": "2024-02-01"})
    assert result.evidence["amount"].tolist() == [150.0]
    assert "逾期 150 天" in result.evidence["why"].iloc[0]


def test_what_was_done_late_is_shown_and_falls_short_no_more() -> None:
    """Started 9 days late, finished 20 days late: mean 14.5, nothing open."""
    row = {
        "contract_on": "2021-06-01", "agreed_start": "2022-01-01", "actual_start": "2022-01-10",
        "agreed_finish": "2024-01-01", "actual_finish": "2024-01-21",
    }  # fmt: skip
    found = of(deadlines(row))
    assert found.verdict is Verdict.MET
    assert [found.figures[key] for key in ("started_late", "finished_late", "mean_late")] == [1.0, 1.0, 14.5]
    earlier = of(deadlines(row, day=dt.date(2024, 1, 11)))
    assert (earlier.verdict, earlier.figures["not_finished"], earlier.figures["longest"]) == (
        Verdict.SHORT,
        1,
        10,
    )


def test_what_is_finished_was_begun_and_a_contract_of_tomorrow_is_unknown() -> None:
    row = {"contract_on": "2021-06-01", "agreed_start": "2022-01-01", "actual_finish": "2021-12-31"}
    assert of(deadlines(row)).figures["overdue"] == 0.0
    ahead = {"contract_on": "2024-07-01", "agreed_start": "2022-01-01"}
    assert {item.verdict for item in deadlines(ahead).units} == {Verdict.NOT_JUDGED}


def test_a_contract_without_agreed_dates_is_not_judged() -> None:
    found = of(
        deadlines({"contract_on": "2023-01-01"}, {"contract_on": "2023-01-01", "agreed_start": "2025-01-01"})
    )
    assert (found.verdict, found.figures["without_dates"]) == (Verdict.NOT_JUDGED, 1.0)


def test_days_of_grace_are_the_policys() -> None:
    row = {"contract_on": "2023-06-01", "agreed_start": "2024-06-20"}  # 10 days late
    for grace, verdict in ((9, Verdict.SHORT), (10, Verdict.MET)):
        policy = parse_policy(TEXT.replace("grace_days = 0", f"grace_days = {grace}", 1), "p")
        assert of(deadlines(row, policy=policy)).verdict is verdict


def test_a_certificate_of_the_same_day_or_before_is_in_time() -> None:
    result = certificates(
        {"handover_on": "2024-03-01", "certificate_on": "2024-03-01"},
        {"handover_on": "2024-03-02", "certificate_on": "2024-03-01"},
    )
    found = of(result)
    assert (found.verdict, found.figures["same_day"], found.figures["longest"]) == (Verdict.MET, 2.0, 0.0)


def test_a_certificate_a_day_later_is_late_by_a_day() -> None:
    found = of(certificates({"handover_on": "2024-02-28", "certificate_on": "2024-03-01"}))
    assert (found.verdict, found.figures["late"], found.figures["longest"]) == (Verdict.SHORT, 1.0, 2.0)
    policy = parse_policy(
        TEXT.replace("value = 0                                    # days from", "value = 2 # days from", 1),
        "p",
    )
    again = certificates({"handover_on": "2024-02-28", "certificate_on": "2024-03-01"}, policy=policy)
    assert of(again).verdict is Verdict.MET


def test_a_missing_certificate_is_late_as_of_the_day() -> None:
    """Handed over on the 20th, nothing on the 30th: 10 days; on the 20th itself there is still time."""
    row = {"handover_on": "2024-06-20", "certificate_on": "2024-07-05"}
    found = of(certificates(row))
    assert (found.verdict, found.figures["open"], found.figures["longest"]) == (Verdict.SHORT, 1.0, 10.0)
    assert of(certificates(row, day=dt.date(2024, 6, 20))).verdict is Verdict.MET


def test_the_year_takes_its_own_hand_overs_and_what_was_open_when_it_began() -> None:
    """2024: A (2022, certificate 2022) is past, B (2023, certificate in 2024) and C (2023, none) still count."""
    rows = (
        {"handover_on": "2022-01-01", "certificate_on": "2022-02-01"},
        {"handover_on": "2023-12-01", "certificate_on": "2024-01-05"},
        {"handover_on": "2023-12-01"},
    )
    assert of(certificates(*rows)).figures["handovers"] == 2.0
    assert of(certificates(*rows, year=2022)).figures["handovers"] == 1.0
    always = parse_policy(
        TEXT.replace('period = "calendar_year"                     # calendar_year: hand-overs', 'period = "always" #', 1), "p"
    )  # fmt: skip
    assert of(certificates(*rows, policy=always)).figures["handovers"] == 3.0


def test_a_certificate_without_hand_over_is_not_judged_and_no_dates_are_no_data() -> None:
    found = of(
        certificates(
            {"certificate_on": "2024-03-01"}, {"handover_on": "2024-03-01", "certificate_on": "2024-03-01"}
        )
    )
    assert (found.verdict, found.figures["without_handover"]) == (Verdict.NOT_JUDGED, 1.0)
    assert {item.verdict for item in certificates({}).units} == {Verdict.NOT_JUDGED}
