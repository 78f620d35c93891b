"""工业区块线内工业用地调整: every piece of industrial land inside a line that a plan or a line took away.

Found are (1) another code in a later plan snapshot, (4) a line moved so that the land falls outside and,
by `layers.checks.rezoning_records`, (2, 3) another code of a parcel or of a part of one and (5) a contract for
another use. A piece is one polygon of one plot before, one row after, one line and one unit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.progress import Progress, scaled, silent
from gis.text import mark, tr
from layers.checks import block_lines
from layers.checks import tables as read
from layers.checks.land_use_change import Plan, change_severity, graver, lowered, read_plan
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.checks.rezoning_pieces import Pieces, find_pieces
from layers.checks.rezoning_records import RECORDED, recorded_pieces, with_recorded
from layers.checks.rezoning_table import MU, table_by_unit
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TARGET", "TITLE", "Rezoning", "check", "compare_snapshots"]

TARGET = "rezoning"
TITLE = mark("工业区块线内工业用地调整")

FIGURES: Mapping[str, tuple[str, str]] = {
    "violation": (mark("改为住宅、商业等经营性用地或移出线外"), "m2"),
    "violation_mu": (mark("同上（亩）"), "mu"),
    "review": (mark("改为公益等用途，须有批准"), "m2"),
    "warn": (mark("改为混合用途"), "m2"),
    "note": (mark("其他提示"), "m2"),
    "line_moved": (mark("其中因区块线调整移出"), "m2"),
    "recoded": (mark("其中地块改用途"), "m2"),
    "transferred": (mark("其中供地合同改用途"), "m2"),
    "industrial_lost": (mark("减少的工业用地"), "m2"),
    "slivers": (mark("碎屑（不计）"), "m2"),
    "pieces": (mark("变更块数"), ""),
}


@dataclass(frozen=True)
class Rezoning:
    """All pieces between two snapshots, and what has to be known about them.

    ``pieces`` columns: way (code, line), severity, sliver, unit, unit_name, line, line_name, level,
    before_uuid, before_scheme, before_code, before_title, before_class and the same with ``after_``, area (m²,
    ellipsoidal), mu, share (of the block's area), width (m), industrial_lost (m²), business_share.
    ``lined`` tells whether there were block lines; without them the whole plan was compared.
    """

    pieces: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    lined: bool


def compare_snapshots(
    before_frame: gpd.GeoDataFrame,
    after_frame: gpd.GeoDataFrame,
    lines_before: gpd.GeoDataFrame,
    lines_after: gpd.GeoDataFrame,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    epsg: int,
    *,
    progress: Progress = silent,
) -> Rezoning:
    """Exact pieces of protected land (rows of the policy's matrix) inside a line that were lost.

    Frames are in the plane ``epsg``; ``lines_*`` are the lines in force at the two dates. Without lines
    before, every change of protected land is listed, as a note.
    """
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    before, after = read_plan(before_frame, codes), read_plan(after_frame, codes)
    findings = _plan_findings(before, after)
    old_lines, new_lines = block_lines.read_lines(lines_before), block_lines.read_lines(lines_after)
    lined = len(old_lines.codes) > 0
    if not lined:
        findings.append(
            Finding("warning", tr("没有当时有效的工业区块线：列出全部工业用地变更，不作判定"), "block_line")
        )
    matrix = target.parameters["matrix"]
    protected = np.flatnonzero([use in matrix for use in before.classes])
    found = find_pieces(protected, before, after, old_lines, new_lines, progress=scaled(progress, 0.0, 0.8))
    ways, severities = _judged(found, before, after, old_lines, new_lines, target)
    if not lined:
        severities = np.where(severities == "none", severities, "note")
    kept = np.flatnonzero(severities != "none")
    progress(0.8, tr("正在归属单元"))
    pieces = table_by_unit(
        found.taken(kept, found.shapes[kept]),
        ways[kept],
        severities[kept],
        before,
        after,
        old_lines,
        tree,
        target,
        codes,
        epsg,
    )
    findings += _overlap_findings(pieces)
    progress(1.0, tr("比较完成"))
    return Rezoning(pieces, tuple(findings), lined)


def _plan_findings(before: Plan, after: Plan) -> list[Finding]:
    findings = []
    schemes = sorted({*before.schemes, *after.schemes} - {""})
    if len(schemes) > 1:
        text = tr("两期规划使用不同分类标准（{names}），按归一类别比较", names=tr("、").join(schemes))
        findings.append(Finding("note", text, "land_use"))
    for plan, when in ((before, tr("前期")), (after, tr("后期"))):
        strange = [row for row, parts in enumerate(plan.parts) if "unknown" in parts]
        counts = pd.Series(
            [f"{plan.schemes[row]} {plan.codes[row]}".strip() for row in strange]
        ).value_counts()
        for code, count in counts.items():
            text = tr("{when}代码 {code} 未知，{count} 个图斑未判定", when=when, code=code, count=count)
            findings.append(Finding("warning", text, "land_use"))
    return findings


def _judged(
    pieces: Pieces,
    before: Plan,
    after: Plan,
    old_lines: block_lines.Lines,
    new_lines: block_lines.Lines,
    target: Target,
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Way and severity of each piece; of a piece lost both ways the graver, of equals the code."""
    parameters = target.parameters
    lowers = int(parameters["second_level_lowers"])
    approved = block_lines.approved_codes(new_lines)
    known: dict[tuple[object, ...], str] = {}
    ways, severities = [], []
    for row in range(len(pieces.shapes)):
        old, new, line = pieces.before[row], pieces.after[row], pieces.line[row]
        by_code = by_line = "none"
        if pieces.changed[row]:
            parts = None if new < 0 else after.parts[new]
            fewer = new >= 0 and bool(after.share[new] < before.share[old])
            key = (before.classes[old], before.parts[old], parts, fewer)
            if key not in known:
                known[key] = change_severity(target, *key)
            by_code = known[key]
        if pieces.moved[row]:
            name = "line_moved_approved" if old_lines.codes[line] in approved else "line_moved"
            by_line = str(parameters[name])
        found = graver(by_code, by_line)
        ways.append("code" if found == by_code else "line")
        lower = line >= 0 and old_lines.levels[line] == "second"
        severities.append(lowered(found, lowers) if lower else found)
    return np.array(ways, dtype=object), np.array(severities, dtype=object)


def _overlap_findings(pieces: gpd.GeoDataFrame) -> list[Finding]:
    """Overlapping plots would count land twice: the pieces must add up to their union (§1)."""
    shapes = np.asarray(pieces.geometry.to_numpy(), dtype=object)
    if not len(shapes):
        return []
    twice = float(shapely.area(shapes).sum() - shapely.area(shapely.union_all(shapes)))
    if twice <= max(1.0, len(shapes) / 10_000):
        return []
    text = tr("规划图斑相互重叠，变更块重复 {area} ㎡，请先处理重叠", area=f"{twice:,.2f}")
    return [Finding("error", text, "land_use")]


def check(
    land_use: gpd.GeoDataFrame,
    snapshots: pd.DataFrame,
    block_line: gpd.GeoDataFrame,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - one signature for all checks
    *,
    parcels: gpd.GeoDataFrame | None = None,
    transfers: gpd.GeoDataFrame | None = None,
    lineage: pd.DataFrame | None = None,
    warnings: gpd.GeoDataFrame | None = None,
) -> CheckResult:
    """Judge the last two snapshots up to ``as_of``, the line as it was on the first one's day and as it is.

    With one snapshot the plan itself cannot have changed: what lines, parcels and contracts took is a
    violation, and nothing found is no pass. ``parcels`` and ``transfers`` are held against the newest plan;
    ``warnings`` are those that users passed over with a reason.
    """
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    names, days = read.texts(snapshots, "name"), read.dates(snapshots, "date")
    today = read.day_number(as_of)
    known = sorted((days[row], names[row]) for row in np.flatnonzero(days <= today).tolist())
    reason = ""
    if len(known) < 2:
        reason = tr("需要两期规划快照，现有 {count} 期；请导入另一期规划用地", count=len(known))
    if not len(block_line):
        reason = reason or tr("项目中没有工业区块线，请先导入")
    if not known or not len(block_line):
        return _result(target, policy, tree, as_of, "", None, reason)
    (first_day, first), (last_day, last) = known[-2:] if len(known) > 1 else (known[0], known[0])
    owner = np.array(read.texts(land_use, "snapshot"), dtype=object)
    found = compare_snapshots(
        land_use[owner == first],
        land_use[owner == last],
        block_lines.in_force(block_line, first_day),
        block_lines.in_force(block_line, today),
        units,
        policy,
        codes,
        tree.epsg,
    )
    period = f"{first} {first_day} → {last} {last_day}"
    if not found.lined:
        reason = reason or tr("{day} 没有有效的工业区块线，不作判定", day=first_day)
    more: list[Finding] = []
    recorded = recorded_pieces(
        parcels if parcels is not None else _nothing(tree),
        transfers if transfers is not None else _nothing(tree),
        lineage if lineage is not None else pd.DataFrame(),
        land_use,
        known,
        block_line,
        today,
        tree,
        target,
        codes,
        more,
    )
    pieces = with_recorded(found.pieces, recorded, warnings, tree.epsg)
    found = Rezoning(pieces, (*found.findings, *more), found.lined or len(recorded) > 0)
    return _result(target, policy, tree, as_of, period, found, reason)


def _nothing(tree: UnitTree) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[], crs=tree.epsg)


def _result(
    target: Target,
    policy: Policy,
    tree: UnitTree,
    as_of: dt.date,
    period: str,
    found: Rezoning | None,
    reason: str,
) -> CheckResult:
    places = [*zip(tree.codes, tree.names, strict=True), ("", tr("全市"))]
    if found is None:
        judged = [
            UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(FIGURES), reason)
            for code, name in places
        ]
        shapes: NDArray[np.object_] = np.empty(0, dtype=object)
        pieces = pd.DataFrame({name: [] for name in read.EVIDENCE_COLUMNS})
    else:
        shapes = np.asarray(found.pieces.geometry.to_numpy(), dtype=object)
        table = pd.DataFrame(found.pieces.drop(columns="geometry"))
        judged = [
            _unit_result(
                code,
                name,
                table if not code else table[table["unit"] == code],
                target,
                reason=reason,
                lined=found.lined,
            )
            for code, name in places
        ]
        pieces = table.assign(
            table=[RECORDED.get(way, "land_use") for way in table["way"]],
            uuid=table["after_uuid"].where(table["way"].isin(list(RECORDED)), table["before_uuid"]),
            label=[f"{subject or line} {old}→{new}".strip() for subject, line, old, new in zip(
                table["subject"], table["line"], table["before_code"], table["after_code"], strict=True)],
            amount=table["counted"],
            why=[
                tr("区块线调整后位于线外") if way == "line" else f"{old} → {new}"
                for way, old, new in zip(table["way"], table["before_title"], table["after_title"], strict=True)
            ],
        )  # fmt: skip
    return CheckResult(
        id=TARGET,
        title=tr(TITLE),
        clause=read.clause(policy, TARGET),
        as_of=as_of,
        period=period,
        units=tuple(judged[:-1]),
        city=judged[-1],
        evidence=read.evidence({name: pieces[name].tolist() for name in pieces.columns}, shapes, tree.epsg),
        figure_units={key: (tr(title), unit) for key, (title, unit) in FIGURES.items()},
        findings=() if found is None else found.findings,
        parameters={key: value for key, value in target.parameters.items() if key != "matrix"},
    )


