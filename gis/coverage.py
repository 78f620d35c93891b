"""Overlaps of neighbouring polygons and narrow gaps between them, over a whole layer at once.

While one parcel is drawn, :mod:`gis.editing.conflicts` looks at it more closely; here a million have to be gone
through. Most neighbours are told apart by a line along an edge; what is left is clipped (:mod:`gis.overlay`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import clipping
from gis.overlay import in_threads, intersect_pairs, overlay
from gis.width import width

__all__ = ["Faults", "Neighbours", "boxes_of"]

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Objects = NDArray[np.object_]
Rings = tuple[NDArray[np.float64], Integers, Integers]
_T = TypeVar("_T")

# Edges that face each other run against each other to within 15°: wider open, it is a notch and no gap.
_STRAIGHT = float(np.cos(np.radians(15.0)))
_CHUNK = 100_000
# Quadrangles for which room is kept at first.
_ROOM = 1_000


@dataclass(frozen=True)
class Faults:
    """Pieces of land, with the positions of the two polygons that share each (or stand on either side of it)."""

    first: Integers
    second: Integers
    geometry: Objects


class Neighbours:
    """The polygons of a layer and which of them are near each other; ask it for overlaps and gaps.

    ``shapes`` lie in one plane, in metres; what is no polygon has no neighbours. ``reach`` is the widest gap that will
    be asked for; ``boxes`` are those of the polygons (`boxes_of`), where they are known.
    """

    def __init__(self, shapes: Objects, reach: float, boxes: NDArray[np.float64] | None = None) -> None:
        from gis.box_tree import BoxTree  # the compiled loops load slowly

        self._shapes = shapes
        self._reach = reach
        self._boxes = boxes_of(shapes) if boxes is None else boxes
        self._tree = BoxTree(self._boxes)
        self.first, self.second = self._tree.near(reach)

    @cached_property
    def _rings(self) -> Rings:
        from gis.quick_clip import turned_rings

        parts = _in_threads(lambda some: turned_rings(self._shapes[some].copy()), len(self._shapes))
        points = np.concatenate([part[0] for part in parts])
        # Positions in each part go on where the part before ended.
        rings, members = [], []
        vertices, count = 0, 0
        for _points, ring, member in parts:
            rings.append(ring[:-1] + np.array([vertices, 0]))
            members.append(member + np.array([count, 0]))
            vertices, count = vertices + int(ring[-1, 0]), count + len(ring) - 1
        return points, np.concatenate([*rings, [[vertices, 0]]]), np.concatenate(members)

    def overlaps(self, least: float) -> Faults:
        """Land that two polygons share and that is at least ``least`` metres wide."""
        first, second = self.first, self.second
        if len(first) and least > 0:
            from gis.coverage_loops import kept_apart

            def settle(some: slice) -> Booleans:
                return np.asarray(kept_apart(*self._rings, first[some], second[some], least / 2))

            apart = np.concatenate(_in_threads(settle, len(first)))
            first, second = first[~apart], second[~apart]
        common = intersect_pairs(self._shapes, self._shapes, first, second)
        kept = np.flatnonzero(~shapely.is_missing(common))
        kept = kept[width(common[kept], limit=least) >= least]
        return Faults(first[kept], second[kept], common[kept])

    def gaps(self, least: float, most: float) -> Faults:
        """Land that nobody has between two polygons whose boundaries run along each other up to ``most`` metres apart.

        What is narrower than ``least`` is no gap; larger land that no polygon has may be a street and is not looked
        for. Raises ``ValueError`` for a ``most`` beyond the reach.
        """
        if most > self._reach:
            raise ValueError(f"gaps of {most} m asked for, pairs within {self._reach} m known")
        nothing = Faults(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=object))
        if not len(self.first) or most <= least:
            return nothing
        from gis.coverage_loops import facing

        def look(some: slice) -> NDArray[np.float64]:
            asked = (*self._rings, self.first[some], self.second[some], least, most, _STRAIGHT)
            room = np.empty((_ROOM, 9))
            count = int(facing(*asked, room))
            if count > len(room):
                room = np.empty((count, 9))
                facing(*asked, room)
            room[:count, 8] += some.start
            return room[:count]

        rows = np.concatenate(_in_threads(look, len(self.first)))
        if not len(rows):
            return nothing
        pieces, pair = _joined(
            np.asarray(shapely.polygons(rows[:, :8].reshape(-1, 4, 2))), rows[:, 8].astype(np.int64)
        )
        # Smaller than that it is the corner where two boundaries part, not land between them.
        large = shapely.area(pieces) >= least * most
        pieces, pair = self._uncovered(pieces[large]), pair[large]
        kept = np.flatnonzero(~shapely.is_missing(pieces))
        kept = kept[width(pieces[kept], limit=least) >= least]
        kept = kept[shapely.area(pieces[kept]) >= least * most]
        return Faults(self.first[pair[kept]], self.second[pair[kept]], pieces[kept])

    def _uncovered(self, pieces: Objects) -> Objects:
        """The pieces without what any polygon covers."""
        near = np.unique(self._tree.meeting(shapely.bounds(pieces))[1])
        covered = overlay(pieces, self._shapes[near])
        if not len(covered.left):
            return pieces
        result = pieces.copy()
        # Most are wholly covered by one polygon.
        gone = np.zeros(len(pieces), dtype=np.bool_)
        gone[covered.left[covered.inside]] = True
        result[gone] = None
        parts = np.flatnonzero(~gone[covered.left])
        owners, begin = np.unique(covered.left[parts], return_index=True)
        covers = [shapely.union_all(part) for part in np.split(covered.geometry[parts], begin[1:])]
        result[owners] = in_threads(
            clipping.difference, pieces[owners], np.array([*covers, None], dtype=object)[:-1]
        )
        return result


def boxes_of(shapes: Objects) -> NDArray[np.float64]:
    """Boxes (n, 4) of the polygons, NaN for everything else."""
    return np.concatenate(
        [np.empty((0, 4)), *_in_threads(lambda some: _some_boxes(shapes[some]), len(shapes))]
    )


def _some_boxes(shapes: Objects) -> NDArray[np.float64]:
    """Boxes of the polygons, NaN for everything else."""
    boxes = np.asarray(shapely.bounds(shapes))
    boxes[shapely.get_dimensions(shapes) != 2] = np.nan
    return boxes


def _in_threads(work: Callable[[slice], _T], count: int) -> list[_T]:
    """What ``work`` gives for each part of so many things, in order; it must leave Python's lock."""
    parts = [slice(start, min(start + _CHUNK, count)) for start in range(0, count, _CHUNK)]
    with ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1))) as pool:
        return list(pool.map(work, parts))


def _joined(quads: Objects, pair: Integers) -> tuple[Objects, Integers]:
    """One geometry for each pair, of all its quadrangles."""
    quads = clipping.valid(quads)
    kept = ~shapely.is_missing(quads)
    quads, pair = quads[kept], pair[kept]
    pairs, position, count = np.unique(pair, return_inverse=True, return_counts=True)
    pieces = np.empty(len(pairs), dtype=object)
    alone = count[position] == 1
    pieces[position[alone]] = quads[alone]
    several = np.flatnonzero(~alone)
    several = several[np.argsort(position[several], kind="stable")]
    owners, begin = np.unique(position[several], return_index=True)
    parts = np.split(quads[several], begin[1:]) if len(several) else []
    for owner, part in zip(owners, parts, strict=True):  # gaps along a bend
        pieces[owner] = shapely.union_all(part)
    return pieces, pairs
