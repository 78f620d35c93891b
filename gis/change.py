"""Where two coverages of the same land (two snapshots of a plan) say different things.

Most polygons of two snapshots are the same, vertex by vertex. Such twins are settled without geometry
operations; a pair of polygons is clipped only if at least one of the two is not a quiet twin (same
shape and same key). What two quiet twins share was shared before and after, so it is no change even
where a snapshot overlaps itself, and nothing else is left out: no assumption on the coverages is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis import clipping
from gis.overlay import in_threads, intersect_pairs
from gis.progress import Progress, scaled, silent
from gis.text import tr
from gis.width import width

__all__ = ["ChangePieces", "TwoStates", "compare", "width"]

Integers = NDArray[np.int64]
Objects = NDArray[np.object_]

# Pieces of at most this many square metres are rounding of the intersection, not land: coordinates are
# given to the millimetre.
_NOISE = 1e-4
# So many pieces are taken off all polygons at the same time, what is left of them polygon by polygon.
_ROUNDS = 8
# From so many polygons on, loading the compiled loops pays.
_MANY = 10_000


@dataclass(frozen=True)
class ChangePieces:
    """Pieces of changed land: positions in ``before`` and ``after`` (-1: nothing covers it any more)."""

    before: Integers
    after: Integers
    geometry: Objects


def compare(
    before: ArrayLike,
    after: ArrayLike,
    before_key: ArrayLike,
    after_key: ArrayLike,
    *,
    progress: Progress = silent,
) -> ChangePieces:
    """Pieces of ``before`` polygons whose key differs in ``after``, or that ``after`` leaves uncovered.

    All polygons in one plane in metres; keys are compared with ``==``, missing ones equal each other.
    Pieces are polygons or multipolygons, sorted by before, then after. Land that only ``after`` covers
    is no piece. Pieces up to 1e-4 m² are left out; slivers are not (see :func:`width`). Geometries that
    are not valid are made valid where they have to be clipped; those with a coordinate that is no number
    are left out. ``progress`` may raise ``Cancelled``. Raises ``ValueError`` unless every polygon has a key.
    """
    progress(0.0, tr("正在比较"))
    return TwoStates(before, after).changes(before_key, after_key, progress=scaled(progress, 0.3, 1.0))


class TwoStates:
    """Two coverages of the same land whose twins are known: compared by one key, another, and the other way round.

    Telling the twins takes most of the time of a comparison, and no key is needed for it.
    """

    def __init__(self, before: ArrayLike, after: ArrayLike) -> None:
        self._before, self._after = (
            in_threads(_usable, np.asarray(polygons, dtype=object)) for polygons in (before, after)
        )
        self._old_twin, self._new_twin = _twins(self._before, self._after)

    def turned(self) -> TwoStates:
        """What was after before what was before."""
        other = object.__new__(TwoStates)
        other._before, other._after = self._after, self._before
        other._old_twin, other._new_twin = self._new_twin, self._old_twin
        return other

    def changes(
        self, before_key: ArrayLike, after_key: ArrayLike, *, progress: Progress = silent
    ) -> ChangePieces:
        """As :func:`compare`."""
        old_key, new_key = _keys(before_key), _keys(after_key)
        if len(old_key) != len(self._before) or len(new_key) != len(self._after):
            raise ValueError(
                f"{len(self._before)} and {len(self._after)} polygons, {len(old_key)} and {len(new_key)} keys"
            )
        progress(0.0, tr("正在比较"))
        old_twin, new_twin = self._old_twin, self._new_twin
        same = _equal(old_key[old_twin], new_key[new_twin])
        befores, restless_old = _restless(self._before, old_twin[same])
        afters, restless_new = _restless(self._after, new_twin[same])

        # Twins with another key are whole pieces; whatever else meets a restless polygon is clipped.
        first, second = _neighbours(befores, afters, restless_old, restless_new, old_twin, new_twin)
        progress(0.1, tr("正在比较"))
        pieces = _shared(befores, afters, first, second, old_twin, new_twin, scaled(progress, 0.1, 0.9))
        first = np.concatenate([old_twin[~same], first])
        second = np.concatenate([new_twin[~same], second])
        pieces = np.concatenate([befores[old_twin[~same]], pieces])
        keep = shapely.area(pieces) > _NOISE
        first, second, pieces = first[keep], second[keep], pieces[keep]
        lost, remainder = _uncovered(befores, np.flatnonzero(restless_old), first, pieces)
        progress(1.0, tr("正在比较"))
        differs = ~_equal(old_key[first], new_key[second])
        first = np.concatenate([first[differs], lost])
        second = np.concatenate([second[differs], np.full(len(lost), -1, dtype=np.int64)])
        pieces = np.concatenate([pieces[differs], remainder])
        order = np.lexsort((second, first))
        return ChangePieces(first[order], second[order], pieces[order])


def _restless(polygons: Objects, quiet: Integers) -> tuple[Objects, NDArray[np.bool_]]:
    """The polygons, those made valid that are not quiet, and which these are."""
    restless = np.ones(len(polygons), dtype=bool)
    restless[quiet] = False
    restless &= ~shapely.is_missing(polygons)
    polygons = polygons.copy()
    polygons[restless] = clipping.valid(polygons[restless])
    return polygons, restless


def _usable(geometries: Objects) -> Objects:
    polygons = clipping.only_polygons(geometries)
    polygons[~np.isfinite(shapely.area(polygons))] = None
    return polygons


def _keys(values: ArrayLike) -> NDArray[np.generic]:
    array = np.asarray(values)
    if array.dtype.kind in "biufMmU":
        return array
    return np.asarray(values, dtype=object)


def _equal(first: NDArray[np.generic], second: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Equal keys; two missing ones (None, NaN, NaT) are equal."""
    if first.dtype.kind in "biuU" and second.dtype.kind in "biuU":
        return np.asarray(first == second, dtype=bool)
    import pandas

    missing_first, missing_second = pandas.isna(first), pandas.isna(second)
    equal = np.zeros(len(first), dtype=bool)
    both = ~missing_first & ~missing_second
    equal[both] = np.asarray(first[both] == second[both], dtype=bool)
    return np.asarray(equal | (missing_first & missing_second), dtype=bool)


