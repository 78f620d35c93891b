"""Which left polygon (a parcel) lies in which right one (line, unit, park), and with what piece.

Geometry operations are what costs, so that most pairs are settled without one: right polygons are cut
into cells of a grid; a left polygon whose box touches only inside cells lies inside, one that touches
only outside cells does not count. What is left is asked of a prepared geometry, and only what crosses
an edge is clipped, with the part of the right polygon around the left one's box.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis import clipping
from gis.cell_grid import INSIDE, OUTSIDE, UNDECIDED, CellGrid
from gis.progress import Progress, scaled, silent
from gis.quick_clip import clip_plain_pairs
from gis.text import tr

if TYPE_CHECKING:
    import pyproj

__all__ = ["Pieces", "intersect_pairs", "overlay"]

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Objects = NDArray[np.object_]

# Right polygons with at least this many neighbours are worth a grid.
_WORTH_A_GRID = 24
_GRID_SIZES = (8, 16, 32, 64, 128)
# Cells of all grids together (4 bytes each, some 20 while building).
_MOST_CELLS = 8_000_000
# Polygons of fewer vertices are intersected as they are.
_WORTH_A_CUT = 60
# Pairs and vertices that one thread takes at a time.
_CHUNK = 2_048
_BATCH = 16_384
# A piece that lacks less than this of its left polygon (m², or as a share) is the whole polygon:
# rounding of an intersection along a shared edge stays far below it.
_WHOLE_AREA, _WHOLE_SHARE = 1e-6, 1e-10
_AREAL = (
    int(shapely.GeometryType.POLYGON),
    int(shapely.GeometryType.MULTIPOLYGON),
    int(shapely.GeometryType.GEOMETRYCOLLECTION),
)


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
    workers: int | None = None,
    progress: Progress = silent,
) -> Pieces:
    """Pieces of ``left`` polygons inside ``right`` ones; both in one plane, in metres.

    Left polygons that only touch a right one along an edge or in a point have no piece. Right polygons
    may overlap each other. ``None``, empty geometries, points and lines have no pieces. Geometries that
    are not valid are made valid where they have to be clipped. ``clip=False`` finds the pairs only.

    ``workers`` threads (as many as processors, at most four) clip at the same time; ``progress`` is
    called from this thread and may raise ``Cancelled``. Raises ``ParkLineError`` naming the place when
    two polygons cannot be intersected at all.
    """
    lefts, rights = _areal(left), _areal(right)
    first, second = _candidates(lefts, rights)
    progress(0.1, tr("正在叠加"))
    status = np.full(len(first), UNDECIDED, dtype=np.int8)
    with _pool(workers) as pool:
        rights, checked = _settle_by_cells(lefts, rights, first, second, status, pool)
        progress(0.3, tr("正在叠加"))
        open_pairs = np.flatnonzero(status == UNDECIDED)
        found, inside, geometry = _settle_by_geometry(
            lefts,
            rights,
            first[open_pairs],
            second[open_pairs],
            clip,
            pool,
            scaled(progress, 0.3, 1.0),
            checked=checked,
        )
    pieces = np.empty(len(first), dtype=object)
    status[open_pairs] = np.where(inside, INSIDE, np.where(found, UNDECIDED, OUTSIDE))
    pieces[open_pairs] = geometry
    keep = np.flatnonzero(status != OUTSIDE)
    first, second, whole, pieces = first[keep], second[keep], status[keep] == INSIDE, pieces[keep]
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

    For coverages, most of whose neighbours only touch: that is found out before anything is clipped.
    """
    with _pool(workers) as pool:
        found, inside, geometry = _settle_by_geometry(left, right, first, second, True, pool, progress)
    geometry[inside] = left[first[inside]]
    geometry[~found] = None
    return geometry


def _pool(workers: int | None) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, workers or min(4, os.cpu_count() or 1)))


def _areal(geometries: ArrayLike) -> Objects:
    array = np.asarray(geometries, dtype=object)
    kinds = shapely.get_type_id(array)
    areal = (kinds == _AREAL[0]) | (kinds == _AREAL[1]) | (kinds == _AREAL[2])
    if areal.all():
        return array
    array = array.copy()
    array[~areal] = None
    return array


