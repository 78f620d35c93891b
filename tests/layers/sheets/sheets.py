"""Parcel sheets to be printed in tests, made without a project."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import Polygon

from gis.area import ellipsoidal_area, plane_area
from gis.boundary_points import boundary_points
from layers.sheets.parcel_sheet import LineShare, ParcelSheet

# V1 and its hole of the domain reference §9.3.
V1 = [(36596600.0, 3618900.0), (36596900.0, 3618905.5), (36596893.25, 3618700.25), (36596610.5, 3618695.75)]
HOLE = [(36596700.0, 3618820.0), (36596700.0, 3618790.0), (36596740.0, 3618790.0), (36596740.0, 3618820.0)]


def sheet_of(polygon: Any, **changes: object) -> ParcelSheet:
    """The sheet of a parcel on the ground of V1, with two neighbours, a building and a block line."""
    array = np.array([polygon], dtype=object)
    neighbours = gpd.GeoDataFrame(
        {"parcel_no": ["610902-2024-002", "610902-2024-003"], "holder": ["示例企业 2", None]},
        geometry=[
            shapely.box(36596905, 3618690, 36597100, 3618905),
            shapely.box(36596600, 3618910, 36596900, 3619000),
        ],
        crs=4524,
    )
    sheet = ParcelSheet(
        epsg=4524,
        plane="2000国家大地坐标系，3度带，中央子午线 108°（EPSG:4524）",
        parcel_no="610902-2024-001",
        parcel_code="6109020010010000001",
        certificate_no="示例证 0001",
        holder="示例企业 1",
        location="示例地址：高新区示例路北侧",
        land_use="工业用地",
        land_use_code="100101",
        unit_name="汉滨区",
        park="示例园区",
        sheet_numbers=("I49G080017",),
        geometry=polygon,
        points=boundary_points(polygon),
        plane_area=float(plane_area(array)[0]),
        ellipsoidal_area=float(ellipsoidal_area(array, 4524)[0]),
        certified_area=58468.41,
        neighbours=neighbours,
        factories=gpd.GeoDataFrame(
            {"name": ["1#"], "structure": ["钢结构"], "floors": [3], "state": ["completed"]},
            geometry=[shapely.box(36596800, 3618730, 36596870, 3618760)],
            crs=4524,
        ),
        lines=gpd.GeoDataFrame(
            {"name": ["示例区块"], "level": ["first"]},
            geometry=[shapely.box(36596500, 3618600, 36596850, 3618950)],
            crs=4524,
        ),
        line_shares=(LineShare("示例区块", "first", 48000.0),),
        adjoining=("610902-2024-003", "示例企业 2", "", ""),
        printed_on=dt.date(2024, 6, 30),
        is_demo=True,
    )
    return replace(sheet, **changes)  # type: ignore[arg-type]


def alone(polygon: Any, **changes: object) -> ParcelSheet:
    """The sheet of a parcel with nothing round it."""
    sheet = sheet_of(polygon)
    empty = {name: getattr(sheet, name).iloc[:0] for name in ("neighbours", "factories", "lines")}
    nothing: dict[str, object] = {"line_shares": (), "adjoining": ("", "", "", ""), **empty}
    return replace(sheet, **{**nothing, **changes})  # type: ignore[arg-type]


def ring_of(count: int, radius: float = 150.0, flat: float = 0.65) -> Polygon:
    """A smooth ring of so many points."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return Polygon(
        np.column_stack([36596700 + radius * np.cos(angles), 3618800 + radius * flat * np.sin(angles)])
    )


def comb(teeth: int, step: float = 8.0) -> Polygon:
    """A parcel with very short edges: teeth of 2.00 m by 2.40 m along its northern side."""
    east, north = 36596600.0, 3618800.0
    points = [(0.0, 0.0), (0.0, 80.0)]
    for k in range(teeth):
        x = 5.0 + k * step
        points += [(x, 80.0), (x, 82.4), (x + 2.0, 82.4), (x + 2.0, 80.0)]
    width = 5.0 + teeth * step
    points += [(width, 80.0), (width, 0.0)]
    return Polygon([(east + x, north + y) for x, y in points])


def zigzag(count: int, seed: int) -> Polygon:
    """A ring of random points in order of their angle: edges of every length and direction."""
    random = np.random.default_rng(seed)
    angles = np.sort(random.uniform(0, 2 * np.pi, count))
    radius = 160.0 * (1.0 + 0.06 * random.uniform(-1, 1, count))
    return Polygon(
        np.column_stack([36596700 + 1.3 * radius * np.cos(angles), 3618800 + radius * np.sin(angles)])
    )
