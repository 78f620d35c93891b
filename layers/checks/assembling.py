"""What the checks of parks, projects and data put their results together with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.text import tr
from gis.units import unit_title
from layers.checks import tables as read
from layers.checks.result import CheckResult, Finding, UnitResult, Verdict
from layers.policy import Policy, Target, load_policy
from layers.units import AssignmentNote, UnitTree

__all__ = [
    "against",
    "assembled",
    "by_unit",
    "definition",
    "everywhere",
    "evidence_of",
    "note_of_city",
    "of_places",
    "placed",
    "places_of",
    "unjudged",
    "without_states",
    "year_days",
    "year_period",
]


@cache
def _shipped() -> Policy:
    return load_policy()


def definition(target: Target) -> Mapping[str, Any]:
    """Parameters of a target; what a policy of an older project does not say is as in the shipped file."""
    shipped = _shipped()
    known = shipped.target(target.id).parameters if shipped.has(target.id) else {}
    return {**known, **target.parameters}


def year_period(year: int, as_of: dt.date) -> str:
    """A calendar year in words, as far as it is over."""
    if year == as_of.year and as_of < dt.date(year, 12, 31):
        return tr("{year}年，截至{day}", year=year, day=as_of.isoformat())
    return tr("{year}年", year=year)


def year_days(year: int, as_of: dt.date) -> tuple[np.datetime64, np.datetime64]:
    """First and last day of a year, as far as it is over."""
    last = min(np.datetime64(f"{year:04d}-12-31", "D"), read.day_number(as_of))
    return np.datetime64(f"{year:04d}-01-01", "D"), last


def places_of(tree: UnitTree) -> list[tuple[str, str]]:
    """Code and name of every unit, and last of the city (code "")."""
    return [*zip(tree.codes, tree.names, strict=True), ("", tr("全市"))]


def unjudged(
    places: Sequence[tuple[str, str]], figures: Mapping[str, object], reason: str
) -> list[UnitResult]:
    """Every place without a figure, for one reason."""
    return [
        UnitResult(code, name, Verdict.NOT_JUDGED, dict.fromkeys(figures), reason) for code, name in places
    ]


def placed(
    frame: gpd.GeoDataFrame, tree: UnitTree, table: str, findings: list[Finding]
) -> NDArray[np.object_]:
    """Unit of each record of a small table, None where there is none; what is unclear goes to ``findings``."""
    unit, notes = tree.assign(frame, tree.epsg)
    names = read.texts(frame, "name")
    findings += [_finding(note, names[note.row], table) for note in notes]
    return unit


def _finding(note: AssignmentNote, name: str, table: str) -> Finding:
    severity = "note" if note.kind == "conflict" else "warning"
    return Finding(severity, tr("{label}：{text}", label=name, text=note.text), table, note.uuid)


def by_unit(unit: NDArray[np.object_], code: str) -> NDArray[np.bool_]:
    """Which records are in the unit; all of them for the city (code "")."""
    if not code:
        return np.ones(len(unit), dtype=np.bool_)
    return np.array([item == code for item in unit], dtype=np.bool_)


def everywhere(
    tree: UnitTree, target: Target, judge: Callable[[str, str], UnitResult]
) -> tuple[tuple[UnitResult, ...], UnitResult | None]:
    """Every unit judged by code and name, and the city (code "") where the target is of the city or of each case."""
    units = tuple(judge(code, name) for code, name in zip(tree.codes, tree.names, strict=True))
    return units, judge("", tr("全市")) if target.scope in ("city", "case") else None


def against(
    code: str, name: str, found: dict[str, float | None], value: float, text: str, target: Target
) -> UnitResult:
    """A number held against the demand; units whose city is judged only show their part of it.

    Fills in the figure ``gap``: what is missing, in the target's unit.
    """
    if code and target.scope == "city":
        return UnitResult(code, name, Verdict.EMPTY, found, text + tr("；全市指标，单元只列构成"))
    met = target.holds(value)
    found["gap"] = 0.0 if met else abs(target.value - value)
    unit = unit_title(target.unit)
    text += tr("；标准 {required} {unit}", required=f"{target.value:,.12g}", unit=unit).rstrip()
    if not met:
        missing = f"{found['gap']:,.4f}".rstrip("0").rstrip(".")
        text += tr("，相差 {gap} {unit}", gap=missing, unit=unit).rstrip()
    return UnitResult(code, name, Verdict.MET if met else Verdict.SHORT, found, text)


def evidence_of(
    rows: Sequence[Mapping[str, object]], columns: Sequence[str], tree: UnitTree
) -> gpd.GeoDataFrame:
    """Evidence from rows with a ``geometry`` each; ``columns`` are those beyond the usual ones."""
    names = (*read.EVIDENCE_COLUMNS, *columns)
    shapes = [row["geometry"] for row in rows]
    return read.evidence({name: [row[name] for row in rows] for name in names}, shapes, tree.epsg)


def of_places(
    target: Target,
    title: str,
    figures: Mapping[str, tuple[str, str]],
    policy: Policy,
    *,
    as_of: dt.date,
    period: str,
    places: Sequence[UnitResult],
    evidence: gpd.GeoDataFrame,
    findings: Sequence[Finding],
) -> CheckResult:
    """The result from every unit and, last, the city, which is shown where the target is the city's."""
    return assembled(
        target, title, figures, policy, as_of=as_of, period=period, units=places[:-1],
        city=places[-1] if target.scope == "city" else None, evidence=evidence, findings=findings,
    )  # fmt: skip


def without_states(
    target: Target,
    title: str,
    figures: Mapping[str, tuple[str, str]],
    policy: Policy,
    tree: UnitTree,
    reason: str,
    *,
    as_of: dt.date,
    period: str,
) -> CheckResult:
    """The result where the project lacks the states of the plan that the check compares: no place is judged."""
    return of_places(
        target, title, figures, policy, as_of=as_of, period=period,
        places=unjudged(places_of(tree), figures, reason), evidence=read.no_evidence(tree.epsg), findings=[],
    )  # fmt: skip


def note_of_city(target: Target, places: Sequence[UnitResult]) -> list[Finding]:
    """What the whole city comes to, where only its units are judged."""
    if target.scope == "city":
        return []
    return [Finding("note", tr("全市合计（不限单元）：{text}", text=places[-1].explanation))]


def assembled(
    target: Target,
    title: str,
    figures: Mapping[str, tuple[str, str]],
    policy: Policy,
    *,
    as_of: dt.date,
    period: str,
    units: Sequence[UnitResult],
    city: UnitResult | None,
    evidence: gpd.GeoDataFrame,
    findings: Sequence[Finding],
    **parameters: object,
) -> CheckResult:
    """The result of a check; ``title`` and the titles of ``figures`` are Chinese, marked for translation."""
    return CheckResult(
        id=target.id,
        title=tr(title),
        clause=read.clause(policy, target.id),
        as_of=as_of,
        period=period,
        units=tuple(units),
        city=city,
        evidence=evidence,
        figure_units={key: (tr(name), measure) for key, (name, measure) in figures.items()},
        findings=tuple(findings),
        parameters={**definition(target), **parameters},
    )
