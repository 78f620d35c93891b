"""Compiled loops of the map picture: polygons, lines and dots of one layer into a 32-bit image.

A polygon's cover of each pixel is its exact area there: every edge adds its signed area to the pixels it
passes, and a sum along the row gives the cover (the way of Raph Levien's font-rs). Rings must run so that holes
turn against their shell. Images are (height, width) uint32, premultiplied ARGB; colours are straight ARGB.

Compiled by numba at first use and kept on disk; ``gis.draw.raster`` is the door to this module.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.draw.linked import entry, linked
from gis.draw.pattern_kernels import hatch_span, put, shift_rings

__all__ = ["draw_features", "draw_points"]

_DOT = 2.0  # pixels; below it a feature is a dot
_SAME = 0.35  # pixels; a vertex that close to the one before shows nothing
_STROKE_FROM, _STROKE_FULL = 4.0, 9.0  # pixels; outlines of smaller features would hide their fill
_THIN = 1.3  # half a width in pixels up to which a line needs no round joins


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
def _add_edge(sums: Any, wide: int, high: int, x0: float, y0: float, x1: float, y1: float) -> None:
    """Add an edge's signed area to ``sums``, rows of wide + 2; pixels count from the box's upper left corner."""
    if y0 == y1 or (x0 >= wide and x1 >= wide):
        return
    sign = 1.0
    if y0 > y1:
        x0, y0, x1, y1 = x1, y1, x0, y0
        sign = -1.0
    if y1 <= 0.0 or y0 >= high:
        return
    slope = (x1 - x0) / (y1 - y0)
    if y0 < 0.0:
        x0 -= slope * y0
        y0 = 0.0
    y1 = min(y1, float(high))
    x = x0
    for row in range(int(y0), int(np.ceil(y1))):
        part = min(y1, row + 1.0) - max(y0, float(row))
        at = row * (wide + 2)
        if part <= 0.0:
            continue
        following = x + slope * part
        left, right = min(x, following), max(x, following)
        x = following
        area = sign * part
        if right <= 0.0:
            sums[at + 0] += area
            continue
        if left >= wide:
            continue
        if left < 0.0:  # what lies left of the box covers all of its row
            beyond = area * -left / (right - left)
            sums[at + 0] += beyond
            area -= beyond
            left = 0.0
        if right > wide:  # what lies right of it covers nothing
            area *= (wide - left) / (right - left)
            right = float(wide)
        first, last = int(left), int(np.ceil(right))
        if last <= first + 1:
            middle = 0.5 * (left + right) - first
            sums[at + first] += area - area * middle
            sums[at + first + 1] += area * middle
            continue
        per_pixel = 1.0 / (right - left)
        begin, end = left - first, right - last + 1.0
        head, tail = 0.5 * per_pixel * (1.0 - begin) ** 2, 0.5 * per_pixel * end**2
        sums[at + first] += area * head
        if last == first + 2:
            sums[at + first + 1] += area * (1.0 - head - tail)
        else:
            second = per_pixel * (1.5 - begin)
            sums[at + first + 1] += area * (second - head)
            for column in range(first + 2, last - 1):
                sums[at + column] += area * per_pixel
            sums[at + last - 1] += area * (1.0 - second - (last - first - 3) * per_pixel - tail)
        sums[at + last] += area * tail


@linked
def _span(image: Any, row: int, column: int, end: int, colour: Any) -> None:
    """Colour over the pixels of a row from ``column`` to before ``end``; a loop the compiler can widen."""
    alpha = colour >> 24
    if alpha == 255:
        for c in range(column, end):
            image[row, c] = np.uint32(colour)
        return
    weight = alpha + (alpha >> 7)
    rest = np.uint32(256 - weight)
    red_blue = np.uint32(((colour & 0xFF00FF) * weight) >> 8 & 0xFF00FF)
    green = np.uint32(((colour & 0x00FF00) * weight) >> 8 & 0x00FF00)
    added = np.uint32(np.uint32(alpha << 24) | red_blue | green)
    low, high = np.uint32(0x00FF00FF), np.uint32(0xFF00FF00)
    eight = np.uint32(8)
    for c in range(column, end):
        below = image[row, c]
        # Two channels at a time; each product of 8 by 9 bits has room in its 16.
        even = np.uint32(np.uint32(np.uint32(below & low) * rest) >> eight) & low
        odd = np.uint32(np.uint32(np.uint32(below >> eight) & low) * rest) & high
        image[row, c] = np.uint32(even | odd) + added


@linked
def _sweep(
    image: Any, sums: Any, row0: int, column0: int, high: int, wide: int,
    fill: Any, hatch: Any, kind: int, spacing: int, weight: float, phase_x: int, phase_y: int,
) -> None:  # fmt: skip
    """Turn the sums into cover, paint it, and leave the sums empty."""
    for r in range(high):
        cover_sum = np.float32(0.0)
        row = row0 + r
        at = r * (wide + 2)
        c = 0
        while c < wide:
            cover_sum += sums[at + c]
            sums[at + c] = 0.0
            # How far the cover stays what it is now.
            end = c + 1
            while end < wide and sums[at + end] == 0.0:
                end += 1
            cover = abs(cover_sum)
            if cover > 0.996:
                if fill >> 24:
                    _span(image, row, column0 + c, column0 + end, fill)
                cover = np.float32(1.0)
            elif cover > 0.004 and fill >> 24:
                for column in range(column0 + c, column0 + end):
                    put(image, row, column, fill, cover)
            if cover > 0.004 and hatch >> 24:
                hatch_span(
                    image,
                    row,
                    column0 + c,
                    column0 + end,
                    hatch,
                    kind,
                    spacing,
                    weight,
                    phase_x,
                    phase_y,
                    cover,
                )
            c = end
        sums[at + wide] = 0.0
        sums[at + wide + 1] = 0.0


@linked
def _thin(
    image: Any, top: int, bottom: int, x0: float, y0: float, x1: float, y1: float,
    half: float, colour: Any, strength: float,
) -> None:  # fmt: skip
    """A line up to some 2.5 pixels wide: one step a pixel along its longer axis, cover by overlap across it."""
    width = image.shape[1]
    dx, dy = x1 - x0, y1 - y0
    if abs(dx) >= abs(dy):
        if dx == 0.0:
            return
        if dx < 0.0:
            x0, y0, x1, y1 = x1, y1, x0, y0
        slope = dy / dx
        reach = half * np.sqrt(1.0 + slope * slope)
        for column in range(
            max(0, int(np.floor(max(x0, -1.0)))), min(width, int(np.floor(min(x1, width + 1.0))) + 1)
        ):
            left, right = max(x0, float(column)), min(x1, column + 1.0)
            middle = y0 + slope * ((left + right) * 0.5 - x0)
            upper, lower = middle - reach, middle + reach
            if lower < top or upper >= bottom:
                continue
            for row in range(max(top, int(np.floor(upper))), min(bottom, int(np.floor(lower)) + 1)):
                cover = min(lower, row + 1.0) - max(upper, float(row))
                put(image, row, column, colour, cover * (right - left) * strength)
    else:
        if dy < 0.0:
            x0, y0, x1, y1 = x1, y1, x0, y0
        slope = dx / dy
        reach = half * np.sqrt(1.0 + slope * slope)
        for row in range(
            max(top, int(np.floor(max(y0, top - 1.0)))), min(bottom, int(np.floor(min(y1, bottom + 1.0))) + 1)
        ):
            upper, lower = max(y0, float(row)), min(y1, row + 1.0)
            middle = x0 + slope * ((upper + lower) * 0.5 - y0)
            left, right = middle - reach, middle + reach
            if right < 0.0 or left >= width:
                continue
            for column in range(max(0, int(np.floor(left))), min(width, int(np.floor(right)) + 1)):
                cover = min(right, column + 1.0) - max(left, float(column))
                put(image, row, column, colour, cover * (lower - upper) * strength)


@linked
def _round(
    image: Any, top: int, bottom: int, x0: float, y0: float, x1: float, y1: float,
    half: float, colour: Any, strength: float,
) -> None:  # fmt: skip
    """A wide line with round ends: cover by each pixel's distance from the segment."""
    width = image.shape[1]
    dx, dy = x1 - x0, y1 - y0
    squared = dx * dx + dy * dy
    reach = half + 0.5
    first = max(top, int(np.floor(max(min(y0, y1) - reach, top - 1.0))))
    last = min(bottom, int(np.ceil(min(max(y0, y1) + reach, bottom + 1.0))))
    for row in range(first, last):
        y = row + 0.5
        begin, end = 0.0, 1.0
        if abs(dy) > 1e-9:
            a, b = (y - reach - y0) / dy, (y + reach - y0) / dy
            begin, end = max(0.0, min(1.0, min(a, b))), min(1.0, max(0.0, max(a, b)))
        xa, xb = x0 + dx * begin, x0 + dx * end
        left = max(min(xa, xb) - reach * 1.5, 0.0)
        right = min(max(xa, xb) + reach * 1.5, float(width))
        for column in range(int(np.floor(left)), int(np.ceil(right))):
            x = column + 0.5
            share = ((x - x0) * dx + (y - y0) * dy) / squared if squared > 1e-12 else 0.0
            share = max(0.0, min(1.0, share))
            distance = np.sqrt((x - x0 - dx * share) ** 2 + (y - y0 - dy * share) ** 2)
            cover = reach - distance
            if cover > 0.0:
                put(image, row, column, colour, min(cover, 1.0) * strength)


