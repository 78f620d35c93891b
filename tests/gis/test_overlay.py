from __future__ import annotations

import threading

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.area import ellipsoidal_area
from gis.overlay import Pieces, overlay
from gis.progress import Cancelled
from tests.bench.synthetic import lines, parcels
from tests.strategies import CENTRE, coverages, polygons, star_polygons


def plain_overlay(left, right) -> dict[tuple[int, int], shapely.Geometry]:
    """Oracle: GEOS intersection of every pair, nothing settled beforehand."""
    found = {}
    for i, one in enumerate(left):
        for j, two in enumerate(right):
            piece = shapely.intersection(one, two)
            if shapely.area(piece) > 1e-6:
                found[i, j] = piece
    return found


def as_areas(pieces: Pieces) -> dict[tuple[int, int], float]:
    keys = zip(pieces.left.tolist(), pieces.right.tolist(), strict=True)
    return dict(zip(keys, shapely.area(pieces.geometry).tolist(), strict=True))


def test_a_parcel_inside_across_and_outside_a_line() -> None:
    line = shapely.box(0, 0, 100, 100)
    parcels = [shapely.box(10, 10, 20, 20), shapely.box(90, 10, 110, 20), shapely.box(200, 0, 210, 10)]
    pieces = overlay(parcels, [line])
    assert pieces.left.tolist() == [0, 1]
    assert pieces.inside.tolist() == [True, False]
    assert pieces.geometry[0] is parcels[0]
    assert shapely.equals(pieces.geometry[1], shapely.box(90, 10, 100, 20))


def test_a_parcel_that_shares_the_edge_of_the_line_is_inside_or_has_no_piece() -> None:
    """Inside along the edge: whole; outside along the edge or at a corner: nothing, not even a line."""
    line = shapely.box(0, 0, 100, 100)
    within, beside, corner = (
        shapely.box(0, 10, 20, 20),
        shapely.box(100, 10, 120, 20),
        shapely.box(100, 100, 110, 110),
    )
    for clip in (True, False):
        pieces = overlay([within, beside, corner, line], [line], clip=clip)
        assert pieces.left.tolist() == [0, 3]
        assert pieces.inside.tolist() == [True, True]


def test_a_parcel_across_two_lines_has_a_piece_in_each() -> None:
    lots = [shapely.box(0, 0, 10, 10)]
    pieces = overlay(lots, [shapely.box(-5, -5, 4, 20), shapely.box(4, -5, 20, 20), shapely.box(2, 2, 3, 3)])
    assert pieces.right.tolist() == [0, 1, 2]
    assert shapely.area(pieces.geometry).tolist() == pytest.approx([40.0, 60.0, 1.0])


def test_lines_with_holes_and_several_parts_are_respected_by_the_grid() -> None:
    """40 × 40 lots of 10 m against a ring-shaped line and an island: counted by hand on the lattice."""
    x, y = np.meshgrid(np.arange(40) * 10.0, np.arange(40) * 10.0)
    lots = shapely.box(x.ravel(), y.ravel(), x.ravel() + 10, y.ravel() + 10)
    ring = shapely.Polygon(shapely.box(50, 50, 350, 350).exterior, [shapely.box(105, 105, 295, 295).exterior])
    line = shapely.MultiPolygon([ring, shapely.box(150, 150, 250, 250)])
    pieces = overlay(lots, [line])
    # Ring: 30² − 20² whole lots outside the lots cut by the hole's edge; island: 10² whole lots.
    assert int(pieces.inside.sum()) == 30**2 - 20**2 + 10**2
    # The hole's edge runs through the middle of the ring of 4·20 − 4 lots.
    assert int((~pieces.inside).sum()) == 4 * 20 - 4
    assert shapely.area(pieces.geometry).sum() == pytest.approx(line.area)


