"""The factory reserve on a day, with figures worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.checks import factory_reserve
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import parse_policy
from tests.layers.checks.world import CODES, DAY, POLICY, point, table, units


def building(number: str, area: float, **more: object) -> dict[str, object]:
    return {
        "building_id": number, "gross_floor_area": area, "state": "completed",
        "accepted_on": "2023-05-01", "unit": "石泉县", **more,
    }  # fmt: skip


def lease(number: str, area: float, start: str, end: str | None, kind: str = "lease") -> dict[str, object]:
    return {"building_id": number, "area": area, "from_date": start, "to_date": end, "kind": kind}


def judge(
    buildings: list[dict[str, object]], leases: list[dict[str, object]] | None = None, day: dt.date = DAY
) -> CheckResult:
    return factory_reserve.check(table(buildings), table(leases or []), units(), POLICY, CODES, day)


def of(result: CheckResult, code: str = "610922") -> UnitResult:
    return next(item for item in result.units if item.code == code)


def test_a_unit_exactly_at_the_threshold_meets_it() -> None:
    """10 000.1 + 19 999.9 = 30 000 exactly, which binary floats do not promise; 以上 includes the number."""
    found = of(judge([building("A", 10_000.1), building("B", 19_999.9)]))
    assert found.verdict is Verdict.MET
    assert found.figures["vacant"] == 30_000.0
    assert found.figures["surplus"] == 0.0


def test_a_hundredth_below_the_threshold_is_short() -> None:
    assert of(judge([building("A", 29_999.99)])).verdict is Verdict.SHORT


def test_a_lease_that_ends_on_the_day_still_takes_the_floor() -> None:
    """40 000 − 15 000 = 25 000 on the last day of the lease, 40 000 on the day after."""
    stock, let = [building("A", 40_000)], [lease("A", 15_000, "2024-01-01", "2024-06-30")]
    assert of(judge(stock, let)).figures["vacant"] == 25_000.0
    assert of(judge(stock, let, dt.date(2024, 7, 1))).figures["vacant"] == 40_000.0


def test_a_lease_that_begins_on_the_day_takes_the_floor() -> None:
    found = of(judge([building("A", 40_000)], [lease("A", 15_000, "2024-06-30", None)]))
    assert found.figures["let"] == 15_000.0


def test_an_intent_is_shown_and_does_not_reduce_the_reserve() -> None:
    found = of(judge([building("A", 40_000)], [lease("A", 15_000, "2024-01-01", None, "intent")]))
    assert (found.figures["vacant"], found.figures["intent"]) == (40_000.0, 15_000.0)


def test_a_factory_in_the_committee_inside_the_district_counts_once() -> None:
    """The ledger says 汉滨区, the point lies in 高新区: 35 000 there, 0 net in 汉滨区, 35 000 gross."""
    result = judge([building("A", 35_000, unit="汉滨区", geometry=point(3000, 1000))])
    assert of(result, "610902-GX").figures["vacant"] == 35_000.0
    district = of(result, "610902")
    assert (district.figures["vacant"], district.figures["gross_vacant"]) == (0.0, 35_000.0)
    assert sum(item.figures["vacant"] or 0.0 for item in result.units) == 35_000.0
    assert any("按图形归属" in finding.text for finding in result.findings)


def test_overlapping_leases_are_a_finding_and_leave_nothing_below_zero() -> None:
    """8 000 + 7 000 of 10 000: clipped at 0, let shown as at most the building's area."""
    result = judge(
        [building("A", 10_000)],
        [lease("A", 8_000, "2024-01-01", None), lease("A", 7_000, "2024-02-01", None)],
    )
    assert (of(result).figures["vacant"], of(result).figures["let"]) == (0.0, 10_000.0)
    assert any("超过可租售面积" in finding.text for finding in result.findings)


def test_a_complete_building_without_acceptance_date_is_not_judged() -> None:
    result = judge([building("A", 50_000, accepted_on=None)])
    assert of(result).verdict is Verdict.SHORT
    assert of(result).figures["not_judged"] == 50_000.0
    assert any("未判定" in finding.text for finding in result.findings)


def test_buildings_under_construction_are_shown_apart() -> None:
    """Due within 12 months of 2024-06-30: A (2025-06-30) is, B (2025-07-01) is not."""
    rows = [
        building(number, 20_000, accepted_on=None, state="under_construction", planned_completion=due)
        for number, due in (("A", "2025-06-30"), ("B", "2025-07-01"))
    ]
    found = of(judge(rows))
    assert (found.figures["pipeline"], found.figures["vacant"]) == (20_000.0, 0.0)


