"""Quadrangles cut into blocks and lots; figures by hand on squares of 100 m."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.demo import lots

SQUARE = np.array([[[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0]]])


def corner(at: int, value: float) -> np.ndarray:
    cut = np.zeros((1, 4))
    cut[0, at] = value
    return cut


def test_area_and_depth() -> None:
    assert lots.area(SQUARE).tolist() == [10_000.0]
    assert lots.depth(SQUARE).tolist() == [100.0]


def test_inset_takes_a_road_off_each_edge() -> None:
    """Edges of 100 m moved in by 10, 20, 0 and 5 m leave (100 - 20 - 5) x (100 - 10 - 0) = 6 750 m²."""
    inner = lots.inset(SQUARE, np.array([[10.0, 20.0, 0.0, 5.0]]))
    assert shapely.bounds(lots.to_polygons(inner))[0].tolist() == [5.0, 10.0, 80.0, 100.0]
    assert lots.area(inner)[0] == pytest.approx(6_750.0)


@pytest.mark.parametrize("at", range(4))
def test_a_corner_is_cut_across_or_taken_out(at: int) -> None:
    """10 m x 20 m: a triangle of 100 m² across, a rectangle of 200 m² as a notch."""
    cut, ahead = corner(at, 10.0), corner(at, 20.0)
    [across] = lots.chamfered(SQUARE, cut, ahead=ahead)
    [notched] = lots.chamfered(SQUARE, cut, ahead=ahead, notch=cut > 0)
    [plain] = lots.chamfered(SQUARE, np.zeros((1, 4)))
    assert (across.area, notched.area, plain.area) == (9_900.0, 9_800.0, 10_000.0)
    assert across.is_valid
    assert notched.is_valid
    assert [shapely.get_num_coordinates(shape) for shape in (plain, across, notched)] == [5, 6, 7]


def test_a_strip_is_sliced_off_along_the_first_edge() -> None:
    strip, rest = lots.slice_off(SQUARE, np.array([0.03]))
    assert lots.area(strip)[0] == pytest.approx(300.0)
    assert lots.area(rest)[0] == pytest.approx(9_700.0)
    assert shapely.bounds(lots.to_polygons(strip))[0].tolist() == [0.0, 0.0, 100.0, 3.0]


def test_streets_round_a_block_have_the_block_as_a_hole() -> None:
    inner = lots.to_polygons(lots.inset(SQUARE, np.full((1, 4), 10.0)))
    assert shapely.area(lots.ring_polygons(SQUARE, inner)).tolist() == [10_000.0 - 6_400.0]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(40.0, 9_000.0))
def test_pieces_make_up_the_whole_without_gap_or_overlap(seed: int, target: float) -> None:
    rng = np.random.default_rng(seed)
    quads = np.concatenate([SQUARE, SQUARE * [2.0, 0.5] + [300.0, 0.0]])
    pieces, edges, owner = lots.split(quads, np.full((2, 4), 7.0), np.full(2, target), rng, new_edge=3.0)
    shapes = lots.to_polygons(pieces)
    assert shapely.is_valid(shapes).all()
    for number in range(2):
        mine = shapes[owner == number]
        assert shapely.area(mine).sum() == pytest.approx(10_000.0)
        assert shapely.union_all(mine, grid_size=1e-6).area == pytest.approx(10_000.0)
    assert set(np.unique(edges)) <= {3.0, 7.0}
    assert lots.area(pieces).max() <= max(target * 2.1, 1.0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_odd_corners_keep_shapes_valid_and_inside(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pieces, _edges, _owner = lots.split(SQUARE * 8, np.zeros((1, 4)), np.full(1, 6_000.0), rng, new_edge=0.0)
    cut, ahead, notch = lots.odd_corners(pieces, 1.0, rng)
    shapes = lots.chamfered(pieces, cut, ahead=ahead, notch=notch)
    assert shapely.is_valid(shapes).all()
    assert (shapely.area(shapes) > 0.75 * lots.area(pieces)).all()
    assert shapely.covers(shapely.buffer(lots.to_polygons(pieces), 1e-6), shapes).all()
    assert ((cut > 0).sum(axis=1) <= 1).all()