def _unit_result(
    code: str, name: str, table: pd.DataFrame, target: Target, *, reason: str, lined: bool
) -> UnitResult:
    """``reason`` says why the unit cannot pass; land surely lost is a verdict all the same."""
    real = table[~table["sliver"].astype(bool)]
    sums = {level: float(real.loc[real["severity"] == level, "counted"].sum()) for level in
            ("violation", "review", "warn", "note")}  # fmt: skip
    figures: dict[str, float | None] = {
        **sums,
        "violation_mu": sums["violation"] * MU,
        "line_moved": float(real.loc[real["way"] == "line", "area"].sum()),
        "recoded": float(real.loc[real["way"].isin(["parcel", "split"]), "area"].sum()),
        "transferred": float(real.loc[real["way"] == "transfer", "area"].sum()),
        "industrial_lost": float((real["industrial_lost"] * real["counted"] / real["area"]).sum()),
        "slivers": float(table["area"].sum() - real["area"].sum()),
        "pieces": float(len(real)),
    }
    ordered = {key: figures[key] for key in FIGURES}
    judged = sum(sums.get(level, 0.0) for level in target.parameters["verdict_severities"])
    if reason and (not lined or target.holds(judged)):
        return UnitResult(code, name, Verdict.NOT_JUDGED, ordered, reason)
    verdict = Verdict.MET if target.holds(judged) else Verdict.SHORT
    if not len(real):
        return UnitResult(code, name, verdict, ordered, tr("线内工业用地没有变更"))
    text = tr(
        "变更 {count} 块：改为住宅、商业等经营性用地或移出线外 {violation} ㎡（{mu} 亩），须有批准 {review} ㎡",
        count=len(real),
        violation=f"{sums['violation']:,.2f}",
        mu=f"{sums['violation'] * MU:,.2f}",
        review=f"{sums['review']:,.2f}",
    )
    return UnitResult(code, name, verdict, ordered, text)
