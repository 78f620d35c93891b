"""Length on the ellipsoid of lines drawn straight in a Gauss-Krüger plane."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

__all__ = ["ellipsoidal_length"]

# A line straight in the plane is cut so finely that each piece is a geodesic to far below a millimetre.
_PIECE = 1000.0


def ellipsoidal_length(geometries: ArrayLike, crs: int) -> NDArray[np.float64]:
    """Length in metres, (n,) float64, of lines (of polygons: of their boundary) given in the plane EPSG ``crs``.

    Missing and empty geometries and points have 0.0. Reference: pyproj.Geod on the CGCS2000 ellipsoid.
    """
    array = np.atleast_1d(np.asarray(geometries, dtype=object))
    lines = np.where(shapely.get_dimensions(array) == 2, shapely.boundary(array), array)
    parts, owner = shapely.get_parts(shapely.segmentize(lines, _PIECE), return_index=True)
    kept = shapely.get_dimensions(parts) == 1
    parts, owner = parts[kept], owner[kept]
    total = np.zeros(len(array))
    if not len(parts):
        return total
    points, part = shapely.get_coordinates(parts, return_index=True)
    transformer, geod = _to_geographic(crs)
    longitude, latitude = transformer.transform(points[:, 0], points[:, 1])
    _, _, distance = geod.inv(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:])
    same = part[1:] == part[:-1]
    np.add.at(total, owner[part[1:][same]], np.asarray(distance)[same])
    return total


@lru_cache(maxsize=16)
def _to_geographic(crs: int) -> tuple[pyproj.Transformer, pyproj.Geod]:
    plane = pyproj.CRS.from_epsg(crs)
    geod = plane.get_geod()
    if geod is None or plane.geodetic_crs is None:
        raise ValueError(f"EPSG:{crs} has no ellipsoid")
    return pyproj.Transformer.from_crs(plane, plane.geodetic_crs, always_xy=True), geod
