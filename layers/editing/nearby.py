"""What lies around the cursor while boundaries are edited: rows, their edges to snap to, and which row is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.editing.snapping import Segments, segments_around
from gis.store.base import Box
from layers.editing.neighbourhood import Neighbourhood, neighbourhood
from layers.editing.operations import edited_together

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["Nearby", "OwnEdge", "read_nearby"]

Floats = NDArray[np.float64]
Place = tuple[float, float]

# An edge so many times the box's size away may still be extended into it.
_BESIDE = 0.5


@dataclass(frozen=True, slots=True)
class OwnEdge:
    """An edge of a row of the edited layer: the foot on it, its two ends, the row's uuid and geometry."""

    foot: Place
    side: tuple[Place, Place]
    uuid: str
    shape: shapely.Geometry


@dataclass(frozen=True)
class Nearby:
    """The rows that touch ``box`` and every edge near it; ``own`` (n,) marks the edges of the edited layer.

    Sources of segments are positions in ``around``; edges of layers that are only snapped to have later ones.
    """

    layer: str
    box: Box
    around: Neighbourhood
    segments: Segments
    own: NDArray[np.bool_]

    def own_row_at(self, x: float, y: float) -> tuple[str, shapely.Geometry] | None:
        """The smallest row of the edited layer at a place: uuid and geometry."""
        position = self._smallest(self.around.positions(self.layer), x, y)
        if position is None:
            return None
        return str(self.around.uuids[position]), self.around.geometries[position]

    def row_at(self, x: float, y: float) -> tuple[str, str, shapely.Geometry] | None:
        """The smallest row of any layer at a place: layer, uuid and geometry."""
        position = self._smallest(range(len(self.around)), x, y)
        if position is None:
            return None
        return (*self.around.row(position), self.around.geometries[position])

    def _smallest(self, positions: Sequence[int], x: float, y: float) -> int | None:
        shapes = self.around.geometries[list(positions)]
        hit = np.flatnonzero(shapely.intersects_xy(shapes, x, y))
        return positions[int(hit[np.argmin(shapely.area(shapes[hit]))])] if len(hit) else None

    def own_hole_at(self, x: float, y: float) -> tuple[str, shapely.Geometry, shapely.Geometry] | None:
        """The smallest hole of a row of the edited layer at a place: the row's uuid and geometry, and the hole."""
        found: tuple[str, shapely.Geometry, shapely.Geometry] | None = None
        positions = np.array(self.around.positions(self.layer), dtype=np.int64)
        point = shapely.Point(x, y)
        boxes = shapely.bounds(self.around.geometries[positions]) if len(positions) else np.empty((0, 4))
        inside = (boxes[:, 0] <= x) & (boxes[:, 1] <= y) & (boxes[:, 2] >= x) & (boxes[:, 3] >= y)
        for position in positions[inside]:
            shape = self.around.geometries[position]
            for part in shapely.get_parts(shape):
                for ring in part.interiors:
                    hole = shapely.Polygon(ring)
                    if hole.contains(point) and (
                        found is None or shapely.area(hole) < shapely.area(found[2])
                    ):
                        found = (str(self.around.uuids[position]), shape, hole)
        return found

    def shape_of(self, uuid: str) -> shapely.Geometry | None:
        """The geometry of a row of the edited layer, if it is near."""
        try:
            position = self.around.position(self.layer, uuid)
        except KeyError:
            return None
        shape: shapely.Geometry = self.around.geometries[position]
        return shape

    def own_vertex(self, x: float, y: float, tolerance: float) -> Place | None:
        """The nearest boundary point of the edited layer within the tolerance, in metres."""
        ends = self.segments.ends[self.own]
        points = np.vstack([ends[:, :2], ends[:, 2:]])
        away = np.hypot(points[:, 0] - x, points[:, 1] - y)
        if not len(away) or away.min() > tolerance:
            return None
        best = points[int(np.argmin(away))]
        return float(best[0]), float(best[1])

    def own_edge(self, x: float, y: float, tolerance: float) -> OwnEdge | None:
        """The nearest edge of the edited layer within the tolerance, in metres."""
        ends, source = self.segments.ends[self.own], self.segments.source[self.own]
        if not len(ends):
            return None
        start, step = ends[:, :2], ends[:, 2:] - ends[:, :2]
        square = np.einsum("ij,ij->i", step, step)
        way = np.array([x, y]) - start
        along = np.divide(np.einsum("ij,ij->i", way, step), square, out=np.zeros(len(step)), where=square > 0)
        foot = start + np.clip(along, 0.0, 1.0)[:, None] * step
        away = np.hypot(foot[:, 0] - x, foot[:, 1] - y)
        best = int(np.argmin(away))
        if away[best] > tolerance:
            return None
        x0, y0, x1, y1 = (float(value) for value in ends[best])
        position = int(source[best])
        return OwnEdge(
            (float(foot[best, 0]), float(foot[best, 1])),
            ((x0, y0), (x1, y1)),
            str(self.around.uuids[position]),
            self.around.geometries[position],
        )

    def has_edge(self, uuid: str, side: tuple[Place, Place]) -> bool:
        """Whether a row of the edited layer has an edge between two places."""
        mine = self.segments.ends[self.own & (self.segments.source == self.around.position(self.layer, uuid))]
        start, end = side
        return bool(np.any(np.all(mine == (*start, *end), axis=1) | np.all(mine == (*end, *start), axis=1)))

    def edges_at(self, x: float, y: float, tolerance: float) -> Floats:
        """All edges (n, 4) that end at a place or pass through it."""
        ends = self.segments.ends
        start, step = ends[:, :2], ends[:, 2:] - ends[:, :2]
        square = np.einsum("ij,ij->i", step, step)
        way = np.array([x, y]) - start
        along = np.divide(np.einsum("ij,ij->i", way, step), square, out=np.zeros(len(step)), where=square > 0)
        foot = start + np.clip(along, 0.0, 1.0)[:, None] * step
        found: Floats = ends[np.hypot(foot[:, 0] - x, foot[:, 1] - y) <= tolerance]
        return found


