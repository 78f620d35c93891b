"""Compiled loops over pairs of neighbouring polygons: which a line keeps apart, and which face each other across a gap.

The arguments are those of ``gis.outline_tree.Outlines``: rings are closed and have the land on their left.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.compiled import compiled

__all__ = ["facing", "kept_apart"]


@compiled
def kept_apart(points: Any, rings: Any, polygons: Any, first: Any, second: Any, tolerance: float) -> Any:
    """Of each pair whether a line along an edge of one has all of one on its left and all of the other on its right.

    To ``tolerance`` metres on either side: what the two share is then no wider than twice that.
    """
    apart = np.zeros(len(first), dtype=np.bool_)
    for i in range(len(first)):
        apart[i] = _parts(points, rings, polygons, first[i], second[i], tolerance) or _parts(
            points, rings, polygons, second[i], first[i], tolerance
        )
    return apart


@compiled
def _parts(points: Any, rings: Any, polygons: Any, one: Any, other: Any, tolerance: float) -> Any:
    begin, end = rings[polygons[one, 0], 0], rings[polygons[one, 0] + polygons[one, 1], 0]
    low, high = rings[polygons[other, 0], 0], rings[polygons[other, 0] + polygons[other, 1], 0]
    # From ring to ring it is no edge, but as good a line as any.
    for v in range(begin, end - 1):
        x, y = points[v, 0], points[v, 1]
        along_x, along_y = points[v + 1, 0] - x, points[v + 1, 1] - y
        most = tolerance * np.sqrt(along_x * along_x + along_y * along_y)
        if most <= 0.0:
            continue
        good = True
        for w in range(low, high):
            if along_x * (points[w, 1] - y) - along_y * (points[w, 0] - x) > most:
                good = False
                break
        if not good:
            continue
        for w in range(begin, end):
            if along_x * (points[w, 1] - y) - along_y * (points[w, 0] - x) < -most:
                good = False
                break
        if good:
            return True
    return False


@compiled
def facing(
    points: Any,
    rings: Any,
    polygons: Any,
    first: Any,
    second: Any,
    least: float,
    most: float,
    straight: float,
    room: Any,
) -> Any:
    """Quadrangles between edges of a pair that face each other across ``least`` to ``most`` metres.

    Edges run against each other to within the angle whose cosine is ``straight``. Gives the number of quadrangles;
    those for which ``room`` (n, 8) has room are written into it, their pair's position into ``room[i, 8]``.
    """
    count = 0
    for i in range(len(first)):
        a, b = first[i], second[i]
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        for w in range(rings[polygons[b, 0], 0], rings[polygons[b, 0] + polygons[b, 1], 0]):
            west, east = min(west, points[w, 0]), max(east, points[w, 0])
            south, north = min(south, points[w, 1]), max(north, points[w, 1])
        west, south, east, north = west - most, south - most, east + most, north + most
        for r in range(polygons[a, 0], polygons[a, 0] + polygons[a, 1]):
            for v in range(rings[r, 0], rings[r + 1, 0] - 1):
                x, y = points[v, 0], points[v, 1]
                along_x, along_y = points[v + 1, 0], points[v + 1, 1]
                if (
                    min(x, along_x) > east
                    or max(x, along_x) < west
                    or min(y, along_y) > north
                    or max(y, along_y) < south
                ):
                    continue
                along_x -= x
                along_y -= y
                length = np.sqrt(along_x * along_x + along_y * along_y)
                if length <= 0.0:
                    continue
                along_x /= length
                along_y /= length
                for s in range(polygons[b, 0], polygons[b, 0] + polygons[b, 1]):
                    for w in range(rings[s, 0], rings[s + 1, 0] - 1):
                        back_x, back_y = points[w + 1, 0] - points[w, 0], points[w + 1, 1] - points[w, 1]
                        against = along_x * back_x + along_y * back_y
                        if against >= 0.0 or against * against < straight * straight * (
                            back_x * back_x + back_y * back_y
                        ):
                            continue
                        # Along the edge and away from its land, to its right.
                        t0 = along_x * (points[w + 1, 0] - x) + along_y * (points[w + 1, 1] - y)
                        t1 = along_x * (points[w, 0] - x) + along_y * (points[w, 1] - y)
                        d0 = along_y * (points[w + 1, 0] - x) - along_x * (points[w + 1, 1] - y)
                        d1 = along_y * (points[w, 0] - x) - along_x * (points[w, 1] - y)
                        if t1 <= t0 or min(d0, d1) > most or max(d0, d1) <= least:
                            continue
                        slope = (d1 - d0) / (t1 - t0)
                        low, high = max(0.0, t0), min(length, t1)
                        if slope != 0.0:  # only where the distance lies between nought and the most
                            at_nought, at_most = t0 - d0 / slope, t0 + (most - d0) / slope
                            low = max(low, min(at_nought, at_most))
                            high = min(high, max(at_nought, at_most))
                        from_low, from_high = d0 + slope * (low - t0), d0 + slope * (high - t0)
                        if high - low <= least or max(from_low, from_high) <= least:
                            continue
                        if count < len(room):
                            room[count, 0], room[count, 1] = x + along_x * low, y + along_y * low
                            room[count, 2], room[count, 3] = x + along_x * high, y + along_y * high
                            room[count, 4] = x + along_x * high + along_y * from_high
                            room[count, 5] = y + along_y * high - along_x * from_high
                            room[count, 6] = x + along_x * low + along_y * from_low
                            room[count, 7] = y + along_y * low - along_x * from_low
                            room[count, 8] = i
                        count += 1
    return count