@settings(max_examples=40, deadline=None)
@given(st.lists(polygons(), min_size=1, max_size=6), st.lists(polygons(), min_size=1, max_size=4))
def test_pieces_are_those_of_the_plain_way(left, right) -> None:
    expected = plain_overlay(left, right)
    found = {key: area for key, area in as_areas(overlay(left, right)).items() if area > 1e-6}
    assert found.keys() == expected.keys()
    for key, area in found.items():
        assert area == pytest.approx(expected[key].area, abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(polygons(spread=100.0), coverages())
def test_pieces_and_remainder_are_the_whole(parcel, lines_) -> None:
    """Disjoint lines: Σ pieces + what lies outside all of them = the parcel, on the plane and the ellipsoid."""
    pieces = overlay([parcel], lines_)
    remainder = shapely.difference(parcel, shapely.union_all(lines_))
    assert shapely.area(pieces.geometry).sum() + remainder.area == pytest.approx(parcel.area, abs=1e-5)
    whole = ellipsoidal_area([parcel], 4545)[0]
    rest = ellipsoidal_area([remainder], 4545)[0]
    assert pieces.area(4545).sum() + rest == pytest.approx(whole, abs=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.lists(polygons(spread=150.0), min_size=1, max_size=3))
def test_many_small_parcels_give_the_land_of_the_line(lines_) -> None:
    """A lattice that covers everything: the pieces of a line sum to the line. Here the grid does the work."""
    x, y = np.meshgrid(np.arange(-40, 40) * 10.0 + CENTRE[0], np.arange(-40, 40) * 10.0 + CENTRE[1])
    lots = shapely.box(x.ravel(), y.ravel(), x.ravel() + 10, y.ravel() + 10)
    pieces = overlay(lots, lines_)
    land = np.bincount(pieces.right, shapely.area(pieces.geometry), minlength=len(lines_))
    assert land == pytest.approx(shapely.area(lines_), abs=1e-4)
    outside = shapely.difference(pieces.geometry, np.asarray(lines_)[pieces.right])
    assert (shapely.area(outside) < 1e-6).all()
    assert set(shapely.get_type_id(pieces.geometry)) <= {3, 6}


def test_a_synthetic_city_is_cut_as_by_the_plain_way() -> None:
    """Oracle: STRtree and GEOS intersection of all pairs, sorted by left, then right."""
    left, right = parcels(3000), lines(3000, count=12)
    pieces = overlay(left, right)
    second, first = shapely.STRtree(left).query(right, predicate="intersects")
    plain = shapely.intersection(left[first], right[second])
    land = shapely.area(plain) > 1e-6
    order = np.lexsort((second[land], first[land]))
    assert pieces.left.tolist() == first[land][order].tolist()
    assert pieces.right.tolist() == second[land][order].tolist()
    assert shapely.area(pieces.geometry) == pytest.approx(shapely.area(plain[land][order]), abs=1e-6)
    assert pieces.inside.tolist() == shapely.covers(right[pieces.right], left[pieces.left]).tolist()
    pairs = overlay(left, right, clip=False)
    assert pairs.left.tolist() == pieces.left.tolist()
    assert pairs.inside.tolist() == pieces.inside.tolist()


def test_more_lines_than_parcels_are_found_as_well() -> None:
    right, left = parcels(2000), lines(2000, count=6, vertices=60)
    pieces, mirrored = overlay(left, right), overlay(right, left)
    assert sorted(as_areas(pieces)) == sorted((j, i) for i, j in as_areas(mirrored))
    assert shapely.area(pieces.geometry).sum() == pytest.approx(shapely.area(left).sum(), rel=1e-9)


def test_invalid_polygons_are_cut_by_what_they_cover() -> None:
    """A bow tie of two triangles of 25 m² each, and a line that doubles back."""
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    pieces = overlay([bow_tie], [shapely.box(-5, -5, 5, 20)])
    assert shapely.area(pieces.geometry).tolist() == pytest.approx([25.0])
    lots = [shapely.box(i, 0, i + 1, 1) for i in range(60)]
    spike = shapely.Polygon([(0, -5), (50, -5), (50, 5), (70, 5), (50, 5), (0, 5)])
    assert not spike.is_valid
    assert shapely.area(overlay(lots, [spike]).geometry).sum() == pytest.approx(50.0)


def test_a_line_inside_a_parcel_is_the_piece_and_a_hole_of_the_line_is_not() -> None:
    """A parcel of 100 m round a line of 20 m; round a line with a hole of 10 m; parcels in and over the hole."""
    parcel, line = shapely.box(0, 0, 100, 100), shapely.box(40, 40, 60, 60)
    holed = shapely.Polygon(line.exterior, [shapely.box(45, 45, 55, 55).exterior])
    within, over, round_it = (
        shapely.box(46, 46, 54, 54),
        shapely.box(45, 45, 55, 55),
        shapely.box(44, 44, 56, 56),
    )
    assert as_areas(overlay([parcel], [line, holed])) == pytest.approx({(0, 0): 400.0, (0, 1): 300.0})
    assert as_areas(overlay([within, over, round_it], [holed])) == pytest.approx({(2, 0): 44.0})
    assert overlay([within, over, round_it], [holed], clip=False).left.tolist() == [2]


@settings(max_examples=30, deadline=None)
@given(st.lists(polygons(spread=200.0), min_size=1, max_size=8), star_polygons(spread=50.0, low=60.0))
def test_a_line_with_a_vertex_at_every_step_cuts_like_one_with_its_corners(lots, line) -> None:
    """Dense outlines take another way (no grid, no GEOS) to the same land."""
    dense = shapely.segmentize(line, 0.5)
    few, many = as_areas(overlay(lots, [line])), as_areas(overlay(lots, [dense]))
    for key in few.keys() | many.keys():
        assert many.get(key, 0.0) == pytest.approx(few.get(key, 0.0), abs=1e-5)


def test_one_thread_and_four_find_the_same() -> None:
    left, right = parcels(4000), lines(4000, count=9, vertices=120)
    alone, together = overlay(left, right, workers=1), overlay(left, right, workers=4)
    assert alone.left.tolist() == together.left.tolist()
    assert alone.right.tolist() == together.right.tolist()
    assert shapely.equals_identical(alone.geometry, together.geometry).all()


def test_eastings_with_zone_prefix_are_cut_to_the_square_millimetre() -> None:
    """5.001 m × 10.002 m at 36,596 km east: millimetres are the eleventh digit."""
    east, north = 36_596_600.0, 3_618_700.0
    lot = shapely.box(east, north, east + 10.001, north + 10.002)
    pieces = overlay([lot], [shapely.box(east + 5, north - 5, east + 50, north + 50)])
    assert shapely.area(pieces.geometry).tolist() == pytest.approx([5.001 * 10.002], abs=1e-6)


def test_heights_do_not_disturb() -> None:
    lot, line = shapely.box(50, 50, 150, 150), shapely.box(0, 0, 100, 100)
    for left, right in ((shapely.force_3d(lot, 410.0), line), (lot, shapely.force_3d(line, 410.0))):
        assert shapely.area(overlay([left], [right]).geometry).tolist() == pytest.approx([2500.0])


@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_polygon_with_a_coordinate_that_is_no_number_has_no_pieces(clip: bool, wrong: float) -> None:
    with np.errstate(invalid="ignore"):
        strange = shapely.Polygon([(10, 10), (20, wrong), (20, 20)])
    line, lots = shapely.box(0, 0, 100, 100), [shapely.box(i, 10, i + 1, 11) for i in range(60)]
    assert overlay([strange, lots[0]], [line], clip=clip).left.tolist() == [1]
    assert overlay(lots, [strange, line], clip=clip).right.tolist() == [1] * 60


def test_missing_empty_and_linear_geometries_have_no_pieces() -> None:
    line = shapely.box(0, 0, 10, 10)
    odd = [
        None,
        shapely.Polygon(),
        shapely.Point(5, 5),
        shapely.LineString([(0, 5), (10, 5)]),
        shapely.box(1, 1, 2, 2),
    ]
    assert overlay(odd, [line]).left.tolist() == [4]
    assert overlay([line], odd).right.tolist() == [4]
    nothing = overlay([], [line])
    assert len(nothing.left) == len(nothing.geometry) == len(nothing.area(4545)) == 0


def test_progress_comes_from_the_calling_thread_and_may_cancel() -> None:
    left, right = parcels(2000), lines(2000, count=12)
    calls: list[tuple[int, float]] = []

    def note(share: float, text: str) -> None:
        calls.append((threading.get_ident(), share))

    overlay(left, right, progress=note)
    assert {thread for thread, _ in calls} == {threading.get_ident()}
    assert [share for _, share in calls] == sorted(share for _, share in calls)
    assert calls[-1][1] == pytest.approx(1.0)

    def stop(share: float, text: str) -> None:
        if share > 0.25:
            raise Cancelled

    with pytest.raises(Cancelled):
        overlay(left, right, progress=stop)


def test_the_geometries_given_are_not_prepared_behind_the_callers_back() -> None:
    """A prepared geometry may be used by one thread only; the caller's stay as they were."""
    left, right = parcels(500), lines(500, count=4)
    overlay(left, right)
    assert not shapely.is_prepared(left).any()
    assert not shapely.is_prepared(right).any()


def test_polygons_of_a_collection_that_overlap_count_once() -> None:
    """Two squares of 10 m that overlap by half: 150 m², and a lot in the overlap lies inside."""
    both = shapely.GeometryCollection(
        [shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10), shapely.Point(1, 1)]
    )
    lots = [shapely.box(0.01 * i, 2, 0.01 * i + 20, 3) for i in range(-2000, 2000)]
    pieces = overlay([shapely.box(6, 4, 7, 5), shapely.box(-5, -5, 20, 20), *lots], [both])
    land = as_areas(pieces)
    assert pieces.inside[0]
    assert land[0, 0] == pytest.approx(1.0)
    assert land[1, 0] == pytest.approx(150.0)
    assert overlay([both], [shapely.box(-1, -1, 20, 20)]).area(4545).shape == (1,)


