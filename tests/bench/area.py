"""Ellipsoidal area of a city's parcels, and ``pyproj.Geod`` feature by feature for the same."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyproj
import shapely

from tests.bench.__main__ import peak_memory_mb
from tests.bench.synthetic import EPSG, parcels

__all__ = ["run"]

_SAMPLE = 100_000


def run(size: int) -> dict[str, Any]:
    """Best of nine for us from geometries and from a buffer; the reference on at most 100,000 parcels."""
    from gis.area import ellipsoidal_area, ellipsoidal_ring_area

    shapes = parcels(size)
    coordinates = shapely.get_coordinates(shapes)
    offsets = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(shapes))])
    ours, areas = _best(lambda: ellipsoidal_area(shapes, EPSG))
    buffered, _ = _best(lambda: ellipsoidal_ring_area(coordinates, offsets, EPSG))
    peak = peak_memory_mb()

    import geopandas

    sample = geopandas.GeoSeries(shapes[:_SAMPLE], crs=EPSG)
    geod = pyproj.Geod(a=6378137.0, rf=298.257222101)
    started = time.perf_counter()
    # The plain geopandas way; edges as they are, not densified.
    degrees = sample.to_crs(4490)
    expected = np.array([abs(geod.geometry_area_perimeter(shape)[0]) for shape in degrees])
    reference = time.perf_counter() - started
    result: dict[str, Any] = {
        "seconds": round(ours, 5),
        "seconds_from_buffer": round(buffered, 5),
        "reference": "geopandas to_crs and pyproj.Geod.geometry_area_perimeter per feature",
        "reference_seconds": round(reference * size / len(sample), 3),
        "vertices": len(coordinates),
        "largest_difference_m2": float(np.abs(areas[: len(sample)] - expected).max()),
        "peak_memory_mb": peak,
    }
    if len(sample) < size:
        result["reference_sampled"] = len(sample)
    return result


def _best(work: Any) -> tuple[float, Any]:
    times = []
    for _ in range(9):
        started = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - started)
    return min(times), result
