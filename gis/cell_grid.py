"""Polygons laid over a uniform grid of cells: which cells are surely inside, which surely outside.

A box that touches only inside cells lies in the polygon, one that touches only outside cells does not
meet it; neither needs a geometry operation. Only boxes that touch a cell of the boundary are left over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.ragged import rings_of

__all__ = ["INSIDE", "OUTSIDE", "UNDECIDED", "CellGrid"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OUTSIDE, UNDECIDED, INSIDE = 0, 1, 2
# Cells next to the boundary count as boundary when they are nearer than this share of a cell: far more
# than rounding of 8-digit coordinates can move an edge, far less than it costs in settled boxes.
_SLACK = 1e-6
_SHIFT = 15


@dataclass(frozen=True)
class CellGrid:
    """Grids of ``size`` × ``size`` cells over the boxes of many polygons, as summed-area tables.

    ``origin`` and ``step`` are (n, 2); ``sums`` is (n, size + 1, size + 1): the number of inside cells
    in the low 15 bits, that of cells not outside above them, over all cells below and left.
    """

    size: int
    origin: Floats
    step: Floats
    sums: NDArray[np.int32]

    @classmethod
    def build(cls, polygons: NDArray[np.object_], size: int) -> CellGrid:
        """Grids over valid polygons; ``size`` at most 128."""
        bounds = shapely.bounds(polygons)
        origin = bounds[:, :2]
        step = np.maximum((bounds[:, 2:] - origin) / size, 1e-9)
        boundary, odd = _scan(polygons, origin, step, size)
        inside = ~boundary & odd
        cells = inside.astype(np.int32) + ((inside | boundary).astype(np.int32) << _SHIFT)
        sums = np.zeros((len(polygons), size + 1, size + 1), dtype=np.int32)
        np.cumsum(cells, axis=1, out=sums[:, 1:, 1:])
        np.cumsum(sums[:, 1:, 1:], axis=2, out=sums[:, 1:, 1:])
        return cls(size, origin, step, sums)

    @classmethod
    def joined(cls, grids: Sequence[CellGrid]) -> CellGrid:
        """Grids of one size, one after the other."""
        return cls(
            grids[0].size,
            np.concatenate([grid.origin for grid in grids]),
            np.concatenate([grid.step for grid in grids]),
            np.concatenate([grid.sums for grid in grids]),
        )

    def classify(self, position: Integers, boxes: Floats) -> NDArray[np.int8]:
        """OUTSIDE, UNDECIDED or INSIDE for boxes (m, 4) against the polygons at ``position`` (m,)."""
        origin, step = self.origin[position], self.step[position]
        low = (boxes[:, :2] - origin) / step
        high = (boxes[:, 2:] - origin) / step
        # What sticks out of the grid is outside the polygon's own box.
        beyond = (low < 0).any(axis=1) | (high > self.size).any(axis=1)
        first = np.clip(low, 0, self.size - 1).astype(np.int64)
        last = np.clip(high, 0, self.size - 1).astype(np.int64) + 1
        width = self.size + 1
        table = self.sums.ravel()
        base = position * (width * width)
        below, above = base + first[:, 1] * width, base + last[:, 1] * width
        count = table[above + last[:, 0]] - table[above + first[:, 0]]
        count -= table[below + last[:, 0]]
        count += table[below + first[:, 0]]
        cells = (last[:, 0] - first[:, 0]) * (last[:, 1] - first[:, 1])
        result = np.full(len(position), UNDECIDED, dtype=np.int8)
        result[count == 0] = OUTSIDE
        result[((count & ((1 << _SHIFT) - 1)) == cells) & ~beyond] = INSIDE
        return result


def _scan(
    polygons: NDArray[np.object_], origin: Floats, step: Floats, size: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Cells that the boundary touches, and cells whose centre lies inside (n, size, size), [y, x]."""
    u0, v0, u1, v1, owner = _edges(polygons, origin, step)
    low, high = np.minimum(v0, v1), np.maximum(v0, v1)
    first = np.clip(np.floor(low - _SLACK), 0, size - 1).astype(np.int64)
    last = np.clip(np.floor(high + _SLACK), 0, size - 1).astype(np.int64)
    # One entry per edge and row of cells that it touches.
    rows = last - first + 1
    edge = np.repeat(np.arange(len(rows)), rows)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(rows) - rows, rows) + first[edge]
    u0, v0, u1, v1, low, high = (array.take(edge) for array in (u0, v0, u1, v1, low, high))
    line = owner.take(edge) * size + row
    rise = np.where(v1 == v0, 1.0, v1 - v0)
    slope = (u1 - u0) / rise
    enter = u0 + (np.clip(row - _SLACK, low, high) - v0) * slope
    leave = u0 + (np.clip(row + 1 + _SLACK, low, high) - v0) * slope
    flat = v1 == v0
    left = np.where(flat, np.minimum(u0, u1), np.minimum(enter, leave)) - _SLACK
    right = np.where(flat, np.maximum(u0, u1), np.maximum(enter, leave)) + _SLACK
    width = size + 1
    total = len(polygons) * size * width
    first_cell = np.clip(np.floor(left), 0, size - 1).astype(np.int64)
    last_cell = np.clip(np.floor(right), 0, size - 1).astype(np.int64)
    change = np.bincount(line * width + first_cell, minlength=total)
    change -= np.bincount(line * width + last_cell + 1, minlength=total)
    boundary = np.cumsum(change).reshape(-1, size, width)[:, :, :size] > 0
    # Even-odd along the middle of each row; every row holds an even number of crossings.
    middle = row + 0.5
    crossing = (v0 <= middle) != (v1 <= middle)
    at = u0[crossing] + (middle[crossing] - v0[crossing]) * slope[crossing]
    column = np.clip(np.ceil(at - 0.5), 0, size).astype(np.int64)
    flips = np.bincount(line[crossing] * width + column, minlength=total)
    odd = (np.cumsum(flips) & 1).astype(bool).reshape(-1, size, width)[:, :, :size]
    return boundary, odd


def _edges(
    polygons: NDArray[np.object_], origin: Floats, step: Floats
) -> tuple[Floats, Floats, Floats, Floats, Integers]:
    """From (u0, v0) to (u1, v1) in cells, and whose edge it is."""
    parts: list[tuple[NDArray[np.float64] | Integers, ...]] = [(np.empty(0),) * 4 + (np.empty(0, np.int64),)]
    for rings in rings_of(polygons):
        owner = np.repeat(rings.owner, np.diff(rings.offsets))
        u = (rings.coordinates[:, 0] - origin[:, 0].take(owner)) / step[:, 0].take(owner)
        v = (rings.coordinates[:, 1] - origin[:, 1].take(owner)) / step[:, 1].take(owner)
        is_start = np.ones(len(u), bool)
        is_start[rings.offsets[1:] - 1] = False
        at = np.flatnonzero(is_start)
        parts.append((u.take(at), v.take(at), u.take(at + 1), v.take(at + 1), owner.take(at)))
    u0, v0, u1, v1, owners = (np.concatenate(column) for column in zip(*parts, strict=True))
    return u0, v0, u1, v1, owners
