"""A small made-up city for the checks: 汉滨区 (10 km square), 高新区 inside it, 石泉县 beside it."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry

from layers.codes import LandUseCodes
from layers.policy import Policy, load_policy
from layers.units import UnitTree

EPSG = 4545
E, N = 596_600.0, 3_618_700.0
POLICY: Policy = load_policy()
CODES = LandUseCodes.standard()
DAY = dt.date(2024, 6, 30)


def rectangle(east: float, north: float, width: float, height: float) -> BaseGeometry:
    """A rectangle whose south-west corner is that many metres from the origin of the city."""
    return box(E + east, N + north, E + east + width, N + north + height)


def point(east: float, north: float) -> Point:
    return Point(E + east, N + north)


def table(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    """A layer as a store would give it; rows without geometry have None."""
    frame = pd.DataFrame([{"geometry": None, "uuid": f"u{number}", **row} for number, row in enumerate(rows)])
    if frame.empty:
        frame = pd.DataFrame({"geometry": [], "uuid": []})
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=EPSG)


def units() -> UnitTree:
    return UnitTree.from_frame(
        table(
            [
                {"code": "610902", "name": "汉滨区", "geometry": rectangle(-5000, -5000, 10_000, 10_000)},
                {"code": "610902-GX", "name": "安康高新区", "geometry": rectangle(2000, 0, 2000, 2000)},
                {"code": "610922", "name": "石泉县", "geometry": rectangle(5000, -5000, 10_000, 10_000)},
            ]
        ),
        EPSG,
    )
