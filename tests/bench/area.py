"""Ellipsoidal area of a city's parcels, and ``pyproj.Geod`` feature by feature for the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import shapely

from tests.bench.synthetic import EPSG, parcels
from tests.bench.timing import Memory, repeat

__all__ = ["run"]

_SAMPLE = 100_000


def run(size: int) -> dict[str, Any]:
    """From geometries and from a buffer of coordinates; the reference on at most 100,000 parcels."""
    from gis.area import ellipsoidal_area, ellipsoidal_ring_area

    shapes = parcels(size)
    coordinates = shapely.get_coordinates(shapes)
    offsets = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(shapes))])
    memory = Memory()
    ours = repeat(lambda: ellipsoidal_area(shapes, EPSG))
    buffered = repeat(lambda: ellipsoidal_ring_area(coordinates, offsets, EPSG))
    peak = memory.figures()

    import geopandas

    sample = geopandas.GeoSeries(shapes[:_SAMPLE], crs=EPSG)
    geod = pyproj.Geod(a=6378137.0, rf=298.257222101)

    def plain() -> Any:
        # The plain geopandas way; edges as they are, not densified.
        return np.array([abs(geod.geometry_area_perimeter(shape)[0]) for shape in sample.to_crs(4490)])

    reference = repeat(plain, most=3)
    result: dict[str, Any] = {
        "seconds": round(ours.best, 5),
        "seconds_median": round(ours.median, 5),
        "seconds_from_buffer": round(buffered.best, 5),
        "reference": "geopandas to_crs and pyproj.Geod.geometry_area_perimeter per feature",
        "reference_seconds": round(reference.best * size / len(sample), 3),
        "vertices": len(coordinates),
        "largest_difference_m2": float(np.abs(ours.result[: len(sample)] - reference.result).max()),
        **peak,
    }
    if len(sample) < size:
        result["reference_sampled"] = len(sample)
    return result
