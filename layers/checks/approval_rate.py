"""手续办结率: of the year's key industrial projects, those whose main procedures were all done by the end of June.

A procedure that a project does not need (项目名单, 不需办理的手续) is none that it lacks. Before the date there is nothing
to judge unless all is done already; a project of the list that the project layer does not have is not known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import geopandas as gpd
import numpy as np

from gis.text import mark, tr
from gis.units import PERCENT
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.park_records import industries as split_words
from layers.checks.park_records import joined
from layers.checks.project_records import read_list, read_projects, year_of
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "run"]

TARGET = "approval_rate"
TITLE = mark("重点项目主要手续办结率")

FIGURES: Mapping[str, tuple[str, str]] = {
    "rate": (mark("期限时办结率"), "percent"),
    "required": (mark("应达办结率"), "percent"),
    "projects": (mark("重点项目数"), ""),
    "done": (mark("期限时手续齐全的项目"), ""),
    "rate_now": (mark("目前办结率"), "percent"),
    "planning_on": (mark("缺规划手续的项目"), ""),
    "land_on": (mark("缺土地手续的项目"), ""),
    "environment_on": (mark("缺环评的项目"), ""),
    "energy_on": (mark("缺能评的项目"), ""),
    "unknown": (mark("项目图层中没有的项目"), ""),
}
# What a procedure is called, and the words by which a list says that it is not needed.
_STEPS: Mapping[str, str] = {
    "planning_on": mark("规划"),
    "land_on": mark("土地"),
    "environment_on": mark("环评"),
    "energy_on": mark("能评"),
}
_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "planning_on": ("规划",),  # data
    "land_on": ("土地", "用地"),  # data
    "environment_on": ("环评", "环境"),  # data
    "energy_on": ("能评", "节能"),  # data
}


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Judge the city by the rate on the policy's date, and every unit as its part of it."""
    target = policy.target(TARGET)
    parameters = assembling.definition(target)
    tree = read.tree_for(units, parameters["units"])
    findings: list[Finding] = []
    chosen = year_of(target.period, as_of, year)
    projects = read_projects(tables["investment"], tree, findings)
    listed = read_list(
        tables["project_list"], str(parameters["list"]), chosen, projects, tree, as_of, findings
    )
    findings = [item for item in findings if item.table == "project_list"]
    deadline = dt.date.fromisoformat(f"{chosen:04d}-{parameters['deadline']}")
    today = read.day_number(as_of)
    limit = min(read.day_number(deadline), today)
    count = len(listed.ids)
    known = listed.project >= 0
    steps = {name: np.full(count, np.datetime64("NaT", "D")) for name in parameters["steps"]}
    for name, days in steps.items():
        days[known] = read.dates(projects.frame, name)[listed.project[known]]
    needed = _needed(listed.frame, list(steps), findings)
    lacking = {name: known & needed[name] & ~(days <= limit) for name, days in steps.items()}
    lacking_now = {name: known & needed[name] & ~(days <= today) for name, days in steps.items()}
    nothing_lacks = np.zeros(count, dtype=np.bool_)
    done = known & ~np.logical_or.reduce([*lacking.values(), nothing_lacks])
    done_now = known & ~np.logical_or.reduce([*lacking_now.values(), nothing_lacks])
    for row in np.flatnonzero(~known):
        text = tr("名单中的项目 {label} 不在项目图层中，手续不明", label=listed.labels[row])
        findings.append(Finding("warning", text, "project_list", str(read.texts(listed.frame, "uuid")[row])))
    nothing = (
        ""
        if listed.anything
        else tr("没有{year}年市级重点工业项目名单，请把名单导入“项目名单”表", year=chosen)
    )

    def judge(code: str, name: str) -> UnitResult:
        if nothing:
            return UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), nothing)
        mine = assembling.by_unit(listed.unit, code)
        whole = int(mine.sum())
        found: dict[str, float | None] = dict.fromkeys(FIGURES)
        found |= {
            "rate": float((mine & done).sum() * PERCENT / whole) if whole else None,
            "required": target.value * PERCENT,
            "projects": float(whole),
            "done": float((mine & done).sum()),
            "rate_now": float((mine & done_now).sum() * PERCENT / whole) if whole else None,
            "unknown": float((mine & ~known).sum()),
        }
        found |= {step: float((mine & rows).sum()) for step, rows in lacking.items()}
        return _unit(code, name, found, target, deadline, as_of)

    uuids = read.texts(listed.frame, "uuid")
    rows = [
        {
            "unit": listed.unit[row], "table": "project_list", "uuid": uuids[row], "label": listed.labels[row],
            "amount": float(done[row]),
            "why": tr("不在项目图层中，手续不明") if not known[row] else _why(
                [tr(_STEPS[name]) for name in steps if lacking[name][row]], late=bool(done_now[row])
            ),
            "geometry": listed.shapes[row],
        }
        for row in range(count)
    ]  # fmt: skip
    results, city = assembling.everywhere(tree, target, judge)
    return assembling.assembled(
        target, TITLE, FIGURES, policy, as_of=as_of, period=tr("{year}年二季度末（{day}）", year=chosen, day=deadline.isoformat()),
        units=results, city=city, evidence=assembling.evidence_of(rows, (), tree), findings=findings, year=chosen,
    )  # fmt: skip


def _needed(frame: gpd.GeoDataFrame, steps: list[str], findings: list[Finding]) -> dict[str, np.ndarray]:
    """For each procedure which projects need it: all but those whose list row says not."""
    needed = {name: np.ones(len(frame), dtype=np.bool_) for name in steps}
    uuids = read.texts(frame, "uuid")
    for row, text in enumerate(read.texts(frame, "exempt")):
        for word in split_words(text):
            found = [name for name in steps if any(item in word for item in _SPELLINGS[name])]
            for name in found:
                needed[name][row] = False
            if not found:
                message = tr("不需办理的手续“{word}”不认识，按需要办理", word=word)
                findings.append(Finding("warning", message, "project_list", uuids[row]))
    return needed


def _why(lacking: list[str], *, late: bool) -> str:
    if not lacking:
        return tr("手续齐全")
    text = tr("期限时缺{steps}", steps=joined(lacking))
    return text + tr("，现已补齐") if late else text


def _unit(
    code: str,
    name: str,
    found: dict[str, float | None],
    target: Target,
    deadline: dt.date,
    as_of: dt.date,
) -> UnitResult:
    whole, done, unknown = (found[key] or 0.0 for key in ("projects", "done", "unknown"))
    if not whole:
        return UnitResult(code, name, Verdict.EMPTY, found, tr("名单中没有项目，不作判定"))
    text = tr(
        "重点项目 {count} 个，主要手续齐全 {done} 个，办结率 {rate}%，标准 {required}%",
        count=f"{whole:g}",
        done=f"{done:g}",
        rate=f"{found['rate']:.1f}",
        required=f"{found['required']:g}",
    )
    if unknown:
        text += tr("；{count} 个不在项目图层中，手续不明", count=f"{unknown:g}")
    if found["rate_now"] != found["rate"]:
        text += tr("；目前办结率 {rate}%", rate=f"{found['rate_now']:.1f}")
    if target.holds(done / whole):
        verdict = Verdict.MET
    elif as_of < deadline:
        verdict = Verdict.EMPTY
        text += tr("；期限 {day} 未到，尚不判定", day=deadline.isoformat())
    else:
        # Even if all that is not known were done.
        verdict = Verdict.NOT_JUDGED if target.holds((done + unknown) / whole) else Verdict.SHORT
    return UnitResult(code, name, verdict, found, text)
