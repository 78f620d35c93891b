"""Polygon rings of many geometries as one coordinate array with offsets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

__all__ = ["Rings", "polygon_parts", "rings_of"]

_POLYGON = int(shapely.GeometryType.POLYGON)
_MULTIPOLYGON = int(shapely.GeometryType.MULTIPOLYGON)
_COLLECTION = int(shapely.GeometryType.GEOMETRYCOLLECTION)


@dataclass(frozen=True)
class Rings:
    """Closed rings: ring ``i`` is ``coordinates[offsets[i]:offsets[i + 1]]``, first vertex repeated at its end.

    ``coordinates`` is (V, 2) float64, ``offsets`` (R + 1,) int64, ``owner`` (R,) int64 the position of
    the geometry that a ring belongs to, ``hole`` (R,) bool.
    """

    coordinates: NDArray[np.float64]
    offsets: NDArray[np.int64]
    owner: NDArray[np.int64]
    hole: NDArray[np.bool_]


def polygon_parts(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """All polygons inside the geometries (collections opened, lines and points left out) and their owners."""
    parts = np.asarray(geometries, dtype=object)
    owner = np.arange(len(parts), dtype=np.int64)
    kinds = shapely.get_type_id(parts)
    # A collection may hold collections: one pass per nesting depth, not per feature.
    while np.any((kinds == _MULTIPOLYGON) | (kinds == _COLLECTION)):
        parts, position = shapely.get_parts(parts, return_index=True)
        owner = owner[position]
        kinds = shapely.get_type_id(parts)
    keep = kinds == _POLYGON
    return parts[keep], owner[keep]


def rings_of(geometries: ArrayLike) -> list[Rings]:
    """The rings of polygons, multipolygons and the polygons inside collections.

    Everything else, ``None`` and empty geometries have no rings. Plain polygons without holes, also as
    multipolygons of one part (stores hold these), and the rest come as two groups, because only the rest needs
    its rings taken apart (that costs five times the copying of the coordinates).
    """
    array = np.asarray(geometries, dtype=object)
    kinds, count = shapely.get_type_id(array), shapely.get_num_coordinates(array)
    filled = np.flatnonzero(count > 0)
    areal = filled[(kinds[filled] == _POLYGON) | (kinds[filled] == _MULTIPOLYGON)]
    groups = []
    plain = np.zeros(len(array), dtype=bool)
    if len(areal):
        coordinates = shapely.get_coordinates(array if len(areal) == len(array) else array[areal])
        single = _single_rings(array[areal], kinds[areal] == _POLYGON, coordinates, count[areal])
        chosen = areal[single]
        plain[chosen] = True
        if len(chosen) < len(areal):
            coordinates = coordinates[np.repeat(single, count[areal])]
        if len(chosen):
            groups.append(Rings(coordinates, _offsets(count[chosen]), chosen, np.zeros(len(chosen), bool)))
    rest = filled[~plain[filled]]
    if len(rest):
        parts, owner = polygon_parts(array[rest])
        rings, part = shapely.get_rings(parts, return_index=True)
        if len(rings):
            hole = np.ones(len(rings), bool)
            hole[np.flatnonzero(np.diff(part, prepend=-1))] = False
            groups.append(
                Rings(
                    shapely.get_coordinates(rings),
                    _offsets(shapely.get_num_coordinates(rings)),
                    rest[owner[part]],
                    hole,
                )
            )
    return groups


def _single_rings(
    areal: NDArray[np.object_],
    polygons: NDArray[np.bool_],
    coordinates: NDArray[np.float64],
    counts: NDArray[np.integer],
) -> NDArray[np.bool_]:
    """Which polygons and multipolygons have one ring: polygons are asked, of multipolygons the coordinates tell."""
    single = np.zeros(len(areal), dtype=bool)
    single[polygons] = shapely.get_num_interior_rings(areal[polygons]) == 0
    several = ~polygons
    if several.any():
        own = coordinates if several.all() else coordinates[np.repeat(several, counts)]
        single[several] = _one_ring(own, counts[several])
    return single


def _one_ring(coordinates: NDArray[np.float64], counts: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which areal geometries surely have one ring: their first vertex comes back as their last, and nowhere before.

    Every ring is closed, so that of several the first would close before the end.
    """
    last = np.cumsum(counts) - 1
    first = last + 1 - counts
    again = coordinates[:, 0] == np.repeat(coordinates[first, 0], counts)
    again &= coordinates[:, 1] == np.repeat(coordinates[first, 1], counts)
    return np.asarray(again[last] & (np.add.reduceat(again, first, dtype=np.int64) == 2))


def _offsets(counts: NDArray[np.integer]) -> NDArray[np.int64]:
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets
