"""Two states of plan and lines held against each other: every piece of protected land inside a line that was lost."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.progress import Progress, scaled, silent
from gis.text import tr
from layers.checks import block_lines
from layers.checks import tables as read
from layers.checks.land_use_change import (
    Plan,
    change_severity,
    graver,
    lowered,
    plan_findings,
    read_plan,
)
from layers.checks.result import Finding
from layers.checks.rezoning_pieces import Pieces, find_pieces
from layers.checks.rezoning_table import table_by_unit
from layers.checks.rezoning_verdicts import TARGET, Rezoning
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["compare_plans", "compare_snapshots", "graded"]


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
    return compare_plans(
        read_plan(before_frame, codes),
        read_plan(after_frame, codes),
        lines_before,
        lines_after,
        units,
        policy.target(TARGET),
        codes,
        epsg,
        progress=progress,
    )


def compare_plans(
    before: Plan,
    after: Plan,
    lines_before: gpd.GeoDataFrame,
    lines_after: gpd.GeoDataFrame,
    units: UnitTree,
    target: Target,
    codes: LandUseCodes,
    epsg: int,
    *,
    progress: Progress = silent,
) -> Rezoning:
    """`compare_snapshots` of plans that were read already."""
    tree = read.tree_for(units, target.parameters["units"])
    findings = plan_findings(before, after) if after is not before else []
    old_lines, new_lines = block_lines.read_lines(lines_before), block_lines.read_lines(lines_after)
    lined = len(old_lines.codes) > 0
    if not lined:
        findings.append(
            Finding("warning", tr("没有当时有效的工业区块线：列出全部工业用地变更，不作判定"), "block_line")
        )
    matrix = target.parameters["matrix"]
    protected = before.rows_of(matrix)
    found = find_pieces(protected, before, after, old_lines, new_lines, progress=scaled(progress, 0.0, 0.8))
    ways, severities = graded(found, before, after, old_lines, new_lines, target)
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


def graded(
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
