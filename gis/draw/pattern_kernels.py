"""Compiled loops of hatches and of shifted outlines, and how one colour lies over another.

Numbers of hatches and pens are those of ``gis.draw.patterns``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.draw.linked import linked

__all__ = ["blend", "hatch_span", "put", "shift_rings"]

_SHARPEST = 2.0  # how much farther than a side the corner of a shifted ring may go


@linked
def blend(below: Any, colour: Any, cover: Any) -> Any:
    """Colour over a premultiplied pixel; ``cover`` is 0 to 256. All are int64: uint64 would turn into floats."""
    alpha = ((colour >> 24) * cover) >> 8
    weight = alpha + (alpha >> 7)
    rest = 256 - weight
    red_blue = (((below & 0xFF00FF) * rest) >> 8) + (((colour & 0xFF00FF) * weight) >> 8)
    green = (((below & 0x00FF00) * rest) >> 8) + (((colour & 0x00FF00) * weight) >> 8)
    return ((((below >> 24) * rest) >> 8) + alpha) << 24 | (red_blue & 0xFF00FF) | (green & 0x00FF00)


@linked
def put(image: Any, row: int, column: int, colour: Any, cover: float) -> None:
    """Colour over one pixel by its cover, 0 to 1."""
    y, x = np.uint64(row), np.uint64(column)  # numba asks of a signed index whether it counts from the end
    image[y, x] = np.uint32(blend(np.int64(image[y, x]), colour, np.int64(cover * 256.0)))


@linked
def hatch_span(
    image: Any, row: int, column: int, end: int, colour: Any, kind: int, spacing: int, weight: float,
    phase_x: int, phase_y: int, cover: float,
) -> None:  # fmt: skip
    """The hatch of one row from ``column`` to before ``end``.

    ``kind`` is the number in ``gis.draw.patterns.HATCHES``; lines are ``spacing`` pixels apart and ``weight`` wide.
    ``phase_x`` and ``phase_y`` (0 to before 2 · spacing) tie the pattern to the land.
    """
    y = row + phase_y
    if kind == 4 or kind == 6:  # lines along the row
        share = min(1.0, weight - y % spacing)
        if share > 0.0:
            for c in range(column, end):
                put(image, row, c, colour, cover * share)
            return
    if kind == 4:
        return
    if kind == 7:
        _dots(image, row, column, end, colour, spacing, weight, phase_x, y, cover)
        return
    for c in range(column, end):
        x = c + phase_x
        share = 0.0
        if kind == 1 or kind == 3:
            share = weight - (x + y) % spacing
        if kind == 2 or kind == 3:
            share = max(share, weight - (x - y) % spacing)
        if kind == 5 or kind == 6:
            share = weight - x % spacing
        if share > 0.0:
            put(image, row, c, colour, cover * min(1.0, share))


@linked
def _dots(
    image: Any, row: int, column: int, end: int, colour: Any, spacing: int, weight: float, phase_x: int, y: int,
    cover: float,
) -> None:  # fmt: skip
    """Dots, every other row of them shifted by half."""
    half = spacing * 0.5
    dy = y % spacing + 0.5 - half
    reach = weight * 0.9 + 0.5
    if abs(dy) >= reach:
        return
    shift = spacing // 2 if (y // spacing) % 2 else 0
    for c in range(column, end):
        dx = (c + phase_x + shift) % spacing + 0.5 - half
        share = reach - np.sqrt(dx * dx + dy * dy)
        if share > 0.0:
            put(image, row, c, colour, cover * min(1.0, share))


@linked
def shift_rings(points: Any, ends: Any, count: int, distance: float, shifted: Any) -> None:
    """Move rings (x, y in pixels; ``ends`` is 1 at each last vertex) sideways, their corners with them."""
    start = 0
    for last in range(count):
        if not ends[last]:
            continue
        closed = points[start, 0] == points[last, 0] and points[start, 1] == points[last, 1]
        for i in range(start, last + 1):
            before, after = i - 1, i + 1
            if i == start:
                before = last - 1 if closed else start
            if i == last:
                after = start + 1 if closed else last
            ax, ay = points[i, 0] - points[before, 0], points[i, 1] - points[before, 1]
            bx, by = points[after, 0] - points[i, 0], points[after, 1] - points[i, 1]
            a, b = np.sqrt(ax * ax + ay * ay), np.sqrt(bx * bx + by * by)
            nx, ny = 0.0, 0.0
            if a > 0.0:
                nx, ny = nx - ay / a, ny + ax / a
            if b > 0.0:
                nx, ny = nx - by / b, ny + bx / b
            # The sum of two unit normals is 2 · cos(half the bend) long; a side keeps its distance if the corner
            # moves by distance / cos.
            length = np.sqrt(nx * nx + ny * ny)
            step = 0.0
            if length > 1e-9:
                sides = 2.0 if a > 0.0 and b > 0.0 else 1.0
                step = distance / length * min(sides / length, _SHARPEST)
            shifted[i, 0], shifted[i, 1] = points[i, 0] + nx * step, points[i, 1] + ny * step
        start = last + 1
