from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis import clipping
from gis.errors import ParkLineError

BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def array(*geometries: object) -> np.ndarray:
    result = np.empty(len(geometries), dtype=object)
    result[:] = geometries
    return result


def test_what_touches_along_a_line_or_in_a_point_shares_no_land() -> None:
    square, beside, corner = (
        shapely.box(0, 0, 10, 10),
        shapely.box(10, 0, 20, 10),
        shapely.box(10, 10, 20, 20),
    )
    assert clipping.intersection(array(square, square), array(beside, corner)).tolist() == [None, None]
    assert clipping.difference(array(square), array(square)).tolist() == [None]


def test_of_a_common_edge_and_common_land_only_the_land_is_kept() -> None:
    """An L whose foot lies on the square's edge: 2 × 4 of it reach in, the edge of the rest is no land."""
    ell = shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 8), (8, 8), (8, 4), (10, 4)])
    piece = clipping.intersection(array(shapely.box(0, 0, 10, 10)), array(ell))[0]
    assert piece.geom_type == "Polygon"
    assert piece.equals(shapely.box(8, 4, 10, 8))


def test_outlines_that_cross_themselves_are_made_valid_and_the_others_stay_the_same_objects() -> None:
    square = shapely.box(0, 0, 1, 1)
    mended = clipping.valid(array(square, BOW_TIE, None))
    assert mended[0] is square
    assert mended[2] is None
    assert mended[1].area == pytest.approx(50.0)
    assert clipping.difference(array(BOW_TIE), array(shapely.box(0, 0, 5, 10)))[0].area == pytest.approx(25.0)


def test_collections_are_reduced_to_their_polygons() -> None:
    inner = shapely.GeometryCollection([shapely.box(5, 0, 6, 1), shapely.LineString([(0, 0), (9, 9)])])
    mixed = array(
        shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(3, 3), inner]),
        shapely.GeometryCollection([shapely.Point(3, 3)]),
        shapely.Point(1, 1),
        shapely.Polygon(),
        None,
    )
    found = clipping.only_polygons(mixed)
    assert found[0].area == 2.0
    assert found[1:].tolist() == [None] * 4


def failing(operation, refuses):
    """The operation of GEOS, refusing what GEOS has been seen to refuse: "TopologyException: side location …"."""

    def work(first, second, grid_size=None):
        if refuses(np.atleast_1d(np.asarray(first, dtype=object)), grid_size):
            raise shapely.errors.GEOSException("TopologyException: side location conflict")
        return operation(first, second, grid_size=grid_size)

    return work


LOTS = [shapely.box(10 * i, 0, 10 * i + 10, 10) for i in range(4)]


def test_one_pair_that_geos_cannot_cut_exactly_is_cut_on_a_fine_grid_and_the_others_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuses(first, grid_size):
        return grid_size is None and any(one.equals(LOTS[2]) for one in first)

    monkeypatch.setattr(shapely, "intersection", failing(shapely.intersection, refuses))
    strip = shapely.box(0, 1 / 3, 40, 5)
    areas = shapely.area(clipping.intersection(array(*LOTS), array(*[strip] * 4)))
    # 10 × (5 - 1/3); the grid of 0.01 mm moves one edge by at most half of that: 10 m × 5e-6 m.
    assert areas[[0, 1, 3]] == pytest.approx(140 / 3, abs=1e-9)
    assert areas[2] == pytest.approx(140 / 3, abs=5e-5)


def test_a_pair_that_cannot_be_cut_at_all_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(first, grid_size):
        return any(one.equals(LOTS[2]) for one in first)

    monkeypatch.setattr(shapely, "intersection", failing(shapely.intersection, refuses))
    with pytest.raises(ParkLineError, match=r"\(25\.0, 5\.0\)"):
        clipping.intersection(array(*LOTS), array(*LOTS))
