"""Investment projects and field observations of the demo."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.demo.facts import DEMO_EPSG, DEMO_MARK, INDUSTRIES, OBSERVED, REFERENCE_DAY, DemoUnit
from layers.demo.parcels import company, days

__all__ = ["unit_investments", "unit_observations"]

_REFERENCE = np.datetime64(REFERENCE_DAY, "s")
_STEPS = (
    ("accepted_on", 10), ("approved_on", 25), ("planning_on", 60), ("land_on", 80), ("environment_on", 95),
    ("energy_on", 100), ("started_on", 190), ("production_on", 640),
)  # fmt: skip


def unit_investments(unit: DemoUnit, parcels: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Projects on some of the unit's industrial parcels, with the approval steps taken so far."""
    industrial = np.flatnonzero(parcels["land_use_code"].str.startswith("1001"))
    count = min(len(industrial), int(np.clip(len(parcels) // 20, 4, 60)))
    chosen = parcels.iloc[np.sort(rng.choice(industrial, count, replace=False))]
    signed = days(np.full(count, _REFERENCE), -rng.integers(20, 900, count))
    mu = chosen["area_certified"].to_numpy() * 3 / 2000
    fixed = np.round(mu * rng.uniform(180, 320, count), -1)
    frame = gpd.GeoDataFrame(
        {
            "project_id": [f"示例-{unit.short}-{number:04d}" for number in range(1, count + 1)],  # data
            "name": [f"示例项目 {unit.short}{number}" for number in range(1, count + 1)],
            "unit": unit.name, "park": chosen["park"].to_numpy(), "parcel_no": chosen["parcel_no"].to_numpy(),
            "kind": rng.choice(["new", "expansion", "renewal", "relocation"], count, p=[0.6, 0.2, 0.15, 0.05]),
            "industry": rng.choice(INDUSTRIES, count), "is_manufacturing": True,
            "investor": company(rng.integers(1, 900, count)), "fixed_investment": fixed,
            "total_investment": np.round(fixed * rng.uniform(1.1, 1.5, count), -1),
            "funds_in_place": np.round(fixed * rng.uniform(0.1, 1.0, count), -1), "signed_on": signed,
            "note": DEMO_MARK,
        },
        geometry=shapely.point_on_surface(chosen.geometry.to_numpy()), crs=DEMO_EPSG,
    )  # fmt: skip
    for name, offset in _STEPS:
        step = days(signed, offset + rng.integers(0, 15, count))
        frame[name] = np.where(step <= _REFERENCE, step, np.datetime64("NaT", "s"))
    return frame


def unit_observations(
    unit: DemoUnit, parcels: gpd.GeoDataFrame, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """A handful of visits: points on parcels, and one outline of a storage yard."""
    count = min(5, len(parcels))
    chosen = parcels.iloc[np.sort(rng.choice(len(parcels), count, replace=False))]
    geometry = shapely.point_on_surface(chosen.geometry.to_numpy())
    geometry[-1] = shapely.buffer(geometry[-1], 12.0, quad_segs=4)
    day = days(np.full(count, _REFERENCE), -rng.integers(3, 200, count))
    return gpd.GeoDataFrame(
        {
            "observation_id": [f"{unit.short}-W{number:03d}" for number in range(1, count + 1)],
            "subject_layer": "parcel", "subject_no": chosen["parcel_no"].to_numpy(),
            "content": [f"{text}（{DEMO_MARK}）" for text in rng.choice(OBSERVED, count)],  # data
            "observed_on": pd.Series(day), "observer": f"{DEMO_MARK}核查员",  # data
            "accuracy": np.round(rng.uniform(0.5, 4.0, count), 1),
            "state": rng.choice(["open", "confirmed", "resolved"], count),
        },
        geometry=geometry, crs=DEMO_EPSG,
    )  # fmt: skip
