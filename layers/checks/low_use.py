"""低效与闲置: land used below its requirement, begun and not finished, or idle; floors that stand empty for months.

Each hit is listed with its reasons (domain reference §7): a parcel may have several. Land whose floor-area ratio is
below the requirement is a candidate for 二次开发, with the floor area still possible on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import mark, tr
from gis.units import PERCENT, convert
from layers.checks import tables as read
from layers.checks.by_unit import Placed, counted, fault_verdict, placed
from layers.checks.result import CheckResult, Verdict
from layers.checks.standard_land import completed_on
from layers.codes import LandUseCodes
from layers.indicators import INDICATORS, Indicator
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["COLUMNS", "FIGURES", "TARGET", "TITLE", "LowUse", "low_use", "reasons", "run"]

TARGET = "low_use_land"
TITLE = mark("低效闲置用地")

FIGURES: Mapping[str, tuple[str, str]] = {
    "area": (mark("低效闲置用地"), "mu"),
    "required": (mark("允许面积"), "mu"),
    "parcels": (mark("低效闲置宗数"), ""),
    "judged": (mark("已判定宗数"), ""),
    "idle": (mark("逾期未动工闲置"), "mu"),
    "unfinished": (mark("动工后久未竣工"), "mu"),
    "below": (mark("指标低效"), "mu"),
    "second_use": (mark("二次开发候选宗数"), ""),
    "second_floor": (mark("二次开发可增建筑面积"), "m2"),
}

COLUMNS: tuple[str, ...] = (
    "parcel_no", "unit", "park", "location", "holder", "area_certified", "area_ellipsoid", "contract_on", "handover_on",
    "agreed_start", "actual_start", "agreed_finish", "actual_finish", "completion_review_on", "production_review_on",
    *(f"{item.key}_{stand}" for item in INDICATORS for stand in ("required", "actual")),
)  # fmt: skip

_KEYS = {item.key: item for item in INDICATORS}


@dataclass(frozen=True)
class LowUse:
    """What was found on each parcel; ``share`` is, by indicator below its part of the requirement, the share reached.

    ``idle`` and ``late`` are days past the agreed start and completion (0 where they do not count); ``floor`` is the
    floor area (m²) that the required floor-area ratio still allows.
    """

    idle: NDArray[np.float64]
    late: NDArray[np.float64]
    share: Mapping[Indicator, NDArray[np.float64]]
    floor: NDArray[np.float64]
    area: NDArray[np.float64]
    judged: NDArray[np.bool_]

    @property
    def below(self) -> NDArray[np.bool_]:
        """Below the requirement in some indicator."""
        found = np.zeros(len(self.idle), dtype=np.bool_)
        for share in self.share.values():
            found |= ~np.isnan(share)
        return found

    @property
    def low(self) -> NDArray[np.bool_]:
        """Low or idle for any reason."""
        return (self.idle > 0) | (self.late > 0) | self.below


def low_use(frame: pd.DataFrame, target: Target, as_of: dt.date) -> LowUse:
    """Find the low and idle parcels of a frame on a day, by the months and shares of the target."""
    parameters, day = target.parameters, read.day_number(as_of)
    built = completed_on(frame)
    built[built > day] = np.datetime64("NaT")
    start = read.dates(frame, "actual_start")
    start[start > day] = np.datetime64("NaT")
    begun, done = ~np.isnat(start) | ~np.isnat(built), ~np.isnat(built)
    signed = ~(read.dates(frame, "contract_on") > day)
    due_start = read.dates(frame, "agreed_start")
    due_start = np.where(np.isnat(due_start), read.dates(frame, "handover_on"), due_start)
    due_start[~signed] = np.datetime64("NaT")
    due_finish = read.dates(frame, "agreed_finish")
    due_finish[~signed] = np.datetime64("NaT")
    idle = _past(due_start, day, int(parameters["idle_months"]), ~begun)
    late = _past(due_finish, day, int(parameters["unfinished_months"]), begun & ~done)
    producing = read.dates(frame, "production_review_on") <= day
    production = set(parameters["production_indicators"])
    shares: dict[Indicator, NDArray[np.float64]] = {}
    judged = ~np.isnat(due_start) | ~np.isnat(due_finish)
    for key, part in parameters["below"].items():
        item = _KEYS[key]
        required, actual = (read.figures(frame, f"{key}_{stand}") for stand in ("required", "actual"))
        due = producing if key in production else done
        with np.errstate(divide="ignore", invalid="ignore"):
            share = actual / required if item.operator == ">=" else required / actual
            low = (
                actual < np.round(required * float(part), 9)
                if item.operator == ">="
                else np.round(actual * float(part), 9) > required
            )
        known = due & ~np.isnan(required) & ~np.isnan(actual)
        judged |= known
        shares[item] = np.where(known & low, share, np.nan)
    area = read.figures(frame, "area_certified")
    area = np.nan_to_num(np.where(np.isnan(area), read.figures(frame, "area_ellipsoid"), area))
    gap = read.figures(frame, "far_required") - read.figures(frame, "far_actual")
    floor = np.where(done & (gap > 0), np.round(np.nan_to_num(gap), 9) * area, 0.0)
    return LowUse(idle, late, shares, floor, area, judged)


def _past(
    due: NDArray[np.datetime64], day: np.datetime64, months: int, which: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Days past a date where more than so many months are over since, else 0."""
    ends = pd.DatetimeIndex(due.astype("datetime64[s]")) + pd.DateOffset(months=months)
    over = which & (np.asarray(ends.to_numpy(), dtype="datetime64[D]") < day)
    days = np.where(np.isnat(due), 0.0, (day - due).astype("timedelta64[D]").astype(np.float64))
    return np.where(over, days, 0.0)


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """Judge the parcels under contract or built on the day."""
    target, parcels = policy.target(TARGET), tables["parcel"]
    day = read.day_number(as_of)
    mask = (completed_on(parcels) <= day) | ~np.isnat(read.dates(parcels, "agreed_start"))
    for name in ("agreed_finish", "handover_on"):
        mask |= ~np.isnat(read.dates(parcels, name))
    place = placed("parcel", parcels, mask, units, target, COLUMNS)
    found = low_use(place.frame, target, as_of)
    mu = found.area * convert(1.0, "m2", "mu")
    second = found.low & (found.floor > 0)
    sums = {
        "area": place.sums(np.where(found.low, mu, 0.0)),
        "required": np.full(len(place.tree) + 1, target.value),
        "parcels": place.sums(found.low),
        "judged": place.sums(found.judged),
        "idle": place.sums(np.where(found.idle > 0, mu, 0.0)),
        "unfinished": place.sums(np.where(found.late > 0, mu, 0.0)),
        "below": place.sums(np.where(found.below, mu, 0.0)),
        "second_use": place.sums(second),
        "second_floor": place.sums(np.where(second, found.floor, 0.0)),
    }
    known = bool(found.judged.any())
    return counted(
        place, policy, target, TITLE, as_of, as_of.isoformat(), FIGURES, sums,
        lambda figures: _judge(figures, target, known), _evidence(place, found),
    )  # fmt: skip


