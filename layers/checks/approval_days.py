"""审批时限: working days from acceptance to the last approval step of each project, less the days it rested.

Day 1 is the working day after acceptance. What was approved after the day is unknown on it: such a project is still
running, and over its time as soon as more days have gone by than the policy allows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.project_records import Projects, read_projects
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree
from layers.working_days import WorkingDays, working_days

__all__ = ["FIGURES", "TARGET", "TITLE", "judge_days", "run"]

TARGET = "approval_days"
TITLE = mark("项目审批时限")

FIGURES: Mapping[str, tuple[str, str]] = {
    "longest": (mark("最长用时（工作日）"), ""),
    "required": (mark("时限（工作日）"), ""),
    "average": (mark("平均用时（工作日）"), ""),
    "cases": (mark("已受理项目"), ""),
    "done": (mark("已办结项目"), ""),
    "over": (mark("超时项目"), ""),
    "running": (mark("在办未超时项目"), ""),
    "unclear": (mark("未能判定的项目"), ""),
    "suspended": (mark("中止天数合计（工作日）"), ""),
}

Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class _Cases:
    """Accepted projects: days used (-1: not to be told), days rested, whether they are through."""

    accepted: Days
    end: Days
    done: NDArray[np.bool_]
    used: NDArray[np.int64]
    rested: NDArray[np.int64]
    why_unclear: list[str]


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Judge by the calendar that the program knows."""
    return judge_days(tables, units, policy, as_of, year, working_days())


def judge_days(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    as_of: dt.date,
    year: int | None,
    calendar: WorkingDays,
) -> CheckResult:
    """Judge every project accepted by the day (in ``year``, if that is given); the city stands for all of them."""
    target = policy.target(TARGET)
    parameters = assembling.definition(target)
    tree = read.tree_for(units, parameters["units"])
    findings: list[Finding] = []
    frame = tables["investment"]
    accepted = read.dates(frame, "accepted_on")
    wanted = accepted <= read.day_number(as_of)
    if year is not None:
        wanted &= accepted.astype("datetime64[Y]").astype(np.int64) + 1970 == year
    projects = read_projects(frame.iloc[np.flatnonzero(wanted)], tree, findings)
    cases = _cases(projects, tables["suspension"], parameters, as_of, calendar)
    over = np.array([used >= 0 and not target.holds(float(used)) for used in cases.used], dtype=np.bool_)
    unclear = (cases.used < 0) & ~over
    for row in np.flatnonzero(unclear):
        text = tr("{label}：{text}", label=projects.labels[row], text=cases.why_unclear[row])
        findings.append(Finding("warning", text, "investment", projects.uuids[row]))
    nothing = ""
    if not len(frame):
        nothing = tr("项目中没有项目数据，请先导入项目图层（含受理日期与各项手续办结日期）")
    elif np.isnat(accepted).all():
        nothing = tr("项目图层没有受理日期，请补填或重新导入")

    def judge(code: str, name: str) -> UnitResult:
        if nothing:
            return UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), nothing)
        mine = assembling.by_unit(projects.unit, code)
        return _unit(code, name, cases, mine, over, unclear, target)

    rows = [
        {
            "unit": projects.unit[row], "table": "investment", "uuid": projects.uuids[row], "label": projects.labels[row],
            "amount": None if cases.used[row] < 0 else float(cases.used[row]),
            "why": _why(cases, row, over=bool(over[row])), "accepted": cases.accepted[row].item(),
            "ended": cases.end[row].item() if cases.done[row] else None, "rested": float(cases.rested[row]),
            "geometry": projects.shapes[row],
        }
        for row in range(len(projects))
    ]  # fmt: skip
    results, city = assembling.everywhere(tree, target, judge)
    return assembling.assembled(
        target, TITLE, FIGURES, policy, as_of=as_of,
        period=as_of.isoformat() if year is None else assembling.year_period(year, as_of), units=results, city=city,
        evidence=assembling.evidence_of(rows, ("accepted", "ended", "rested"), tree), findings=findings,
        calendar_years=list(calendar.years),
    )  # fmt: skip


