"""Merging: figures by hand, GEOS's union beside it, and the way back from a split."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.editing.merge import merge
from gis.editing.result import EditError, applied
from gis.editing.split import split
from gis.text import set_language
from tests.strategies import CENTRE, millimetre_floats
from tests.tessellations import LAND, assert_joined, tessellations


@pytest.fixture(autouse=True)
def _chinese():
    set_language("zh_CN")


def test_two_neighbours_become_one_and_the_third_gets_the_vertex_where_they_met() -> None:
    land = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 20, 20)]
    edit = merge(land, [1, 0])
    assert edit.retired == [0, 1]
    (piece,) = edit.born
    assert piece.origins == (0, 1)
    assert piece.geometry.area == 200
    assert (10, 10) in piece.geometry.exterior.coords
    assert list(edit.changed) == [2]
    assert (10, 10) in edit.changed[2].exterior.coords
    assert len(edit.created_vertices) == 0


def test_without_straight_vertices_the_former_corner_goes() -> None:
    """(10, 0) goes; (10, 10) stays, for two parcels still meet there."""
    land = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 10, 20), box(10, 10, 20, 20)]
    edit = merge(land, [0, 1], drop_straight=True)
    corners = set(edit.born[0].geometry.exterior.coords)
    assert corners == {(0, 0), (20, 0), (20, 10), (10, 10), (0, 10)}
    assert edit.changed == {}


def test_a_straight_vertex_goes_from_the_neighbour_too() -> None:
    land = [box(0, 0, 10, 10), box(0, 10, 10, 20)]
    cut = applied(land, split(land, [(4, -1), (4, 11)], [0]))
    assert (4, 10) in cut[1].exterior.coords
    edit = merge(cut, [2, 3], drop_straight=True)
    assert edit.born[0].geometry.normalize() == land[0].normalize()
    assert edit.changed[1] == land[1]


def test_a_real_corner_stays_when_straight_vertices_go() -> None:
    """The common boundary ended in a bend of half a centimetre: that is a boundary point."""
    left = shapely.Polygon([(0, 0), (10, 0), (10, 10.005), (0, 10)])
    right = shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10.005)])
    edit = merge([left, right], [0, 1], drop_straight=True)
    assert (10, 10.005) in edit.born[0].geometry.exterior.coords
    assert (10, 0) not in edit.born[0].geometry.exterior.coords


def test_less_than_a_millimetre_between_two_leaves_no_sliver() -> None:
    land = [box(0, 0, 10, 10), box(10.0007, 0, 20, 10)]
    (piece,) = merge(land, [0, 1]).born
    assert piece.geometry.geom_type == "Polygon"
    assert len(piece.geometry.interiors) == 0
    assert piece.geometry.area == 200


def test_a_common_edge_with_unequal_ends_is_joined() -> None:
    """10 m beside 4 m: 100 + 40 m², eight corners."""
    (piece,) = merge([box(0, 0, 10, 10), box(10, 3, 20, 7)], [0, 1]).born
    assert piece.geometry.area == 140
    assert len(piece.geometry.exterior.coords) - 1 == 8


def test_overlapping_land_counts_once() -> None:
    (piece,) = merge([box(0, 0, 10, 10), box(5, 5, 15, 15)], [0, 1]).born
    assert piece.geometry.area == 175
    (piece,) = merge([box(0, 0, 10, 10), box(2, 2, 4, 4)], [0, 1]).born
    assert piece.geometry.equals(box(0, 0, 10, 10))


def test_a_ring_around_a_yard_keeps_the_yard_as_a_hole() -> None:
    u = shapely.Polygon([(0, 0), (30, 0), (30, 20), (20, 20), (20, 10), (10, 10), (10, 20), (0, 20)])
    (piece,) = merge([u, box(0, 20, 30, 30)], [0, 1]).born
    assert piece.geometry.area == 800
    assert len(piece.geometry.interiors) == 1


def test_an_island_fills_its_hole() -> None:
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    (piece,) = merge([ring, box(10, 10, 20, 20)], [0, 1]).born
    assert piece.geometry.equals(box(0, 0, 30, 30))
    assert len(piece.geometry.interiors) == 0


def test_a_multipolygon_stays_one() -> None:
    several = shapely.MultiPolygon([box(10, 0, 20, 10), box(40, 0, 50, 10)])
    (piece,) = merge([box(0, 0, 10, 10), several], [0, 1]).born
    assert piece.geometry.geom_type == "MultiPolygon"
    assert sorted(part.area for part in piece.geometry.geoms) == [100, 200]


@pytest.mark.parametrize("other", [box(20, 0, 30, 10), box(10, 10, 20, 20)])
def test_what_does_not_touch_along_an_edge_is_not_merged_unasked(other: shapely.Polygon) -> None:
    """Apart, and corner to corner."""
    with pytest.raises(EditError, match="没有公共边") as failure:
        merge([box(0, 0, 10, 10), other], [0, 1])
    assert failure.value.index == 1
    (piece,) = merge([box(0, 0, 10, 10), other], [0, 1], allow_apart=True).born
    assert piece.geometry.geom_type == "MultiPolygon"
    assert piece.geometry.area == 200


@pytest.mark.parametrize("targets", [[], [0], [0, 0]])
def test_merging_takes_two(targets: list[int]) -> None:
    with pytest.raises(EditError, match="至少需要两个"):
        merge([box(0, 0, 10, 10)], targets)


@LAND
@given(tessellations(), st.sets(st.integers(0, 11), min_size=2, max_size=5))
def test_areas_add_up_and_the_land_stays_joined(land: np.ndarray, numbers: set[int]) -> None:
    chosen = sorted({number % len(land) for number in numbers})
    if len(chosen) < 2:
        return
    edit = merge(land, chosen, allow_apart=True)
    (piece,) = edit.born
    union = shapely.coverage_union_all(land[chosen])
    assert piece.geometry.area == pytest.approx(shapely.area(land[chosen]).sum(), abs=1e-6)
    assert piece.geometry.equals(union), "JTS's union of a coverage"
    assert shapely.get_num_geometries(union) == shapely.get_num_geometries(piece.geometry)
    assert edit.changed == {}
    assert len(edit.created_vertices) == 0
    after = applied(land, edit)
    assert shapely.coverage_is_valid(after[~shapely.is_missing(after)])


@LAND
@given(
    tessellations(),
    st.lists(
        st.tuples(
            millimetre_floats(CENTRE[0] - 260, CENTRE[0] + 260),
            millimetre_floats(CENTRE[1] - 260, CENTRE[1] + 260),
        ),
        min_size=2,
        max_size=4,
        unique=True,
    ),
)
def test_merging_the_pieces_undoes_a_split(land: np.ndarray, line: list) -> None:
    try:
        edit = split(land, line)
    except EditError:
        return
    after = applied(land, edit)
    target = edit.retired[0]
    pieces = [len(land) + i for i, piece in enumerate(edit.born) if piece.origins == (target,)]
    whole = merge(after, pieces, drop_straight=True)
    (piece,) = whole.born
    assert piece.geometry.area == pytest.approx(land[target].area, abs=1e-6)
    back = applied(after, whole)
    assert_joined(back)
    if edit.retired == [target]:
        restored = [piece.geometry, *(g for i, g in enumerate(back[: len(land)]) if i != target)]
        first = [land[target], *(g for i, g in enumerate(land) if i != target)]
        assert shapely.equals_exact(shapely.normalize(restored), shapely.normalize(first), 0.0).all()
