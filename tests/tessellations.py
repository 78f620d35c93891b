"""Hypothesis strategies for land without gaps: polygons that share every vertex with their neighbours."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import assume, settings
from hypothesis import strategies as st

from tests.strategies import CENTRE, coverages, millimetre_floats

__all__ = ["LAND", "as_array", "assert_joined", "grids", "tessellations", "voronoi"]

SIZE = 400.0
# For properties of whole tessellations: dear examples, on machines of any speed.
LAND = settings(deadline=None, max_examples=max(1, settings().max_examples // 2))
# Vertices nearer to a boundary than this lie on it. Rounding puts them 1e-9 m off, no drawn line comes as near
# by chance.
ON_BOUNDARY = 1e-6


def as_array(geometries: list[shapely.Geometry]) -> np.ndarray:
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


@st.composite
def voronoi(draw: st.DrawFn) -> np.ndarray:
    """Cells around random places in a square, corners to the millimetre.

    The places are mirrored at the four sides, so that the cells end there by themselves: cutting them
    off would compute the same corner twice.
    """
    inside = millimetre_floats(10.0, SIZE - 10.0)
    places = draw(st.lists(st.tuples(inside, inside), min_size=2, max_size=12, unique=True))
    points = np.array(places)
    mirrored = [points]
    for axis in (0, 1):
        for side in (0.0, SIZE):
            copy = points.copy()
            copy[:, axis] = 2 * side - copy[:, axis]
            mirrored.append(copy)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(np.vstack(mirrored)), ordered=True)
    )[: len(points)]
    corner = np.array(CENTRE) - SIZE / 2
    array = as_array(list(shapely.transform(cells, lambda xy: np.round(xy, 3) + np.round(corner, 3))))
    array = np.asarray(shapely.transform(array, lambda xy: np.round(xy, 3)))
    assume(shapely.is_valid(array).all() and shapely.coverage_is_valid(array))
    assume(min(shapely.length(edge) for edge in _edges(array)) > 0.01)
    return array


def _edges(array: np.ndarray) -> list[shapely.LineString]:
    return [
        shapely.LineString(pair)
        for geometry in array
        for ring in shapely.get_rings(geometry)
        for pair in zip(ring.coords[:-1], ring.coords[1:], strict=True)
    ]


def grids() -> st.SearchStrategy[np.ndarray]:
    """A square cut into a grid whose corners were moved."""
    return coverages(size=SIZE).map(as_array)


def tessellations() -> st.SearchStrategy[np.ndarray]:
    """Grids and Voronoi cells, now and then with a hole that another polygon fills."""
    return st.one_of(grids(), voronoi(), st.tuples(grids(), st.integers(0, 15)).map(_with_island))


def _with_island(pair: tuple[np.ndarray, int]) -> np.ndarray:
    array, number = pair
    index = number % len(array)
    outer = array[index]
    island = shapely.affinity.scale(outer, 0.3, 0.3, origin=outer.representative_point())
    island = shapely.transform(island, lambda xy: np.round(xy, 3))
    changed = array.copy()
    changed[index] = shapely.Polygon(outer.exterior, [island.exterior])
    return as_array([*changed, shapely.Polygon(island.exterior)])


def assert_joined(geometries: np.ndarray) -> None:
    """Every vertex that lies on another geometry's boundary is a vertex of it, to the last digit."""
    array = geometries[~shapely.is_missing(geometries)]
    for geometry in array:
        boundary = shapely.boundary(geometry)
        own = {tuple(point) for point in shapely.get_coordinates(geometry)}
        others = np.unique(shapely.get_coordinates(array), axis=0)
        near = shapely.dwithin(boundary, shapely.points(others), ON_BOUNDARY)
        missing = [tuple(point) for point in others[near] if tuple(point) not in own]
        assert missing == [], f"{missing} lie on {geometry.wkt}"
