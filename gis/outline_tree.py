"""Compiled loops over outlines of polygons: a tree of boxes over their edges, and where a box lies.

Edge ``i`` runs from ``points[i]`` to ``points[i + 1]``; rings are closed and have the land on their left. Nodes
stand in the order of a walk through the tree: below a node that is of no use, the walk goes on at ``skip[node]``,
else at ``node + 1``. Any run of neighbouring edges crosses a ray an odd number of times exactly if its two ends
lie on different sides of it, so that whole runs beside a point are counted by their ends.

Compiled by numba at first use and kept on disk; ``gis.quick_clip`` is the door to this module.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled, inlined

__all__ = [
    "APART", "CROSSING", "INSIDE", "UNKNOWN", "Outlines", "beside", "beside_edge", "build_tree", "count_nodes",
    "edge_box", "edges_meeting", "is_simple", "place", "place_boxes", "simple_rings", "turn_rings",
]  # fmt: skip

UNKNOWN, APART, INSIDE, CROSSING = 0, 1, 2, 3
# Nearer than this (m), a vertex counts as lying on the other outline: far more than rounding can move it.
CLOSE = 1e-5
# An edge that goes so far along a direction (of length 1 or √2) surely goes forward: more than CLOSE of it.
_FORWARD = 4 * CLOSE
# Edges below a leaf, and nodes below a node.
_FAN = 8


class Outlines(NamedTuple):
    """Rings of many polygons, and the tree over their edges: the arguments of the loops below.

    They take plain arrays: taking an array out of a tuple costs more in a loop than all that is done with it.
    Ring ``r`` has the points ``rings[r, 0]`` to ``rings[r + 1, 0] - 1``, the first repeated as the last, and the
    nodes ``rings[r, 1]`` to ``rings[r + 1, 1] - 1``. Polygon ``k`` has ``polygons[k, 1]`` rings from
    ``polygons[k, 0]`` on. Node ``n`` spans the edges ``nodes[n, 1]`` to ``nodes[n, 2] - 1``, whose box is
    ``boxes[n]``; ``nodes[n, 0]`` is the node after all that stand below it.
    """

    points: NDArray[np.float64]
    rings: NDArray[np.int64]
    polygons: NDArray[np.int64]
    boxes: NDArray[np.float64]
    nodes: NDArray[np.int64]


@compiled
def turn_rings(points: Any, rings: Any, hole: Any) -> None:
    """Turn rings in place so that the land lies on their left."""
    for r in range(len(rings) - 1):
        low, high = rings[r, 0], rings[r + 1, 0] - 1
        area = 0.0
        x, y = points[low, 0], points[low, 1]
        for i in range(low, high):
            area += (points[i, 0] - x) * (points[i + 1, 1] - y) - (points[i + 1, 0] - x) * (points[i, 1] - y)
        if (area < 0.0) != hole[r]:
            while low < high:
                for axis in range(2):
                    points[low, axis], points[high, axis] = points[high, axis], points[low, axis]
                low += 1
                high -= 1


@compiled
def count_nodes(rings: Any) -> None:
    """Write down where the nodes of each ring begin."""
    for r in range(len(rings) - 1):
        level = (rings[r + 1, 0] - rings[r, 0] - 2) // _FAN + 1
        nodes = level
        while level > 1:
            level = (level - 1) // _FAN + 1
            nodes += level
        rings[r + 1, 1] = rings[r, 1] + nodes


@compiled
def build_tree(points: Any, rings: Any, boxes: Any, nodes: Any) -> None:
    """Fill in the nodes of every ring."""
    most = 0
    for r in range(len(rings) - 1):
        most = max(most, rings[r + 1, 0] - rings[r, 0])
    first_node = np.empty(most // _FAN + 2, dtype=np.int64)
    inner = np.empty(most // _FAN + 2, dtype=np.int64)
    for r in range(len(rings) - 1):
        low, high = rings[r, 0], rings[r + 1, 0] - 1
        leaves = (high - low - 1) // _FAN + 1
        top = 1
        while top < leaves:
            top *= _FAN
        node, inners = rings[r, 1], 0
        for leaf in range(leaves):
            first_node[leaf] = node
            begin = low + leaf * _FAN
            span = top
            # A power of two: the bits below it tell whether a node of this span begins at the leaf.
            while leaf & (span - 1):
                span //= _FAN
            while span > 1:
                nodes[node, 0] = min(leaf + span, leaves)  # a leaf's number until all nodes are known
                nodes[node, 1], nodes[node, 2] = begin, min(begin + span * _FAN, high)
                inner[inners] = node
                inners += 1
                node += 1
                span //= _FAN
            end = min(begin + _FAN, high)
            nodes[node, 0], nodes[node, 1], nodes[node, 2] = node + 1, begin, end
            west, south = points[begin, 0], points[begin, 1]
            east, north = west, south
            for i in range(begin + 1, end + 1):
                x, y = points[i, 0], points[i, 1]
                west, south = x if x < west else west, y if y < south else south
                east, north = x if x > east else east, y if y > north else north
            boxes[node, 0], boxes[node, 1], boxes[node, 2], boxes[node, 3] = west, south, east, north
            node += 1
        first_node[leaves] = node
        for i in range(inners - 1, -1, -1):
            nodes[inner[i], 0] = first_node[nodes[inner[i], 0]]
            _fill_box(boxes, nodes, inner[i])


@compiled
def _fill_box(boxes: Any, nodes: Any, n: Any) -> None:
    """The box of a node around the boxes right below it."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    below = n + 1
    while below < nodes[n, 0]:
        west, south = min(west, boxes[below, 0]), min(south, boxes[below, 1])
        east, north = max(east, boxes[below, 2]), max(north, boxes[below, 3])
        below = nodes[below, 0]
    boxes[n, 0], boxes[n, 1], boxes[n, 2], boxes[n, 3] = west, south, east, north


