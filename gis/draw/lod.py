"""Level of detail: what must be drawn is bounded by pixels, not by data.

Features smaller than a pixel or two become coloured pixels; of the others only vertices that land on
another quarter pixel are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.draw.buffers import LayerBuffers
from gis.draw.view import View

__all__ = ["ScreenPaths", "dots", "paths"]

_DOT = 2.0  # pixels; below it a feature is a dot
_STEP = 4.0  # vertices are told apart to a quarter of a pixel


@dataclass(frozen=True, slots=True)
class ScreenPaths:
    """Paths in pixels: ``points`` (n, 2), path ``i`` from ``starts[i]`` to ``starts[i + 1]``, with its feature."""

    points: NDArray[np.float64]
    starts: NDArray[np.int64]
    features: NDArray[np.int64]


def _visible(buffers: LayerBuffers, view: View) -> NDArray[np.bool_]:
    west, south, east, north = view.extent
    boxes = buffers.boxes
    with np.errstate(invalid="ignore"):
        seen: NDArray[np.bool_] = (
            (boxes[:, 2] >= west) & (boxes[:, 0] <= east) & (boxes[:, 3] >= south) & (boxes[:, 1] <= north)
        )
    return seen


def _small(buffers: LayerBuffers, view: View) -> NDArray[np.bool_]:
    limit = _DOT * view.resolution
    with np.errstate(invalid="ignore"):
        size = np.maximum(
            buffers.boxes[:, 2] - buffers.boxes[:, 0], buffers.boxes[:, 3] - buffers.boxes[:, 1]
        )
    tiny: NDArray[np.bool_] = (size < limit) & (buffers.dimensions > 0)
    return tiny


def dots(buffers: LayerBuffers, view: View) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Features that are dots in this view: their indices and flat pixel positions (row · width + column)."""
    chosen = np.flatnonzero(_visible(buffers, view) & _small(buffers, view))
    boxes = buffers.boxes[chosen]
    centres = view.to_screen(np.column_stack([boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]]) / 2)
    columns, rows = np.floor(centres).astype(np.int64).T
    width, height = int(view.width), int(view.height)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    return chosen[inside], rows[inside] * width + columns[inside]


def paths(buffers: LayerBuffers, view: View) -> ScreenPaths:
    """Paths of the visible features that are more than dots, thinned to what pixels can show."""
    wanted = _visible(buffers, view) & ~_small(buffers, view)
    chosen = np.flatnonzero(wanted[buffers.features])
    lengths = (buffers.starts[1:] - buffers.starts[:-1])[chosen]
    if not len(chosen):
        return ScreenPaths(np.empty((0, 2)), np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int64))
    first = np.cumsum(lengths) - lengths
    index = (
        np.arange(int(lengths.sum())) - np.repeat(first, lengths) + np.repeat(buffers.starts[chosen], lengths)
    )
    points = view.to_screen(buffers.coordinates[index])
    steps = np.round(points * _STEP)
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = (steps[1:] != steps[:-1]).any(axis=1)
    keep[first] = True
    keep[first + lengths - 1] = True
    kept = np.add.reduceat(keep.astype(np.int64), first)
    starts = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return ScreenPaths(points[keep], starts, buffers.features[chosen])