def _twins(befores: Objects, afters: Objects) -> tuple[Integers, Integers]:
    """Positions of polygons with the same vertices, each in at most one pair."""
    old_all, new_all = (
        np.flatnonzero(~shapely.is_missing(befores)),
        np.flatnonzero(~shapely.is_missing(afters)),
    )
    old_code, new_code = in_threads(_fingerprint, befores[old_all]), in_threads(_fingerprint, afters[new_all])
    old_order, new_order = np.argsort(old_code, kind="stable"), np.argsort(new_code, kind="stable")
    old_code, new_code = old_code[old_order], new_code[new_order]
    # The n-th of equal fingerprints on one side meets the n-th on the other.
    start = np.searchsorted(new_code, old_code, side="left")
    target = start + np.arange(len(old_code)) - np.searchsorted(old_code, old_code, side="left")
    hit = target < len(new_code)
    hit[hit] = new_code[target[hit]] == old_code[hit]
    old, new = old_all[old_order[hit]], new_all[new_order[target[hit]]]
    exact = in_threads(shapely.equals_identical, befores[old], afters[new])
    return old[exact], new[exact]


def _fingerprint(geometries: Objects) -> NDArray[np.uint64]:
    """A number that identical geometries share and others hardly ever do; never trusted alone."""
    values = np.column_stack([shapely.bounds(geometries), shapely.area(geometries)])
    bits = np.ascontiguousarray(values).view(np.uint64)
    code = np.zeros(len(geometries), dtype=np.uint64)
    for column in range(bits.shape[1]):
        code = (code ^ bits[:, column]) * np.uint64(0x9E3779B97F4A7C15)
        code ^= code >> np.uint64(29)
    return code


def _neighbours(
    befores: Objects,
    afters: Objects,
    restless_old: NDArray[np.bool_],
    restless_new: NDArray[np.bool_],
    old_twin: Integers,
    new_twin: Integers,
) -> tuple[Integers, Integers]:
    """Pairs whose boxes meet and of which at least one is restless, without the twins themselves."""
    old, new = np.flatnonzero(restless_old), np.flatnonzero(restless_new)
    quiet = np.flatnonzero(~restless_old)
    # The trees are over the few, the many are asked.
    second_all, first_some = _meeting(befores[old], afters)
    first_quiet, second_some = _meeting(afters[new], befores[quiet])
    first = np.concatenate([old[first_some], quiet[first_quiet]])
    second = np.concatenate([second_all, new[second_some]])
    twin = np.full(len(befores), -1, dtype=np.int64)
    twin[old_twin] = new_twin
    other = twin[first] != second
    return first[other], second[other]


