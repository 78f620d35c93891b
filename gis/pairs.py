"""Settling a few thousand pairs of polygons in one thread: inside, apart, touching, or with what piece.

A geometry prepared by GEOS must not be used by two threads, so that every call works on copies of its
right polygons. What plain arrays can tell is taken from there (:mod:`gis.quick_clip`); GEOS answers the
rest and clips what is not plain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import clipping
from gis.quick_clip import clip_plain_pairs

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


def settle_crossing(lefts: Objects, rights: Objects, second: Integers, valid: Booleans) -> Settled:
    """Pairs ``lefts[i]``, ``rights[second[i]]`` most of which cross: parcels along a block line.

    ``valid[second]`` tells which right polygons are known to be valid.
    """
    own, position = _copies(rights, second, valid)
    plain = clip_plain_pairs(lefts, own, position)
    # Of outlines that are apart it does not matter whether they cross themselves.
    lefts, crossing = lefts.copy(), plain.crossing
    touched = np.flatnonzero(~plain.apart)
    wrong = touched[~shapely.is_valid(lefts[touched])]
    crossing[wrong], plain.geometry[wrong] = False, None
    lefts[wrong] = clipping.valid(lefts[wrong])

    inside, geometry = np.zeros(len(lefts), bool), plain.geometry
    shapely.prepare(own)
    prepared = own[position]
    alone = np.flatnonzero(plain.apart)
    inside[alone] = shapely.contains_xy(prepared[alone], _first_vertices(lefts[alone]))
    # The right one may also lie inside the left one.
    outer = alone[~inside[alone]]
    outer = outer[_in_box(shapely.bounds(prepared[outer]), shapely.bounds(lefts[outer]))]
    lefts[outer] = clipping.valid(lefts[outer])
    rest = np.concatenate([touched[~crossing[touched]], outer])
    inside[rest], meets = _relate(prepared[rest], lefts[rest])
    found = crossing | inside
    meeting = rest[meets]
    around = _around(prepared[meeting], position[meeting], lefts[meeting])
    geometry[meeting] = clipping.intersection(lefts[meeting], around)
    clipped = np.concatenate([np.flatnonzero(crossing), meeting])
    area, whole = shapely.area(geometry[clipped]), shapely.area(lefts[clipped])
    found[clipped] = area > 0
    inside[clipped] = _is_whole(area, whole)
    return Settled(found, inside, geometry)


def settle_found(lefts: Objects, rights: Objects, second: Integers, valid: Booleans) -> Settled:
    """As :func:`settle_crossing`, without any piece: who shares land with whom, and who lies inside."""
    own, position = _copies(rights, second, valid)

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


def settle_neighbours(lefts: Objects, rights: Objects, second: Integers, valid: Booleans) -> Settled:
    """Pairs of two coverages, most of which only touch: that is asked before anything is clipped."""
    own, position = _copies(rights, second, valid)

    def meeting(lefts: Objects, own: Objects) -> Integers:
        # Small polygons are asked faster unprepared.
        meets = np.flatnonzero(~shapely.touches(own[position], lefts))
        return meets[shapely.intersects(own[position[meets]], lefts[meets])]

    meets = _made_valid_at_need(meeting, lefts, own)
    found, inside = np.zeros(len(lefts), bool), np.zeros(len(lefts), bool)
    geometry = np.full(len(lefts), None, dtype=object)
    crossing = clipping.valid(lefts[meets])
    around = _around(own[position[meets]], position[meets], crossing)
    geometry[meets] = clipping.intersection(crossing, around)
    area = shapely.area(geometry[meets])
    found[meets] = area > 0
    inside[meets] = _is_whole(area, shapely.area(crossing))
    return Settled(found, inside, geometry)


def _copies(rights: Objects, second: Integers, valid: Booleans) -> tuple[Objects, Integers]:
    """Copies of the right polygons that belong to this thread alone, made valid, and which one each pair has."""
    used, position = np.unique(second, return_inverse=True)
    own = shapely.force_2d(rights[used])
    unsure = ~valid[used]
    own[unsure] = clipping.valid(own[unsure])
    return own, position


def _first_vertices(polygons: Objects) -> NDArray[np.float64]:
    count = shapely.get_num_coordinates(polygons)
    return np.asarray(shapely.get_coordinates(polygons)[np.cumsum(count) - count])


def _made_valid_at_need(ask: Callable[[Objects, Objects], _T], lefts: Objects, own: Objects) -> _T:
    try:
        return ask(lefts, own)
    except shapely.errors.GEOSException:
        # One geometry that is not valid stops the whole array.
        return ask(clipping.valid(lefts), clipping.valid(own))


def _is_whole(area: NDArray[np.float64], whole: NDArray[np.float64]) -> Booleans:
    return np.asarray((area > 0) & (whole - area <= np.maximum(_WHOLE_AREA, _WHOLE_SHARE * whole)))


def _in_box(inner: NDArray[np.float64], outer: NDArray[np.float64]) -> Booleans:
    return np.asarray((inner[:, :2] >= outer[:, :2]).all(axis=1) & (inner[:, 2:] <= outer[:, 2:]).all(axis=1))


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
