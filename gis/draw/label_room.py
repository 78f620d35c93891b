"""Room for labels on paper: turned boxes that touch neither each other nor the lines that matter.

Everything is in millimetres of paper. A label comes with a handful of places it could stand, each with a
price; the cheapest free one is taken. What is placed first is served best.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

__all__ = ["LabelRoom", "leader_to", "segments", "turned_boxes"]

_CROSSING = 0.7  # price of each avoided line that a label lies on
_LEADER_GAP = 0.35  # a leader begins and ends this far from what it joins
_LEADER_WIDTH = 0.3


def turned_boxes(
    centres: NDArray[np.float64], width: float, height: float, degrees: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Boxes of that size about (n, 2) centres, each turned by its angle: (n, 4, 2) corners."""
    angle = np.broadcast_to(np.radians(degrees), (len(centres),))
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x = np.array([-1.0, 1.0, 1.0, -1.0]) * width / 2.0
    y = np.array([-1.0, -1.0, 1.0, 1.0]) * height / 2.0
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1) + np.asarray(centres)[:, None, :]


def segments(geometries: Any) -> Any:
    """The single segments of lines and of polygons' outlines, as an array of lines."""
    parts = shapely.get_parts(np.atleast_1d(np.asarray(geometries, dtype=object)))
    areal = shapely.get_dimensions(parts) == 2
    lines = np.concatenate([shapely.get_parts(shapely.boundary(parts[areal])), parts[~areal]])
    lines = shapely.get_parts(lines[shapely.get_dimensions(lines) == 1])
    points, line = shapely.get_coordinates(lines, return_index=True)
    follows = line[1:] == line[:-1]
    return shapely.linestrings(np.stack([points[:-1][follows], points[1:][follows]], axis=1))


class LabelRoom:
    """The free room of a frame: labels stay off ``walls`` and off each other, and avoid other lines if they can."""

    def __init__(self, frame: tuple[float, float, float, float], walls: Any, avoided: Any) -> None:
        self._frame = tuple(frame)
        self._walls = shapely.STRtree(segments(walls))
        self._avoided = shapely.STRtree(segments(avoided))
        self._count = 0
        self._taken = np.empty(64, dtype=object)
        self._bounds = np.empty((64, 4))

    def take(self, shapes: Any) -> None:
        """Mark polygons as occupied, whatever lies there already."""
        shapes = np.atleast_1d(shapes)
        while self._count + len(shapes) > len(self._taken):
            self._taken = np.concatenate([self._taken, np.empty_like(self._taken)])
            self._bounds = np.concatenate([self._bounds, np.empty_like(self._bounds)])
        added = slice(self._count, self._count + len(shapes))
        self._taken[added], self._bounds[added] = shapes, shapely.bounds(shapes)
        self._count += len(shapes)

    def place(
        self,
        boxes: NDArray[np.float64],
        prices: NDArray[np.float64],
        starts: NDArray[np.float64] | None = None,
    ) -> int | None:
        """Take the cheapest free one of (n, 4, 2) boxes and return its index, or None if none is free.

        ``starts`` (n, 2) are where a leader to the box begins; NaN for a place that needs none. A leader
        crosses neither walls nor labels and is occupied like them.
        """
        west, south, east, north = self._frame
        inside = np.all((boxes >= (west, south)) & (boxes <= (east, north)), axis=(1, 2))
        index = np.flatnonzero(inside & np.isfinite(prices))
        shapes: Any = shapely.polygons(boxes[index])
        # The cheap questions first: what is ruled out is not asked about again.
        free = ~self._on_walls(shapes) & ~self._meets_taken(shapes)
        index, shapes = index[free], shapes[free]
        leaders = None
        if starts is not None:
            leaders = _leaders(boxes[index], starts[index])
            free = ~self._on_walls(leaders) & ~self._meets_taken(leaders)
            index, shapes, leaders = index[free], shapes[free], leaders[free]
        if not len(index):
            return None
        crossed, _ = self._avoided.query(shapes, predicate="intersects")
        best = int(np.argmin(prices[index] + _CROSSING * np.bincount(crossed, minlength=len(index))))
        self.take(shapes[best])
        if leaders is not None and leaders[best] is not None:
            self.take(shapely.buffer(leaders[best], _LEADER_WIDTH / 2.0, cap_style="flat"))
        return int(index[best])

    def _on_walls(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        on = np.zeros(len(shapes), dtype=np.bool_)
        on[self._walls.query(shapes, predicate="intersects")[0]] = True
        return on

    def _meets_taken(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Which shapes (None for none) meet anything that is occupied."""
        west, south, east, north = (edge[:, None] for edge in shapely.bounds(shapes).T)
        taken = self._bounds[: self._count]
        near = (taken[:, 0] < east) & (taken[:, 2] > west) & (taken[:, 1] < north) & (taken[:, 3] > south)
        mine, other = np.nonzero(near)
        met = np.zeros(len(shapes), dtype=np.bool_)
        met[mine[shapely.intersects(shapes[mine], self._taken[other])]] = True
        return met


def leader_to(box: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64]:
    """The leader from a start to a (4, 2) box: (2, 2) points, or (0, 2) if none is needed."""
    return shapely.get_coordinates(_leaders(box[None], start[None]))


def _leaders(boxes: NDArray[np.float64], starts: NDArray[np.float64]) -> NDArray[np.object_]:
    """Lines from the starts to the nearest points of the boxes, a little short at both ends; None where not needed."""
    lines = np.full(len(boxes), None, dtype=object)
    wanted = np.flatnonzero(~np.isnan(starts).any(axis=1))
    if len(wanted):
        nearest = shapely.shortest_line(shapely.points(starts[wanted]), shapely.polygons(boxes[wanted]))
        ends = shapely.get_coordinates(nearest).reshape(-1, 2, 2)
        way = ends[:, 1] - ends[:, 0]
        long = np.hypot(*way.T)
        step = way / np.maximum(long, 1e-9)[:, None] * _LEADER_GAP
        kept = long > 2.0 * _LEADER_GAP
        ends = np.stack([ends[:, 0] + step, ends[:, 1] - step], axis=1)
        lines[wanted[kept]] = shapely.linestrings(ends[kept])
    return lines
