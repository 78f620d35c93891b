"""Results of several runs of the checks side by side: today, and under each scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gis.text import tr
from gis.units import PERCENT, round_figure
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.indicator_matrix import MARKS, amount_text, demand_text
from layers.verdict_words import verdict_word

__all__ = ["ComparedCell", "ComparedLine", "compared"]

# Sums of the same areas in another order differ in the last digits, which is no difference.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """One figure in one column; ``difference`` is that to the first column, None where there is none.

    ``pending`` says that the check has not been run again yet: value and verdict are None.
    """

    value: float | None
    verdict: Verdict | None
    difference: float | None
    other_verdict: bool
    explanation: str
    pending: bool = False

    @property
    def differs(self) -> bool:
        """Whether it differs from the first column."""
        return self.other_verdict or bool(self.difference)


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A figure of a unit (code "" for the city) in all columns. ``judged`` if it is the compared one of its target."""

    check: str
    title: str
    demand: str
    unit: str
    unit_name: str
    figure: str
    figure_title: str
    measure: str
    judged: bool
    cells: tuple[ComparedCell, ...]

    @property
    def differs(self) -> bool:
        """Whether any column differs from the first."""
        return any(cell.differs or cell.pending for cell in self.cells)

    def text(self, column: int) -> str:
        """What a cell shows: sign and word of the verdict where it is judged, the figure, the difference with its sign."""
        cell = self.cells[column]
        if cell.pending:
            return "…"
        parts = []
        if self.judged and cell.verdict is not None:
            parts.append(f"{MARKS[cell.verdict]} {verdict_word(cell.verdict)}")
        if cell.value is not None:
            parts.append(amount_text(cell.value, self.measure))
        elif not parts:
            parts.append("–")
        if cell.difference:
            sign = "▲" if cell.difference > 0 else "▼"
            parts.append(f"{sign} {_difference_text(abs(cell.difference), self.measure)}")
        elif cell.other_verdict:
            parts.append(tr("（结论改变）"))
        return "  ".join(parts)


def compared(columns: Sequence[Sequence[CheckResult]], *, everything: bool = False) -> list[ComparedLine]:
    """Lines for each check, the city before the units.

    The judged figure of the city and of units is always there, other figures where a column differs; ``everything``
    gives all figures. Columns may lack checks, which are pending then; the first one has all.
    """
    lines = []
    by_id = [{item.id: item for item in column} for column in columns[1:]]
    for base in columns[0]:
        others = [column.get(base.id) for column in by_id]
        for old in [*([base.city] if base.city is not None else []), *base.units]:
            city = old is base.city
            news = [None if other is None else _of(other, old.code, city=city) for other in others]
            lines += _lines(base, old, news, city=city, everything=everything)
    return lines


def _of(result: CheckResult, code: str, *, city: bool) -> UnitResult | None:
    if city:
        return result.city
    return next((item for item in result.units if item.code == code), None)


def _lines(
    base: CheckResult,
    old: UnitResult,
    news: Sequence[UnitResult | None],
    *,
    city: bool,
    everything: bool,
) -> list[ComparedLine]:
    found = []
    judged = base.clause.figure
    keys = (
        [judged, *(key for key in base.figure_units if key != judged)] if judged else ["", *base.figure_units]
    )
    if not everything and all(new is old for new in news):
        keys = keys[:1]  # of what was not run again only the judged figure is shown
    for key in keys:
        title, measure = base.figure_units.get(key, ("", ""))
        cells = tuple(_cell(key, old, new, verdict=key == judged) for new in [old, *news])
        line = ComparedLine(
            check=base.id,
            title=base.title,
            demand=demand_text(base.clause),
            unit="" if city else old.code,
            unit_name=old.name,
            figure=key,
            figure_title=title,
            measure=measure,
            judged=key == judged,
            cells=cells,
        )
        if line.judged or everything or any(cell.differs for cell in cells):
            found.append(line)
    return found


def _cell(key: str, old: UnitResult, new: UnitResult | None, *, verdict: bool) -> ComparedCell:
    if new is None:
        return ComparedCell(None, None, None, other_verdict=False, explanation="", pending=True)
    before, value = old.figures.get(key), new.figures.get(key)
    difference = None
    if before is not None and value is not None:
        difference = value - before
        if abs(difference) <= _SAME * max(abs(before), abs(value), 1.0):
            difference = 0.0
    return ComparedCell(
        value=value,
        verdict=Verdict(new.verdict) if verdict else None,
        difference=difference,
        other_verdict=verdict and new.verdict != old.verdict,
        explanation=new.explanation,
    )


def _difference_text(value: float, measure: str) -> str:
    """Two shares differ by percentage points, not by percent."""
    if measure in ("percent", "one"):
        points = value * PERCENT if measure == "one" else value
        return tr("{points} 个百分点", points=round_figure(float(points), 2))
    return amount_text(value, measure)
