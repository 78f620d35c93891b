"""Synthetic cities made of arrays: parcels, block lines and two snapshots, the same for a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["EPSG", "LINE_VERTICES", "Snapshots", "lines", "parcels", "snapshots"]

EPSG = 4545
CELL = 60.0
LINE_VERTICES = 2_000
_ORIGIN = (560_000.0, 3_600_000.0)
_STEPS = 3

Objects = NDArray[np.object_]


@dataclass(frozen=True)
class Snapshots:
    """Two states of a plan: polygons and codes before and after."""

    before: Objects
    after: Objects
    before_key: NDArray[np.int64]
    after_key: NDArray[np.int64]


def _side(size: int) -> tuple[int, int]:
    rows = max(1, round(size**0.5))
    return rows, -(-size // rows)


def _lattice(rows: int, columns: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Vertices along the shared edges of a grid: across (rows+1, columns, 4, 2), up (rows, columns+1, 4, 2)."""
    random = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1) * CELL + _ORIGIN
    corners += random.uniform(-0.2, 0.2, corners.shape) * CELL
    share = np.linspace(0, 1, _STEPS + 1)[:, None]

    def along(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
        line = start[:, :, None] * (1 - share) + end[:, :, None] * share
        line[:, :, 1:-1] += random.uniform(-0.05, 0.05, line[:, :, 1:-1].shape) * CELL
        return np.round(line, 3)

    return along(corners[:, :-1], corners[:, 1:]), along(corners[:-1], corners[1:])


def _rings(size: int, seed: int) -> NDArray[np.float64]:
    rows, columns = _side(size)
    across, up = _lattice(rows, columns, seed)
    rings = np.concatenate(
        [across[:-1, :, :-1], up[:, 1:, :-1], across[1:, :, :0:-1], up[:, :-1, ::-1]], axis=2
    )
    return rings.reshape(rows * columns, -1, 2)[:size]


def parcels(size: int, seed: int = 1) -> Objects:
    """A clean coverage of ``size`` irregular parcels of 12 vertices, some 60 m wide, in metres."""
    return np.asarray(shapely.polygons(_rings(size, seed)))


def lines(size: int, count: int = 200, vertices: int = LINE_VERTICES, seed: int = 2) -> Objects:
    """Disjoint block lines that together cover about a third of the land of ``parcels(size)``.

    Outlines along roads and rivers come from CAD with a vertex every few metres.
    """
    rows, columns = _side(size)
    random = np.random.default_rng(seed)
    across = max(1, round((count * columns / rows) ** 0.5))
    up = -(-count // across)
    step = np.array([columns * CELL / across, rows * CELL / up])
    cell = np.arange(count)
    centre = np.stack([cell % across + 0.5, cell // across + 0.5], axis=1) * step + _ORIGIN
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radius = 0.33 + sum(
        random.uniform(-0.035, 0.035, (count, 1)) * np.cos(k * angle + random.uniform(0, 6, (count, 1)))
        for k in range(2, 6)
    )
    radius = radius + random.uniform(-1, 1, (count, vertices)) * (0.5 / vertices)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=-1) * radius[..., None] * step
    return np.asarray(shapely.polygons(np.round(points + centre[:, None], 3)))


def snapshots(size: int, seed: int = 1) -> Snapshots:
    """Two snapshots: 2 % of the polygons get another code, 1 % are split, 0.5 % redrawn, 0.2 % are gone."""
    random = np.random.default_rng(seed + 100)
    rings = _rings(size, seed)
    before = np.asarray(shapely.polygons(rings))
    before_key = random.integers(0, 12, size)
    fate = random.random(size)
    split, moved, gone = fate < 0.01, (fate >= 0.01) & (fate < 0.015), (fate >= 0.015) & (fate < 0.017)
    recoded = (fate >= 0.02) & (fate < 0.04)
    after_key = np.where(recoded, (before_key + 1) % 12, before_key)
    shrunk = rings.copy()
    shrunk[:, [1, 2]] += (rings.mean(axis=1, keepdims=True) - rings[:, [1, 2]]) * 0.2
    after = np.where(moved, np.asarray(shapely.polygons(shrunk)), before)
    half = rings.shape[1] // 2
    first = np.asarray(shapely.polygons(rings[split, : half + 1]))
    second = np.asarray(shapely.polygons(rings[split, half:]))
    kept = ~(split | gone)
    return Snapshots(
        before=before,
        after=np.concatenate([after[kept], first, second]),
        before_key=before_key,
        after_key=np.concatenate([after_key[kept], before_key[split], (before_key[split] + 1) % 12]),
    )
