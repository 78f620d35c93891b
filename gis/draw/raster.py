"""The picture of a layer: flat arrays into a 32-bit image, in bands of rows that threads draw side by side.

A thread holds Python's lock only to begin; the compiled loops run without it, so the window stays free.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.draw import raster_kernels
from gis.draw.bend import bend_of
from gis.draw.flat import FlatLayer
from gis.draw.patterns import HATCHES
from gis.draw.view import View
from gis.give_way import give_way

__all__ = ["Look", "Stop", "draw", "warm_up"]

_PER_MILLIMETRE = 0.001
_BANDS = 2  # a thread: land lies thicker in some than in others, and who is ready early takes the next
_MARGIN = 16  # pixels that outlines and points reach beyond their geometry
_STRAIGHT = np.empty(0)  # the bend of a map that is drawn in the project's plane
_MORE_VERTICES = 4096  # room for points that bent edges get between their ends


@dataclass(frozen=True)
class Look:
    """How the classes of a layer are drawn: straight ARGB colours by class number, 0 for nothing.

    ``pens`` and ``hatch_kinds`` are numbers of ``gis.draw.patterns``; ``hatch`` is the colour of the hatch over
    polygons. ``width``, ``point_size``, ``hatch_spacing`` and ``hatch_width`` are device pixels. What is one
    value holds for all classes.
    """

    fills: NDArray[np.uint32]
    lines: NDArray[np.uint32]
    pens: NDArray[Any]
    width: float | NDArray[np.float64] = 1.0
    hatch: int | NDArray[np.uint32] = 0
    hatch_kinds: int | NDArray[np.uint8] = HATCHES["diagonal_right"]
    point_size: float = 7.0
    hatch_spacing: int = 9
    hatch_width: float = 1.5


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends a drawing early, from any thread."""

    flag: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1, dtype=np.bool_))

    def set(self) -> None:
        """Give the drawing up."""
        self.flag[0] = True

    @property
    def wanted(self) -> bool:
        """Whether somebody gave it up."""
        return bool(self.flag[0])


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, _threads() - 1), thread_name_prefix="draw", initializer=give_way)


def _threads() -> int:
    return max(1, min(4, os.cpu_count() or 1))


class _Scratch(threading.local):
    """Memory of one thread for the compiled loops, grown as needed and always left zero."""

    def __init__(self) -> None:
        self.sums = np.zeros(0, dtype=np.float32)
        self.points, self.shifted = np.empty((0, 2)), np.empty((0, 2))
        self.ends = np.empty(0, dtype=np.uint8)
        self.totals = np.empty(0, dtype=np.float32)

    def fit(self, pixels: int, row: int, vertices: int) -> None:
        if len(self.totals) < row:
            self.totals = np.empty(row, dtype=np.float32)
        if len(self.sums) < pixels:
            self.sums = np.zeros(pixels, dtype=np.float32)
        if len(self.points) < vertices:
            self.points, self.shifted = np.empty((vertices, 2)), np.empty((vertices, 2))
            self.ends = np.zeros(vertices, dtype=np.uint8)


_scratch = _Scratch()


def draw(
    image: NDArray[np.uint32],
    layer: FlatLayer,
    view: View,
    look: Look,
    hidden: NDArray[np.bool_] | None = None,
    stop: Stop | None = None,
    paper: int | None = None,
) -> int:
    """Draw a layer over an image (height, width) of premultiplied ARGB; returns how many features it met.

    ``paper`` is an opaque colour that covers the image first; the threads do that too, each where it then draws.

    ``view`` is in device pixels of that image. ``hidden`` leaves features out. A layer drawn in several bands
    counts a feature in each band that it touches.
    """
    height, width = image.shape
    stop = stop or Stop()
    scale = _PER_MILLIMETRE / view.resolution
    ((tx, ty),) = view.to_screen(np.array([layer.origin])).tolist()
    vertices, bend = layer.longest + 1, _STRAIGHT
    if view.plane is not None:
        vertices, bend = 2 * layer.longest + _MORE_VERTICES, bend_of(view).packed(layer.origin)
    if not height or not width:
        return 0
    if hidden is None:
        hidden = np.zeros(len(layer), dtype=np.bool_)
    count = _threads()
    edges = np.linspace(0, height, count * _BANDS + 1).astype(np.int64)
    lands = np.array(
        [
            layer.inside(view.box(-_MARGIN, top - _MARGIN, width + _MARGIN, bottom + _MARGIN))
            for top, bottom in pairwise(edges.tolist())
        ]
    )
    near = layer.chunks_in(*lands[:, :2].min(axis=0), *lands[:, 2:].max(axis=0))
    if not len(near):
        if paper is not None:
            image[:] = paper
        return 0
    shape = look.fills.shape
    halves = np.broadcast_to(np.asarray(look.width, dtype=np.float64) / 2, shape).copy()
    hatches = np.broadcast_to(np.asarray(look.hatch, dtype=np.uint32), shape).copy()
    kinds = np.broadcast_to(np.asarray(look.hatch_kinds, dtype=np.uint8), shape).copy()
    tallest = int((edges[1:] - edges[:-1]).max())
    shared = raster_kernels.draw_bands.bound(
        image, edges, lands, np.zeros(1, dtype=np.int64), layer.coordinates, layer.rings, layer.features,
        layer.boxes, layer.areal, layer.points, layer.classes, hidden, layer.chunks[near], layer.ranges(near),
        look.fills, look.lines, look.pens.astype(np.uint8), halves, hatches, kinds, look.hatch_spacing,
        look.hatch_width, look.point_size / 2, scale, tx, ty, bend,
        -1 if paper is None else paper, stop.flag,
    )  # fmt: skip

    def bands() -> int:
        _scratch.fit((tallest + 2) * (width + 8), width + 8, vertices)
        return shared(_scratch.sums, _scratch.points, _scratch.shifted, _scratch.ends, _scratch.totals)

    others: list[Future[int]] = [_pool().submit(bands) for _ in range(count - 1)]
    drawn = bands()
    # Whoever has not begun yet, because it draws another picture, finds nothing left to do.
    return drawn + sum(other.result() for other in others if not other.cancel())


@cache
def warm_up() -> None:
    """Load the compiled loops (or compile them, the first time on a machine) by drawing next to nothing."""
    import shapely

    from gis.draw.flat import FlatBuilder
    from gis.draw.label_places import label_places
    from gis.store.blob import encode

    builder = FlatBuilder((0.0, 0.0))
    shapes = np.array([shapely.box(0, 0, 9, 9), shapely.Point(5, 5)], dtype=object)
    builder.add(encode(shapes, 0), [1, 2], [0, 0])
    colour = np.array([0xFF000000], dtype=np.uint32)
    look = Look(colour, colour, np.array([True]), 3.0, 0xFF000000)
    layer, view = builder.finish(), View(5.0, 5.0, 1.0, 16, 16)
    draw(np.zeros((16, 16), dtype=np.uint32), layer, view, look)
    label_places(layer, np.arange(len(layer)), view)
