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
