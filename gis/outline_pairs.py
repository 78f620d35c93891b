"""Compiled loops over pairs of outlines: where they cross, and the pieces that two polygons share.

Compiled by numba at first use and kept on disk; ``gis.quick_clip`` is the door to this module. The arrays of
left and right polygons are those of :class:`gis.outline_tree.Outlines`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.compiled import compiled, inlined
from gis.outline_tree import (
    CLOSE,
    CROSSING,
    beside,
    beside_edge,
    edge_box,
    edges_meeting,
    is_simple,
    place,
)

__all__ = ["settle_outlines"]

# Outlines that cross more often are left to the caller.
_MOST_CROSSINGS = 32
# A left ring of so many edges is led through the right tree as a whole, a larger one node by node.
_FEW_EDGES = 24


@compiled
def _crossings(
    left_points: Any, left_rings: Any, left_boxes: Any, left_nodes: Any, ring: Any,
    points: Any, boxes: Any, nodes: Any, first: Any, stop: Any, edges: Any, shares: Any, few: Any,
) -> Any:  # fmt: skip
    """How often a left ring crosses the right edges in some nodes, and where; -1: it may touch, or too often.

    Crossing ``i``: edge ``edges[i, 0]`` of the right outline at ``shares[i, 0]`` of it, edge ``edges[i, 1]`` of
    the left one at ``shares[i, 1]``; ``edges[i, 2]`` is 1 where the right outline comes into the left polygon, else 0.
    ``few`` has room for what is worked out of the edges of a small left ring.
    """
    low, high = left_rings[ring, 0], left_rings[ring + 1, 0] - 1
    root = left_rings[ring, 1]
    if high - low <= few.shape[1]:
        for j in range(low, high):
            _write_edge(left_points, j, few, j - low)
        return _crossings_of_some(
            left_points,
            low,
            high - low,
            left_boxes,
            root,
            points,
            boxes,
            nodes,
            first,
            stop,
            edges,
            shares,
            0,
            few,
        )
    found = 0
    for leaf in range(root, left_rings[ring + 1, 1]):
        if left_nodes[leaf, 0] != leaf + 1:
            continue
        begin, end = left_nodes[leaf, 1], left_nodes[leaf, 2]
        for j in range(begin, end):
            _write_edge(left_points, j, few, j - begin)
        found = _crossings_of_some(
            left_points, begin, end - begin, left_boxes, leaf, points, boxes, nodes, first, stop, edges, shares,
            found, few,
        )  # fmt: skip
        if found < 0:
            return -1
    return found


@inlined
def _write_edge(points: Any, j: Any, out: Any, k: Any) -> None:
    """Where an edge begins, its direction, and the size of that along the axes."""
    ax, ay = points[j, 0], points[j, 1]
    out[0, k], out[1, k] = ax, ay
    out[2, k], out[3, k] = points[j + 1, 0] - ax, points[j + 1, 1] - ay
    out[4, k], out[5, k] = abs(out[2, k]), abs(out[3, k])


@compiled
def _crossings_of_some(
    left_points: Any, begin: Any, count: Any, left_boxes: Any, around: Any,
    points: Any, boxes: Any, nodes: Any, first: Any, stop: Any, edges: Any, shares: Any, found: Any, some: Any,
) -> Any:  # fmt: skip
    """The crossings of ``count`` left edges from ``begin`` on, ``some`` of which `_write_edge` has written.

    ``around`` is the left node whose box holds them, ``found`` the number of crossings that are known already.
    """
    west, south = left_boxes[around, 0] - CLOSE, left_boxes[around, 1] - CLOSE
    east, north = left_boxes[around, 2] + CLOSE, left_boxes[around, 3] + CLOSE
    node = first
    while node < stop:
        if beside(boxes, node, west, south, east, north):
            node = nodes[node, 0]
            continue
        if nodes[node, 0] == node + 1:
            half_x = (boxes[node, 2] - boxes[node, 0]) / 2
            half_y = (boxes[node, 3] - boxes[node, 1]) / 2
            x, y = boxes[node, 0] + half_x, boxes[node, 1] + half_y
            half_x, half_y = half_x + CLOSE, half_y + CLOSE
            # All at once first, without a branch: hardly a box has an edge in it.
            close = 0
            for k in range(count):
                side = some[2, k] * (y - some[1, k]) - some[3, k] * (x - some[0, k])
                close |= abs(side) <= half_x * some[5, k] + half_y * some[4, k]
            for k in range(count if close else 0):
                side = some[2, k] * (y - some[1, k]) - some[3, k] * (x - some[0, k])
                if abs(side) > half_x * some[5, k] + half_y * some[4, k]:
                    continue
                x0, y0, x1, y1 = edge_box(left_points, begin + k)
                if beside(boxes, node, x0, y0, x1, y1):
                    continue
                j = begin + k
                for i in range(nodes[node, 1], nodes[node, 2]):
                    if beside_edge(points, i, x0, y0, x1, y1):
                        continue
                    meeting = edges_meeting(points, i, left_points, j)
                    if meeting == 0:
                        continue
                    if meeting == 2 or found == _MOST_CROSSINGS:
                        return -1
                    edges[found, 0], edges[found, 1] = i, j
                    shares[found, 0] = _share(points, i, left_points, j)
                    shares[found, 1] = _share(left_points, j, points, i)
                    edges[found, 2] = meeting == 1
                    found += 1
        node += 1
    return found


@compiled
def _share(points: Any, i: Any, others: Any, j: Any) -> Any:
    """At which share of edge ``i`` it crosses edge ``j`` of others."""
    cx, cy = others[j, 0], others[j, 1]
    dx, dy = others[j + 1, 0] - cx, others[j + 1, 1] - cy
    a_side = dx * (points[i, 1] - cy) - dy * (points[i, 0] - cx)
    b_side = dx * (points[i + 1, 1] - cy) - dy * (points[i + 1, 0] - cx)
    return a_side / (a_side - b_side)


@compiled
def _following(edges: Any, shares: Any, found: Any, which: Any, side: Any) -> Any:
    """The next crossing after ``which`` along one of the closed outlines (0 right, 1 left)."""
    after, lowest = -1, which
    for other in range(found):
        if _before(edges, shares, other, lowest, side):
            lowest = other
        if _before(edges, shares, which, other, side) and (
            after < 0 or _before(edges, shares, other, after, side)
        ):
            after = other
    return lowest if after < 0 else after


@compiled
def _before(edges: Any, shares: Any, one: Any, other: Any, side: Any) -> Any:
    if edges[one, side] == edges[other, side]:
        return shares[one, side] < shares[other, side]
    return edges[one, side] < edges[other, side]


@compiled
def _copy_arc(
    out: Any, size: Any, points: Any, low: Any, high: Any, edge: Any, share: Any, to: Any, to_share: Any
) -> Any:
    """Write a point on an edge and the vertices from there to another point of the ring; the new size."""
    for axis in range(2):
        out[size, axis] = points[edge, axis] + share * (points[edge + 1, axis] - points[edge, axis])
    size += 1
    if to < edge or (to == edge and to_share < share):
        size = _copy(out, size, points, edge + 1, high)
        edge = low - 1
    return _copy(out, size, points, edge + 1, to + 1)


@inlined
def _copy(out: Any, size: Any, points: Any, begin: Any, end: Any) -> Any:
    for i in range(end - begin):
        out[size + i, 0], out[size + i, 1] = points[begin + i, 0], points[begin + i, 1]
    return size + max(end - begin, 0)


@compiled
def _ring_of(rings: Any, first: Any, edge: Any) -> Any:
    ring = first
    while rings[ring + 1, 0] <= edge:
        ring += 1
    return ring


@compiled
def _encloses_ring(box: Any, rings: Any, boxes: Any, first: Any, last: Any, but: Any) -> bool:
    """Whether the box may hold one of the rings ``first`` to ``last - 1`` as a whole, other than ``but``."""
    for ring in range(first, last):
        root = rings[ring, 1]
        if (
            ring != but
            and boxes[root, 0] >= box[0]
            and boxes[root, 1] >= box[1]
            and boxes[root, 2] <= box[2]
            and boxes[root, 3] <= box[3]
        ):
            return True
    return False


@compiled
def _in_turn(edges: Any, shares: Any, found: Any) -> bool:
    """Whether entries and exits take turns along both outlines, as they must."""
    for i in range(found):
        for side in range(2):
            if edges[i, 2] == edges[_following(edges, shares, found, i, side), 2]:
                return False
    return True


@compiled
def _with_room(rows: Any, size: Any, more: Any) -> Any:
    """The rows, or the first ``size`` of them in twice the room, if ``more`` do not fit in."""
    if size + more <= len(rows):
        return rows
    larger = np.empty((max(2 * len(rows), size + more), rows.shape[1]), rows.dtype)
    # Joining arrays takes numba ten times as long.
    for i in range(size):
        for column in range(rows.shape[1]):
            larger[i, column] = rows[i, column]
    return larger


@compiled
def _arc_size(low: Any, high: Any, edge: Any, share: Any, to: Any, to_share: Any) -> Any:
    """How many points ``_copy_arc`` writes."""
    if to < edge or (to == edge and to_share < share):
        return max(high - edge - 1, 0) + to - low + 2
    return to - edge + 1


@compiled
def _area(points: Any, begin: Any, end: Any) -> Any:
    """Twice the area of the closed ring from ``points[begin]`` to ``points[end - 1]``, land on its left."""
    x, y, area = points[begin, 0], points[begin, 1], 0.0
    for i in range(begin, end - 1):
        area += (points[i, 0] - x) * (points[i + 1, 1] - y) - (points[i + 1, 0] - x) * (points[i, 1] - y)
    return area


@compiled
def _pieces_size(
    left_low: Any, left_high: Any, low: Any, high: Any, edges: Any, shares: Any, found: Any, done: Any
) -> Any:
    """How many pieces there are between the crossings, and how many points ``_write_piece`` writes for them."""
    pieces, size = 0, 0
    done[:found] = False
    for first in range(found):
        entry = first
        if done[entry] or edges[entry, 2] == 0:
            continue
        while not done[entry]:
            done[entry] = True
            leave = _following(edges, shares, found, entry, 0)
            size += _arc_size(low, high, edges[entry, 0], shares[entry, 0], edges[leave, 0], shares[leave, 0])
            entry = _following(edges, shares, found, leave, 1)
            size += _arc_size(
                left_low, left_high, edges[leave, 1], shares[leave, 1], edges[entry, 1], shares[entry, 1]
            )
        pieces, size = pieces + 1, size + 1
    return pieces, size


@compiled
def _write_piece(
    out: Any, size: Any, left_points: Any, left_low: Any, left_high: Any, points: Any, low: Any, high: Any,
    edges: Any, shares: Any, found: Any, first: Any, done: Any,
) -> Any:  # fmt: skip
    """Write the closed ring of the piece that begins at the entry ``first``; the new size.

    It runs along the right outline from an entry to the exit, then along the left one to the next entry.
    """
    start, entry = size, first
    while not done[entry]:
        done[entry] = True
        leave = _following(edges, shares, found, entry, 0)
        size = _copy_arc(
            out, size, points, low, high, edges[entry, 0], shares[entry, 0], edges[leave, 0], shares[leave, 0]
        )
        entry = _following(edges, shares, found, leave, 1)
        size = _copy_arc(
            out, size, left_points, left_low, left_high,
            edges[leave, 1], shares[leave, 1], edges[entry, 1], shares[entry, 1],
        )  # fmt: skip
    out[size, 0], out[size, 1] = out[start, 0], out[start, 1]
    return size + 1


@compiled
def _find_crossings(
    left_points: Any, left_rings: Any, left_polygons: Any, left_boxes: Any, left_nodes: Any,
    points: Any, rings: Any, polygons: Any, boxes: Any, nodes: Any, position: Any, state: Any,
) -> Any:  # fmt: skip
    """Write the state of each pair; the crossings of those that cross, and what room their pieces need.

    Row ``i`` of ``crossing``: the pair, the right ring, and where its crossings begin (one row more than such pairs).
    """
    crossing, pairs = np.empty((len(position) + 1, 3), dtype=np.int64), 0
    edges, shares = (
        np.empty((4 * len(position) + 64, 3), dtype=np.int64),
        np.empty((4 * len(position) + 64, 2)),
    )
    done = np.empty(_MOST_CROSSINGS, dtype=np.bool_)
    no_runs, few = np.empty(0, dtype=np.int64), np.empty((6, _FEW_EDGES))
    kept, pieces, size = 0, 0, 0
    for pair in range(len(position)):
        if left_polygons[pair, 1] != 1:
            continue
        edges, shares = _with_room(edges, kept, _MOST_CROSSINGS), _with_room(shares, kept, _MOST_CROSSINGS)
        ring, k = left_polygons[pair, 0], position[pair]
        box, first, last = left_boxes[left_rings[ring, 1]], polygons[k, 0], polygons[k, 0] + polygons[k, 1]
        found = _crossings(
            left_points, left_rings, left_boxes, left_nodes, ring,
            points, boxes, nodes, rings[first, 1], rings[last, 1], edges[kept:], shares[kept:], few,
        )  # fmt: skip
        if found == 0:
            low = left_rings[ring, 0]
            x, y = left_points[low, 0], left_points[low, 1]
            if not _encloses_ring(box, rings, boxes, first, last, -1):
                state[pair] = place(points, rings, polygons, boxes, nodes, k, x, y, x, y)
            continue
        if found < 0 or found % 2 != 0 or not _in_turn(edges[kept:], shares[kept:], found):
            continue
        crossed = _ring_of(rings, first, edges[kept, 0])
        low, high = rings[crossed, 0], rings[crossed + 1, 0] - 1
        outside = 0
        for i in range(kept, kept + found):
            outside += edges[i, 0] < low or edges[i, 0] > high
        if outside or _encloses_ring(box, rings, boxes, first, last, crossed):
            continue
        if not is_simple(left_points, left_rings, left_boxes, left_nodes, ring, no_runs):
            continue
        state[pair] = CROSSING
        crossing[pairs, 0], crossing[pairs, 1], crossing[pairs, 2] = pair, crossed, kept
        more, room = _pieces_size(
            left_rings[ring, 0],
            left_rings[ring + 1, 0] - 1,
            low,
            high,
            edges[kept:],
            shares[kept:],
            found,
            done,
        )
        pairs, kept, pieces, size = pairs + 1, kept + found, pieces + more, size + room
    crossing[pairs, 2] = kept
    return crossing[: pairs + 1], edges, shares, pieces, size


@compiled
def settle_outlines(
    left_points: Any, left_rings: Any, left_polygons: Any, left_boxes: Any, left_nodes: Any,
    points: Any, rings: Any, polygons: Any, boxes: Any, nodes: Any, position: Any,
) -> Any:  # fmt: skip
    """Settle the pairs of left polygon ``i`` and right polygon ``position[i]``.

    Returns the states; the points of all pieces (closed rings), where each begins and whose it is (one row more
    than pieces); the area of the left polygon and of its pieces, where they cross. The state is UNKNOWN where an
    outline may touch the other or itself, and where holes or parts would have to be joined.
    """
    state, area = np.zeros(len(position), dtype=np.int8), np.zeros((len(position), 2))
    # Room for all pieces at once: making more of it, and copying, would take as long as finding the crossings.
    crossing, all_edges, all_shares, most, room = _find_crossings(
        left_points, left_rings, left_polygons, left_boxes, left_nodes,
        points, rings, polygons, boxes, nodes, position, state,
    )  # fmt: skip
    out, size, pieces = np.empty((room, 2)), 0, 0
    begin = np.zeros((most + 1, 2), dtype=np.int64)
    done = np.empty(_MOST_CROSSINGS, dtype=np.bool_)
    for i in range(len(crossing) - 1):
        pair, crossed, kept = crossing[i, 0], crossing[i, 1], crossing[i, 2]
        found = crossing[i + 1, 2] - kept
        edges, shares = all_edges[kept:], all_shares[kept:]
        ring = left_polygons[pair, 0]
        left_low, left_high = left_rings[ring, 0], left_rings[ring + 1, 0] - 1
        low, high = rings[crossed, 0], rings[crossed + 1, 0] - 1
        done[:found] = False
        for entry in range(found):
            if done[entry] or edges[entry, 2] == 0:
                continue
            begin[pieces, 0], begin[pieces, 1] = size, pair
            size = _write_piece(
                out, size, left_points, left_low, left_high, points, low, high, edges, shares, found, entry, done,
            )  # fmt: skip
            area[pair, 1] += _area(out, begin[pieces, 0], size) / 2
            pieces += 1
        area[pair, 0] = _area(left_points, left_low, left_high + 1) / 2
    begin[pieces, 0] = size
    return state, out, begin, area
