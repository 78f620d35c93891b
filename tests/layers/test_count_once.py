"""Count once: land and records inside a unit inside a unit belong to the innermost one, in every sum."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.overlay import overlay
from layers.checks.factory_reserve import check as check_reserve
from layers.units import UnitTree
from tests.layers.checks.world import CODES, DAY, EPSG, POLICY, E, N, point, rectangle, table, units


def nested() -> UnitTree:
    """区 10 km, in it 高新区 4 km, in that 综保区 1 km; 县 beside the 区: net 100 - 16, 16 - 1, 1 and 100 km²."""
    return UnitTree.from_frame(
        table(
            [
                {"code": "Q", "name": "甲区", "geometry": rectangle(0, 0, 10_000, 10_000)},
                {"code": "G", "name": "甲高新区", "geometry": rectangle(3000, 3000, 4000, 4000)},
                {"code": "Z", "name": "甲综保区", "geometry": rectangle(4000, 4000, 1000, 1000)},
                {"code": "X", "name": "乙县", "geometry": rectangle(10_000, 0, 10_000, 10_000)},
            ]
        ),
        EPSG,
    )


def test_three_levels_share_no_land() -> None:
    tree = nested()
    assert (shapely.area(tree.net) / 1e6).tolist() == [84.0, 15.0, 1.0, 100.0]
    assert tree.parent == (None, "Q", "G", None)
    assert tree.ancestors("Z") == ("G", "Q")
    assert tree.children("Q") == ("G",)


def test_a_record_belongs_to_the_innermost_unit_by_place_and_by_name() -> None:
    tree = nested()
    places = np.array([point(4500, 4500), point(3500, 3500), point(100, 100), point(12_000, 5)], dtype=object)
    assert tree.by_geometry(places).tolist() == ["Z", "G", "Q", "X"]
    codes, _notes = tree.assign(table([{"location": "甲区甲高新区甲综保区一路"}, {"location": "甲区某路"}]))
    assert codes.tolist() == ["Z", "Q"]


def test_a_parcel_across_a_border_goes_where_most_of_it_lies_and_only_there() -> None:
    """300 m of 500 m lie in the committee; 200 m of 500 m in the next case."""
    tree = nested()
    shapes = np.array([rectangle(2800, 5000, 500, 100), rectangle(2700, 5000, 500, 100)], dtype=object)
    assert tree.by_geometry(shapes).tolist() == ["G", "Q"]


def test_a_place_on_a_common_border_has_one_unit() -> None:
    tree = nested()
    on_borders = np.array([point(10_000, 5000), point(3000, 3000), point(4000, 4500)], dtype=object)
    codes, _notes = tree.assign(gpd.GeoDataFrame({"uuid": list("abc")}, geometry=on_borders, crs=EPSG))
    assert all(code is not None for code in codes)
    assert codes.tolist() == tree.by_geometry(on_borders).tolist()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(2, 60), st.integers(2, 60)),
        min_size=1, max_size=6,
    ),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120)), min_size=1, max_size=12),
)  # fmt: skip
def test_every_place_inside_has_exactly_one_unit_and_it_is_the_smallest(
    boxes: list[tuple[int, int, int, int]], places: list[tuple[int, int]]
) -> None:
    """Against a plain look at every rectangle: half a metre off the grid, so that no place lies on a border."""
    rows: list[dict[str, object]] = [
        {"code": str(n), "name": f"单元{n}", "geometry": rectangle(*box)} for n, box in enumerate(boxes)
    ]
    tree = UnitTree.from_frame(table(rows), EPSG)
    spots = np.array([point(x + 0.5, y + 0.5) for x, y in places], dtype=object)
    found = tree.by_geometry(spots)
    for (x, y), code in zip(places, found, strict=True):
        holding = [
            (w * h, n) for n, (west, south, w, h) in enumerate(boxes)
            if west < x + 0.5 < west + w and south < y + 0.5 < south + h
        ]  # fmt: skip
        assert (code is None) == (not holding)
        if holding:
            assert boxes[int(code)][2] * boxes[int(code)][3] == min(holding)[0]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-200, 11_000), st.integers(-200, 9_900), st.integers(1, 4000)),
        min_size=1,
        max_size=8,
    )
)
def test_the_parts_of_land_by_unit_make_up_the_land_in_the_city(squares: list[tuple[int, int, int]]) -> None:
    tree = nested()
    shapes = np.array([rectangle(x, y, size, size) for x, y, size in squares], dtype=object)
    pieces = overlay(shapes, tree.net)
    city = shapely.box(E, N, E + 20_000, N + 10_000)
    expected = shapely.area(shapely.intersection(shapes, city))
    got = np.bincount(pieces.left, weights=shapely.area(pieces.geometry), minlength=len(shapes))
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-3)


def test_a_factory_in_the_committee_counts_for_it_alone() -> None:
    """40 000 m² in 高新区, 35 000 m² in the rest of 汉滨区: 75 000 m² in all, not 115 000."""
    halls = table(
        [
            {"building_id": "G", "uuid": "g", "gross_floor_area": 40_000.0, "geometry": point(3000, 1000)},
            {"building_id": "H", "uuid": "h", "gross_floor_area": 35_000.0, "geometry": point(-1000, 0)},
        ]
    ).assign(state="completed", accepted_on=pd.Timestamp("2020-01-01"), demolished_on=pd.NaT, unit=None)
    leases = pd.DataFrame(
        {"building_id": [], "kind": [], "area": [], "from_date": [], "to_date": [], "uuid": []}
    )
    result = check_reserve(halls, leases, units(), POLICY, CODES, DAY)
    vacant = {item.name: item.figures["vacant"] for item in result.units}
    assert vacant == {"汉滨区": 35_000.0, "安康高新区": 40_000.0, "石泉县": 0.0}
    assert sum(result.evidence["amount"]) == 75_000.0
    assert result.evidence["uuid"].is_unique


@pytest.mark.parametrize("text", ["高新区", "安康高新区", "汉滨区高新区", "610902-GX"])
def test_the_name_of_the_committee_never_means_the_district(text: str) -> None:
    tree = units()
    frame = table([{"unit": text, "location": text}])
    assert tree.assign(frame)[0].tolist() == ["610902-GX"]
