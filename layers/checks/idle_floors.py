"""闲置厂房: floors of accepted buildings that nobody rented, bought or used for months on end.

Stock and leases are those of the factory reserve. Idle for the whole period is what was free on every day of it: the
least vacant area of a building between the day months ago and the day; a building accepted since is not idle yet.
A reserve has to stand empty, so what is judged is the idle floor of a unit beyond the reserve it must keep.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import factory_reserve
from layers.checks import tables as read
from layers.checks.by_unit import counted, fault_verdict, placed
from layers.checks.factory_stock import Stock, countable, labels_of, read_stock
from layers.checks.result import CheckResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "least_vacant", "run"]

TARGET = "idle_floors"
TITLE = mark("闲置厂房")

FIGURES: Mapping[str, tuple[str, str]] = {
    "beyond": (mark("超出储备的闲置面积"), "m2"),
    "required": (mark("允许超出面积"), "m2"),
    "idle": (mark("闲置面积"), "m2"),
    "buildings": (mark("有闲置的厂房栋数"), ""),
    "whole": (mark("整栋闲置栋数"), ""),
    "vacant": (mark("当日空置面积"), "m2"),
    "built": (mark("已建成面积"), "m2"),
    "stock": (mark("已建成栋数"), ""),
}


def least_vacant(stock: Stock, first: np.datetime64, last: np.datetime64) -> NDArray[np.float64]:
    """Least vacant area (m²) of each building on any day from ``first`` to ``last``; 0 if not accepted by the first.

    What is let only grows on the day on which a lease begins, so only those days are looked at.
    """
    area = np.array([float(value) for value in stock.area])
    taking = np.flatnonzero((stock.owner >= 0) & stock.takes)
    leases = pd.DataFrame(
        {
            "owner": stock.owner[taking],
            "area": [float(stock.lease_area[row]) for row in taking.tolist()],
            "start": np.fmax(stock.lease_from[taking], first),
            "end": np.where(np.isnat(stock.lease_to[taking]), last, stock.lease_to[taking]),
        }
    )
    leases = leases[(leases["start"] <= last) & (leases["end"] >= leases["start"])]
    days = leases[["owner", "start"]].drop_duplicates().rename(columns={"start": "day"})
    pairs = days.merge(leases, on="owner")
    running = pairs[(pairs["start"] <= pairs["day"]) & (pairs["end"] >= pairs["day"])]
    most = running.groupby(["owner", "day"])["area"].sum().groupby("owner").max()
    let = np.zeros(len(area))
    let[most.index.to_numpy(dtype=np.int64)] = most.to_numpy()
    stands = stock.built(first) & stock.built(last)
    return np.where(stands, np.maximum(np.round(area - let, 6), 0.0), 0.0)


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """Judge the floors on the day; what counts as stock is said by the target of the factory reserve."""
    target, day = policy.target(TARGET), read.day_number(as_of)
    reserve, factories = policy.target(factory_reserve.TARGET), tables["factory"]
    place = placed("factory", factories, np.ones(len(factories), dtype=np.bool_), units, target)
    counts = np.isin(place.rows, _positions(factories, reserve))
    # Findings on the stock itself stand with the reserve.
    stock = read_stock(place.frame, tables["lease"], reserve, [])
    months = int(target.parameters["idle_months"])
    first = np.datetime64((pd.Timestamp(as_of) - pd.DateOffset(months=months)).date(), "D")
    idle = np.where(counts, least_vacant(stock, first, day), 0.0)
    built = stock.built(day) & counts
    area = np.array([float(value) for value in stock.area])
    vacant = np.array([float(value) for value in stock.vacant(day)])
    whole = (idle > 0) & (idle >= area)
    total = place.sums(idle)
    beyond = np.maximum(total - reserve.value, 0.0)
    beyond[-1] = beyond[:-1].sum()
    sums = {
        "beyond": beyond,
        "idle": total,
        "required": np.full(len(place.tree) + 1, target.value),
        "buildings": place.sums(idle > 0),
        "whole": place.sums(whole),
        "vacant": place.sums(np.where(counts, vacant, 0.0)),
        "built": place.sums(np.where(built, area, 0.0)),
        "stock": place.sums(built),
    }
    rows = np.flatnonzero(idle > 0)
    since = stock.accepted
    texts = (
        tr("{date} 验收；连续 {months} 个月以上空置 {idle} ㎡，共 {area} ㎡"),
        tr("{date} 验收；整栋空置 {months} 个月以上，{area} ㎡"),
    )
    why = [
        texts[int(whole[row])].format(date=since[row], months=months, idle=f"{idle[row]:,.2f}", area=f"{area[row]:,.2f}")
        for row in rows.tolist()
    ]  # fmt: skip
    evidence = place.evidence(rows, idle[rows], why, {"area": area[rows].tolist()}, label="building_id")
    evidence["label"] = [labels_of(place.frame)[row] for row in rows.tolist()] if len(rows) else []
    known = bool(len(factories))
    return counted(
        place, policy, target, TITLE, as_of, as_of.isoformat(), FIGURES, sums,
        lambda figures: _judge(figures, target, known, months), evidence,
    )  # fmt: skip


def _positions(factories: gpd.GeoDataFrame, reserve: Target) -> NDArray[np.int64]:
    """Places of the buildings that the reserve counts."""
    kept = countable(factories, reserve, [])
    return np.flatnonzero(factories.index.isin(kept.index))


def _judge(
    figures: Mapping[str, float | None], target: Target, known: bool, months: int
) -> tuple[Verdict, str]:
    if not known:
        return Verdict.NOT_JUDGED, tr("项目中没有标准化厂房数据，请先导入")
    number = {key: value or 0.0 for key, value in figures.items()}
    if not number["stock"]:
        return Verdict.EMPTY, tr("没有已建成的厂房")
    text = tr(
        "已建成 {stock} 栋 {built} ㎡，当日空置 {vacant} ㎡；连续 {months} 个月以上空置 {idle} ㎡，涉及 {count} 栋，其中整栋 {whole} 栋",
        stock=int(number["stock"]), built=f"{number['built']:,.2f}", vacant=f"{number['vacant']:,.2f}", months=months,
        idle=f"{number['idle']:,.2f}", count=int(number["buildings"]), whole=int(number["whole"]),
    )  # fmt: skip
    if number["beyond"]:
        text += tr("；超出应储备面积 {beyond} ㎡", beyond=f"{number['beyond']:,.2f}")
    return fault_verdict(target, number[target.figure], number["stock"], 0.0), text
