"""Check results in the words of the window: bars of the dashboard, rows of evidence, verdict words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.panels.frame_model import Cell
from app.panels.unit_bars import Bar, UnitLine
from gis.text import language, mark, tr
from gis.units import convert, unit_title
from layers.verdict_words import verdict_word

if TYPE_CHECKING:
    from layers.checks.result import CheckResult, UnitResult

__all__ = [
    "EVIDENCE_HEADERS",
    "evidence_rows",
    "floor_area",
    "judged_figure",
    "number",
    "unit_lines",
    "verdict_text",
]

_LISTED = 2_000  # the workbook has all
EVIDENCE_HEADERS = (mark("记录"), mark("计入量（㎡）"), mark("面积（㎡）"), mark("说明"))


def verdict_text(result: CheckResult) -> str:
    """A check's outcome in a few words: what is missing, or how many units fall short."""
    verdict = str(result.verdict)
    lost = result.city.figures.get("violation_mu") if result.city is not None else None
    if lost is not None and verdict in {"met", "short"}:
        return tr("违规 {area} 亩", area=f"{lost:,.2f}") if verdict == "short" else tr("未发现违规")
    short = sum(str(unit.verdict) == "short" for unit in result.units)
    if verdict == "short" and short:
        return tr("{count} 个单元未达标", count=short)
    return verdict_word(verdict)


def number(value: Any, digits: int = 2) -> str:
    """A figure with grouped thousands, "–" where there is none."""
    return "–" if value is None or value != value else f"{float(value):,.{digits}f}"


def floor_area(square_metres: float, form: str = ".2f") -> str:
    """A stock of floors as people speak of it: 4.23 万㎡, in English 42,300 m². ``form`` is that of 万㎡."""
    unit, form = ("wan_m2", form) if language() == "zh_CN" else ("m2", ",.0f")
    return f"{convert(square_metres, 'm2', unit):{form}} {unit_title(unit)}"


def judged_figure(result: CheckResult, unit: UnitResult) -> tuple[float | None, str]:
    """The figure that is judged, in the threshold's unit, and its text."""
    if result.id == "factory_reserve":
        value = unit.figures.get(result.clause.figure)
        if value is None:
            return None, "–"
        return value, floor_area(value)
    value = unit.figures.get("share")
    if value is None:
        return None, "–"
    threshold = result.clause.threshold
    ratio = (
        value / 100
        if result.figure_units.get("share", ("", ""))[1] == "percent" and threshold <= 1
        else value
    )
    return ratio, f"{ratio * 100:.2f} %"


def unit_lines(results: Sequence[CheckResult]) -> list[UnitLine]:
    """One line per unit with a bar for each of the given checks."""
    names: dict[str, str] = {}
    for result in results:
        for unit in result.units:
            names.setdefault(unit.code, unit.name)
    by_code = [{unit.code: unit for unit in result.units} for result in results]
    lines = [
        UnitLine(
            code,
            name,
            tuple(
                _bar(result, units[code]) if code in units else None
                for result, units in zip(results, by_code, strict=True)
            ),
        )
        for code, name in names.items()
    ]
    city = tuple(_bar(result, result.city) if result.city is not None else None for result in results)
    return [UnitLine("", tr("全市"), city), *lines] if any(city) else lines


def _bar(result: CheckResult, unit: UnitResult) -> Bar:
    figure, text = judged_figure(result, unit)
    return Bar(
        str(unit.verdict), verdict_word(unit.verdict), text, figure, result.clause.threshold, unit.explanation
    )


def evidence_rows(result: CheckResult, code: str) -> list[tuple[list[Cell], dict[str, Any]]]:
    """The records behind a unit's figure (all units for ``""``), largest first, as many as a person may look through."""
    frame = result.evidence
    if code:
        frame = frame[frame["unit"] == code]
    if "amount" in frame.columns:
        frame = frame.sort_values("amount", ascending=False, kind="stable")
    records = frame.head(_LISTED).to_dict("records")
    rows = []
    for row in records:  # one unit's records, shown one by one
        amount, area = row.get("amount"), row.get("area")
        cells = [
            Cell(str(row.get("label") or "")),
            Cell(number(amount), float(amount or 0.0), right=True),
            Cell(number(area), float(area or 0.0), right=True),
            Cell(str(row.get("why") or "")),
        ]
        rows.append((cells, row))
    return rows