def _candidates(lefts: Objects, rights: Objects) -> tuple[Integers, Integers]:
    """Pairs whose boxes meet, from a tree over the smaller side."""
    if len(rights) <= len(lefts):
        first, second = shapely.STRtree(rights).query(lefts)
        return first, second
    second, first = shapely.STRtree(lefts).query(rights)
    return first, second


def _settle_by_cells(
    lefts: Objects,
    rights: Objects,
    first: Integers,
    second: Integers,
    status: NDArray[np.int8],
    pool: ThreadPoolExecutor,
) -> tuple[Objects, Booleans]:
    """Write what grids settle into ``status``; return the rights, and which of them were made valid."""
    checked = np.zeros(len(rights), bool)
    count = np.bincount(second, minlength=len(rights))
    gridded = np.flatnonzero(count >= _WORTH_A_GRID)
    if not len(gridded):
        return rights, checked
    rights = rights.copy()
    checked[gridded] = True
    boxes = shapely.bounds(lefts)
    size = _grid_sizes(boxes[first], rights, gridded, second, count)
    for cells in _GRID_SIZES:
        chosen = gridded[size == cells]
        if not len(chosen):
            continue
        vertices = np.cumsum(shapely.get_num_coordinates(rights[chosen]))
        batches = np.split(chosen, np.flatnonzero(np.diff(vertices // _BATCH)) + 1)
        results = list(pool.map(_valid_grid, [rights[batch] for batch in batches], [cells] * len(batches)))
        rights[chosen] = np.concatenate([polygons for polygons, _ in results])
        grid = CellGrid.joined([grid for _, grid in results])
        position = np.full(len(rights), -1, dtype=np.int64)
        position[chosen] = np.arange(len(chosen))
        pairs = np.flatnonzero(position[second] >= 0)
        status[pairs] = grid.classify(position[second[pairs]], boxes[first[pairs]])
    return rights, checked


def _valid_grid(polygons: Objects, cells: int) -> tuple[Objects, CellGrid]:
    polygons = clipping.valid(polygons)
    return polygons, CellGrid.build(polygons, cells)


def _grid_sizes(
    boxes: NDArray[np.float64], rights: Objects, gridded: Integers, second: Integers, count: Integers
) -> Integers:
    """Cells per side for each gridded right polygon: some half the size of its left neighbours."""
    extent = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    mean = np.bincount(second, extent, minlength=len(rights))[gridded] / count[gridded]
    bounds = shapely.bounds(rights[gridded])
    wide = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    wanted = 2 * wide / np.maximum(mean, 1e-9)
    # More cells than neighbours would cost more than they settle.
    wanted = np.minimum(wanted, 4 * np.sqrt(count[gridded]))
    sizes = np.array(_GRID_SIZES)
    chosen: Integers = sizes[np.searchsorted(sizes, wanted).clip(max=len(sizes) - 1)]
    while np.sum(chosen.astype(np.float64) ** 2) > _MOST_CELLS and chosen.max() > sizes[0]:
        chosen = np.where(chosen > sizes[0], chosen // 2, chosen)
    return chosen


def _settle_by_geometry(
    lefts: Objects,
    rights: Objects,
    first: Integers,
    second: Integers,
    clip: bool,
    pool: ThreadPoolExecutor,
    progress: Progress,
    *,
    checked: Booleans | None = None,
) -> tuple[Booleans, Booleans, Objects]:
    """Found, wholly inside, and piece of each pair.

    ``checked`` tells which right polygons are known to be valid; without it, most pairs are taken to
    touch only.
    """
    found, inside = np.zeros(len(first), bool), np.zeros(len(first), bool)
    geometry = np.empty(len(first), dtype=object)
    # Pairs of one right polygon together: it is copied and prepared once.
    order = np.argsort(second, kind="stable")
    # Fancy indexing copies: no two threads see one array (shapely switches its writeable flag).
    futures: dict[Future[tuple[Booleans, Booleans, Objects]], Integers] = {}
    for start in range(0, len(first), _CHUNK):
        part = order[start : start + _CHUNK]
        futures[pool.submit(_chunk, lefts[first[part]], rights, second[part], clip, checked)] = part
    try:
        for done, future in enumerate(as_completed(futures), start=1):
            part = futures[future]
            found[part], inside[part], geometry[part] = future.result()
            progress(done / len(futures), tr("正在叠加"))
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    return found, inside, geometry


def _chunk(
    lefts: Objects, rights: Objects, second: Integers, clip: bool, checked: Booleans | None
) -> tuple[Booleans, Booleans, Objects]:
    """Settle pairs with copies of their right polygons, which belong to this thread alone."""
    used, position = np.unique(second, return_inverse=True)
    own = shapely.from_wkb(shapely.to_wkb(rights[used]))
    if checked is not None:
        unchecked = ~checked[used]
        own[unchecked] = clipping.valid(own[unchecked])
    relate = _relate_neighbours if checked is None else _relate
    try:
        prepared, inside, meets = relate(own, position, lefts, not clip)
    except shapely.errors.GEOSException:
        # A geometry that is not valid stops the whole array.
        lefts, own = clipping.valid(lefts), clipping.valid(own)
        prepared, inside, meets = relate(own, position, lefts, not clip)
    found = inside.copy()
    geometry = np.empty(len(lefts), dtype=object)
    if not clip:
        found[meets] = True
        inside[meets] = shapely.covers(prepared[meets], lefts[meets])
        return found, inside, geometry
    crossing = clipping.valid(lefts[meets])
    pieces = _pieces(crossing, own, prepared[meets], position[meets], plain=checked is not None)
    area, whole = shapely.area(pieces), shapely.area(crossing)
    found[meets] = area > 0
    inside[meets] = (area > 0) & (whole - area <= np.maximum(_WHOLE_AREA, _WHOLE_SHARE * whole))
    geometry[meets] = pieces
    return found, inside, geometry


def _pieces(
    crossing: Objects, own: Objects, prepared: Objects, position: Integers, *, plain: bool
) -> Objects:
    """What the left polygons share with their right ones: plain pairs on arrays, the rest by GEOS."""
    pieces = np.empty(len(crossing), dtype=object)
    rest = np.arange(len(crossing))
    if plain:
        done, pieces = clip_plain_pairs(crossing, own, position)
        rest = np.flatnonzero(~done)
    around = _around(prepared[rest], position[rest], crossing[rest])
    pieces[rest] = clipping.intersection(crossing[rest], around)
    return pieces


def _relate(
    own: Objects, position: Integers, lefts: Objects, apart: bool
) -> tuple[Objects, Booleans, Integers]:
    """The prepared polygon of each pair, who lies properly inside, and which others meet.

    With ``apart``, those that only touch do not count as meeting (that question costs a third of a clip).
    """
    shapely.prepare(own)
    prepared = own[position]
    inside = shapely.contains_properly(prepared, lefts)
    rest = np.flatnonzero(~inside)
    meets = rest[shapely.intersects(prepared[rest], lefts[rest])]
    if apart:
        meets = meets[~shapely.touches(prepared[meets], lefts[meets])]
    return prepared, inside, meets


def _relate_neighbours(
    own: Objects, position: Integers, lefts: Objects, apart: bool
) -> tuple[Objects, Booleans, Integers]:
    """As :func:`_relate` where most pairs touch; small polygons are asked faster unprepared."""
    del apart
    rights = own[position]
    meets = np.flatnonzero(~shapely.touches(rights, lefts))
    meets = meets[shapely.intersects(rights[meets], lefts[meets])]
    return rights, np.zeros(len(lefts), dtype=bool), meets


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
    corner = np.floor((boxes[:, :2] - boxes[:, :2].min(axis=0)) / square).astype(np.int64)
    keys = (owner * (corner[:, 1].max() + 1) + corner[:, 1]) * (corner[:, 0].max() + 1) + corner[:, 0]
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
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


def _sorted(first: Integers, second: Integers) -> bool:
    step = np.diff(first)
    return bool(np.all((step > 0) | ((step == 0) & (np.diff(second) > 0))))
