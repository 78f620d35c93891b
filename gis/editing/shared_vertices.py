"""Move, add and remove boundary points in all polygons that share them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.editing.joints import at_vertices, knit, refuse_pinch, with_vertex
from gis.editing.nearness import nearest_edge, points_at, points_on_edges
from gis.editing.outlines import Outlines, distinct, outlines
from gis.editing.result import JOINT, EditError, EditResult, Geometries, as_objects, result
from gis.text import tr

__all__ = [
    "add_vertex",
    "join",
    "move_geometries",
    "move_vertex",
    "move_vertices",
    "remove_vertex",
    "sharing",
]

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Place = tuple[float, float]

# Boundaries between which a vertex can be taken away without opening a gap.
_PASSING = 2


def sharing(geometries: Geometries, at: Place, *, tolerance: float = JOINT) -> list[int]:
    """Positions of the geometries whose boundary passes through a place: those that would move with it."""
    array = as_objects(geometries)
    lines = shapely.boundary(array)
    near = shapely.dwithin(lines, shapely.Point(at), tolerance)
    return [int(index) for index in np.flatnonzero(near)]


def move_vertex(geometries: Geometries, at: Place, to: Place, *, tolerance: float = JOINT) -> EditResult:
    """Move the boundary point at a place to another, in all geometries whose boundary passes there.

    ``at`` may lie in the middle of an edge: the point is made there first. See :func:`move_vertices`.
    """
    return move_vertices(geometries, [at], [to], tolerance=tolerance)


def move_vertices(
    geometries: Geometries, at: ArrayLike, to: ArrayLike, *, tolerance: float = JOINT
) -> EditResult:
    """Move boundary points (k, 2) together, such as both ends of an edge, in all that share them.

    Before: neighbours whose edge passes through a point get it as a vertex, and vertices that lie on an
    edge about to move become vertices of it, so they hold the neighbour's boundary together. After: a
    point let go at a vertex takes its coordinates, one let go on an edge becomes a vertex of it.

    Raises ``EditError`` where no boundary passes, and where a geometry would become invalid.
    """
    before = as_objects(geometries)
    start, goal = _pairs(at, to)
    around = np.vstack([_ends_of_edges_at(before, start, tolerance), start, goal])
    rings = with_vertex(outlines(before, around), start, tolerance=tolerance)
    point, vertex = points_at(start, rings.coordinates, tolerance)
    _refuse_missing(start, point)
    rings = knit(rings, _mask(rings, vertex), tolerance=tolerance)
    # Where two points lie closer than the tolerance, each vertex belongs to the nearer one.
    point, vertex = points_at(start, rings.coordinates, tolerance)
    away = np.hypot(*(rings.coordinates[vertex] - start[point]).T)
    order = np.argsort(-away, kind="stable")
    point, vertex = point[order], vertex[order]
    resting = rings.coordinates[~_mask(rings, vertex)]
    rings = rings.moved(vertex, at_vertices(resting, goal, tolerance=tolerance)[point])
    moved = _mask(rings, vertex)
    repeated = rings.repeats()
    rings, moved = rings.without(repeated), moved[~repeated]
    places = distinct(rings.coordinates[moved])
    rings = knit(rings, moved, tolerance=tolerance)
    here, edges = rings.at(places), rings.edges
    refuse_pinch(rings, places, edges[here[edges] | here[edges + 1]], tolerance=tolerance)
    return result(before, rings.touched_geometries(len(before)))


def join(geometries: Geometries, targets: Sequence[int], *, tolerance: float = JOINT) -> EditResult:
    """Give and take the missing vertices along the boundaries of the targets; no boundary moves.

    A vertex that lies on a neighbour's edge becomes a vertex of it, on either side, and vertices nearer
    than the tolerance become one. ``changed`` is empty where all is joined already.
    """
    before = as_objects(geometries)
    rings = outlines(before, shapely.get_coordinates(before[list(targets)]))
    rings = knit(rings, np.isin(rings.vertex_owner, list(targets)), tolerance=tolerance)
    return result(before, rings.touched_geometries(len(before)))


def add_vertex(geometries: Geometries, at: Place, *, tolerance: float = JOINT) -> EditResult:
    """Put a boundary point on the edge that passes within the tolerance, in all geometries that have it.

    The point is the foot on the edge; ``created_vertices`` tells it. Raises ``EditError`` where there is
    a vertex already or no edge.
    """
    before = as_objects(geometries)
    point = np.array(at, dtype=np.float64)
    rings = outlines(before, _ends_of_edges_at(before, point[None], tolerance))
    edges = rings.edges
    nearest = nearest_edge(point, rings.as_segments(edges))
    if nearest is None or nearest[2] > tolerance:
        raise _nothing_here(point)
    foot = nearest[1]
    if len(points_at(foot[None], rings.coordinates, tolerance)[0]):
        raise EditError(
            tr("位置 ({x:.3f}, {y:.3f}) 已有界址点。", x=foot[0], y=foot[1]),
            hint=tr("请直接移动它，或在边上另选位置。"),
            place=(float(foot[0]), float(foot[1])),
        )
    rings = with_vertex(rings, foot[None], tolerance=tolerance)
    rings = knit(rings, rings.at(foot[None]), tolerance=tolerance)
    return result(before, rings.touched_geometries(len(before)))


def remove_vertex(geometries: Geometries, at: Place, *, tolerance: float = JOINT) -> EditResult:
    """Take a boundary point out of all geometries that have it; its two edges become one.

    Raises ``EditError`` where three or more boundary lines meet (each would take another way and gaps
    would open), where a ring would have fewer than three vertices, and where there is no vertex.
    """
    before = as_objects(geometries)
    point = np.array([at], dtype=np.float64)
    rings = outlines(before, _ends_of_edges_at(before, point, tolerance))
    _, vertex = points_at(point, rings.coordinates, tolerance)
    if not len(vertex):
        raise _nothing_here(point[0])
    rings = with_vertex(rings, rings.coordinates[vertex[:1]], tolerance=tolerance)
    _, vertex = points_at(point, rings.coordinates, tolerance)
    rings = knit(rings, _mask(rings, vertex), tolerance=tolerance)
    _, vertex = points_at(point, rings.coordinates, tolerance)
    gone = _mask(rings, vertex)
    meeting = rings.neighbours(gone)
    if len(meeting) > _PASSING:
        raise EditError(
            tr("这里有 {count} 条界线相交，删去界址点会产生缝隙。", count=len(meeting)),
            hint=tr("请移动它，或先合并、重画相邻的图形。"),
            place=(float(at[0]), float(at[1])),
        )
    rings = rings.without(gone)
    # The new edge may pass through other vertices.
    ends, edges = rings.at(meeting), rings.edges
    new = edges[ends[edges] & ends[edges + 1]]
    refuse_pinch(rings, np.empty((0, 2)), new, tolerance=tolerance)
    nothing = _mask(rings, np.empty(0, np.int64))
    rings = knit(rings, nothing, edges=_mask(rings, new), tolerance=tolerance)
    return result(before, rings.touched_geometries(len(before)))


def move_geometries(
    geometries: Geometries, targets: Sequence[int], east: float, north: float, *, tolerance: float = JOINT
) -> EditResult:
    """Move whole geometries by metres; neighbours stay where they are, joints are made at the new place."""
    before = as_objects(geometries)
    rings = outlines(before)
    mine = np.isin(rings.vertex_owner, targets)
    shifted = rings.coordinates[mine] + np.array([east, north])
    resting = rings.coordinates[~mine]
    rings = rings.moved(np.flatnonzero(mine), at_vertices(resting, shifted, tolerance=tolerance))
    rings = knit(rings, mine, tolerance=tolerance)
    return result(before, rings.touched_geometries(len(before)))


def _pairs(at: ArrayLike, to: ArrayLike) -> tuple[Floats, Floats]:
    start = np.asarray(at, dtype=np.float64).reshape(-1, 2)
    goal = np.asarray(to, dtype=np.float64).reshape(-1, 2)
    if len(start) != len(goal):
        raise ValueError(f"{len(start)} points cannot move to {len(goal)} places")
    if not np.isfinite(goal).all():
        raise EditError(tr("坐标不是数字。"), hint=tr("请重新输入坐标。"))
    return start, goal


def _ends_of_edges_at(before: Objects, points: Floats, tolerance: float) -> Floats:
    """The points and the ends of all edges that pass through them: what an edit there can reach."""
    rings = outlines(before, points, margin=tolerance)
    segments = rings.as_segments(rings.edges)
    _, edge = points_on_edges(points, segments, tolerance)
    return np.vstack([points, segments[edge, :2], segments[edge, 2:]])


def _mask(rings: Outlines, vertices: NDArray[np.int64]) -> Bools:
    mask = np.zeros(len(rings.ring), bool)
    mask[vertices] = True
    return mask


def _refuse_missing(points: Floats, found: NDArray[np.int64]) -> None:
    missing = np.setdiff1d(np.arange(len(points)), found)
    if len(missing):
        raise _nothing_here(points[missing[0]])


def _nothing_here(point: Floats) -> EditError:
    return EditError(
        tr("位置 ({x:.3f}, {y:.3f}) 没有界址点，也没有边界经过。", x=point[0], y=point[1]),
        hint=tr("请放大后点在边界上。"),
        place=(float(point[0]), float(point[1])),
    )
