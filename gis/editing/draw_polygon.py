"""A new polygon laid among others: joined with what it touches, giving way where it must."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.editing.drawn_line import closed, free_land, line_points, with_lines
from gis.editing.joints import knit
from gis.editing.outlines import outlines
from gis.editing.regions import assembled
from gis.editing.result import JOINT, EditError, EditResult, Geometries, Piece, as_objects, result
from gis.text import tr

__all__ = ["draw_polygon", "laid"]

Objects = NDArray[np.object_]


def draw_polygon(
    geometries: Geometries,
    drawn: shapely.Geometry | ArrayLike,
    *,
    give_way: Sequence[int] = (),
    tolerance: float = JOINT,
) -> EditResult:
    """A drawn polygon, or its ring as line or coordinates (n, 2), is born among its neighbours.

    Its vertices take the coordinates of those they lie at, and joints are made on both sides. Land of
    ``give_way`` (positions, such as those of its own layer) is left out of it, with common vertices.

    Raises ``EditError`` for a ring that crosses itself and where no land is left.
    """
    before = as_objects(geometries)
    rings = list(shapely.get_rings(shapely.get_parts(drawn))) if isinstance(drawn, shapely.Geometry) else []
    curves = [closed(line_points(ring)) for ring in rings or [drawn]]
    drawn_box = shapely.box(*shapely.total_bounds(shapely.linestrings(np.vstack(curves))))
    near = shapely.dwithin(before, drawn_box, tolerance)
    yielding = [index for index in give_way if near[index]]
    drafts, paths = outlines(before, np.vstack(curves), always=yielding), []
    for curve in curves:
        drafts, made = with_lines(drafts, curve, tolerance=tolerance)
        paths += made
    land = free_land(drafts, paths, yielding, tolerance=tolerance)
    if not len(land):
        raise EditError(tr("画的面全部落在已有的图形上。"), hint=tr("请画在空地上，或不避让已有图形。"))
    geometry, changed = laid(before, len(before), assembled(land), tolerance=tolerance)
    return result(before, changed, born=[Piece(geometry)])


def laid(
    before: Objects, index: int, geometry: shapely.Geometry, *, tolerance: float = JOINT
) -> tuple[shapely.Geometry, dict[int, shapely.Geometry]]:
    """A geometry joined with its neighbours, and the neighbours that received joints.

    ``index`` is the position of the one it replaces, or the length of the array for a new one.
    """
    others = before.copy()
    if index < len(before):
        others[index] = None
    around = np.append(others, np.array([None], dtype=object))
    around[-1] = geometry
    rings = outlines(around, shapely.get_coordinates(geometry))
    # It stands last in the array: where it nearly meets a vertex, the vertex stays.
    rings = knit(rings, rings.vertex_owner == len(before), tolerance=tolerance)
    changed = rings.touched_geometries(len(before))
    return rings.geometries([len(before)])[len(before)], changed
