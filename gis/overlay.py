"""Which left polygon (a parcel) lies in which right one (line, unit, park), and with what piece.

Geometry operations are what costs, so that most pairs are settled without one: right polygons are cut
into cells of a grid; a left polygon whose box touches only inside cells lies inside, one that touches
only outside cells does not count. What is left is asked of a prepared geometry, and only what crosses
an edge is clipped, with the part of the right polygon around the left one's box.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis import clipping, pairs
from gis.cell_grid import INSIDE, OUTSIDE, UNDECIDED, CellGrid
from gis.progress import Progress, scaled, silent
from gis.text import tr

if TYPE_CHECKING:
    import pyproj

__all__ = ["Pieces", "intersect_pairs", "overlay"]

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Objects = NDArray[np.object_]

# Right polygons with at least this many neighbours, and as many for so many vertices, are worth a grid.
_WORTH_A_GRID = 24
_VERTICES_A_NEIGHBOUR = 30
_GRID_SIZES = (8, 16, 32, 64, 128)
# Cells of all grids together (4 bytes each, some 20 while building).
_MOST_CELLS = 8_000_000
# Pairs and vertices that one thread takes at a time.
_CHUNK = 2_048
_BATCH = 16_384
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
    may overlap each other. ``None``, empty geometries, points, lines and polygons with a coordinate that is
    no number have no pieces. Geometries that are not valid are made valid where they have to be clipped.
    ``clip=False`` finds the pairs only.

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
        settle = partial(pairs.settle_crossing if clip else pairs.settle_found, valid=checked)
        settled = _settle_by_geometry(
            lefts,
            rights,
            first[open_pairs],
            second[open_pairs],
            settle,
            pool,
            scaled(progress, 0.3, 1.0),
        )
    pieces = np.empty(len(first), dtype=object)
    status[open_pairs] = np.where(settled.inside, INSIDE, np.where(settled.found, UNDECIDED, OUTSIDE))
    pieces[open_pairs] = settled.geometry
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

    For coverages, most of whose neighbours only touch. What is not valid is made valid.
    """
    settle = partial(pairs.settle_neighbours, valid=np.zeros(len(right), bool))
    with _pool(workers) as pool:
        settled = _settle_by_geometry(left, right, first, second, settle, pool, progress)
    settled.geometry[settled.inside] = left[first[settled.inside]]
    settled.geometry[~settled.found] = None
    return settled.geometry


def _pool(workers: int | None) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, workers or min(4, os.cpu_count() or 1)))


def _areal(geometries: ArrayLike) -> Objects:
    array = np.asarray(geometries, dtype=object)
    kinds = shapely.get_type_id(array)
    areal = (kinds == _AREAL[0]) | (kinds == _AREAL[1]) | (kinds == _AREAL[2])
    # A coordinate that is no number makes the area none.
    areal &= np.isfinite(shapely.area(array))
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
    vertices = shapely.get_num_coordinates(rights)
    gridded = np.flatnonzero((count >= _WORTH_A_GRID) & (count * _VERTICES_A_NEIGHBOUR >= vertices))
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
        batches = np.split(chosen, np.flatnonzero(np.diff(np.cumsum(vertices[chosen]) // _BATCH)) + 1)
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
    for start in range(0, len(first), _CHUNK):
        part = order[start : start + _CHUNK]
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
