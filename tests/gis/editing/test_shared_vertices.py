"""Moving, adding and removing boundary points: figures by hand, and properties of any tessellation."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import box

from gis.editing.result import EditError, applied
from gis.editing.shared_vertices import (
    add_vertex,
    join,
    move_geometries,
    move_vertex,
    move_vertices,
    remove_vertex,
    sharing,
)
from gis.text import set_language
from tests.strategies import millimetre_floats
from tests.tessellations import LAND, assert_joined, tessellations

FOUR = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 10, 20), box(10, 10, 20, 20)]


@pytest.fixture(autouse=True)
def _chinese():
    set_language("zh_CN")


def vertices(geometry: shapely.Geometry) -> set[tuple[float, ...]]:
    return {tuple(point) for point in shapely.get_coordinates(geometry)}


def test_a_vertex_of_four_parcels_moves_in_all_four() -> None:
    """The corner goes from (10, 10) to (12, 13); by the shoelace formula 125, 105, 95 and 75 m²."""
    edit = move_vertex(FOUR, (10, 10), (12, 13))
    assert {index: geometry.area for index, geometry in edit.changed.items()} == {
        0: 125,
        1: 105,
        2: 95,
        3: 75,
    }
    assert edit.created_vertices.tolist() == [[12, 13]]
    assert all((12, 13) in vertices(geometry) for geometry in edit.changed.values())


def test_a_vertex_less_than_a_millimetre_off_moves_along() -> None:
    nearly = shapely.Polygon([(10.0006, 10), (20, 10), (20, 20), (10, 20)])
    edit = move_vertex([FOUR[0], nearly], (10, 10), (12, 13))
    assert sorted(edit.changed) == [0, 1]
    assert (12, 13) in vertices(edit.changed[1])


def test_a_neighbour_whose_edge_passes_by_gets_the_vertex_first() -> None:
    """T-junction: the upper parcel has one edge of 20 m where two lower ones meet."""
    land = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 20, 20)]
    edit = move_vertex(land, (10, 10), (10, 12))
    assert {index: geometry.area for index, geometry in edit.changed.items()} == {0: 110, 1: 110, 2: 180}
    assert_joined(applied(land, edit))


def test_a_vertex_lying_on_an_edge_that_moves_stays_joined() -> None:
    """The upper parcel's corner moves; the lower two meet in the middle of the edge that it swings."""
    land = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 20, 20)]
    edit = move_vertex(land, (20, 10), (20, 14))
    after = applied(land, edit)
    assert_joined(after)
    assert shapely.area(after).tolist() == [100, 120, 180]


def test_a_vertex_let_go_on_an_edge_becomes_a_vertex_of_it() -> None:
    land = [box(0, 0, 10, 10), box(12, -5, 20, 15)]
    edit = move_vertex(land, (10, 10), (12, 10))
    assert sorted(edit.changed) == [0, 1]
    assert (12, 10) in vertices(edit.changed[1])
    assert edit.changed[1].area == land[1].area


def test_a_vertex_let_go_at_a_vertex_takes_its_coordinates() -> None:
    land = [box(0, 0, 10, 10), box(12, 0, 20, 10)]
    edit = move_vertex(land, (10, 10), (12.0007, 9.9995))
    assert list(edit.changed) == [0]
    assert (12, 10) in vertices(edit.changed[0])


def test_a_point_in_the_middle_of_an_edge_can_be_dragged_out() -> None:
    """A triangle of 10 m base and 2 m height is added here and taken there: 10 m²."""
    edit = move_vertex(FOUR, (10, 5), (12, 5))
    assert {index: geometry.area for index, geometry in edit.changed.items()} == {0: 110, 1: 90}


def test_an_edge_moves_by_both_of_its_ends() -> None:
    edit = move_vertices(FOUR, [(10, 0), (10, 10)], [(11, 0), (11, 10)])
    assert {index: geometry.area for index, geometry in edit.changed.items()} == {
        0: 110,
        1: 90,
        2: 105,
        3: 95,
    }


def test_two_points_may_change_places_with_their_neighbours_in_one_move() -> None:
    """(10, 0) goes where (20, 0) is, and that moves on to (30, 0): both are moved at once."""
    edit = move_vertices([FOUR[0], FOUR[1]], [(10, 0), (20, 0)], [(20, 0), (30, 0)])
    assert edit.changed[1].equals(shapely.Polygon([(20, 0), (30, 0), (20, 10), (10, 10)]))


