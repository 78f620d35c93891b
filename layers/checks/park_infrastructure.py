"""园区配套: water, power, roads, telecom and gas of every park, and what is missing where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import geopandas as gpd
import numpy as np

from gis.text import mark, tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.park_records import joined, listed, read_parks
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes, code_table
from layers.park import PARK_LAYER
from layers.policy import Policy, Target
from layers.policy_parks import UTILITIES
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "run"]

TARGET = "park_infrastructure"
TITLE = mark("园区水电路讯气配套")

FIGURES: Mapping[str, tuple[str, str]] = {
    "parks": (mark("园区数"), ""),
    "complete": (mark("配套齐全的园区"), ""),
    "missing": (mark("未通项数"), ""),
    "unknown": (mark("未填项数"), ""),
    "water": (mark("未通水的园区"), ""),
    "power": (mark("未通电的园区"), ""),
    "road": (mark("未通路的园区"), ""),
    "telecom": (mark("未通讯的园区"), ""),
    "gas": (mark("未通气的园区"), ""),
}


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - the state of the day is judged
) -> CheckResult:
    """Judge every unit by the utilities that its parks lack; a state that is not stated is no connection and no lack."""
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    findings: list[Finding] = []
    parks = read_parks(tables["park"], tree, as_of, findings)
    wanted = [name for name in UTILITIES if name in target.parameters["utilities"]]
    ready = set(target.parameters["connected_states"])
    states = {name: read.texts(parks.frame, name) for name in wanted}
    lacking = {name: np.array([bool(state) and state not in ready for state in states[name]], dtype=np.bool_) for name in wanted}  # fmt: skip
    unknown = {name: np.array([not state for state in states[name]], dtype=np.bool_) for name in wanted}
    none = np.zeros(len(parks), dtype=np.int64)
    lacks, unknowns = sum(lacking.values(), none), sum(unknown.values(), none)
    rows: list[dict[str, object]] = []
    for row in range(len(parks)):  # some dozens of parks
        missing = [_state(name, states[name][row]) for name in wanted if lacking[name][row]]
        unstated = [PARK_LAYER.field(name).title for name in wanted if unknown[name][row]]
        why = tr("未通：{items}", items=joined(missing)) if missing else tr("所填各项均已通")
        if unstated:
            why += tr("；未填：{items}", items=joined(unstated))
            text = tr("园区“{park}”未填{items}", park=parks.names[row], items=joined(unstated))
            findings.append(Finding("warning", text, "park", parks.uuids[row]))
        rows.append(
            {
                "unit": parks.unit[row], "table": "park", "uuid": parks.uuids[row], "label": parks.names[row],
                "amount": float(lacks[row]), "why": why, "missing": joined(missing), "geometry": parks.shapes[row],
            }
        )  # fmt: skip
    results = []
    for code, name in zip(tree.codes, tree.names, strict=True):
        mine = assembling.by_unit(parks.unit, code)
        found: dict[str, float | None] = dict.fromkeys(FIGURES)
        found |= {
            "parks": float(mine.sum()),
            "complete": float((mine & (lacks == 0) & (unknowns == 0)).sum()),
            "missing": float(lacks[mine].sum()),
            "unknown": float(unknowns[mine].sum()),
        }
        found |= {name: float((mine & lacking[name]).sum()) for name in wanted}
        these = [row for row, own in zip(rows, mine, strict=True) if own and row["missing"]]
        results.append(_judge(code, name, found, these, target, anything=bool(len(tables["park"]))))
    return assembling.assembled(
        target, TITLE, FIGURES, policy, as_of=as_of, period=as_of.isoformat(), units=results, city=None,
        evidence=assembling.evidence_of(rows, ("missing",), tree), findings=findings,
    )  # fmt: skip


def _state(utility: str, state: str) -> str:
    """燃气（在建）."""
    title, word = PARK_LAYER.field(utility).title, code_table("utility_state").title(state)
    return tr("{title}（{state}）", title=title, state=word)


def _judge(
    code: str,
    name: str,
    found: dict[str, float | None],
    lacking: list[dict[str, object]],
    target: Target,
    *,
    anything: bool,
) -> UnitResult:
    if not anything:
        text = tr("项目中没有园区数据，请先导入园区图层（含水、电、路、讯、气状态）")
        return UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), text)
    if not found["parks"]:
        return UnitResult(code, name, Verdict.EMPTY, found, tr("没有园区，不作判定"))
    text = tr(
        "园区 {parks} 个，配套齐全 {complete} 个，未通 {missing} 项",
        parks=f"{found['parks']:g}",
        complete=f"{found['complete']:g}",
        missing=f"{found['missing']:g}",
    )
    text += listed([tr("{label}：{text}", label=row["label"], text=row["missing"]) for row in lacking])
    verdict = Verdict.MET if target.holds(found[target.figure] or 0.0) else Verdict.SHORT
    if found["unknown"]:
        text += tr("；另有 {count} 项未填", count=f"{found['unknown']:g}")
        verdict = Verdict.NOT_JUDGED if verdict is Verdict.MET else verdict
    return UnitResult(code, name, verdict, found, text)
