"""Compiled lines of the map picture: solid, dashed, double and with ticks, thin ones and wide ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.draw.linked import linked, outside
from gis.draw.pattern_kernels import blend, put, shift_rings

__all__ = ["THIN", "inner_line", "outline"]

THIN = 1.3  # half a width in pixels up to which a line needs no round joins


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
def inner_line(
    image: Any, x0: float, y0: float, x1: float, y1: float, half: float, colour: Any, strength: float
) -> None:
    """:func:`_thin` for a line that reaches nowhere beyond the rows and columns that are drawn.

    Of the directions that a line may have, and of the one to four pixels that it covers side by side, none is asked for
    by a branch: a wrong guess of the processor costs more than a pixel that gets no colour.
    """
    dx, dy = x1 - x0, y1 - y0
    flat = abs(dx) >= abs(dy)
    # Along the longer axis, a, and across it, b; pixels count through the whole image.
    row = image.shape[1]
    step, side = (1, row) if flat else (row, 1)
    a0, b0, a1, b1 = (x0, y0, x1, y1) if flat else (y0, x0, y1, x1)
    first, last = min(a0, a1), max(a0, a1)
    if first == last:
        return
    slope = (b1 - b0) / (a1 - a0)
    start = b0 if a0 <= a1 else b1
    reach = half * np.sqrt(1.0 + slope * slope)
    broad = 2.0 * reach > 3.0
    for place in range(int(first), int(last) + 1):
        left, right = max(first, float(place)), min(last, place + 1.0)
        middle = start + slope * ((left + right) * 0.5 - first)
        share = (right - left) * strength
        upper, lower = middle - reach, middle + reach
        beside = int(upper)
        pixel = place * step + beside * side
        lay_four(image, pixel, side, upper, lower, colour, share)
        if broad and lower > beside + 4.0:
            at, cover = np.uint64(pixel + 4 * side), (lower - beside - 4.0) * share
            here = np.int64(image[np.uint64(0), at])
            image[np.uint64(0), at] = np.uint32(blend(here, colour, np.int64(cover * 256.0)))


@outside("gis.draw.processor_calls")
def lay_four(
    image: Any, pixel: int, side: int, upper: float, lower: float, colour: Any, share: float
) -> None:
    """Colour over the four pixels side by side from the one in which ``upper`` lies on.

    Each gets its share by how much of it lies between ``upper`` and ``lower``; one of which nothing does stays as it is.
    ``pixel`` counts through the whole image, ``side`` is the step from one to the next.
    """


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
            if half <= THIN:
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
                if half <= THIN:
                    _thin(image, top, bottom, xa, ya, xb, yb, half, colour, strength)
                else:
                    _round(image, top, bottom, xa, ya, xb, yb, half, colour, strength)
            position += period
        along += length


@linked
def outline(
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
