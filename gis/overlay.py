"""Which left polygon (a parcel) lies in which right one (line, unit, park), and with what piece.

Pairs whose boxes meet are settled some thousands at a time in each thread (:mod:`gis.pairs`). Where there are
few, GEOS does it alone; where there are many, most never become geometry operations.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis import clipping, pairs
from gis.progress import Progress, scaled, silent
from gis.text import tr

if TYPE_CHECKING:
    import pyproj

__all__ = ["Pieces", "in_threads", "intersect_pairs", "overlay"]

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Objects = NDArray[np.object_]

# From so many pairs on, loading the compiled loops pays.
_MANY = 2_000
# Pairs that one thread takes at a time; a large job is cut into so many parts.
_FEWEST, _MOST, _PARTS = 2_048, 32_768, 8
_POLYGON = int(shapely.GeometryType.POLYGON)
_MULTIPOLYGON = int(shapely.GeometryType.MULTIPOLYGON)
_COLLECTION = int(shapely.GeometryType.GEOMETRYCOLLECTION)


@dataclass(frozen=True)
class Pieces:
    """Pieces of left polygons inside right ones, sorted by left, then right.

    ``left`` and ``right`` are positions (int64), ``inside`` tells that the left polygon lies wholly
    inside the right one, ``geometry`` holds polygons and multipolygons; where ``inside``, it is the left
    geometry itself. With ``clip=False`` it is ``None`` for pairs that are not inside.
    """

    left: Integers
    right: Integers
    inside: Booleans
    geometry: Objects

    def area(self, crs: int | pyproj.CRS) -> NDArray[np.float64]:
        """Ellipsoidal area of each piece in m² (see :func:`gis.area.ellipsoidal_area`)."""
        from gis.area import ellipsoidal_area

        return ellipsoidal_area(self.geometry, crs)


def overlay(
    left: ArrayLike,
    right: ArrayLike,
    *,
    clip: bool = True,
    wanted: Callable[[Integers, Integers], Booleans] | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> Pieces:
    """Pieces of ``left`` polygons inside ``right`` ones; both in one plane, in metres.

    Left polygons that only touch a right one along an edge or in a point have no piece. Right polygons
    may overlap each other. ``None``, empty geometries, points, lines and polygons with a coordinate that is
    no number have no pieces. Geometries that are not valid are made valid where they have to be clipped.
    ``clip=False`` finds the pairs only. ``wanted`` is told positions of pairs that may have a piece (their boxes meet)
    and says which are asked for: most neighbours of a million parcels need no geometry operation then.

    ``workers`` threads (as many as processors, at most four) clip at the same time; ``progress`` is
    called from this thread and may raise ``Cancelled``. Raises ``ParkLineError`` naming the place when
    two polygons cannot be intersected at all.
    """
    lefts, rights = np.asarray(left, dtype=object), np.asarray(right, dtype=object)
    with _pool(workers) as pool:
        lefts, rights = _areal(lefts, pool), _areal(rights, pool)
        first, second = _candidates(lefts, rights, pool)
        if wanted is not None:
            asked = wanted(first, second)
            first, second = first[asked], second[asked]
        progress(0.1, tr("正在叠加"))
        settle = partial(pairs.settle_crossing if clip else pairs.settle_found, quick=len(first) >= _MANY)
        settled = _settle(lefts, rights, first, second, settle, pool, scaled(progress, 0.1, 1.0))
    keep = np.flatnonzero(settled.found)
    first, second, whole, pieces = first[keep], second[keep], settled.inside[keep], settled.geometry[keep]
    pieces[whole] = lefts[first[whole]]
    if not _sorted(first, second):
        order = np.lexsort((second, first))
        first, second, whole, pieces = first[order], second[order], whole[order], pieces[order]
    return Pieces(first, second, whole, pieces)


def intersect_pairs(
    left: Objects,
    right: Objects,
    first: Integers,
    second: Integers,
    *,
    workers: int | None = None,
    progress: Progress = silent,
) -> Objects:
    """The polygons that the pairs ``left[first]``, ``right[second]`` share, ``None`` where none.

    For coverages, most of whose neighbours only touch. What is not valid is made valid.
    """
    settle = partial(pairs.settle_neighbours, quick=len(first) >= _MANY)
    with _pool(workers) as pool:
        settled = _settle(left, right, first, second, settle, pool, progress)
    settled.geometry[settled.inside] = left[first[settled.inside]]
    settled.geometry[~settled.found] = None
    return settled.geometry


def in_threads(ask: Callable[..., NDArray[Any]], *arrays: Objects) -> NDArray[Any]:
    """``ask(*arrays)``, some thousands of rows at a time in each thread."""
    with _pool(None) as pool:
        return np.concatenate(list(pool.map(ask, *(_parts(array) for array in arrays))))


def _pool(workers: int | None) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, workers or min(4, os.cpu_count() or 1)))


def _parts(geometries: Objects) -> list[Objects]:
    return np.array_split(geometries, max(1, min(_PARTS, len(geometries) // _FEWEST)))


def _areal(geometries: Objects, pool: ThreadPoolExecutor) -> Objects:
    """The polygons, ``None`` for everything that is none."""
    return np.concatenate(list(pool.map(_only_areal, _parts(geometries))))


def _only_areal(geometries: Objects) -> Objects:
    kinds = shapely.get_type_id(geometries)
    # A coordinate that is no number makes the area none.
    usable = np.isfinite(shapely.area(geometries))
    usable &= (kinds == _POLYGON) | (kinds == _MULTIPOLYGON) | (kinds == _COLLECTION)
    collections = np.flatnonzero(usable & (kinds == _COLLECTION))
    if usable.all() and not len(collections):
        return geometries
    geometries = geometries.copy()
    geometries[~usable] = None
    # The polygons of a collection may overlap: they become one.
    geometries[collections] = clipping.only_polygons(clipping.valid(geometries[collections]))
    return geometries


def _candidates(lefts: Objects, rights: Objects, pool: ThreadPoolExecutor) -> tuple[Integers, Integers]:
    """Pairs whose boxes meet, from a tree over the smaller side."""
    if len(rights) > len(lefts):
        second, first = _candidates(rights, lefts, pool)
        return first, second
    # The tree is built by its first query.
    tree = shapely.STRtree(rights)
    tree.query(shapely.Point(0, 0))
    parts = _parts(lefts)
    start = np.cumsum([0, *(len(part) for part in parts)])
    found = list(pool.map(tree.query, parts))
    first = np.concatenate([pair[0] + before for pair, before in zip(found, start[:-1], strict=True)])
    return first, np.concatenate([pair[1] for pair in found])


def _settle(
    lefts: Objects,
    rights: Objects,
    first: Integers,
    second: Integers,
    settle: Callable[[Objects, Objects, Integers], pairs.Settled],
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> pairs.Settled:
    """The pairs ``lefts[first]``, ``rights[second]``, some thousands at a time in each thread."""
    found, inside = np.zeros(len(first), bool), np.zeros(len(first), bool)
    geometry = np.full(len(first), None, dtype=object)
    # Pairs of one right polygon together: it is copied and prepared once.
    order = np.argsort(second, kind="stable")
    # Fancy indexing copies: no two threads see one array (shapely switches its writeable flag).
    futures: dict[Future[pairs.Settled], Integers] = {}
    chunk = min(max(len(first) // _PARTS + 1, _FEWEST), _MOST)
    for start in range(0, len(first), chunk):
        part = order[start : start + chunk]
        futures[pool.submit(settle, lefts[first[part]], rights, second[part])] = part
    try:
        for done, future in enumerate(as_completed(futures), start=1):
            part, settled = futures[future], future.result()
            found[part], inside[part], geometry[part] = settled.found, settled.inside, settled.geometry
            progress(done / len(futures), tr("正在叠加"))
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    return pairs.Settled(found, inside, geometry)


def _sorted(first: Integers, second: Integers) -> bool:
    step = np.diff(first)
    return bool(np.all((step > 0) | ((step == 0) & (np.diff(second) > 0))))
