"""Merge polygons into one; vertices keep their coordinates to the last digit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.editing.joints import knit, with_crossings
from gis.editing.nearness import feet, points_on_edges
from gis.editing.outlines import Outlines, distinct, outlines
from gis.editing.regions import assembled, faces, inside, odd, segments_of, shares
from gis.editing.result import (
    JOINT,
    EditError,
    EditResult,
    Geometries,
    Piece,
    applied,
    as_objects,
    like,
    result,
)
from gis.text import tr

__all__ = ["merge"]

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_PASSES = 8
# Steps of the last digit of the coordinates by which a vertex may stand off a straight line and still be
# on it: a point computed on an edge is rounded twice.
_LAST_DIGITS = 8


def merge(
    geometries: Geometries,
    targets: Sequence[int],
    *,
    allow_apart: bool = False,
    drop_straight: bool = False,
    tolerance: float = JOINT,
) -> EditResult:
    """One geometry from several that touch along edges or overlap; they are retired, it is born.

    Along the common boundary vertices are joined first, so that a millimetre between the two leaves no
    sliver. What the merged ones enclose without covering it stays a hole. With ``allow_apart`` they need
    not touch, and the result is a multipolygon. With ``drop_straight`` the ends of the boundary that
    went are taken out, in the neighbours too, where only a straight line passes through them now: so
    merging undoes a split.

    Raises ``EditError`` for fewer than two targets and for targets that do not touch.
    """
    before = as_objects(geometries)
    chosen = sorted({int(index) for index in targets})
    if len(chosen) < 2:
        raise EditError(tr("合并至少需要两个图形。"), hint=tr("请再选择一个相邻的图形。"))
    rings = _joined(outlines(before, shapely.get_coordinates(before[chosen])), chosen, tolerance)
    groups = [rings.segments([index]) for index in chosen]
    merged = assembled(odd(*groups))
    alone = sum(float(shapely.area(assembled(group))) for group in groups)
    if abs(float(shapely.area(merged)) - alone) > tolerance**2:
        # They overlap: what lies in two of them must not cancel out.
        loops = faces(*groups)
        covered = np.any([inside(loops, group) for group in groups], axis=0)
        merged = assembled(odd(*(segments_of(face) for face in loops[covered])))
    if not allow_apart:
        _refuse_apart(before, chosen, merged)
    several = next((before[i] for i in chosen if isinstance(before[i], shapely.MultiPolygon)), None)
    changed = rings.touched_geometries(len(before), but=chosen)
    if drop_straight:
        gone = np.vstack(groups)
        gone = gone[~shares(gone, segments_of(merged))]
        merged, changed = _straightened(before, changed, merged, chosen, distinct(gone.reshape(-1, 2)))
    born = Piece(like(merged, several), tuple(chosen))
    return result(before, changed, born=[born], retired=chosen)


def _joined(rings: Outlines, chosen: list[int], tolerance: float) -> Outlines:
    """With common vertices wherever two of the chosen touch or cross."""
    for _ in range(_PASSES):
        rings = knit(rings, _touching(rings, chosen, tolerance), tolerance=tolerance)
        crossed = False
        for place, index in enumerate(chosen[:-1]):
            more = with_crossings(rings, index, chosen[place + 1 :], tolerance=tolerance)
            if more is not None:
                rings, crossed = more, True
        if not crossed:
            break
    return rings


def _touching(rings: Outlines, chosen: list[int], tolerance: float) -> Bools:
    """Vertices of the chosen that lie on the boundary of another of them."""
    owner = rings.vertex_owner
    mine = np.flatnonzero(np.isin(owner, chosen))
    edges = rings.edges_of(chosen)
    point, edge = points_on_edges(rings.coordinates[mine], rings.as_segments(edges), tolerance)
    other = owner[mine[point]] != owner[edges[edge]]
    mask = np.zeros(len(owner), bool)
    mask[mine[point[other]]] = True
    return mask


def _refuse_apart(before: Objects, chosen: list[int], merged: shapely.Geometry) -> None:
    """Each target must hang together with the first, by parts of the result that hold pieces of both."""
    parts, owner = shapely.get_parts(before[chosen], return_index=True)
    tree = shapely.STRtree(shapely.get_parts(merged))
    point, part = tree.query(shapely.point_on_surface(parts), predicate="intersects")
    owner = owner[point]
    reached_targets, reached_parts = np.zeros(len(chosen), bool), np.zeros(len(tree), bool)
    reached_targets[0] = True
    for _ in chosen:
        reached_parts[part[reached_targets[owner]]] = True
        reached_targets[owner[reached_parts[part]]] = True
    away = np.flatnonzero(~reached_targets)
    if len(away):
        index = chosen[away[0]]
        centre = shapely.point_on_surface(before[index])
        raise EditError(
            tr("所选图形没有公共边，不能合并成一块。"),
            hint=tr("请只选相邻的图形，或合并为多部分图形。"),
            index=index,
            place=(float(shapely.get_x(centre)), float(shapely.get_y(centre))),
        )


def _straightened(
    before: Objects,
    changed: dict[int, shapely.Geometry],
    merged: shapely.Geometry,
    chosen: list[int],
    candidates: Floats,
) -> tuple[shapely.Geometry, dict[int, shapely.Geometry]]:
    """The merged geometry and its neighbours without those candidates that a straight line passes."""
    edit = EditResult(changed, [Piece(merged)], chosen)
    around = applied(before, edit)
    rings = outlines(around, shapely.get_coordinates(merged))
    gone = np.zeros(len(rings.ring), bool)
    # A handful of points at the ends of the boundary that went.
    for point in candidates:
        here = rings.at(point[None])
        ends = rings.neighbours(here)
        if len(ends) == 2:
            _, along, distance = feet(point[None], ends.reshape(1, 4))
            digit = float(np.spacing(np.abs(point).max()))
            if 0 < along[0] < 1 and distance[0] <= _LAST_DIGITS * digit:
                gone |= here
    if not gone.any():
        return merged, changed
    straight = rings.without(gone).touched_geometries(len(around))
    merged = straight.pop(len(before), merged)
    return merged, {**changed, **straight}
