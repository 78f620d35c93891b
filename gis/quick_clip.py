"""Pairs of simple polygons whose outlines cross exactly twice or not at all, settled without GEOS.

Two simple closed curves that cross properly at exactly two places share one region, bounded by one arc
of each. That is what happens where a block line runs through a parcel, in nine of ten cases; in most
others the outlines keep apart. All pairs are worked out together on arrays. Whatever is not that plain
(holes, several parts, more crossings, a vertex nearer than 0.01 mm to the other outline) is left to the
caller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["PlainPairs", "clip_plain_pairs"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Objects = NDArray[np.object_]

_POLYGON = int(shapely.GeometryType.POLYGON)
# Edges of one outline that are first looked at together, by their common box, and such groups together.
_GROUP = 8
# Left polygons of more vertices are not worth a row of the table of edges.
_MOST_VERTICES = 64
# Pairs worked out together: keeps the arrays in the processor's cache.
_BLOCK = 1_024
# Nearer than this (m), a vertex counts as lying on the other outline, and the pair is not plain.
_CLOSE = 1e-5


@dataclass(frozen=True)
class _Outlines:
    """Outlines in counter-clockwise direction: edge ``i`` runs from ``start[i]`` to ``end[i]``.

    Outline ``k`` has the edges ``first[k]`` to ``first[k] + count[k] - 1``; ``plain[k]`` tells that the
    polygon has no hole and is one.
    """

    start: Floats
    end: Floats
    low: Floats
    high: Floats
    first: Integers
    count: Integers
    plain: NDArray[np.bool_]

    @classmethod
    def of(cls, polygons: Objects) -> _Outlines:
        plain = (shapely.get_type_id(polygons) == _POLYGON) & (shapely.get_num_interior_rings(polygons) == 0)
        plain &= ~shapely.is_empty(polygons)
        points, vertices = _outline_points(polygons[plain])
        if _any_clockwise(points, vertices):
            points, vertices = _outline_points(shapely.orient_polygons(polygons[plain]))
        is_start = np.ones(len(points), bool)
        is_start[np.cumsum(vertices) - 1] = False
        at = np.flatnonzero(is_start)
        # ``take`` is several times as fast as an index on pairs of coordinates.
        start, end = points.take(at, axis=0), points.take(at + 1, axis=0)
        count = np.zeros(len(polygons), dtype=np.int64)
        count[plain] = vertices - 1
        return cls(
            start,
            end,
            np.minimum(start, end, out=np.empty(start.shape, order="F")),
            np.maximum(start, end, out=np.empty(start.shape, order="F")),
            np.cumsum(count) - count,
            count,
            plain,
        )


def _outline_points(polygons: Objects) -> tuple[Floats, Integers]:
    """Vertices and their number of polygons without holes, whose coordinates are those of the outline."""
    return shapely.get_coordinates(polygons), shapely.get_num_coordinates(polygons).astype(np.int64)


def _any_clockwise(points: Floats, vertices: Integers) -> bool:
    if not len(vertices):
        return False
    first = np.cumsum(vertices) - vertices
    x, y = (points[:, axis] - np.repeat(points[first, axis], vertices) for axis in (0, 1))
    # From one ring to the next it is a step from (0, 0) to (0, 0), which adds nothing.
    cross = np.zeros_like(x)
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    return bool((np.add.reduceat(cross, first) < 0).any())


@dataclass(frozen=True)
class PlainPairs:
    """What is known of each pair (m,): ``crossing`` exactly twice, or ``apart``, or neither (not plain).

    ``geometry`` is the common polygon where ``crossing``, else ``None``. Of two polygons whose outlines are
    ``apart``, one lies inside the other or they are disjoint.
    """

    crossing: NDArray[np.bool_]
    apart: NDArray[np.bool_]
    geometry: Objects


def clip_plain_pairs(left: Objects, right: Objects, position: Integers) -> PlainPairs:
    """Settle the plain ones of the pairs ``left[i]``, ``right[position[i]]``.

    The right polygons must be valid; of left ones that are not, only ``apart`` means anything. Coordinates in metres, distances of vertices above 1e-5 count as real.
    """
    lefts, rights = _Outlines.of(left), _Outlines.of(right)
    groups = _Runs.of(rights.low, rights.high, rights.first, rights.count)
    runs = _Runs.of(groups.low, groups.high, groups.first, groups.count)
    crossing, apart = np.zeros(len(left), bool), np.zeros(len(left), bool)
    pieces = np.full(len(left), None, dtype=object)
    possible = np.flatnonzero(lefts.plain & (lefts.count <= _MOST_VERTICES) & rights.plain[position])
    boxes = shapely.bounds(left)
    # A loop over cache-sized blocks of pairs, not over pairs.
    for begin in range(0, len(possible), _BLOCK):
        pairs = possible[begin : begin + _BLOCK]
        settled, lonely, polygons = _clip(lefts, rights, groups, runs, pairs, position[pairs], boxes[pairs])
        crossing[pairs[settled]] = True
        apart[pairs[lonely]] = True
        pieces[pairs[settled]] = polygons
    return PlainPairs(crossing, apart, pieces)


@dataclass(frozen=True)
class _Runs:
    """Runs of neighbouring members (edges, or runs of edges) with their boxes, numbered as the outlines are.

    Run ``i`` holds the members ``member[i]`` to ``member[i] + size[i] - 1``; outline ``k`` has the runs
    ``first[k]`` to ``first[k] + count[k] - 1``.
    """

    member: Integers
    size: Integers
    low: Floats
    high: Floats
    first: Integers
    count: Integers

    @classmethod
    def of(cls, low: Floats, high: Floats, first: Integers, count: Integers) -> _Runs:
        runs = -(-count // _GROUP)
        outline, turn = _spread(runs)
        member = first[outline] + turn * _GROUP
        size = np.minimum(_GROUP, first[outline] + count[outline] - member)
        if len(member):
            low = _columns(np.minimum.reduceat(low, member))
            high = _columns(np.maximum.reduceat(high, member))
        return cls(member, size, low, high, np.cumsum(runs) - runs, runs)

    def members(self, owner: Integers, run: Integers) -> tuple[Integers, Integers]:
        """The members of runs, each with the owner of its run."""
        row, turn = _spread(self.size.take(run))
        return owner.take(row), self.member.take(run).take(row) + turn


def _columns(points: Floats) -> Floats:
    """The same with each column in one piece of memory, for ``take``."""
    return np.asfortranarray(points)


def _spread(count: Integers) -> tuple[Integers, Integers]:
    """Owner and running number of ``count[i]`` entries each: [2, 1] → [0, 0, 1], [0, 1, 0]."""
    owner = np.repeat(np.arange(len(count)), count)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)


def _meet(
    low: Floats, high: Floats, one: Integers, other_low: Floats, other_high: Floats, two: Integers
) -> NDArray[np.bool_]:
    """Whether the boxes at positions ``one`` meet the other boxes at positions ``two``."""
    near = low[:, 0].take(one) <= other_high[:, 0].take(two)
    near &= high[:, 0].take(one) >= other_low[:, 0].take(two)
    near &= low[:, 1].take(one) <= other_high[:, 1].take(two)
    near &= high[:, 1].take(one) >= other_low[:, 1].take(two)
    return np.asarray(near)


def _within(
    values: Floats, index: Integers, used: NDArray[np.bool_], pair: Integers, limit: Floats, *, below: bool
) -> NDArray[np.bool_]:
    """Rows of values of each pair compared with one limit per row; unused places never hold."""
    table = np.where(used, values[index], np.inf if below else -np.inf)
    rows = table.take(pair, axis=0)
    return np.asarray(rows <= limit[:, None] if below else rows >= limit[:, None])


def _clip(
    lefts: _Outlines,
    rights: _Outlines,
    groups: _Runs,
    runs: _Runs,
    pairs: Integers,
    position: Integers,
    boxes: Floats,
) -> tuple[Integers, Integers, Objects]:
    """Pairs that cross twice, pairs whose outlines are apart, and the common polygons of the former."""
    low, high = _columns(boxes[:, :2] - _CLOSE), _columns(boxes[:, 2:] + _CLOSE)
    # Runs of groups of right edges near the left box, then groups.
    pair, turn = _spread(runs.count[position])
    run = runs.first[position].take(pair) + turn
    near = _meet(runs.low, runs.high, run, low, high, pair)
    pair, group = runs.members(pair[near], run[near])
    near = _meet(groups.low, groups.high, group, low, high, pair)
    pair, group = pair[near], group[near]
    # Left edges near the group. All edges of a left polygon stand in one row: rows are compared, not
    # edges looked up.
    wide = int(lefts.count[pairs].max())
    column = np.arange(wide)
    index = lefts.first[pairs][:, None] + np.minimum(column, lefts.count[pairs][:, None] - 1)
    used = column < lefts.count[pairs][:, None]
    near = _within(lefts.low[:, 0], index, used, pair, groups.high[:, 0].take(group) + _CLOSE, below=True)
    near &= _within(lefts.low[:, 1], index, used, pair, groups.high[:, 1].take(group) + _CLOSE, below=True)
    near &= _within(lefts.high[:, 0], index, used, pair, groups.low[:, 0].take(group) - _CLOSE, below=False)
    near &= _within(lefts.high[:, 1], index, used, pair, groups.low[:, 1].take(group) - _CLOSE, below=False)
    # One dimension at a time: twice as fast as nonzero on a table.
    row, turn = np.divmod(np.flatnonzero(near), wide)
    pair, group = pair.take(row), group.take(row)
    mine = lefts.first[pairs].take(pair) + turn
    # Edges of the group near the left edge.
    row, edge = groups.members(np.arange(len(group)), group)
    pair, mine = pair.take(row), mine.take(row)
    near = _meet(rights.low, rights.high, edge, lefts.low - _CLOSE, lefts.high + _CLOSE, mine)
    kept = np.flatnonzero(near)
    pair, edge, mine = pair.take(kept), edge.take(kept), mine.take(kept)

    corner = boxes[:, :2].take(pair, axis=0)
    a, b = rights.start.take(edge, axis=0) - corner, rights.end.take(edge, axis=0) - corner
    c, d = lefts.start.take(mine, axis=0) - corner, lefts.end.take(mine, axis=0) - corner
    along, across = b - a, d - c
    c_side, d_side = _cross(along, c - a), _cross(along, d - a)
    a_side, b_side = _cross(across, a - c), _cross(across, b - c)
    tight = _CLOSE * np.hypot(*along.T)
    tight_mine = _CLOSE * np.hypot(*across.T)
    doubtful = np.minimum(np.abs(c_side), np.abs(d_side)) <= tight
    doubtful |= np.minimum(np.abs(a_side), np.abs(b_side)) <= tight_mine
    crossing = np.flatnonzero(~doubtful & (c_side * d_side < 0) & (a_side * b_side < 0))
    crossings = np.bincount(pair[crossing], minlength=len(pairs))
    crossings[pair[doubtful]] = -1
    # The right outline enters where it comes to the left side of the left outline's edge.
    entries = np.bincount(pair[crossing[b_side[crossing] > 0]], minlength=len(pairs))
    twice = (crossings == 2) & (entries == 1)
    crossing = crossing[twice[pair[crossing]]]
    entering = b_side[crossing] > 0
    settled = np.flatnonzero(twice)
    order_in, order_out = crossing[entering], crossing[~entering]
    order_in, order_out = order_in[np.argsort(pair[order_in])], order_out[np.argsort(pair[order_out])]
    share = a_side[crossing] / (a_side[crossing] - b_side[crossing])
    at = np.zeros(len(pair))
    at[crossing] = share
    at_mine = np.zeros(len(pair))
    at_mine[crossing] = c_side[crossing] / (c_side[crossing] - d_side[crossing])
    polygons = _assemble(
        lefts,
        rights,
        pairs[settled],
        position[settled],
        (edge[order_in], mine[order_in], at[order_in], at_mine[order_in]),
        (edge[order_out], mine[order_out], at[order_out], at_mine[order_out]),
    )
    return settled, np.flatnonzero(crossings == 0), polygons


def _cross(first: Floats, second: Floats) -> Floats:
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])


def _assemble(
    lefts: _Outlines,
    rights: _Outlines,
    pairs: Integers,
    position: Integers,
    entry: tuple[Integers, Integers, Floats, Floats],
    leave: tuple[Integers, Integers, Floats, Floats],
) -> Objects:
    """The right arc from entry to exit, then the left arc from exit to entry, as polygons."""
    if not len(pairs):
        return np.empty(0, dtype=object)
    right_count = _steps(entry[0], entry[2], leave[0], leave[2], rights.count[position])
    left_count = _steps(leave[1], leave[3], entry[1], entry[3], lefts.count[pairs])
    points_in = rights.start[entry[0]] + entry[2][:, None] * (rights.end[entry[0]] - rights.start[entry[0]])
    points_out = rights.start[leave[0]] + leave[2][:, None] * (rights.end[leave[0]] - rights.start[leave[0]])
    size = right_count + left_count + 3
    begin = np.cumsum(size) - size
    # Where each point comes from: right vertices, left vertices, entries, exits.
    source = np.concatenate([rights.start, lefts.start, points_in, points_out])
    entries = len(rights.start) + len(lefts.start) + np.arange(len(pairs))
    index = np.empty(int(size.sum()), dtype=np.int64)
    index[begin] = index[begin + size - 1] = entries
    index[begin + right_count + 1] = entries + len(pairs)
    for outlines, which, edge, count, to, shift in (
        (rights, position, entry[0], right_count, begin + 1, 0),
        (lefts, pairs, leave[1], left_count, begin + right_count + 2, len(rights.start)),
    ):
        before = np.cumsum(count) - count
        place = np.arange(int(count.sum()))
        vertex = place + np.repeat(edge + 1 - before, count)
        end = outlines.first[which] + outlines.count[which]
        vertex -= np.where(vertex >= np.repeat(end, count), np.repeat(outlines.count[which], count), 0)
        index[place + np.repeat(to - before, count)] = vertex + shift
    offsets = (np.append(begin, len(index)), np.arange(len(pairs) + 1))
    return np.asarray(
        shapely.from_ragged_array(shapely.GeometryType.POLYGON, source.take(index, axis=0), offsets)
    )


def _steps(
    from_edge: Integers, from_share: Floats, to_edge: Integers, to_share: Floats, count: Integers
) -> Integers:
    """Vertices between two places of a closed outline, in its direction."""
    steps = (to_edge - from_edge) % count
    once_round = (from_edge == to_edge) & (to_share < from_share)
    return np.asarray(np.where(once_round, count, steps))
