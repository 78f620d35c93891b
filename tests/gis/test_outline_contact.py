from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.quick_clip import surely_apart
from tests.bench.synthetic import parcels
from tests.strategies import CENTRE

corners = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=8)


def apart(left, right) -> bool:
    return bool(surely_apart(np.array([left]), np.array([right]), np.zeros(1, np.int64))[0])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(corners, corners), min_size=1, max_size=20), st.booleans())
def test_what_is_called_apart_shares_no_land(pairs, turn: bool) -> None:
    """Corners on a coarse lattice: common corners and edges, one inside the other and equal ones are common."""
    lefts = np.array([shapely.Polygon(np.array(left) + np.array(CENTRE)) for left, _ in pairs])
    rights = np.array([shapely.Polygon(np.array(right) + np.array(CENTRE)) for _, right in pairs])
    rights = shapely.reverse(rights) if turn else rights
    called = surely_apart(lefts, rights, np.arange(len(pairs)))
    assert shapely.is_valid(lefts[called]).all()
    assert shapely.is_valid(rights[called]).all()
    assert not shapely.relate_pattern(lefts[called], rights[called], "T********").any()


def test_all_neighbours_of_a_coverage_are_called_apart() -> None:
    """Nobody else need be asked; each parcel against itself is not apart."""
    city = parcels(400)
    first, second = shapely.STRtree(city).query(city)
    assert np.array_equal(surely_apart(city[first], city, second), first != second)


def test_contacts_of_two_squares() -> None:
    square = shapely.box(0, 0, 10, 10)
    assert apart(square, shapely.box(10, 0, 20, 10))  # a common edge
    assert apart(square, shapely.box(10, 10, 20, 20))  # a common corner
    assert apart(square, shapely.box(11, 0, 20, 10))  # side by side
    assert not apart(square, shapely.box(10, 2, 20, 8))  # corners on an edge: not told here
    assert not apart(square, shapely.box(10 - 1e-6, 0, 20, 10))  # a micrometre of overlap
    assert not apart(square, square)
    assert not apart(square, shapely.box(2, 2, 8, 8))
    assert not apart(shapely.box(2, 2, 8, 8), square)


def test_a_polygon_in_a_bay_and_one_that_stands_in_the_land() -> None:
    """Both have two corners and an edge in common with the outline; one fills the bay, the other the land."""
    bay = shapely.Polygon([(0, 0), (30, 0), (30, 20), (20, 20), (20, 10), (10, 10), (10, 20), (0, 20)])
    assert apart(bay, shapely.box(10, 10, 20, 20))
    assert not apart(bay, shapely.Polygon([(10, 10), (20, 10), (18, 2), (12, 2)]))
    # From one corner of the bay only, into the land and into the bay.
    assert not apart(bay, shapely.Polygon([(10, 10), (8, 2), (12, 2)]))
    assert apart(bay, shapely.Polygon([(10, 10), (14, 14), (12, 16)]))
