"""Overlaps and gaps beside a drawn polygon, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.editing.conflicts import ConflictKind, conflicts
from tests.tessellations import LAND, tessellations

SQUARE = box(0, 0, 10, 10)


def found(drawn: shapely.Geometry, *neighbours: shapely.Geometry | None, **options: float):
    options.setdefault("sliver_width", 2.0)
    return conflicts(drawn, list(neighbours), **options)


def test_an_overlap_tells_area_width_and_whose_it_is() -> None:
    """3 × 10 m of the second neighbour; the first only touches."""
    (overlap,) = found(SQUARE, box(0, 10, 10, 20), box(7, 0, 20, 10), None)
    assert overlap.kind is ConflictKind.OVERLAP
    assert overlap.neighbours == (1,)
    assert overlap.area == 30
    assert overlap.width == pytest.approx(3)
    assert not overlap.is_sliver
    assert overlap.geometry.equals(box(7, 0, 10, 10))


def test_a_narrow_overlap_is_a_sliver() -> None:
    (overlap,) = found(SQUARE, box(9.9, 0, 20, 10))
    assert overlap.is_sliver
    assert overlap.width == pytest.approx(0.1)


def test_a_narrow_opening_between_two_is_a_gap() -> None:
    """0.4 m wide and 10 m long, open at both ends."""
    (gap,) = found(SQUARE, box(10.4, 0, 20, 10))
    assert gap.kind is ConflictKind.GAP
    assert gap.neighbours == (0,)
    assert gap.area == pytest.approx(4, abs=1e-3)
    assert gap.width == pytest.approx(0.4, abs=1e-4)
    assert gap.is_sliver


@pytest.mark.parametrize("away", [1.1, 30.0])
def test_a_street_is_no_gap(away: float) -> None:
    assert found(SQUARE, box(10 + away, 0, 20 + away, 10)) == []
    assert len(found(SQUARE, box(11.1, 0, 20, 10), opening=2.0)) == 1


def test_an_enclosed_yard_is_a_gap_of_any_width() -> None:
    """A yard of 10 × 10 m between a U and what closes it."""
    u = shapely.Polygon([(0, 0), (30, 0), (30, 20), (20, 20), (20, 10), (10, 10), (10, 20), (0, 20)])
    (gap,) = found(box(0, 20, 30, 30), u)
    assert (gap.kind, gap.area, gap.is_sliver) == (ConflictKind.GAP, 100, False)


def test_a_yard_whose_walls_touch_in_corners_only_is_a_gap() -> None:
    """Four squares around a fifth: their union has no hole, and yet the middle is enclosed."""
    north, east, south = box(10, 20, 20, 30), box(20, 10, 30, 20), box(10, 0, 20, 10)
    (gap,) = found(box(0, 10, 10, 20), north, east, south)
    assert (gap.area, gap.neighbours) == (100, (0, 1, 2))


def test_a_hole_of_its_own_is_no_gap_and_one_between_others_is_not_mine() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    assert found(ring, box(30, 0, 40, 30)) == []
    assert found(box(30, 0, 40, 30), ring) == []


def test_the_rest_of_a_hole_is_a_gap() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    (gap,) = found(box(10, 10, 20, 17), ring)
    assert gap.area == 30


def test_a_wedge_between_two_is_a_gap_where_it_is_narrow() -> None:
    """It opens from nothing to 2 m over 100 m; half of it is narrower than the metre."""
    below = box(0, -50, 100, 0)
    above = shapely.Polygon([(0, 0), (100, 2), (100, 50), (0, 50)])
    (gap,) = found(above, below)
    assert gap.geometry.bounds[2] == pytest.approx(50, abs=5)
    assert gap.area == pytest.approx(25, rel=0.2)


@pytest.mark.parametrize("bend", [0.003, 0.01])
def test_a_shallow_bend_of_the_boundary_is_no_gap(bend: float) -> None:
    bent = shapely.Polygon([(0, 0), (50, bend), (100, 0), (100, 40), (0, 40)])
    assert found(bent, box(0, 40, 100, 80)) == []


def test_a_gap_of_three_millimetres_is_found_and_one_of_half_a_millimetre_is_a_joint() -> None:
    assert [gap.width for gap in found(SQUARE, box(10.003, 0, 20, 10))] == [pytest.approx(0.003, abs=1e-4)]
    assert found(SQUARE, box(10.0005, 0, 20, 10)) == []
    assert found(SQUARE, box(9.9995, 0, 20, 10)) == []


def test_a_drawing_that_crosses_itself_is_judged_by_its_land() -> None:
    """A bow tie of two triangles of 25 m²; the neighbour has the right one."""
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    (overlap,) = found(bow_tie, box(5, 0, 20, 10))
    assert overlap.area == 25


@pytest.mark.parametrize("drawn", [shapely.Polygon(), shapely.Polygon([(0, 0), (10, 0), (5, 0)])])
def test_what_has_no_land_yet_has_no_conflicts(drawn: shapely.Polygon) -> None:
    assert found(drawn, SQUARE) == []


@LAND
@given(tessellations(), st.integers(0, 20))
def test_a_parcel_that_fits_has_no_conflicts(land: np.ndarray, number: int) -> None:
    index = number % len(land)
    assert conflicts(land[index], np.delete(land, index), sliver_width=2.0, opening=0.5) == []


@LAND
@given(tessellations(), st.integers(0, 20), st.floats(0.05, 0.3))
def test_a_parcel_drawn_too_small_leaves_a_gap_all_round(land: np.ndarray, number: int, short: float) -> None:
    """What is missing inside the neighbours is reported; on the rim of the land nobody stands opposite."""
    index = number % len(land)
    rest = np.delete(land, index)
    drawn = land[index].buffer(-short, join_style="mitre")
    if drawn.geom_type != "Polygon" or drawn.is_empty or not len(rest):
        return
    reported = shapely.union_all([one.geometry for one in conflicts(drawn, rest, sliver_width=2.0)])
    missing = land[index].difference(drawn)
    assert reported.difference(missing.buffer(0.01)).area < 0.05
    inner = shapely.union_all(shapely.boundary(rest)).intersection(land[index].boundary)
    if inner.length:
        assert reported.area > 0.5 * short * inner.length - 4 * short
