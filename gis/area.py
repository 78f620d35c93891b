"""Area of land: the only place where square metres come from."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

__all__ = ["ellipsoidal_area", "plane_area"]


def plane_area(geometries: ArrayLike) -> NDArray[np.float64]:
    """Area in the drawing plane, for display beside the ellipsoidal one; 0.0 without polygons."""
    return np.nan_to_num(shapely.area(np.asarray(geometries, dtype=object)), nan=0.0)


def ellipsoidal_area(geometries: ArrayLike, crs: int | pyproj.CRS) -> NDArray[np.float64]:
    """Area on the ellipsoid in m² of polygons and multipolygons given in a Gauss-Krüger plane."""
    raise NotImplementedError
