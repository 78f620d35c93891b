from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import ParkLineError
from layers.units import UnitTree
from tests.layers.checks.world import EPSG, point, rectangle, table, units


def test_the_smallest_containing_unit_is_the_parent_and_net_land_is_disjoint() -> None:
    """汉滨区 100 km², 高新区 4 km² inside: 96 km² net; the three nets add up to 200 km²."""
    tree = units()
    assert tree.parent == (None, "610902", None)
    assert list(shapely.area(tree.net) / 1e6) == [96.0, 4.0, 100.0]
    assert tree.ancestors("610902-GX") == ("610902",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("610922", "610922"), ("610922000000", "610922"), ("石泉县", "610922"), ("石泉", "610922"),
        ("陕西省安康市石泉县", "610922"), ("高新区", "610902-GX"), ("安康市高新区", "610902-GX"),
        ("610930000", "610902-GX"), ("610902.0", "610902"), ("安康市本级", None), ("旬阳县", None), (None, None),
    ],
)  # fmt: skip
def test_texts_resolve_to_units_of_the_project_only(text: str | None, code: str | None) -> None:
    assert units().resolve(text) == code


def test_geometry_wins_over_text_and_a_note_says_so() -> None:
    frame = table(
        [
            {"unit": "汉滨区", "geometry": point(3000, 1000)},
            {"unit": "石泉县"},
            {"location": "安康市汉滨区高新区创业路"},
            {"unit": "安康市本级"},
            {"unit": "石泉县", "geometry": rectangle(1000, 500, 1500, 100)},
        ]
    )
    codes, notes = units().assign(frame, EPSG)
    assert list(codes) == ["610902-GX", "610922", "610902-GX", None, "610902"]
    assert [(note.row, note.kind) for note in notes] == [(0, "conflict"), (3, "ask"), (4, "conflict")]


def test_ten_units_book_the_committee_under_the_district() -> None:
    tree = units().top_level()
    assert tree.codes == ("610902", "610922")
    assert tree.resolve("高新区") == "610902"
    assert shapely.area(tree.net).sum() == pytest.approx(200e6)


def test_neighbours_that_overlap_share_no_land_and_are_named() -> None:
    frame = table(
        [
            {"code": "A", "name": "甲县", "geometry": rectangle(0, 0, 1000, 1000)},
            {"code": "B", "name": "乙县", "geometry": rectangle(990, 0, 1000, 900)},
        ]
    )
    tree = UnitTree.from_frame(frame, EPSG)
    assert tree.parent == (None, None)
    assert shapely.area(tree.net).sum() == pytest.approx(shapely.union_all(tree.gross).area)
    assert len(tree.notes) == 1


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 50), st.integers(1, 50)),
        min_size=1,
        max_size=6,
    )
)
def test_net_land_always_adds_up_to_the_whole(boxes: list[tuple[int, int, int, int]]) -> None:
    rows: list[dict[str, object]] = [
        {"code": str(number), "name": f"单元{number}", "geometry": rectangle(*item)}
        for number, item in enumerate(boxes)
    ]
    tree = UnitTree.from_frame(table(rows), EPSG)
    assert shapely.area(tree.net).sum() == pytest.approx(shapely.union_all(tree.gross).area, abs=1e-3)


def test_the_real_counties_lie_beside_each_other(shared_data: Path) -> None:
    frame = gpd.read_file(shared_data / "boundaries" / "ankang_counties.geojson").to_crs(EPSG)
    tree = UnitTree.from_frame(frame.assign(code=frame["adcode"].astype(str)), EPSG)
    assert len(tree) == 10
    assert set(tree.parent) == {None}
    assert tree.resolve("旬阳县") == "610981"


def test_records_in_another_plane_are_refused() -> None:
    with pytest.raises((ValueError, ParkLineError)):
        units().assign(table([{}]), 4546)
