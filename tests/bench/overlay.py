"""Parcels against 200 block lines: pieces, and ``geopandas.overlay`` for the same."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import shapely

from tests.bench.__main__ import peak_memory_mb
from tests.bench.synthetic import EPSG, LINE_VERTICES, lines, parcels

__all__ = ["run"]


def run(size: int) -> dict[str, Any]:
    """Best of three for us, one run of the reference; the areas of both must agree."""
    from gis.overlay import overlay

    left, right = parcels(size), lines(size)
    before = peak_memory_mb()
    times = []
    for _ in range(3):
        started = time.perf_counter()
        pieces = overlay(left, right)
        times.append(time.perf_counter() - started)
    peak = peak_memory_mb()

    import geopandas

    frames = [
        geopandas.GeoDataFrame({name: np.arange(len(shapes))}, geometry=shapes, crs=EPSG)
        for name, shapes in (("left", left), ("right", right))
    ]
    started = time.perf_counter()
    reference = geopandas.overlay(frames[0], frames[1], how="intersection", keep_geom_type=True)
    reference_seconds = time.perf_counter() - started
    ours, theirs = float(shapely.area(pieces.geometry).sum()), float(reference.area.sum())
    if abs(ours - theirs) > 1e-9 * theirs:
        raise AssertionError(f"areas differ: {ours} and {theirs}")
    return {
        "seconds": round(min(times), 4),
        "reference": "geopandas.overlay",
        "reference_seconds": round(reference_seconds, 3),
        "line_vertices": LINE_VERTICES,
        "pieces": len(pieces.left),
        "clipped": int((~pieces.inside).sum()),
        "input_memory_mb": before,
        "peak_memory_mb": peak,
    }
