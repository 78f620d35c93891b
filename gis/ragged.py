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
    multipolygons of one part, and the rest come as two groups, because only the rest needs its rings taken
    apart (that costs five times the copying of the coordinates).
    """
    array = np.asarray(geometries, dtype=object)
    kinds = shapely.get_type_id(array)
    plain = kinds == _POLYGON
    outer = array
    # Stores hold multipolygons, most of one part.
    single = (kinds == _MULTIPOLYGON) & (shapely.get_num_geometries(array) == 1)
    if single.any():
        outer = array.copy()
        outer[single] = shapely.get_geometry(array[single], 0)
        plain |= single
    if plain.any():
        plain &= shapely.get_num_interior_rings(outer) == 0
    count = shapely.get_num_coordinates(array)
    groups = []
    chosen = np.flatnonzero(plain & (count > 0))
    if len(chosen):
        taken = array if len(chosen) == len(array) else array[chosen]
        groups.append(
            Rings(
                shapely.get_coordinates(taken), _offsets(count[chosen]), chosen, np.zeros(len(chosen), bool)
            )
        )
    rest = np.flatnonzero(~plain & (count > 0))
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


def _offsets(counts: NDArray[np.integer]) -> NDArray[np.int64]:
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets
