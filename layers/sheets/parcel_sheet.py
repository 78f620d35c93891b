"""What stands on a parcel map: gathered from a project, free of any drawing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gis.area import ellipsoidal_area, plane_area
from gis.boundary_points import BoundaryPoints, boundary_points
from gis.crs import central_meridian, describe, to_plane
from gis.errors import ParkLineError
from gis.map_sheet_number import sheet_number_10000
from gis.overlay import overlay
from gis.store.base import Condition
from gis.text import tr
from gis.units import convert, round_figure
from layers.similar_numbers import similar

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["LineShare", "ParcelSheet", "area_text", "gather"]

# Neighbours are looked for this far beyond the parcel, as a share of its size, and at least this many metres.
_SURROUNDINGS_SHARE = 0.6
_SURROUNDINGS_LEAST = 30.0
_GEOGRAPHIC = 4490


@dataclass(frozen=True, slots=True)
class LineShare:
    """A block line the parcel touches and the ellipsoidal area, m², of the parcel inside it."""

    name: str
    level: str
    area: float


@dataclass(frozen=True, slots=True)
class ParcelSheet:
    """One parcel and what is drawn round it, all in the plane ``epsg`` in which the page is printed.

    Areas are m². ``adjoining`` gives the holder or number of the neighbour in the order north, east,
    south, west; empty where there is none.
    """

    epsg: int
    plane_title: str
    meridian: float
    parcel_no: str
    parcel_code: str
    holder: str
    location: str
    land_use: str
    land_use_code: str
    unit_name: str
    park: str
    sheet_number: str
    geometry: BaseGeometry
    points: BoundaryPoints
    plane_area: float
    ellipsoidal_area: float
    certified_area: float | None
    neighbours: gpd.GeoDataFrame
    factories: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    line_shares: tuple[LineShare, ...]
    adjoining: tuple[str, str, str, str]
    printed_on: dt.date
    is_demo: bool


def gather(project: Project, parcel: str, *, printed_on: dt.date | None = None) -> ParcelSheet:
    """Collect what a parcel map shows, for a parcel named by its number or its UUID.

    The page is printed in the plane the parcel was surveyed in, if that is a Gauss-Krüger plane, else
    in the project's. Raises ``ParkLineError`` if the project has no such parcel.
    """
    row = _parcel_row(project, parcel)
    epsg = _printing_plane(row, project.epsg)
    stored = cast("BaseGeometry", row["geometry"])

    def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        frame = frame[~frame.geometry.isna()]
        return frame.set_geometry(
            gpd.GeoSeries(
                to_plane(frame.geometry.to_numpy(), project.epsg, epsg), index=frame.index, crs=epsg
            )
        )

    geometry = to_plane(np.array([stored], dtype=object), project.epsg, epsg)[0]
    west, south, east, north = stored.bounds
    margin = max(_SURROUNDINGS_LEAST, _SURROUNDINGS_SHARE * max(east - west, north - south))
    box = (west - margin, south - margin, east + margin, north + margin)
    neighbours = project.read(
        "parcel",
        bbox=box,
        columns=["parcel_no", "holder", "land_use_name"],
        where=[Condition("uuid", "!=", row["uuid"])],
    )
    lines = project.read("block_line", bbox=box, columns=["name", "level", "valid_from", "valid_to"])
    day = printed_on or dt.datetime.now().astimezone().date()
    lines = _valid_on(lines, day)
    factories = project.read("factory", bbox=box, columns=["name", "floors"])
    lonlat = shapely.get_coordinates(
        to_plane(np.array([shapely.centroid(stored)], dtype=object), project.epsg, _GEOGRAPHIC)
    )[0]
    use_code = _text(row, "land_use_code")
    return ParcelSheet(
        epsg=epsg,
        plane_title=describe(epsg),
        meridian=central_meridian(epsg),
        parcel_no=_text(row, "parcel_no"),
        parcel_code=_text(row, "parcel_code"),
        holder=_text(row, "holder"),
        location=_text(row, "location"),
        land_use=_text(row, "land_use_name"),
        land_use_code=use_code,
        unit_name=_unit_name(project, _text(row, "unit")),
        park=_text(row, "park"),
        sheet_number=sheet_number_10000(float(lonlat[0]), float(lonlat[1])),
        geometry=geometry,
        points=boundary_points(geometry),
        plane_area=float(plane_area(np.array([geometry], dtype=object))[0]),
        ellipsoidal_area=float(ellipsoidal_area(np.array([geometry], dtype=object), epsg)[0]),
        certified_area=None if pd.isna(row["area_certified"]) else float(row["area_certified"]),
        neighbours=moved(neighbours),
        factories=moved(factories),
        lines=moved(lines),
        line_shares=_line_shares(stored, lines, project.epsg),
        adjoining=_adjoining(stored, neighbours),
        printed_on=day,
        is_demo=project.is_demo,
    )


def area_text(square_metres: float) -> str:
    """An area as papers show it: ㎡ with 2 decimals, 公顷 with 4, 亩 with 2 (domain reference §9.4)."""
    hectares = round_figure(convert(square_metres, "m2", "ha"), 4)
    mu = round_figure(convert(square_metres, "m2", "mu"), 2)
    return tr("{m2} ㎡ = {ha} 公顷 = {mu} 亩", m2=round_figure(square_metres, 2), ha=hectares, mu=mu)


def _parcel_row(project: Project, parcel: str) -> pd.Series:
    for column in ("parcel_no", "uuid"):
        found = project.read("parcel", where=[Condition(column, "=", parcel)])
        if len(found):
            row = found.iloc[0]
            if row["geometry"] is None or shapely.is_empty(row["geometry"]):
                raise ParkLineError(
                    tr("地块 {parcel} 没有图形，无法制图。", parcel=parcel), hint=tr("请先导入该地块的界址。")
                )
            return cast("pd.Series", row)
    numbers = project.read("parcel", columns=["parcel_no"], geometry=False)["parcel_no"].dropna()
    near = similar(parcel, numbers)
    raise ParkLineError(
        tr("项目中没有编号为 {parcel} 的地块。", parcel=parcel),
        hint=tr("相近的编号：{numbers}", numbers=tr("、").join(near))
        if near
        else tr("请核对地块编号，可在属性表中查找。"),
    )


def _printing_plane(row: pd.Series, project_epsg: int) -> int:
    """The surveyed Gauss-Krüger plane of CGCS2000, else the project's plane."""
    source = _text(row, "source_crs").removeprefix("EPSG:")
    if source.isdigit() and 4513 <= int(source) <= 4554:
        return int(source)
    return project_epsg


