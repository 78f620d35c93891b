"""区块内工业用地占比: how much of each block line is planned industrial land, against the least share of the policy.

Definition of the domain reference §2.3: ``share = Σ area(industrial ∩ block) / area(block)``; the whole block counts below,
with its roads and greens. Areas are ellipsoidal; of a mixed use its industrial share counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.area import ellipsoidal_area
from gis.overlay import overlay
from gis.text import mark, tr
from gis.units import PERCENT
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.block_lines import Lines, in_force, read_lines
from layers.checks.land_use_change import Plan, counted_share
from layers.checks.plan_states import State, known_states, plan_of
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.checks.rezoning_table import MU
from layers.codes import LandUseCodes, code_table
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = [
    "FIGURES",
    "TABLES",
    "TARGET",
    "TITLE",
    "Blocks",
    "blocks_of",
    "industry_in",
    "judge",
    "run",
    "states",
]

TARGET = "block_share"
TABLES = ("land_use", "snapshot", "block_line")
TITLE = mark("工业区块内工业用地占比")

FIGURES: Mapping[str, tuple[str, str]] = {
    "lowest_share": (mark("占比最低的区块"), "percent"),
    "required": (mark("应达比例"), "percent"),
    "share": (mark("各区块合计占比"), "percent"),
    "blocks": (mark("判定的区块数"), ""),
    "short_blocks": (mark("占比不足的区块数"), ""),
    "missing": (mark("占比不足的区块还缺工业用地"), "m2"),
    "missing_mu": (mark("还缺工业用地"), "mu"),
    "industrial": (mark("区块内工业用地"), "ha"),
    "area": (mark("区块总面积"), "ha"),
}
_HECTARE = 10_000.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Blocks:
    """One element a block line in force: its unit, whole area and industrial land in it (m²), and whether judged."""

    lines: Lines
    uuids: list[str]
    unit: NDArray[np.object_]
    area: Floats
    industrial: Floats
    judged: NDArray[np.bool_]

    @property
    def share(self) -> Floats:
        """Industrial share of each block."""
        return self.industrial / self.area

    def with_industry(self, line: NDArray[np.int64], amount: Floats) -> Blocks:
        """With industrial land (m²) of lines, in any number of parts."""
        found = np.bincount(line, amount, minlength=len(self.lines.codes)).astype(np.float64)
        return replace(self, industrial=found)


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """Judge every block line in force on the day by the newest plan of that day; a block belongs to the unit that
    has most of it. A unit falls short with any of its blocks.
    """
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    state = states(tables, as_of)
    if isinstance(state, str):
        return assembling.without_states(
            target, TITLE, FIGURES, policy, tree, state, as_of=as_of, period=as_of.isoformat()
        )
    blocks = blocks_of(in_force(tables["block_line"], read.day_number(as_of)), tree, target)
    plan = plan_of(tables["land_use"], state.name, codes)
    _plot, line, amount = industry_in(blocks.lines, plan, tree, target)
    return judge(blocks.with_industry(line, amount), state, tree, policy, as_of)


def states(tables: Mapping[str, gpd.GeoDataFrame], as_of: dt.date) -> State | str:
    """The state of the plan that is judged, or why none can be."""
    known = known_states(tables["snapshot"], read.day_number(as_of))
    if not len(tables["block_line"]):
        return tr("项目中没有工业区块线，请先导入")
    if not known:
        return tr("{day} 及以前没有规划快照，请导入", day=as_of.isoformat())
    if not len(in_force(tables["block_line"], read.day_number(as_of))):
        return tr("{day} 没有有效的工业区块线，不作判定", day=as_of.isoformat())
    return known[-1]


def judge(blocks: Blocks, state: State, tree: UnitTree, policy: Policy, as_of: dt.date) -> CheckResult:
    """The verdicts on blocks whose industrial land is known."""
    target = policy.target(TARGET)
    findings = [
        Finding("error", tr("区块 {code} 内的工业用地超过区块面积，规划图斑相互重叠", code=blocks.lines.codes[row]),
                "block_line", blocks.uuids[row])
        for row in np.flatnonzero(blocks.industrial > blocks.area * (1 + 1e-9)).tolist()
    ]  # fmt: skip
    results = [
        _unit_result(
            code,
            name,
            blocks,
            np.array([not code or item == code for item in blocks.unit], dtype=bool),
            target,
        )
        for code, name in assembling.places_of(tree)
    ]
    return assembling.of_places(
        target, TITLE, FIGURES, policy, as_of=as_of, period=state.title, places=results,
        evidence=_evidence(blocks, tree, target), findings=[*findings, *assembling.note_of_city(target, results)],
    )  # fmt: skip


def blocks_of(valid: gpd.GeoDataFrame, tree: UnitTree, target: Target) -> Blocks:
    """The blocks of lines in force, without their industrial land."""
    lines = read_lines(valid)
    by_code = dict(zip(read.texts(valid, "code"), read.texts(valid, "uuid"), strict=True))
    levels = set(target.parameters["levels"])
    return Blocks(
        lines=lines,
        uuids=[by_code.get(code, "") for code in lines.codes],
        unit=tree.by_geometry(lines.shapes),
        area=ellipsoidal_area(lines.shapes, tree.epsg),
        industrial=np.zeros(len(lines.codes)),
        judged=np.array([(level or "ungraded") in levels for level in lines.levels], dtype=np.bool_),
    )


def industry_in(
    lines: Lines, plan: Plan, tree: UnitTree, target: Target
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Industrial land of plots inside lines: plot, line and m² of each pair."""
    share = counted_share(plan, target.parameters["industrial_classes"])
    rows = np.flatnonzero(share > 0)
    inside = overlay(plan.shapes[rows], lines.shapes)
    amount = ellipsoidal_area(inside.geometry, tree.epsg) * share[rows][inside.left]
    return rows[inside.left], inside.right, amount