def _meeting(few: Objects, many: Objects) -> tuple[Integers, Integers]:
    """Positions in ``many`` and in ``few`` of polygons whose boxes meet."""
    if len(many) < _MANY:
        asked, found = shapely.STRtree(few).query(many)
        order = np.lexsort((found, asked))
        return asked[order], found[order]
    from gis.box_tree import BoxTree  # the compiled loops load slowly

    return BoxTree(shapely.bounds(few)).meeting(in_threads(shapely.bounds, many))


def _shared(
    befores: Objects,
    afters: Objects,
    first: Integers,
    second: Integers,
    old_twin: Integers,
    new_twin: Integers,
    progress: Progress,
) -> Objects:
    """What the pairs share.

    Two twins meet twice, the old one of the first with the new one of the second and the other way
    round, with the same result: it is worked out once.
    """
    count = len(befores)
    as_old = np.arange(count, count + len(afters), dtype=np.int64)
    as_old[new_twin] = old_twin
    low, high = np.minimum(first, as_old[second]), np.maximum(first, as_old[second])
    # Only a pair of two twins can have a mirror image.
    is_twin = np.zeros(count, dtype=bool)
    is_twin[old_twin] = True
    mirrored = is_twin[first] & (as_old[second] < count)
    low = np.where(mirrored, low, first)
    high = np.where(mirrored, high, second + 2 * count)
    _, sample, place = np.unique(
        low * (2 * count + len(afters)) + high, return_index=True, return_inverse=True
    )
    pieces = intersect_pairs(befores, afters, first[sample], second[sample], progress=progress)
    return np.asarray(pieces[place], dtype=object)


def _uncovered(
    befores: Objects, candidates: Integers, first: Integers, pieces: Objects
) -> tuple[Integers, Objects]:
    """What nothing covers any more of the candidates, and of which."""
    whole = np.zeros(len(befores))
    whole[candidates] = shapely.area(befores[candidates])
    covered = np.bincount(first, shapely.area(pieces), minlength=len(befores))
    count = np.bincount(first, minlength=len(befores))
    order = np.argsort(first, kind="stable")
    start = np.cumsum(count) - count
    gap = np.abs(whole - covered) > np.maximum(_NOISE, 1e-9 * whole)
    # Areas of overlapping pieces may add up by chance.
    several = np.zeros(len(befores), dtype=bool)
    several[candidates] = ~gap[candidates] & (count[candidates] > 1)
    gap |= _overlapping(first[several[first]], pieces[several[first]], len(befores))
    doubtful = candidates[gap[candidates]]
    remainder = clipping.valid(befores[doubtful])
    # One round takes off the n-th piece of every polygon.
    for turn in range(min(_ROUNDS, int(count[doubtful].max(initial=0)))):
        left = np.flatnonzero((count[doubtful] > turn) & ~shapely.is_missing(remainder))
        remainder[left] = clipping.difference(remainder[left], pieces[order[start[doubtful[left]] + turn]])
    # Of the few polygons in many pieces, the rest is taken off at once.
    for row in np.flatnonzero((count[doubtful] > _ROUNDS) & ~shapely.is_missing(remainder)):
        begin = start[doubtful[row]]
        others = shapely.union_all(pieces[order[begin + _ROUNDS : begin + count[doubtful[row]]]])
        remainder[row : row + 1] = clipping.difference(remainder[row : row + 1], np.array([others]))
    keep = np.flatnonzero(shapely.area(remainder) > _NOISE)
    return doubtful[keep], remainder[keep]


def _overlapping(owner: Integers, pieces: Objects, count: int) -> NDArray[np.bool_]:
    """Of which owners (0 to ``count`` - 1) any two pieces share land."""
    one, other = shapely.STRtree(pieces).query(pieces)
    pair = (owner[one] == owner[other]) & (one < other)
    one, other = one[pair], other[pair]
    result = np.zeros(count, dtype=bool)
    result[owner[one[shapely.relate_pattern(pieces[one], pieces[other], "T********")]]] = True
    return result
