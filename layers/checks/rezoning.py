"""工业区块线内工业用地调整: every piece of industrial land inside a line that a plan or a line took away.

Found are (1) another code in a later plan snapshot, (4) a line moved so that the land falls outside and,
by `layers.checks.rezoning_records`, (2, 3) another code of a parcel or of a part of one and (5) a contract for
another use. A piece is one polygon of one plot before, one row after, one line and one unit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.progress import Progress, scaled, silent
from gis.text import tr
from layers.checks import block_lines
from layers.checks import tables as read
from layers.checks.land_use_change import Plan, change_severity, graver, lowered, plan_findings, read_plan
from layers.checks.result import CheckResult, Finding
from layers.checks.rezoning_pieces import Pieces, find_pieces
from layers.checks.rezoning_records import recorded_pieces, with_recorded
from layers.checks.rezoning_table import table_by_unit
from layers.checks.rezoning_verdicts import FIGURES, TARGET, TITLE, Rezoning, verdicts
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = [
    "FIGURES",
    "TARGET",
    "TITLE",
    "Found",
    "Rezoning",
    "check",
    "compare_snapshots",
    "compared",
    "find",
    "judge",
]


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
    findings = plan_findings(before, after)
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
    found = find(
        {
            "land_use": land_use,
            "snapshot": snapshots,
            "block_line": block_line,
            "parcel": parcels,
            "transfer": transfers,
            "lineage": lineage,
        },
        units,
        policy,
        codes,
        as_of,
    )
    return judge(found, warnings, units, policy, as_of)


@dataclass(frozen=True)
class Found:
    """What was found on a day, before it is judged.

    ``snapshots`` are the states of the plan up to the day, oldest first; ``planned`` holds what plans and lines took
    between the last two (None where nothing can be compared), ``recorded`` what parcels and contracts took.
    ``reason`` says why nothing found is no pass.
    """

    snapshots: Sequence[tuple[np.datetime64, str]]
    planned: Rezoning | None
    recorded: gpd.GeoDataFrame
    findings: tuple[Finding, ...] = ()
    period: str = ""
    reason: str = ""


def find(
    tables: Mapping[str, gpd.GeoDataFrame | pd.DataFrame | None],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
) -> Found:
    """Everything that was lost, as `check` judges it; ``tables`` as there, None or missing where there is none."""
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    land_use, snapshots, block_line = (
        _table(tables, name, tree) for name in ("land_use", "snapshot", "block_line")
    )
    names, days = read.texts(snapshots, "name"), read.dates(snapshots, "date")
    today = read.day_number(as_of)
    known = sorted((days[row], names[row]) for row in np.flatnonzero(days <= today).tolist())
    reason = ""
    if len(known) < 2:
        reason = tr("需要两期规划快照，现有 {count} 期；请导入另一期规划用地", count=len(known))
    if not len(block_line):
        reason = reason or tr("项目中没有工业区块线，请先导入")
    if not known or not len(block_line):
        return Found(known, None, _nothing(tree), reason=reason)
    (first_day, first), (last_day, last) = compared(known)
    owner = np.array(read.texts(land_use, "snapshot"), dtype=object)
    planned = compare_snapshots(
        land_use[owner == first],
        land_use[owner == last],
        block_lines.in_force(block_line, first_day),
        block_lines.in_force(block_line, today),
        units,
        policy,
        codes,
        tree.epsg,
    )
    if not planned.lined:
        reason = reason or tr("{day} 没有有效的工业区块线，不作判定", day=first_day)
    more: list[Finding] = []
    recorded = recorded_pieces(
        _table(tables, "parcel", tree),
        _table(tables, "transfer", tree),
        _table(tables, "lineage", tree),
        land_use,
        known,
        block_line,
        today,
        tree,
        target,
        codes,
        more,
    )
    period = f"{first} {first_day} → {last} {last_day}"
    return Found(known, planned, recorded, tuple(more), period, reason)


def compared(
    snapshots: Sequence[tuple[np.datetime64, str]],
) -> tuple[tuple[np.datetime64, str], tuple[np.datetime64, str]]:
    """The two snapshots that are compared: the last two, or the only one with itself."""
    return (snapshots[-2] if len(snapshots) > 1 else snapshots[-1]), snapshots[-1]


def judge(
    found: Found,
    warnings: gpd.GeoDataFrame | None,
    units: UnitTree,
    policy: Policy,
    as_of: dt.date,
) -> CheckResult:
    """The verdicts on what was found; ``warnings`` as in `check`."""
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    if found.planned is None:
        return verdicts(target, policy, tree, as_of, "", None, found.reason)
    pieces = with_recorded(found.planned.pieces, found.recorded, warnings, tree.epsg)
    lined = found.planned.lined or len(found.recorded) > 0
    everything = Rezoning(pieces, (*found.planned.findings, *found.findings), lined)
    return verdicts(target, policy, tree, as_of, found.period, everything, found.reason)


def _table(
    tables: Mapping[str, gpd.GeoDataFrame | pd.DataFrame | None], name: str, tree: UnitTree
) -> gpd.GeoDataFrame:
    table = tables.get(name)
    return _nothing(tree) if table is None else table


def _nothing(tree: UnitTree) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[], crs=tree.epsg)
