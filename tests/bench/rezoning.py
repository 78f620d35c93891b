"""Change between two snapshots of a plan, and ``geopandas.overlay`` for the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from tests.bench.synthetic import EPSG, snapshots
from tests.bench.timing import Memory, repeat

__all__ = ["run"]

# The reference needs some 20 s per 100,000 polygons that share edges.
_SAMPLE = 100_000


def run(size: int) -> dict[str, Any]:
    """The reference above 100,000 polygons on a city of that size, scaled."""
    from gis.change import compare

    plan = snapshots(size)
    memory = Memory()
    ours = repeat(lambda: compare(plan.before, plan.after, plan.before_key, plan.after_key))
    peak, change = memory.figures(), ours.result

    import geopandas

    sample = plan if size <= _SAMPLE else snapshots(_SAMPLE)
    frames = [
        geopandas.GeoDataFrame({name: key}, geometry=shapes, crs=EPSG)
        for name, key, shapes in (
            ("old", sample.before_key, sample.before),
            ("new", sample.after_key, sample.after),
        )
    ]

    def plain() -> Any:
        joined = geopandas.overlay(frames[0], frames[1], how="intersection", keep_geom_type=True)
        return joined[joined["old"] != joined["new"]]

    reference = repeat(plain, most=3)
    # The reference does not look for land that is no longer covered; compare what both look for.
    found = (
        change
        if sample is plan
        else compare(sample.before, sample.after, sample.before_key, sample.after_key)
    )
    ours_area = float(shapely.area(found.geometry[found.after >= 0]).sum())
    expected = float(reference.result.area.sum())
    if not np.isclose(ours_area, expected, rtol=1e-9):
        raise AssertionError(f"areas differ: {ours_area} and {expected}")
    result: dict[str, Any] = {
        "seconds": round(ours.best, 4),
        "seconds_median": round(ours.median, 4),
        "reference": "geopandas.overlay",
        "reference_seconds": round(reference.best * size / len(sample.before), 3),
        "pieces": len(change.before),
        **peak,
    }
    if sample is not plan:
        result["reference_sampled"] = len(sample.before)
    return result
