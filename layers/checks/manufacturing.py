"""招商引资: the share of manufacturing in what is newly brought in, and the growth of funds received by it.

A project that does not say whether it is manufacturing is counted both ways; where that decides, nothing is judged.
Growth compares the year up to the day with the same days of the year before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import geopandas as gpd
import numpy as np

from gis.text import mark, tr
from gis.units import PERCENT
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.project_records import in_yi, manufacturing, read_projects, year_of
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["GROWTH", "GROWTH_TITLE", "SHARE", "SHARE_TITLE", "run_growth", "run_share"]

SHARE, GROWTH = "manufacturing_share", "manufacturing_growth"
SHARE_TITLE = mark("新引进项目制造业投资占比")
GROWTH_TITLE = mark("制造业项目到位资金增速")

SHARE_FIGURES: Mapping[str, tuple[str, str]] = {
    "share": (mark("制造业占比"), "percent"),
    "required": (mark("应达比例"), "percent"),
    "manufacturing": (mark("制造业计划投资"), "yi_yuan"),
    "investment": (mark("新引进项目计划投资"), "yi_yuan"),
    "unknown": (mark("未注明是否制造业的投资"), "yi_yuan"),
    "projects": (mark("新引进项目数"), ""),
}
GROWTH_FIGURES: Mapping[str, tuple[str, str]] = {
    "growth": (mark("增速"), "percent"),
    "required": (mark("应达增速"), "percent"),
    "this_year": (mark("本期到位资金"), "yi_yuan"),
    "last_year": (mark("上年同期到位资金"), "yi_yuan"),
    "unknown": (mark("未注明是否制造业的到位资金"), "yi_yuan"),
}

Tables = Mapping[str, gpd.GeoDataFrame]


def run_share(
    tables: Tables,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Planned investment of manufacturing over all of the projects signed in the year, of the policy's kinds."""
    target = policy.target(SHARE)
    parameters = assembling.definition(target)
    tree = read.tree_for(units, parameters["units"])
    findings: list[Finding] = []
    chosen = year_of(target.period, as_of, year)
    frame = tables["investment"]
    signed = read.dates(frame, "signed_on")
    first, last = assembling.year_days(chosen, as_of)
    kinds = np.array([kind in parameters["kinds"] for kind in read.texts(frame, "kind")], dtype=np.bool_)
    kept = np.flatnonzero(kinds & (signed >= first) & (signed <= last)).tolist()
    projects = read_projects(frame.iloc[kept], tree, findings)
    amount = read.exact(read.figures(projects.frame, "total_investment").tolist())
    is_manufacturing, stated = manufacturing(projects.frame)
    for row in np.flatnonzero(~stated):
        text = tr("项目 {label} 未注明是否制造业", label=projects.labels[row])
        findings.append(Finding("warning", text, "investment", projects.uuids[row]))
    nothing = ""
    if not len(frame):
        nothing = tr("项目中没有项目数据，请先导入项目图层（含签约日期、总投资、是否制造业）")
    elif np.isnat(signed).all():
        nothing = tr("项目图层没有签约日期，请补填或重新导入")

    def judge(code: str, name: str) -> UnitResult:
        if nothing:
            return UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(SHARE_FIGURES), nothing)
        mine = assembling.by_unit(projects.unit, code)
        whole, ours = read.total(amount, mine), read.total(amount, mine & is_manufacturing)
        unknown = read.total(amount, mine & ~stated)
        found: dict[str, float | None] = {
            "share": float(ours * PERCENT / whole) if whole else None,
            "required": target.value * PERCENT,
            "manufacturing": in_yi(ours),
            "investment": in_yi(whole),
            "unknown": in_yi(unknown),
            "projects": float(mine.sum()),
        }
        if not whole:
            return UnitResult(code, name, Verdict.EMPTY, found, tr("本年度没有新引进项目，不作判定"))
        text = tr(
            "新引进项目 {count} 个，计划投资 {whole} 亿元，其中制造业 {ours} 亿元，占 {share}%，标准 {required}%",
            count=int(mine.sum()),
            whole=f"{in_yi(whole):,.4f}",
            ours=f"{in_yi(ours):,.4f}",
            share=f"{found['share']:.2f}",
            required=f"{found['required']:g}",
        )
        least = _reaches(ours, whole, target)
        verdict = _between(least, _reaches(ours + unknown, whole, target))
        if unknown:
            text += tr("；{amount} 亿元未注明是否制造业", amount=f"{in_yi(unknown):,.4f}")
        if verdict is Verdict.NOT_JUDGED:
            text += tr("，补填前不能判定")
        return UnitResult(code, name, verdict, found, text)

    rows = [
        {
            "unit": projects.unit[row], "table": "investment", "uuid": projects.uuids[row], "label": projects.labels[row],
            "amount": in_yi(amount[row]) if is_manufacturing[row] else 0.0,
            "why": (tr("制造业") if is_manufacturing[row] else tr("非制造业")) if stated[row] else tr("未注明是否制造业"),
            "investment": in_yi(amount[row]), "geometry": projects.shapes[row],
        }
        for row in range(len(projects))
    ]  # fmt: skip
    results, city = assembling.everywhere(tree, target, judge)
    return assembling.assembled(
        target, SHARE_TITLE, SHARE_FIGURES, policy, as_of=as_of, period=assembling.year_period(chosen, as_of),
        units=results, city=city, evidence=assembling.evidence_of(rows, ("investment",), tree), findings=findings,
        year=chosen,
    )  # fmt: skip


def _reaches(part: Decimal, whole: Decimal, target: Target) -> bool:
    """Cross-multiplied: no division, so exactly the share is the share."""
    wanted = Decimal(repr(target.value)) * whole
    return part >= wanted if target.operator == ">=" else part <= wanted


def _between(one: bool, other: bool) -> Verdict:
    """Met or short where what is not stated makes no difference, else not judged."""
    if one != other:
        return Verdict.NOT_JUDGED
    return Verdict.MET if one else Verdict.SHORT


def run_growth(
    tables: Tables,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Funds that manufacturing projects received in the year, against the same days of the year before."""
    target = policy.target(GROWTH)
    parameters = assembling.definition(target)
    tree = read.tree_for(units, parameters["units"])
    findings: list[Finding] = []
    chosen = year_of(target.period, as_of, year)
    ledger = tables["funding"]
    projects = read_projects(tables["investment"], tree, findings)
    findings = []  # of the layer nothing: units of projects without funds do not matter
    owner = np.array(
        [projects.row.get(number, -1) for number in read.texts(ledger, "project_id")], dtype=np.int64
    )
    lost = int((owner < 0).sum())
    if lost:
        text = tr("{count} 笔到位资金的项目代码不在项目图层中，未计", count=lost)
        findings.append(Finding("warning", text, "funding"))
    kinds = read.texts(projects.frame, "kind")
    counted = owner >= 0
    counted[counted] = [kinds[row] in parameters["kinds"] for row in owner[counted]]
    is_manufacturing, stated = manufacturing(projects.frame)
    ours, unclear = counted.copy(), counted.copy()
    ours[counted] = is_manufacturing[owner[counted]]
    unclear[counted] = ~stated[owner[counted]]
    unit = np.full(len(ledger), None, dtype=object)
    unit[counted] = projects.unit[owner[counted]]
    amount, day = read.exact(read.figures(ledger, "amount").tolist()), read.dates(ledger, "received_on")
    first, last = assembling.year_days(chosen, as_of)
    now = (day >= first) & (day <= last)
    earlier = (day >= _year_before(first)) & (day <= _year_before(last))
    nothing = "" if len(ledger) else tr("项目中没有到位资金台账，请先导入两个年度的逐笔记录")
    if len(ledger) and not (counted & (day < first)).any():
        nothing = tr("到位资金台账没有{year}年之前的记录，不能算增速，请导入上年记录", year=chosen)

    def judge(code: str, name: str) -> UnitResult:
        if nothing:
            return UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(GROWTH_FIGURES), nothing)
        mine = assembling.by_unit(unit, code)
        new, old = read.total(amount, mine & ours & now), read.total(amount, mine & ours & earlier)
        new_unclear = read.total(amount, mine & unclear & now)
        old_unclear = read.total(amount, mine & unclear & earlier)
        found: dict[str, float | None] = {
            "growth": float((new - old) * PERCENT / old) if old else None,
            "required": target.value * PERCENT,
            "this_year": in_yi(new),
            "last_year": in_yi(old),
            "unknown": in_yi(new_unclear + old_unclear),
        }
        if not old:
            text = tr("上年同期没有制造业到位资金，不能算增速")
            return UnitResult(
                code, name, Verdict.EMPTY if not old_unclear else Verdict.NOT_JUDGED, found, text
            )
        text = tr(
            "到位资金 {new} 亿元，上年同期 {old} 亿元，增速 {growth}%，标准 {required}%",
            new=f"{in_yi(new):,.4f}",
            old=f"{in_yi(old):,.4f}",
            growth=f"{found['growth']:.2f}",
            required=f"{found['required']:g}",
        )
        # Growth is least when all that is unclear was received last year, most when it was received this year.
        verdict = _between(_grows(new, old + old_unclear, target), _grows(new + new_unclear, old, target))
        if new_unclear or old_unclear:
            text += tr("；{amount} 亿元未注明是否制造业", amount=f"{found['unknown']:,.4f}")
        if verdict is Verdict.NOT_JUDGED:
            text += tr("，补填前不能判定")
        return UnitResult(code, name, verdict, found, text)

    chosen_rows = np.flatnonzero((ours | unclear) & (now | earlier)).tolist()
    uuids = read.texts(ledger, "uuid")
    rows = [
        {
            "unit": unit[row], "table": "funding", "uuid": uuids[row], "label": projects.labels[owner[row]],
            "amount": in_yi(amount[row]),
            "why": tr("本期 {day}", day=day[row]) if now[row] else tr("上年同期 {day}", day=day[row]),
            "geometry": projects.shapes[owner[row]],
        }
        for row in chosen_rows
    ]  # fmt: skip
    results, city = assembling.everywhere(tree, target, judge)
    return assembling.assembled(
        target, GROWTH_TITLE, GROWTH_FIGURES, policy, as_of=as_of, period=assembling.year_period(chosen, as_of),
        units=results, city=city, evidence=assembling.evidence_of(rows, (), tree), findings=findings, year=chosen,
    )  # fmt: skip


def _year_before(day: np.datetime64) -> np.datetime64:
    """The same day of the year before; of 29 February the 28th."""
    date: dt.date = day.astype("datetime64[D]").item()
    try:
        return np.datetime64(date.replace(year=date.year - 1), "D")
    except ValueError:
        return np.datetime64(dt.date(date.year - 1, 2, 28), "D")


def _grows(new: Decimal, old: Decimal, target: Target) -> bool:
    return _reaches(new - old, old, target)