def read_nearby(
    project: Project, layer: str, box: Box, also: Sequence[str] = (), snapshot: str = ""
) -> Nearby:
    """Read what touches a box. Edges of ``also``, layers that are shown but not edited, can be snapped to.

    Of the plan only ``snapshot`` counts.
    """
    together = edited_together(layer)
    around = neighbourhood(project, together, box)
    others = [_shapes(project, name, box, snapshot) for name in also if name not in together]
    every = np.concatenate([around.geometries, *others])
    segments = _near(segments_around(every), box)
    known = np.append(around.layers, np.full(len(every) - len(around), "", dtype=object))
    return Nearby(layer, box, around, segments, np.asarray(known[segments.source] == layer, dtype=bool))


def _shapes(project: Project, name: str, box: Box, snapshot: str) -> NDArray[np.object_]:
    columns = ("snapshot",) if name == "land_use" else ()
    _fids, blobs, values = project.store.read_wkb(name, box, columns)
    wanted = [
        blob
        for blob, row in zip(blobs, values, strict=True)
        if not columns or not snapshot or row[0] == snapshot
    ]
    shapes = np.asarray(shapely.from_wkb(np.array(wanted, dtype=object)), dtype=object)
    kept: NDArray[np.object_] = shapes[shapely.get_dimensions(shapes) > 0]
    return kept


def _near(segments: Segments, box: Box) -> Segments:
    """Those that come near the box: outlines of a whole district have thousands elsewhere."""
    beyond = _BESIDE * max(box[2] - box[0], box[3] - box[1])
    ends = segments.ends
    low, high = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
    kept = (
        (high[:, 0] >= box[0] - beyond)
        & (low[:, 0] <= box[2] + beyond)
        & (high[:, 1] >= box[1] - beyond)
        & (low[:, 1] <= box[3] + beyond)
    )
    return Segments(ends[kept], segments.source[kept])
