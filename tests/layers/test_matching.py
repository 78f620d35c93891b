"""Floors and sites ranked by hand: what is kept, what is not, what nobody knows."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.matching import FloorWish, Match, SiteWish, State, match_floors, match_frame, match_sites
from tests.layers.checks.world import CODES, DAY, POLICY, rectangle, table, units

LATER = dt.date(2024, 9, 1)


def building(number: str, area: float, **more: object) -> dict[str, object]:
    return {
        "building_id": number, "gross_floor_area": area, "accepted_on": "2023-05-01", "unit": "石泉县",
        "clear_height": 6.0, "floor_load": 10.0, **more,
    }  # fmt: skip


def floors(
    rows: list[dict[str, object]], wish: FloorWish, leases: list[dict[str, object]] | None = None
) -> list[Match]:
    return match_floors(table(rows), table(leases or []), units(), POLICY, wish)


def parcel(number: str, area: float, **more: object) -> dict[str, object]:
    return {
        "parcel_no": number, "unit": "石泉县", "park": "甲园", "area_certified": area, "land_use_scheme": "guide2023",
        "land_use_code": "100101", "cleared_on": "2024-01-01", **more,
    }  # fmt: skip


def sites(rows: list[dict[str, object]], wish: SiteWish, roads: list[object] | None = None) -> list[Match]:
    parks = table([{"name": "甲园", "water": "connected", "power": "building"}])
    return match_sites(table(rows), parks, roads, units(), POLICY, CODES, wish)


def labels(found: list[Match]) -> list[str]:
    return [item.label for item in found]


def test_the_smallest_floor_that_is_large_enough_comes_first_and_the_county_before_others() -> None:
    rows = [building("A", 9000), building("B", 3100), building("C", 2000), building("D", 3050, unit="汉滨区")]
    found = floors(rows, FloorWish(DAY, 3000, unit="610922"))
    assert labels(found) == ["B", "A", "D", "C"]
    assert found[0].count_missed == 0
    # C and D miss one demand each; that D lies elsewhere is weighed before what C lacks in area.
    assert [item.count_missed for item in found[2:]] == [1, 1]
    assert labels(floors(rows, FloorWish(DAY, 3000))) == ["D", "B", "A", "C"]


def test_height_and_load_are_told_with_what_is_missing_and_what_nobody_recorded() -> None:
    rows = [
        building("A", 5000, clear_height=None),
        building("B", 5000, clear_height=5.5),
        building("C", 5000),
    ]
    found = floors(rows, FloorWish(DAY, 4000, clear_height=6.0, floor_load=10.0))
    assert labels(found) == ["C", "A", "B"]
    assert [(item.count_missed, item.count_unknown) for item in found] == [(0, 0), (0, 1), (1, 0)]
    assert "净高不明，要求 6 m" in found[1].text
    assert found[2].text.startswith("净高 5.5 m，差 0.5 m")


def test_free_is_what_the_reserve_counts_as_free_from_that_day() -> None:
    """Let until 31 August: nothing on the 31st, all on 1 September."""
    lease: dict[str, object] = {
        "building_id": "A", "area": 5000.0, "from_date": "2024-01-01", "to_date": "2024-08-31", "kind": "lease",
    }  # fmt: skip
    assert floors([building("A", 5000)], FloorWish(dt.date(2024, 8, 31), 1000), [lease]) == []
    [item] = floors([building("A", 5000)], FloorWish(LATER, 1000), [lease])
    assert (item.area, item.unit_name) == (5000.0, "石泉县")


def test_what_is_planned_to_be_complete_by_then_is_not_certain() -> None:
    rows = [
        building("A", 5000, accepted_on=None, state="under_construction", planned_completion="2024-09-01"),
        building("B", 5000, accepted_on=None, state="under_construction", planned_completion="2024-09-02"),
        building("C", 9000),
    ]
    found = floors(rows, FloorWish(LATER, 4000))
    assert labels(found) == ["C", "A"]
    assert found[1].count_unknown == 1
    assert "计划 2024-09-01 竣工，未验收" in found[1].text


def test_unsold_land_comes_before_low_land_and_land_in_use_is_not_offered() -> None:
    used: dict[str, object] = {
        "contract_on": "2020-01-01",
        "actual_finish": "2022-01-01",
        "far_required": 1.0,
    }
    rows = [
        parcel("低效", 20_000, **used, far_actual=0.5),
        parcel("在用", 20_000, **used, far_actual=1.2),
        parcel("未出让", 20_000),
        parcel("未净地", 20_000, cleared_on="2024-07-01"),
    ]
    found = sites(rows, SiteWish(DAY, 15_000))
    assert labels(found) == ["未出让", "低效"]
    assert "须与使用权人商议：容积率 仅为要求的 50.0%" in found[1].text


def test_the_infrastructure_is_that_of_the_park_and_unknown_where_nobody_says() -> None:
    """Water is there, power is being built, of gas nothing is recorded."""
    [item] = sites([parcel("A", 20_000)], SiteWish(DAY, 10_000, utilities=("water", "power", "gas")))
    assert {reason.about: reason.state for reason in item.reasons if reason.about in ("water", "power", "gas")} == {
        "water": State.KEPT, "power": State.MISSED, "gas": State.UNKNOWN,
    }  # fmt: skip


@pytest.mark.parametrize(("road", "state"), [(400.0, State.KEPT), (399.0, State.MISSED)])
def test_the_distance_to_a_road_is_measured_and_without_roads_not_known(road: float, state: State) -> None:
    """The site ends 100 m east of the origin, the road begins at 500 m: 400 m."""
    row = parcel("A", 10_000, geometry=rectangle(0, 0, 100, 100), unit="汉滨区")
    wish = SiteWish(DAY, road=road)
    [item] = sites([row], wish, [rectangle(500, 0, 20, 1000)])
    assert next(reason.state for reason in item.reasons if reason.about == "road") is state
    [item] = sites([row], wish)
    assert next(reason.state for reason in item.reasons if reason.about == "road") is State.UNKNOWN


def test_land_of_another_use_is_left_out_and_land_without_a_use_is_not_known() -> None:
    rows = [
        parcel("A", 10_000),
        parcel("B", 10_000, land_use_code="0701"),
        parcel("C", 10_000, land_use_code=None),
    ]
    assert labels(sites(rows, SiteWish(DAY, use="industrial"))) == ["A", "C"]


def test_the_list_as_a_table_has_rank_and_reasons() -> None:
    frame = match_frame(floors([building("A", 5000)], FloorWish(DAY, 6000)))
    assert frame.loc[0, "名次"] == 1
    assert frame.loc[0, "不符"] == 1
    assert "差 1,000.00" in frame.loc[0, "理由"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 90), st.sampled_from([None, 4.0, 6.0, 8.0])), min_size=1, max_size=12),
    st.integers(1, 90),
)
def test_nothing_that_keeps_more_demands_stands_below(
    rows: list[tuple[int, float | None]], area: int
) -> None:
    found = floors(
        [building(str(n), size * 100.0, clear_height=height) for n, (size, height) in enumerate(rows)],
        FloorWish(DAY, area * 100.0, clear_height=6.0),
    )
    assert len(found) == len(rows)
    ranks = [(item.count_missed, item.count_unknown) for item in found]
    assert ranks == sorted(ranks)
