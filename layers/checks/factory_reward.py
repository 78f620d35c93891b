"""标准化厂房建设奖励: which accepted buildings satisfy the conditions on floor area and on the use of land.

The conditions are parameters of the target, 0 where one is not made: floor area and storeys of the building, and the
floor-area ratio of the parcel it stands on (domain reference §4.1: a storey over ``double_storey_height`` counts double).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.area import ellipsoidal_area
from gis.text import mark, tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.factory_stock import labels_of
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "PARCEL_COLUMNS", "TARGET", "TITLE", "check", "run"]

TARGET = "factory_reward"
TITLE = mark("标准化厂房建设奖励条件")
PARCEL_COLUMNS = ("parcel_no", "area_certified")

FIGURES: Mapping[str, tuple[str, str]] = {
    "qualifying": (mark("符合奖励条件的厂房"), "m2"),
    "qualifying_year": (mark("其中本年验收"), "m2"),
    "small": (mark("面积不足的厂房"), "m2"),
    "wasteful": (mark("不符合节地条件的厂房"), "m2"),
    "not_judged": (mark("缺数据、未判定的厂房"), "m2"),
    "accepted": (mark("已验收厂房"), "m2"),
    "buildings": (mark("符合条件的栋数"), ""),
}


@dataclass(frozen=True)
class _Judged:
    """One element a building: what it is held against, NaN where the data lack it, and the outcome."""

    area: list[Decimal]
    floors: NDArray[np.float64]
    ratio: NDArray[np.float64]
    accepted: NDArray[np.bool_]
    small: NDArray[np.bool_]
    wasteful: NDArray[np.bool_]
    unknown: NDArray[np.bool_]

    @property
    def good(self) -> NDArray[np.bool_]:
        """Accepted, and every condition is known to hold."""
        return self.accepted & ~self.small & ~self.wasteful & ~self.unknown


def check(
    factories: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    units: UnitTree,
    policy: Policy,
    as_of: dt.date,
) -> CheckResult:
    """List what satisfies the conditions on the day, by unit. Where the policy demands no amount (value 0), a
    unit without such floors has nothing to judge; it is no failure to have built none.
    """
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    findings: list[Finding] = []
    judged = _judge(factories, parcels, target, as_of, tree.epsg)
    unit, _notes = tree.assign(factories, tree.epsg)  # the reserve check tells these notes
    labels, uuids = labels_of(factories), read.texts(factories, "uuid")
    for row in np.flatnonzero(judged.accepted & judged.unknown).tolist():
        text = tr("厂房 {label}：{why}", label=labels[row], why=_why(row, judged, target))
        findings.append(Finding("warning", text, "factory", uuids[row]))
    this_year = judged.good & (
        read.dates(factories, "accepted_on") >= np.datetime64(f"{as_of.year:04d}-01-01", "D")
    )
    results = [
        _unit_result(
            code, name, judged, assembling.by_unit(unit, code), this_year, target, bool(len(factories))
        )
        for code, name in assembling.places_of(tree)
    ]
    rows = np.flatnonzero(judged.accepted).tolist()
    evidence = read.evidence(
        {
            "unit": [unit[row] for row in rows],
            "table": ["factory"] * len(rows),
            "uuid": [uuids[row] for row in rows],
            "label": [labels[row] for row in rows],
            "amount": [float(judged.area[row]) if judged.good[row] else 0.0 for row in rows],
            "why": [_why(row, judged, target) for row in rows],
            "area": [float(judged.area[row]) for row in rows],
            "floors": judged.floors[rows].tolist(),
            "far": judged.ratio[rows].tolist(),
        },
        read.geometries(factories)[rows],
        tree.epsg,
    )
    return assembling.of_places(
        target, TITLE, FIGURES, policy, as_of=as_of, period=as_of.isoformat(), places=results, evidence=evidence,
        findings=findings,
    )  # fmt: skip


def _judge(
    factories: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, target: Target, as_of: dt.date, epsg: int
) -> _Judged:
    parameters = target.parameters
    day = read.day_number(as_of)
    demolished = read.dates(factories, "demolished_on")
    gone = np.array([state == "demolished" for state in read.texts(factories, "state")], dtype=np.bool_)
    # What was demolished after the day stood on it; without a date nobody can say that it did.
    accepted = (
        (read.dates(factories, "accepted_on") <= day) & ~(demolished <= day) & ~(gone & np.isnat(demolished))
    )
    owners = read.texts(factories, "owner_kind")
    accepted &= np.array([kind in parameters["owner_kinds"] for kind in owners], dtype=np.bool_)
    gross, floors = read.figures(factories, "gross_floor_area"), read.figures(factories, "floors")
    ratio = _floor_area_ratio(factories, parcels, accepted, gross, target, epsg)
    least = {
        name: float(parameters[name])
        for name in ("minimum_floor_area", "minimum_floors", "minimum_floor_area_ratio")
    }
    small = gross < least["minimum_floor_area"]
    wasteful = (floors < least["minimum_floors"]) | (ratio < least["minimum_floor_area_ratio"])
    unknown = (
        np.isnan(gross)
        | (np.isnan(floors) & (least["minimum_floors"] > 0))
        | (np.isnan(ratio) & (least["minimum_floor_area_ratio"] > 0))
    ) & ~small & ~wasteful  # fmt: skip
    return _Judged(read.exact(gross), floors, ratio, accepted, small, wasteful, unknown)


def _floor_area_ratio(
    factories: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    accepted: NDArray[np.bool_],
    gross: NDArray[np.float64],
    target: Target,
    epsg: int,
) -> NDArray[np.float64]:
    """容积率 of each building's parcel: all accepted floors on it over its certified, else ellipsoidal area.

    NaN where the parcel or a floor area on it is not known.
    """
    numbers = np.array(read.texts(factories, "parcel_no"), dtype=object)
    wanted = {number for number in numbers[accepted] if number}
    if not wanted or "parcel_no" not in parcels.columns:
        return np.full(len(factories), np.nan)
    land = parcels[parcels["parcel_no"].isin(wanted)]
    area = read.figures(land, "area_certified").copy()
    shapes = read.geometries(land)
    lacking = ~(area > 0) & np.array([shape is not None for shape in shapes], dtype=np.bool_)
    area[lacking] = ellipsoidal_area(shapes[lacking], epsg)
    by_number: dict[str, float] = {}
    for number, size in zip(
        read.texts(land, "parcel_no"), area.tolist(), strict=True
    ):  # parcels with factories
        by_number[number] = by_number.get(number, 0.0) + size
    high = read.figures(factories, "storey_height") > float(target.parameters["double_storey_height"])
    counted = np.where(high, 2.0 * gross, gross)
    built: dict[str, float] = {}
    for row in np.flatnonzero(accepted).tolist():
        built[numbers[row]] = built.get(numbers[row], 0.0) + counted[row]
    return np.array(
        [
            built[number] / by_number[number]
            if by_number.get(number, 0.0) > 0 and number in built
            else np.nan
            for number in numbers
        ],
        dtype=np.float64,
    )


def _why(row: int, judged: _Judged, target: Target) -> str:
    """What a building lacks, or that it lacks nothing."""
    least = target.parameters
    reasons = []
    if judged.small[row]:
        reasons.append(tr("建筑面积不足 {area} ㎡", area=f"{least['minimum_floor_area']:,g}"))
    if judged.floors[row] < least["minimum_floors"]:
        reasons.append(
            tr(
                "层数 {floors}，少于 {least} 层",
                floors=f"{judged.floors[row]:g}",
                least=least["minimum_floors"],
            )
        )
    if judged.ratio[row] < least["minimum_floor_area_ratio"]:
        reasons.append(
            tr(
                "所在地块容积率 {ratio}，低于 {least}",
                ratio=f"{judged.ratio[row]:.2f}",
                least=least["minimum_floor_area_ratio"],
            )
        )
    if judged.unknown[row]:
        lacking = [
            name
            for name, missing in (
                (tr("建筑面积"), judged.area[row] == 0),
                (tr("层数"), np.isnan(judged.floors[row]) and least["minimum_floors"] > 0),
                (tr("所在地块面积"), np.isnan(judged.ratio[row]) and least["minimum_floor_area_ratio"] > 0),
            )
            if missing
        ]
        reasons.append(tr("缺 {names}，未判定", names=tr("、").join(lacking)))
    return tr("；").join(reasons) if reasons else tr("符合奖励条件")


def _unit_result(
    code: str,
    name: str,
    judged: _Judged,
    mine: NDArray[np.bool_],
    this_year: NDArray[np.bool_],
    target: Target,
    has_stock: bool,
) -> UnitResult:
    if not has_stock:
        text = tr("项目中没有标准化厂房数据，请先导入")
        return UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), text)
    standing = mine & judged.accepted
    sums = {
        "qualifying": read.total(judged.area, mine & judged.good),
        "qualifying_year": read.total(judged.area, mine & this_year),
        "small": read.total(judged.area, standing & judged.small),
        "wasteful": read.total(judged.area, standing & judged.wasteful),
        "not_judged": read.total(judged.area, standing & judged.unknown),
        "accepted": read.total(judged.area, standing),
    }
    count = int(np.count_nonzero(mine & judged.good))
    figures: dict[str, float | None] = {key: float(value) for key, value in sums.items()}
    figures["buildings"] = float(count)
    open_cases = bool((standing & judged.unknown).any())
    compared = figures[target.figure] or 0.0
    if target.value > 0 and not target.holds(compared):
        verdict = Verdict.NOT_JUDGED if open_cases else Verdict.SHORT
    elif compared > 0:
        verdict = Verdict.MET
    else:
        verdict = Verdict.NOT_JUDGED if open_cases else Verdict.EMPTY
    text = tr(
        "已验收 {accepted} ㎡，符合奖励条件 {count} 栋 {good} ㎡；面积不足 {small} ㎡，不符合节地条件 {wasteful} ㎡",
        accepted=f"{sums['accepted']:,.2f}",
        count=count,
        good=f"{sums['qualifying']:,.2f}",
        small=f"{sums['small']:,.2f}",
        wasteful=f"{sums['wasteful']:,.2f}",
    )
    if open_cases:
        text += tr("；{area} ㎡ 缺数据，未判定", area=f"{sums['not_judged']:,.2f}")
    return UnitResult(code, name, verdict, figures, text)


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """The check as the registry calls it."""
    return check(tables["factory"], tables["parcel"], units, policy, as_of)
