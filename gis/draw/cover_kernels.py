"""Compiled cover of pixels by polygons: edges add their signed areas to sums, and the sums become colour.

Every edge adds the area between it and the end of the row to the pixels that it passes, and a running sum along the row
gives the cover of each pixel (the way of Raph Levien's font-rs). For plain colours rows and columns change places: each
edge adds the area below it in the columns that it passes, and all sums of a row of pixels run down at once. ``sums``
(float32) begin at the upper left corner of a box, and ``along`` and ``across`` are the steps in them from line to line
and from pixel to pixel in a line, whichever way the lines lie; a line has two more than its pixels. Whoever turns the
sums into colour leaves them zero.

Indices are cast to uint64: numba then leaves out that negative ones count from the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.draw.linked import inlined, linked, outside
from gis.draw.pattern_kernels import hatch_span, put

__all__ = ["add_edge", "add_inner_edge", "paint", "sweep"]


@linked
def add_edge(
    sums: Any, wide: int, high: int, along: int, across: int, x0: float, y0: float, x1: float, y1: float
) -> None:
    """Add an edge's signed area to the sums of ``high`` lines of ``wide`` pixels; x runs along a line."""
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
        at = row * along
        if part <= 0.0:
            continue
        following = x + slope * part
        left, right = min(x, following), max(x, following)
        x = following
        area = sign * part
        if right <= 0.0:
            sums[np.uint64(at)] += area
            continue
        if left >= wide:
            continue
        if left < 0.0:  # what lies left of the box covers all of its row
            beyond = area * -left / (right - left)
            sums[np.uint64(at)] += beyond
            area -= beyond
            left = 0.0
        if right > wide:  # what lies right of it covers nothing
            area *= (wide - left) / (right - left)
            right = float(wide)
        first, last = int(left), int(np.ceil(right))
        if last <= first + 1:
            middle = 0.5 * (left + right) - first
            sums[np.uint64(at + first * across)] += area - area * middle
            sums[np.uint64(at + (first + 1) * across)] += area * middle
            continue
        per_pixel = 1.0 / (right - left)
        begin, end = left - first, right - last + 1.0
        head, tail = 0.5 * per_pixel * (1.0 - begin) ** 2, 0.5 * per_pixel * end**2
        sums[np.uint64(at + first * across)] += area * head
        if last == first + 2:
            sums[np.uint64(at + (first + 1) * across)] += area * (1.0 - head - tail)
        else:
            second = per_pixel * (1.5 - begin)
            sums[np.uint64(at + (first + 1) * across)] += area * (second - head)
            for column in range(first + 2, last - 1):
                sums[np.uint64(at + column * across)] += area * per_pixel
            sums[np.uint64(at + (last - 1) * across)] += area * (
                1.0 - second - (last - first - 3) * per_pixel - tail
            )
        sums[np.uint64(at + last * across)] += area * tail


@linked
def add_inner_edge(sums: Any, along: int, across: int, x0: float, y0: float, x1: float, y1: float) -> None:
    """:func:`add_edge` for an edge that lies within its box."""
    if y0 == y1:
        return
    sign = 1.0
    if y0 > y1:
        x0, y0, x1, y1 = x1, y1, x0, y0
        sign = -1.0
    row, last = int(y0), int(y1)
    at = row * along
    if row == last:
        _add_piece(sums, across, at, x0, x1, sign * (y1 - y0))
        return
    slope = (x1 - x0) / (y1 - y0)
    x = x0 + slope * (row + 1.0 - y0)
    _add_piece(sums, across, at, x0, x, sign * (row + 1.0 - y0))
    for _ in range(row + 1, last):
        at += along
        following = x + slope
        _add_piece(sums, across, at, x, following, sign)
        x = following
    if y1 > last:
        _add_piece(sums, across, at + along, x, x1, sign * (y1 - last))


@inlined
def _add_piece(sums: Any, across: int, at: int, xa: float, xb: float, area: float) -> None:
    """A part of an edge within one row, which begins at ``at``."""
    left, right = min(xa, xb), max(xa, xb)
    first, last = int(left), int(np.ceil(right))
    if last <= first + 1:
        beyond = area * (0.5 * (left + right) - first)
        sums[np.uint64(at + first * across)] += np.float32(area - beyond)
        sums[np.uint64(at + (first + 1) * across)] += np.float32(beyond)
        return
    per_pixel = 1.0 / (right - left)
    begin, end = left - first, right - last + 1.0
    head, tail = 0.5 * per_pixel * (1.0 - begin) * (1.0 - begin), 0.5 * per_pixel * end * end
    sums[np.uint64(at + first * across)] += np.float32(area * head)
    if last == first + 2:
        sums[np.uint64(at + (first + 1) * across)] += np.float32(area * (1.0 - head - tail))
    else:
        second = per_pixel * (1.5 - begin)
        sums[np.uint64(at + (first + 1) * across)] += np.float32(area * (second - head))
        for column in range(first + 2, last - 1):
            sums[np.uint64(at + column * across)] += np.float32(area * per_pixel)
        sums[np.uint64(at + (last - 1) * across)] += np.float32(
            area * (1.0 - second - (last - first - 3) * per_pixel - tail)
        )
    sums[np.uint64(at + last * across)] += np.float32(area * tail)


