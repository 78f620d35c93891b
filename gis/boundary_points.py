"""界址点: the numbered boundary points of a parcel and the lengths between them.

Numbering (domain reference §11): from the vertex nearest to the north-west corner of the bounding
box, clockwise, from 1; holes continue the sequence, each from its own north-west vertex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["BoundaryPoints", "boundary_points"]


@dataclass(frozen=True, slots=True)
class BoundaryPoints:
    """Boundary points of one parcel in drawing order, rings one after the other and not closed.

    ``east`` and ``north`` are metres; ``ring`` counts from 1; ``following`` is the index of the next
    point on the same ring; ``length`` is the plane distance to it in metres.
    """

    number: NDArray[np.int64]
    ring: NDArray[np.int64]
    east: NDArray[np.float64]
    north: NDArray[np.float64]
    following: NDArray[np.int64]
    length: NDArray[np.float64]
    is_hole: NDArray[np.bool_]


def boundary_points(geometry: BaseGeometry) -> BoundaryPoints:
    """Number the vertices of a polygon or multipolygon given in a plane, in metres.

    Parts come in the order of their north-west corners from north to south. A part's holes follow it.
    """
    numbers: list[NDArray[np.float64]] = []
    holes: list[bool] = []
    # A parcel has a handful of rings; the loop is over rings, never over vertices.
    for part in _parts_from_the_north(geometry):
        rings = [shapely.get_exterior_ring(part)]
        rings += [shapely.get_interior_ring(part, i) for i in range(shapely.get_num_interior_rings(part))]
        for index, ring in enumerate(rings):
            numbers.append(_from_north_west_clockwise(shapely.get_coordinates(ring)[:-1]))
            holes.append(index > 0)
    counts = np.array([len(points) for points in numbers], dtype=np.int64)
    points = np.concatenate(numbers) if numbers else np.empty((0, 2))
    starts = np.cumsum(counts) - counts
    following = np.arange(1, len(points) + 1, dtype=np.int64)
    following[starts + counts - 1] = starts
    length = np.hypot(*(points[following] - points).T) if len(points) else np.empty(0)
    return BoundaryPoints(
        number=np.arange(1, len(points) + 1, dtype=np.int64),
        ring=np.repeat(np.arange(1, len(counts) + 1, dtype=np.int64), counts),
        east=points[:, 0],
        north=points[:, 1],
        following=following,
        length=length,
        is_hole=np.repeat(np.array(holes, dtype=np.bool_), counts),
    )


def _parts_from_the_north(geometry: BaseGeometry) -> list[BaseGeometry]:
    parts = list(shapely.get_parts(geometry))
    return sorted(parts, key=lambda part: (-part.bounds[3], part.bounds[0]))


def _from_north_west_clockwise(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Order one open ring: start nearest to (min E, max N), ties to larger N, then smaller E."""
    following = np.roll(points, -1, axis=0)
    local = points - points[0]
    doubled_area = np.sum(local[:, 0] * np.roll(local[:, 1], -1) - np.roll(local[:, 0], -1) * local[:, 1])
    repeated = np.all(points == following, axis=1)
    points = points[~repeated]
    if doubled_area > 0:
        points = points[::-1]
    corner = np.array([points[:, 0].min(), points[:, 1].max()])
    distance = np.hypot(*(points - corner).T)
    start = np.lexsort((points[:, 0], -points[:, 1], distance))[0]
    return np.roll(points, -int(start), axis=0)
