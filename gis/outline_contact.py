"""Compiled loops over neighbours: polygons that share corners and whole edges, vertex by vertex, but no land.

Compiled by numba at first use and kept on disk; ``gis.quick_clip`` is the door to this module. The arrays of
left and right polygons are those of :class:`gis.outline_tree.Outlines`.
"""

from __future__ import annotations

from math import atan2, pi
from typing import Any

import numpy as np

from gis.compiled import compiled, inlined
from gis.outline_tree import APART, CLOSE, beside, beside_edge, edge_box, edges_meeting, place

__all__ = ["neighbours_apart"]


@inlined
def _same(points: Any, i: Any, others: Any, j: Any) -> Any:
    return (points[i, 0] == others[j, 0]) & (points[i, 1] == others[j, 1])


@compiled
def _runs_along(points: Any, corner: Any, end: Any, others: Any, other_end: Any) -> bool:
    """Whether the edge from a corner to ``points[end]`` may run along the one to ``others[other_end]``."""
    x, y = points[end, 0] - points[corner, 0], points[end, 1] - points[corner, 1]
    u, v = others[other_end, 0] - points[corner, 0], others[other_end, 1] - points[corner, 1]
    tight = CLOSE * max(abs(x) + abs(y), abs(u) + abs(v))
    return not (abs(x * v - y * u) > tight or x * u + y * v < 0.0)


@compiled
def _turn(points: Any, corner: Any, end: Any, start: float) -> Any:
    """How far to turn left at a corner from the direction ``start`` to ``points[end]``, 0 to 2π."""
    turn = atan2(points[end, 1] - points[corner, 1], points[end, 0] - points[corner, 0]) - start
    return turn if turn >= 0.0 else turn + 2 * pi


@compiled
def _beside_at_corner(
    points: Any, low: Any, high: Any, i: Any, others: Any, first: Any, last: Any, j: Any
) -> Any:
    """Whether two rings with the common corner ``points[i]``, ``others[j]`` have no land in common around it.

    From the edge that comes in, turning left over foreign land, follow: the other ring's edge that goes out, the
    one that comes in, and the own edge that goes out. Directions of common edges are the same to the last bit.
    """
    before = i - 1 if i > low else high - 1
    other_before = j - 1 if j > first else last - 1
    start = atan2(points[before, 1] - points[i, 1], points[before, 0] - points[i, 0])
    out, back = _turn(others, j, j + 1, start), _turn(others, j, other_before, start)
    return (out <= back) & (back <= _turn(points, i, i + 1, start))


@compiled
def _contact(
    left_points: Any, left_rings: Any, left_boxes: Any, left_nodes: Any, ring: Any,
    points: Any, rings: Any, boxes: Any, nodes: Any, other: Any,
) -> Any:  # fmt: skip
    """How two rings meet: 0 nowhere, 1 in corners and edges with the land on both sides of them, 2 otherwise."""
    low, high = left_rings[ring, 0], left_rings[ring + 1, 0] - 1
    first, last = rings[other, 0], rings[other + 1, 0] - 1
    contact = 0
    for leaf in range(left_rings[ring, 1], left_rings[ring + 1, 1]):
        if left_nodes[leaf, 0] != leaf + 1:
            continue
        west, south = left_boxes[leaf, 0] - CLOSE, left_boxes[leaf, 1] - CLOSE
        east, north = left_boxes[leaf, 2] + CLOSE, left_boxes[leaf, 3] + CLOSE
        node, stop = rings[other, 1], rings[other + 1, 1]
        while node < stop:
            if beside(boxes, node, west, south, east, north):
                node = nodes[node, 0]
                continue
            if nodes[node, 0] == node + 1:
                for i in range(left_nodes[leaf, 1], left_nodes[leaf, 2]):
                    x0, y0, x1, y1 = edge_box(left_points, i)
                    if beside(boxes, node, x0, y0, x1, y1):
                        continue
                    for j in range(nodes[node, 1], nodes[node, 2]):
                        if beside_edge(points, j, x0, y0, x1, y1):
                            continue
                        starts, ends = (
                            _same(left_points, i, points, j),
                            _same(left_points, i + 1, points, j + 1),
                        )
                        after, before = (
                            _same(left_points, i, points, j + 1),
                            _same(left_points, i + 1, points, j),
                        )
                        if not (starts | ends | after | before):
                            if edges_meeting(points, j, left_points, i) != 0:
                                return 2
                            continue
                        contact = 1
                        # One edge in both directions has land on both sides.
                        if after & before:
                            continue
                        corner = i if starts | after else i + 1
                        if _runs_along(
                            left_points, corner, 2 * i + 1 - corner, points, j + 1 if starts | before else j
                        ):
                            return 2
                        # Each common corner is the start of one edge on either side.
                        if starts and not _beside_at_corner(
                            left_points, low, high, i, points, first, last, j
                        ):
                            return 2
            node += 1
    return contact


@compiled
def neighbours_apart(
    left_points: Any, left_rings: Any, left_polygons: Any, left_boxes: Any, left_nodes: Any, left_simple: Any,
    points: Any, rings: Any, polygons: Any, boxes: Any, nodes: Any, simple: Any, position: Any,
) -> Any:  # fmt: skip
    """Which pairs of left polygon ``i`` and right polygon ``position[i]`` surely share no land.

    ``left_simple``, ``simple``: who is one ring that keeps apart from itself. Two such rings that meet in common
    corners and edges only, and have no land in common around any of these, have none at all: neither outline
    gets into the other polygon, and around the corner neither polygon lies in the other.
    """
    apart = np.zeros(len(position), dtype=np.bool_)
    for pair in range(len(position)):
        k = position[pair]
        if not (left_simple[pair] and simple[k]):
            continue
        ring, other = left_polygons[pair, 0], polygons[k, 0]
        contact = _contact(
            left_points, left_rings, left_boxes, left_nodes, ring, points, rings, boxes, nodes, other
        )
        if contact == 0:
            x, y = left_points[left_rings[ring, 0], 0], left_points[left_rings[ring, 0], 1]
            u, v = points[rings[other, 0], 0], points[rings[other, 0], 1]
            apart[pair] = (
                place(points, rings, polygons, boxes, nodes, k, x, y, x, y) == APART
                and place(left_points, left_rings, left_polygons, left_boxes, left_nodes, pair, u, v, u, v)
                == APART
            )
        else:
            apart[pair] = contact == 1
    return apart