@inlined
def beside(boxes: Any, node: Any, x0: float, y0: float, x1: float, y1: float) -> Any:
    """Whether a node's box keeps apart from another box."""
    # No short cut: four comparisons cost less than a branch that cannot be foreseen.
    return (boxes[node, 0] > x1) | (boxes[node, 2] < x0) | (boxes[node, 1] > y1) | (boxes[node, 3] < y0)


@compiled
def place(
    points: Any,
    rings: Any,
    polygons: Any,
    boxes: Any,
    nodes: Any,
    polygon: Any,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
) -> Any:
    """APART or INSIDE for a box that no edge of the polygon comes close to, else UNKNOWN."""
    node = rings[polygons[polygon, 0], 1]
    stop = rings[polygons[polygon, 0] + polygons[polygon, 1], 1]
    west, south, east, north = x0 - CLOSE, y0 - CLOSE, x1 + CLOSE, y1 + CLOSE
    half_x, half_y = (east - west) / 2, (north - south) / 2
    odd = False
    while node < stop:
        begin, end = nodes[node, 1], nodes[node, 2]
        if beside(boxes, node, west, south, east, north):
            # A ray from the lower left corner to the east.
            if boxes[node, 0] > east and (points[begin, 1] > y0) != (points[end, 1] > y0):
                odd = not odd
            node = nodes[node, 0]
            continue
        if nodes[node, 0] == node + 1:
            for i in range(begin, end):
                ax, ay, bx, by = points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1]
                across = (ay > y0) != (by > y0)
                if min(ax, bx) > east:
                    odd ^= across
                elif max(ax, bx) >= west and min(ay, by) <= north and max(ay, by) >= south:
                    along_x, along_y = bx - ax, by - ay
                    side = along_x * (south + half_y - ay) - along_y * (west + half_x - ax)
                    if not abs(side) > half_x * abs(along_y) + half_y * abs(along_x):
                        return UNKNOWN
                    # Upwards edges have what is west of them on their left.
                    if across and (side > 0.0) == (by > ay):
                        odd = not odd
        node += 1
    return INSIDE if odd else APART


