"""Which boxes of many meet: a packed tree over them, asked some thousands at a time in each thread.

`shapely.STRtree` wants a geometry for each question; a million of them take longer, and more memory, than the
answers. Here boxes are plain numbers. Compiled by numba at first use: only import this module where there is much to do.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled
from gis.outline_tree import CLOSE, beside

__all__ = ["BoxTree"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Boxes below a node.
_FAN = 8
# Questions, and nodes above boxes, that one thread takes at a time.
_QUESTIONS, _LEAVES = 100_000, 16_384


class BoxTree:
    """``boxes`` (n, 4) are west, south, east, north; one that is not finite meets nothing."""

    def __init__(self, boxes: Floats) -> None:
        self._boxes = np.ascontiguousarray(boxes, dtype=np.float64)
        self._order = np.argsort(_along_curve(self._boxes), kind="stable")
        sizes = [len(boxes), (len(boxes) - 1) // _FAN + 1]
        while sizes[-1] > 1:
            sizes.append((sizes[-1] - 1) // _FAN + 1)
        self._starts = np.cumsum([0, *sizes], dtype=np.int64)
        self._nodes = np.empty((int(self._starts[-1]), 4))
        _fill(self._boxes, self._order, self._starts, self._nodes)

    def meeting(self, asked: Floats) -> tuple[Integers, Integers]:
        """Positions (in ``asked``, in the tree) of the boxes that share a point, in ascending order."""
        asked = np.ascontiguousarray(asked, dtype=np.float64)

        def ask(begin: int, end: int) -> tuple[Integers, Integers]:
            count, found = _meeting(self._nodes, self._starts, self._order, asked, begin, end)
            return np.repeat(np.arange(begin, end), count), found

        return _in_threads(ask, len(asked) if len(self._order) else 0, _QUESTIONS)

    def near(self, reach: float) -> tuple[Integers, Integers]:
        """Positions ``first < second`` of boxes no farther apart than ``reach`` along either axis, in ascending order."""

        def ask(begin: int, end: int) -> tuple[Integers, Integers]:
            pairs = _near(self._nodes, self._starts, self._order, begin, end, reach)
            return pairs[:, 0], pairs[:, 1]

        leaves = int(self._starts[2] - self._starts[1]) if len(self._order) else 0
        first, second = _in_threads(ask, leaves, _LEAVES)
        return first, _sorted_pairs(first, second, len(self._order))


def _in_threads(
    ask: Callable[[int, int], tuple[Integers, Integers]], count: int, step: int
) -> tuple[Integers, Integers]:
    parts = [(begin, min(begin + step, count)) for begin in range(0, count, step)]
    with ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1))) as pool:
        answers = list(pool.map(lambda part: ask(*part), parts))
    none = np.empty(0, dtype=np.int64)
    return (
        np.concatenate([none, *(answer[0] for answer in answers)]),
        np.concatenate([none, *(answer[1] for answer in answers)]),
    )


@compiled
def _along_curve(boxes: Any) -> Any:
    """Where the middle of each box comes on a curve through the whole plane: what is near on it is near in the plane."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for i in range(len(boxes)):
        x, y = boxes[i, 0] + boxes[i, 2], boxes[i, 1] + boxes[i, 3]
        if np.isfinite(x) and np.isfinite(y):
            west, east = min(west, x), max(east, x)
            south, north = min(south, y), max(north, y)
    wide, high = 65535.0 / max(east - west, 1e-9), 65535.0 / max(north - south, 1e-9)
    place = np.zeros(len(boxes), dtype=np.uint32)
    for i in range(len(boxes)):
        x, y = boxes[i, 0] + boxes[i, 2], boxes[i, 1] + boxes[i, 3]
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        column, row = int((x - west) * wide), int((y - south) * high)
        code = 0
        for bit in range(16):
            code |= ((column >> bit) & 1) << (2 * bit) | ((row >> bit) & 1) << (2 * bit + 1)
        place[i] = code
    return place


@compiled
def _fill(boxes: Any, order: Any, starts: Any, nodes: Any) -> None:
    """The boxes in their order, then level by level the box around each eight of the level below."""
    for i in range(len(order)):
        for side in range(4):
            nodes[i, side] = boxes[order[i], side]
        if not np.isfinite(nodes[i]).all():
            nodes[i, :2], nodes[i, 2:] = np.inf, -np.inf
    for level in range(1, len(starts) - 1):
        below, last = starts[level - 1], starts[level]
        for n in range(starts[level + 1] - last):
            west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
            for i in range(below + n * _FAN, min(below + (n + 1) * _FAN, last)):
                west, south = min(west, nodes[i, 0]), min(south, nodes[i, 1])
                east, north = max(east, nodes[i, 2]), max(north, nodes[i, 3])
            node = last + n
            nodes[node, 0], nodes[node, 1], nodes[node, 2], nodes[node, 3] = west, south, east, north


