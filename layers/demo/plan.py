"""Parks, block lines and the two plan snapshots of the demo, with the rezonings a check has to find."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.codes import LandUseCodes
from layers.demo import lots
from layers.demo.facts import DEMO_EPSG, DEMO_MARK, DEMO_UNITS, PARKS, SNAPSHOT_DAYS, DemoUnit
from layers.demo.land import UnitLand

__all__ = ["SCHEME", "UnitParks", "code_names", "unit_parks", "unit_plan"]

Objects = NDArray[np.object_]

SCHEME = "guide2023"
_RIVER_CODE, _ROAD_CODE = "1701", "1207"
_MOVED_ON = dt.date(2024, 1, 1)
_DRAWN_ON = dt.date(2022, 3, 1)
# What the second snapshot does to industrial plots inside a line, in turn: the whole plot, half of it,
# a strip of 3 m for a wider street, slivers of digitising.
_WHOLE = ("0901", "070102", "1001/0901", "1402", "110101", "0804")
_HALF = ("0902", "070102")
_STRIP_WIDTH = 3.0
_SLIVER_WIDTH = 0.3


@dataclass(slots=True)
class UnitParks:
    """Parks and block lines of a unit; ``names`` and ``lined`` (current line or None) by park number."""

    parks: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    names: dict[int, str]
    lined: dict[int, shapely.Geometry]


def code_names() -> dict[str, str]:
    """Chinese names of the codes of the demo's scheme."""
    return {item.code: item.name for item in LandUseCodes.standard().entries(SCHEME)}


def unit_parks(unit: DemoUnit, land: UnitLand) -> UnitParks:
    """One park per group of industrial districts and, round its industrial blocks, one block line.

    The largest parks get a line of the first level along street axes; in others the line runs 22 m inside, so
    that it cuts parcels. The first line of three units has two versions.
    """
    industrial = np.zeros(len(land.cell), dtype=bool)
    industrial[land.plot_cell[np.char.startswith(land.plot_code.astype("U6"), "1001")]] = True
    parks: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    names: dict[int, str] = {}
    lined: dict[int, shapely.Geometry] = {}
    numbers = land.district_park[land.district_park >= 0]
    _, first = np.unique(numbers, return_index=True)
    for order, park in enumerate(
        numbers[np.sort(first)]
    ):  # a union per park: a handful, thousands at a million
        industry = unit.leading_industries[order % len(unit.leading_industries)]
        name = f"{unit.name}{industry}产业园"  # data
        if order >= len(unit.leading_industries):
            name += f"{order + 1}号"  # data
        names[int(park)] = name
        outline = shapely.union_all(land.district[land.district_park == park], grid_size=0.001)
        parks.append(_park(unit, order, name, industry, outline))
        members = land.cell[(land.cell_park == park) & industrial]
        if not len(members):
            continue
        line = _largest(shapely.union_all(members, grid_size=0.001))
        level = "first" if order % 3 == 0 else "second"
        if level == "second":
            line = _largest(shapely.buffer(line, -22.0, join_style="mitre"))
        if shapely.area(line) < 20_000.0:
            continue
        lined[int(park)] = line
        versions = _versions(unit, order, line, members)
        lines += [_line(unit, order, name, level, *version) for version in versions]
    return UnitParks(_frame(parks), _frame(lines), names, lined)


