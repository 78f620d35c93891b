"""Standardized factories of the demo and their leases: vacant floor area of each unit as set in the facts."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.demo.facts import DEMO_EPSG, DEMO_MARK, REFERENCE_DAY, DemoUnit
from layers.demo.parcels import company, days

__all__ = ["unit_factories"]

_REFERENCE = np.datetime64(REFERENCE_DAY, "s")
_PER_SITE = 4
_SQUARE = 0.88  # least share of its oriented box that a site fills


def unit_factories(
    unit: DemoUnit, parcels: gpd.GeoDataFrame, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Factories and their leases, at most a few dozen per unit.

    Accepted buildings hold, on the reference day, exactly ``unit.reserve`` m² that nobody rents, owns or
    uses; others are under construction, planned or demolished and do not count.
    """
    sites = _sites(parcels)
    outlines, parcel_rows = _buildings(parcels.geometry.to_numpy()[sites], sites)
    if not len(outlines):
        return gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs=DEMO_EPSG), pd.DataFrame()
    floors = rng.choice([1, 2, 3, 4, 5], len(outlines), p=[0.2, 0.2, 0.3, 0.2, 0.1])
    gross = np.round(shapely.area(outlines) * floors, 0)
    # Buildings are accepted until they hold half as much again as the vacancy wanted; about as much again is to come.
    holds = np.cumsum(gross)
    done_with = max(int(np.searchsorted(holds, unit.reserve * 1.6)) + 1, 2)
    ahead = holds[min(done_with, len(holds)) - 1] * rng.uniform(1.3, 2.2)
    count = min(max(int(np.searchsorted(holds, ahead)), done_with + 4), len(outlines))
    outlines, parcel_rows, floors, gross = (
        outlines[:count],
        parcel_rows[:count],
        floors[:count],
        gross[:count],
    )
    accepted = np.arange(count) < done_with
    state = np.where(
        accepted, "completed", rng.choice(["under_construction", "planned"], count, p=[0.7, 0.3])
    )
    if count > accepted.sum() + 3:
        state[-1] = "demolished"
    started = days(np.full(count, np.datetime64("2019-04-01", "s")), rng.integers(0, 900, count))
    running = state == "under_construction"
    started = np.where(running, days(np.full(count, _REFERENCE), -rng.integers(60, 420, count)), started)
    planned = days(started, 540)
    # Before the reference day by construction, however short the works took.
    done = np.minimum(days(started, rng.integers(380, 620, count)), _REFERENCE - np.timedelta64(60, "D"))
    built = np.isin(state, ["completed", "demolished"])
    nothing = np.datetime64("NaT", "s")
    parcel = parcels.iloc[parcel_rows]
    number = np.arange(1, count + 1)
    frame = gpd.GeoDataFrame(
        {
            "building_id": [f"{unit.short}-F{item:03d}" for item in number],
            "name": [f"{unit.name}标准化厂房 {item} 号（{DEMO_MARK}）" for item in number],  # data
            "unit": unit.name, "park": parcel["park"].to_numpy(), "parcel_no": parcel["parcel_no"].to_numpy(),
            "gross_floor_area": gross, "rentable_area": gross, "floors": floors,
            "storey_height": np.where(floors == 1, 9.0, 6.0), "clear_height": np.where(floors == 1, 7.8, 5.1),
            "floor_load": np.where(floors == 1, 20.0, 7.5), "power_kva": np.round(gross * 0.08, -1),
            "structure": np.where(floors == 1, "钢结构", "钢筋混凝土框架"),  # data
            "fire_class": "丁类", "state": state,  # data
            "started_on": np.where(state == "planned", nothing, started),
            "planned_completion": np.where(built, nothing, planned),
            "completed_on": np.where(built, done, nothing),
            "accepted_on": np.where(built, days(done, 30), nothing),
            "demolished_on": np.where(state == "demolished", np.datetime64("2024-02-20", "s"), nothing),
            "owner": DEMO_MARK, "owner_kind": np.where(rng.random(count) < 0.75, "public", "private"), "note": DEMO_MARK,
        },
        geometry=outlines, crs=DEMO_EPSG,
    )  # fmt: skip
    return frame, _leases(unit, frame[accepted], rng)


