"""Geometry of a source brought into the project's plane, checked against the layer, repairs proposed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.area import ellipsoidal_area, plane_area
from gis.crs import describe, to_plane_by_row
from gis.progress import Progress, silent
from gis.repair import Proposal, propose
from gis.text import mark, tr
from layers.spec import GeometryKind, LayerSpec

__all__ = ["Landed", "land", "measured"]

_PORTION = 50_000
_TYPES = {
    "Point": mark("点"), "MultiPoint": mark("多点"), "LineString": mark("线"), "LinearRing": mark("线"),
    "MultiLineString": mark("多线"), "Polygon": mark("面"), "MultiPolygon": mark("多面"),
    "GeometryCollection": mark("混合图形"),
}  # fmt: skip
_KIND_OF_DIMENSION = {0: GeometryKind.POINT, 1: GeometryKind.LINE, 2: GeometryKind.POLYGON}


@dataclass(frozen=True, slots=True)
class Landed:
    """Geometry in the project's plane; ``reasons`` is "" or why a row cannot be taken; ``repairs`` by position."""

    geometry: NDArray[np.object_]
    reasons: NDArray[np.object_]
    repairs: list[Proposal]


def land(
    geometry: NDArray[np.object_],
    spec: LayerSpec,
    source: int,
    target: int,
    *,
    swapped: bool,
    accept_repairs: bool,
    progress: Progress = silent,
    portion: int = _PORTION,
) -> Landed:
    """Transform, check the kind, propose repairs. A repaired row is taken unless repairs are declined.

    ``source`` and ``target`` are EPSG codes, ``portion`` is the number of rows between two looks at Cancel.
    """
    moved = np.full(len(geometry), None, dtype=object)
    reasons = np.full(len(geometry), "", dtype=object)
    repairs: list[Proposal] = []
    # Portion by portion: coordinates of a million parcels take much room at once, and Cancel is looked at between.
    for start in range(0, len(geometry), portion):
        progress(start / len(geometry), tr("正在转换坐标并检查图形"))
        part = slice(start, start + portion)
        moved[part], outside = to_plane_by_row(geometry[part], source, target, swapped=swapped)
        reasons[part][outside] = tr("坐标超出 {crs} 的有效范围", crs=describe(source))
        _check_kind(moved[part], reasons[part], spec)
        proposed = _repair(moved[part], reasons[part], accept_repairs=accept_repairs)
        repairs += [replace(proposal, index=proposal.index + start) for proposal in proposed]
    return Landed(moved, reasons, repairs)


def _check_kind(moved: NDArray[np.object_], reasons: NDArray[np.object_], spec: LayerSpec) -> None:
    """Put reasons against what the layer does not hold, in place; empty geometry becomes None."""
    missing = shapely.is_missing(moved) | shapely.is_empty(moved)
    moved[missing] = None
    if spec.geometry_required:
        reasons[missing & (reasons == "")] = tr("没有图形")
    allowed = [d for d, kind in _KIND_OF_DIMENSION.items() if kind in spec.geometry]
    wrong = ~missing & ~np.isin(shapely.get_dimensions(moved), allowed)
    collections = ~missing & (shapely.get_type_id(moved) == int(shapely.GeometryType.GEOMETRYCOLLECTION))
    for row in np.flatnonzero(wrong | collections):
        reasons[row] = tr(
            "图形类型为{found}，本图层只收{wanted}",
            found=tr(_TYPES.get(moved[row].geom_type, moved[row].geom_type)),
            wanted=tr("、").join(kind.word for kind in spec.geometry),
        )
    if spec.geometry == (GeometryKind.POINT,):
        multi = np.flatnonzero(shapely.get_type_id(moved) == int(shapely.GeometryType.MULTIPOINT))
        for row in multi[shapely.get_num_geometries(moved[multi]) > 1]:
            reasons[row] = tr("有 {count} 个点，本图层一行一个点", count=len(moved[row].geoms))
        moved[multi] = shapely.get_geometry(moved[multi], 0)


def _repair(
    moved: NDArray[np.object_], reasons: NDArray[np.object_], *, accept_repairs: bool
) -> list[Proposal]:
    """Proposals for the rows without a reason so far; taken or turned into reasons, in place."""
    judged = moved.copy()
    judged[reasons != ""] = None
    repairs = propose(judged)
    for proposal in repairs:
        if proposal.geometry is None:
            reasons[proposal.index] = tr("图形无效且无法修复：{reason}", reason=proposal.reason)
        elif accept_repairs:
            moved[proposal.index] = proposal.geometry
        else:
            reasons[proposal.index] = tr(
                "图形无效：{reason}；建议修复后面积 {before:.2f} → {after:.2f} ㎡",
                reason=proposal.reason, before=proposal.area_before, after=proposal.area_after,
            )  # fmt: skip
    return repairs


def measured(spec: LayerSpec, geometry: NDArray[np.object_], epsg: int) -> pd.DataFrame:
    """The computed area columns of a layer that has them, m²; missing geometry has no area."""
    names = {field.name for field in spec.fields if field.computed}
    present = ~shapely.is_missing(geometry)
    columns: dict[str, NDArray[np.float64]] = {}
    if "area_plane" in names:
        columns["area_plane"] = np.where(present, plane_area(geometry), np.nan)
    if "area_ellipsoid" in names:
        columns["area_ellipsoid"] = np.where(present, ellipsoidal_area(geometry, epsg), np.nan)
    return pd.DataFrame(columns, index=range(len(geometry)))