def _largest(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(geometry)
    return parts[np.argmax(shapely.area(parts))] if len(parts) else geometry


def _versions(
    unit: DemoUnit, order: int, line: shapely.Geometry, members: Objects
) -> list[tuple[shapely.Geometry, dt.date, dt.date | None]]:
    """Geometry, valid from and to of each version of a line.

    Moved by 5 m in 高新区, one block smaller in 汉滨区 and 旬阳市, else one version.
    """
    if order or unit.code not in ("610902", "610981", "610902-GX"):
        return [(line, _DRAWN_ON, None)]
    if unit.code == "610902-GX":
        older = shapely.transform(line, lambda points: points - [5.0, 0.0])
    else:
        older = line
        cut = members[np.argmax(shapely.get_coordinates(shapely.centroid(members))[:, 0])]
        line = _largest(shapely.difference(line, cut, grid_size=0.001))
    return [(older, _DRAWN_ON, _MOVED_ON), (line, _MOVED_ON, None)]


def _park(
    unit: DemoUnit, order: int, name: str, industry: str, outline: shapely.Geometry
) -> dict[str, object]:
    ready = "connected" if order < 2 else "building"
    number = f"{unit.short}-P{order + 1:02d}"
    usual: dict[str, object] = {
        "park_id": number, "name": name, "unit": unit.name, "zone": unit.zone,
        "zone_level": unit.zone_level, "leading_industry": industry, "approved_by": DEMO_MARK,
        "approved_on": pd.Timestamp(2015 + order % 6, 5, 20), "approved_area": float(np.round(shapely.area(outline), -2)),
        "water": "connected", "power": "connected", "road": "connected", "telecom": ready,
        "gas": ready if order < 4 else "none", "note": DEMO_MARK, "geometry": outline,
    }  # fmt: skip
    return usual | {name: text or None for name, text in PARKS.get(number, {}).items()}


def _line(
    unit: DemoUnit,
    order: int,
    park: str,
    level: str,
    geometry: shapely.Geometry,
    begins: dt.date,
    ends: dt.date | None,
) -> dict[str, object]:
    code = f"{unit.short}-QK{order + 1:02d}"
    return {
        "code": code, "name": f"{park}工业区块", "level": level, "unit": unit.name,  # data
        "doc_title": f"工业区块线划定方案（{DEMO_MARK}）",  # data
        "doc_no": f"示例〔{begins:%Y}〕{order + 1}号",  # data
        "approved_by": DEMO_MARK, "approved_on": pd.Timestamp(begins), "valid_from": pd.Timestamp(begins),
        "valid_to": pd.NaT if ends is None else pd.Timestamp(ends),
        "supersedes": f"{code} {_DRAWN_ON:%Y-%m-%d}" if begins == _MOVED_ON else None,
        "note": DEMO_MARK, "geometry": geometry,
    }  # fmt: skip


def unit_plan(
    unit: DemoUnit, land: UnitLand, parks: UnitParks, rng: np.random.Generator
) -> list[gpd.GeoDataFrame]:
    """The plan of the unit in the older and the newer snapshot."""
    older, newer = SNAPSHOT_DAYS
    geometry = np.concatenate([land.plot, land.street, land.river])
    code = np.concatenate(
        [land.plot_code, np.full(len(land.street), _ROAD_CODE), np.full(len(land.river), _RIVER_CODE)]
    ).astype(object)
    number = np.char.add(f"{unit.short}-", np.char.zfill(np.arange(1, len(code) + 1).astype(str), 6)).astype(
        object
    )
    before = pd.DataFrame({"plot_no": number, "code": code, "geometry": geometry})

    after = before.copy()
    added: list[pd.DataFrame] = []
    chosen = _rezoned(land, parks, rng) if unit.rezoned else np.zeros(0, dtype=np.int64)
    first = DEMO_UNITS.index(
        unit
    )  # each unit begins elsewhere in the list, so that a small demo has every kind
    whole = chosen[: len(chosen) // 2]
    after.loc[whole, "code"] = [_WHOLE[(first + i) % len(_WHOLE)] for i in range(len(whole))]
    # A small industrial plot comes back elsewhere: land added to make up for land lost.
    green = np.flatnonzero(land.plot_code == "1402")[:1]
    after.loc[green, "code"] = "100101"
    for position, plot in enumerate(chosen[len(chosen) // 2 :]):  # at most a dozen plots per unit
        quad = land.plot_quad[[plot]]
        deep = lots.depth(quad)
        kind = (first + position) % 4
        share = [np.array([0.42]), _STRIP_WIDTH / deep, _SLIVER_WIDTH / deep, _SLIVER_WIDTH * 0.5 / deep][
            kind
        ]
        use = _HALF[(first + position) // 4 % 2] if kind == 0 else _ROAD_CODE
        strip, rest = (lots.to_polygons(part)[0] for part in lots.slice_off(quad, share))
        after.loc[plot, "geometry"] = shapely.intersection(rest, land.plot[plot])
        added.append(
            pd.DataFrame(
                {
                    "plot_no": [f"{number[plot]}-1"],
                    "code": [use],
                    "geometry": [shapely.intersection(strip, land.plot[plot])],
                }
            )
        )
    after = pd.concat([after, *added], ignore_index=True)
    return [_plan_frame(before, older), _plan_frame(after, newer)]


def _rezoned(land: UnitLand, parks: UnitParks, rng: np.random.Generator) -> NDArray[np.int64]:
    """Industrial plots of some size inside a current line: up to a dozen, one in eight of the unit's at most."""
    industrial = np.char.startswith(land.plot_code.astype("U6"), "1001") & (shapely.area(land.plot) > 9_000.0)
    inside = np.zeros(len(land.plot), dtype=bool)
    for park, line in parks.lined.items():
        members = np.flatnonzero(industrial & (land.cell_park[land.plot_cell] == park))
        shapely.prepare(line)
        inside[members] = shapely.contains_properly(line, shapely.point_on_surface(land.plot[members]))
    candidates = np.flatnonzero(inside)
    count = min(12, max(2, len(candidates) // 8), len(candidates))
    return np.sort(rng.choice(candidates, count, replace=False)) if count else candidates


def _plan_frame(rows: pd.DataFrame, snapshot: str) -> gpd.GeoDataFrame:
    names = code_names()
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=DEMO_EPSG)
    frame["scheme"] = SCHEME
    # data
    unique = {code: "、".join(names[part] for part in code.split("/")) for code in rows["code"].unique()}
    frame["name"] = rows["code"].map(unique)
    frame["industrial_share"] = np.where(rows["code"] == "1001/0901", 0.6, np.nan)
    frame["snapshot"] = snapshot
    frame["note"] = DEMO_MARK
    return frame


def _frame(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    if not rows:
        return gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs=DEMO_EPSG)
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=DEMO_EPSG)
