"""Rings of many geometries in one array, told by hand and by shapely."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.ragged import polygon_parts, rings_of
from tests.strategies import multipolygons, polygons

SQUARE = shapely.box(0, 0, 4, 4)
HOLED = shapely.Polygon(SQUARE.exterior, [[(1, 1), (1, 2), (2, 2), (2, 1)]])


def flat(geometries: list[object]) -> list[tuple[int, bool, list[tuple[float, float]]]]:
    """(owner, hole, vertices) of each ring, whatever group it came in."""
    found = []
    for rings in rings_of(np.array(geometries, dtype=object)):
        for number, (owner, hole) in enumerate(zip(rings.owner, rings.hole, strict=True)):
            part = slice(rings.offsets[number], rings.offsets[number + 1])
            found.append((int(owner), bool(hole), [tuple(p) for p in rings.coordinates[part].tolist()]))
    return sorted(found, key=lambda ring: (ring[0], ring[1]))


def test_rings_keep_owner_order_and_holes() -> None:
    nested = shapely.GeometryCollection(
        [shapely.Point(0, 0), shapely.GeometryCollection([HOLED, shapely.LineString([(0, 0), (1, 1)])])]
    )
    rows = [SQUARE, None, HOLED, shapely.Polygon(), shapely.Point(1, 1), nested]
    found = flat(rows)
    assert [(owner, hole) for owner, hole, _ in found] == [
        (0, False), (2, False), (2, True), (5, False), (5, True),
    ]  # fmt: skip
    assert found[0][2] == [(4, 0), (4, 4), (0, 4), (0, 0), (4, 0)]
    assert found[2][2] == [(1, 1), (1, 2), (2, 2), (2, 1), (1, 1)]


def test_nothing_has_no_rings() -> None:
    assert rings_of([]) == []
    assert rings_of(np.array([None, shapely.Polygon(), shapely.LineString()], dtype=object)) == []


def test_only_polygons_remain_of_parts_and_know_where_they_came_from() -> None:
    many = shapely.MultiPolygon([SQUARE, shapely.box(9, 9, 10, 10)])
    collection = shapely.GeometryCollection([shapely.Point(0, 0), shapely.GeometryCollection([many])])
    parts, owner = polygon_parts(
        np.array([None, many, shapely.Point(0, 0), collection, SQUARE], dtype=object)
    )
    assert owner.tolist() == [1, 1, 3, 3, 4]
    assert shapely.area(parts).tolist() == [16, 1, 16, 1, 16]


@settings(max_examples=40, deadline=None)
@given(st.lists(polygons() | multipolygons() | st.none(), max_size=6))
def test_the_rings_hold_every_vertex_and_the_whole_area(shapes: list[shapely.Geometry | None]) -> None:
    """Shoelace over the rings, holes taken off, is shapely's area."""
    array = np.array([*shapes, None], dtype=object)[:-1]
    area = np.zeros(len(array))
    vertices = 0
    for rings in rings_of(array):
        for number, owner in enumerate(rings.owner):
            x, y = rings.coordinates[rings.offsets[number] : rings.offsets[number + 1]].T
            x, y = x - x[0], y - y[0]
            signed = 0.5 * float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
            area[owner] += -abs(signed) if rings.hole[number] else abs(signed)
            vertices += len(x)
    np.testing.assert_allclose(area, np.nan_to_num(shapely.area(array)), rtol=1e-6, atol=1e-4)
    assert vertices == int(shapely.get_num_coordinates(array).sum())


def test_a_second_ring_that_ends_where_the_first_begins_is_a_ring_of_its_own() -> None:
    """Two triangles that touch in the vertex where both begin: five different points, two rings."""
    one = [(0, 0), (2, 0), (2, 2), (0, 0)]
    both = shapely.MultiPolygon([shapely.Polygon(one), shapely.Polygon([(0, 0), (-2, 0), (-2, -2), (0, 0)])])
    eight = shapely.Polygon([*one, (-2, 0), (-2, -2), (0, 0)])
    assert [
        len(vertices) for _owner, _hole, vertices in flat([both, eight, shapely.MultiPolygon([eight])])
    ] == [4, 4, 7, 7]
