"""盘活调剂: floors and sites that fit a wish, across all counties, ranked with reasons.

A match tells of every demand whether it is kept, not kept or not known; it ranks before another with more demands not
kept, then with more not known, then one that is too small, then one in another county, then with more to spare.
Land of another use is left out; so is what is not free at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.store.base import Condition
from gis.text import tr
from gis.units import unit_title
from layers.checks import factory_reserve, low_use
from layers.checks import tables as read
from layers.checks.factory_stock import countable, due_dates, labels_of, read_stock
from layers.codes import LandUseCodes, code_table, land_use_classes
from layers.park import PARK_LAYER, UTILITIES
from layers.policy import Policy
from layers.units import UnitTree
from layers.validity import plan_on

if TYPE_CHECKING:
    from layers.project import Project

__all__ = [
    "FloorWish",
    "Match",
    "Reason",
    "SiteWish",
    "State",
    "floors_for",
    "match_floors",
    "match_frame",
    "match_sites",
    "sites_for",
]


class State(StrEnum):
    """How a demand stands with an offer."""

    KEPT = "kept"
    UNKNOWN = "unknown"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Reason:
    """One demand: what it is about, how it stands, and a sentence with the figures."""

    about: str
    state: State
    text: str


@dataclass(frozen=True, slots=True)
class FloorWish:
    """A floor that is looked for: area (m²), clear height (m), load (kN/m²); 0 and "" demand nothing.

    ``unit`` is the code of the county where it should be (others are offered too); ``day`` from when.
    """

    day: dt.date
    area: float = 0.0
    clear_height: float = 0.0
    floor_load: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class SiteWish:
    """A site that is looked for: area (m²), land-use class, utilities of its park, distance to a road (m)."""

    day: dt.date
    area: float = 0.0
    use: str = ""
    utilities: tuple[str, ...] = ()
    road: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """One offer; ``area`` is what is free of it (m²), ``unit`` the code of its county or ""."""

    table: str
    uuid: str
    label: str
    unit: str
    unit_name: str
    park: str
    area: float
    reasons: tuple[Reason, ...]

    def count(self, state: State) -> int:
        """How many demands stand so."""
        return sum(reason.state is state for reason in self.reasons)

    @property
    def count_missed(self) -> int:
        """Demands that are not kept."""
        return self.count(State.MISSED)

    @property
    def count_unknown(self) -> int:
        """Demands of which it is not known."""
        return self.count(State.UNKNOWN)

    @property
    def text(self) -> str:
        """All reasons in one line, what is not kept first."""
        order = (State.MISSED, State.UNKNOWN, State.KEPT)
        return tr("；").join(item.text for state in order for item in self.reasons if item.state is state)


def match_floors(
    factories: gpd.GeoDataFrame, leases: pd.DataFrame, units: UnitTree, policy: Policy, wish: FloorWish
) -> list[Match]:
    """Buildings with free floor on the day of the wish, best first.

    Free is what the factory reserve counts as free on that day by the leases known now; a building that is still
    being built and planned to be complete by then is offered as not certain.
    """
    target = policy.target(factory_reserve.TARGET)
    frame = countable(factories, target, [])
    day = read.day_number(wish.day)
    stock = read_stock(frame, leases, target, [])
    free = np.array([float(value) for value in stock.vacant(day)])
    coming = (due_dates(frame, stock, day) <= day) & (free <= 0)
    area = np.array([float(value) for value in stock.area])
    offered = np.where(coming, area, free)
    rows = np.flatnonzero(offered > 0)
    codes, _ = units.assign(frame.iloc[rows], units.epsg)
    height, load = read.figures(frame, "clear_height"), read.figures(frame, "floor_load")
    planned = read.dates(frame, "planned_completion")
    uuids, labels, parks = read.texts(frame, "uuid"), labels_of(frame), read.texts(frame, "park")
    found = []
    for code, row in zip(codes, rows.tolist(), strict=True):  # what is free in a city, one by one
        reasons = [
            _at_least("area", tr("面积"), offered[row], wish.area, unit_title("m2"), ".2f"),
            _at_least("clear_height", tr("净高"), height[row], wish.clear_height, "m", "g"),
            _at_least("floor_load", tr("楼面荷载"), load[row], wish.floor_load, tr("kN/㎡"), "g"),
            _county(units, code, wish.unit),
        ]
        if coming[row]:
            text = tr("在建，计划 {date} 竣工，未验收", date=planned[row])
            reasons.append(Reason("day", State.UNKNOWN, text))
        else:
            text = tr("{date} 起可用 {area} ㎡", date=wish.day, area=f"{free[row]:,.2f}")
            reasons.append(Reason("day", State.KEPT, text))
        found.append(
            Match(
                "factory", uuids[row], labels[row], code or "", units.name(code), parks[row], float(offered[row]),
                tuple(item for item in reasons if item is not None),
            )
        )  # fmt: skip
    return _ranked(found, wish.area, wish.unit)


def match_sites(
    parcels: gpd.GeoDataFrame,
    parks: gpd.GeoDataFrame,
    roads: Sequence[object] | NDArray[np.object_] | None,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    wish: SiteWish,
) -> list[Match]:
    """Parcels that could be had on the day of the wish: not sold yet, or low or idle by the policy; best first.

    ``roads`` are geometries in the plane of the parcels; None where the project has none: the distance is not known.
    """
    day = read.day_number(wish.day)
    kind, why = _offers(parcels, policy, wish.day, day)
    uses = _classes(parcels, codes)
    fitting = kind != ""
    if wish.use:
        fitting &= np.array([not use or use == wish.use for use in uses], dtype=np.bool_)
    rows = np.flatnonzero(fitting)
    frame = parcels.iloc[rows]
    unit, _ = units.assign(frame, units.epsg)
    certified, measured = read.figures(frame, "area_certified"), read.figures(frame, "area_ellipsoid")
    area = np.where(np.isnan(certified), measured, certified)
    there = _utilities(parks)
    distance = _distances(read.geometries(frame), roads)
    uuids, labels, names = (read.texts(frame, name) for name in ("uuid", "parcel_no", "park"))
    found = []
    for number, (code, row) in enumerate(zip(unit, rows.tolist(), strict=True)):  # what is free, one by one
        reasons = [
            Reason("offer", State.KEPT if kind[row] == "unsold" else State.UNKNOWN, why[row]),
            _at_least("area", tr("面积"), area[number], wish.area, unit_title("m2"), ".2f"),
            _use(uses[row], wish.use),
            *_park_reasons(names[number], there, wish.utilities),
            _county(units, code, wish.unit),
            _road(distance[number], wish.road),
        ]
        found.append(
            Match(
                "parcel", uuids[number], labels[number], code or "", units.name(code), names[number],
                float(np.nan_to_num(area[number])), tuple(item for item in reasons if item is not None),
            )
        )  # fmt: skip
    return _ranked(found, wish.area, wish.unit)


def _ranked(found: list[Match], area: float, unit: str) -> list[Match]:
    def key(item: Match) -> tuple[int, int, bool, bool, float, str]:
        other = bool(unit) and item.unit != unit
        return (
            item.count(State.MISSED), item.count(State.UNKNOWN), item.area < area, other, abs(item.area - area),
            item.label,
        )  # fmt: skip

    return sorted(found, key=key)


def _at_least(about: str, name: str, value: float, wanted: float, unit: str, form: str) -> Reason | None:
    if not wanted:
        return None
    asked = f"{wanted:,{form}}"
    if value != value:
        return Reason(
            about, State.UNKNOWN, tr("{name}不明，要求 {wanted} {unit}", name=name, wanted=asked, unit=unit)
        )
    shown = f"{value:,{form}}"
    if value >= wanted:
        return Reason(about, State.KEPT, tr("{name} {value} {unit}", name=name, value=shown, unit=unit))
    missing = f"{wanted - value:,{form}}"
    text = tr(
        "{name} {value} {unit}，差 {missing} {unit}", name=name, value=shown, unit=unit, missing=missing
    )
    return Reason(about, State.MISSED, text)


def _county(units: UnitTree, code: str | None, wanted: str) -> Reason | None:
    if not wanted:
        return None
    if code is None:
        return Reason("unit", State.UNKNOWN, tr("所属单元不明"))
    inside = code == wanted or wanted in units.ancestors(code)
    text = tr("位于{unit}", unit=units.name(code))
    return Reason("unit", State.KEPT if inside else State.MISSED, text)


def _offers(
    parcels: gpd.GeoDataFrame, policy: Policy, as_of: dt.date, day: np.datetime64
) -> tuple[NDArray[np.str_], list[str]]:
    """How each parcel could be had (``unsold``, ``low`` or nothing), in words."""
    contract = np.fmin(read.dates(parcels, "contract_on"), read.dates(parcels, "sold_on"))
    ready = np.fmin(read.dates(parcels, "cleared_on"), read.dates(parcels, "standard_set_on"))
    unsold = (ready <= day) & ~(contract <= day)
    kind = np.where(unsold, "unsold", "")
    why = [
        tr("{date} 净地，未出让", date=date) if free else ""
        for free, date in zip(unsold.tolist(), ready, strict=True)
    ]
    if policy.has(low_use.TARGET):
        found = low_use.low_use(parcels, policy.target(low_use.TARGET), as_of)
        rows = np.flatnonzero(found.low & ~unsold)
        kind[rows] = "low"
        for row, text in zip(rows.tolist(), low_use.reasons(found, rows), strict=True):
            why[row] = tr("低效闲置，须与使用权人商议：{reasons}", reasons=text)
    return kind, why


def _classes(parcels: gpd.GeoDataFrame, codes: LandUseCodes) -> list[str]:
    """Normalised class of each parcel's code, "" where it has none."""
    schemes, uses = read.texts(parcels, "land_use_scheme"), read.texts(parcels, "land_use_code")
    found = codes.classes(schemes, uses).tolist()
    return [str(name) if use else "" for name, use in zip(found, uses, strict=True)]


