"""Floors that stand empty for a year, counted by hand."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from layers.checks import factory_reserve, idle_floors
from layers.checks import tables as read
from layers.checks.factory_stock import read_stock
from layers.checks.idle_floors import least_vacant
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.policy import default_policy_path, parse_policy
from tests.layers.checks.world import CODES, DAY, POLICY, table, units

TEXT = default_policy_path().read_text(encoding="utf-8")


def building(number: str, area: float, **more: object) -> dict[str, object]:
    return {
        "building_id": number,
        "gross_floor_area": area,
        "accepted_on": "2023-06-30",
        "unit": "石泉县",
        **more,
    }


def lease(
    number: str, area: float, start: str | None, end: str | None, kind: str = "lease"
) -> dict[str, object]:
    return {"building_id": number, "area": area, "from_date": start, "to_date": end, "kind": kind}


def judge(
    buildings: list[dict[str, object]], leases: list[dict[str, object]] | None = None, day: dt.date = DAY
) -> CheckResult:
    tables = {"factory": table(buildings), "lease": table(leases or [])}
    return idle_floors.run(tables, units(), POLICY, CODES, day)


def of(result: CheckResult) -> UnitResult:
    return next(item for item in result.units if item.code == "610922")


def test_a_building_is_idle_once_it_stood_empty_for_the_whole_time() -> None:
    """Accepted on 30 June 2023: on 30 June 2024 the twelve months are full; a day earlier they are not."""
    assert of(judge([building("A", 5000)])).figures["idle"] == 5000.0
    assert of(judge([building("A", 5000)], day=dt.date(2024, 6, 29))).figures["idle"] == 0.0


def test_a_short_lease_in_between_takes_its_part_and_an_intent_takes_nothing() -> None:
    """5 000 less 2 000 let for one day in March: 3 000 nobody ever used."""
    result = judge(
        [building("A", 5000)],
        [lease("A", 2000, "2024-03-01", "2024-03-01"), lease("A", 4000, "2024-03-01", None, "intent")],
    )
    assert of(result).figures["idle"] == 3000.0
    assert result.evidence["amount"].tolist() == [3000.0]


def test_leases_one_after_the_other_do_not_add_up_and_leases_at_once_do() -> None:
    """2 000 until March and 2 000 from April leave 3 000; overlapping in March they leave 1 000."""
    one = [lease("A", 2000, "2023-01-01", "2024-03-31"), lease("A", 2000, "2024-04-01", None)]
    assert of(judge([building("A", 5000)], one)).figures["idle"] == 3000.0
    both = [lease("A", 2000, "2023-01-01", "2024-03-31"), lease("A", 2000, "2024-03-31", None)]
    assert of(judge([building("A", 5000)], both)).figures["idle"] == 1000.0


def test_only_what_is_idle_beyond_the_reserve_falls_short() -> None:
    """The reserve is 30 000: 30 000 idle is what the policy asks to keep, 31 000 is 1 000 beyond."""
    assert of(judge([building("A", 30_000)])).verdict is Verdict.MET
    found = judge([building("A", 31_000)])
    assert (of(found).verdict, of(found).figures["beyond"]) == (Verdict.SHORT, 1000.0)
    assert found.city is not None
    assert found.city.figures["beyond"] == 1000.0


def test_without_factories_nothing_is_judged() -> None:
    assert {item.verdict for item in judge([]).units} == {Verdict.NOT_JUDGED}
    assert parse_policy(TEXT, "p").target("idle_floors").parameters["idle_months"] == 12


days = st.integers(-400, 20)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), days, st.integers(0, 300)), max_size=6))
def test_the_least_vacant_area_is_that_of_the_worst_day(rows: list[tuple[int, int, int]]) -> None:
    """Against the factory reserve asked day by day."""
    leases = [
        lease("A", area * 100.0, str(DAY + dt.timedelta(start)), str(DAY + dt.timedelta(start + length)))
        for area, start, length in rows
    ]
    target = POLICY.target(factory_reserve.TARGET)
    stock = read_stock(table([building("A", 5000, accepted_on="2020-01-01")]), table(leases), target, [])
    first = DAY - dt.timedelta(90)
    expected = min(
        float(stock.vacant(read.day_number(first + dt.timedelta(number)))[0]) for number in range(91)
    )
    assert least_vacant(stock, read.day_number(first), read.day_number(DAY)).tolist() == [expected]
