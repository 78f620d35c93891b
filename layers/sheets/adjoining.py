"""四至: who lies to the north, east, south and west of a parcel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.text import tr
from gis.units import round_figure

__all__ = ["adjoining_sides"]

_TOUCHING = 0.5  # m: outlines this near to each other are one boundary, digitised twice
_SHARED_LEAST = 2.0  # m of common boundary; less is a corner that touches
_NAMED = 3  # names on one side before "and others"
_SIDES = 4  # north, east, south, west


def adjoining_sides(
    parcel: BaseGeometry, neighbours: NDArray[np.object_], names: Sequence[str], reach: float
) -> tuple[str, str, str, str]:
    """Names on the sides north, east, south and west, all geometry in one plane in metres.

    A side is named after the neighbours that share its edges, the longest common boundary first. A side without
    any is named after the nearest parcel within ``reach``, with the gap: what lies between (a road, a river)
    is in no table. Empty where there is nothing.
    """
    shared = _shared_lengths(parcel, neighbours)
    gaps, directions = _gaps(parcel, neighbours)
    sides = []
    for side in range(_SIDES):
        lengths = shared[:, side]
        touching = [int(i) for i in np.argsort(-lengths, kind="stable") if lengths[i] >= _SHARED_LEAST]
        called = list(dict.fromkeys(names[i] for i in touching if names[i]))
        if called:
            text = tr("、").join(called[:_NAMED])
            more = len(called) > _NAMED
            sides.append(tr("{names}等 {count} 宗", names=text, count=len(called)) if more else text)
            continue
        in_reach = (directions == side) & (gaps > _TOUCHING) & (gaps <= reach)
        apart = [i for i in np.flatnonzero(in_reach).tolist() if names[i]]
        if apart and not touching:
            nearest = min(apart, key=lambda i: gaps[i])
            gap = round_figure(gaps[nearest], 1)
            sides.append(tr("{name}（相距 {gap} m）", name=names[nearest], gap=gap))
        else:
            sides.append("")
    return (sides[0], sides[1], sides[2], sides[3])


def _shared_lengths(parcel: BaseGeometry, neighbours: NDArray[np.object_]) -> NDArray[np.float64]:
    """(neighbours, 4): metres of the parcel's outer edges that run along each neighbour, by side."""
    starts, ends = _outer_edges(parcel)
    edges: Any = shapely.linestrings(np.stack([starts, ends], axis=1))
    side = _side(
        (ends - starts) @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    )  # clockwise: the left normal points out
    shared = np.zeros((len(neighbours), _SIDES))
    near, edge = shapely.STRtree(edges).query(neighbours, predicate="dwithin", distance=_TOUCHING)
    if len(near):
        along = shapely.length(shapely.intersection(edges[edge], shapely.buffer(neighbours[near], _TOUCHING)))
        np.add.at(shared, (near, side[edge]), along)
    return shared


def _outer_edges(parcel: BaseGeometry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rings = shapely.get_exterior_ring(shapely.get_parts(shapely.orient_polygons(parcel, exterior_cw=True)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    follows = ring[1:] == ring[:-1]
    return points[:-1][follows], points[1:][follows]


def _gaps(
    parcel: BaseGeometry, neighbours: NDArray[np.object_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distance to each neighbour and the side on which its nearest point lies."""
    lines: Any = shapely.get_coordinates(shapely.shortest_line(parcel, neighbours)).reshape(-1, 2, 2)
    return shapely.distance(parcel, neighbours), _side(lines[:, 1] - lines[:, 0])


def _side(towards: NDArray[np.float64]) -> NDArray[np.int64]:
    """0 north, 1 east, 2 south, 3 west, by the larger component of (n, 2) vectors."""
    east, north = towards.T
    vertical = np.where(north > 0, 0, 2)
    return np.where(np.abs(north) >= np.abs(east), vertical, np.where(east > 0, 1, 3))
