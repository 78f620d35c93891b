"""Overlaps of a geometry with its neighbours and gaps between them, while it is being drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.area import plane_area
from gis.clipping import difference, intersection, valid
from gis.editing.offset import offset_polygon
from gis.editing.regions import faces, inside, segments_of
from gis.editing.result import JOINT, Geometries, as_objects
from gis.ragged import polygon_parts
from gis.width import width

__all__ = ["Conflict", "ConflictKind", "conflicts"]

Objects = NDArray[np.object_]

# Widths of openings around the drawn geometry that are looked at beyond it, so that none is cut short.
_WINDOW = 4.0
_HAIR = 1e-5


class ConflictKind(Enum):
    """What is wrong: land that two have, or land between them that none has."""

    OVERLAP = "overlap"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Land in conflict.

    ``neighbours`` are the positions of the geometries concerned, ``area`` is plane area in m², ``width``
    the effective width in metres (:func:`gis.width.width`); ``is_sliver`` says that it is too narrow to
    be meant.
    """

    kind: ConflictKind
    geometry: shapely.Geometry
    neighbours: tuple[int, ...]
    area: float
    width: float
    is_sliver: bool


def conflicts(
    drawn: shapely.Geometry,
    geometries: Geometries,
    *,
    sliver_width: float,
    opening: float = 1.0,
    tolerance: float = JOINT,
) -> list[Conflict]:
    """Overlaps of a drawn polygon with its neighbours, and gaps beside it, the largest first.

    ``geometries`` are the neighbours, all that may enclose a gap, without the one that is being drawn. A
    gap is land that nobody has, enclosed on all sides, or open and narrower than ``opening`` metres, with
    the drawn geometry on one side and a neighbour on another. What is no wider than the tolerance is no conflict: it closes by
    itself when the geometry is joined. A drawing that crosses itself is judged by the land it covers.
    """
    (mine,) = valid(np.array([drawn], dtype=object))
    if mine is None or shapely.area(mine) == 0:
        return []
    neighbours = as_objects(geometries)
    near = np.flatnonzero(shapely.get_dimensions(neighbours) == 2)
    around = valid(neighbours[near])
    over = np.sort(shapely.STRtree(around).query(mine, predicate="intersects"))
    overlaps = intersection(np.full(len(over), mine, dtype=object), around[over])
    kept = ~shapely.is_missing(overlaps)
    overlaps, over = overlaps[kept], near[over[kept]]
    gaps = _gaps(mine, around, opening) if len(near) else np.empty(0, dtype=object)
    gaps, beside = _between(gaps, mine, around, tolerance)
    found = _described(ConflictKind.OVERLAP, overlaps, [(int(i),) for i in over], sliver_width)
    found += _described(ConflictKind.GAP, gaps, [tuple(near[i].tolist()) for i in beside], sliver_width)
    return sorted((one for one in found if one.width > tolerance), key=lambda one: -one.area)


def _described(
    kind: ConflictKind, land: Objects, neighbours: list[tuple[int, ...]], sliver_width: float
) -> list[Conflict]:
    areas, widths = plane_area(land), width(land)
    return [
        Conflict(
            kind, land[i], neighbours[i], float(areas[i]), float(widths[i]), bool(widths[i] < sliver_width)
        )
        for i in range(len(land))
    ]


def _gaps(mine: shapely.Geometry, around: Objects, opening: float) -> Objects:
    """Enclosed and narrow land that nobody has, near the drawn geometry, polygon by polygon."""
    west, south, east, north = shapely.bounds(mine)
    margin = _WINDOW * opening
    window = shapely.box(west - margin, south - margin, east + margin, north + margin)
    covered = shapely.union_all(np.append(around, np.array([mine], dtype=object)))
    # Faces of the boundary, not holes of polygons: what touches in a point encloses land, too.
    rim = segments_of(covered)
    loops = faces(rim)
    enclosed = loops[~inside(loops, rim)]
    # Closed by half the opening from either side, then opened again: what stays filled is narrower.
    seen = shapely.intersection(covered, window)
    filled = offset_polygon(offset_polygon(seen, opening / 2), -opening / 2)
    # There and back is exact to a thousandth of a millimetre only: no hairs along the boundary.
    grown = shapely.buffer(seen, _HAIR, join_style="mitre")
    narrow, _ = polygon_parts(difference(np.array([filled], dtype=object), np.array([grown], dtype=object)))
    if not len(enclosed):
        return narrow
    # A narrow part of an enclosed gap is in the whole of it.
    inner = shapely.STRtree(enclosed).query(shapely.point_on_surface(narrow), predicate="within")[0]
    return np.concatenate([enclosed, np.delete(narrow, inner)])


def _between(
    gaps: Objects, mine: shapely.Geometry, around: Objects, tolerance: float
) -> tuple[Objects, list[NDArray[np.intp]]]:
    """The gaps that lie along the drawn geometry and a neighbour, and the positions of those neighbours."""
    kept, beside = [], []
    # A drawing has a gap or two.
    for gap in gaps:
        rim = shapely.buffer(shapely.boundary(gap), tolerance)
        along = shapely.length(shapely.intersection(shapely.boundary(around), rim))
        touching = np.flatnonzero(along > 10 * tolerance)
        own = shapely.length(shapely.intersection(shapely.boundary(mine), rim))
        if own > 10 * tolerance and len(touching):
            kept.append(gap)
            beside.append(touching)
    land = np.empty(len(kept), dtype=object)
    land[:] = kept
    return land, beside
