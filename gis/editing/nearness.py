"""Which points lie at which points and on which edges, to a tolerance in metres."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["feet", "lines", "meeting_points", "nearest_edge", "points_at", "points_on_edges"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def lines(segments: Floats) -> NDArray[np.object_]:
    """Segments (n, 4) as lines of two points."""
    return np.asarray(shapely.linestrings(segments.reshape(-1, 2, 2)), dtype=object)


def _points(coordinates: Floats) -> NDArray[np.object_]:
    return np.asarray(shapely.points(coordinates), dtype=object)


def points_at(points: Floats, others: Floats, tolerance: float) -> tuple[Ints, Ints]:
    """Pairs of positions in (k, 2) and (n, 2) that are no farther apart than the tolerance."""
    near = _in_box(others, others, points, tolerance)
    if not len(near):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    tree = shapely.STRtree(_points(others[near]))
    first, second = tree.query(_points(points), predicate="dwithin", distance=tolerance)
    return first.astype(np.int64), near[second]


def points_on_edges(points: Floats, segments: Floats, tolerance: float) -> tuple[Ints, Ints]:
    """Pairs of positions in (k, 2) points and (n, 4) segments that are no farther apart."""
    near = _in_box(
        np.minimum(segments[:, :2], segments[:, 2:]),
        np.maximum(segments[:, :2], segments[:, 2:]),
        points,
        tolerance,
    )
    if not len(near):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    tree = shapely.STRtree(lines(segments[near]))
    point, edge = tree.query(_points(points), predicate="dwithin", distance=tolerance)
    return point.astype(np.int64), near[edge]


def _in_box(low: Floats, high: Floats, points: Floats, tolerance: float) -> Ints:
    """The boxes (n, 2) + (n, 2) that come near the box around all points."""
    if not len(points):
        return np.empty(0, np.int64)
    west_south, east_north = points.min(axis=0) - tolerance, points.max(axis=0) + tolerance
    return np.flatnonzero(np.all((low <= east_north) & (high >= west_south), axis=1))


def feet(points: Floats, segments: Floats) -> tuple[Floats, Floats, Floats]:
    """Nearest points of segments (n, 4) to points (n, 2), pair by pair.

    Gives the foot (n, 2), its fraction along the segment and its distance from the point, (n,) each.
    """
    start, step = segments[:, :2], segments[:, 2:] - segments[:, :2]
    square = np.einsum("ij,ij->i", step, step)
    along = np.divide(
        np.einsum("ij,ij->i", points - start, step), square, out=np.zeros(len(step)), where=square > 0
    ).clip(0.0, 1.0)
    foot = start + along[:, None] * step
    # Ends are taken as they stand: start + 1·step need not be the end to the last digit.
    foot = np.where((along == 1.0)[:, None], segments[:, 2:], foot)
    return foot, along, np.hypot(*(points - foot).T)


def nearest_edge(point: Floats, segments: Floats) -> tuple[int, Floats, float] | None:
    """Position of the segment (n, 4) nearest to a point (2,), the foot on it and its distance."""
    if not len(segments):
        return None
    foot, _, distance = feet(np.broadcast_to(point, (len(segments), 2)), segments)
    best = int(np.argmin(distance))
    return best, foot[best], float(distance[best])


def meeting_points(first: Floats, second: Floats) -> tuple[Floats, Floats, Floats]:
    """Where the straight lines through segments (n, 4) and (n, 4) meet, pair by pair.

    Gives the point on ``second`` (n, 2) and the fractions along both; NaN for parallel ones. The point
    does not depend on the direction of ``second``, so an edge that two polygons share in opposite
    directions gets one and the same point.
    """
    turned = (second[:, 0] > second[:, 2]) | ((second[:, 0] == second[:, 2]) & (second[:, 1] > second[:, 3]))
    lined = np.where(turned[:, None], second[:, [2, 3, 0, 1]], second)
    start, step = lined[:, :2], lined[:, 2:] - lined[:, :2]
    way = first[:, 2:] - first[:, :2]
    between = first[:, :2] - start
    # Differences first: coordinates of eight digits would eat the figures of the products.
    cross = step[:, 0] * way[:, 1] - step[:, 1] * way[:, 0]
    missing = np.full(len(cross), np.nan)
    along = np.divide(
        between[:, 0] * way[:, 1] - between[:, 1] * way[:, 0], cross, out=missing.copy(), where=cross != 0
    )
    ahead = np.divide(
        between[:, 0] * step[:, 1] - between[:, 1] * step[:, 0], cross, out=missing.copy(), where=cross != 0
    )
    point = start + along[:, None] * step
    return point, ahead, np.where(turned, 1.0 - along, along)
