"""指标总表: management units by targets of the policy, as screen, paper and workbook show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gis.text import language, tr
from gis.units import PERCENT, convert, round_figure, unit_title
from layers.checks.result import CheckResult, Clause, UnitResult, Verdict
from layers.policy import Target
from layers.verdict_words import verdict_word

__all__ = [
    "MARKS",
    "Matrix",
    "MatrixCell",
    "MatrixColumn",
    "amount_text",
    "demand_text",
    "figure_text",
    "matrix",
]

# A sign for each verdict, so that the table reads without colours; the fonts in use have them all.
MARKS = {Verdict.MET: "√", Verdict.SHORT: "×", Verdict.EMPTY: "–", Verdict.NOT_JUDGED: "?"}
_SIGNS = {">=": "≥", "<=": "≤"}
_DIGITS = {"": 0, "percent": 2, "one": 4}
_MANY = 10_000.0


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """One target: its check's title, what it demands, the clause, and whether the city is judged rather than units."""

    check: str
    title: str
    demand: str
    clause: Clause
    of_city: bool


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """The verdict of a unit on a target, and the compared figure as text ("" where there is none)."""

    verdict: Verdict
    figure: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """``rows`` are (code, name), the city first under ""; ``cells`` by (code, column number)."""

    columns: tuple[MatrixColumn, ...]
    rows: tuple[tuple[str, str], ...]
    cells: dict[tuple[str, int], MatrixCell]

    def count(self, column: int, verdict: Verdict) -> int:
        """How many units have that verdict on a target."""
        return sum(
            cell.verdict is verdict
            for (code, number), cell in self.cells.items()
            if number == column and code
        )


def matrix(results: Sequence[CheckResult]) -> Matrix:
    """Put the results side by side."""
    columns = tuple(
        MatrixColumn(
            result.id, result.title, demand_text(result.clause), result.clause, result.city is not None
        )
        for result in results
    )
    names: dict[str, str] = {"": tr("全市")}
    cells: dict[tuple[str, int], MatrixCell] = {}
    for number, result in enumerate(results):
        for unit in [*([result.city] if result.city is not None else []), *result.units]:
            code = "" if unit is result.city else unit.code
            names.setdefault(code, unit.name)
            cells[code, number] = MatrixCell(
                Verdict(unit.verdict), figure_text(result, unit), unit.explanation
            )
        if result.city is None and result.units:
            cells["", number] = _summed_up(result)
    return Matrix(columns, tuple(names.items()), cells)


def _summed_up(result: CheckResult) -> MatrixCell:
    """Of a target that is asked of each unit: how many meet it."""
    judged = [unit for unit in result.units if unit.verdict in (Verdict.MET, Verdict.SHORT)]
    met = sum(unit.verdict is Verdict.MET for unit in judged)
    if not judged:
        return MatrixCell(result.verdict, "", verdict_word(result.verdict))
    text = tr("{met}/{count} 达标", met=met, count=len(judged))
    about = tr("判定 {count} 个单元，达标 {met} 个", count=len(judged), met=met)
    return MatrixCell(result.verdict, text, about)


def demand_text(demand: Clause | Target) -> str:
    """What is asked for: ≥ 3 万㎡, ≥ 30 %."""
    sign = _SIGNS.get(demand.operator, demand.operator)
    value = demand.threshold if isinstance(demand, Clause) else demand.value
    return f"{sign} {amount_text(value, demand.unit, exact=True)}"


def figure_text(result: CheckResult, unit: UnitResult) -> str:
    """The figure of a unit that is compared, with its measure."""
    value = unit.figures.get(result.clause.figure) if result.clause.figure else None
    if value is None or value != value:
        return ""
    return amount_text(value, result.figure_units.get(result.clause.figure, ("", ""))[1])


def amount_text(value: float, unit: str, *, exact: bool = False) -> str:
    """A figure with its measure, in the usual decimals or ``exact``; large areas in 万㎡ in Chinese."""
    if unit == "one":
        value, unit = value * PERCENT, "percent"
    if unit == "m2" and abs(value) >= _MANY and language() == "zh_CN":
        value, unit = convert(value, "m2", "wan_m2"), "wan_m2"
    text = f"{value:,.10g}" if exact else f"{round_figure(value, _DIGITS.get(unit, 2)):,}"
    return f"{text} {unit_title(unit)}".strip()
