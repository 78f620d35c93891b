"""Compiled loops of the map picture: polygons, lines and dots of one layer into a 32-bit image.

A polygon's cover of each pixel is its exact area there (``gis.draw.cover_kernels``). Rings must run so that holes
turn against their shell. Images are (height, width) uint32, premultiplied ARGB; colours are straight ARGB.

Compiled by numba at first use and kept on disk; ``gis.draw.raster`` is the door to this module.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.draw.bend_kernels import bent, bent_box, trace_bent
from gis.draw.cover_kernels import add_edge, add_inner_edge, paint, sweep
from gis.draw.line_kernels import THIN, inner_line, outline
from gis.draw.linked import entry, linked, outside
from gis.draw.pattern_kernels import put

__all__ = ["draw_bands"]

_DOT = 2.0  # pixels; below it a feature is a dot
_FAR, _NEAR = (
    10.0,
    64.0,
)  # pixels; smaller features are soon done, of larger ones the processor itself fetches rows
_LINE = 16  # pixels that come from memory together
_SAME = 0.35  # pixels; a vertex that close to the one before shows nothing
_STROKE_FROM, _STROKE_FULL = 4.0, 9.0  # pixels; outlines of smaller features would hide their fill


@linked
def _dot(
    image: Any, top: int, bottom: int, west: float, north: float, east: float, south: float, colour: Any
) -> None:
    """A feature of a pixel or two: its box, in each pixel by the share that it covers, but never invisible."""
    first, last = max(0, int(np.floor(west))), min(image.shape[1] - 1, int(np.floor(east)))
    for row in range(max(top, int(np.floor(north))), min(bottom - 1, int(np.floor(south))) + 1):
        high = max(min(south, row + 1.0) - max(north, float(row)), 0.1)
        for column in range(first, last + 1):
            wide = max(min(east, column + 1.0) - max(west, float(column)), 0.1)
            put(image, row, column, colour, high * wide)


@linked
def _fetch(image: Any, top: int, bottom: int, west: float, north: float, east: float, south: float) -> Any:
    """Read a little of each row of a feature's box, so that the pixels are on their way while it is traced.

    Each row lies in another part of memory; asked for one after the other as they are painted, they would be
    waited for one after the other.
    """
    seen = np.uint32(0)
    first, last = max(0, int(west)), min(image.shape[1] - 1, int(east))
    for row in range(max(top, int(north)), min(bottom - 1, int(south)) + 1):
        for column in range(first, last, _LINE):
            seen |= image[np.uint64(row), np.uint64(column)]
        if last >= first:
            seen |= image[np.uint64(row), np.uint64(last)]
    return seen


@linked
def _trace(
    coordinates: Any, rings: Any, first: int, last: int, scale: float, tx: float, ty: float,
    points: Any, ends: Any,
) -> int:  # fmt: skip
    """The rings of one feature in pixels, without vertices that show nothing. Returns the number of points."""
    count = 0
    for ring in range(first, last):
        start, stop = rings[ring], rings[ring + 1]
        px, py = 0.0, 0.0
        for vertex in range(start, stop):
            x, y = coordinates[vertex, 0] * scale + tx, ty - coordinates[vertex, 1] * scale
            if start < vertex < stop - 1 and abs(x - px) < _SAME and abs(y - py) < _SAME:
                continue
            points[count, 0], points[count, 1], ends[count] = x, y, 0
            count += 1
            px, py = x, y
        if count:
            ends[count - 1] = 1
    return count


@linked
def _features(
    image: Any, top: int, bottom: int, coordinates: Any, rings: Any, features: Any, boxes: Any, areal: Any,
    classes: Any, hidden: Any, chunks: Any, ranges: Any, box: Any, fills: Any, lines: Any, pens: Any, halves: Any, hatches: Any,
    kinds: Any, spacing: int, weight: float, scale: float, tx: float, ty: float, bend: Any, sums: Any,
    points: Any, shifted: Any, ends: Any, totals: Any, stop: Any,
) -> int:  # fmt: skip
    """Draw polygons and lines into the rows ``top`` to ``bottom`` of an image; ``box`` is their land."""
    width = image.shape[1]
    margin = 2.0
    for half in halves:
        margin = max(margin, half * 5.0 + 2.0)
    phase_x, phase_y = int(np.floor(-tx)) % (2 * spacing), int(np.floor(-ty)) % (2 * spacing)
    drawn = 0
    for part in range(ranges.shape[0]):
        if stop[0]:
            return drawn
        if (
            chunks[part, 2] < box[0]
            or chunks[part, 0] > box[2]
            or chunks[part, 3] < box[1]
            or chunks[part, 1] > box[3]
        ):
            continue
        for f in range(ranges[part, 0], ranges[part, 1]):
            number = classes[f]
            fill, line, hatch = np.int64(fills[number]), np.int64(lines[number]), np.int64(hatches[number])
            if (fill | line | hatch) >> 24 == 0:
                continue
            if len(bend):
                west, north, east, south = bent_box(bend, boxes, f)
            else:
                west, east = boxes[f, 0] * scale + tx, boxes[f, 2] * scale + tx
                north, south = ty - boxes[f, 3] * scale, ty - boxes[f, 1] * scale
            if east < -margin or west >= width + margin or south < top - margin or north >= bottom + margin:
                continue
            if hidden[f] or features[f] == features[f + 1]:
                continue
            size = max(east - west, south - north)
            drawn += 1
            if size < _DOT and areal[f]:
                colour = fill if fill >> 24 else line if line >> 24 else hatch
                _dot(image, top, bottom, west, north, east, south, colour)
                continue
            if _FAR < size < _NEAR and areal[f]:
                totals[0] = _fetch(image, top, bottom, west, north, east, south)
            if len(bend):
                count = trace_bent(coordinates, rings, features[f], features[f + 1], bend, points, ends)
            else:
                count = _trace(coordinates, rings, features[f], features[f + 1], scale, tx, ty, points, ends)
            if areal[f] and (fill >> 24 or hatch >> 24):
                column0, row0 = (
                    max(0, int(np.floor(max(west, 0.0)))),
                    max(top, int(np.floor(max(north, 0.0)))),
                )
                wide = min(width, int(np.floor(min(east, width + 1.0))) + 1) - column0
                high = min(bottom, int(np.floor(min(south, bottom + 1.0))) + 1) - row0
                if wide > 0 and high > 0:
                    inner = west >= 0.0 and east < width and north >= top and south < bottom
                    stride = wide + 2 if hatch >> 24 else (wide + 7) // 8 * 8
                    for i in range(count - 1):
                        if ends[i]:
                            continue
                        x0, y0 = points[i, 0] - column0, points[i, 1] - row0
                        x1, y1 = points[i + 1, 0] - column0, points[i + 1, 1] - row0
                        if hatch >> 24:
                            add_edge(sums, wide, high, stride, 1, x0, y0, x1, y1)
                        elif inner:
                            add_inner_edge(sums, 1, stride, y0, x0, y1, x1)
                        else:
                            add_edge(sums, high, wide, 1, stride, y0, x0, y1, x1)
                    if hatch >> 24:
                        sweep(
                            image, sums, row0, column0, high, wide, fill, hatch, kinds[number], spacing, weight,
                            phase_x, phase_y,
                        )  # fmt: skip
                    else:
                        paint(image, sums, stride, row0, column0, high, wide, fill, totals)
            if line >> 24 and (size > _STROKE_FROM or not areal[f] or not fill >> 24):
                shown = 1.0
                if areal[f] and fill >> 24:
                    shown = min(1.0, (size - _STROKE_FROM) / (_STROKE_FULL - _STROKE_FROM))
                half = halves[number]
                strength = shown if half >= 0.5 else shown * 2.0 * half
                room = 2.0 * half + 2.0
                free = west >= room and east < width - room and north >= top + room and south < bottom - room
                if free and half <= THIN and pens[number] == 0:
                    for i in range(count - 1):
                        if not ends[i]:
                            inner_line(
                                image, points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1],
                                max(half, 0.5), line, strength,
                            )  # fmt: skip
                    continue
                outline(
                    image,
                    top,
                    bottom,
                    points,
                    shifted,
                    ends,
                    count,
                    max(half, 0.5),
                    line,
                    strength,
                    pens[number],
                )
    return drawn


@linked
def _points(
    image: Any, top: int, bottom: int, boxes: Any, chosen: Any, classes: Any, hidden: Any, fills: Any, lines: Any,
    radius: float, halves: Any, scale: float, tx: float, ty: float, bend: Any,
) -> int:  # fmt: skip
    """Draw the point features ``chosen`` as discs with an outline, like :func:`_features`."""
    width = image.shape[1]
    drawn = 0
    for f in chosen:
        if len(bend):
            x, y = bent(bend, boxes[f, 0] * bend[0] + bend[1], boxes[f, 1] * bend[2] + bend[3])
        else:
            x, y = boxes[f, 0] * scale + tx, ty - boxes[f, 1] * scale
        if hidden[f] or x < -radius or x > width + radius or y < top - radius or y > bottom + radius:
            continue
        drawn += 1
        fill, line, half = np.int64(fills[classes[f]]), np.int64(lines[classes[f]]), halves[classes[f]]
        for row in range(max(top, int(y - radius - 1)), min(bottom, int(y + radius + 2))):
            for column in range(max(0, int(x - radius - 1)), min(width, int(x + radius + 2))):
                distance = np.sqrt((column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2)
                inner, outer = radius - half - distance + 0.5, radius + half - distance + 0.5
                if outer > 0.0 and line >> 24:
                    put(image, row, column, line, min(1.0, outer))
                if inner > 0.0 and fill >> 24:
                    put(image, row, column, fill, min(1.0, inner))
    return drawn


@outside("gis.draw.processor_calls")
def taken(counter: Any) -> int:
    """Raise the one number in ``counter``, which threads share, and return what it was."""
    raise NotImplementedError


@entry(
    "u4:2", "i8:1", "f8:2", "i8:1", "i4:2", "i8:1", "i8:1", "i4:2", "?:1", "i8:1", "u2:1", "?:1", "i4:2", "i8:2",
    "u4:1", "u4:1", "u1:1", "f8:1", "u4:1", "u1:1", "i", "f", "f", "f", "f", "f", "f8:1", "i", "?:1",
    "f4:1", "f8:2", "f8:2", "u1:1", "f4:1",
)  # fmt: skip
def draw_bands(
    image: Any, edges: Any, lands: Any, counter: Any, coordinates: Any, rings: Any, features: Any, boxes: Any,
    areal: Any, chosen: Any, classes: Any, hidden: Any, chunks: Any, ranges: Any, fills: Any, lines: Any, pens: Any,
    halves: Any, hatches: Any, kinds: Any, spacing: int, weight: float, radius: float, scale: float, tx: float,
    ty: float, bend: Any, paper: int, stop: Any, sums: Any, points: Any, shifted: Any, ends: Any, totals: Any,
) -> int:  # fmt: skip
    """Draw a layer into the bands of an image that no other thread has begun, until none is left.

    Band ``i`` is the rows ``edges[i]`` to ``edges[i + 1]``; ``lands[i]`` is the box whose features may show in it, in
    the layer's millimetres; ``counter`` is the number of bands begun.
    ``coordinates`` (n, 2) int32, ``boxes`` (m, 4) int32; pixel x = x · scale + tx, y = ty - y · scale, or where
    ``bend`` (``gis.draw.bend``) says, unless that is empty; then (tx, ty) only holds the hatches to the land.
    ``ranges`` (k, 2) are the features to look at, ``chunks`` (k, 4) the box of each range, ``chosen`` the points.
    ``fills``, ``lines``, ``pens`` (kinds of outlines), ``halves`` (half their width), ``hatches`` (colours) and
    ``kinds`` (of hatches) go by class. ``sums``, ``points``, ``shifted``, ``ends`` and ``totals`` (a row of the image)
    are this thread's scratch; each band is first filled with ``paper``, unless that is -1; ``stop[0]`` ends the work early. Returns how many features were drawn.
    """
    drawn = 0
    while True:
        band = taken(counter)
        if band >= len(edges) - 1:
            return drawn
        top, bottom = edges[band], edges[band + 1]
        if paper >= 0:
            for row in range(top, bottom):
                for column in range(image.shape[1]):
                    image[np.uint64(row), np.uint64(column)] = np.uint32(paper)
        drawn += _features(
            image, top, bottom, coordinates, rings, features, boxes, areal, classes, hidden, chunks, ranges,
            lands[band], fills, lines, pens, halves, hatches, kinds, spacing, weight, scale, tx, ty, bend, sums,
            points, shifted, ends, totals, stop,
        )  # fmt: skip
        drawn += _points(
            image,
            top,
            bottom,
            boxes,
            chosen,
            classes,
            hidden,
            fills,
            lines,
            radius,
            halves,
            scale,
            tx,
            ty,
            bend,
        )
