"""确保工业用地总量稳中有升: planned industrial land of a newer state of the plan against that of an older one.

Where both states show the same plot nothing is clipped (`gis.change`): the change is the sum of its pieces, so that land
that did not change adds exactly nothing. Areas are ellipsoidal; of a mixed use its industrial share counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.area import ellipsoidal_area
from gis.change import width
from gis.overlay import overlay
from gis.text import mark, tr
from layers.checks import assembling
from layers.checks import tables as read
from layers.checks.land_use_change import Plan, counted_share, plan_findings
from layers.checks.plan_states import State, judged_day, known_states, plan_of, states_of, two_states
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.checks.rezoning_pieces import divided, land_parts
from layers.checks.rezoning_table import MU
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = ["FIGURES", "TABLES", "TARGET", "TITLE", "Found", "find", "judge", "run", "states"]

TARGET = "industrial_total"
TABLES = ("land_use", "snapshot")
TITLE = mark("工业用地总量稳中有升")

FIGURES: Mapping[str, tuple[str, str]] = {
    "change": (mark("工业用地净增（负为净减）"), "m2"),
    "change_mu": (mark("净增（负为净减）"), "mu"),
    "before": (mark("前期工业用地"), "ha"),
    "after": (mark("后期工业用地"), "ha"),
    "gained": (mark("新增工业用地"), "m2"),
    "lost": (mark("减少的工业用地"), "m2"),
    "pieces": (mark("增减块数"), ""),
}
_HECTARE = 10_000.0

Integers = NDArray[np.int64]
Objects = NDArray[np.object_]


@dataclass(frozen=True)
class _Changes:
    """One polygon a piece: plots before and after (-1 none), unit (-1 none), area (m²) and industrial m² added."""

    before: Integers
    after: Integers
    unit: Integers
    area: NDArray[np.float64]
    amount: NDArray[np.float64]
    width: NDArray[np.float64]
    shapes: Objects


@dataclass(frozen=True)
class Found:
    """What is judged. ``evidence`` has a row for each piece that came or went, with ``before`` and ``after`` the positions
    of its plots in the plans (-1: none); ``sizes`` is the industrial land of each plot, m², ``inside`` that of each plot
    and unit of the later plan (positions and amounts).
    """

    evidence: gpd.GeoDataFrame
    before: Integers
    after: Integers
    sizes: tuple[NDArray[np.float64], NDArray[np.float64]]
    inside: tuple[Integers, Integers, NDArray[np.float64]]


def run(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Judge the newest state on the day, or at the end of an earlier ``year``, against the one the policy names."""
    target = policy.target(TARGET)
    tree = read.tree_for(units, target.parameters["units"])
    pair = states(tables, target, as_of, year)
    if isinstance(pair, str):
        return assembling.without_states(target, TITLE, FIGURES, policy, tree, pair, as_of=as_of, period="")
    before, after = (plan_of(tables["land_use"], state.name, codes) for state in pair)
    found = find(before, after, tree, target, codes)
    return judge(found, plan_findings(before, after), pair, tree, policy, as_of)


def states(
    tables: Mapping[str, gpd.GeoDataFrame], target: Target, as_of: dt.date, year: int | None
) -> tuple[State, State] | str:
    """The two states that are compared, or why there are not two."""
    day = judged_day(as_of, year)
    known = known_states(tables["snapshot"], read.day_number(day))
    return two_states(known, day, target.parameters["compared_with"])


def find(before: Plan, after: Plan, tree: UnitTree, target: Target, codes: LandUseCodes) -> Found:
    """What became more or less between two plans, and what there is."""
    counted = target.parameters["industrial_classes"]
    shares = counted_share(before, counted), counted_share(after, counted)
    changes = _changes(before, after, *shares, tree)
    sizes = []
    for plan, share in zip((before, after), shares, strict=True):
        rows = np.flatnonzero(share > 0)
        sizes.append(np.zeros(len(share)))
        sizes[-1][rows] = ellipsoidal_area(plan.shapes[rows], tree.epsg) * share[rows]
    cut = overlay(after.shapes[rows], tree.net)
    amount = ellipsoidal_area(cut.geometry, tree.epsg) * shares[1][rows][cut.left]
    evidence = _evidence(changes, before, after, codes, tree, target)
    inside = rows[cut.left], cut.right, amount
    return Found(evidence, changes.before, changes.after, (sizes[0], sizes[1]), inside)


def judge(
    found: Found,
    findings: Sequence[Finding],
    pair: tuple[State, State],
    tree: UnitTree,
    policy: Policy,
    as_of: dt.date,
) -> CheckResult:
    """The verdicts on what was found; ``findings`` are those about the plans."""
    target = policy.target(TARGET)
    amounts = found.evidence["amount"].to_numpy(dtype=np.float64)
    unit = found.evidence["unit"].to_numpy(dtype=object)
    total_before, total = (float(sizes.sum()) for sizes in found.sizes)
    apart = total - total_before - float(amounts.sum())
    if abs(apart) > max(1.0, sum(np.count_nonzero(sizes) for sizes in found.sizes) / 10_000):
        text = tr(
            "规划图斑相互重叠：两期总量之差与逐块增减之和相差 {area} ㎡，请先处理重叠",
            area=f"{abs(apart):,.2f}",
        )
        findings = [*findings, Finding("error", text, "land_use")]
    by_unit = np.bincount(found.inside[1], found.inside[2], minlength=len(tree.codes))
    results = [
        _unit_result(code, name, float(by_unit[number]), amounts[unit == code], target)
        for number, (code, name) in enumerate(zip(tree.codes, tree.names, strict=True))
    ]
    results.append(_unit_result("", tr("全市"), total, amounts, target))
    period = " → ".join(state.title for state in pair)
    return assembling.of_places(
        target, TITLE, FIGURES, policy, as_of=as_of, period=period, places=results,
        evidence=found.evidence, findings=findings,
    )  # fmt: skip


