from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.quick_clip import clip_plain_pairs
from tests.strategies import polygons, star_polygons


def clip(left, right):
    return clip_plain_pairs(np.array([left]), np.array([right]), np.zeros(1, np.int64))


@settings(max_examples=300, deadline=None)
@given(star_polygons(spread=150.0), star_polygons(spread=150.0, vertices=40), st.booleans(), st.booleans())
def test_plain_pairs_are_cut_as_by_geos(left, right, turn_left, turn_right) -> None:
    left = left.reverse() if turn_left else left
    right = right.reverse() if turn_right else right
    done, pieces = clip(left, right)
    if done[0]:
        assert pieces[0].is_valid
        assert shapely.symmetric_difference(pieces[0], left.intersection(right)).area < 1e-5


@settings(max_examples=60, deadline=None)
@given(
    st.lists(polygons(spread=200.0), min_size=1, max_size=12), st.lists(polygons(spread=200.0), min_size=1)
)
def test_pairs_do_not_get_mixed_up(left, right) -> None:
    lefts, rights = np.array(left), np.array(right)
    position = np.arange(len(lefts)) % len(rights)
    done, pieces = clip_plain_pairs(lefts, rights, position)
    expected = shapely.intersection(lefts, rights[position])
    assert (shapely.area(shapely.symmetric_difference(pieces[done], expected[done])) < 1e-5).all()
    assert shapely.is_missing(pieces[~done]).all()


def test_a_corner_cut_off_through_one_edge_of_the_other_outline() -> None:
    """Both crossings on one edge of the right outline, and on one edge of the left: 10·10/2 and 4·5."""
    done, pieces = clip(shapely.Polygon([(0, 0), (10, 0), (0, 10)]), shapely.box(-20, -20, 4, 50))
    assert done[0]
    # Below x = 4 the triangle has ∫ (10 - x) dx = 40 - 8 = 32.
    assert abs(pieces[0].area - 32) < 1e-9
    done, pieces = clip(shapely.box(0, 0, 10, 10), shapely.box(8, 3, 30, 7))
    assert done[0]
    assert pieces[0].equals(shapely.box(8, 3, 10, 7))
    done, pieces = clip(shapely.box(8, 3, 30, 7), shapely.box(0, 0, 10, 10))
    assert done[0]
    assert pieces[0].equals(shapely.box(8, 3, 10, 7))


def test_what_is_not_plain_is_left_to_the_caller() -> None:
    """Shared edges, corner on an edge, four crossings, no crossing, holes, several parts."""
    square = shapely.box(0, 0, 10, 10)
    holed = shapely.Polygon(shapely.box(5, -5, 30, 15).exterior, [shapely.box(6, 1, 7, 2).exterior])
    others = [
        shapely.box(5, 0, 20, 10),
        shapely.Polygon([(5, 5), (10, 0), (20, 5)]),
        shapely.box(-5, 4, 15, 6),
        shapely.box(2, 2, 3, 3),
        shapely.box(20, 20, 30, 30),
        holed,
        shapely.MultiPolygon([shapely.box(5, -5, 20, 15)]),
        shapely.Polygon(),
        None,
    ]
    rights = np.array(others, dtype=object)
    done, pieces = clip_plain_pairs(np.full(len(rights), square), rights, np.arange(len(rights)))
    assert not done.any()
    assert shapely.is_missing(pieces).all()