def _sites(parcels: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Ten industrial parcels, the largest below 6 ha first that are near enough to a rectangle for long halls."""
    shapes = parcels.geometry.to_numpy()
    area = shapely.area(shapes)
    industrial = np.flatnonzero(parcels["land_use_code"].str.startswith("1001"))
    square = area > _SQUARE * shapely.area(shapely.oriented_envelope(shapes))
    unfit = (~square | (area > 60_000.0))[industrial]
    return np.sort(industrial[np.lexsort((-area[industrial], unfit))[:10]])


def _buildings(
    sites: NDArray[np.object_], rows: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Four long halls side by side on each site, parallel to its longer side, with yards between."""
    ring = shapely.get_coordinates(shapely.get_exterior_ring(shapely.oriented_envelope(sites)))
    ring = ring.reshape(len(sites), 5, 2)[:, :4]
    first, second = ring[:, 1] - ring[:, 0], ring[:, 3] - ring[:, 0]
    turn = np.hypot(*first.T) < np.hypot(*second.T)
    along, across = np.where(turn[:, None], second, first), np.where(turn[:, None], first, second)
    low = np.linspace(0.16, 0.70, _PER_SITE)
    corners = [(0.2, low), (0.8, low), (0.8, low + 0.11), (0.2, low + 0.11)]
    halls = np.stack(
        [ring[:, None, 0] + along[:, None] * a + across[:, None] * b[None, :, None] for a, b in corners],
        axis=2,
    ).reshape(-1, 4, 2)
    polygons = np.asarray(shapely.polygons(halls), dtype=object)
    owner = np.repeat(np.arange(len(sites)), _PER_SITE)
    fits = shapely.contains_properly(sites[owner], polygons)
    return polygons[fits], rows[owner[fits]]


def _leases(unit: DemoUnit, built: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Leases that leave exactly ``unit.reserve`` m² vacant on the reference day, and others that do not count."""
    gross = built["rentable_area"].to_numpy()
    vacant = np.round(gross * unit.reserve / gross.sum() * rng.uniform(0.6, 1.4, len(gross)), 0)
    vacant = np.minimum(vacant, gross)
    for index in range(len(vacant)):  # hand the remainder to the buildings that have room for it
        missing = unit.reserve - vacant.sum()
        vacant[index] = np.clip(vacant[index] + missing, 0.0, gross[index])
    taken = gross - vacant
    accepted = built["accepted_on"].to_numpy()
    rows: list[dict[str, object]] = []
    for building, area, since in zip(
        built["building_id"], taken, accepted, strict=True
    ):  # a few dozen per unit
        first = np.round(area * rng.uniform(0.3, 0.8), 0)
        begun = since + np.timedelta64(int(rng.integers(5, 120)), "D")
        begun = min(begun, _REFERENCE - np.timedelta64(2, "D"))
        kind = str(rng.choice(["lease", "sale", "own_use"], p=[0.7, 0.2, 0.1]))
        until = _REFERENCE + np.timedelta64(int(rng.integers(20, 900)), "D")
        rows.append(_lease(building, "lease", first, begun, until, rng))
        rows.append(_lease(building, kind, area - first, begun, until if kind == "lease" else None, rng))
        if rng.random() < 0.3:  # over before the reference day, or only intended
            rows.append(_lease(building, "lease", 500.0, begun, _REFERENCE - np.timedelta64(1, "D"), rng))
        if rng.random() < 0.2:
            rows.append(_lease(building, "intent", 800.0, _REFERENCE, None, rng))
    return pd.DataFrame([row for row in rows if row["area"] > 0])  # type: ignore[operator]


def _lease(
    building: str,
    kind: str,
    area: float,
    since: np.datetime64,
    until: np.datetime64 | None,
    rng: np.random.Generator,
) -> dict[str, object]:
    return {
        "building_id": building, "kind": kind, "area": float(area), "from_date": pd.Timestamp(since),
        "to_date": pd.NaT if until is None else pd.Timestamp(until),
        "tenant": company(rng.integers(1, 900, 1))[0], "note": DEMO_MARK,
    }  # fmt: skip
