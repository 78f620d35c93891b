"""Settling a few thousand pairs of polygons in one thread: inside, apart, touching, or with what piece.

A geometry prepared by GEOS must not be used by two threads, so that every call works on copies of its
right polygons. Where there are many pairs, compiled loops settle the plain ones (:mod:`gis.quick_clip`); GEOS
answers the rest and clips what is not plain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import clipping

__all__ = ["Settled", "settle_crossing", "settle_found", "settle_neighbours"]

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Objects = NDArray[np.object_]
_T = TypeVar("_T")

# Polygons of fewer vertices are intersected as they are.
_WORTH_A_CUT = 60
# A piece that lacks less than this of its left polygon (m², or as a share) is the whole polygon:
# rounding of an intersection along a shared edge stays far below it.
_WHOLE_AREA, _WHOLE_SHARE = 1e-6, 1e-10


@dataclass(frozen=True)
class Settled:
    """Of each pair (m,): whether it shares land, whether the left lies wholly inside, and the piece.

    ``geometry`` is ``None`` where nothing is shared, and may be where the left polygon is the piece.
    """

    found: Booleans
    inside: Booleans
    geometry: Objects


def settle_crossing(lefts: Objects, rights: Objects, second: Integers, *, quick: bool) -> Settled:
    """Pairs ``lefts[i]``, ``rights[second[i]]`` many of which cross: parcels along a block line.

    ``quick``: there are so many pairs that loading the compiled loops pays.
    """
    if not quick:
        return _cross(lefts, rights, second)
    settled, rest = _settle_plain(lefts, rights, second)
    if not len(rest):
        return settled
    others = _cross(lefts[rest], rights, second[rest])
    settled.found[rest], settled.inside[rest] = others.found, others.inside
    settled.geometry[rest] = others.geometry
    return settled


def settle_found(lefts: Objects, rights: Objects, second: Integers, *, quick: bool) -> Settled:
    """As :func:`settle_crossing`, without any piece: who shares land with whom, and who lies inside."""
    if not quick:
        return _find(lefts, rights, second)
    settled, rest = _settle_plain(lefts, rights, second)
    others = _find(lefts[rest], rights, second[rest])
    settled.found[rest], settled.inside[rest] = others.found, others.inside
    settled.geometry[:] = None
    return settled


def _settle_plain(lefts: Objects, rights: Objects, second: Integers) -> tuple[Settled, Integers]:
    """What the compiled loops settle, and the positions of the other pairs."""
    from gis.quick_clip import settle_plain_pairs

    used, position = _used(second)
    plain = settle_plain_pairs(lefts, rights[used], position)
    inside, found = plain.inside, plain.inside | plain.crossing
    crossing = np.flatnonzero(plain.crossing)
    whole, area = plain.area[crossing].T
    found[crossing] = area > 0
    inside[crossing] = _is_whole(area, whole)
    rest = np.flatnonzero(~(plain.inside | plain.apart | plain.crossing))
    return Settled(found, inside, plain.geometry), rest


def _cross(lefts: Objects, rights: Objects, second: Integers) -> Settled:
    lefts = clipping.valid(lefts)
    own, position = _copies(rights, second)
    shapely.prepare(own)
    prepared = own[position]
    inside, meeting = _relate(prepared, lefts)
    geometry = np.full(len(lefts), None, dtype=object)
    around = _around(prepared[meeting], position[meeting], lefts[meeting])
    geometry[meeting] = clipping.intersection(lefts[meeting], around)
    found, area = inside.copy(), shapely.area(geometry[meeting])
    found[meeting] = area > 0
    inside[meeting] = _is_whole(area, shapely.area(lefts[meeting]))
    return Settled(found, inside, geometry)


def _find(lefts: Objects, rights: Objects, second: Integers) -> Settled:
    own, position = _copies(rights, second)

    def relate(lefts: Objects, own: Objects) -> tuple[Booleans, Integers, Booleans]:
        shapely.prepare(own)
        prepared = own[position]
        inside, meets = _relate(prepared, lefts)
        meets = meets[~shapely.touches(prepared[meets], lefts[meets])]
        return inside, meets, shapely.covers(prepared[meets], lefts[meets])

    inside, meets, covered = _made_valid_at_need(relate, lefts, own)
    found = inside.copy()
    found[meets] = True
    inside[meets] = covered
    return Settled(found, inside, np.full(len(lefts), None, dtype=object))


def settle_neighbours(lefts: Objects, rights: Objects, second: Integers, *, quick: bool) -> Settled:
    """Pairs of two coverages, most of which only touch: that is asked before anything is clipped."""
    found, inside = np.zeros(len(lefts), bool), np.zeros(len(lefts), bool)
    geometry = np.full(len(lefts), None, dtype=object)
    rest = _not_surely_apart(lefts, rights, second) if quick else np.arange(len(lefts))
    lefts = lefts[rest]
    own, position = _copies(rights, second[rest])

    def meeting(lefts: Objects, own: Objects) -> Integers:
        # Small polygons are asked faster unprepared.
        meets = np.flatnonzero(~shapely.touches(own[position], lefts))
        return meets[shapely.intersects(own[position[meets]], lefts[meets])]

    meets = _made_valid_at_need(meeting, lefts, own)
    crossing = clipping.valid(lefts[meets])
    around = _around(own[position[meets]], position[meets], crossing)
    common = clipping.intersection(crossing, around)
    area = shapely.area(common)
    geometry[rest[meets]] = common
    found[rest[meets]] = area > 0
    inside[rest[meets]] = _is_whole(area, shapely.area(crossing))
    return Settled(found, inside, geometry)


def _not_surely_apart(lefts: Objects, rights: Objects, second: Integers) -> Integers:
    from gis.quick_clip import surely_apart

    used, position = _used(second)
    return np.flatnonzero(~surely_apart(lefts, rights[used], position))


def _copies(rights: Objects, second: Integers) -> tuple[Objects, Integers]:
    """Copies of the right polygons that belong to this thread alone, made valid, and which one each pair has."""
    used, position = _used(second)
    return clipping.valid(shapely.force_2d(rights[used])), position


def _used(second: Integers) -> tuple[Integers, Integers]:
    """The right polygons of pairs that stand together by these, and which one each pair has."""
    first = np.append(True, second[1:] != second[:-1])[: len(second)]
    return second[first], np.cumsum(first) - 1


def _made_valid_at_need(ask: Callable[[Objects, Objects], _T], lefts: Objects, own: Objects) -> _T:
    try:
        return ask(lefts, own)
    except shapely.errors.GEOSException:
        # One geometry that is not valid stops the whole array.
        return ask(clipping.valid(lefts), clipping.valid(own))


def _is_whole(area: NDArray[np.float64], whole: NDArray[np.float64]) -> Booleans:
    return np.asarray((area > 0) & (whole - area <= np.maximum(_WHOLE_AREA, _WHOLE_SHARE * whole)))


def _relate(prepared: Objects, lefts: Objects) -> tuple[Booleans, Integers]:
    """Who lies properly inside, and which others meet."""
    inside = shapely.contains_properly(prepared, lefts)
    rest = np.flatnonzero(~inside)
    return inside, rest[shapely.intersects(prepared[rest], lefts[rest])]


def _around(polygons: Objects, owner: Integers, lefts: Objects) -> Objects:
    """Each polygon reduced to the surroundings of the left one (a cheap cut, checked).

    Neighbouring left polygons share one cut: the box around all those whose lower left corner lies in
    the same square. ``owner`` numbers the different polygons.
    """
    large = np.flatnonzero(shapely.get_num_coordinates(polygons) > _WORTH_A_CUT)
    if len(large) < len(lefts):
        result = polygons.copy()
        if len(large):
            result[large] = _around(polygons[large], owner[large], lefts[large])
        return result
    if not len(lefts):
        return polygons
    boxes = shapely.bounds(lefts)
    square = 2 * np.median(boxes[:, 2:] - boxes[:, :2]) + 1e-6
    column, row = np.floor((boxes[:, :2] - boxes[:, :2].min(axis=0)) / square).T
    order = np.lexsort((column, row, owner))
    keys = np.column_stack([owner, row, column])[order]
    starts = np.flatnonzero(np.append(True, np.any(np.diff(keys, axis=0) != 0, axis=1)))
    low = np.minimum.reduceat(boxes[order, :2], starts) - 0.05 * square
    high = np.maximum.reduceat(boxes[order, 2:], starts) + 0.05 * square
    whole = polygons[order[starts]]
    # The public clip_by_rect takes one rectangle only; the ufunc below it takes one per geometry.
    parts = shapely.lib.clip_by_rect(whole, low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    # It is fast but may leave unclean polygons.
    parts = np.where(shapely.is_valid(parts), parts, whole)
    result = np.empty(len(lefts), dtype=object)
    result[order] = np.repeat(parts, np.diff(starts, append=len(order)))
    return result
