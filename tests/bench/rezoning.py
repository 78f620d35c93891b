"""Change between two snapshots of a plan, and ``geopandas.overlay`` for the same."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import shapely

from tests.bench.__main__ import peak_memory_mb
from tests.bench.synthetic import EPSG, snapshots

__all__ = ["run"]

# The reference needs some 20 s per 100,000 polygons that share edges.
_SAMPLE = 100_000


def run(size: int) -> dict[str, Any]:
    """Best of three for us; the reference once, above 100,000 polygons on a city of that size, scaled."""
    from gis.change import compare

    plan = snapshots(size)
    times = []
    for _ in range(3):
        started = time.perf_counter()
        change = compare(plan.before, plan.after, plan.before_key, plan.after_key)
        times.append(time.perf_counter() - started)
    peak = peak_memory_mb()

    import geopandas

    sample = plan if size <= _SAMPLE else snapshots(_SAMPLE)
    frames = [
        geopandas.GeoDataFrame({name: key}, geometry=shapes, crs=EPSG)
        for name, key, shapes in (
            ("old", sample.before_key, sample.before),
            ("new", sample.after_key, sample.after),
        )
    ]
    started = time.perf_counter()
    joined = geopandas.overlay(frames[0], frames[1], how="intersection", keep_geom_type=True)
    joined = joined[joined["old"] != joined["new"]]
    reference = time.perf_counter() - started
    # The reference does not look for land that is no longer covered; compare what both look for.
    found = (
        change
        if sample is plan
        else compare(sample.before, sample.after, sample.before_key, sample.after_key)
    )
    ours = float(shapely.area(found.geometry[found.after >= 0]).sum())
    theirs = float(joined.area.sum())
    if not np.isclose(ours, theirs, rtol=1e-9):
        raise AssertionError(f"areas differ: {ours} and {theirs}")
    result: dict[str, Any] = {
        "seconds": round(min(times), 4),
        "reference": "geopandas.overlay",
        "reference_seconds": round(reference * size / len(sample.before), 3),
        "pieces": len(change.before),
        "peak_memory_mb": peak,
    }
    if sample is not plan:
        result["reference_sampled"] = len(sample.before)
    return result
