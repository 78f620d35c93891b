"""Numbers of projects that the measures ask for: in reserve, selected for application, under technical renewal.

Reserve and selection are yearly lists (项目名单); without the list of the year there is no verdict. Renewal is counted
from the project layer by kind and dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.text import mark, tr
from gis.units import UNIT_FACTORS
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.project_records import Listed, in_yi, read_list, read_projects, year_of
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes, code_table
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = [
    "APPLICATION",
    "INVESTMENT",
    "RENEWAL",
    "RESERVE",
    "TITLES",
    "run_application",
    "run_investment",
    "run_renewal",
    "run_reserve",
]

RESERVE, INVESTMENT = "project_reserve", "project_investment"
RENEWAL, APPLICATION = "renewal_projects", "industrialisation_projects"
TITLES: Mapping[str, str] = {
    RESERVE: mark("重点工业项目储备"),
    INVESTMENT: mark("储备项目总投资"),
    RENEWAL: mark("技术改造项目"),
    APPLICATION: mark("产业化应用项目"),
}

FIGURES: Mapping[str, tuple[str, str]] = {
    "projects": (mark("项目数"), ""),
    "investment": (mark("总投资"), "yi_yuan"),
    "gap": (mark("尚差"), ""),
    "without_amount": (mark("无总投资的项目"), ""),
    "removed": (mark("已移出的项目"), ""),
}

Tables = Mapping[str, gpd.GeoDataFrame]


def _by_list(
    target_id: str,
    tables: Tables,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Projects on the target's list of the year, by number or by total investment."""
    target = policy.target(target_id)
    parameters = assembling.definition(target)
    tree = read.tree_for(units, parameters["units"])
    findings: list[Finding] = []
    chosen = year_of(target.period, as_of, year)
    kind = str(parameters["list"])
    projects = read_projects(tables["investment"], tree, findings)
    listed = read_list(tables["project_list"], kind, chosen, projects, tree, as_of, findings)
    findings = [
        item for item in findings if item.table == "project_list"
    ]  # of the layer only what the list needs
    amounts = _amounts(listed, projects.frame)
    nothing = (
        ""
        if listed.anything
        else tr(
            "没有{year}年“{list}”名单，请把名单导入“项目名单”表",
            year=chosen,
            list=code_table("project_list_kind").title(kind),
        )
    )
    rows = [
        {
            "unit": listed.unit[row], "table": "project_list", "uuid": uuid, "label": listed.labels[row],
            "amount": 1.0 if target.figure == "projects" else in_yi(amounts[row] or Decimal(0)),
            "why": _why(amounts[row]), "investment": None if amounts[row] is None else in_yi(amounts[row] or Decimal(0)),
            "geometry": listed.shapes[row],
        }
        for row, uuid in enumerate(read.texts(listed.frame, "uuid"))
    ]  # fmt: skip
    return _judged(
        target, policy, tree, listed.unit, amounts, rows, findings, as_of, chosen, nothing, listed.removed
    )


run_reserve = partial(_by_list, RESERVE)
run_investment = partial(_by_list, INVESTMENT)
run_application = partial(_by_list, APPLICATION)