def test_the_lowest_reserve_of_the_year_is_found() -> None:
    """40 000 less 30 000 let only in March: 10 000 was the minimum though 40 000 stand free in June."""
    found = of(judge([building("A", 40_000)], [lease("A", 30_000, "2024-03-01", "2024-03-31")]))
    assert (found.figures["vacant"], found.figures["year_minimum"]) == (40_000.0, 10_000.0)


def test_without_any_factory_nothing_is_judged_and_with_one_the_others_are_short() -> None:
    assert {item.verdict for item in judge([]).units} == {Verdict.NOT_JUDGED}
    assert of(judge([building("A", 40_000)]), "610902").verdict is Verdict.SHORT


def test_a_demolished_building_is_out_from_that_day_on() -> None:
    stock = [building("A", 40_000, demolished_on="2024-06-30")]
    assert of(judge(stock)).figures["vacant"] == 0.0
    assert of(judge(stock, day=dt.date(2024, 6, 29))).figures["vacant"] == 40_000.0


def test_a_lease_without_area_takes_the_whole_building_and_is_a_finding() -> None:
    """Of 40 000 + 10 000, nobody knows how much of the first is let: 10 000 is what is surely free."""
    stock = [building("A", 40_000), building("B", 10_000)]
    unknown = lease("A", 0, "2024-01-01", None) | {"area": None}
    result = judge(stock, [unknown])
    assert (of(result).figures["vacant"], of(result).figures["let"]) == (10_000.0, 40_000.0)
    assert of(result).verdict is Verdict.SHORT
    assert any(finding.severity == "error" and "没有面积" in finding.text for finding in result.findings)
    assert not any("超过可租售面积" in finding.text for finding in result.findings)


def test_a_lease_of_unknown_kind_takes_the_floor() -> None:
    found = of(judge([building("A", 40_000)], [lease("A", 15_000, "2024-01-01", None, "")]))
    assert (found.figures["vacant"], found.figures["intent"]) == (25_000.0, 0.0)


def test_a_sale_takes_the_floor_for_ever_and_own_use_as_long_as_it_lasts() -> None:
    """50 000 − 12 000 sold − 8 000 used until 2024-06-29 (over): 38 000."""
    leases = [
        lease("A", 12_000, "2021-01-01", None, "sale"),
        lease("A", 8_000, "2021-01-01", "2024-06-29", "own_use"),
    ]
    assert of(judge([building("A", 50_000)], leases)).figures["vacant"] == 38_000.0


def test_judged_with_ten_units_the_committee_s_factory_is_the_district_s() -> None:
    policy = parse_policy(POLICY.text.replace('units = "all"', 'units = "outermost"', 1), "policy")
    stock = table([building("A", 35_000, geometry=point(3000, 1000))])
    result = factory_reserve.check(stock, table([]), units(), policy, CODES, DAY)
    assert [item.code for item in result.units] == ["610902", "610922"]
    assert of(result, "610902").figures["vacant"] == 35_000.0
    assert of(result, "610902").verdict is Verdict.MET


def vacant_on(result: CheckResult, day: dt.date, unit: str = "610922") -> float | None:
    [series] = [item for item in result.series if item.unit == unit]
    return series.values[series.days.index(day)]


def test_the_monthly_history_has_every_month_end_and_the_day() -> None:
    """30 June 2024 is a month's end: 24 of them from 31 July 2022, twelve to come until 30 June 2025.

    On 15 June the last month's end known is 31 May; the day itself closes the history, 30 June opens the forecast.
    """
    stock = [building("A", 40_000)]
    series = judge(stock).series[0]
    assert (len(series.days), series.days[0], series.days[23], series.days[-1]) == (
        36, dt.date(2022, 7, 31), DAY, dt.date(2025, 6, 30),
    )  # fmt: skip
    assert series.forecast_from == dt.date(2024, 7, 31)
    series = judge(stock, day=dt.date(2024, 6, 15)).series[0]
    assert (len(series.days), series.days[0], series.days[24]) == (
        37,
        dt.date(2022, 6, 30),
        dt.date(2024, 6, 15),
    )
    assert (series.forecast_from, series.days[-1]) == (dt.date(2024, 6, 30), dt.date(2025, 5, 31))


