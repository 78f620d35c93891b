"""Numbering and lengths of boundary points, against the figures of the domain reference (V1, §9.3, §11)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon

from gis.boundary_points import boundary_points
from gis.map_sheet_number import sheet_number_10000

V1 = [(36596600.0, 3618900.0), (36596900.0, 3618905.5), (36596893.25, 3618700.25), (36596610.5, 3618695.75)]
HOLE = [(36596700.0, 3618820.0), (36596700.0, 3618790.0), (36596740.0, 3618790.0), (36596740.0, 3618820.0)]


def test_edge_lengths_of_the_reference_parcel() -> None:
    """V1: 300.05, 205.36, 282.79, 204.52 m (domain reference §11)."""
    points = boundary_points(Polygon(V1))
    assert np.round(points.length, 2).tolist() == [300.05, 205.36, 282.79, 204.52]


@pytest.mark.parametrize("turned", [0, 1, 2, 3])
@pytest.mark.parametrize("reverse", [False, True])
def test_numbering_starts_in_the_north_west_and_runs_clockwise(turned: int, reverse: bool) -> None:
    ring = V1[turned:] + V1[:turned]
    points = boundary_points(Polygon(ring[::-1] if reverse else ring))
    assert points.number.tolist() == [1, 2, 3, 4]
    assert list(zip(points.east, points.north, strict=True)) == V1


def test_holes_continue_the_sequence_from_their_own_north_west_vertex() -> None:
    points = boundary_points(Polygon(V1, [HOLE]))
    assert points.number.tolist() == list(range(1, 9))
    assert points.ring.tolist() == [1] * 4 + [2] * 4
    assert (points.east[4], points.north[4]) == (36596700.0, 3618820.0)
    assert (points.east[5], points.north[5]) == (36596740.0, 3618820.0)
    assert points.is_hole.tolist() == [False] * 4 + [True] * 4


def test_each_ring_closes_on_its_own_first_point() -> None:
    points = boundary_points(Polygon(V1, [HOLE]))
    assert points.following.tolist() == [1, 2, 3, 0, 5, 6, 7, 4]


@given(
    st.integers(3, 40),
    st.integers(0, 39),
    st.booleans(),
)
def test_numbering_does_not_depend_on_where_the_ring_was_begun(count: int, start: int, reverse: bool) -> None:
    angles = np.linspace(0.1, 0.1 + 2 * np.pi, count, endpoint=False)
    ring = np.column_stack([np.cos(angles) * 137.0, np.sin(angles) * 91.0])
    other = np.roll(ring, start, axis=0)[:: -1 if reverse else 1]
    first, second = boundary_points(Polygon(ring)), boundary_points(Polygon(other))
    assert np.array_equal(first.east, second.east)
    assert np.array_equal(first.north, second.north)
    assert first.length.sum() == pytest.approx(shapely.length(Polygon(ring)))


def test_sheet_number_of_the_reference_parcel() -> None:
    """V1 lies on sheet I49G080017 (domain reference §10.1)."""
    assert sheet_number_10000(109.03, 32.69) == "I49G080017"


def star(count: int, seed: int, centre: tuple[float, float], radius: float) -> list[tuple[float, float]]:
    """A ring of random corners in order of their angle; millimetres, as surveyed."""
    random = np.random.default_rng(seed)
    angles = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False) + random.uniform(0.0, 2.0 / count, count)
    radii = radius * random.uniform(0.5, 1.0, count)
    points = np.column_stack([centre[0] + radii * np.cos(angles), centre[1] + radii * np.sin(angles)])
    return [tuple(point) for point in np.round(points, 3).tolist()]


@given(st.integers(3, 60), st.integers(0, 3), st.integers(0, 10**6), st.booleans(), st.booleans())
def test_every_ring_runs_clockwise_from_its_north_west_and_holes_continue_the_sequence(
    count: int, holes: int, seed: int, reverse: bool, two_parts: bool
) -> None:
    """Clockwise by the sign of the shoelace sum; the start is nearest to the corner (min E, max N) of its ring."""
    parts = []
    for part in range(1 + two_parts):
        centre = (500_000.0 + 700.0 * part, 3_600_000.0 - 300.0 * part)
        outer = star(count, seed + part, centre, 300.0)
        inner = [star(5, seed + 7 + k, (centre[0] - 60.0 + 60.0 * k, centre[1]), 20.0) for k in range(holes)]
        parts.append(Polygon(outer[::-1] if reverse else outer, holes=inner))
    points = boundary_points(shapely.MultiPolygon(parts))
    assert points.number.tolist() == list(range(1, len(points.number) + 1))
    assert points.ring.tolist() == sorted(points.ring.tolist())
    assert points.ring.max() == (1 + holes) * len(parts)
    for ring in range(1, int(points.ring.max()) + 1):
        mine = points.ring == ring
        east, north = points.east[mine] - 500_000.0, points.north[mine] - 3_600_000.0
        assert np.sum(east * np.roll(north, -1) - np.roll(east, -1) * north) < 0
        away = np.hypot(east - east.min(), north.max() - north)
        assert away[0] == away.min()
        assert points.is_hole[mine].all() == ((ring - 1) % (1 + holes) > 0)
        index = np.flatnonzero(mine)
        assert points.following[index].tolist() == np.roll(index, -1).tolist()
    assert points.length.sum() == pytest.approx(shapely.length(shapely.MultiPolygon(parts)))


def test_of_two_corners_equally_near_the_north_west_the_northern_one_comes_first() -> None:
    """(0, 6) and (4, 10) are both 4 m from the corner (0, 10) of the box."""
    points = boundary_points(Polygon([(0, 6), (4, 10), (10, 4), (6, 0)]))
    assert (points.east[0], points.north[0]) == (4.0, 10.0)


def test_parts_come_from_north_to_south() -> None:
    parts = [shapely.box(0, 0, 10, 10), shapely.box(20, 30, 30, 40)]
    points = boundary_points(shapely.MultiPolygon(parts))
    assert points.north[:4].max() == 40.0
    assert points.north[4:].max() == 10.0


def test_a_corner_given_twice_is_one_boundary_point() -> None:
    points = boundary_points(Polygon([(0, 0), (0, 10), (0, 10), (10, 10), (10, 0)]))
    assert len(points.number) == 4
    assert points.length.tolist() == [10.0] * 4