@linked
def cover_one(
    image: Any, pixel: int, sums: Any, at: int, totals: Any, place: int, opaque: Any, even: Any, odd: Any
) -> None:
    """Take the next sum of a pixel's column and put the colour over the pixel by what they have come to.

    ``pixel`` counts through the whole image. ``opaque`` is the colour's alpha, ``even`` and ``odd`` are its channels.
    """
    low, high = np.uint32(0x00FF00FF), np.uint32(0xFF00FF00)
    seven, eight, top, whole = np.uint32(7), np.uint32(8), np.uint32(24), np.uint32(256)
    first, i, t, here = np.uint64(0), np.uint64(at), np.uint64(place), np.uint64(pixel)
    total = np.float32(totals[t] + sums[i])
    totals[t] = total
    sums[i] = np.float32(0.0)
    alpha = np.uint32(np.int32(min(abs(total), np.float32(1.0)) * opaque + np.float32(0.5)))
    weight = np.uint32(alpha + np.uint32(alpha >> seven))
    rest = np.uint32(whole - weight)
    below = image[first, here]
    # Two channels at a time; each product of 8 by 9 bits has room in its 16.
    evens = np.uint32(np.uint32(np.uint32(np.uint32(below & low) * rest) >> eight) & low) + np.uint32(
        np.uint32(np.uint32(even * weight) >> eight) & low
    )
    odds = np.uint32(np.uint32(np.uint32(np.uint32(below >> eight) & low) * rest) & high) + np.uint32(
        np.uint32(odd * weight) & high
    )
    image[first, here] = np.uint32(np.uint32(evens | odds) + np.uint32(alpha << top))


@outside("gis.draw.processor_calls")
def cover_eight(
    image: Any, pixel: int, sums: Any, at: int, totals: Any, place: int, opaque: Any, even: Any, odd: Any
) -> None:
    """:func:`cover_one` for eight pixels side by side."""


@linked
def paint(
    image: Any,
    sums: Any,
    stride: int,
    row0: int,
    column0: int,
    high: int,
    wide: int,
    colour: Any,
    totals: Any,
) -> None:
    """Turn the sums, ``stride`` a row of pixels, into colour over the image. ``totals`` is room for a row of float32.

    No branch asks how far a pixel is covered: a wrong guess of the processor costs more than the pixel itself. Beyond
    the box, where nothing is covered, pixels stay what they are.
    """
    width = image.shape[1]
    opaque = np.float32(colour >> 24)
    even, odd = np.uint32(colour & 0xFF00FF), np.uint32(colour >> 8 & 0xFF)
    eights = (wide + 7) // 8
    if column0 + eights * 8 > width:
        eights = wide // 8
    for i in range(max(eights * 8, wide)):
        totals[np.uint64(i)] = np.float32(0.0)
    for r in range(high):
        pixel, at = (row0 + r) * width + column0, r * stride
        for i in range(0, eights * 8, 8):
            cover_eight(image, pixel + i, sums, at + i, totals, i, opaque, even, odd)
        for i in range(eights * 8, wide):
            cover_one(image, pixel + i, sums, at + i, totals, i, opaque, even, odd)
    for i in range(high * stride, (high + 2) * stride):
        sums[np.uint64(i)] = np.float32(0.0)


@linked
def _span(image: Any, row: int, column: int, end: int, colour: Any) -> None:
    """Colour over the pixels of a row from ``column`` to before ``end``; a loop the compiler can widen."""
    alpha = colour >> 24
    y = np.uint64(row)
    if alpha == 255:
        for c in range(column, end):
            image[y, np.uint64(c)] = np.uint32(colour)
        return
    weight = alpha + (alpha >> 7)
    rest = np.uint32(256 - weight)
    red_blue = np.uint32(((colour & 0xFF00FF) * weight) >> 8 & 0xFF00FF)
    green = np.uint32(((colour & 0x00FF00) * weight) >> 8 & 0x00FF00)
    added = np.uint32(np.uint32(alpha << 24) | red_blue | green)
    low, high = np.uint32(0x00FF00FF), np.uint32(0xFF00FF00)
    eight = np.uint32(8)
    for c in range(column, end):
        below = image[y, np.uint64(c)]
        # Two channels at a time; each product of 8 by 9 bits has room in its 16.
        even = np.uint32(np.uint32(np.uint32(below & low) * rest) >> eight) & low
        odd = np.uint32(np.uint32(np.uint32(below >> eight) & low) * rest) & high
        image[y, np.uint64(c)] = np.uint32(even | odd) + added


@linked
def sweep(
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
            cover_sum += sums[np.uint64(at + c)]
            sums[np.uint64(at + c)] = 0.0
            # How far the cover stays what it is now.
            end = c + 1
            while end < wide and sums[np.uint64(at + end)] == 0.0:
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
        sums[np.uint64(at + wide)] = 0.0
        sums[np.uint64(at + wide + 1)] = 0.0
