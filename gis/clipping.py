"""Intersections and differences of polygons that give polygons and do not fail."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.ragged import polygon_parts
from gis.text import tr

__all__ = ["difference", "intersection", "only_polygons", "valid"]

Objects = NDArray[np.object_]

# Fixed precisions tried in turn when an exact overlay fails, in units of the plane (0.01 mm, 0.1 mm, 1 mm):
# boundary points are printed to the millimetre.
_GRIDS = (1e-5, 1e-4, 1e-3)
_POLYGONAL = (int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON))


def valid(geometries: Objects) -> Objects:
    """The geometries, with those that are not valid made valid polygons."""
    bad = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    if not bad.any():
        return geometries
    result = geometries.copy()
    result[bad] = only_polygons(
        np.asarray(shapely.make_valid(geometries[bad], method="structure", keep_collapsed=False))
    )
    return result


def intersection(first: Objects, second: Objects) -> Objects:
    """Polygons common to the pairs; ``None`` where they share no land."""
    return _polygons(shapely.intersection, first, second)


def difference(first: Objects, second: Objects) -> Objects:
    """What of each first polygon lies outside the second; ``None`` where nothing does."""
    return _polygons(shapely.difference, first, second)


def only_polygons(geometries: Objects) -> Objects:
    """Polygons and multipolygons as they are, collections reduced to their polygons, the rest ``None``."""
    result = np.asarray(geometries, dtype=object).copy()
    other = ~np.isin(shapely.get_type_id(result), _POLYGONAL)
    result[other] = None
    collections = np.flatnonzero(
        other & (shapely.get_type_id(geometries) == int(shapely.GeometryType.GEOMETRYCOLLECTION))
    )
    if len(collections):
        parts, owner = polygon_parts(np.asarray(geometries, dtype=object)[collections])
        # A collection is what is left where polygons also touch along a line: few.
        for index in np.unique(owner):
            mine = parts[owner == index]
            result[collections[index]] = mine[0] if len(mine) == 1 else shapely.union_all(mine)
    result[shapely.is_empty(result)] = None
    return result


def _polygons(operation: Callable[..., Objects], first: Objects, second: Objects) -> Objects:
    if not len(first):
        return np.empty(0, dtype=object)
    try:
        return only_polygons(operation(first, second))
    except shapely.errors.GEOSException:
        pass
    first, second = valid(first), valid(second)
    try:
        return only_polygons(operation(first, second))
    except shapely.errors.GEOSException:
        pass
    # One of many fails even though all are valid: find it one by one.
    result = np.empty(len(first), dtype=object)
    for index in range(len(first)):
        result[index] = _one(operation, first[index], second[index])
    return only_polygons(result)


def _one(
    operation: Callable[..., Objects], first: shapely.Geometry | None, second: shapely.Geometry | None
) -> object:
    for grid in (None, *_GRIDS):
        try:
            return operation(first, second, grid_size=grid)
        except shapely.errors.GEOSException:
            continue
    raise ParkLineError(
        tr("两个图形无法求交，位置约在 {bounds}。", bounds=_place(first)),
        hint=tr("请先用“修复图形”检查这两个图形。"),
    )


def _place(geometry: shapely.Geometry | None) -> str:
    x0, y0, x1, y1 = shapely.bounds(geometry)
    return f"({(x0 + x1) / 2:.1f}, {(y0 + y1) / 2:.1f})"