def test_vertices_of_holes_and_of_parts_move_with_what_fills_them() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    parts = shapely.MultiPolygon([box(10, 10, 20, 20), box(40, 0, 50, 10)])
    edit = move_vertex([ring, parts], (20, 20), (22, 22))
    assert edit.changed[0].area == 800 - 20
    assert edit.changed[1].area == 200 + 20
    assert edit.changed[1].geom_type == "MultiPolygon"


def test_a_vertex_pushed_onto_its_neighbour_vanishes_and_the_ring_stays_closed() -> None:
    pentagon = shapely.Polygon([(0, 0), (10, 0), (10, 10), (5, 12), (0, 10)])
    edit = move_vertex([pentagon], (0, 0), (10, 0))
    assert edit.changed[0].equals(shapely.Polygon([(10, 0), (10, 10), (5, 12), (0, 10)]))
    assert len(edit.changed[0].exterior.coords) == 5


def test_nothing_is_moved_where_nothing_is() -> None:
    with pytest.raises(EditError, match=r"位置 \(5.000, 5.000\) 没有界址点") as failure:
        move_vertex(FOUR, (5, 5), (6, 6))
    assert failure.value.place == (5, 5)


def test_a_move_that_ties_a_knot_is_refused_with_the_reason() -> None:
    with pytest.raises(EditError, match="边界自相交") as failure:
        move_vertex([box(0, 0, 10, 10)], (0, 0), (15, 5))
    assert failure.value.index == 0
    assert failure.value.place is not None


def test_a_move_that_leaves_no_ring_is_refused() -> None:
    with pytest.raises(EditError, match="至少要有三个顶点"):
        move_vertex([shapely.Polygon([(0, 0), (10, 0), (5, 5)])], (0, 0), (10, 0))


def test_a_neighbour_that_was_broken_before_is_named_as_the_cause() -> None:
    bow_tie = shapely.Polygon([(10, 10), (20, 20), (20, 10), (10, 20)])
    with pytest.raises(EditError, match="编辑之前就是无效的") as failure:
        move_vertex([FOUR[0], bow_tie], (10, 10), (11, 11))
    assert failure.value.index == 1


def test_a_place_that_is_no_number_is_refused() -> None:
    with pytest.raises(EditError, match="坐标不是数字"):
        move_vertex(FOUR, (10, 10), (np.nan, 1))


def test_other_geometry_types_and_empty_places_are_left_alone() -> None:
    land = [FOUR[0], None, shapely.LineString([(10, 10), (30, 30)]), shapely.Polygon()]
    assert list(move_vertex(land, (10, 10), (12, 13)).changed) == [0]


def test_an_added_vertex_is_in_both_neighbours_and_changes_no_area() -> None:
    edit = add_vertex(FOUR, (10.0004, 4))
    assert sorted(edit.changed) == [0, 1]
    assert edit.created_vertices.tolist() == [[10, 4]]
    assert [geometry.area for geometry in edit.changed.values()] == [100, 100]


@pytest.mark.parametrize(("at", "message"), [((10, 10.0005), "已有界址点"), ((5, 5), "没有边界经过")])
def test_a_vertex_is_added_only_on_an_edge(at: tuple[float, float], message: str) -> None:
    with pytest.raises(EditError, match=message):
        add_vertex(FOUR, at)


def test_a_removed_vertex_is_gone_from_both_neighbours() -> None:
    """A joint moved out to (12, 5) had added 10 m² to one side."""
    land = applied(FOUR, move_vertex(FOUR, (10, 5), (12, 5)))
    edit = remove_vertex(land, (12, 5))
    assert {index: geometry.area for index, geometry in edit.changed.items()} == {0: 100, 1: 100}


def test_the_first_vertex_of_a_ring_can_be_removed() -> None:
    square = shapely.Polygon([(0, 0), (5, -3), (10, 0), (10, 10), (0, 10)])
    edit = remove_vertex([square], (0, 0))
    assert edit.changed[0].equals(shapely.Polygon([(5, -3), (10, 0), (10, 10), (0, 10)]))


