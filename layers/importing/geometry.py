"""Geometry of a source brought into the project's plane, checked against the layer, repairs proposed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.area import ellipsoidal_area, plane_area
from gis.crs import describe, to_plane_by_row
from gis.repair import Proposal, propose
from gis.text import tr
from layers.spec import GeometryKind, LayerSpec

__all__ = ["Landed", "land", "measured"]

_KIND_OF_DIMENSION = {0: GeometryKind.POINT, 1: GeometryKind.LINE, 2: GeometryKind.POLYGON}


@dataclass(frozen=True, slots=True)
class Landed:
    """Geometry in the project's plane; ``reasons`` is "" or why a row cannot be taken; areas in m²."""

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
) -> Landed:
    """Transform, check the kind, propose repairs. A repaired row is taken unless repairs are declined."""
    moved, outside = to_plane_by_row(geometry, source, target, swapped=swapped)
    reasons = np.full(len(moved), "", dtype=object)
    reasons[outside] = tr("坐标超出 {crs} 的有效范围", crs=describe(source))
    missing = shapely.is_missing(moved) | shapely.is_empty(moved)
    moved[missing] = None
    if spec.geometry_required:
        reasons[missing & ~outside] = tr("没有图形")
    dimension = shapely.get_dimensions(moved)
    allowed = [d for d, kind in _KIND_OF_DIMENSION.items() if kind in spec.geometry]
    wrong = ~missing & ~np.isin(dimension, allowed)
    collections = ~missing & (shapely.get_type_id(moved) == int(shapely.GeometryType.GEOMETRYCOLLECTION))
    for row in np.flatnonzero(wrong | collections):
        reasons[row] = tr("图形类型为 {found}，本图层只收 {wanted}", found=moved[row].geom_type,
                          wanted=tr("、").join(kind.value for kind in spec.geometry))  # fmt: skip
    if spec.geometry == (GeometryKind.POINT,):
        multi = np.flatnonzero(shapely.get_type_id(moved) == int(shapely.GeometryType.MULTIPOINT))
        for row in multi[shapely.get_num_geometries(moved[multi]) > 1]:
            reasons[row] = tr("有 {count} 个点，本图层一行一个点", count=len(moved[row].geoms))
        moved[multi] = shapely.get_geometry(moved[multi], 0)
    judged = moved.copy()
    judged[reasons != ""] = None
    repairs = [proposal for proposal in propose(judged) if reasons[proposal.index] == ""]
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
    return Landed(moved, reasons, repairs)


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
