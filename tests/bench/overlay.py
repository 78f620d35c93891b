"""Parcels against 200 block lines: pieces, and ``geopandas.overlay`` for the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from tests.bench.synthetic import EPSG, LINE_VERTICES, lines, parcels
from tests.bench.timing import Memory, repeat

__all__ = ["run"]


def run(size: int) -> dict[str, Any]:
    """The areas of both ways must agree."""
    from gis.overlay import overlay
    from gis.quick_clip import warm_up

    left, right = parcels(size), lines(size)
    # Once a process, and only where there are many pairs: told by itself.
    loading = repeat(warm_up, most=1)
    memory = Memory()
    ours = repeat(lambda: overlay(left, right))
    peak, pieces = memory.figures(), ours.result

    import geopandas

    frames = [
        geopandas.GeoDataFrame({name: np.arange(len(shapes))}, geometry=shapes, crs=EPSG)
        for name, shapes in (("left", left), ("right", right))
    ]
    reference = repeat(
        lambda: geopandas.overlay(frames[0], frames[1], how="intersection", keep_geom_type=True), most=3
    )
    found, expected = float(shapely.area(pieces.geometry).sum()), float(reference.result.area.sum())
    if abs(found - expected) > 1e-9 * expected:
        raise AssertionError(f"areas differ: {found} and {expected}")
    return {
        "seconds": round(ours.best, 4),
        "seconds_median": round(ours.median, 4),
        "processor_seconds": round(ours.best_processor, 4),
        "reference": "geopandas.overlay",
        "reference_seconds": round(reference.best, 3),
        "reference_processor_seconds": round(reference.best_processor, 3),
        "loading_seconds": round(loading.best, 3),
        "lines": len(right),
        "line_vertices": LINE_VERTICES,
        "pieces": len(pieces.left),
        "clipped": int((~pieces.inside).sum()),
        **peak,
    }
