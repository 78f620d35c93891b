"""占补平衡: industrial land taken out of the block lines against what was put in, between two states of plan and lines.

Definition of the domain reference §2.3: ``balance = Σ area(added, same unit, same or higher level) − Σ area(removed)``. Land
is in when the plan calls it industrial and a line in force holds it; it is taken out or put in by either changing. Both states
are taken at once, so that nothing removed waits for what is added later (先补后占). Areas are ellipsoidal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.area import ellipsoidal_area
from gis.change import TwoStates, width
from gis.overlay import overlay
from gis.text import mark, tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.block_lines import Lines, in_force, read_lines
from layers.checks.land_use_change import Plan, counted_share, plan_findings
from layers.checks.plan_states import State, judged_day, known_states, plan_of, two_states
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.checks.rezoning_pieces import divided, land_parts
from layers.checks.rezoning_table import MU
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TABLES", "TARGET", "TITLE", "Pieces", "find", "judge", "lines_of", "run", "states"]

TARGET = "block_balance"
TABLES = ("land_use", "snapshot", "block_line")
TITLE = mark("区块线内工业用地占补平衡")

FIGURES: Mapping[str, tuple[str, str]] = {
    "balance": (mark("占补差额（负为欠补）"), "m2"),
    "balance_mu": (mark("占补差额（负为欠补）"), "mu"),
    "removed": (mark("调出的工业用地"), "m2"),
    "added": (mark("补入的工业用地"), "m2"),
    "first_balance": (mark("其中一级区块的差额"), "m2"),
    "small": (mark("过小而不计的补入"), "m2"),
    "pieces": (mark("调出补入块数"), ""),
}
# Levels from the highest; land added in a higher one makes up for land removed from a lower one.
_LEVELS = ("first", "second", "")

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]


@dataclass(frozen=True)
class _Inside:
    """Industrial land inside lines in one state: polygons with their plot, line, share of industry and rank of level."""

    plan: Plan
    lines: Lines
    plot: Integers
    line: Integers
    share: Floats
    rank: Integers
    shapes: Objects


@dataclass(frozen=True)
class Pieces:
    """Land taken out (``amount`` negative, m²) or put in; one polygon of one unit (-1: none) a piece.

    ``plot`` is the position of its plot, in the earlier plan where it is taken out, else in the later one.
    """

    plot: Integers
    unit: Integers
    rank: Integers
    amount: Floats
    area: Floats
    width: Floats
    small: NDArray[np.bool_]
    label: list[str]
    title: list[str]
    uuid: list[str]
    line: list[str]
    line_name: list[str]
    level: list[str]
    shapes: Objects

    def taken(self, rows: Integers) -> Pieces:
        """Some of them."""
        return Pieces(**{item.name: _taken(getattr(self, item.name), rows) for item in fields(self)})

    def joined(self, other: Pieces) -> Pieces:
        """These and others."""
        return Pieces(
            **{
                item.name: _joined(getattr(self, item.name), getattr(other, item.name))
                for item in fields(self)
            }
        )


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Judge each unit, and the city without the limit of the unit, between the state the policy names and the day."""
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    pair = states(tables, target, as_of, year)
    if isinstance(pair, str):
        return assembling.without_states(target, TITLE, FIGURES, policy, tree, pair, as_of=as_of, period="")
    plans = plan_of(tables["land_use"], pair[0].name, codes), plan_of(tables["land_use"], pair[1].name, codes)
    lines = lines_of(tables["block_line"], pair, judged_day(as_of, year))
    pieces, inside = find(plans, lines, tree, codes, target)
    findings = plan_findings(*plans)
    return judge(pieces, findings, pair, tree, policy, as_of, anything=any(map(len, inside)))


def states(
    tables: Mapping[str, gpd.GeoDataFrame], target: Target, as_of: dt.date, year: int | None
) -> tuple[State, State] | str:
    """The two states that are compared, or why nothing can be."""
    if not len(tables["block_line"]):
        return tr("项目中没有工业区块线，请先导入")
    day = judged_day(as_of, year)
    known = known_states(tables["snapshot"], read.day_number(day))
    return two_states(known, day, target.parameters["compared_with"])


