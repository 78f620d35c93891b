"""Snap the pointer: to a vertex, a crossing, an edge, an edge's extension, a right angle, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.editing.nearness import feet, meeting_points
from gis.editing.outlines import outlines
from gis.editing.regions import undirected
from gis.editing.result import Geometries, as_objects

__all__ = ["ALL_KINDS", "Segments", "Snap", "SnapKind", "segments_around", "snap"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Place = tuple[float, float]

_LINES = (int(shapely.GeometryType.LINESTRING), int(shapely.GeometryType.MULTILINESTRING))
# An extension is offered this many tolerances beyond the end of its edge.
_EXTENSION_REACH = 25.0


class SnapKind(Enum):
    """What a point was snapped to, the preferred first."""

    VERTEX = "vertex"
    INTERSECTION = "intersection"
    EDGE = "edge"
    EXTENSION = "extension"
    RIGHT_ANGLE = "right angle"


ALL_KINDS = frozenset(SnapKind)


@dataclass(frozen=True)
class Segments:
    """Edges to snap to: ``ends`` (n, 4) from and to in the plane, in metres; ``source`` (n,) their geometry."""

    ends: Floats
    source: Ints


@dataclass(frozen=True, slots=True)
class Snap:
    """A point found, what it lies on, and the position of the segment it was found with.

    ``segment`` is a position in the arrays given; ``other`` that of the second one of a crossing, and
    None otherwise. A right angle has no segment: it is measured from the line being drawn.
    """

    point: Place
    kind: SnapKind
    segment: int | None = None
    other: int | None = None


def segments_around(geometries: Geometries) -> Segments:
    """All edges of polygons and lines, with the positions of their geometries."""
    array = as_objects(geometries)
    rings = outlines(array)
    edges = rings.edges
    kinds = shapely.get_type_id(array)
    drawn = np.flatnonzero(np.isin(kinds, _LINES))
    parts, owner = shapely.get_parts(array[drawn], return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    same = np.flatnonzero(part[1:] == part[:-1])
    return Segments(
        np.vstack([rings.as_segments(edges), np.hstack([points[same], points[same + 1]])]),
        np.concatenate([rings.vertex_owner[edges], drawn[owner[part[same]]].astype(np.int64)]),
    )


def snap(
    pointer: Place,
    segments: Segments,
    *,
    tolerance: float,
    previous: tuple[Place, Place] | None = None,
    kinds: frozenset[SnapKind] = ALL_KINDS,
) -> Snap | None:
    """The point to take instead of the pointer's, or None if nothing is near.

    ``tolerance`` is in metres: pixels times metres per pixel. ``previous`` is the last segment drawn,
    from and to; a right angle is taken at its end. Of one kind the nearest is taken, of the kinds the
    first in the order of :class:`SnapKind`. Extensions count near the end of their edge only. Where two
    extensions, or one and the right angle, or an edge and one of these pass within the tolerance, their
    crossing is taken: a side drawn at a right angle ends exactly on the edge in front of it.
    """
    here = np.array(pointer, dtype=np.float64)
    near = _near(here, segments.ends, tolerance)
    found: Snap | None = None
    if SnapKind.VERTEX in kinds:
        found = _vertex(here, segments.ends, near, tolerance)
    if found is None and SnapKind.INTERSECTION in kinds:
        found = _crossing(here, segments.ends, near, tolerance)
    if found is not None:
        return found
    guides = _guides(here, segments.ends, previous, tolerance, kinds)
    if SnapKind.EDGE in kinds and len(near):
        return _edge(here, segments.ends, near, guides, tolerance)
    return _on_guide(here, guides, tolerance)


@dataclass(frozen=True)
class _Guides:
    """Straight lines that are not there but are meant: ``lines`` (n, 4), extensions first.

    ``segment`` (m,) are the edges that the m extensions come from; a line more is the right angle.
    """

    lines: Floats
    segment: Ints

    def source(self, number: int) -> int | None:
        return int(self.segment[number]) if number < len(self.segment) else None


def _near(here: Floats, ends: Floats, tolerance: float) -> Ints:
    """Positions of the segments within the tolerance."""
    low, high = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
    boxed = np.flatnonzero(np.all((low <= here + tolerance) & (high >= here - tolerance), axis=1))
    _, _, distance = feet(np.broadcast_to(here, (len(boxed), 2)), ends[boxed])
    return boxed[distance <= tolerance]


def _vertex(here: Floats, ends: Floats, near: Ints, tolerance: float) -> Snap | None:
    if not len(near):
        return None
    points = np.vstack([ends[near, :2], ends[near, 2:]])
    distance = np.hypot(*(points - here).T)
    best = int(np.argmin(distance))
    if distance[best] > tolerance:
        return None
    return Snap(_place(points[best]), SnapKind.VERTEX, int(near[best % len(near)]))


def _crossing(here: Floats, ends: Floats, near: Ints, tolerance: float) -> Snap | None:
    """Where two edges cross that have no end in common."""
    first, second = np.triu_indices(len(near), 1)
    if not len(first):
        return None
    point, ahead, along = meeting_points(ends[near[first]], ends[near[second]])
    distance = np.hypot(*(point - here).T)
    meets = (ahead >= 0) & (ahead <= 1) & (along >= 0) & (along <= 1) & (distance <= tolerance)
    if not meets.any():
        return None
    best = int(np.argmin(np.where(meets, distance, np.inf)))
    return Snap(_place(point[best]), SnapKind.INTERSECTION, int(near[first[best]]), int(near[second[best]]))


def _edge(here: Floats, ends: Floats, near: Ints, guides: _Guides, tolerance: float) -> Snap:
    foot, _, distance = feet(np.broadcast_to(here, (len(near), 2)), ends[near])
    best = int(np.argmin(distance))
    edge, count = int(near[best]), len(guides.lines)
    if count:
        point, _, along = meeting_points(guides.lines, np.broadcast_to(ends[edge], (count, 4)))
        away = np.hypot(*(point - here).T)
        away[~((along >= 0) & (along <= 1))] = np.inf
        nearest = int(np.argmin(away))
        if away[nearest] <= tolerance:
            return Snap(_place(point[nearest]), SnapKind.EDGE, edge, guides.source(nearest))
    return Snap(_place(foot[best]), SnapKind.EDGE, edge)


def _on_guide(here: Floats, guides: _Guides, tolerance: float) -> Snap | None:
    if not len(guides.lines):
        return None
    first, second = np.triu_indices(len(guides.lines), 1)
    if len(first):
        point, _, _ = meeting_points(guides.lines[first], guides.lines[second])
        distance = np.nan_to_num(np.hypot(*(point - here).T), nan=np.inf)
        best = int(np.argmin(distance))
        if distance[best] <= tolerance:
            one, other = int(first[best]), int(second[best])
            return Snap(_place(point[best]), SnapKind.EXTENSION, guides.source(one), guides.source(other))
    foot, distance = _foot_on_lines(here, guides.lines)
    if len(guides.segment):
        best = int(np.argmin(distance[: len(guides.segment)]))
        return Snap(_place(foot[best]), SnapKind.EXTENSION, guides.source(best))
    return Snap(_place(foot[-1]), SnapKind.RIGHT_ANGLE)


def _guides(
    here: Floats,
    ends: Floats,
    previous: tuple[Place, Place] | None,
    tolerance: float,
    kinds: frozenset[SnapKind],
) -> _Guides:
    lines, segment = np.empty((0, 4)), np.empty(0, np.int64)
    if SnapKind.EXTENSION in kinds:
        lines, segment = _extensions(here, ends, tolerance)
    upright = _upright(here, previous, tolerance) if SnapKind.RIGHT_ANGLE in kinds else None
    return _Guides(lines if upright is None else np.vstack([lines, upright[None]]), segment)


def _extensions(here: Floats, ends: Floats, tolerance: float) -> tuple[Floats, Ints]:
    """Edges whose straight continuation passes within the tolerance, not far from their end."""
    step = ends[:, 2:] - ends[:, :2]
    square = np.einsum("ij,ij->i", step, step)
    way = here - ends[:, :2]
    along = np.divide(np.einsum("ij,ij->i", way, step), square, out=np.full(len(step), 0.5), where=square > 0)
    length = np.sqrt(square)
    off = np.abs(way[:, 0] * step[:, 1] - way[:, 1] * step[:, 0])
    beyond = np.maximum(-along, along - 1.0) * length
    chosen = np.flatnonzero(
        (beyond > 0) & (beyond <= _EXTENSION_REACH * tolerance) & (off <= tolerance * length)
    )
    # The edge of two neighbours is one line.
    _, first = np.unique(undirected(ends[chosen]), axis=0, return_index=True)
    chosen = chosen[np.sort(first)]
    return ends[chosen], chosen


def _upright(here: Floats, previous: tuple[Place, Place] | None, tolerance: float) -> Floats | None:
    """The line (4,) at a right angle to the last segment at its end, if it passes within the tolerance."""
    if previous is None:
        return None
    start, end = np.array(previous, dtype=np.float64)
    way = end - start
    if not way.any():
        return None
    line = np.concatenate([end, end + np.array([-way[1], way[0]])])
    _, distance = _foot_on_lines(here, line[None])
    return line if distance[0] <= tolerance else None


def _foot_on_lines(here: Floats, lines: Floats) -> tuple[Floats, Floats]:
    """Nearest points (n, 2) of the endless lines through segments (n, 4), and how far they are, (n,)."""
    start, step = lines[:, :2], lines[:, 2:] - lines[:, :2]
    along = np.einsum("ij,ij->i", here - start, step) / np.einsum("ij,ij->i", step, step)
    foot = start + along[:, None] * step
    return foot, np.hypot(*(foot - here).T)


def _place(point: Floats) -> Place:
    return float(point[0]), float(point[1])