@compiled
def _walk(
    nodes: Any,
    starts: Any,
    down_to: Any,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    waiting: Any,
    found: Any,
) -> Any:
    """The nodes of a level whose boxes meet another, counted along that level, into ``found``; how many there are.

    If these are more than there is room for, only so many are written.
    """
    level, count = len(starts) - 2, 0
    waiting[0], depth = starts[level], 1
    while depth:
        depth -= 1
        node = waiting[depth]
        # What waits is of this level or of those above it.
        while node >= starts[level + 1]:
            level += 1
        while node < starts[level]:
            level -= 1
        if level == down_to:
            if count < len(found):
                found[count] = node - starts[level]
            count += 1
            continue
        low = starts[level - 1] + (node - starts[level]) * _FAN
        for below in range(low, min(low + _FAN, starts[level])):
            if not beside(nodes, below, x0, y0, x1, y1):
                waiting[depth] = below
                depth += 1
    return count


@compiled
def _meeting(nodes: Any, starts: Any, order: Any, asked: Any, begin: Any, end: Any) -> Any:
    """How many boxes each of ``asked[begin:end]`` meets, and their positions."""
    counts = np.zeros(end - begin, dtype=np.int64)
    found, size = np.empty(2 * (end - begin) + 64, dtype=np.int64), 0
    waiting = np.empty(_FAN * len(starts), dtype=np.int64)
    for i in range(begin, end):
        x0, y0, x1, y1 = asked[i, 0], asked[i, 1], asked[i, 2], asked[i, 3]
        if not (x0 <= x1 and y0 <= y1):
            continue
        count = _walk(nodes, starts, 0, x0, y0, x1, y1, waiting, found[size:])
        if size + count > len(found):
            larger = np.empty(2 * (size + count), dtype=np.int64)
            larger[:size] = found[:size]
            found = larger
            _walk(nodes, starts, 0, x0, y0, x1, y1, waiting, found[size:])
        for j in range(size, size + count):
            found[j] = order[found[j]]
        _sort(found, size, size + count)
        counts[i - begin] = count
        size += count
    return counts, found[:size]


@compiled
def _near(nodes: Any, starts: Any, order: Any, begin: Any, end: Any, reach: float) -> Any:
    """Pairs of which one stands below a node of the lowest level from ``begin`` to ``end``, the other there or behind it."""
    found, size = np.empty((32 * (end - begin) + 64, 2), dtype=np.int64), 0
    waiting = np.empty(_FAN * len(starts), dtype=np.int64)
    others = np.empty(starts[2] - starts[1], dtype=np.int64)
    wide = reach + CLOSE  # more than rounding
    for leaf in range(begin, end):
        node = starts[1] + leaf
        count = _walk(
            nodes, starts, 1,
            nodes[node, 0] - wide, nodes[node, 1] - wide, nodes[node, 2] + wide, nodes[node, 3] + wide,
            waiting, others,
        )  # fmt: skip
        for other in others[:count]:
            if other < leaf:
                continue
            if size + _FAN * _FAN > len(found):
                larger = np.empty((2 * len(found) + _FAN * _FAN, 2), dtype=np.int64)
                larger[:size] = found[:size]
                found = larger
            for i in range(leaf * _FAN, min((leaf + 1) * _FAN, len(order))):
                x0, y0, x1, y1 = (
                    nodes[i, 0] - wide,
                    nodes[i, 1] - wide,
                    nodes[i, 2] + wide,
                    nodes[i, 3] + wide,
                )
                if beside(nodes, starts[1] + other, x0, y0, x1, y1):
                    continue
                first = i + 1 if other == leaf else other * _FAN
                for j in range(first, min((other + 1) * _FAN, len(order))):
                    a, b = (i, j) if order[i] < order[j] else (j, i)
                    if not beside(
                        nodes,
                        b,
                        nodes[a, 0] - reach,
                        nodes[a, 1] - reach,
                        nodes[a, 2] + reach,
                        nodes[a, 3] + reach,
                    ):
                        found[size, 0], found[size, 1] = order[a], order[b]
                        size += 1
    return found[:size]


@compiled
def _sorted_pairs(first: Any, second: Any, count: Any) -> Any:
    """Sort pairs in place by the first, which are below ``count``; gives the seconds, sorted among each other."""
    begins = np.zeros(count + 1, dtype=np.int64)
    for i in range(len(first)):
        begins[first[i] + 1] += 1
    for i in range(count):
        begins[i + 1] += begins[i]
    ordered = np.empty(len(second), dtype=np.int64)
    for i in range(len(first)):
        ordered[begins[first[i]]] = second[i]
        begins[first[i]] += 1
    low = 0
    for i in range(count):
        _sort(ordered, low, begins[i])
        for j in range(low, begins[i]):
            first[j] = i
        low = begins[i]
    return ordered


@compiled
def _sort(values: Any, first: Any, last: Any) -> None:
    if last - first > 64:
        values[first:last] = np.sort(values[first:last])
        return
    for i in range(first + 1, last):
        value, j = values[i], i
        while j > first and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value