def lines_of(block_line: gpd.GeoDataFrame, pair: tuple[State, State], day: dt.date) -> tuple[Lines, Lines]:
    """The lines in force in the earlier state, and on the day."""
    days = pair[0].day, read.day_number(day)
    return read_lines(in_force(block_line, days[0])), read_lines(in_force(block_line, days[1]))


def find(
    plans: tuple[Plan, Plan], lines: tuple[Lines, Lines], tree: UnitTree, codes: LandUseCodes, target: Target
) -> tuple[Pieces, tuple[Integers, Integers]]:
    """What was taken out and put in between two states, and the plots of each that have industry inside a line."""
    classes = target.parameters["industrial_classes"]
    old, new = (_inside(plan, held, classes) for plan, held in zip(plans, lines, strict=True))
    return _pieces(old, new, tree, codes, target), (old.plot, new.plot)


def judge(
    pieces: Pieces,
    findings: Sequence[Finding],
    pair: tuple[State, State],
    tree: UnitTree,
    policy: Policy,
    as_of: dt.date,
    *,
    anything: bool,
) -> CheckResult:
    """The verdicts on all pieces; ``findings`` are those about the plans."""
    target = policy.target(TARGET)
    results = [
        _unit_result(code, name, pieces, np.flatnonzero(pieces.unit == number) if code else np.arange(len(pieces.area)),
                     target, anything)
        for number, (code, name) in enumerate(assembling.places_of(tree))
    ]  # fmt: skip
    period = " → ".join(state.title for state in pair)
    return assembling.of_places(
        target, TITLE, FIGURES, policy, as_of=as_of, period=period, places=results,
        evidence=_evidence(pieces, tree, target),
        findings=[*findings, *assembling.note_of_city(target, results)],
    )  # fmt: skip


def _taken(values: Any, rows: Integers) -> Any:
    return values[rows] if isinstance(values, np.ndarray) else [values[row] for row in rows.tolist()]


def _joined(one: Any, other: Any) -> Any:
    return np.concatenate([one, other]) if isinstance(one, np.ndarray) else [*one, *other]


def _inside(plan: Plan, lines: Lines, classes: Sequence[str]) -> _Inside:
    """Each polygon of the plan that has industry, as far as a line holds it; where lines overlap the higher has it."""
    share = counted_share(plan, classes)
    rows = np.flatnonzero(share > 0)
    cut = overlay(plan.shapes[rows], lines.disjoint)
    plot = rows[cut.left]
    rank = np.array(
        [_LEVELS.index(level) if level in _LEVELS else len(_LEVELS) - 1 for level in lines.levels] or [0]
    )
    return _Inside(plan, lines, plot, cut.right, share[plot], rank[cut.right].astype(np.int64), cut.geometry)


def _pieces(old: _Inside, new: _Inside, tree: UnitTree, codes: LandUseCodes, target: Target) -> Pieces:
    """Removed and added polygons: land in one state that is not in the other, or of another share or level there."""
    # Shares to nine decimals, and which of the few levels.
    keys = [np.round(side.share * 1e9).astype(np.int64) * len(_LEVELS) + side.rank for side in (old, new)]
    states = TwoStates(old.shapes, new.shapes)
    taken = states.changes(keys[0], keys[1])
    put = states.turned().changes(keys[1], keys[0])
    found = []
    for side, change, sign in ((old, taken, -1.0), (new, put, 1.0)):
        parts, owner = land_parts(change.geometry)
        found.append((side, change.before[owner], parts, np.full(len(parts), sign)))
    parts = np.concatenate([item[2] for item in found])
    wide = width(parts)
    whole = ellipsoidal_area(parts, tree.epsg)
    rows, unit, shapes = divided(parts, tree.net)
    area = ellipsoidal_area(shapes, tree.epsg)
    signs = np.concatenate([item[3] for item in found])[rows]
    share = np.concatenate([side.share[at] for side, at, _parts, _sign in found])[rows]
    sides = [(side, int(row)) for side, at, _parts, _sign in found for row in at]
    mine = [sides[row] for row in rows]
    plots = [(side.plan, int(side.plot[at])) for side, at in mine]
    lines = [(side.lines, int(side.line[at])) for side, at in mine]
    return Pieces(
        plot=np.array([at for _plan, at in plots], dtype=np.int64),
        unit=unit,
        rank=np.array([side.rank[at] for side, at in mine], dtype=np.int64),
        amount=signs * share * area,
        area=area,
        width=wide[rows],
        small=(signs > 0) & (whole[rows] < float(target.parameters["minimum_piece"])),
        label=[plan.codes[at] for plan, at in plots],
        title=[codes.title(plan.schemes[at], plan.codes[at]) for plan, at in plots],
        uuid=[plan.uuids[at] for plan, at in plots],
        line=[held.codes[at] for held, at in lines],
        line_name=[held.names[at] for held, at in lines],
        level=[held.levels[at] for held, at in lines],
        shapes=shapes,
    )


