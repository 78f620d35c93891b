"""What stands on a parcel map: gathered from a project, free of any drawing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gis.area import ellipsoidal_area, plane_area
from gis.boundary_points import BoundaryPoints, boundary_points
from gis.crs import GEOGRAPHIC, central_meridian, describe, to_plane
from gis.errors import ParkLineError
from gis.map_sheet_number import sheet_numbers_10000
from gis.overlay import overlay
from gis.store.base import Condition
from gis.text import tr
from gis.units import convert, round_figure
from layers.sheets.adjoining import adjoining_sides
from layers.similar_numbers import similar
from layers.validity import VALIDITY

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["LineShare", "ParcelSheet", "area_text", "gather", "look_around"]

# m: how far beyond the parcel its neighbours on the four sides are looked for, across a road or a river.
_REACH = 60.0
# Gauss-Krüger planes of CGCS2000 in EPSG: 6-degree zones, then 3-degree zones (domain reference §9.1).
_SIX_DEGREE = range(4491, 4513)
_THREE_DEGREE = range(4513, 4555)


@dataclass(frozen=True, slots=True)
class LineShare:
    """A block line the parcel touches and the ellipsoidal area, m², of the parcel inside it."""

    name: str
    level: str
    area: float


@dataclass(frozen=True, slots=True)
class ParcelSheet:
    """One parcel and what is drawn round it, all in the plane ``epsg`` in which the page is printed.

    Areas are m². ``adjoining`` names the neighbours on the sides north, east, south and west; empty where
    there is none. ``neighbours``, ``factories`` and ``lines`` reach as far as the page shows.
    """

    epsg: int
    plane: str
    parcel_no: str
    parcel_code: str
    certificate_no: str
    holder: str
    location: str
    land_use: str
    land_use_code: str
    unit_name: str
    park: str
    sheet_numbers: tuple[str, ...]
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
    uuid: str = ""
    as_of: dt.date | None = None  # the day that lines and buildings are shown for; None: that of printing


def gather(
    project: Project, parcel: str, *, printed_on: dt.date | None = None, as_of: dt.date | None = None
) -> ParcelSheet:
    """Collect what a parcel map says, for a parcel named by its number or its UUID.

    Lines and buildings are those of ``as_of``, by default of the day of printing.

    The page is printed in the plane the parcel was surveyed in, if that is a Gauss-Krüger plane of CGCS2000, else
    in the project's. Surroundings reach as far as the four sides need; ``look_around`` widens them to a page.
    Raises ``ParkLineError`` if the project has no such parcel.
    """
    row = _parcel_row(project, parcel)
    epsg = _printing_plane(row, project.epsg)
    stored = cast("BaseGeometry", row["geometry"])
    geometry = _moved(np.array([stored], dtype=object), project.epsg, epsg)[0]
    west, south, east, north = stored.bounds
    day = printed_on or dt.datetime.now().astimezone().date()
    box = (west - _REACH, south - _REACH, east + _REACH, north + _REACH)
    neighbours, factories, lines = _surroundings(project, box, str(row["uuid"]), as_of or day)
    lonlat = shapely.get_coordinates(to_plane(np.array([stored], dtype=object), project.epsg, GEOGRAPHIC))
    certified = row["area_certified"]
    sheet = ParcelSheet(
        epsg=epsg,
        plane=_plane_text(epsg),
        parcel_no=_text(row, "parcel_no"),
        parcel_code=_text(row, "parcel_code"),
        certificate_no=_text(row, "certificate_no"),
        holder=_text(row, "holder"),
        location=_text(row, "location"),
        land_use=_text(row, "land_use_name"),
        land_use_code=_text(row, "land_use_code"),
        unit_name=_unit_name(project, _text(row, "unit")),
        park=_text(row, "park"),
        sheet_numbers=sheet_numbers_10000(lonlat),
        geometry=geometry,
        points=boundary_points(geometry),
        plane_area=float(plane_area(np.array([geometry], dtype=object))[0]),
        ellipsoidal_area=float(ellipsoidal_area(np.array([geometry], dtype=object), epsg)[0]),
        certified_area=None if pd.isna(certified) else float(certified),
        neighbours=neighbours,
        factories=factories,
        lines=lines,
        line_shares=_line_shares(stored, lines, project.epsg),
        adjoining=adjoining_sides(stored, neighbours.geometry.to_numpy(), _names(neighbours), _REACH),
        printed_on=day,
        is_demo=project.is_demo,
        uuid=str(row["uuid"]),
        as_of=as_of,
    )
    return _in_plane(sheet, project.epsg)


def look_around(
    project: Project, sheet: ParcelSheet, ground: tuple[float, float, float, float]
) -> ParcelSheet:
    """The sheet with all that is seen in ``ground``: west, south, east, north in the plane of the page."""
    seen = to_plane(np.array([shapely.box(*ground)], dtype=object), sheet.epsg, project.epsg)[0]
    neighbours, factories, lines = _surroundings(
        project, seen.bounds, sheet.uuid, sheet.as_of or sheet.printed_on
    )
    wider = replace(sheet, neighbours=neighbours, factories=factories, lines=lines)
    return _in_plane(wider, project.epsg)


def _surroundings(
    project: Project, box: tuple[float, float, float, float], uuid: str, day: dt.date
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    neighbours = project.read(
        "parcel", bbox=box, columns=["parcel_no", "holder"], where=[Condition("uuid", "!=", uuid)]
    )
    factories = project.read(
        "factory", bbox=box, columns=["name", "structure", "floors", "state", "started_on", "demolished_on"]
    )
    lines = project.read("block_line", bbox=box, columns=["name", "level", "valid_from", "valid_to"])
    neighbours = neighbours[~neighbours.geometry.isna()]
    begin, end = VALIDITY["factory"]
    standing = _valid_on(factories, day, begin, end)
    return neighbours, standing, _valid_on(lines, day, *VALIDITY["block_line"])


def _in_plane(sheet: ParcelSheet, stored_epsg: int) -> ParcelSheet:
    """The sheet with its surroundings moved from the project's plane into that of the page."""

    def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        there = _moved(frame.geometry.to_numpy(), stored_epsg, sheet.epsg)
        return frame.set_geometry(gpd.GeoSeries(there, index=frame.index, crs=sheet.epsg))

    return replace(
        sheet,
        neighbours=moved(sheet.neighbours),
        factories=moved(sheet.factories),
        lines=moved(sheet.lines),
    )


