"""Cut a hole into a polygon, and fill one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.editing.draw_polygon import laid
from gis.editing.drawn_line import closed, free_land, line_points, noded, with_lines
from gis.editing.outlines import outlines
from gis.editing.regions import assembled, combined, odd, segments_of
from gis.editing.result import (
    JOINT,
    EditError,
    EditResult,
    Geometries,
    Piece,
    as_objects,
    like,
    result,
)
from gis.text import tr

__all__ = ["cut_hole", "fill_hole"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Place = tuple[float, float]


def cut_hole(
    geometries: Geometries,
    target: int,
    ring: shapely.Geometry | ArrayLike,
    *,
    fill: bool = False,
    tolerance: float = JOINT,
) -> EditResult:
    """Take a drawn ring (polygon, line or (n, 2) coordinates, closed or not) out of a polygon.

    With ``fill`` a new polygon is born that fills the hole exactly. A ring that runs along the boundary
    cuts a notch. Raises ``EditError`` where the ring crosses itself or leaves the polygon, and where the
    polygon would fall apart or nothing would be left of it.
    """
    before = as_objects(geometries)
    points = closed(line_points(ring))
    start = outlines(before, np.vstack([points, shapely.get_coordinates(before[target])]))
    rings, paths = with_lines(start, points, tolerance=tolerance)
    rings = noded(rings, paths, [target], tolerance=tolerance)
    own, drawn = rings.segments([target]), rings.segments(paths)
    if len(combined(drawn, own, lambda a, b: a & ~b)):
        raise EditError(
            tr("孔洞超出了图形的边界。"), hint=tr("请把孔洞画在图形之内，或用“分割”。"), index=target
        )
    rest = assembled(combined(own, drawn, lambda a, b: a & ~b))
    if shapely.is_empty(rest):
        raise EditError(tr("孔洞盖住了整个图形。"), hint=tr("请画得小一些，或删除图形。"), index=target)
    if shapely.get_num_geometries(rest) > shapely.get_num_geometries(before[target]):
        raise EditError(tr("挖去这一块会把图形断成几块。"), hint=tr("请先用“分割”把它分开。"), index=target)
    changed = rings.touched_geometries(len(before), but=[target])
    changed[target] = like(rest, before[target])
    born = [Piece(like(assembled(drawn), before[target]), (target,))] if fill else []
    return result(before, changed, born=born)


def fill_hole(
    geometries: Geometries,
    target: int,
    at: Place,
    *,
    as_new: bool = False,
    others: Sequence[int] = (),
    tolerance: float = JOINT,
) -> EditResult:
    """Fill the hole of a polygon in which a point lies: the polygon takes it, or a new one is born.

    What ``others`` (positions, such as those of the same layer) occupy of the hole is left to them.
    Raises ``EditError`` where there is no hole or nothing of it is free.
    """
    before = as_objects(geometries)
    hole = _hole_around(before[target], at, target)
    near = shapely.dwithin(before, shapely.Polygon(hole), tolerance)
    near[target] = False
    inner = [index for index in others if near[index]]
    rings, path = outlines(before, hole, always=inner).with_path(hole)
    free = free_land(rings, [path], inner, tolerance=tolerance)
    if not len(free):
        raise EditError(tr("孔洞已被其他图形占满。"), hint=tr("请先删除或合并孔洞里的图形。"), index=target)
    filling, changed = laid(before, len(before), assembled(free), tolerance=tolerance)
    if as_new:
        return result(before, changed, born=[Piece(like(filling, before[target]), (target,))])
    own = segments_of(changed.get(target, before[target]))
    changed[target] = like(assembled(odd(own, segments_of(filling))), before[target])
    return result(before, changed)


def _hole_around(geometry: shapely.Geometry, at: Place, target: int) -> Floats:
    """The hole ring (n, 2), closed, in which a place lies."""
    holes = np.array(
        [shapely.Polygon(ring) for part in shapely.get_parts(geometry) for ring in part.interiors],
        dtype=object,
    )
    hit = np.flatnonzero(shapely.intersects_xy(holes, *at))
    if not len(hit):
        raise EditError(
            tr("位置 ({x:.3f}, {y:.3f}) 不在图形的孔洞里。", x=at[0], y=at[1]),
            hint=tr("请在孔洞内点一下。"),
            index=target,
            place=at,
        )
    return np.asarray(shapely.get_coordinates(holes[hit[0]]))
