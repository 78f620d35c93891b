"""Splitting: pieces worked out by hand, and what must hold for any tessellation."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.editing.result import EditError, applied
from gis.editing.split import split
from gis.text import set_language
from tests.strategies import CENTRE, millimetre_floats
from tests.tessellations import LAND, assert_joined, tessellations


@pytest.fixture(autouse=True)
def _chinese():
    set_language("zh_CN")


def areas(edit) -> list[float]:
    return [piece.geometry.area for piece in edit.born]


def test_a_line_through_a_parcel_gives_two_and_the_neighbour_receives_the_vertex() -> None:
    """10 × 10 m cut at x = 4: 60 and 40 m². The lower neighbour gets (4, 0), the upper one (4, 10)."""
    parcels = [box(0, 0, 10, 10), box(0, -10, 10, 0), box(0, 10, 10, 20), box(30, 0, 40, 10)]
    edit = split(parcels, [(4, -3), (4, 13)], [0])
    assert edit.retired == [0]
    assert areas(edit) == [60, 40]
    assert [piece.origins for piece in edit.born] == [(0,), (0,)]
    assert sorted(edit.changed) == [1, 2]
    assert (4, 0) in edit.changed[1].exterior.coords
    assert (4, 10) in edit.changed[2].exterior.coords
    assert edit.created_vertices.tolist() == [[4, 0], [4, 10]]
    after = applied(parcels, edit)
    assert shapely.coverage_is_valid(after[~shapely.is_missing(after)])


def test_without_targets_every_parcel_that_is_crossed_is_split() -> None:
    parcels = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10)]
    edit = split(parcels, shapely.LineString([(-1, 5), (21, 5)]))
    assert edit.retired == [0, 1]
    assert areas(edit) == [50, 50, 50, 50]
    assert (20, 5) in edit.changed[2].exterior.coords, "the line ends inside the third: a joint, no cut"
    assert edit.changed[2].area == 100


def test_a_line_that_crosses_several_times_cuts_out_every_face() -> None:
    """A U of 3 × 20 m strips: arms 10 m wide from y = 5 up to y = 20, cut at y = 10: 10·10 twice."""
    u = shapely.Polygon([(0, 0), (30, 0), (30, 20), (20, 20), (20, 5), (10, 5), (10, 20), (0, 20)])
    edit = split([u], [(-1, 10), (31, 10)])
    assert areas(edit) == [250, 100, 100]
    assert sum(areas(edit)) == u.area


def test_a_line_through_a_hole_splits_the_ring_in_two() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    edit = split([ring, box(10, 10, 20, 20)], [(-1, 15), (31, 15)], [0])
    assert areas(edit) == [400, 400]
    assert all(len(piece.geometry.interiors) == 0 for piece in edit.born)
    assert {(10, 15), (20, 15)} <= set(edit.changed[1].exterior.coords), "the island gets both vertices"


def test_a_hole_that_is_not_met_stays_in_its_piece() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 12, 12).exterior])
    edit = split([ring], [(20, -1), (20, 31)])
    assert areas(edit) == [596, 300]
    assert [len(piece.geometry.interiors) for piece in edit.born] == [1, 0]


def test_a_closed_line_inside_cuts_out_an_island() -> None:
    edit = split([box(0, 0, 30, 30)], [(10, 10), (20, 10), (20, 20), (10, 20), (10, 10)])
    assert areas(edit) == [800, 100]
    assert len(edit.born[0].geometry.interiors) == 1


def test_a_line_that_crosses_itself_cuts_out_its_loop() -> None:
    """Down at x = 10, round by (20, 10) and (20, 20), back over itself at (10, 20): a loop of 100 m²."""
    loop = [(10, 31), (10, 10), (20, 10), (20, 20), (-1, 20)]
    assert sorted(areas(split([box(0, 0, 30, 30)], loop))) == [100, 100, 700]


def test_parts_that_are_not_cut_stay_with_the_largest_piece() -> None:
    """Part of 100 m² cut into 70 and 30; the other part of 25 m² goes with the 70."""
    parts = shapely.MultiPolygon([box(0, 0, 10, 10), box(20, 0, 25, 5)])
    edit = split([parts], [(7, -1), (7, 11)])
    assert areas(edit) == [95, 30]
    assert [piece.geometry.geom_type for piece in edit.born] == ["MultiPolygon", "MultiPolygon"]
    assert len(edit.born[0].geometry.geoms) == 2


def test_a_line_from_vertex_to_vertex_makes_no_new_one() -> None:
    """Drawn 0.6 mm beside the corners: it goes through them."""
    edit = split([box(0, 0, 10, 10)], [(0.0006, 0), (10, 9.9994)])
    assert areas(edit) == [50, 50]
    assert len(edit.created_vertices) == 0


def test_what_dangles_leaves_no_vertex_anywhere() -> None:
    """The line enters a second parcel and ends there: that parcel has its joint, and no stub."""
    parcels = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(-10, 0, 0, 10)]
    edit = split(parcels, [(-4, 5), (4, 5), (4, 14)], [0])
    assert areas(edit) == [80, 20]
    assert sorted(edit.changed) == [2]
    assert edit.created_vertices.tolist() == [[0, 5], [4, 5], [4, 10]]


def test_a_t_junction_on_the_cut_edge_is_joined_on_the_way() -> None:
    """Two parcels of 5 m lie along one edge of 10 m that lacks their common vertex (qgis#39835)."""
    parcels = [box(0, 0, 10, 10), box(0, 10, 5, 20), box(5, 10, 10, 20)]
    edit = split(parcels, [(3, -1), (3, 11)], [0])
    after = applied(parcels, edit)
    assert_joined(after)
    assert shapely.coverage_is_valid(after[~shapely.is_missing(after)])
    assert areas(edit) == [70, 30]


@pytest.mark.parametrize(
    "line",
    [
        [(2, 2), (8, 8)],  # ends inside on both sides
        [(-5, 5), (8, 8)],  # only enters
        [(20, 0), (20, 10)],  # passes by
        [(-1, 10), (11, 10)],  # runs along an edge
        [(0, -5), (0, 15)],
    ],
)
def test_a_line_that_divides_nothing_is_refused(line: list[tuple[float, float]]) -> None:
    with pytest.raises(EditError, match="没有把任何图形分成两块"):
        split([box(0, 0, 10, 10)], line, [0])


def test_a_bridge_from_shell_to_hole_divides_nothing() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    with pytest.raises(EditError, match="孔洞"):
        split([ring], [(-1, 15), (15, 15)])


@pytest.mark.parametrize("line", [[], [(1, 1)], [(1, 1), (1, 1)], [(0, 0), (np.nan, 1)]])
def test_a_line_without_two_points_is_refused(line: list[tuple[float, float]]) -> None:
    with pytest.raises(EditError, match="两个不同的点"):
        split([box(0, 0, 10, 10)], line)


spots = st.tuples(
    millimetre_floats(CENTRE[0] - 260, CENTRE[0] + 260), millimetre_floats(CENTRE[1] - 260, CENTRE[1] + 260)
)


@LAND
@given(tessellations(), st.lists(spots, min_size=2, max_size=5, unique=True))
def test_pieces_add_up_and_neighbours_stay_joined(land: np.ndarray, line: list) -> None:
    total = shapely.area(land).sum()
    try:
        edit = split(land, line)
    except EditError:
        return
    for index in edit.retired:
        pieces = [piece.geometry.area for piece in edit.born if piece.origins == (index,)]
        assert len(pieces) > 1
        assert sum(pieces) == pytest.approx(land[index].area, abs=1e-6)
    after = applied(land, edit)
    left = after[~shapely.is_missing(after)]
    assert shapely.area(left).sum() == pytest.approx(total, abs=1e-6)
    assert shapely.coverage_is_valid(left), "JTS finds no edge that does not match"
    assert_joined(after)


@LAND
@given(tessellations(), st.lists(spots, min_size=2, max_size=4, unique=True))
def test_the_pieces_are_those_that_the_library_cuts(land: np.ndarray, line: list) -> None:
    """GEOS's own polygonizer on the union of boundary and line gives the same areas."""
    try:
        edit = split(land, line)
    except EditError:
        return
    for index in edit.retired:
        noded = shapely.union_all([shapely.boundary(land[index]), shapely.LineString(line)])
        loops = shapely.get_parts(shapely.polygonize([noded]))
        inside = [face.area for face in loops if land[index].contains(face.representative_point())]
        mine = [piece.geometry.area for piece in edit.born if piece.origins == (index,)]
        assert sorted(mine) == pytest.approx(sorted(inside), abs=0.5)
