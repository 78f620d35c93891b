"""Aligning to a neighbour's boundary, by hand and for rows of parcels set slightly apart."""

from __future__ import annotations

import contextlib
import itertools

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import box

from gis.editing.align import align
from gis.editing.result import EditError, applied
from gis.text import set_language
from tests.strategies import CENTRE, millimetre_floats
from tests.tessellations import LAND, as_array, assert_joined


@pytest.fixture(autouse=True)
def _chinese():
    set_language("zh_CN")


def test_a_gap_is_closed_onto_the_corners_of_the_reference() -> None:
    """A gap of 0.3 m and ends 0.2 m higher."""
    land = [box(0, 0.2, 9.7, 10.2), box(10, 0, 20, 10)]
    edit = align(land, 0, 1, 0.5)
    assert list(edit.changed) == [0]
    assert edit.changed[0].equals(shapely.Polygon([(0, 0.2), (10, 0), (10, 10), (0, 10.2)]))
    assert shapely.coverage_is_valid(applied(land, edit))


def test_an_overlap_is_taken_back_onto_the_edge_and_the_edge_gets_the_vertices() -> None:
    land = [box(0, 2, 10.3, 8), box(10, 0, 20, 10)]
    edit = align(land, 0, 1, 0.5)
    assert edit.changed[0].equals(box(0, 2, 10, 8))
    assert {(10, 2), (10, 8)} <= set(edit.changed[1].exterior.coords)
    assert edit.changed[1].area == 100
    assert shapely.coverage_is_valid(applied(land, edit))


def test_corners_of_the_reference_are_put_into_the_long_edge() -> None:
    """The reference juts out between x = 4 and 6 and stays 0.2 m short of the target elsewhere."""
    land = [box(0, 0, 10, 10), shapely.Polygon([(4, 10.3), (6, 10.3), (6, 20), (4, 20)])]
    edit = align(land, 0, 1, 0.5)
    assert edit.changed[0].equals(shapely.Polygon([(0, 0), (10, 0), (10, 10), (6, 10.3), (4, 10.3), (0, 10)]))
    assert list(edit.changed) == [0]
    assert_joined(applied(land, edit))


def test_what_shares_the_target_s_vertices_and_edges_follows() -> None:
    """A contract on the same outline, and the parcel beside it that shares a corner."""
    parcel, beside = box(0, 0, 9.7, 10), box(0, 10, 9.7, 20)
    reference = shapely.Polygon([(10, -5), (30, -5), (30, 25), (10, 25), (9.9, 5)])
    land = [parcel, beside, parcel, reference]
    edit = align(land, 0, 3, 0.5)
    after = applied(land, edit)
    assert after[0].equals(after[2])
    assert (9.9, 5) in after[0].exterior.coords
    assert_joined(after)
    assert after[1].intersection(after[0]).length == pytest.approx(after[0].bounds[2], abs=0.1)
    assert after[3].area == pytest.approx(reference.area, abs=1e-9)


def test_what_is_farther_off_stays() -> None:
    land = [shapely.Polygon([(0, 0), (9.8, 0), (8, 10), (0, 10)]), box(10, -1, 20, 11)]
    edit = align(land, 0, 1, 0.5)
    assert edit.changed[0].equals(shapely.Polygon([(0, 0), (10, 0), (8, 10), (0, 10)]))
    with pytest.raises(EditError, match=r"0.1 米之内没有可以对齐的边界"):
        align(land, 0, 1, 0.1)


def test_what_is_aligned_already_is_refused() -> None:
    with pytest.raises(EditError, match="是否已经对齐"):
        align([box(0, 0, 10, 10), box(10, 0, 20, 10)], 0, 1, 0.5)
    with pytest.raises(EditError, match="不能与自己对齐"):
        align([box(0, 0, 10, 10)], 0, 0, 0.5)


@LAND
@given(
    st.lists(millimetre_floats(-0.2, 0.2), min_size=6, max_size=6),
    st.lists(millimetre_floats(-0.2, 0.2), min_size=6, max_size=6),
)
def test_two_rows_with_a_ragged_line_between_fit_exactly(down: list[float], up: list[float]) -> None:
    """Three parcels below, one large above; the line between was drawn twice, up to 0.4 m apart."""
    # At the rim a vertex one millimetre off lies on both boundaries already, neither here nor there.
    assume(all(abs(a - b) > 0.003 for a, b in ((down[0], up[0]), (down[3], up[2]))))
    y0 = CENTRE[1]
    xs = [0.0, 20.0, 45.0, 60.0]

    def placed(corners: list[tuple[float, float]]) -> shapely.Polygon:
        return shapely.Polygon(np.round(np.array(corners) + np.array(CENTRE), 3))

    lower = [
        placed([(a, -30), (b, -30), (b, down[i + 1]), (a, down[i])])
        for i, (a, b) in enumerate(itertools.pairwise(xs))
    ]
    upper = placed([(0, up[0]), (28, up[1]), (60, up[2]), (60, 30), (0, 30)])
    land = as_array([*lower, upper])
    # What the one before has pulled along may be aligned already.
    for target in range(3):
        with contextlib.suppress(EditError):
            land = applied(land, align(land, target, 3, 0.5))
    assert shapely.coverage_is_valid(land)
    assert_joined(land)
    assert land[3].area == pytest.approx(upper.area, abs=0.03), "not bent by more than a millimetre"
    lower_edge = shapely.union_all(land[:3]).bounds
    assert shapely.union_all(land).area == pytest.approx(shapely.area(land).sum(), abs=1e-6)
    assert lower_edge[1] == pytest.approx(y0 - 30)
