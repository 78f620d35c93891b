"""How geometries lie to each other as a surveyor means it: to the millimetre to which coordinates are given.

Neighbours whose common boundary was digitised twice differ by a fraction of a millimetre: they touch, they do
not overlap, and a parcel drawn along a block line lies inside it.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import clipping
from gis.width import width

__all__ = ["Relation", "Relations"]

_MILLIMETRE = 0.001

Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]
Objects = NDArray[np.object_]


class Relation(StrEnum):
    """``INSIDE``: wholly within one; ``OVERLAPS``: land (or, of lines and points, a place) in common; ``TOUCHES``: a
    boundary or corner in common but no land; ``WITHIN_DISTANCE``: nearer than a distance, nought included.
    """

    INSIDE = "inside"
    OVERLAPS = "overlaps"
    TOUCHES = "touches"
    WITHIN_DISTANCE = "within_distance"


class Relations:
    """Asks geometries whether they stand in one relation to any of ``others``, all in metres of one plane."""

    def __init__(self, others: Objects, relation: Relation, distance: float = 0.0) -> None:
        self._others = clipping.valid(np.asarray(others, dtype=object))
        self._relation = relation
        self._reach = max(distance, 0.0) if relation is Relation.WITHIN_DISTANCE else _MILLIMETRE
        self._tree = shapely.STRtree(self._others)
        shapely.prepare(self._others)

    def hold(self, geometries: Objects, same: Integers | None = None) -> Booleans:
        """For each of ``geometries`` (n,) whether it does.

        ``same`` (n,) is where it stands among the others itself, -1 for nowhere: nothing is its own neighbour.
        Missing and empty geometries stand in no relation.
        """
        lefts = clipping.valid(np.asarray(geometries, dtype=object))
        first, second = self._tree.query(lefts, predicate="dwithin", distance=self._reach)
        if same is not None:
            kept = same[first] != second
            first, second = first[kept], second[kept]
        true = self._decide(lefts[first], self._others[second])
        held = np.zeros(len(lefts), dtype=bool)
        held[first[true]] = True
        return held

    def _decide(self, lefts: Objects, rights: Objects) -> Booleans:
        """The pairs are as near as asked."""
        if self._relation is Relation.WITHIN_DISTANCE:
            return np.ones(len(lefts), dtype=bool)
        if self._relation is Relation.INSIDE:
            return _inside(lefts, rights)
        overlapping = _overlapping(lefts, rights)
        return overlapping if self._relation is Relation.OVERLAPS else ~overlapping


def _areal(lefts: Objects, rights: Objects) -> Booleans:
    return np.asarray((shapely.get_dimensions(lefts) == 2) & (shapely.get_dimensions(rights) == 2))


def _inside(lefts: Objects, rights: Objects) -> Booleans:
    inside = np.asarray(shapely.covers(rights, lefts))
    # What sticks out by less than coordinates tell is no land.
    unsure = np.flatnonzero(~inside & _areal(lefts, rights))
    unsure = unsure[shapely.area(lefts[unsure]) > 0.0]
    rest = clipping.difference(lefts[unsure], rights[unsure])
    slight = shapely.is_missing(rest) | (width(rest, limit=_MILLIMETRE) <= _MILLIMETRE)
    meets = np.asarray(shapely.intersects(rights[unsure], lefts[unsure]))
    inside[unsure] = slight & meets
    return inside


def _overlapping(lefts: Objects, rights: Objects) -> Booleans:
    meets = np.asarray(shapely.intersects(rights, lefts))
    areal = _areal(lefts, rights)
    meets &= ~(~areal & shapely.touches(rights, lefts)) | ((shapely.get_dimensions(lefts) == 0) & meets)
    unsure = np.flatnonzero(meets & areal)
    unsure = unsure[~shapely.contains_properly(rights[unsure], lefts[unsure])]
    common = clipping.intersection(lefts[unsure], rights[unsure])
    land = ~shapely.is_missing(common)
    land[land] = width(common[land], limit=_MILLIMETRE) > _MILLIMETRE
    meets[unsure] = land
    return meets