def _text(row: pd.Series, column: str) -> str:
    value = row.get(column)
    return "" if value is None or pd.isna(value) else str(value)


def _unit_name(project: Project, code: str) -> str:
    units = project.units()
    return dict(zip(units.codes, units.names, strict=True)).get(code, code)


def _valid_on(lines: gpd.GeoDataFrame, day: dt.date) -> gpd.GeoDataFrame:
    at = pd.Timestamp(day)
    begun = lines["valid_from"].isna() | (lines["valid_from"] <= at)
    ended = lines["valid_to"].notna() & (lines["valid_to"] <= at)
    return lines[begun & ~ended & ~lines.geometry.isna()]


def _line_shares(parcel: BaseGeometry, lines: gpd.GeoDataFrame, epsg: int) -> tuple[LineShare, ...]:
    if lines.empty:
        return ()
    pieces = overlay(np.array([parcel], dtype=object), lines.geometry.to_numpy())
    areas = pieces.area(epsg)
    shares = [
        LineShare(str(lines["name"].iloc[index]), str(lines["level"].iloc[index] or ""), float(area))
        for index, area in zip(pieces.right, areas, strict=True)
    ]
    return tuple(share for share in shares if share.area > 0)


def _adjoining(parcel: BaseGeometry, neighbours: gpd.GeoDataFrame) -> tuple[str, str, str, str]:
    """四至: for each side the nearest neighbour whose land lies mainly in that direction."""
    sides = ["", "", "", ""]
    if neighbours.empty:
        return ("", "", "", "")
    centre = shapely.get_coordinates(shapely.centroid(parcel))[0]
    reach = 0.5 * max(parcel.bounds[2] - parcel.bounds[0], parcel.bounds[3] - parcel.bounds[1])
    geometries = neighbours.geometry.to_numpy()
    near = shapely.get_coordinates(
        shapely.line_interpolate_point(
            shapely.shortest_line(shapely.boundary(parcel), geometries), 0.5, normalized=True
        )
    )
    east, north = (near - centre).T
    side = np.where(np.abs(north) >= np.abs(east), np.where(north > 0, 0, 2), np.where(east > 0, 1, 3))
    distance = shapely.distance(parcel, geometries)
    for position in np.argsort(distance, kind="stable")[::-1]:
        if distance[position] <= reach:
            row = neighbours.iloc[position]
            sides[side[position]] = _text(row, "holder") or _text(row, "parcel_no")
    return (sides[0], sides[1], sides[2], sides[3])
