"""Parallel offset: areas by formula, distances by GEOS."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.editing.offset import offset, offset_polygon
from gis.editing.result import EditError, applied
from gis.text import set_language
from tests.strategies import CENTRE, polygons
from tests.tessellations import LAND, assert_joined

SQUARE = box(0, 0, 10, 10)
RING = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])


@pytest.fixture(autouse=True)
def _chinese():
    set_language("zh_CN")


@pytest.mark.parametrize(("distance", "side"), [(2, 14), (-2, 6), (0.5, 11)])
def test_a_square_stays_a_square(distance: float, side: float) -> None:
    made = offset_polygon(SQUARE, distance)
    assert made.area == side**2
    assert len(made.exterior.coords) - 1 == 4


def test_a_ring_grows_on_both_sides() -> None:
    """34² outside, 6² inside; inwards 26² and 14²."""
    assert offset_polygon(RING, 2).area == 34**2 - 6**2
    assert offset_polygon(RING, -2).area == 26**2 - 14**2
    assert offset_polygon(RING, 5.5).equals(box(-5.5, -5.5, 35.5, 35.5)), "the hole of 10 m closes at 5 m"


def test_an_l_keeps_its_inner_corner() -> None:
    """L of 20 × 20 less 10 × 10; by 2 m: 24 × 24 less 10 × 10 (the notch moves with both its sides)."""
    ell = shapely.Polygon([(0, 0), (20, 0), (20, 10), (10, 10), (10, 20), (0, 20)])
    made = offset_polygon(ell, 2)
    assert made.area == 24 * 24 - 10 * 10
    assert (12, 12) in made.exterior.coords
    assert len(made.exterior.coords) - 1 == 6


@pytest.mark.parametrize("dent", [0.05, -0.05, 1e-7])
def test_a_shallow_bend_is_kept(dent: float) -> None:
    """100 m with a bend of 5 cm in the middle. Up to a hundredth of the distance a buffer forgets it."""
    bent = shapely.Polygon([(0, 0), (100, 0), (100, 50), (50, 50 - dent), (0, 50)])
    made = offset_polygon(bent, 10)
    top = shapely.LineString([(50, 0), (50, 200)]).intersection(made).bounds[3]
    assert top == pytest.approx(50 - dent + 10 * math.hypot(50, dent) / 50, abs=2e-6)


def test_a_needle_is_cut_off_at_its_tip() -> None:
    """A tip of 2·atan(0.01) would be mitred 100 m away; it ends within five times the distance."""
    needle = shapely.Polygon([(0, -1), (100, 0), (0, 1)])
    assert offset_polygon(needle, 1).bounds[2] == pytest.approx(105, abs=1e-6)
    assert offset_polygon(needle, 1, corner_limit=200).bounds[2] == pytest.approx(
        100 + math.hypot(100, 1), abs=1e-6
    )


def test_inwards_it_may_fall_into_parts_and_vanish() -> None:
    dumbbell = shapely.union_all([box(0, 0, 10, 10), box(20, 0, 30, 10), box(10, 4, 20, 6)])
    made = offset_polygon(dumbbell, -1.5)
    assert made.geom_type == "MultiPolygon"
    assert [part.area for part in made.geoms] == [49, 49]
    assert offset_polygon(SQUARE, -6).is_empty
    assert offset_polygon(SQUARE, 0) == SQUARE


def test_the_target_is_changed_or_a_new_one_is_born_and_neighbours_get_joints() -> None:
    land = [SQUARE, box(12, -10, 20, 20)]
    edit = offset(land, 0, 2)
    assert edit.changed[0].equals(box(-2, -2, 12, 12))
    assert {(12, -2), (12, 12)} <= set(edit.changed[1].exterior.coords)
    edit = offset(land, 0, 2, as_new=True)
    assert list(edit.changed) == [1]
    assert [(piece.geometry.area, piece.origins) for piece in edit.born] == [(196, (0,))]
    assert_joined(applied(land, edit))


def test_a_multipolygon_stays_one() -> None:
    several = shapely.MultiPolygon([SQUARE, box(11, 0, 21, 10)])
    edit = offset([several], 0, 1)
    assert edit.changed[0].geom_type == "MultiPolygon"
    assert edit.changed[0].area == 12 * 23


def test_an_offset_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(EditError, match="向内偏移 6 米后图形已不存在"):
        offset([SQUARE], 0, -6)


@LAND
@given(st.integers(3, 12), st.floats(20, 200), st.floats(0.5, 8), st.floats(0, 1))
def test_convex_polygons_gain_what_the_formula_says(
    count: int, radius: float, distance: float, turn: float
) -> None:
    """A + P·d + d²·Σ tan(θ/2) with n bends of θ = 2π/n; inwards the same with −d."""
    angle = (np.arange(count) + turn) * 2 * np.pi / count
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * radius + CENTRE
    polygon = shapely.Polygon(ring)
    bends = count * math.tan(math.pi / count)
    for sign in (1, -1):
        expected = polygon.area + sign * polygon.length * distance + distance**2 * bends
        assert offset_polygon(polygon, sign * distance).area == pytest.approx(
            expected, abs=2e-6 * polygon.length
        ), "corners lie on a grid of a thousandth of a millimetre"


@LAND
@given(polygons(), st.floats(0.2, 30))
def test_the_new_boundary_keeps_its_distance(polygon: shapely.Polygon, distance: float) -> None:
    outside = offset_polygon(polygon, distance)
    assert outside.is_valid
    assert outside.covers(polygon)
    assert outside.boundary.distance(polygon.boundary) == pytest.approx(distance, abs=3e-6)
    disc = polygon.buffer(distance, quad_segs=64)
    assert disc.difference(outside.buffer(1e-4)).area < 1e-3 * distance, "a rounded buffer lies within"
    inside = offset_polygon(polygon, -distance)
    assert inside.is_valid
    if not inside.is_empty:
        assert polygon.covers(inside)
        # Where mitred corners alone are left to bound it, it is farther off.
        assert inside.boundary.distance(polygon.boundary) > distance - 3e-6