def test_many_odd_pairs_are_settled_as_few_are() -> None:
    """Thousands of pairs go through the compiled loops, a few through GEOS alone: the same land."""
    left = np.concatenate(
        [
            parcels(2500),
            [
                shapely.Polygon(
                    [(560_100, 3_600_100), (560_400, 3_600_400), (560_400, 3_600_100), (560_100, 3_600_400)]
                )
            ],
        ]
    )
    right = lines(2500, count=4, vertices=300)
    holes = shapely.buffer(shapely.point_on_surface(right), 150.0)
    right = np.concatenate(
        [
            shapely.difference(right, holes),
            shapely.multipolygons([shapely.buffer(holes[:2], -60.0)]),
            left[[700]],
        ]
    )
    for clip in (True, False):
        many = overlay(left, right, clip=clip)
        few = [overlay(left, right[[index]], clip=clip) for index in range(len(right))]
        assert all(len(part.left) < 2000 for part in few)
        order = np.lexsort((many.left, many.right))
        assert many.left[order].tolist() == np.concatenate([part.left for part in few]).tolist()
        assert many.inside[order].tolist() == np.concatenate([part.inside for part in few]).tolist()
        area = shapely.area(np.concatenate([part.geometry for part in few]))
        assert shapely.area(many.geometry[order]) == pytest.approx(area, abs=1e-5, nan_ok=True)
