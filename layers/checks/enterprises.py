"""规上企业净增: enterprises that came into the register of those above scale in a year, less those that left it.

"稳定在库": one that came and left within the year counts for nothing. Entry counts on its day, leaving from its day on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.project_records import year_of
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "run"]

TARGET = "enterprises_above_scale"
TITLE = mark("规上企业净增")

FIGURES: Mapping[str, tuple[str, str]] = {
    "net": (mark("净增"), ""),
    "entered": (mark("入库"), ""),
    "left": (mark("退库"), ""),
    "before": (mark("上年末在库"), ""),
    "now": (mark("期末在库"), ""),
    "gap": (mark("尚差"), ""),
}


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Judge the city by the register at the end of the year (or on the day) against that at the end of the year before."""
    target = policy.target(TARGET)
    tree = read.tree_for(units, assembling.definition(target)["units"])
    findings: list[Finding] = []
    chosen = year_of(target.period, as_of, year)
    frame, repeated = _once(tables["enterprise"])
    findings += repeated
    unit = assembling.placed(frame, tree, "enterprise", findings)
    entry, leaving = read.dates(frame, "above_scale_from"), read.dates(frame, "above_scale_to")
    uuids, names = read.texts(frame, "uuid"), read.texts(frame, "name")
    for row in np.flatnonzero(leaving < entry):
        text = tr("{name}：退库日期早于入库日期", name=names[row])
        findings.append(Finding("error", text, "enterprise", uuids[row]))
    first, last = assembling.year_days(chosen, as_of)
    eve = first - np.timedelta64(1, "D")
    before, now = _standing(entry, leaving, eve), _standing(entry, leaving, last)
    came, went = now & ~before, before & ~now
    nothing = ""
    if not len(frame):
        nothing = tr("项目中没有企业台账，请先导入（含规上入库、退库日期）")
    elif np.isnat(entry).all():
        nothing = tr("企业台账没有规上入库日期，请补填或重新导入")
    elif last < first:
        nothing = tr("时点在{year}年之前，不作判定", year=chosen)

    def judge(code: str, name: str) -> UnitResult:
        if nothing:
            return UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), nothing)
        mine = assembling.by_unit(unit, code)
        found: dict[str, float | None] = {
            "net": float((mine & came).sum()) - float((mine & went).sum()),
            "entered": float((mine & came).sum()),
            "left": float((mine & went).sum()),
            "before": float((mine & before).sum()),
            "now": float((mine & now).sum()),
            "gap": None,
        }
        text = tr(
            "入库 {entered} 户，退库 {left} 户，净增 {net} 户，期末在库 {now} 户",
            entered=f"{found['entered']:g}",
            left=f"{found['left']:g}",
            net=f"{found['net']:g}",
            now=f"{found['now']:g}",
        )
        return assembling.against(code, name, found, found["net"] or 0.0, text, target)

    rows = [
        {
            "unit": unit[row], "table": "enterprise", "uuid": uuids[row], "label": names[row],
            "amount": 1.0 if came[row] else -1.0,
            "why": tr("{day} 入库", day=entry[row]) if came[row] else tr("{day} 退库", day=leaving[row]),
            "geometry": None,
        }
        for row in np.flatnonzero(came | went).tolist()
    ]  # fmt: skip
    results, city = assembling.everywhere(tree, target, judge)
    return assembling.assembled(
        target, TITLE, FIGURES, policy, as_of=as_of, period=assembling.year_period(chosen, as_of), units=results,
        city=city, evidence=assembling.evidence_of(rows, (), tree), findings=findings, year=chosen,
    )  # fmt: skip


def _standing(
    entry: NDArray[np.datetime64], leaving: NDArray[np.datetime64], day: np.datetime64
) -> NDArray[np.bool_]:
    """In the register on a day: from the day of entry until the day before leaving."""
    return (entry <= day) & ~(leaving <= day)


def _once(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Each enterprise once: of a credit code that stands twice the first row counts."""
    codes, uuids = read.texts(frame, "credit_code"), read.texts(frame, "uuid")
    keep, findings, seen = [], [], set()
    for row, code in enumerate(codes):  # some thousands of enterprises
        if code and code in seen:
            text = tr("统一社会信用代码 {code} 重复，只计一次", code=code)
            findings.append(Finding("warning", text, "enterprise", uuids[row]))
        else:
            seen.add(code)
            keep.append(row)
    return frame.iloc[keep], findings
