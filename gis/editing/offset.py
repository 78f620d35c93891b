"""Parallel offset of polygons with mitred corners, exact along every edge.

``shapely.buffer`` leaves out shallow bends of up to a hundredth of the distance before it offsets: 10 cm at
10 m. Here the strip along each edge is a quadrilateral of its own, and strips are added or taken away.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.editing.draw_polygon import laid
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
from gis.editing.shared_vertices import move_vertices
from gis.ragged import polygon_parts
from gis.text import tr

__all__ = ["CORNER_LIMIT", "offset", "offset_edge", "offset_polygon"]

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]
Place = tuple[float, float]

# A corner reaches no farther than this times the distance from its vertex; sharper ones are cut off.
CORNER_LIMIT = 5.0
# Sine of the bend below which two edges count as one straight line.
_STRAIGHT = 1e-6
# The strips are put together on a grid of a thousandth of a millimetre: their common corners meet then.
_GRID = 1e-6
_HAIR = 1e-5


def offset(
    geometries: Geometries,
    target: int,
    distance: float,
    *,
    as_new: bool = False,
    tolerance: float = JOINT,
) -> EditResult:
    """Move the boundary of a polygon outwards (metres, inwards if negative), parallel to every edge.

    The polygon is changed, or with ``as_new`` kept and the result born. It is joined with the neighbours
    it comes to touch; those it had follow nowhere. Raises ``EditError`` where nothing is left.
    """
    before = as_objects(geometries)
    moved = offset_polygon(before[target], distance)
    if shapely.is_empty(moved):
        raise EditError(
            tr("向内偏移 {distance:g} 米后图形已不存在。", distance=-distance),
            hint=tr("请用较小的距离。"),
            index=target,
        )
    index = len(before) if as_new else target
    geometry, changed = laid(before, index, like(moved, before[target]), tolerance=tolerance)
    if as_new:
        return result(before, changed, born=[Piece(geometry, (target,))])
    return result(before, {**changed, target: geometry})


def offset_edge(
    geometries: Geometries,
    target: int,
    edge: tuple[Place, Place],
    distance: float,
    *,
    tolerance: float = JOINT,
) -> EditResult:
    """Move one edge of a polygon outwards (metres, inwards if negative), parallel to itself.

    Its ends slide along the edges before and after it, or go straight out where these run on in its own
    direction. Whatever shares the ends follows.

    Raises ``EditError`` where the polygon has no such edge, where the edges beside it run together before
    that distance, and where a geometry would become invalid.
    """
    before = as_objects(geometries)
    found = _edge_with_sides(before[target], edge, tolerance)
    if found is None:
        raise EditError(tr("图形没有这条边。"), hint=tr("请重新选择一条边。"), index=target)
    came, start, end, goes = found
    way = (end - start) / np.hypot(*(end - start))
    out = np.array([way[1], -way[0]]) * distance
    goals = [start + _slid(start - came, way, out), end + _slid(goes - end, way, out)]
    if float(np.dot(goals[1] - goals[0], way)) <= tolerance:
        raise EditError(
            tr("平移 {distance:g} 米后这条边已不存在。", distance=distance),
            hint=tr("请用较小的距离。"),
            index=target,
        )
    return move_vertices(before, [start, end], goals, tolerance=tolerance)


def _edge_with_sides(
    geometry: shapely.Geometry, edge: tuple[Place, Place], tolerance: float
) -> tuple[Floats, Floats, Floats, Floats] | None:
    """The vertex before the edge, its ends and the vertex after it, the outside on its right."""
    parts, _ = polygon_parts(np.array([geometry], dtype=object))
    for ring in shapely.get_rings(np.asarray(shapely.orient_polygons(parts), dtype=object)):
        points = _distinct_vertices(shapely.get_coordinates(ring))
        ahead = np.roll(points, -1, axis=0)
        for one, other in (edge, edge[::-1]):
            away = np.hypot(*(points - one).T) + np.hypot(*(ahead - other).T)
            at = int(np.argmin(away))
            if away[at] <= 2 * tolerance:
                count = len(points)
                return points[at - 1], points[at], points[(at + 1) % count], points[(at + 2) % count]
    return None


def _slid(side: Floats, way: Floats, out: Floats) -> Floats:
    """How an end moves along the edge beside it when its own moves by ``out``."""
    across = way[0] * side[1] - way[1] * side[0]
    if abs(across) <= _STRAIGHT * np.hypot(*side):
        return out
    wanted = way[0] * out[1] - way[1] * out[0]
    slid: Floats = side * (wanted / across)
    return slid


def offset_polygon(
    geometry: shapely.Geometry, distance: float, *, corner_limit: float = CORNER_LIMIT
) -> shapely.Geometry:
    """A polygon or multipolygon with its boundary moved outwards (inwards if negative), in metres.

    Corners are mitred; those that would reach farther than ``corner_limit`` times the distance are cut
    off. Inwards it may fall into parts or vanish (an empty polygon).
    """
    if distance == 0:
        return geometry
    parts, _ = polygon_parts(np.array([geometry], dtype=object))
    # Shells counter-clockwise, holes clockwise: the outside is on the right of every edge.
    rings = shapely.get_rings(np.asarray(shapely.orient_polygons(parts), dtype=object))
    strips: list[shapely.Geometry] = []
    for ring in rings:
        points = _distinct_vertices(shapely.get_coordinates(ring))
        strips += _strips(points if distance > 0 else points[::-1], abs(distance), corner_limit)
    if distance > 0:
        made = shapely.union_all(np.array([*parts, *strips], dtype=object), grid_size=_GRID)
    else:
        taken = shapely.union_all(np.array(strips, dtype=object), grid_size=_GRID)
        made = shapely.difference(geometry, taken, grid_size=_GRID)
    return _without_hairs(made)


def _without_hairs(made: shapely.Geometry) -> shapely.Geometry:
    """The polygons without parts and holes that are no wider than rounding makes them."""
    parts, _ = polygon_parts(np.array([made], dtype=object))
    parts = parts[2 * shapely.area(parts) > _HAIR * shapely.length(parts)]
    solid = []
    for part in parts:
        holes = [ring for ring in part.interiors if 2 * shapely.Polygon(ring).area > _HAIR * ring.length]
        solid.append(shapely.Polygon(part.exterior, holes))
    if len(solid) == 1:
        return solid[0]
    return shapely.MultiPolygon(solid) if solid else shapely.Polygon()


def _distinct_vertices(ring: Floats) -> Floats:
    """A closed ring without its last vertex and without repeated ones."""
    points = ring[:-1]
    return points[np.any(points != np.roll(points, 1, axis=0), axis=1)]


def _strips(points: Floats, distance: float, corner_limit: float) -> list[shapely.Geometry]:
    """Quadrilaterals to the right of the edges of an open ring, and triangles at corners cut off."""
    step = np.roll(points, -1, axis=0) - points
    right = np.column_stack([step[:, 1], -step[:, 0]]) / np.hypot(*step.T)[:, None] * distance
    before = np.roll(right, 1, axis=0)
    # At vertex i the edges i − 1 and i meet; they turn left where the outside opens.
    turn = (before[:, 0] * right[:, 1] - before[:, 1] * right[:, 0]) / distance**2
    closeness = 1 + np.einsum("ij,ij->i", before, right) / distance**2
    # (n₁ + n₂) / (1 + n₁·n₂) is where both offset edges meet; its length is d·√(2 / (1 + n₁·n₂)).
    open_corner = turn > _STRAIGHT
    straight = (np.abs(turn) <= _STRAIGHT) & (closeness > 1)
    mitred = (open_corner & (closeness * corner_limit**2 >= 2)) | straight
    tip = (before + right) / np.where(mitred, closeness, 1.0)[:, None]
    # Too sharp: both edges go on until they are as far from the vertex as the limit, along the bisector.
    cut = (turn > -_STRAIGHT) & ~mitred
    along = step / np.hypot(*step.T)[:, None]
    came = np.roll(along, 1, axis=0)
    sine = np.sqrt(np.maximum(1 - closeness / 2, 0.0))
    cosine = np.sqrt(np.maximum(closeness / 2, 0.0))
    ahead = np.where(cut, distance * (corner_limit - cosine) / np.where(cut, sine, 1.0), 0.0)[:, None]
    leaving = points + np.where(mitred[:, None], tip, right - ahead * along)
    arriving = points + np.where(mitred[:, None], tip, before + ahead * came)
    following = np.roll(points, -1, axis=0)
    quads = np.stack([points, following, np.roll(arriving, -1, axis=0), leaving], axis=1)
    triangles = np.stack([points, arriving, leaving], axis=1)[cut]
    return [*np.asarray(shapely.polygons(quads)), *np.asarray(shapely.polygons(triangles))]