def _use(use: str, wanted: str) -> Reason | None:
    if not wanted:
        return None
    if not use:
        return Reason("use", State.UNKNOWN, tr("用途不明"))
    return Reason("use", State.KEPT, tr("规划为{use}", use=land_use_classes()[use].title))


def _utilities(parks: gpd.GeoDataFrame) -> Mapping[str, Mapping[str, str]]:
    """State of each utility by the name of the park."""
    columns = {name: read.texts(parks, name) for name in UTILITIES}
    return {
        park: {name: columns[name][row] for name in UTILITIES}
        for row, park in enumerate(read.texts(parks, "name"))
        if park
    }


def _park_reasons(park: str, there: Mapping[str, Mapping[str, str]], wanted: Sequence[str]) -> list[Reason]:
    reasons = []
    table = code_table("utility_state")
    for name in wanted:
        title = PARK_LAYER.field(name).title
        state = there.get(park, {}).get(name, "")
        if not state:
            text = tr("{utility}状况不明", utility=title)
            reasons.append(Reason(name, State.UNKNOWN, text))
            continue
        text = tr("{utility}：{state}", utility=title, state=table.title(state))
        reasons.append(Reason(name, State.KEPT if state == "connected" else State.MISSED, text))
    return reasons


def _distances(
    sites: NDArray[np.object_], roads: Sequence[object] | NDArray[np.object_] | None
) -> NDArray[np.float64]:
    """Metres in the plane from each site to the nearest road; NaN without roads or outline."""
    found = np.full(len(sites), np.nan)
    if roads is None or not len(roads):
        return found
    present = np.flatnonzero(~(shapely.is_missing(sites) | shapely.is_empty(sites)))
    if len(present):
        tree = shapely.STRtree(np.asarray(roads, dtype=object))
        pairs, metres = tree.query_nearest(sites[present], return_distance=True, all_matches=False)
        found[present[pairs[0]]] = metres
    return found