@linked
def _stroke(
    image: Any, top: int, bottom: int, points: Any, ends: Any, count: int,
    half: float, colour: Any, strength: float, dash: float, gap: float, offset: float,
) -> None:  # fmt: skip
    """The rings in ``points`` (x, y in pixels; ``ends`` is 1 at the last vertex of each), solid or dashed.

    The first dash of a ring begins ``offset`` pixels after its first vertex.
    """
    along = 0.0
    for i in range(count - 1):
        if ends[i]:
            along = 0.0
            continue
        x0, y0, x1, y1 = points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1]
        length = np.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2)
        # A line far outside the picture (a province seen from its middle) must not be walked dash by dash.
        outside = (
            max(y0, y1) < top - half or min(y0, y1) > bottom + half
            or max(x0, x1) < -half or min(x0, x1) > image.shape[1] + half
        )  # fmt: skip
        if outside:
            along += length
            continue
        if dash <= 0.0 or length > 50_000.0:
            if half <= _THIN:
                _thin(image, top, bottom, x0, y0, x1, y1, half, colour, strength)
            else:
                _round(image, top, bottom, x0, y0, x1, y1, half, colour, strength)
            continue
        period = dash + gap
        position = np.floor((along - offset) / period) * period - (along - offset)
        while position < length:
            begin, end = max(position, 0.0), min(position + dash, length)
            if end > begin and length > 0.0:
                a, b = begin / length, end / length
                xa, ya, xb, yb = (
                    x0 + (x1 - x0) * a,
                    y0 + (y1 - y0) * a,
                    x0 + (x1 - x0) * b,
                    y0 + (y1 - y0) * b,
                )
                if half <= _THIN:
                    _thin(image, top, bottom, xa, ya, xb, yb, half, colour, strength)
                else:
                    _round(image, top, bottom, xa, ya, xb, yb, half, colour, strength)
            position += period
        along += length


