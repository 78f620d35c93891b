"""Snapping: which point wins, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.editing.snapping import ALL_KINDS, SnapKind, segments_around, snap
from tests.strategies import CENTRE, millimetre_floats
from tests.tessellations import LAND, tessellations

SQUARE = box(0, 0, 10, 10)


def found(pointer: tuple[float, float], *geometries: shapely.Geometry, **options):
    return snap(pointer, segments_around(list(geometries)), tolerance=0.5, **options)


def test_a_vertex_wins_over_the_edge_that_is_nearer() -> None:
    snapped = found((9.7, 10.0), SQUARE)
    assert (snapped.point, snapped.kind) == ((10, 10), SnapKind.VERTEX)


def test_on_an_edge_the_foot_is_taken() -> None:
    snapped = found((5, 10.4), SQUARE)
    assert (snapped.point, snapped.kind) == ((5, 10), SnapKind.EDGE)


def test_edges_that_cross_are_snapped_where_they_cross() -> None:
    """Y = 5 and the diagonal of another parcel cross at (5, 5), where no vertex is."""
    flat = shapely.LineString([(-20, 5), (20, 5)])
    steep = shapely.Polygon([(-5, -5), (15, 15), (40, -40)])
    segments = segments_around([flat, steep])
    snapped = snap((5.3, 5.2), segments, tolerance=0.5)
    assert snapped.point == pytest.approx((5, 5))
    assert snapped.kind is SnapKind.INTERSECTION
    assert {segments.source[snapped.segment], segments.source[snapped.other]} == {0, 1}


def test_beyond_its_end_an_edge_is_continued() -> None:
    snapped = found((14, 10.3), SQUARE)
    assert (snapped.point, snapped.kind) == ((14, 10), SnapKind.EXTENSION)
    assert found((23, 10.3), SQUARE) is None, "too far from the end: twenty-five tolerances"


def test_two_extensions_are_snapped_where_they_meet() -> None:
    """The top of the one and the left side of the other, continued, meet at (20, 10)."""
    snapped = found((20.2, 10.3), SQUARE, box(20, 20, 30, 30))
    assert (snapped.point, snapped.kind) == ((20, 10), SnapKind.EXTENSION)
    assert snapped.other is not None


def test_a_right_angle_to_the_last_segment() -> None:
    """Drawn along (3, 4); at its end the normal is (−4, 3)."""
    snapped = found((99 - 8.1, 101 + 6.2), previous=((96, 97), (99, 101)))
    assert snapped.kind is SnapKind.RIGHT_ANGLE
    way = np.array(snapped.point) - (99, 101)
    assert way @ (3, 4) == pytest.approx(0, abs=1e-9)
    assert np.hypot(*(np.array(snapped.point) - (90.9, 107.2))) < 0.5
    assert found((92, 115), previous=((96, 97), (99, 101))) is None
    assert found((99, 101), previous=((99, 101), (99, 101))) is None


def test_a_right_angle_ends_exactly_on_the_edge_in_front() -> None:
    """From (3, −7) to (4, −5) and then square to it: y = −5 − (x − 4) / 2 meets x = 10 at −8."""
    snapped = found((10.2, -7.9), box(10, -20, 20, 20), previous=((3, -7), (4, -5)))
    assert snapped.point == pytest.approx((10, -8))
    assert snapped.kind is SnapKind.EDGE


@pytest.mark.parametrize(
    ("pointer", "kinds", "expected"),
    [
        ((9.9, 10.1), {SnapKind.EDGE}, SnapKind.EDGE),
        ((9.9, 10.1), {SnapKind.RIGHT_ANGLE}, None),
        ((14, 10.3), {SnapKind.VERTEX, SnapKind.EDGE}, None),
        ((9.9, 10.1), set(), None),
    ],
)
def test_kinds_can_be_switched_off(pointer, kinds, expected) -> None:
    snapped = found(pointer, SQUARE, kinds=frozenset(kinds))
    assert (snapped.kind if snapped else None) == expected


def test_the_tolerance_is_the_tolerance() -> None:
    assert found((5, 10.5), SQUARE).kind is SnapKind.EDGE
    assert found((5, 10.5001), SQUARE) is None


def test_an_edge_that_two_parcels_share_gives_no_crossing_with_itself() -> None:
    snapped = found((10.1, 5), SQUARE, box(10, 0, 20, 10))
    assert (snapped.point, snapped.kind) == ((10, 5), SnapKind.EDGE)


def test_holes_parts_and_lines_are_snapped_to() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    several = shapely.MultiPolygon([ring, box(50, 50, 60, 60)])
    lines = shapely.MultiLineString([[(100, 0), (110, 0)], [(100, 5), (110, 5)]])
    geometries = [None, several, shapely.Polygon(), lines]
    assert found((10.1, 10.1), *geometries).point == (10, 10)
    assert found((59.9, 60.1), *geometries).point == (60, 60)
    assert found((105, 0.2), *geometries).point == (105, 0)
    assert found((105, 2.5), *geometries) is None, "the two lines are not joined"
    assert segments_around(geometries).source.tolist() == [1] * 12 + [3] * 2


def test_nothing_around_gives_nothing() -> None:
    assert found((0, 0)) is None


@LAND
@given(
    tessellations(),
    millimetre_floats(CENTRE[0] - 250, CENTRE[0] + 250),
    millimetre_floats(CENTRE[1] - 250, CENTRE[1] + 250),
    st.floats(0.1, 30),
)
def test_a_snapped_point_is_near_and_where_it_says(
    land: np.ndarray, x: float, y: float, tolerance: float
) -> None:
    """Against GEOS's distances."""
    segments = segments_around(land)
    snapped = snap((x, y), segments, tolerance=tolerance, kinds=ALL_KINDS - {SnapKind.EXTENSION})
    pointer = shapely.Point(x, y)
    boundary = shapely.union_all(shapely.boundary(land))
    corners = shapely.MultiPoint(shapely.get_coordinates(land))
    if snapped is None:
        assert boundary.distance(pointer) > tolerance
        return
    point = shapely.Point(snapped.point)
    assert point.distance(pointer) <= tolerance
    assert boundary.distance(point) < 1e-6
    if snapped.kind is SnapKind.VERTEX:
        assert point.distance(pointer) == pytest.approx(corners.distance(pointer))
        assert corners.distance(point) == 0
    else:
        assert snapped.kind is SnapKind.EDGE, "edges of a tessellation cross nowhere else"
        assert corners.distance(pointer) > tolerance
        assert point.distance(pointer) == pytest.approx(boundary.distance(pointer), abs=1e-6)
