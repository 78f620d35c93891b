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
from gis.progress import Progress, scaled, silent
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
    DemoUnit,
)
from layers.demo.land import MEAN_LOT, unit_land
from layers.demo.ledgers import add_ledgers
from layers.demo.parcels import unit_parcels
from layers.demo.plan import SCHEME, unit_parks, unit_plan
from layers.demo.standard_land import lifelike
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
            rows, written = sum(map(len, frames.values())), 0
            for name in list(frames):
                frame = frames.pop(name)  # a million rows are let go once they are written
                part = scaled(progress, 0.5 + 0.5 * written / rows, 0.5 + 0.5 * (written + len(frame)) / rows)
                part(0.0, tr("写入 {table}", table=layer(name).title))
                transaction.insert(name, frame, progress=part)
                written += len(frame)
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
    parts: list[dict[str, list[pd.DataFrame]]] = [{} for _ in DEMO_UNITS]
    # One generator per unit: what one unit draws never changes another.
    own = rng.spawn(len(DEMO_UNITS))
    missing = 0
    # The roomiest last, for they take what found no room in others.
    for done, number in enumerate(np.argsort(shapely.area(outlines.net), kind="stable").tolist()):
        unit = DEMO_UNITS[number]
        progress(0.45 * done / len(DEMO_UNITS), tr("生成 {unit}", unit=unit.name))
        wanted = int(counts[number]) + missing
        parts[number] = _unit_frames(unit, outlines, number, wanted, scale, own[number], seed)
        missing = wanted - len(parts[number]["parcel"][0])
    frames: dict[str, pd.DataFrame] = {"unit": _unit_frame(outlines)}
    for name in list(parts[0]):
        frames[name] = _joined([frame for part in parts for frame in part.pop(name)])
    add_ledgers(frames, seed)
    for number, (name, frame) in enumerate(frames.items()):
        progress(0.45 + 0.05 * number / len(frames), tr("计算面积"))
        frame["source"] = DEMO_MARK
        if "area_plane" in {item.name for item in layer(name).fields}:
            frame["area_plane"] = plane_area(frame.geometry.to_numpy())
            frame["area_ellipsoid"] = ellipsoidal_area(frame.geometry.to_numpy(), DEMO_EPSG)
    return frames


def _unit_frames(
    unit: DemoUnit,
    outlines: DemoOutlines,
    number: int,
    wanted: int,
    scale: float,
    rng: np.random.Generator,
    seed: int,
) -> dict[str, list[pd.DataFrame]]:
    """Rows of one unit, in the order in which tables are written."""
    land = unit_land(unit, outlines.seats[number], outlines.net[number], wanted, scale, rng)
    parks = unit_parks(unit, land)
    parcel = unit_parcels(unit, land, parks, wanted, rng)
    factory, lease = unit_factories(unit, parcel, rng)
    made: dict[str, list[pd.DataFrame]] = {
        "land_use": unit_plan(unit, land, parks, rng),
        "park": [parks.parks],
        "parcel": [parcel],
        "transfer": [unit_transfers(unit, parcel, rng)],
        "factory": [factory],
        "lease": [lease],
        "block_line": [parks.lines],
        "investment": [unit_investments(unit, parcel, rng)],
        "observation": [unit_observations(unit, parcel, rng)],
    }
    lifelike(parcel, unit, set(made["transfer"][0]["parcel_no"].dropna()), seed)
    return made


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
