"""Compiled way from the project's plane to the pixels of a map that is drawn in another system.

``bend`` is what ``gis.draw.bend`` packs: [0:4] make u and v, which lie in -1 … 1 where the polynomials hold, of a
layer's millimetres; [4:8] bound how far x and y in pixels change with u and v; [8:11] bound their second derivatives
by uu, uv and vv; [11] is the degree; from [12] on stand the coefficients of x and y in turn, the highest power of u
first. What lies beyond -1 … 1 is out of sight and is put onto that edge, so that no polynomial runs wild there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.draw.linked import inlined, linked

__all__ = ["bent", "bent_box", "trace_bent"]

_HEAD = 12
_SAME = 0.35  # pixels; a vertex that close to the one before shows nothing
_STRAIGHT = 0.1  # pixels that an edge may bend before it gets points between its ends
_PIECES = 64  # of one edge, at most
_ROOM = 4 * _PIECES + 8  # points that one edge can ask for


@inlined
def _held(value: float) -> float:
    return min(max(value, -1.0), 1.0)


@linked
def bent(bend: Any, u: float, v: float) -> tuple[float, float]:
    """Pixel x and y."""
    u, v = _held(u), _held(v)
    degree = int(bend[11])
    at = _HEAD
    x, y = 0.0, 0.0
    for i in range(degree + 1):
        row_x, row_y = 0.0, 0.0
        for _ in range(i + 1):
            row_x = row_x * v + bend[at]
            row_y = row_y * v + bend[at + 1]
            at += 2
        x = x * u + row_x
        y = y * u + row_y
    return x, y


@linked
def bent_box(bend: Any, boxes: Any, f: int) -> tuple[float, float, float, float]:
    """A box of pixels (west, north, east, south) in which a feature lies for certain."""
    west, east = _held(boxes[f, 0] * bend[0] + bend[1]), _held(boxes[f, 2] * bend[0] + bend[1])
    south, north = _held(boxes[f, 1] * bend[2] + bend[3]), _held(boxes[f, 3] * bend[2] + bend[3])
    x, y = bent(bend, (west + east) * 0.5, (south + north) * 0.5)
    wide, high = (east - west) * 0.5, (north - south) * 0.5
    across, up = wide * bend[4] + high * bend[5], wide * bend[6] + high * bend[7]
    return x - across, y - up, x + across, y + up


@linked
def _pieces(bend: Any, u0: float, v0: float, u1: float, v1: float, points: Any, ends: Any, count: int) -> int:
    """Points between the ends of an edge that bends visibly. Returns the number of points then."""
    du, dv = u1 - u0, v1 - v0
    bow = (bend[8] * du * du + 2.0 * bend[9] * abs(du * dv) + bend[10] * dv * dv) * 0.125
    if bow > _STRAIGHT:
        pieces = min(int(np.ceil(np.sqrt(bow / _STRAIGHT))), _PIECES)
        for piece in range(1, pieces):
            share = piece / pieces
            x, y = bent(bend, u0 + du * share, v0 + dv * share)
            points[count, 0], points[count, 1], ends[count] = x, y, 0
            count += 1
    return count


@linked
def _between(
    bend: Any, u0: float, v0: float, u1: float, v1: float, points: Any, ends: Any, count: int
) -> int:
    """As :func:`_pieces`, of an edge that may leave -1 … 1: it is cut where it crosses those lines."""
    if max(abs(u0), abs(v0), abs(u1), abs(v1)) <= 1.0:
        return _pieces(bend, u0, v0, u1, v1, points, ends, count)
    if min(u0, u1) > 1.0 or max(u0, u1) < -1.0 or min(v0, v1) > 1.0 or max(v0, v1) < -1.0:
        return count
    du, dv = u1 - u0, v1 - v0
    share, pu, pv = 0.0, _held(u0), _held(v0)
    while share < 1.0:
        following = 1.0
        for line in range(4):
            start, way = (u0, du) if line < 2 else (v0, dv)
            if way != 0.0:
                crossing = (-1.0 - start) / way if line % 2 else (1.0 - start) / way
                if share < crossing < following:
                    following = crossing
        share = following
        qu, qv = _held(u0 + du * share), _held(v0 + dv * share)
        count = _pieces(bend, pu, pv, qu, qv, points, ends, count)
        if share < 1.0:
            x, y = bent(bend, qu, qv)
            points[count, 0], points[count, 1], ends[count] = x, y, 0
            count += 1
        pu, pv = qu, qv
    return count


@linked
def trace_bent(coordinates: Any, rings: Any, first: int, last: int, bend: Any, points: Any, ends: Any) -> int:
    """The rings of one feature in pixels, as the affine way has them. Returns the number of points.

    Where ``points`` has no room for more than the vertices, edges stay straight.
    """
    count = 0
    most = len(points)
    for ring in range(first, last):
        start, stop = rings[ring], rings[ring + 1]
        px, py, pu, pv = 0.0, 0.0, 0.0, 0.0
        for vertex in range(start, stop):
            u, v = coordinates[vertex, 0] * bend[0] + bend[1], coordinates[vertex, 1] * bend[2] + bend[3]
            x, y = bent(bend, u, v)
            if start < vertex < stop - 1 and abs(x - px) < _SAME and abs(y - py) < _SAME:
                continue
            if vertex > start and count + _ROOM + rings[last] - vertex <= most:
                count = _between(bend, pu, pv, u, v, points, ends, count)
            points[count, 0], points[count, 1], ends[count] = x, y, 0
            count += 1
            px, py, pu, pv = x, y, u, v
        if count:
            ends[count - 1] = 1
    return count