def _judge(figures: Mapping[str, float | None], target: Target, known: bool) -> tuple[Verdict, str]:
    if not known:
        return Verdict.NOT_JUDGED, tr(
            "项目中没有可判低效闲置的数据，请在地块中导入约定与实际开竣工日期、控制指标"
        )
    number = {key: value or 0.0 for key, value in figures.items()}
    if not number["judged"]:
        return Verdict.EMPTY, tr("没有已签约或已建成的地块")
    text = tr("已判定 {judged} 宗，低效闲置 {count} 宗 {area} 亩", judged=int(number["judged"]), count=int(number["parcels"]), area=f"{number['area']:,.2f}")  # fmt: skip
    if number["parcels"]:
        text += tr(
            "：逾期未动工 {idle} 亩，动工后久未竣工 {unfinished} 亩，指标低效 {below} 亩",
            **{key: f"{number[key]:,.2f}" for key in ("idle", "unfinished", "below")},
        )
    if number["second_use"]:
        text += tr("；二次开发候选 {count} 宗，按要求容积率可增建筑面积 {floor} ㎡", count=int(number["second_use"]), floor=f"{number['second_floor']:,.0f}")  # fmt: skip
    return fault_verdict(target, number[target.figure], number["judged"], 0.0), text


def reasons(found: LowUse, rows: NDArray[np.int64]) -> list[str]:
    """Why each of the rows is low or idle, and what could still be built."""
    idle, late = tr("约定开工已过 {days} 天未动工"), tr("动工后竣工逾期 {days} 天")
    below = tr("{name} 仅为要求的 {share}%")
    floor = tr("二次开发可增建筑面积 {area} ㎡")
    texts = []
    for row in rows.tolist():  # a few among many parcels
        parts = []
        if found.idle[row] > 0:
            parts.append(idle.format(days=int(found.idle[row])))
        if found.late[row] > 0:
            parts.append(late.format(days=int(found.late[row])))
        parts += [
            below.format(name=item.name, share=f"{share[row] * PERCENT:.1f}")
            for item, share in found.share.items()
            if share[row] == share[row]
        ]
        if found.floor[row] > 0:
            parts.append(floor.format(area=f"{found.floor[row]:,.0f}"))
        texts.append(tr("；").join(parts))
    return texts


def _evidence(place: Placed, found: LowUse) -> gpd.GeoDataFrame:
    """One row for each low or idle parcel; ``amount`` is its area in m²."""
    rows = np.flatnonzero(found.low)
    states = np.where(found.idle > 0, "idle", np.where(found.late > 0, "unfinished", "below"))
    return place.evidence(
        rows,
        found.area[rows],
        reasons(found, rows),
        {
            "area": found.area[rows].tolist(),
            "holder": read.texts(place.frame.iloc[rows], "holder"),
            "state": states[rows].tolist(),
            "second_floor": found.floor[rows].tolist(),
        },
    )
