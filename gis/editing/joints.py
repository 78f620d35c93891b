"""Joints: a vertex that lies on a neighbour's edge becomes a vertex of the neighbour.

Without them an edge that two polygons share moves in one of them only, and a gap opens.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.editing.nearness import feet, lines, meeting_points, points_at, points_on_edges
from gis.editing.outlines import Outlines, as_complex, distinct
from gis.editing.result import JOINT, EditError
from gis.text import tr

__all__ = ["at_vertices", "knit", "on_boundary", "refuse_pinch", "with_crossings", "with_vertex"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# A vertex put on an edge bends it by the tolerance at most and may so bring it to another vertex: twice or
# thrice in a row is rare already.
_PASSES = 12


def knit(
    outlines: Outlines, focus: Bools, *, edges: Bools | None = None, tolerance: float = JOINT
) -> Outlines:
    """Join what changed with what lies around it.

    ``focus`` (V,) marks the vertices concerned, ``edges`` (V,) the edges (by their first vertex), by
    default those that end in a vertex concerned. Vertices nearer to a concerned one than the tolerance
    take the coordinates of the one that comes first in the array; concerned vertices are put on every
    edge they lie on; concerned edges receive every vertex that lies on them. What is joined is then
    concerned itself, until nothing more is found.
    """
    if edges is None:
        edges = focus.copy()
        edges[:-1] |= focus[1:]
    for _ in range(_PASSES):
        outlines, focus, edges, welded = _welded(outlines, focus, edges, tolerance)
        outlines, focus, edges, inserted = _inserted(outlines, focus, edges, tolerance)
        if not (welded or inserted):
            break
    return outlines


def _welded(
    outlines: Outlines, focus: Bools, edges: Bools, tolerance: float
) -> tuple[Outlines, Bools, Bools, bool]:
    coordinates = outlines.coordinates
    points = distinct(coordinates[focus])
    point, vertex = points_at(points, coordinates, tolerance)
    if not np.any(points[point] != coordinates[vertex]):
        return outlines, focus, edges, False
    # Chains of near vertices take the coordinates of their first one.
    label = np.arange(len(coordinates))
    for _ in range(_PASSES):
        lowest = np.full(len(points), len(coordinates))
        np.minimum.at(lowest, point, label[vertex])
        before = label[vertex].copy()
        np.minimum.at(label, vertex, lowest[point])
        if np.array_equal(before, label[vertex]):
            break
    moved = np.flatnonzero(np.any(coordinates[label] != coordinates, axis=1))
    if not len(moved):
        return outlines, focus, edges, False
    outlines = outlines.moved(moved, coordinates[label[moved]])
    focus, edges = focus.copy(), edges.copy()
    focus[moved] = True
    edges[moved] = True
    edges[moved[moved > 0] - 1] = True
    repeated = outlines.repeats()
    if repeated.any():
        outlines, focus, edges = outlines.without(repeated), focus[~repeated], edges[~repeated]
    return outlines, focus, edges, True


def _inserted(
    outlines: Outlines, focus: Bools, edges: Bools, tolerance: float
) -> tuple[Outlines, Bools, Bools, bool]:
    coordinates = outlines.coordinates
    every_edge = outlines.edges
    chosen_edges = every_edge[edges[every_edge]]
    vertices = distinct(coordinates)
    points, at = [], []
    for candidates, over in ((distinct(coordinates[focus]), every_edge), (vertices, chosen_edges)):
        point, edge = points_on_edges(candidates, outlines.as_segments(over), tolerance)
        points.append(candidates[point])
        at.append(over[edge])
    into, places = _homes(outlines, np.vstack(points), np.concatenate(at), tolerance)
    if not len(into):
        return outlines, focus, edges, False
    outlines, source = outlines.inserted(into, places)
    is_new = np.zeros(len(source), bool)
    is_new[1:] = source[1:] == source[:-1]
    edges = edges[source] | is_new
    edges[:-1] |= is_new[1:]
    return outlines, focus[source] | is_new, edges, True


def _homes(outlines: Outlines, points: Floats, edges: Ints, tolerance: float) -> tuple[Ints, Floats]:
    """Of the points found on edges those that are to become vertices, each with its edge, each pair once.

    Not at the ends of an edge, where there is a vertex already. A ring passes through a place once: of
    its edges near a point the nearest takes it, and none if the point is a vertex of the ring.
    """
    found = np.flatnonzero(_between_ends(outlines, points, edges, tolerance)[0])
    if not len(found):
        return np.empty(0, np.int64), np.empty((0, 2))
    places = distinct(points[found])
    known = np.flatnonzero(outlines.at(places))
    passed = set(zip(outlines.ring[known].tolist(), as_complex(outlines.coordinates[known]), strict=True))
    wanted = set(zip(outlines.ring[edges[found]].tolist(), as_complex(points[found]), strict=True)) - passed
    is_open = outlines.is_open
    drawn = found[is_open[outlines.ring[edges[found]]]]
    pairs = {(int(edges[index]), *points[index]) for index in drawn}
    every = outlines.edges
    place, edge = points_on_edges(places, outlines.as_segments(every), tolerance)
    edge = every[edge]
    beside, distance = _between_ends(outlines, places[place], edge, tolerance)
    # A handful of places with the edges around them.
    for index in np.argsort(distance, kind="stable"):
        at, ring = places[place[index]], int(outlines.ring[edge[index]])
        here = (ring, complex(*at))
        if here in wanted and not is_open[ring]:
            wanted.remove(here)
            if beside[index]:
                pairs.add((int(edge[index]), *at))
    unique = np.array(sorted(pairs), dtype=np.float64).reshape(-1, 3)
    return unique[:, 0].astype(np.int64), unique[:, 1:]


def _between_ends(outlines: Outlines, points: Floats, edges: Ints, tolerance: float) -> tuple[Bools, Floats]:
    """Which points lie beside their edge and not at an end of it, and how far from the edge."""
    segments = outlines.as_segments(edges)
    _, along, distance = feet(points, segments)
    from_start = np.hypot(*(points - segments[:, :2]).T)
    from_end = np.hypot(*(points - segments[:, 2:]).T)
    return (along > 0) & (along < 1) & (from_start > tolerance) & (from_end > tolerance), distance


def refuse_pinch(outlines: Outlines, points: Floats, edges: Ints, *, tolerance: float = JOINT) -> None:
    """Raise ``EditError`` where a ring touches itself at one of these points or along one of these edges."""
    every = outlines.edges
    for places, over in ((points, every), (distinct(outlines.coordinates), edges)):
        place, edge = points_on_edges(places, outlines.as_segments(over), tolerance)
        at, edge = places[place], over[edge]
        beside = _between_ends(outlines, at, edge, tolerance)[0]
        at, ring = at[beside], outlines.ring[edge[beside]]
        known = np.flatnonzero(outlines.at(at))
        passed = set(zip(outlines.ring[known].tolist(), as_complex(outlines.coordinates[known]), strict=True))
        for here, place_at in zip(zip(ring.tolist(), as_complex(at), strict=True), at, strict=True):
            if here in passed:
                x, y = float(place_at[0]), float(place_at[1])
                raise EditError(
                    tr("这样编辑会使边界在 ({x:.3f}, {y:.3f}) 处碰到自己。", x=x, y=y),
                    hint=tr("请换一个位置，使边界不自相交、不自相接。"),
                    index=int(outlines.owner[outlines.part[here[0]]]),
                    place=(x, y),
                )


def with_vertex(outlines: Outlines, points: Floats, *, tolerance: float = JOINT) -> Outlines:
    """With these points (k, 2) as vertices of every edge that they lie on and that ends elsewhere."""
    over = outlines.edges
    point, edge = points_on_edges(points, outlines.as_segments(over), tolerance)
    into, places = _homes(outlines, points[point], over[edge], tolerance)
    return outlines.inserted(into, places)[0] if len(into) else outlines


def on_boundary(outlines: Outlines, points: Floats, *, tolerance: float = JOINT) -> Floats:
    """Points (k, 2) that lie at a vertex or on an edge, moved there exactly; the others as they are."""
    placed = points.copy()
    edges = outlines.edges
    segments = outlines.as_segments(edges)
    point, edge = points_on_edges(points, segments, tolerance)
    foot, _, distance = feet(points[point], segments[edge])
    # The nearest is written last.
    order = np.argsort(-distance, kind="stable")
    placed[point[order]] = foot[order]
    at_vertex, vertices = _near_vertices(outlines.coordinates, points, tolerance)
    placed[at_vertex] = vertices
    return placed


def at_vertices(vertices: Floats, points: Floats, *, tolerance: float = JOINT) -> Floats:
    """Points (k, 2) that lie at one of the vertices (n, 2), moved there exactly; the others as they are."""
    placed = points.copy()
    at_vertex, vertices = _near_vertices(vertices, points, tolerance)
    placed[at_vertex] = vertices
    return placed


def _near_vertices(vertices: Floats, points: Floats, tolerance: float) -> tuple[Ints, Floats]:
    """Positions of points near a vertex, farther ones first, and the vertices."""
    point, vertex = points_at(points, vertices, tolerance)
    distance = np.hypot(*(points[point] - vertices[vertex]).T)
    order = np.argsort(-distance, kind="stable")
    return point[order], vertices[vertex[order]]


def with_crossings(
    outlines: Outlines, path: int, owners: Iterable[int], *, tolerance: float = JOINT
) -> Outlines | None:
    """With vertices where edges of ``path`` cross edges of ``owners``, on both; None if nothing crosses."""
    mine, theirs = outlines.edges_of([path]), outlines.edges_of(owners)
    if not len(mine) or not len(theirs):
        return None
    own, other = outlines.as_segments(mine), outlines.as_segments(theirs)
    tree = shapely.STRtree(lines(other))
    first, second = tree.query(lines(own), predicate="intersects")
    point, ahead, along = meeting_points(own[first], other[second])
    inside = (ahead > 0) & (ahead < 1) & (along > 0) & (along < 1)
    for a, b in ((0, 0), (0, 2), (2, 0), (2, 2)):
        inside &= np.any(own[first, a : a + 2] != other[second, b : b + 2], axis=1)
    if not inside.any():
        return None
    edges = np.concatenate([mine[first[inside]], theirs[second[inside]]])
    node = at_vertices(outlines.coordinates, point[inside], tolerance=tolerance)
    places = np.vstack([node, node])
    unique = np.unique(np.column_stack([edges, places]), axis=0)
    return outlines.inserted(unique[:, 0].astype(np.int64), unique[:, 1:])[0]