@linked
def _outline(
    image: Any, top: int, bottom: int, points: Any, shifted: Any, ends: Any, count: int,
    half: float, colour: Any, strength: float, pen: int,
) -> None:  # fmt: skip
    """Stroke the rings in ``points`` with a pen of ``gis.draw.patterns.PENS``, by its number."""
    unit = max(1.0, half)
    source = points
    for turn in range(2 if pen == 3 or pen == 4 else 1):
        dash, gap, offset = 0.0, 0.0, 0.0
        if pen == 1:
            dash, gap = 5.0, 3.0
        elif pen == 2:
            dash, gap = 1.6, 2.8
        elif pen == 3 and turn == 0:  # dashes, then the dots between them
            dash, gap = 5.5, 6.5
        elif pen == 3:
            dash, gap, offset = 1.5, 10.5, 8.0
        elif pen == 4:
            shift_rings(points, ends, count, (half + 1.1 * unit) * (1.0 if turn else -1.0), shifted)
            source = shifted
        _stroke(
            image, top, bottom, source, ends, count, half, colour, strength, dash * unit, gap * unit, offset * unit
        )  # fmt: skip
    if pen == 5:  # a line with ticks across it
        _ticks(image, top, bottom, points, ends, count, half, colour, strength, 9.0 * unit, half + 2.6 * unit)


@linked
def _ticks(
    image: Any, top: int, bottom: int, points: Any, ends: Any, count: int,
    half: float, colour: Any, strength: float, spacing: float, reach: float,
) -> None:  # fmt: skip
    """Short strokes across the rings, ``spacing`` pixels apart."""
    along = 0.0
    width = image.shape[1]
    for i in range(count - 1):
        if ends[i]:
            along = 0.0
            continue
        x0, y0, x1, y1 = points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1]
        length = np.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2)
        outside = (
            max(y0, y1) < top - reach or min(y0, y1) > bottom + reach
            or max(x0, x1) < -reach or min(x0, x1) > width + reach or length > 50_000.0
        )  # fmt: skip
        if not outside and length > 0.0:
            dx, dy = (x1 - x0) / length, (y1 - y0) / length
            position = spacing / 2 - (along - np.floor(along / spacing) * spacing)
            if position < 0.0:
                position += spacing
            while position < length:
                x, y = x0 + dx * position, y0 + dy * position
                _round(
                    image, top, bottom, x - dy * reach, y + dx * reach, x + dy * reach, y - dx * reach, half, colour,
                    strength,
                )  # fmt: skip
                position += spacing
        along += length


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