def run_renewal(
    tables: Tables,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Renewal projects that were under way (or begun, as the policy says) in the year, as known on the day."""
    target = policy.target(RENEWAL)
    parameters = assembling.definition(target)
    tree = read.tree_for(units, parameters["units"])
    findings: list[Finding] = []
    chosen = year_of(target.period, as_of, year)
    frame = tables["investment"]
    kinds = read.texts(frame, "kind")
    wanted = np.array([kind in parameters["kinds"] for kind in kinds], dtype=np.bool_)
    first, last = assembling.year_days(chosen, as_of)
    started, finished = read.dates(frame, "started_on"), read.dates(frame, "production_on")
    under_way = (started <= last) & ~(finished < first)
    if parameters["counts"] == "started":
        under_way &= started >= first
    undated = wanted & np.isnat(started)
    if undated.any():
        text = tr("{count} 个技术改造项目没有开工日期，未计", count=int(undated.sum()))
        findings.append(Finding("note", text, "investment"))
    kept = np.flatnonzero(wanted & under_way).tolist()
    projects = read_projects(frame.iloc[kept], tree, findings)
    amounts = [
        None if value != value else read.exact([value])[0]
        for value in read.figures(projects.frame, "total_investment").tolist()
    ]
    if not len(frame):
        nothing = tr("项目中没有项目数据，请先导入项目图层（含项目类别、开工日期）")
    elif not any(kinds):
        nothing = tr("项目图层没有填写项目类别，请补填或重新导入")
    else:
        nothing = ""
    rows = [
        {
            "unit": projects.unit[row], "table": "investment", "uuid": projects.uuids[row], "label": projects.labels[row],
            "amount": 1.0, "why": tr("{day} 开工", day=started[kept[row]]) + (
                tr("，{day} 投产", day=finished[kept[row]]) if finished[kept[row]] <= last else ""
            ), "investment": None if amounts[row] is None else in_yi(amounts[row] or Decimal(0)),
            "geometry": projects.shapes[row],
        }
        for row in range(len(projects))
    ]  # fmt: skip
    return _judged(target, policy, tree, projects.unit, amounts, rows, findings, as_of, chosen, nothing, None)


def _amounts(listed: Listed, projects: gpd.GeoDataFrame) -> list[Decimal | None]:
    """Investment in 万元: as the list states it, else as the project layer does."""
    own = read.figures(listed.frame, "total_investment")
    of_project = read.figures(projects, "total_investment")
    found: list[Decimal | None] = []
    for value, project in zip(own.tolist(), listed.project.tolist(), strict=True):
        stated = value if value == value or project < 0 else float(of_project[project])
        found.append(read.exact([stated])[0] if stated == stated else None)
    return found


def _why(amount: Decimal | None) -> str:
    if amount is None:
        return tr("在名单中，未载总投资")
    return tr("在名单中，总投资 {amount} 亿元", amount=f"{in_yi(amount):,.4f}")


def _judged(
    target: Target,
    policy: Policy,
    tree: UnitTree,
    unit: NDArray[np.object_],
    amounts: list[Decimal | None],
    rows: Sequence[Mapping[str, object]],
    findings: Sequence[Finding],
    as_of: dt.date,
    year: int,
    nothing: str,
    removed: int | None,
) -> CheckResult:
    def judge(code: str, name: str) -> UnitResult:
        if nothing:
            return UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), nothing)
        mine = assembling.by_unit(unit, code)
        sums = [amount for amount, own in zip(amounts, mine, strict=True) if own]
        whole = sum((amount for amount in sums if amount is not None), Decimal(0))
        found: dict[str, float | None] = {
            "projects": float(mine.sum()),
            "investment": in_yi(whole),
            "gap": None,
            "without_amount": float(sum(amount is None for amount in sums)),
            "removed": None if code or removed is None else float(removed),
        }
        value = found[target.figure] or 0.0
        text = tr(
            "项目 {count} 个，总投资 {amount} 亿元",
            count=int(mine.sum()),
            amount=f"{found['investment']:,.4f}",
        )
        if found["without_amount"]:
            text += tr("（{count} 个未载总投资，按零计）", count=f"{found['without_amount']:g}")
        return assembling.against(code, name, found, value, text, target)

    figures = {**FIGURES, "gap": (FIGURES["gap"][0], target.unit if target.unit in UNIT_FACTORS else "")}
    units, city = assembling.everywhere(tree, target, judge)
    return assembling.assembled(
        target, TITLES[target.id], figures, policy, as_of=as_of, period=assembling.year_period(year, as_of),
        units=units, city=city, evidence=assembling.evidence_of(rows, ("investment",), tree), findings=findings, year=year,
    )  # fmt: skip
