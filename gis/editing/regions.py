"""Polygons put together from segments, without computing a single coordinate.

Segments are noded before (:mod:`gis.editing.joints`): they meet in common vertices only. Land is then a
set of segments; two pieces of land side by side are joined by dropping the segments that occur twice. So
every vertex keeps its coordinates to the last digit, which an overlay does not promise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.editing.nearness import lines
from gis.editing.result import as_objects

__all__ = [
    "assembled",
    "combined",
    "contains_point",
    "faces",
    "inside",
    "odd",
    "segments_of",
    "shares",
    "undirected",
]

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def undirected(segments: Floats) -> Floats:
    """Segments (n, 4) turned so that they start in the west, or south if upright; none of length nothing."""
    turned = (segments[:, 0] > segments[:, 2]) | (
        (segments[:, 0] == segments[:, 2]) & (segments[:, 1] > segments[:, 3])
    )
    made: Floats = np.where(turned[:, None], segments[:, [2, 3, 0, 1]], segments)
    longer: Bools = np.any(made[:, :2] != made[:, 2:], axis=1)
    return made[longer]


def odd(*groups: Floats) -> Floats:
    """The segments that occur an odd number of times in all groups together, each once."""
    unique, count = np.unique(undirected(np.vstack(groups)), axis=0, return_counts=True)
    once: Floats = unique[count % 2 == 1]
    return once


def shares(segments: Floats, others: Floats) -> Bools:
    """Which segments (n, 4) are also among the others, in either direction; none may have length nothing."""
    mine, theirs = undirected(segments), undirected(others)
    both, number = np.unique(np.vstack([mine, theirs]), axis=0, return_inverse=True)
    known = np.zeros(len(both), bool)
    known[number.ravel()[len(mine) :]] = True
    return known[number.ravel()[: len(mine)]]


def segments_of(geometry: shapely.Geometry) -> Floats:
    """Edges of all rings of a geometry, (n, 4)."""
    rings = shapely.get_rings(shapely.get_parts(as_objects([geometry])))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = np.flatnonzero(ring[1:] == ring[:-1])
    return np.hstack([points[same], points[same + 1]])


def faces(*groups: Floats) -> Objects:
    """All polygons that the segments enclose, smallest loops, holes taken out."""
    unique = np.unique(undirected(np.vstack(groups)), axis=0)
    if not len(unique):
        return np.empty(0, dtype=object)
    collection = shapely.polygonize(lines(unique))
    return np.asarray(shapely.get_parts(collection), dtype=object)


def inside(polygons: Objects, segments: Floats) -> Bools:
    """Which faces lie in the land that the segments bound, by the even-odd rule."""
    if not len(polygons):
        return np.zeros(0, bool)
    points = shapely.get_coordinates(shapely.point_on_surface(polygons))
    # A face or two at a time against all segments: the table stays small.
    return np.array([contains_point(segments, point) for point in points], dtype=bool)


def contains_point(segments: Floats, point: Floats) -> bool:
    """Whether a place (2,) lies in the land that the segments bound, by the even-odd rule."""
    # A ray to the east crosses an odd number of segments.
    start, end = segments[:, :2] - point, segments[:, 2:] - point
    spans = (start[:, 1] > 0) != (end[:, 1] > 0)
    start, end = start[spans], end[spans]
    cross = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
    return bool(np.count_nonzero((cross > 0) == (end[:, 1] > start[:, 1])) % 2)


def assembled(segments: Floats) -> shapely.Geometry:
    """The land that the segments bound by the even-odd rule, shells counter-clockwise.

    A polygon, a multipolygon if it is in several parts, an empty polygon if there is none.
    """
    loops = faces(segments)
    parts = loops[inside(loops, segments)]
    if not len(parts):
        return shapely.Polygon()
    parts = np.asarray(shapely.orient_polygons(parts), dtype=object)
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))


def combined(first: Floats, second: Floats, keep: Callable[[Bools, Bools], Bools]) -> Floats:
    """Boundary of the faces for which ``keep`` (in the first land, in the second land) holds.

    ``keep`` is called with masks: ``np.logical_or`` is the union, ``lambda a, b: a & ~b`` the difference.
    """
    loops = faces(first, second)
    chosen = loops[keep(inside(loops, first), inside(loops, second))]
    return odd(*(segments_of(face) for face in chosen)) if len(chosen) else np.empty((0, 4))