def _moved(geometries: np.ndarray, stored_epsg: int, epsg: int) -> np.ndarray:
    return to_plane(geometries, stored_epsg, epsg)


def _names(neighbours: gpd.GeoDataFrame) -> list[str]:
    """What a neighbour is called among the four sides: its holder, else its number."""
    holders, numbers = (neighbours[name].astype(object) for name in ("holder", "parcel_no"))
    called = holders.where(holders.notna(), numbers)
    return ["" if pd.isna(name) else str(name) for name in called]


def _plane_text(epsg: int) -> str:
    """The line 坐标系 with the central meridian; other systems by their own name."""
    if epsg in _THREE_DEGREE or epsg in _SIX_DEGREE:
        meridian = f"{central_meridian(epsg):g}"
        if epsg in _THREE_DEGREE:
            return tr(
                "2000国家大地坐标系，3度带，中央子午线 {meridian}°（EPSG:{code}）",
                meridian=meridian,
                code=epsg,
            )
        return tr(
            "2000国家大地坐标系，6度带，中央子午线 {meridian}°（EPSG:{code}）", meridian=meridian, code=epsg
        )
    return describe(epsg)


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
    if source.isdigit() and (int(source) in _THREE_DEGREE or int(source) in _SIX_DEGREE):
        return int(source)
    return project_epsg


def _text(row: pd.Series, column: str) -> str:
    value = row.get(column)
    return "" if value is None or pd.isna(value) else str(value)


def _unit_name(project: Project, code: str) -> str:
    units = project.units()
    return dict(zip(units.codes, units.names, strict=True)).get(code, code)


def _valid_on(rows: gpd.GeoDataFrame, day: dt.date, begin: str, end: str) -> gpd.GeoDataFrame:
    at = pd.Timestamp(day)
    begun = rows[begin].isna() | (rows[begin] <= at)
    ended = rows[end].notna() & (rows[end] <= at)
    return rows[begun & ~ended & ~rows.geometry.isna()]


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
