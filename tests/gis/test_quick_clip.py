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
    pair = clip(left, right)
    if pair.crossing[0]:
        assert pair.geometry[0].is_valid
        assert shapely.symmetric_difference(pair.geometry[0], left.intersection(right)).area < 1e-5
    if pair.apart[0]:
        assert not left.exterior.intersects(right.exterior)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(polygons(spread=200.0), min_size=1, max_size=12), st.lists(polygons(spread=200.0), min_size=1)
)
def test_pairs_do_not_get_mixed_up(left, right) -> None:
    lefts, rights = np.array(left), np.array(right)
    position = np.arange(len(lefts)) % len(rights)
    plain = clip_plain_pairs(lefts, rights, position)
    done, expected = plain.crossing, shapely.intersection(lefts, rights[position])
    assert (shapely.area(shapely.symmetric_difference(plain.geometry[done], expected[done])) < 1e-5).all()
    assert shapely.is_missing(plain.geometry[~done]).all()


def test_a_corner_cut_off_through_one_edge_of_the_other_outline() -> None:
    """Both crossings on one edge of the right outline, and on one edge of the left: 10·10/2 and 4·5."""
    piece = clip(shapely.Polygon([(0, 0), (10, 0), (0, 10)]), shapely.box(-20, -20, 4, 50)).geometry[0]
    # Below x = 4 the triangle has ∫ (10 - x) dx = 40 - 8 = 32.
    assert abs(piece.area - 32) < 1e-9
    square, tongue = shapely.box(0, 0, 10, 10), shapely.box(8, 3, 30, 7)
    for left, right in ((square, tongue), (tongue, square)):
        assert clip(left, right).geometry[0].equals(shapely.box(8, 3, 10, 7))


def test_outlines_that_keep_apart_are_told_from_those_that_touch() -> None:
    """Inside, around and beside are apart; a shared edge, a common corner and a near miss of 1 µm are not."""
    square = shapely.box(0, 0, 10, 10)
    apart = [shapely.box(2, 2, 3, 3), shapely.box(-5, -5, 15, 15), shapely.box(11, 0, 20, 10)]
    near = [shapely.box(10, 0, 20, 10), shapely.box(10, 10, 20, 20), shapely.box(10 + 1e-6, 2, 20, 8)]
    rights = np.array([*apart, *near], dtype=object)
    pairs = clip_plain_pairs(np.full(len(rights), square), rights, np.arange(len(rights)))
    assert pairs.apart.tolist() == [True] * 3 + [False] * 3
    assert not pairs.crossing.any()


def test_what_is_not_plain_is_left_to_the_caller() -> None:
    """Shared edges, corner on an edge, four crossings, holes, several parts, nothing."""
    square = shapely.box(0, 0, 10, 10)
    holed = shapely.Polygon(shapely.box(5, -5, 30, 15).exterior, [shapely.box(6, 1, 7, 2).exterior])
    others = [
        shapely.box(5, 0, 20, 10),
        shapely.Polygon([(5, 5), (10, 0), (20, 5)]),
        shapely.box(-5, 4, 15, 6),
        holed,
        shapely.MultiPolygon([shapely.box(5, -5, 20, 15)]),
        shapely.Polygon(),
        None,
    ]
    rights = np.array(others, dtype=object)
    pairs = clip_plain_pairs(np.full(len(rights), square), rights, np.arange(len(rights)))
    assert not pairs.crossing.any()
    assert not pairs.apart.any()
    assert shapely.is_missing(pairs.geometry).all()
