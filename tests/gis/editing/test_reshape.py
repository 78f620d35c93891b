"""Reshaping: every figure by hand; neighbours that follow; properties of any tessellation."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import box

from gis.editing.reshape import reshape
from gis.editing.result import EditError, applied
from gis.text import set_language
from tests.strategies import CENTRE
from tests.tessellations import LAND, SIZE, assert_joined, tessellations

LOWER = box(0, 0, 10, 10)
UPPER = box(0, 10, 10, 20)
UP = [(2, 10), (2, 12), (8, 12), (8, 10)]  # takes 6 × 2 m from above
DOWN = [(2, 10), (2, 8), (8, 8), (8, 10)]  # gives 6 × 2 m


@pytest.fixture(autouse=True)
def _chinese():
    set_language("zh_CN")


def areas(edit) -> dict[int, float]:
    return {index: geometry.area for index, geometry in edit.changed.items()}


def test_a_line_outside_adds_what_it_encloses_and_the_neighbour_gives_it() -> None:
    edit = reshape([LOWER, UPPER], 0, UP)
    assert areas(edit) == {0: 112, 1: 88}
    assert shapely.coverage_is_valid(applied([LOWER, UPPER], edit))
    assert edit.created_vertices.tolist() == [[2, 10], [2, 12], [8, 10], [8, 12]]


def test_a_line_inside_cuts_off_the_smaller_side_and_the_neighbour_takes_it() -> None:
    edit = reshape([LOWER, UPPER], 0, DOWN)
    assert areas(edit) == {0: 88, 1: 112}
    assert shapely.coverage_is_valid(applied([LOWER, UPPER], edit))


def test_a_line_that_crosses_in_the_middle_does_both() -> None:
    """3 × 2 m go, 3 × 2 m come: the area stays, the boundary does not."""
    edit = reshape([LOWER, UPPER], 0, [(2, 10), (2, 8), (5, 8), (5, 12), (8, 12), (8, 10)])
    assert areas(edit) == {0: 100, 1: 100}
    assert edit.changed[0].symmetric_difference(LOWER).area == 12
    assert shapely.coverage_is_valid(applied([LOWER, UPPER], edit))


def test_ends_that_hang_out_leave_no_trace() -> None:
    edit = reshape([LOWER, UPPER], 0, [(2, 5), (2, 12), (8, 12), (8, 5)])
    assert areas(edit) == {0: 112, 1: 88}
    assert edit.created_vertices.tolist() == [[2, 10], [2, 12], [8, 10], [8, 12]]


def test_two_neighbours_give_land_and_their_boundary_is_cut_back() -> None:
    land = [LOWER, box(0, 10, 5, 20), box(5, 10, 10, 20)]
    edit = reshape(land, 0, UP)
    assert areas(edit) == {0: 112, 1: 44, 2: 44}
    after = applied(land, edit)
    assert_joined(after)
    assert shapely.coverage_is_valid(after)
    assert all((5, 12) in geometry.exterior.coords for geometry in after)


def test_two_neighbours_take_land_and_their_boundary_goes_straight_on() -> None:
    """From (7, 20) by (5, 10) it reaches y = 8 at x = 4.6: 2.8 and 3.2 m by 2 m, less 0.4 m²."""
    left = shapely.Polygon([(0, 10), (5, 10), (7, 20), (0, 20)])
    right = shapely.Polygon([(5, 10), (10, 10), (10, 20), (7, 20)])
    land = [LOWER, left, right]
    edit = reshape(land, 0, DOWN)
    after = applied(land, edit)
    assert shapely.coverage_is_valid(after)
    assert_joined(after)
    assert edit.changed[0].area == 88
    assert edit.changed[1].area == pytest.approx(60 + (3 + 2.6) / 2 * 2, abs=1e-9)
    assert edit.changed[2].area == pytest.approx(40 + (3 + 3.4) / 2 * 2, abs=1e-9)
    near = [point for point in edit.created_vertices.tolist() if point[1] == pytest.approx(8)]
    assert [point[0] for point in near] == [2, pytest.approx(4.6), 8]


def test_a_boundary_that_cannot_go_straight_on_takes_the_shortest_way() -> None:
    """It comes along y = 10.5 from the east and would leave the land by the old boundary."""
    bend = [(5, 10), (10, 10.5)]
    left = shapely.Polygon([(0, 10), *bend, (10, 20), (0, 20)])
    right = shapely.Polygon([(5, 10), (10, 10), (10, 10.5)])
    roof = shapely.Polygon([(0, 0), (10, 0), (10, 10), (5, 10), (0, 10)])
    land = [roof, left, right]
    edit = reshape(land, 0, [(2, 10), (2, 9.9), (4, 4), (8, 8), (8, 10)])
    after = applied(land, edit)
    assert shapely.coverage_is_valid(after)
    assert shapely.area(after).sum() == pytest.approx(shapely.area(land).sum(), abs=1e-9)
    assert after[2].area > right.area


def test_land_that_borders_on_nothing_goes_to_nobody() -> None:
    """The upper neighbour has the stretch from x = 5 on only; its side goes straight down to y = 8."""
    land = [LOWER, box(5, 10, 10, 20)]
    edit = reshape(land, 0, DOWN)
    assert areas(edit) == {0: 88, 1: 56}


def test_another_layer_with_the_same_boundary_follows() -> None:
    """A contract with the outline of the parcel, and the block around it that ends at the same line."""
    block = box(-20, -20, 30, 10)
    edit = reshape([LOWER, UPPER, LOWER, block], 0, UP)
    assert areas(edit) == {0: 112, 1: 88, 2: 112, 3: block.area + 12}
    edit = reshape([LOWER, UPPER, LOWER, block], 0, DOWN)
    assert areas(edit) == {0: 88, 1: 112, 2: 88, 3: block.area - 12}


def test_what_merely_overlaps_is_left_alone() -> None:
    town = box(-100, -100, 100, 100)
    edit = reshape([LOWER, UPPER, town], 0, UP)
    assert areas(edit) == {0: 112, 1: 88}


def test_the_rest_of_the_coverage_gives_way_though_it_has_no_part_of_the_stretch() -> None:
    """4 × 5 m are added: 4 × 3 of the strip above, 4 × 2 of the parcel behind it."""
    strip = shapely.Polygon([(0, 10), (10, 10), (10, 13), (3, 13), (3, 20), (0, 20)])
    land = [LOWER, strip, box(3, 13, 10, 20)]
    line = [(6, 10), (6, 15), (10, 15), (10, 10)]
    assert areas(reshape(land, 0, line)) == {0: 120, 1: 39, 2: 49}, "a joint, no land"
    edit = reshape(land, 0, line, coverage=[0, 1, 2])
    assert areas(edit) == {0: 120, 1: 39, 2: 41}
    after = applied(land, edit)
    assert shapely.coverage_is_valid(after)
    assert_joined(after)


def test_a_hole_changes_with_what_fills_it() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    land = [ring, box(10, 10, 20, 20)]
    assert areas(reshape(land, 0, [(12, 10), (12, 13), (18, 13), (18, 10)])) == {0: 818, 1: 82}
    assert areas(reshape(land, 0, [(12, 10), (12, 7), (18, 7), (18, 10)])) == {0: 782, 1: 118}


def test_a_multipolygon_stays_one() -> None:
    several = shapely.MultiPolygon([LOWER, box(50, 0, 60, 10)])
    edit = reshape([several, UPPER], 0, UP)
    assert areas(edit) == {0: 212, 1: 88}
    assert edit.changed[0].geom_type == "MultiPolygon"


def test_a_t_junction_on_the_stretch_is_joined_on_the_way() -> None:
    land = [LOWER, box(-10, 10, 20, 20)]
    edit = reshape(land, 0, UP)
    assert areas(edit) == {0: 112, 1: 288}
    assert_joined(applied(land, edit))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ([(2, 10), (2, 12), (8, 12)], "没有在两处碰到"),
        ([(2, 10), (8, 10)], "没有在两处碰到"),
        ([(20, 20), (30, 30)], "没有在两处碰到"),
        ([(2, 10), (2, 12), (5, 12), (5, 11), (1, 11), (1, 10)], "线与自身相交"),
        ([(0, 10), (0, 20), (10, 20), (10, 10)], "整个吞掉"),
        ([(4, 10), (4, 20), (6, 20), (6, 10)], "断成几块"),
    ],
)
def test_a_line_that_is_no_new_boundary_is_refused(line: list, message: str) -> None:
    with pytest.raises(EditError, match=message):
        reshape([LOWER, UPPER], 0, line)


def test_a_line_from_shell_to_hole_is_refused() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    with pytest.raises(EditError, match="跨到了另一个环"):
        reshape([ring], 0, [(0, 15), (10, 15)])


@LAND
@given(
    tessellations(),
    st.integers(0, 500),
    st.tuples(st.floats(0.1, 0.4), st.floats(0.6, 0.9)),
    st.floats(-20, 20),
    st.booleans(),
)
def test_a_bulge_moves_land_and_leaves_no_gap(
    land: np.ndarray, number: int, shares: tuple[float, float], height: float, back: bool
) -> None:
    assume(abs(height) > 0.01)
    target = number % len(land)
    ring = shapely.get_coordinates(land[target].exterior)
    edge = number % (len(ring) - 1)
    start, step = ring[edge], ring[edge + 1] - ring[edge]
    across = np.array([-step[1], step[0]]) / np.hypot(*step)
    p, q = start + shares[0] * step, start + shares[1] * step
    line = np.array([p, (p + q) / 2 + height * across, q])
    try:
        edit = reshape(land, target, line, coverage=range(len(land)))
    except EditError:
        return
    after = applied(land, edit)
    assert shapely.coverage_is_valid(after)
    assert_joined(after)
    bulge = shapely.Polygon(line)
    square = shapely.box(*(np.array(CENTRE) - SIZE), *(np.array(CENTRE) + SIZE))
    everything = shapely.coverage_union_all(land)
    assert square.contains(everything)
    if bulge.area < land[target].area / 2 and everything.contains(bulge.buffer(0.001)):
        assert shapely.area(after).sum() == pytest.approx(shapely.area(land).sum(), abs=1e-6)
        if back and bulge.covers(land[target].symmetric_difference(after[target]).buffer(-1e-6)):
            again = applied(after, reshape(after, target, [p, q], coverage=range(len(land))))
            assert shapely.area(again) == pytest.approx(shapely.area(land), abs=1e-6)
            assert shapely.coverage_is_valid(again)