def _unit_result(
    code: str, name: str, pieces: Pieces, rows: Integers, target: Target, anything: bool
) -> UnitResult:
    amount = np.where(pieces.small[rows], 0.0, pieces.amount[rows])
    rank = pieces.rank[rows]
    # What is left after each level, the highest first: a surplus below makes up for nothing above.
    balances = [float(amount[rank <= level].sum()) for level in range(len(_LEVELS))]
    balance = min(balances) if min(balances) < 0 else balances[-1]
    removed, added = abs(float(amount[amount < 0].sum())), float(amount[amount > 0].sum())
    figures: dict[str, float | None] = {
        "balance": balance,
        "balance_mu": balance * MU,
        "removed": removed,
        "added": added,
        "first_balance": balances[0],
        "small": float(pieces.amount[rows][pieces.small[rows]].sum()),
        "pieces": float(len(rows)),
    }
    if not anything:
        return UnitResult(code, name, Verdict.EMPTY, figures, tr("区块线内没有工业用地"))
    if not len(rows):
        return UnitResult(code, name, Verdict.EMPTY, figures, tr("两期之间没有调出或补入"))
    met = target.holds(balance + float(target.parameters["tolerance"]))
    text = tr(
        "调出工业用地 {removed} ㎡，补入 {added} ㎡",
        removed=f"{removed:,.2f}",
        added=f"{added:,.2f}",
    )
    if not met:
        text += tr("，欠补 {area} ㎡（{mu} 亩）", area=f"{-balance:,.2f}", mu=f"{-balance * MU:,.2f}")
        if balance < balances[-1]:
            text += tr("：补入的区块级别低于调出的")
    return UnitResult(code, name, Verdict.MET if met else Verdict.SHORT, figures, text)


def _evidence(pieces: Pieces, tree: UnitTree, target: Target) -> gpd.GeoDataFrame:
    """Every piece; ``amount`` is the industrial land put in (positive) or taken out (negative), m²."""
    count = range(len(pieces.area))
    added = pieces.amount > 0
    why = [
        tr("补入，小于最小面积，不计") if pieces.small[row] else tr("补入") if added[row] else tr("调出")
        for row in count
    ]
    return read.evidence(
        {
            "unit": [tree.codes[unit] if unit >= 0 else None for unit in pieces.unit],
            "table": ["land_use"] * len(count),
            "uuid": pieces.uuid,
            "label": [f"{pieces.line[row]} {pieces.label[row]}".strip() for row in count],
            "amount": np.where(pieces.small, 0.0, pieces.amount).tolist(),
            "why": [tr("{what}：{use}", what=why[row], use=pieces.title[row]) for row in count],
            "way": ["added" if more else "removed" for more in added],
            "line": pieces.line,
            "line_name": pieces.line_name,
            "level": pieces.level,
            "area": pieces.area.tolist(),
            "mu": (pieces.area * MU).tolist(),
            "width": pieces.width.tolist(),
            "sliver": (pieces.width < float(target.parameters["sliver_width"])).tolist(),
        },
        pieces.shapes,
        tree.epsg,
    )