def test_a_vertex_where_three_boundaries_meet_cannot_be_removed() -> None:
    with pytest.raises(EditError, match="有 4 条界线相交"):
        remove_vertex(FOUR, (10, 10))
    with pytest.raises(EditError, match="有 3 条界线相交"):
        remove_vertex([box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 20, 20)], (10, 10))


def test_the_edge_left_after_a_removal_is_joined_to_what_it_passes() -> None:
    """Without its peak the roof falls onto the neighbour's corner at (5, 10)."""
    house = shapely.Polygon([(0, 0), (10, 0), (10, 10), (5, 9), (0, 10)])
    above = shapely.Polygon([(5, 10), (8, 20), (2, 20)])
    edit = remove_vertex([house, above], (5, 9))
    assert (5, 10) in vertices(edit.changed[0])
    assert edit.changed[0].area == 100


@pytest.mark.parametrize(("at", "message"), [((0, 0), "三个顶点"), ((5, 0), "没有界址点")])
def test_a_triangle_keeps_its_vertices(at: tuple[float, float], message: str) -> None:
    with pytest.raises(EditError, match=message):
        remove_vertex([shapely.Polygon([(0, 0), (10, 0), (5, 5)])], at)


def test_sharing_names_those_that_would_move() -> None:
    land = [*FOUR, box(0, 20, 20, 30)]
    assert sharing(land, (10, 10)) == [0, 1, 2, 3]
    assert sharing(land, (10, 20)) == [2, 3, 4]
    assert sharing(land, (5, 5)) == []


def test_joining_gives_and_takes_the_missing_vertices() -> None:
    """Upper and lower row meet in T-junctions from either side."""
    land = [box(0, 0, 6, 10), box(6, 0, 20, 10), box(0, 10, 13, 20), box(13, 10.0004, 20, 20)]
    edit = join(land, [1])
    after = applied(land, edit)
    assert sorted(edit.changed) == [1, 2, 3]
    assert_joined(after)
    assert shapely.coverage_is_valid(after)
    assert join(after, [0, 1, 2, 3]).changed == {}


def test_a_moved_geometry_leaves_its_neighbours_and_joins_new_ones() -> None:
    land = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(29.9995, -5, 40, 15)]
    edit = move_geometries(land, [1], 10, 0)
    assert edit.changed[1].bounds == (20, 0, 30, 10)
    assert list(edit.changed) == [1, 2]
    assert {(30, 0), (30, 10)} <= vertices(edit.changed[2])


shifts = st.tuples(millimetre_floats(-4, 4), millimetre_floats(-4, 4))


@LAND
@given(tessellations(), st.integers(0, 500), shifts)
def test_a_moved_vertex_keeps_the_land_joined_and_moves_back(
    land: np.ndarray, number: int, shift: tuple[float, float]
) -> None:
    points = np.unique(shapely.get_coordinates(land), axis=0)
    at = points[number % len(points)]
    to = np.round(at + np.array(shift), 3)
    assume(np.any(at != to))
    try:
        edit = move_vertex(land, tuple(at), tuple(to))
    except EditError:
        return
    after = applied(land, edit)
    assert sorted(edit.changed) == sharing(land, tuple(at))
    assert all(tuple(to) in vertices(geometry) for geometry in edit.changed.values())
    if shapely.coverage_is_valid(after):
        assert_joined(after)
        if len(edit.created_vertices) == 1 and shapely.get_num_coordinates(after).tolist() == (
            shapely.get_num_coordinates(land).tolist()
        ):
            back = applied(after, move_vertex(after, tuple(to), tuple(at)))
            assert shapely.equals_identical(back, land).all()


@LAND
@given(tessellations(), st.integers(0, 500), st.floats(0.1, 0.9))
def test_an_added_vertex_can_be_removed_again(land: np.ndarray, number: int, share: float) -> None:
    cell = land[number % len(land)]
    ring = shapely.get_coordinates(cell.exterior)
    edge = number % (len(ring) - 1)
    at = ring[edge] + share * (ring[edge + 1] - ring[edge])
    edit = add_vertex(land, tuple(at))
    (made,) = edit.created_vertices
    after = applied(land, edit)
    assert 1 <= len(edit.changed) <= 2
    assert shapely.coverage_is_valid(after)
    assert_joined(after)
    assert shapely.area(after) == pytest.approx(shapely.area(land), abs=1e-6)
    back = applied(after, remove_vertex(after, tuple(made)))
    assert shapely.equals_identical(back, land).all()
