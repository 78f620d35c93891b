"""A new polygon among others."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.editing.draw_polygon import draw_polygon
from gis.editing.result import EditError, applied
from gis.text import set_language
from tests.strategies import polygons
from tests.tessellations import LAND, assert_joined, tessellations

LEFT, ABOVE = box(0, 0, 10, 10), box(0, 10, 30, 20)


@pytest.fixture(autouse=True)
def _chinese():
    set_language("zh_CN")


def test_a_ring_drawn_along_neighbours_shares_their_vertices() -> None:
    """Drawn up to 0.7 mm off; the edge above gets the fourth corner."""
    edit = draw_polygon([LEFT, ABOVE], [(10.0005, 0.0005), (20, 0), (20, 9.9995), (10, 10.0005)])
    (piece,) = edit.born
    assert piece.origins == ()
    assert piece.geometry.equals(box(10, 0, 20, 10))
    assert list(edit.changed) == [1]
    after = applied([LEFT, ABOVE], edit)
    assert_joined(after)
    assert shapely.coverage_is_valid(after)


def test_land_that_is_taken_is_left_out() -> None:
    """15 × 15 m less the 5 × 10 and 10 × 5 + 5 × 5 that others have: 15² − 50 − 75 = 100 m²."""
    edit = draw_polygon([LEFT, ABOVE], box(5, 0, 20, 15), give_way=[0, 1])
    (piece,) = edit.born
    assert piece.geometry.equals(box(10, 0, 20, 10))
    after = applied([LEFT, ABOVE], edit)
    assert shapely.coverage_is_valid(after)
    assert sorted(edit.changed) == [1], "no vertex where the ring crossed land it gave up"


def test_without_giving_way_it_may_overlap() -> None:
    edit = draw_polygon([LEFT, ABOVE], box(5, 2, 20, 8))
    assert edit.born[0].geometry.equals(box(5, 2, 20, 8))
    assert edit.changed == {}


def test_a_polygon_with_a_hole_keeps_it() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    assert draw_polygon([], ring).born[0].geometry.equals(ring)
    assert draw_polygon([], ring.exterior).born[0].geometry.equals(box(0, 0, 30, 30))


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        ([(5, 5), (15, 15), (15, 5), (5, 15)], "边界自相交"),
        ([(1, 1), (2, 2)], "少于三个点"),
        (shapely.Polygon(), "两个不同的点"),
        (box(2, 2, 4, 4), "全部落在已有的图形上"),
    ],
)
def test_what_is_no_new_land_is_refused(drawn: object, message: str) -> None:
    with pytest.raises(EditError, match=message):
        draw_polygon([LEFT], drawn, give_way=[0])


@LAND
@given(tessellations(), st.integers(0, 20), polygons(spread=200.0))
def test_a_polygon_drawn_over_a_gap_fills_it(land: np.ndarray, number: int, drawn: shapely.Polygon) -> None:
    gone = number % len(land)
    rest = np.delete(land, gone)
    expected = drawn.difference(shapely.union_all(rest))
    try:
        edit = draw_polygon(rest, drawn, give_way=range(len(rest)))
    except EditError:
        assert expected.area < 0.01
        return
    (piece,) = edit.born
    assert piece.geometry.area == pytest.approx(expected.area, abs=0.5)
    after = applied(rest, edit)
    assert shapely.coverage_is_valid(after)
    assert_joined(after)
    assert shapely.area(after[: len(rest)]) == pytest.approx(shapely.area(rest), abs=1e-6)
