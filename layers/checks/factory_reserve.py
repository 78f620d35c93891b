"""标准化厂房动态储备: does every unit keep enough built and vacant floor area, on a given day?

Definitions of the domain reference §7, every choice a parameter of the policy:
``available(b, t)`` is 0 unless the building is accepted by t and not demolished by t, else its rentable
area less what is leased, sold or used on t (both dates of a lease are inclusive), not below 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import tables as read
from layers.checks.factory_history import Vacancy
from layers.checks.factory_stock import (
    Stock,
    countable,
    due_dates,
    labels_of,
    pipeline,
    read_stock,
    undecided,
)
from layers.checks.result import CheckResult, Finding, Series, UnitResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "check"]

TARGET = "factory_reserve"
TITLE = mark("标准化厂房动态储备")

# Figure → (title, unit). "vacant" or "built", as the policy's basis says, is the one that is judged.
FIGURES: Mapping[str, tuple[str, str]] = {
    "vacant": (mark("可用储备"), "m2"),
    "required": (mark("应储备"), "m2"),
    "surplus": (mark("余缺（正为余）"), "m2"),
    "built": (mark("已建成"), "m2"),
    "let": (mark("已租售自用"), "m2"),
    "intent": (mark("意向（不扣减）"), "m2"),
    "pipeline": (mark("在建（期内竣工）"), "m2"),
    "forecast": (mark("可用加在建"), "m2"),
    "not_judged": (mark("建成日期不明"), "m2"),
    "gross_vacant": (mark("区域合计可用储备"), "m2"),
    "year_minimum": (mark("本年最低可用储备"), "m2"),
    "forecast_end": (mark("预测期末可用储备"), "m2"),
    "buildings": (mark("厂房数"), ""),
}


def check(
    factories: gpd.GeoDataFrame,
    leases: pd.DataFrame,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """Judge every unit on the day ``as_of``. Areas in m²; sums are exact decimals of the stored figures."""
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    findings: list[Finding] = []
    frame = countable(factories, target, findings)
    day = read.day_number(as_of)
    stock = read_stock(frame, leases, target, findings)
    unit, notes = tree.assign(frame, tree.epsg)
    findings += [
        Finding(
            "error" if note.kind != "conflict" else "note",
            tr("厂房 {label}：{text}", label=labels_of(frame)[note.row], text=note.text),
            "factory",
            note.uuid,
        )
        for note in notes
    ]
    built, vacant = stock.built(day), stock.vacant(day)
    taken = stock.taken(stock.running(day) & stock.takes)
    intent = stock.taken(stock.running(day) & ~stock.takes)
    uuids, labels = read.texts(frame, "uuid"), labels_of(frame)
    for row in np.flatnonzero(built):
        if taken[row] > stock.area[row]:
            text = tr(
                "厂房 {label} 当日租售合计 {taken} ㎡，超过可租售面积 {area} ㎡，按零计",
                label=labels[row],
                taken=_plain(taken[row]),
                area=_plain(stock.area[row]),
            )
            findings.append(Finding("error", text, "factory", uuids[row]))
    unknown = undecided(frame, stock, day, labels, uuids, findings)
    due = due_dates(frame, stock, day)
    coming = pipeline(due, day, target)
    compared = target.figure
    judged = [
        Decimal(0) if not is_built else (area if compared == "built" else free)
        for is_built, area, free in zip(built, stock.area, vacant, strict=True)
    ]
    vacancy = Vacancy.of(stock, unit, tree.codes)
    minima = vacancy.year_minima(as_of) if len(frame) else {}
    series = vacancy.monthly(due, as_of, target) if len(frame) else ()
    _overdue(frame, stock, due, day, findings)
    results = []
    for code, name in zip(tree.codes, tree.names, strict=True):
        mine = np.array([item == code for item in unit], dtype=np.bool_)
        inside = np.array([item == code or _within(tree, item, code) for item in unit], dtype=np.bool_)
        results.append(
            _unit_result(
                code,
                name,
                target,
                has_stock=bool(len(factories)),
                judged=read.total(judged, mine),
                sums={
                    "vacant": read.total(vacant, mine),
                    "built": read.total(stock.area, mine & built),
                    "let": read.total(
                        [min(a, b) for a, b in zip(taken, stock.area, strict=True)], mine & built
                    ),
                    "intent": read.total(intent, mine & built),
                    "pipeline": read.total(stock.area, mine & coming),
                    "not_judged": read.total(stock.area, mine & unknown),
                },
                gross=read.total(vacant, inside) if tree.children(code) else None,
                minimum=minima.get(code),
                series=next((item for item in series if item.unit == code), None),
                buildings=int(np.count_nonzero(mine & built)),
            )
        )
    rows = np.flatnonzero(built | coming | unknown).tolist()
    proof = read.evidence(
        {
            "unit": [unit[row] for row in rows],
            "table": ["factory"] * len(rows),
            "uuid": [uuids[row] for row in rows],
            "label": [labels[row] for row in rows],
            "amount": [float(judged[row]) for row in rows],
            "why": [_why(row, stock, built, taken, coming) for row in rows],
            "area": [float(stock.area[row]) for row in rows],
            "let": [float(taken[row]) if built[row] else 0.0 for row in rows],
            "intent": [float(intent[row]) if built[row] else 0.0 for row in rows],
            "pipeline": [float(stock.area[row]) if coming[row] else 0.0 for row in rows],
        },
        read.geometries(frame)[rows],
        tree.epsg,
    )
    return CheckResult(
        id=TARGET,
        title=tr(TITLE),
        clause=read.clause(policy, TARGET),
        as_of=as_of,
        period=as_of.isoformat(),
        units=tuple(results),
        city=None,
        evidence=proof,
        figure_units={key: (tr(title), measure) for key, (title, measure) in FIGURES.items()},
        findings=tuple(findings),
        parameters=dict(target.parameters),
        series=series,
    )


def _overdue(
    frame: pd.DataFrame,
    stock: Stock,
    due: NDArray[np.datetime64],
    day: np.datetime64,
    findings: list[Finding],
) -> None:
    """Say how much being built has no date at which the forecast could count it."""
    building = np.array(
        [state == "under_construction" for state in read.texts(frame, "state")], dtype=np.bool_
    )
    open_works = building & ~(stock.accepted <= day) & ~stock.gone
    count = int(np.count_nonzero(open_works & ~(due > day)))
    if count:
        text = tr("{count} 栋在建厂房没有计划竣工日期，或该日期已过，逐月预测不计入", count=count)
        findings.append(Finding("note", text, "factory"))


def _plain(value: Decimal) -> str:
    return f"{value:,.2f}"


def _within(tree: UnitTree, code: str | None, outer: str) -> bool:
    return code is not None and outer in tree.ancestors(code)


def _why(
    row: int,
    stock: Stock,
    built: NDArray[np.bool_],
    taken: list[Decimal],
    pipeline: NDArray[np.bool_],
) -> str:
    if built[row]:
        if not taken[row]:
            return tr("{date} 验收，当日空置", date=stock.accepted[row])
        return tr(
            "{date} 验收，当日已租售自用 {taken} ㎡", date=stock.accepted[row], taken=_plain(taken[row])
        )
    return tr("在建，期内竣工，不计入储备") if pipeline[row] else tr("缺竣工验收备案日期，未判定")


def _unit_result(
    code: str,
    name: str,
    target: Target,
    *,
    has_stock: bool,
    judged: Decimal,
    sums: Mapping[str, Decimal],
    gross: Decimal | None,
    minimum: float | None,
    series: Series | None,
    buildings: int,
) -> UnitResult:
    if not has_stock:
        return UnitResult(
            code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), tr("项目中没有标准化厂房数据，请先导入")
        )
    required = Decimal(repr(target.value))
    met = target.holds(float(judged))
    surplus = judged - required
    outcome = tr("高出 {area} ㎡", area=_plain(surplus)) if met else tr("缺 {area} ㎡", area=_plain(-surplus))
    text = tr(
        "建成 {built} ㎡，已租售自用 {let} ㎡，可用储备 {judged} ㎡，标准 {required} ㎡，{outcome}",
        built=_plain(sums["built"]),
        let=_plain(sums["let"]),
        judged=_plain(judged),
        required=_plain(required),
        outcome=outcome,
    )
    if not met and sums["pipeline"]:
        text += tr("；在建 {area} ㎡ 期内竣工，不计入", area=_plain(sums["pipeline"]))
    if sums["not_judged"]:
        text += tr("；另有 {area} ㎡ 缺验收日期，未判定", area=_plain(sums["not_judged"]))
    ahead = _ahead(series)
    if not met and target.figure == "vacant":
        reached = next((day for day, value in ahead if target.holds(value)), None)
        if reached is not None:
            text += tr("；按租约到期和在建竣工推算，{day} 可达标准", day=reached.isoformat())
    found: dict[str, float | None] = {key: float(value) for key, value in sums.items()}
    found |= {
        "required": float(required),
        "surplus": float(surplus),
        "forecast": float(sums["vacant"] + sums["pipeline"]),
        "gross_vacant": None if gross is None else float(gross),
        "year_minimum": minimum,
        "forecast_end": ahead[-1][1] if ahead else None,
        "buildings": float(buildings),
    }
    return UnitResult(
        code, name, Verdict.MET if met else Verdict.SHORT, {key: found[key] for key in FIGURES}, text
    )


def _ahead(series: Series | None) -> list[tuple[dt.date, float]]:
    """Month ends to come and what is vacant at each; without new leases it only grows."""
    if series is None or series.forecast_from is None:
        return []
    return [
        (day, value)
        for day, value in zip(series.days, series.values, strict=True)
        if day >= series.forecast_from and value is not None
    ]
