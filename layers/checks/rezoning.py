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

from gis.text import tr
from layers.checks import block_lines
from layers.checks import tables as read
from layers.checks.plan_states import plan_of
from layers.checks.result import CheckResult, Finding
from layers.checks.rezoning_compare import compare_plans, compare_snapshots
from layers.checks.rezoning_history import earlier_pieces, since
from layers.checks.rezoning_records import RECORDED, recorded_pieces, with_recorded
from layers.checks.rezoning_verdicts import FIGURES, TARGET, TITLE, Rezoning, verdicts
from layers.codes import LandUseCodes
from layers.policy import Policy
from layers.units import UnitTree

__all__ = [
    "FIGURES",
    "TARGET",
    "TITLE",
    "Found",
    "Rezoning",
    "check",
    "compare_plans",
    "compare_snapshots",
    "compared",
    "earlier_pieces",
    "find",
    "judge",
    "since",
]


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
    """Judge the snapshots up to ``as_of`` as the policy says, the lines as they were on their days and as they are.

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
    between the last two (None where nothing can be compared), ``earlier`` what older states or versions of a line lost
    besides, ``recorded`` what parcels and contracts took. ``reason`` says why nothing found is no pass.
    """

    snapshots: Sequence[tuple[np.datetime64, str]]
    planned: Rezoning | None
    recorded: gpd.GeoDataFrame
    findings: tuple[Finding, ...] = ()
    period: str = ""
    reason: str = ""
    earlier: gpd.GeoDataFrame | None = None


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
    known = since(known, target)
    (first_day, first), (last_day, last) = compared(known)
    planned = compare_plans(
        plan_of(land_use, first, codes),
        plan_of(land_use, last, codes),
        block_lines.in_force(block_line, first_day),
        block_lines.in_force(block_line, today),
        units,
        target,
        codes,
        tree.epsg,
    )
    earlier = earlier_pieces(land_use, known, block_line, planned.pieces, today, tree, target, codes)
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
    if len(earlier):
        first_day, first = known[0]
    period = f"{first} {first_day} → {last} {last_day}"
    return Found(known, planned, recorded, tuple(more), period, reason, earlier)


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
    lost, several = found.planned.pieces, found.earlier is not None and len(found.earlier) > 0
    if several:
        both = [item for item in (lost, found.earlier) if item is not None and len(item)]
        lost = gpd.GeoDataFrame(pd.concat(both, ignore_index=True), geometry="geometry", crs=tree.epsg)
    pieces = with_recorded(lost, found.recorded, warnings, tree.epsg, overlapping=several)
    (first_day, first), (last_day, last) = compared(found.snapshots)
    usual = f"{first} {first_day} → {last} {last_day}"
    states = pieces["states"] if several else pd.Series(None, index=pieces.index, dtype=object)
    ofplan = states.where(states.notna(), usual)
    pieces = pieces.assign(states=ofplan.where(~pieces["way"].isin(list(RECORDED)), f"{last} {last_day}"))
    lined = found.planned.lined or len(found.recorded) > 0 or several
    everything = Rezoning(pieces, (*found.planned.findings, *found.findings), lined)
    return verdicts(target, policy, tree, as_of, found.period, everything, found.reason)


def _table(
    tables: Mapping[str, gpd.GeoDataFrame | pd.DataFrame | None], name: str, tree: UnitTree
) -> gpd.GeoDataFrame:
    table = tables.get(name)
    return _nothing(tree) if table is None else table


def _nothing(tree: UnitTree) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[], crs=tree.epsg)