def _road(metres: float, wanted: float) -> Reason | None:
    if not wanted:
        return None
    if metres != metres:
        return Reason("road", State.UNKNOWN, tr("距道路不明（没有道路图层）"))
    text = tr("距规划道路 {metres} 米", metres=f"{metres:,.0f}")
    return Reason("road", State.KEPT if metres <= wanted else State.MISSED, text)


# Codes of roads in a plan (domain reference §3.1 and §3.2): 公路 and 城镇村道路; railways and stations are none.
_ROAD_CODES: Mapping[str, tuple[str, ...]] = {
    "guide2023": ("1202", "1207"), "guide2020": ("1202", "1207"), "gbt21010_2017": ("1003", "1004"),
    "survey3": ("1003", "1004"), "gb50137_2011": ("S1",),
}  # fmt: skip


def floors_for(project: Project, wish: FloorWish) -> list[Match]:
    """Floors of a project that fit a wish; reads the tables."""
    with project.store.steady():
        factories, leases = project.read("factory"), project.read("lease")
        return match_floors(factories, leases, project.units(), project.policy, wish)


def sites_for(project: Project, wish: SiteWish) -> list[Match]:
    """Sites of a project that fit a wish; roads are those of the newest plan of the day, where there is one."""
    columns = list(
        dict.fromkeys((*low_use.COLUMNS, "cleared_on", "standard_set_on", "sold_on", "land_use_code", "land_use_scheme"))
    )  # fmt: skip
    with project.store.steady():
        parcels, parks = project.read("parcel", columns=columns), project.read("park")
        roads = _roads(project, wish.day) if wish.road else None
        return match_sites(parcels, parks, roads, project.units(), project.policy, project.codes, wish)


def _roads(project: Project, day: dt.date) -> NDArray[np.object_] | None:
    name = plan_on(project.snapshots(), day)
    if not name:
        return None
    where = [Condition("snapshot", "=", name)]
    plan = project.read("land_use", where=where, columns=["code", "scheme"])
    schemes, codes = read.texts(plan, "scheme"), read.texts(plan, "code")
    wanted = np.array(
        [code.startswith(_ROAD_CODES.get(scheme, ("\0",))) for scheme, code in zip(schemes, codes, strict=True)],
        dtype=np.bool_,
    )  # fmt: skip
    return read.geometries(plan)[wanted] if wanted.any() else None


def match_frame(found: Sequence[Match]) -> pd.DataFrame:
    """The list as a table, as it is exported: rank, what it is, where, how large, how it fits, why."""
    return pd.DataFrame(
        {
            tr("名次"): range(1, len(found) + 1),
            tr("名称"): [item.label for item in found],
            tr("单元"): [item.unit_name for item in found],
            tr("园区"): [item.park for item in found],
            tr("面积（㎡）"): [item.area for item in found],
            tr("符合"): [item.count(State.KEPT) for item in found],
            tr("不明"): [item.count(State.UNKNOWN) for item in found],
            tr("不符"): [item.count(State.MISSED) for item in found],
            tr("理由"): [item.text for item in found],
        }
    )
