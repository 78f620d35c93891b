"""The demo project: made of seeded numbers, marked 示例数据, the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.area import ellipsoidal_area, plane_area
from gis.progress import Progress, silent
from gis.text import tr
from layers.demo.activity import unit_investments, unit_observations
from layers.demo.factories import unit_factories
from layers.demo.facts import (
    DEMO_EPSG,
    DEMO_MARK,
    DEMO_UNITS,
    REFERENCE_DAY,
    SCHEMATIC,
    SNAPSHOT_DAYS,
)
from layers.demo.land import MEAN_LOT, unit_land
from layers.demo.parcels import unit_parcels
from layers.demo.plan import SCHEME, unit_parks, unit_plan
from layers.demo.transfers import unit_transfers
from layers.demo.units import DemoOutlines, unit_outlines
from layers.project import Project
from layers.registry import layer
from layers.snapshots import add_snapshot

__all__ = ["demo_frames", "generate"]

# At most this share of a unit's net land is lots: the rest is slopes, streets and rivers.
_FILLED = 0.22


def generate(path: str | Path, *, parcels: int = 3000, seed: int = 1, progress: Progress = silent) -> Project:
    """Write a demo project to a new file and return it open.

    ``parcels`` is the number of parcels (from 120 up); the same seed and number give the same rows. On any
    failure or cancellation the half-written file is removed.
    """
    frames = demo_frames(parcels, seed, progress)
    bounds = shapely.total_bounds(frames["unit"].geometry.to_numpy())
    project = Project.create(
        path,
        epsg=DEMO_EPSG,
        name=f"安康市工业用地（{DEMO_MARK}）",  # data
        demo=True,
        as_of=REFERENCE_DAY,
        extent=(float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3])),
    )
    try:
        with project.transaction(tr("生成示例数据"), kind="import") as transaction:
            for name, day in SNAPSHOT_DAYS.items():
                add_snapshot(transaction, name, day, scheme=SCHEME, source=DEMO_MARK, note=DEMO_MARK)
            for number, (name, frame) in enumerate(frames.items()):
                progress(0.5 + 0.5 * number / len(frames), tr("写入 {table}", table=layer(name).title))
                transaction.insert(name, frame)
    except BaseException:
        project.close()
        Path(path).unlink(missing_ok=True)
        raise
    progress(1.0, tr("示例项目已生成"))
    return project


def demo_frames(parcels: int, seed: int, progress: Progress = silent) -> dict[str, pd.DataFrame]:
    """Rows of every layer by table name, geometry in ``DEMO_EPSG``."""
    rng = np.random.default_rng(seed)
    outlines = unit_outlines(rng)
    counts, scale = _shares(outlines, max(parcels, 10 * len(DEMO_UNITS)))
    parts: dict[str, list[pd.DataFrame]] = {
        name: []
        for name in (
            "land_use", "park", "parcel", "transfer", "factory", "lease", "block_line", "investment", "observation",
        )
    }  # fmt: skip
    # One generator per unit: what one unit draws never changes another.
    for number, (unit, own) in enumerate(zip(DEMO_UNITS, rng.spawn(len(DEMO_UNITS)), strict=True)):
        progress(0.45 * number / len(DEMO_UNITS), tr("生成 {unit}", unit=unit.name))
        land = unit_land(unit, outlines.seats[number], outlines.net[number], int(counts[number]), scale, own)
        parks = unit_parks(unit, land)
        parcel = unit_parcels(unit, land, parks, int(counts[number]), own)
        factory, lease = unit_factories(unit, parcel, own)
        parts["land_use"] += unit_plan(unit, land, parks, own)
        parts["park"].append(parks.parks)
        parts["block_line"].append(parks.lines)
        parts["parcel"].append(parcel)
        parts["factory"].append(factory)
        parts["lease"].append(lease)
        parts["transfer"].append(unit_transfers(unit, parcel, own))
        parts["investment"].append(unit_investments(unit, parcel, own))
        parts["observation"].append(unit_observations(unit, parcel, own))
    frames: dict[str, pd.DataFrame] = {"unit": _unit_frame(outlines)}
    frames |= {name: _joined(frame) for name, frame in parts.items()}
    for number, (name, frame) in enumerate(frames.items()):
        progress(0.45 + 0.005 * number, tr("计算面积"))
        frame["source"] = DEMO_MARK
        if "area_plane" in {item.name for item in layer(name).fields}:
            frame["area_plane"] = plane_area(frame.geometry.to_numpy())
            frame["area_ellipsoid"] = ellipsoidal_area(frame.geometry.to_numpy(), DEMO_EPSG)
    return frames


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    joined: pd.DataFrame = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    if "geometry" in joined:
        joined = gpd.GeoDataFrame(joined, geometry="geometry", crs=DEMO_EPSG)
    return joined


def _shares(outlines: DemoOutlines, parcels: int) -> tuple[NDArray[np.int64], float]:
    """Parcels per unit and the scale of lots: by weight, but never more than a unit has room for."""
    room = shapely.area(outlines.net) * _FILLED
    scale = float(min(1.0, room.sum() / (parcels * MEAN_LOT)))
    limit = room / (MEAN_LOT * scale)
    weight = np.array([unit.weight for unit in DEMO_UNITS])
    share = np.zeros(len(DEMO_UNITS))
    for _ in range(len(DEMO_UNITS)):  # what does not fit goes to those that still have room
        open_units = share < limit
        left = parcels - share.sum()
        if left < 1e-9 or not open_units.any():
            break
        share += np.where(open_units, weight, 0.0) * left / weight[open_units].sum()
        share = np.minimum(share, limit)
    counts = np.floor(share).astype(np.int64)
    counts[np.argsort(share - counts)[::-1][: parcels - int(counts.sum())]] += 1
    return counts, scale


def _unit_frame(outlines: DemoOutlines) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "code": [unit.code for unit in DEMO_UNITS],
            "name": [unit.name for unit in DEMO_UNITS],
            "kind": [unit.kind for unit in DEMO_UNITS],
            "parent": [unit.parent for unit in DEMO_UNITS],
            "note": f"{SCHEMATIC}：由县城坐标与公布面积推算，{DEMO_MARK}",  # data
        },
        geometry=outlines.gross,
        crs=DEMO_EPSG,
    )