def _unit_result(code: str, name: str, blocks: Blocks, mine: NDArray[np.bool_], target: Target) -> UnitResult:
    rows = np.flatnonzero(mine & blocks.judged)
    area, industrial = float(blocks.area[rows].sum()), float(blocks.industrial[rows].sum())
    holds = np.array([target.holds(float(share)) for share in blocks.share[rows]], dtype=np.bool_)
    missing = float((target.value * blocks.area[rows] - blocks.industrial[rows])[~holds].sum())
    figures: dict[str, float | None] = {
        "lowest_share": float(blocks.share[rows].min()) * PERCENT if len(rows) else None,
        "required": target.value * PERCENT,
        "share": industrial / area * PERCENT if area else None,
        "blocks": float(len(rows)),
        "short_blocks": float(np.count_nonzero(~holds)),
        "missing": missing,
        "missing_mu": missing * MU,
        "industrial": industrial / _HECTARE,
        "area": area / _HECTARE,
    }
    if not len(rows):
        return UnitResult(code, name, Verdict.EMPTY, figures, tr("没有须判定的工业区块"))
    lowest = rows[np.argmin(blocks.share[rows])]
    text = tr(
        "{count} 个区块，工业用地合计占 {share}%；最低 {block} 占 {lowest}%，标准 {required}%",
        count=len(rows),
        share=f"{figures['share']:.2f}",
        block=_label(blocks.lines, int(lowest)),
        lowest=f"{figures['lowest_share']:.2f}",
        required=f"{figures['required']:g}",
    )
    if not holds.all():
        text += tr(
            "；{count} 个区块不足，共缺工业用地 {area} ㎡（{mu} 亩）",
            count=int(np.count_nonzero(~holds)),
            area=f"{missing:,.2f}",
            mu=f"{missing * MU:,.2f}",
        )
    return UnitResult(code, name, Verdict.MET if holds.all() else Verdict.SHORT, figures, text)


def _label(lines: Lines, row: int) -> str:
    return f"{lines.codes[row]} {lines.names[row]}".strip()


def _evidence(blocks: Blocks, tree: UnitTree, target: Target) -> gpd.GeoDataFrame:
    """One row a block; ``amount`` is its industrial land, ``margin`` what it has above (below: minus) the least, m²."""
    margin = blocks.industrial - target.value * blocks.area
    count = range(len(blocks.area))
    return read.evidence(
        {
            "unit": list(blocks.unit),
            "table": ["block_line"] * len(count),
            "uuid": blocks.uuids,
            "label": [_label(blocks.lines, row) for row in count],
            "amount": blocks.industrial.tolist(),
            "why": [_why(row, blocks, margin, target) for row in count],
            "level": blocks.lines.levels,
            "area": blocks.area.tolist(),
            "industrial_share": (blocks.share * PERCENT).tolist(),
            "margin": margin.tolist(),
            "margin_mu": (margin * MU).tolist(),
        },
        blocks.lines.shapes,
        tree.epsg,
    )


def _why(row: int, blocks: Blocks, margin: Floats, target: Target) -> str:
    if not blocks.judged[row]:
        return tr(
            "{level}区块不在判定范围内",
            level=code_table("block_level").title(blocks.lines.levels[row] or "ungraded"),
        )
    share, least = f"{blocks.share[row] * PERCENT:.2f}", f"{target.value * PERCENT:g}"
    if target.holds(float(blocks.share[row])):
        return tr("工业用地占 {share}%，不低于 {least}%", share=share, least=least)
    return tr(
        "工业用地占 {share}%，低于 {least}%，缺 {mu} 亩",
        share=share,
        least=least,
        mu=f"{-margin[row] * MU:,.2f}",
    )
