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