def test_the_history_follows_acceptance_leases_and_demolition() -> None:
    """A (40 000) from 2023-05-01, 15 000 of it let from 2024-01-31 on; B (5 000) from then to 2024-03-30."""
    stock = [building("A", 40_000), building("B", 5_000, demolished_on="2024-03-31")]
    result = judge(stock, [lease("A", 15_000, "2024-01-31", None)])
    found = [vacant_on(result, day) for day in (
        dt.date(2023, 4, 30), dt.date(2023, 5, 31), dt.date(2024, 1, 31), dt.date(2024, 3, 31), DAY,
    )]  # fmt: skip
    assert found == [0.0, 45_000.0, 30_000.0, 25_000.0, 25_000.0]
    assert vacant_on(result, DAY) == of(result).figures["vacant"]


def test_the_forecast_frees_floors_when_leases_end_and_adds_what_is_completed() -> None:
    """25 000 stand free; 15 000 of A end on 31 August 2024: from 30 September 40 000. C (8 000) is due on 31 October,
    and 3 000 of it are let already: 45 000. A sale without end frees nothing; what is overdue has no day.
    """
    stock = [
        building("A", 40_000), building("S", 9_000),
        building("C", 8_000, state="under_construction", accepted_on=None, planned_completion="2024-10-31"),
        building("D", 70_000, state="under_construction", accepted_on=None, planned_completion="2024-06-30"),
    ]  # fmt: skip
    leases = [
        lease("A", 15_000, "2024-01-01", "2024-08-31"), lease("C", 3_000, "2024-06-01", None),
        lease("S", 9_000, "2020-01-01", None, "sale"),
    ]  # fmt: skip
    result = judge(stock, leases)
    found = [vacant_on(result, day) for day in (
        dt.date(2024, 7, 31), dt.date(2024, 8, 31), dt.date(2024, 9, 30), dt.date(2024, 10, 31), dt.date(2025, 6, 30),
    )]  # fmt: skip
    assert found == [25_000.0, 25_000.0, 40_000.0, 45_000.0, 45_000.0]
    assert of(result).figures["forecast_end"] == 45_000.0
    assert "2024-09-30 可达标准" in of(result).explanation
    assert any("1 栋在建厂房" in finding.text for finding in result.findings)


def test_what_happens_after_the_day_is_no_part_of_its_forecast() -> None:
    """A lease that begins in July and a demolition in August were not known on 30 June; an acceptance in September
    stands in for the plan that the ledger no longer shows.
    """
    stock = [
        building("A", 40_000, demolished_on="2024-08-10"),
        building("B", 1_000, accepted_on="2024-09-10"),
    ]
    result = judge(stock, [lease("A", 15_000, "2024-07-01", None)])
    assert vacant_on(result, dt.date(2024, 8, 31)) == 40_000.0
    assert vacant_on(result, dt.date(2024, 9, 30)) == 41_000.0


def test_the_city_s_history_is_the_sum_of_the_units_and_a_policy_sets_the_months() -> None:
    stock = [building("A", 40_000.1), building("B", 7_000.2, unit="汉滨区")]
    assert vacant_on(judge(stock), DAY, "") == 47_000.3
    text = POLICY.text.replace("history_months = 24", "history_months = 3")
    text = text.replace("pipeline_months = 12", "pipeline_months = 2")
    result = factory_reserve.check(
        table(stock), table([]), units(), parse_policy(text, "policy"), CODES, dt.date(2024, 2, 10)
    )
    assert [day.isoformat() for day in result.series[0].days] == [
        "2023-11-30", "2023-12-31", "2024-01-31", "2024-02-10", "2024-02-29", "2024-03-31",
    ]  # fmt: skip
    assert judge([]).series == ()


floors = st.integers(1, 5_000_000).map(lambda value: value / 100)


@settings(max_examples=25, deadline=None)
@given(st.lists(floors, min_size=1, max_size=4), st.data())
def test_splitting_a_building_changes_no_sum_and_a_new_lease_never_adds(
    areas: list[float], data: st.DataObject
) -> None:
    stock = [building(f"B{number}", area) for number, area in enumerate(areas)]
    whole = of(judge(stock)).figures["vacant"]
    assert whole is not None
    part = data.draw(st.integers(0, round(areas[0] * 100))) / 100
    rest = (round(areas[0] * 100) - round(part * 100)) / 100
    assert of(judge([*stock[1:], building("X", part), building("Y", rest)])).figures["vacant"] == whole
    let = of(judge(stock, [lease("B0", part, "2024-01-01", None)])).figures["vacant"]
    assert let == pytest.approx(whole - part, abs=1e-9)