@entry(
    "u4:2", "i", "i", "i4:2", "i8:1", "i8:1", "i4:2", "?:1", "u2:1", "?:1", "i8:2", "u4:1", "u4:1", "u1:1", "f8:1",
    "u4:1", "u1:1", "i", "f", "f", "f", "f", "f4:1", "f8:2", "f8:2", "u1:1", "?:1",
)  # fmt: skip
def draw_features(
    image: Any, top: int, bottom: int, coordinates: Any, rings: Any, features: Any, boxes: Any, areal: Any,
    classes: Any, hidden: Any, ranges: Any, fills: Any, lines: Any, pens: Any, halves: Any, hatches: Any,
    kinds: Any, spacing: int, weight: float, scale: float, tx: float, ty: float, sums: Any, points: Any,
    shifted: Any, ends: Any, stop: Any,
) -> int:  # fmt: skip
    """Draw polygons and lines into the rows ``top`` to ``bottom`` of an image.

    ``coordinates`` (n, 2) int32, ``boxes`` (m, 4) int32; pixel x = x · scale + tx, y = ty - y · scale.
    ``ranges`` (k, 2) are the features to look at; ``fills``, ``lines``, ``pens`` (kinds of outlines), ``halves``
    (half their width), ``hatches`` (colours) and ``kinds`` (of hatches) go by class.
    ``sums``, ``points``, ``shifted`` and ``ends`` are this thread's scratch; ``stop[0]`` ends the work early.
    Returns how many features were drawn.
    """
    width = image.shape[1]
    margin = 2.0
    for half in halves:
        margin = max(margin, half * 5.0 + 2.0)
    phase_x, phase_y = int(np.floor(-tx)) % (2 * spacing), int(np.floor(-ty)) % (2 * spacing)
    drawn = 0
    for part in range(ranges.shape[0]):
        if stop[0]:
            return drawn
        for f in range(ranges[part, 0], ranges[part, 1]):
            west, east = boxes[f, 0] * scale + tx, boxes[f, 2] * scale + tx
            north, south = ty - boxes[f, 3] * scale, ty - boxes[f, 1] * scale
            if east < -margin or west >= width + margin or south < top - margin or north >= bottom + margin:
                continue
            if hidden[f] or features[f] == features[f + 1]:
                continue
            number = classes[f]
            fill, line, hatch = np.int64(fills[number]), np.int64(lines[number]), np.int64(hatches[number])
            size = max(east - west, south - north)
            drawn += 1
            if size < _DOT and areal[f]:
                colour = fill if fill >> 24 else line if line >> 24 else hatch
                _dot(image, top, bottom, west, north, east, south, colour)
                continue
            count = _trace(coordinates, rings, features[f], features[f + 1], scale, tx, ty, points, ends)
            if areal[f] and (fill >> 24 or hatch >> 24):
                column0, row0 = (
                    max(0, int(np.floor(max(west, 0.0)))),
                    max(top, int(np.floor(max(north, 0.0)))),
                )
                wide = min(width, int(np.floor(min(east, width + 1.0))) + 1) - column0
                high = min(bottom, int(np.floor(min(south, bottom + 1.0))) + 1) - row0
                if wide > 0 and high > 0:
                    for i in range(count - 1):
                        if not ends[i]:
                            _add_edge(
                                sums, wide, high, points[i, 0] - column0, points[i, 1] - row0,
                                points[i + 1, 0] - column0, points[i + 1, 1] - row0,
                            )  # fmt: skip
                    _sweep(
                        image, sums, row0, column0, high, wide, fill, hatch, kinds[number], spacing, weight,
                        phase_x, phase_y,
                    )  # fmt: skip
            if line >> 24 and (size > _STROKE_FROM or not areal[f] or not fill >> 24):
                shown = 1.0
                if areal[f] and fill >> 24:
                    shown = min(1.0, (size - _STROKE_FROM) / (_STROKE_FULL - _STROKE_FROM))
                half = halves[number]
                strength = shown if half >= 0.5 else shown * 2.0 * half
                _outline(
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


@entry(
    "u4:2", "i", "i", "i4:2", "i8:1", "u2:1", "?:1", "u4:1", "u4:1", "f", "f8:1", "f", "f", "f",
)  # fmt: skip
def draw_points(
    image: Any, top: int, bottom: int, boxes: Any, chosen: Any, classes: Any, hidden: Any, fills: Any, lines: Any,
    radius: float, halves: Any, scale: float, tx: float, ty: float,
) -> int:  # fmt: skip
    """Draw the point features ``chosen`` as discs with an outline, like :func:`draw_features`."""
    width = image.shape[1]
    drawn = 0
    for f in chosen:
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
