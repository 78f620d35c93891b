"""Which reference systems a picture may be in where it does not say so itself."""

from __future__ import annotations

import numpy as np
import pyproj

from gis.crs import GEOGRAPHIC, candidates, zone_epsg
from gis.raster.source import Box

__all__ = ["WEB_MERCATOR", "offered", "usable"]

WEB_MERCATOR = 3857


def usable(text: str) -> bool:
    """Whether a WKT says where on earth its coordinates lie."""
    if not text.strip():
        return False
    try:
        crs = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        return False
    return bool(crs.is_geographic or crs.is_projected or crs.is_bound)


def offered(extent: Box, plane: int) -> list[int]:
    """Codes to choose from for a picture with that extent, the likeliest first."""
    west, south, east, north = extent
    corners = np.array([[west, south], [east, north]])
    twin = zone_epsg(plane)
    likely = [item.epsg for item in candidates(corners) if not item.swapped]
    ours = [code for code in (plane, twin) if code is not None and code in likely]
    others = [code for code in likely if code not in ours]
    rest = [code for code in (plane, twin, GEOGRAPHIC, WEB_MERCATOR) if code is not None]
    return list(dict.fromkeys([*ours, *others, *rest]))