def _cases(
    projects: Projects,
    suspensions: gpd.GeoDataFrame,
    parameters: Mapping[str, Any],
    as_of: dt.date,
    calendar: WorkingDays,
) -> _Cases:
    day = read.day_number(as_of)
    accepted = read.dates(projects.frame, "accepted_on")
    steps = np.stack([read.dates(projects.frame, name) for name in parameters["steps"]])
    steps[steps > day] = np.datetime64("NaT")
    done = np.asarray(~np.isnat(steps).any(axis=0))
    end = np.where(done, np.max(steps, axis=0), day)
    before = end < accepted
    # Day 1 is the day after, or the day of acceptance itself where the policy counts that.
    start = accepted if parameters["first_day"] == "next" else accepted - np.timedelta64(1, "D")
    used = calendar.after(start, end)
    rested = _rested(projects, suspensions, start, end, calendar)
    used = np.where(used >= 0, used - rested, used)
    why = [
        tr("办结日期早于受理日期")
        if early
        else tr(
            "{first}年至{last}年中有没有工作日表的年份，不能计算工作日；可在 working_days.toml 中补充",
            first=str(begin)[:4],
            last=str(finish)[:4],
        )
        for early, begin, finish in zip(before, accepted, end, strict=True)
    ]
    return _Cases(accepted, end, done, used, rested, why)


def _rested(
    projects: Projects, suspensions: gpd.GeoDataFrame, start: Days, end: Days, calendar: WorkingDays
) -> NDArray[np.int64]:
    """Working days of each case within its suspensions; a day in two of them rests once."""
    rested = np.zeros(len(projects), dtype=np.int64)
    begin, finish = read.dates(suspensions, "from_date"), read.dates(suspensions, "to_date")
    by_case: dict[int, list[tuple[np.datetime64, np.datetime64]]] = {}
    for row, number in enumerate(read.texts(suspensions, "project_id")):  # a ledger of some hundreds
        case = projects.row.get(number)
        if case is not None and not np.isnat(begin[row]):
            last = end[case] if np.isnat(finish[row]) else min(finish[row], end[case])
            # Half-open to the left, as the time used is counted.
            first = max(begin[row] - np.timedelta64(1, "D"), start[case])
            if first < last:
                by_case.setdefault(case, []).append((first, last))
    for case, spans in by_case.items():
        merged: list[tuple[np.datetime64, np.datetime64]] = []
        for first, last in sorted(spans):
            if merged and first <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        counted = calendar.after(
            np.array([first for first, _ in merged]), np.array([last for _, last in merged])
        )
        rested[case] = int(counted[counted > 0].sum())
    return rested


def _unit(
    code: str,
    name: str,
    cases: _Cases,
    mine: NDArray[np.bool_],
    over: NDArray[np.bool_],
    unclear: NDArray[np.bool_],
    target: Target,
) -> UnitResult:
    used = cases.used[mine & ~unclear]
    finished = cases.used[mine & cases.done & ~unclear]
    found: dict[str, float | None] = {
        "longest": float(used.max()) if len(used) else None,
        "required": target.value,
        "average": float(finished.mean()) if len(finished) else None,
        "cases": float(mine.sum()),
        "done": float(len(finished)),
        "over": float((mine & over).sum()),
        "running": float((mine & ~cases.done & ~over & ~unclear).sum()),
        "unclear": float((mine & unclear).sum()),
        "suspended": float(cases.rested[mine].sum()),
    }
    if not mine.any():
        return UnitResult(code, name, Verdict.EMPTY, found, tr("没有已受理的项目，不作判定"))
    text = tr(
        "已受理项目 {cases} 个，办结 {done} 个，超过 {required} 个工作日的 {over} 个",
        cases=f"{found['cases']:g}",
        done=f"{found['done']:g}",
        required=f"{target.value:g}",
        over=f"{found['over']:g}",
    )
    if found["longest"] is not None:
        text += tr("；最长 {days} 个工作日", days=f"{found['longest']:g}")
    if found["running"]:
        text += tr("；在办未超时 {count} 个", count=f"{found['running']:g}")
    if found["unclear"]:
        text += tr("；未能判定 {count} 个", count=f"{found['unclear']:g}")
    if found["over"]:
        verdict = Verdict.SHORT
    elif found["unclear"]:
        verdict = Verdict.NOT_JUDGED
    else:
        verdict = Verdict.MET if found["done"] else Verdict.EMPTY
    return UnitResult(code, name, verdict, found, text)


def _why(cases: _Cases, row: int, *, over: bool) -> str:
    if cases.used[row] < 0:
        return cases.why_unclear[row]
    words = {
        (True, False): mark("{days} 个工作日办结"),
        (True, True): mark("{days} 个工作日办结，超时"),
        (False, False): mark("在办，已用 {days} 个工作日"),
        (False, True): mark("在办，已用 {days} 个工作日，超时"),
    }
    text = tr(words[bool(cases.done[row]), over], days=int(cases.used[row]))
    if cases.rested[row]:
        text += tr("（另中止 {days} 个工作日）", days=int(cases.rested[row]))
    return text
