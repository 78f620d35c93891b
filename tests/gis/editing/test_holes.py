"""Holes cut and filled, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.editing.holes import cut_hole, fill_hole
from gis.editing.result import EditError, applied
from gis.text import set_language
from tests.tessellations import LAND, assert_joined, tessellations

SQUARE = box(0, 0, 30, 30)
YARD = box(10, 10, 20, 20)
RING = shapely.Polygon(SQUARE.exterior, [YARD.exterior])


@pytest.fixture(autouse=True)
def _chinese():
    set_language("zh_CN")


@pytest.mark.parametrize(
    "drawn", [YARD, YARD.exterior, [(10, 10), (20, 10), (20, 20), (10, 20)], list(YARD.exterior.coords)]
)
def test_a_hole_takes_its_area(drawn: object) -> None:
    edit = cut_hole([SQUARE], 0, drawn)
    assert edit.changed[0].area == 800
    assert len(edit.changed[0].interiors) == 1
    assert edit.born == []


def test_what_fills_the_hole_has_the_same_vertices() -> None:
    edit = cut_hole([SQUARE], 0, YARD, fill=True)
    (piece,) = edit.born
    assert (piece.geometry.area, piece.origins) == (100, (0,))
    assert shapely.coverage_is_valid(applied([SQUARE], edit))


def test_a_ring_along_the_boundary_cuts_a_notch_and_the_neighbour_gets_its_ends() -> None:
    land = [SQUARE, box(30, 0, 40, 30)]
    edit = cut_hole(land, 0, box(20, 10, 30, 20))
    assert edit.changed[0].area == 800
    assert len(edit.changed[0].interiors) == 0
    assert {(30, 10), (30, 20)} <= set(edit.changed[1].exterior.coords)


def test_a_second_hole_that_overlaps_the_first_leaves_the_polygon() -> None:
    with pytest.raises(EditError, match="超出了图形的边界"):
        cut_hole([RING], 0, box(15, 15, 25, 25))


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        (box(20, 20, 40, 40), "超出了图形的边界"),
        (box(50, 50, 60, 60), "超出了图形的边界"),
        (box(10, 0, 20, 30), "断成几块"),
        (SQUARE, "盖住了整个图形"),
        ([(5, 5), (15, 15), (15, 5), (5, 15)], "边界自相交"),
        ([(5, 5), (15, 15)], "少于三个点"),
    ],
)
def test_a_ring_that_is_no_hole_is_refused(drawn: object, message: str) -> None:
    with pytest.raises(EditError, match=message):
        cut_hole([SQUARE], 0, drawn)


def test_a_filled_hole_is_gone() -> None:
    edit = fill_hole([RING], 0, (15, 15))
    assert edit.changed[0].equals(SQUARE)
    assert len(edit.changed[0].interiors) == 0


def test_a_hole_can_be_filled_by_a_new_polygon() -> None:
    edit = fill_hole([RING], 0, (15, 15), as_new=True)
    assert edit.changed == {}
    assert [(piece.geometry.area, piece.origins) for piece in edit.born] == [(100, (0,))]


def test_only_what_is_free_of_a_hole_is_filled() -> None:
    """Half of the yard belongs to another, whose edge ends in a T-junction on either side."""
    half = box(10, 10, 20, 15)
    edit = fill_hole([RING, half], 0, (15, 12), others=[0, 1])
    after = applied([RING, half], edit)
    assert after[0].area == 850
    assert_joined(after)
    assert shapely.coverage_is_valid(after)
    edit = fill_hole([RING, half], 0, (15, 12), as_new=True, others=[1])
    assert edit.born[0].geometry.equals(box(10, 15, 20, 20))
    assert_joined(applied([RING, half], edit))


def test_a_hole_that_is_taken_or_not_there_is_refused() -> None:
    with pytest.raises(EditError, match="占满"):
        fill_hole([RING, YARD], 0, (15, 15), others=[1])
    with pytest.raises(EditError, match="不在图形的孔洞里"):
        fill_hole([RING], 0, (5, 5))


def test_a_multipolygon_stays_one() -> None:
    several = shapely.MultiPolygon([SQUARE, box(50, 0, 60, 10)])
    edit = cut_hole([several], 0, YARD, fill=True)
    assert edit.changed[0].geom_type == "MultiPolygon"
    assert edit.changed[0].area == 900
    assert fill_hole([edit.changed[0]], 0, (12, 12)).changed[0].area == 1000


@LAND
@given(tessellations(), st.integers(0, 20), st.floats(0.1, 0.5))
def test_a_hole_cut_and_filled_leaves_the_polygon_as_it_was(
    land: np.ndarray, number: int, size: float
) -> None:
    target = number % len(land)
    middle = land[target].representative_point()
    drawn = middle.buffer(size * middle.distance(land[target].boundary), quad_segs=3)
    edit = cut_hole(land, target, drawn, fill=True)
    after = applied(land, edit)
    assert shapely.coverage_is_valid(after)
    assert shapely.area(after).sum() == pytest.approx(shapely.area(land).sum(), abs=1e-6)
    edit = fill_hole(after[:-1], target, (middle.x, middle.y))
    assert edit.changed[target].normalize() == land[target].normalize()
