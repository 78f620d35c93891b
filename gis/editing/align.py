"""Align a boundary to a neighbour's: close gaps and overlaps up to a width, with common vertices after."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.editing.joints import knit, refuse_pinch
from gis.editing.nearness import feet, lines, points_at, points_on_edges
from gis.editing.outlines import Outlines, distinct, outlines
from gis.editing.regions import shares
from gis.editing.result import JOINT, EditError, EditResult, Geometries, applied, as_objects, result
from gis.text import tr

__all__ = ["align"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LAST_DIGITS = 8


def align(
    geometries: Geometries, target: int, reference: int, reach: float, *, tolerance: float = JOINT
) -> EditResult:
    """Move the boundary of one polygon onto that of another where it runs no farther off than ``reach``.

    Each vertex of the reference draws the nearest vertex of the target; other vertices of the target go
    to the nearest point of the edge; vertices of the reference that lie along an edge of the target are
    put into it, and feet into the edges of the reference. Whatever shares the target's vertices moves
    with them; the reference keeps its shape but for joints
    a tolerance off its edges.

    Raises ``EditError`` where nothing is within reach, or is aligned already.
    """
    if target == reference:
        raise EditError(tr("图形不能与自己对齐。"), hint=tr("请另选一个相邻的图形作为基准。"))
    before = as_objects(geometries)
    around, margin = shapely.get_coordinates(before[target]), max(reach, 1.0)
    # First the target with those that follow it, by themselves: the reference must not be bent by a joint.
    near = _near(outlines(before, around, margin=margin), target, reference, reach)
    others = before.copy()
    others[reference] = None
    rings = outlines(others, around, margin=margin)
    rings = knit(rings, rings.at(near), tolerance=tolerance)
    changed = rings.touched_geometries(len(before))
    joined = applied(before, EditResult(changed))
    rings = outlines(joined, around, margin=margin, first=reference)
    rings = _drawn(rings, target, reference, reach, tolerance)
    rings = _put_in(rings, target, reference, reach, tolerance)
    places = _near(rings, target, reference, tolerance)
    rings = knit(rings, rings.at(places), tolerance=tolerance)
    refuse_pinch(rings, places, rings.edges_of([target]), tolerance=tolerance)
    edit = result(before, changed | rings.touched_geometries(len(before)))
    if not edit.changed:
        raise EditError(
            tr("{reach:g} 米之内没有可以对齐的边界。", reach=reach),
            hint=tr("请加大距离，或检查是否已经对齐。"),
            index=target,
        )
    return edit


def _near(rings: Outlines, target: int, reference: int, reach: float) -> Floats:
    """Vertices (k, 2) of the target at the ends of edges that come within reach of the reference."""
    own, others = rings.segments([target]), rings.segments([reference])
    if not len(others):
        return np.empty((0, 2))
    near = np.unique(shapely.STRtree(lines(others)).query(lines(own), predicate="dwithin", distance=reach)[0])
    return distinct(own[near].reshape(-1, 2))


def _drawn(rings: Outlines, target: int, reference: int, reach: float, tolerance: float) -> Outlines:
    """With the target's vertices moved onto the reference, in all that share them."""
    owner = rings.vertex_owner
    own = distinct(rings.coordinates[owner == target])
    segments = rings.segments([reference])
    corners = distinct(segments[:, :2])
    goal = own.copy()
    point, edge = points_on_edges(own, segments, reach)
    foot, _, distance = feet(own[point], segments[edge])
    order = np.argsort(-distance, kind="stable")
    goal[point[order]] = foot[order]
    # What lies on the edge but for the rounding of its coordinates stays.
    least = np.full(len(own), np.inf)
    np.minimum.at(least, point, distance)
    resting = least <= _LAST_DIGITS * np.spacing(np.abs(own).max())
    goal[resting] = own[resting]
    near, corner = points_at(goal, corners, tolerance)
    goal[near] = corners[corner]
    for index, place in _attracted(own, corners, reach):
        goal[index] = place
    shift = np.flatnonzero(np.any(goal != own, axis=1))
    if not len(shift):
        return rings
    vertex, number = points_at(rings.coordinates, own[shift], 0.0)
    follows = owner[vertex] != reference
    rings = rings.moved(vertex[follows], goal[shift[number[follows]]])
    return rings.without(rings.repeats())


def _attracted(own: Floats, corners: Floats, reach: float) -> list[tuple[int, Floats]]:
    """Vertices that reference corners draw: for each corner its nearest, for each vertex its nearest."""
    vertex, corner = points_at(own, corners, reach)
    distance = np.hypot(*(own[vertex] - corners[corner]).T)
    order = np.argsort(distance, kind="stable")
    found: list[tuple[int, Floats]] = []
    taken_vertices: set[int] = set()
    taken_corners: set[int] = set()
    # The closest pair first; a polygon has a handful of pairs within reach.
    for v, c in zip(vertex[order].tolist(), corner[order].tolist(), strict=True):
        if v not in taken_vertices and c not in taken_corners:
            found.append((v, corners[c]))
            taken_vertices.add(v)
            taken_corners.add(c)
    return found


def _put_in(rings: Outlines, target: int, reference: int, reach: float, tolerance: float) -> Outlines:
    """With the reference's vertices put into the target's nearest edge, and into all that share it."""
    corners = distinct(rings.coordinates[rings.vertex_owner == reference])
    own_vertices = rings.coordinates[rings.vertex_owner == target]
    at_vertex, _ = points_at(corners, own_vertices, tolerance)
    corners = np.delete(corners, np.unique(at_vertex), axis=0)
    edges = rings.edges_of([target])
    segments = rings.as_segments(edges)
    point, edge = points_on_edges(corners, segments, reach)
    _, along, distance = feet(corners[point], segments[edge])
    # Beside an end there is nothing to put in: the corner lies past the edge.
    order = np.argsort(-distance, kind="stable")
    nearest = np.full(len(corners), -1, dtype=np.int64)
    nearest[point[order]] = order
    nearest = nearest[nearest >= 0]
    nearest = nearest[(along[nearest] > 0) & (along[nearest] < 1)]
    if not len(nearest):
        return rings
    places, into = corners[point[nearest]], segments[edge[nearest]]
    every = rings.edges
    every = every[rings.vertex_owner[every] != reference]
    # The same edge in another geometry runs between the same two points.
    at_edges: list[Ints] = []
    at_places: list[Floats] = []
    for place, segment in zip(places, into, strict=True):
        same = every[shares(rings.as_segments(every), segment[None])]
        at_edges.append(same)
        at_places.append(np.broadcast_to(place, (len(same), 2)))
    return rings.inserted(np.concatenate(at_edges), np.vstack(at_places))[0]
