"""Proposals for invalid polygons: never applied silently, each with its area before and after."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.area import plane_area
from gis.clipping import only_polygons
from gis.text import mark, tr

__all__ = ["Proposal", "propose"]

# What GEOS says, in its own words, and what a planner reads.
_REASONS = {
    "Self-intersection": mark("边界自相交"),
    "Ring Self-intersection": mark("边界环自相接"),
    "Hole lies outside shell": mark("内环在外环之外"),
    "Holes are nested": mark("内环互相嵌套"),
    "Nested shells": mark("外环互相嵌套"),
    "Nested holes": mark("内环互相嵌套"),
    "Duplicate Rings": mark("有重复的环"),
    "Interior is disconnected": mark("内部不连通"),
    "Too few points in geometry component": mark("环的顶点太少"),
    "Invalid Coordinate": mark("坐标不是数字"),
    "Ring is not closed": mark("环不闭合"),
    "Repeated Point": mark("有重复的顶点"),
}
_OTHER = mark("图形无效")
_PLACE = re.compile(r"^(?P<reason>[^\[]*?)\s*(?:\[(?P<x>\S+)\s+(?P<y>[^\]\s]+).*\])?$")
_MULTIPOLYGON = int(shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True)
class Proposal:
    """A valid polygon for an invalid one.

    ``index`` is the position in the input, ``reason`` a translated sentence with the place,
    ``geometry`` the proposal (``None`` when no polygon could be made), areas are plane areas in the
    square of the unit of the coordinates; ``area_before`` is what the invalid rings add up to, holes
    counted off, and not below 0.
    """

    index: int
    reason: str
    geometry: shapely.Geometry | None
    area_before: float
    area_after: float


def propose(geometries: ArrayLike) -> list[Proposal]:
    """A proposal for every geometry that is not valid; valid ones, ``None`` and empty ones have none.

    Overlapping parts are merged, holes stay holes, lines and points left over are dropped. A
    multipolygon stays one. Every proposal is checked to be valid before it is offered.
    """
    array = np.asarray(geometries, dtype=object)
    bad = np.flatnonzero(~shapely.is_valid(array) & ~shapely.is_missing(array))
    if not len(bad):
        return []
    broken = array[bad]
    repaired = _repaired(broken)
    before, after = plane_area(broken), plane_area(repaired)
    reasons = shapely.is_valid_reason(broken)
    # Few geometries of a file are broken, and each one is a sentence of its own.
    return [
        Proposal(
            int(bad[i]),
            _reason(str(reasons[i])),
            repaired[i],
            max(0.0, float(np.nan_to_num(before[i]))),
            float(after[i]),
        )
        for i in range(len(bad))
    ]


def _repaired(broken: NDArray[np.object_]) -> NDArray[np.object_]:
    """Valid polygons for the broken ones, ``None`` where there are none."""
    finite = np.isfinite(shapely.bounds(broken)).all(axis=1) & _finite(broken)
    result = np.full(len(broken), None, dtype=object)
    for attempt in (_by_structure, _by_linework):
        todo = np.flatnonzero(shapely.is_missing(result) & finite)
        if not len(todo):
            break
        trial = only_polygons(attempt(broken[todo]))
        trial[~shapely.is_valid(trial)] = None
        result[todo] = trial
    single = (shapely.get_type_id(broken) == _MULTIPOLYGON) & (shapely.get_type_id(result) != _MULTIPOLYGON)
    single &= ~shapely.is_missing(result)
    for i in np.flatnonzero(single):
        result[i] = shapely.multipolygons([result[i]])
    return result


def _by_structure(broken: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.asarray(shapely.make_valid(broken, method="structure", keep_collapsed=False))


def _by_linework(broken: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.asarray(shapely.make_valid(broken))


def _finite(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    wrong = np.bincount(owner, ~np.isfinite(coordinates).all(axis=1), minlength=len(geometries))
    return np.asarray(wrong == 0)


def _reason(text: str) -> str:
    match = _PLACE.match(text)
    if match is None:
        return tr(_OTHER)
    reason = tr(_REASONS.get(match["reason"], _OTHER))
    if match["x"] is None:
        return reason
    try:
        x, y = f"{float(match['x']):.3f}", f"{float(match['y']):.3f}"
    except ValueError:
        return reason
    return tr("{reason}，位置 ({x}, {y})", reason=reason, x=x, y=y)