@compiled
def place_boxes(
    points: Any, rings: Any, polygons: Any, boxes: Any, nodes: Any, position: Any, asked: Any
) -> Any:
    """Of each box ``asked[i]``: APART or INSIDE if no edge of its polygon comes close, else UNKNOWN."""
    state = np.empty(len(position), dtype=np.int8)
    for i in range(len(position)):
        state[i] = place(
            points, rings, polygons, boxes, nodes,
            position[i], asked[i, 0], asked[i, 1], asked[i, 2], asked[i, 3],
        )  # fmt: skip
    return state


@compiled
def _meeting(ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float) -> Any:
    along_x, along_y, other_x, other_y = bx - ax, by - ay, dx - cx, dy - cy
    # |x| + |y| is at least the length.
    tight, tight_other = CLOSE * (abs(along_x) + abs(along_y)), CLOSE * (abs(other_x) + abs(other_y))
    c_side = along_x * (cy - ay) - along_y * (cx - ax)
    d_side = along_x * (dy - ay) - along_y * (dx - ax)
    if (c_side > tight and d_side > tight) or (c_side < -tight and d_side < -tight):
        return 0
    a_side = other_x * (ay - cy) - other_y * (ax - cx)
    b_side = other_x * (by - cy) - other_y * (bx - cx)
    if (a_side > tight_other and b_side > tight_other) or (a_side < -tight_other and b_side < -tight_other):
        return 0
    if min(abs(c_side), abs(d_side)) > tight and min(abs(a_side), abs(b_side)) > tight_other:
        return 1 if b_side > 0.0 else -1
    return 2


@inlined
def edges_meeting(points: Any, i: Any, others: Any, j: Any) -> Any:
    """What edge ``i`` does to edge ``j`` of others: 0 apart, 1 comes to its left, -1 leaves it, 2 doubtful."""
    return _meeting(
        points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1],
        others[j, 0], others[j, 1], others[j + 1, 0], others[j + 1, 1],
    )  # fmt: skip


@compiled
def _folds_back(points: Any, i: Any, j: Any) -> bool:
    """Whether edge ``j``, which follows on edge ``i``, may run back over it."""
    x, y = points[i + 1, 0] - points[i, 0], points[i + 1, 1] - points[i, 1]
    u, v = points[j + 1, 0] - points[j, 0], points[j + 1, 1] - points[j, 1]
    tight = CLOSE * max(abs(x) + abs(y), abs(u) + abs(v))
    return not (abs(x * v - y * u) > tight or x * u + y * v > 0.0)


@compiled
def is_simple(points: Any, rings: Any, boxes: Any, nodes: Any, r: Any, ahead: Any) -> bool:
    """Whether a ring surely neither crosses nor touches itself.

    ``ahead`` (see ``_look_ahead``) is of length 0, or has for each node of the ring, counted from its first
    one, what stands behind the edges that the node's own surely keep apart from.
    """
    low, high, begin, stop = rings[r, 0], rings[r + 1, 0] - 1, rings[r, 1], rings[r + 1, 1]
    if high - low < 3:
        return False
    for leaf in range(begin, stop):
        if nodes[leaf, 0] != leaf + 1:
            continue
        west, south = boxes[leaf, 0] - CLOSE, boxes[leaf, 1] - CLOSE
        east, north = boxes[leaf, 2] + CLOSE, boxes[leaf, 3] + CLOSE
        # What stands behind the leaf holds the edges behind its own.
        node = ahead[leaf - begin] if len(ahead) else leaf
        while node < stop:
            if beside(boxes, node, west, south, east, north):
                node = nodes[node, 0]
                continue
            if nodes[node, 0] == node + 1:
                for i in range(nodes[leaf, 1], nodes[leaf, 2]):
                    x0, y0, x1, y1 = edge_box(points, i)
                    if beside(boxes, node, x0, y0, x1, y1):
                        continue
                    for j in range(max(nodes[node, 1], i + 1), nodes[node, 2]):
                        if j == i + 1:
                            if _folds_back(points, i, j):
                                return False
                        elif i == low and j == high - 1:
                            if _folds_back(points, j, i):
                                return False
                        elif (
                            not beside_edge(points, j, x0, y0, x1, y1)
                            and edges_meeting(points, i, points, j) != 0
                        ):
                            return False
            node += 1
    return True