def _changes(
    before: Plan,
    after: Plan,
    share_before: NDArray[np.float64],
    share_after: NDArray[np.float64],
    tree: UnitTree,
) -> _Changes:
    """What became less or more industrial, then what is industrial and no earlier plot covered.

    All plots are compared, for the plots around a changed one are mostly the same in both states and need no clipping.
    """
    states = states_of(before, after)
    change = states.changes(share_before, share_after)
    old, new = change.before, change.after
    delta = np.where(new >= 0, _at(share_after, new), 0.0) - share_before[old]
    kept = np.flatnonzero(delta)
    fresh = states.turned().changes(np.zeros(len(share_after)), np.zeros(len(share_before)))
    first = np.flatnonzero(share_after[fresh.before] > 0)
    old = np.concatenate([old[kept], fresh.after[first]])
    new = np.concatenate([new[kept], fresh.before[first]])
    delta = np.concatenate([delta[kept], share_after[fresh.before[first]]])
    pieces = np.concatenate([change.geometry[kept], fresh.geometry[first]])
    parts, owner = land_parts(pieces)
    wide = width(parts)
    rows, unit, shapes = divided(parts, tree.net)
    area = ellipsoidal_area(shapes, tree.epsg)
    source = owner[rows]
    return _Changes(old[source], new[source], unit, area, delta[source] * area, wide[rows], shapes)


def _at(values: NDArray[np.float64], rows: Integers) -> NDArray[np.float64]:
    """Values at the rows; at -1 nothing that anyone may use."""
    return values[rows] if len(values) else np.zeros(len(rows))


def _unit_result(
    code: str, name: str, after: float, amounts: NDArray[np.float64], target: Target
) -> UnitResult:
    gained, lost = float(amounts[amounts > 0].sum()), abs(float(amounts[amounts < 0].sum()))
    change = gained - lost
    before = max(after - change, 0.0)
    figures: dict[str, float | None] = {
        "change": change,
        "change_mu": change * MU,
        "before": before / _HECTARE,
        "after": after / _HECTARE,
        "gained": gained,
        "lost": lost,
        "pieces": float(len(amounts)),
    }
    if not after and not len(amounts):
        return UnitResult(code, name, Verdict.EMPTY, figures, tr("两期规划都没有工业用地"))
    # Borders drawn anew differ by a hand's breadth: a fall within the tolerance is steady.
    met = target.holds(change + float(target.parameters["tolerance"]))
    if not len(amounts):
        text = tr("规划工业用地 {after} 公顷，没有增减", after=f"{after / _HECTARE:,.4f}")
    else:
        text = tr(
            "规划工业用地由 {before} 公顷变为 {after} 公顷：新增 {gained} ㎡，减少 {lost} ㎡",
            before=f"{before / _HECTARE:,.4f}",
            after=f"{after / _HECTARE:,.4f}",
            gained=f"{gained:,.2f}",
            lost=f"{lost:,.2f}",
        )
        shown = {"area": f"{abs(change):,.2f}", "mu": f"{abs(change) * MU:,.2f}"}
        if change >= 0:
            text += tr("，净增 {area} ㎡（{mu} 亩）", **shown)
        else:
            text += tr("，净减 {area} ㎡（{mu} 亩）", **shown)
    return UnitResult(code, name, Verdict.MET if met else Verdict.SHORT, figures, text)


def _evidence(
    changes: _Changes, before: Plan, after: Plan, codes: LandUseCodes, tree: UnitTree, target: Target
) -> gpd.GeoDataFrame:
    """Every piece; ``amount`` is the industrial area that came (positive) or went (negative), m²."""
    count = range(len(changes.area))
    came = changes.amount > 0

    def side(plan: Plan, rows: Integers, what: str) -> list[str]:
        values = {"uuid": plan.uuids, "code": plan.codes}.get(what)
        if values is not None:
            return [values[row] if row >= 0 else "" for row in rows]
        return [codes.title(plan.schemes[row], plan.codes[row]) if row >= 0 else tr("无规划") for row in rows]

    old_code, new_code = side(before, changes.before, "code"), side(after, changes.after, "code")
    old_title, new_title = side(before, changes.before, "title"), side(after, changes.after, "title")
    old_uuid, new_uuid = side(before, changes.before, "uuid"), side(after, changes.after, "uuid")
    return read.evidence(
        {
            "unit": [tree.codes[unit] if unit >= 0 else None for unit in changes.unit],
            "table": ["land_use"] * len(count),
            "uuid": [new_uuid[row] if came[row] else old_uuid[row] for row in count],
            "label": [f"{old_code[row] or '–'}→{new_code[row] or '–'}" for row in count],
            "amount": changes.amount.tolist(),
            "why": [f"{old_title[row]} → {new_title[row]}" for row in count],
            "way": ["gained" if more else "lost" for more in came],
            "area": changes.area.tolist(),
            "mu": (changes.area * MU).tolist(),
            "width": changes.width.tolist(),
            "sliver": (changes.width < float(target.parameters["sliver_width"])).tolist(),
            "before_uuid": old_uuid,
            "before_code": old_code,
            "before_title": old_title,
            "after_uuid": new_uuid,
            "after_code": new_code,
            "after_title": new_title,
        },
        changes.shapes,
        tree.epsg,
    )
