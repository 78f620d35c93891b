"""Pairs of polygons whose outlines keep apart or cross properly, settled by compiled loops, without GEOS.

No edge of a block line comes near most parcels: such a parcel lies inside or outside, and one point tells. Where
two simple outlines cross, the pieces are bounded by arcs of both in turn. Whatever is not that plain (a vertex
nearer than 0.01 mm to the other outline, an outline that may touch itself, holes in what is cut) is left to the
caller. Loading the compiled loops takes half a second: only import this module where there is much to do.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import clipping, outline_tree
from gis.outline_contact import neighbours_apart
from gis.outline_pairs import settle_outlines
from gis.outline_tree import APART, CROSSING, INSIDE, UNKNOWN, Outlines
from gis.ragged import rings_of

__all__ = [
    "PlainPairs",
    "outlines_of",
    "settle_plain_pairs",
    "surely_apart",
    "surely_inside",
    "turned_rings",
    "warm_up",
]

Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

_NONE = np.empty(0, dtype=np.int64)
# Boxes that one thread takes at a time.
_SOME = 100_000


@dataclass(frozen=True)
class PlainPairs:
    """What is known of each pair (m,): ``inside``, ``apart``, ``crossing``, or none of these (not plain).

    ``geometry`` is the common polygon or multipolygon where ``crossing``, else ``None``; ``area`` (m, 2) the plane
    area of the left polygon and of that geometry there. ``inside``: the left polygon lies in the right one, and
    their outlines do not touch; ``apart``: they share nothing.
    """

    inside: Booleans
    apart: Booleans
    crossing: Booleans
    geometry: Objects
    area: Floats


def settle_plain_pairs(left: Objects, right: Objects, position: Integers) -> PlainPairs:
    """Settle the plain ones of the pairs ``left[i]``, ``right[position[i]]``; coordinates in metres.

    Coordinates must be numbers. What is not valid on the right counts as made valid; what crosses itself on the
    left is settled only where the outlines are apart.
    """
    rights = outlines_of(right)
    doubtful = np.flatnonzero(~outline_tree.simple_rings(*rights))
    made = clipping.valid(right[doubtful])
    if any(one is not other for one, other in zip(made, right[doubtful], strict=True)):
        right = right.copy()
        right[doubtful] = made
        rights = outlines_of(right)
    state = outline_tree.place_boxes(*rights, position, shapely.bounds(left))
    near = np.flatnonzero(state == UNKNOWN)
    geometry, area = np.full(len(left), None, dtype=object), np.zeros((len(left), 2))
    state[near], points, starts, area[near] = settle_outlines(
        *outlines_of(left[near]), *rights, position[near]
    )
    begin, owner = starts[:, 0], near[starts[:-1, 1]]
    pieces = shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (begin, np.arange(len(begin))))
    several = np.bincount(owner, minlength=len(left))[owner] > 1
    geometry[owner[~several]] = pieces[~several]
    if several.any():
        whose, part = np.unique(owner[several], return_inverse=True)
        geometry[whose] = shapely.multipolygons(pieces[several], indices=part)
    return PlainPairs(state == INSIDE, state == APART, state == CROSSING, geometry, area)


def surely_inside(boxes: Floats, areas: Objects) -> Integers:
    """Which of the areas a box (n, 4) lies in and comes close to no other; -1: none, or it is not that plain.

    For a box that is not finite nothing is said. Areas that are not valid count as made valid.
    """
    from gis.box_tree import BoxTree

    areas = clipping.valid(areas)
    outlines = outlines_of(areas)
    tree = BoxTree(shapely.bounds(areas))

    def place(some: Integers) -> Integers:
        first, second = tree.meeting(boxes[some])
        state = outline_tree.place_boxes(*outlines, second, boxes[some][first])
        found = np.full(len(some), -1, dtype=np.int64)
        inside = state == INSIDE
        found[first[inside]] = second[inside]
        # Where areas lie on each other, and where an outline is near, somebody else has to decide.
        found[np.bincount(first[inside], minlength=len(some)) > 1] = -1
        found[first[(state != INSIDE) & (state != APART)]] = -1
        return found

    parts = [np.arange(start, min(start + _SOME, len(boxes))) for start in range(0, len(boxes), _SOME)]
    with ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1))) as pool:
        return np.concatenate([_NONE, *pool.map(place, parts)])


def surely_apart(left: Objects, right: Objects, position: Integers) -> Booleans:
    """Which of the pairs ``left[i]``, ``right[position[i]]`` surely share no land; coordinates in metres.

    For coverages: neighbours may share corners and whole edges, vertex by vertex. Where a corner of one lies on
    an edge of the other, or comes nearer to it than 0.01 mm, and where a polygon has holes, nothing is said.
    """
    lefts, rights = outlines_of(left), outlines_of(right)
    return np.asarray(
        neighbours_apart(
            *lefts, outline_tree.simple_rings(*lefts), *rights, outline_tree.simple_rings(*rights), position
        )
    )


def turned_rings(polygons: Objects) -> tuple[Floats, Integers, Integers]:
    """``points``, ``rings`` and ``polygons`` of :class:`Outlines`, without the nodes of a tree."""
    groups = rings_of(polygons)
    if len(groups) == 1:
        points, size, owner, hole = (
            groups[0].coordinates,
            np.diff(groups[0].offsets),
            groups[0].owner,
            groups[0].hole,
        )
    else:
        points = np.concatenate([np.empty((0, 2)), *(group.coordinates for group in groups)])
        size = np.concatenate([_NONE, *(np.diff(group.offsets) for group in groups)])
        owner = np.concatenate([_NONE, *(group.owner for group in groups)])
        hole = np.concatenate([_NONE != 0, *(group.hole for group in groups)])
    rings = np.zeros((len(size) + 1, 2), dtype=np.int64)
    np.cumsum(size, out=rings[1:, 0])
    # Rings of one polygon stand together.
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    members = np.zeros((len(polygons), 2), dtype=np.int64)
    members[owner[starts], 0] = starts
    members[:, 1] = np.bincount(owner, minlength=len(polygons))
    outline_tree.turn_rings(points, rings, hole)
    return points, rings, members


def outlines_of(polygons: Objects) -> Outlines:
    """The rings of polygons with the tree over their edges."""
    points, rings, members = turned_rings(polygons)
    outline_tree.count_nodes(rings)
    boxes, nodes = np.empty((rings[-1, 1], 4)), np.empty((rings[-1, 1], 3), dtype=np.int64)
    outline_tree.build_tree(points, rings, boxes, nodes)
    return Outlines(points, rings, members, boxes, nodes)


@cache
def warm_up() -> None:
    """Load the compiled loops, or compile them, the first time on a machine."""
    square = np.array([shapely.box(0, 0, 9, 9)], dtype=object)
    pair = square, np.array([shapely.box(5, 5, 20, 20)], dtype=object), np.zeros(1, np.int64)
    settle_plain_pairs(*pair)
    surely_apart(*pair)
    from gis.coverage import Neighbours  # it imports this module in turn

    neighbours = Neighbours(
        np.array([shapely.box(0, 0, 9, 9), shapely.box(9.5, 0, 20, 9)], dtype=object), 1.0
    )
    neighbours.overlaps(0.1)
    neighbours.gaps(0.1, 1.0)
