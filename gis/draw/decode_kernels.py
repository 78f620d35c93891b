"""Compiled reading of GeoPackage blobs: from bytes to flat arrays without a geometry object in between.

Blobs are laid end to end in one uint8 array. Layout: OGC 12-128r18, clause 2.1.3 (header) and ISO WKB (body).
Compiled by numba; ``gis.draw.flat`` is the door to this module.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.draw.linked import entry, linked

__all__ = ["gather", "measure", "read"]

_POINT, _LINE, _POLYGON = 1, 2, 3
_MULTI = 3  # what a multi-part type is more than its single one
_LIMIT = 2_147_483_000.0


@linked
def _whole(data: Any, at: Any) -> Any:
    """Four bytes, the lowest first."""
    return (
        np.int64(data[at])
        | np.int64(data[at + 1]) << 8
        | np.int64(data[at + 2]) << 16
        | np.int64(data[at + 3]) << 24
    )


@linked
def _body(data: Any, at: int, end: int) -> int:
    """Where the WKB of a blob begins; -1 if there is none that can be read here."""
    if end - at < 8 or data[at] != 71 or data[at + 1] != 80 or data[at + 3] & 0b10000:
        return -1
    envelope = (data[at + 3] >> 1) & 0b111
    if envelope > 4:
        return -1
    length = 0 if envelope == 0 else 32 if envelope == 1 else 64 if envelope == 4 else 48
    start = at + 8 + length
    return start if end - start >= 9 else -1


@entry("u1:1", "i8:1", "i8:2")
def measure(data: Any, offsets: Any, counts: Any) -> None:
    """Rings, coordinates and dimension of each blob into ``counts`` (n, 3) int64.

    The dimension is -1 for a blob without geometry and -2 for a form that is not read here (big-endian,
    with Z or M, collections, curves, or cut short): those go through a general reader.
    """
    for i in range(len(offsets) - 1):
        counts[i, 0], counts[i, 1], counts[i, 2] = 0, 0, -1
        end = offsets[i + 1]
        if end == offsets[i]:
            continue
        at = _body(data, offsets[i], end)
        if at < 0:
            if not (end - offsets[i] >= 8 and data[offsets[i] + 3] & 0b10000):
                counts[i, 2] = -2
            continue
        kind = _whole(data, at + 1)
        single = kind - _MULTI if 4 <= kind <= 6 else kind
        if data[at] != 1 or single < _POINT or single > _POLYGON:
            counts[i, 2] = -2
            continue
        parts = 1
        if kind != single:
            parts = _whole(data, at + 5)
            at += 9
        good = True
        for _ in range(parts):
            if end - at < 9 or data[at] != 1 or _whole(data, at + 1) != single:
                good = False
                break
            at += 5
            if single == _POINT:
                at += 16
                counts[i, 0] += 1
                counts[i, 1] += 1
                continue
            rings = 1
            if single == _POLYGON:
                rings = _whole(data, at)
                at += 4
            for _ in range(rings):
                if end - at < 4:
                    good = False
                    break
                number = _whole(data, at)
                at += 4 + 16 * number
                counts[i, 0] += 1
                counts[i, 1] += number
                if at > end:
                    good = False
                    break
            if not good:
                break
        if not good or at > end:
            counts[i, 0], counts[i, 1], counts[i, 2] = 0, 0, -2
        else:
            counts[i, 2] = single - 1


@linked
def _turn(coordinates: Any, begin: int, end: int, hole: bool) -> None:
    """Let a shell run against the clock and a hole with it, whatever way they were stored."""
    x, y = np.int64(coordinates[begin, 0]), np.int64(coordinates[begin, 1])
    doubled = 0.0
    for v in range(begin + 1, end - 1):
        ax, ay = coordinates[v, 0] - x, coordinates[v, 1] - y
        bx, by = coordinates[v + 1, 0] - x, coordinates[v + 1, 1] - y
        doubled += float(ax) * float(by) - float(bx) * float(ay)
    if (doubled < 0.0) == hole:
        return
    low, high = begin, end - 1
    while low < high:
        for axis in range(2):
            kept = coordinates[low, axis]
            coordinates[low, axis] = coordinates[high, axis]
            coordinates[high, axis] = kept
        low += 1
        high -= 1


@entry("u1:1", "i8:1", "i8:2", "f", "f", "f", "f8:1", "u1:1", "i4:2", "i8:1", "i4:2")
def read(
    data: Any,
    offsets: Any,
    counts: Any,
    x: float,
    y: float,
    scale: float,
    pair: Any,
    raw: Any,
    coordinates: Any,
    rings: Any,
    boxes: Any,
) -> None:
    """Coordinates and ring ends of the blobs that :func:`measure` found readable.

    ``coordinates`` (V, 2) int32 is (east - x) · scale and (north - y) · scale, rounded; ``rings`` (R,) int64
    gets the end of each ring (shells run against the clock, holes with it); ``boxes`` (n, 4) int32 west, south, east, north (west above east: nothing there).
    ``pair`` is room for two float64 and ``raw`` the same memory as bytes.
    """
    vertex, ring = 0, 0
    for i in range(len(offsets) - 1):
        west = south = np.int64(2_147_483_647)
        east = north = np.int64(-2_147_483_647)
        if counts[i, 2] >= 0:
            at = _body(data, offsets[i], offsets[i + 1])
            kind = _whole(data, at + 1)
            parts = 1
            if kind > _POLYGON:
                parts = _whole(data, at + 5)
                at += 9
            for _ in range(parts):
                at += 5
                lines = 1
                if counts[i, 2] == 2:
                    lines = _whole(data, at)
                    at += 4
                for line in range(lines):
                    begin = vertex
                    number = 1
                    if counts[i, 2] > 0:
                        number = _whole(data, at)
                        at += 4
                    for _ in range(number):
                        for k in range(16):
                            raw[k] = data[at + k]
                        at += 16
                        px = np.int64(np.round(min(max((pair[0] - x) * scale, -_LIMIT), _LIMIT)))
                        py = np.int64(np.round(min(max((pair[1] - y) * scale, -_LIMIT), _LIMIT)))
                        coordinates[vertex, 0] = px
                        coordinates[vertex, 1] = py
                        west, east = min(west, px), max(east, px)
                        south, north = min(south, py), max(north, py)
                        vertex += 1
                    if counts[i, 2] == 2:
                        _turn(coordinates, begin, vertex, line > 0)
                    rings[ring] = vertex
                    ring += 1
        boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3] = west, south, east, north


@entry("i8:1", "i4:2", "i8:1", "i8:1", "i4:2", "i8:1", "i8:1")
def gather(
    order: Any,
    coordinates: Any,
    rings: Any,
    features: Any,
    coordinates_out: Any,
    rings_out: Any,
    features_out: Any,
) -> None:
    """Put features into another order, with their rings and coordinates; the outputs have the inputs' shapes."""
    vertex, ring = 0, 0
    for i in range(len(order)):
        f = order[i]
        for r in range(features[f], features[f + 1]):
            for v in range(rings[r], rings[r + 1]):
                coordinates_out[vertex, 0] = coordinates[v, 0]
                coordinates_out[vertex, 1] = coordinates[v, 1]
                vertex += 1
            ring += 1
            rings_out[ring] = vertex
        features_out[i + 1] = ring