@compiled
def _look_ahead(points: Any, rings: Any, nodes: Any, r: Any, ahead: Any) -> None:
    """For each leaf of a ring, the node behind the longest run of leaves that surely keep apart from it.

    Edges that all go forward along one direction keep apart from each other. Eight directions are tried: an
    outline turns by less than a quarter between most of its leaves.
    """
    begin, stop = rings[r, 1], rings[r + 1, 1]
    ends = np.empty(8, dtype=np.int64)
    ends[:] = stop
    # Of each direction, the leaf that ends the run; what goes not forward along it ends the run before.
    for leaf in range(stop - 1, begin - 1, -1):
        if nodes[leaf, 0] != leaf + 1:
            continue
        least_x, least_y, least_up, least_down = np.inf, np.inf, np.inf, np.inf
        most_x, most_y, most_up, most_down = -np.inf, -np.inf, -np.inf, -np.inf
        for i in range(nodes[leaf, 1], nodes[leaf, 2]):
            x, y = points[i + 1, 0] - points[i, 0], points[i + 1, 1] - points[i, 1]
            up, down = x + y, x - y
            least_x, most_x = x if x < least_x else least_x, x if x > most_x else most_x
            least_y, most_y = y if y < least_y else least_y, y if y > most_y else most_y
            least_up, most_up = up if up < least_up else least_up, up if up > most_up else most_up
            least_down, most_down = (
                down if down < least_down else least_down,
                down if down > most_down else most_down,
            )
        furthest = leaf
        for direction, forward in enumerate(
            (least_x, least_y, least_up, least_down, -most_x, -most_y, -most_up, -most_down)
        ):
            if forward > _FORWARD:
                furthest = max(furthest, ends[direction])
            else:
                ends[direction] = leaf
        ahead[leaf - begin] = furthest


@inlined
def edge_box(points: Any, i: Any) -> Any:
    """The box of an edge and of what is close to it."""
    ax, ay, bx, by = points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1]
    return min(ax, bx) - CLOSE, min(ay, by) - CLOSE, max(ax, bx) + CLOSE, max(ay, by) + CLOSE


@inlined
def beside_edge(points: Any, i: Any, x0: float, y0: float, x1: float, y1: float) -> Any:
    """Whether an edge's box keeps apart from another box."""
    return (
        min(points[i, 0], points[i + 1, 0]) > x1
        or max(points[i, 0], points[i + 1, 0]) < x0
        or min(points[i, 1], points[i + 1, 1]) > y1
        or max(points[i, 1], points[i + 1, 1]) < y0
    )


@compiled
def simple_rings(points: Any, rings: Any, polygons: Any, boxes: Any, nodes: Any) -> Any:
    """Which polygons are one ring that surely neither crosses nor touches itself."""
    simple = np.zeros(len(polygons), dtype=np.bool_)
    most = 0
    for r in range(len(rings) - 1):
        most = max(most, rings[r + 1, 1] - rings[r, 1])
    ahead = np.empty(most, dtype=np.int64)
    for k in range(len(polygons)):
        if polygons[k, 1] == 1:
            _look_ahead(points, rings, nodes, polygons[k, 0], ahead)
            simple[k] = is_simple(points, rings, boxes, nodes, polygons[k, 0], ahead)
    return simple
