"""指标总表 on paper: units by targets, readable in black and white, with the clauses below."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gis.draw.page import Page, write_pdf
from gis.draw.words import fitted_lines
from gis.text import tr
from layers.checks.result import Verdict
from layers.indicator_matrix import MARKS, Matrix, MatrixCell
from layers.output_files import ready_target, write_whole
from layers.policy import Policy
from layers.verdict_words import verdict_word

__all__ = ["IndicatorTable", "compose_indicators"]

_MARGIN = 15.0
_HEAD, _NAME = 17.0, 24.0  # mm
_ROW, _LEAST_ROW = 8.2, 5.0
_MOST, _MOST_ROWS = 9, 22  # targets and units on one page
_NOTES = 42.0  # mm for the signs and the clauses
_TEXT, _SMALL = 2.6, 2.2
# Light enough for black text, and apart in grey too: what falls short is the darkest.
_FILLS = {
    Verdict.MET: "#E4F1E8",
    Verdict.SHORT: "#E9A9A2",
    Verdict.EMPTY: "#FFFFFF",
    Verdict.NOT_JUDGED: "#F3F3F3",
}
_WARNING = "#C00000"
_RAISED = str.maketrans({"⁴": "^4", "⁸": "^8"})  # of English measures; the fonts of the page lack them


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """The composed pages."""

    pages: tuple[Page, ...]

    def write_pdf(self, path: str | Path) -> Path:
        """Write all pages as one PDF, whole or not at all; ``ParkLineError`` where nothing can be written."""
        target = ready_target(Path(path), (".pdf",))
        write_whole(target, lambda part: write_pdf(self.pages, part, title=tr("指标总表")))
        return target


def compose_indicators(
    table: Matrix, policy: Policy, *, project: str, day: dt.date, demo: bool
) -> IndicatorTable:
    """A4 sheets that lie; what one cannot hold of targets and units follows on further sheets."""
    count = len(table.columns)
    parts = [
        (replace(table, rows=table.rows[first : first + _MOST_ROWS]), range(start, min(start + _MOST, count)))
        for first in range(0, len(table.rows), _MOST_ROWS)
        for start in range(0, max(count, 1), _MOST)
    ]
    pages = [
        _page(part, policy, numbers, number, len(parts), project, day, demo)
        for number, (part, numbers) in enumerate(parts, 1)
    ]
    return IndicatorTable(tuple(pages))


def _row_height(page: Page, table: Matrix) -> float:
    room = page.height - 2 * _MARGIN - 14.0 - _HEAD - _NOTES
    return max(_LEAST_ROW, min(_ROW, room / max(len(table.rows), 1)))


def _page(
    table: Matrix,
    policy: Policy,
    numbers: range,
    sheet: int,
    sheets: int,
    project: str,
    day: dt.date,
    demo: bool,
) -> Page:
    page = Page("A4", landscape=True)
    left, right, top = _MARGIN, page.width - _MARGIN, page.height - _MARGIN
    title = tr("工业用地与园区指标总表")
    page.text(page.width / 2, top - 3.0, title, 6.0, ha="center")
    about = tr("项目：{project}　时点：{day}", project=project, day=day.isoformat())
    page.text(left, top - 10.0, about, _TEXT)
    paper = tr(
        "政策：{title} {version}　SHA-256 {sha}…",
        title=policy.title,
        version=policy.version,
        sha=policy.sha256[:12],
    )
    page.text(right, top - 10.0, paper, _TEXT, ha="right")
    if demo:
        text = tr("示例数据")
        page.text(left, top - 3.0, text, 4.5, colour=_WARNING)
    head = top - 14.0
    width = (right - left - _NAME) / max(len(numbers), 1)
    row = _row_height(page, table)
    _grid(page, table, numbers, (left, head), (width, row))
    foot = head - _HEAD - len(table.rows) * row
    _notes(page, table, numbers, left, right, foot - 5.0)
    if sheets > 1:
        text = tr("第 {number} 页，共 {count} 页", number=sheet, count=sheets)
        page.text(right, _MARGIN - 5.0, text, _SMALL, ha="right")
    return page


def _grid(
    page: Page, table: Matrix, numbers: range, corner: tuple[float, float], size_of: tuple[float, float]
) -> None:
    (left, head), (width, height) = corner, size_of
    rules = []
    bottom = head - _HEAD - len(table.rows) * height
    right = left + _NAME + len(numbers) * width
    page.text(left + 1.5, head - _HEAD / 2, tr("管理单元"), _TEXT)
    for place, number in enumerate(numbers):
        column = table.columns[number]
        middle = left + _NAME + (place + 0.5) * width
        lines, size = fitted_lines(column.title, width - 2.0, _TEXT, lines=3, smallest=1.7)
        for row, line in enumerate(lines):
            page.text(middle, head - 3.0 - row * size * 1.2, line, size, ha="center")
        demand, small = fitted_lines(column.demand.translate(_RAISED), width - 2.0, _SMALL)
        page.text(middle, head - _HEAD + 2.2, demand[0], small, ha="center")
        rules.append([[left + _NAME + place * width, head], [left + _NAME + place * width, bottom]])
    for row, (code, name) in enumerate(table.rows):
        high = head - _HEAD - row * height
        rules.append([[left, high], [right, high]])
        lines, size = fitted_lines(name, _NAME - 3.0, _TEXT)
        page.text(left + 1.5, high - height / 2, lines[0], size)
        for place, number in enumerate(numbers):
            _cell(page, table.cells.get((code, number)), (left + _NAME + place * width, high), size_of)
    page.lines([np.array(rule) for rule in rules], 0.08)
    page.box(left, bottom, right - left, head - bottom, 0.3)


def _cell(
    page: Page, cell: MatrixCell | None, corner: tuple[float, float], size_of: tuple[float, float]
) -> None:
    if cell is None:
        return
    (west, high), (width, height) = corner, size_of
    low = high - height
    corners = np.array([[west, low], [west + width, low], [west + width, high], [west, high]])
    page.polygons([corners], _FILLS[cell.verdict])
    text = f"{MARKS[cell.verdict]} {cell.figure or verdict_word(cell.verdict)}"
    lines, size = fitted_lines(text.translate(_RAISED), width - 2.0, _TEXT)
    page.text(west + width / 2, high - height / 2, lines[0], size, ha="center")


def _notes(page: Page, table: Matrix, numbers: range, left: float, right: float, top: float) -> None:
    """The signs, and for each target its clause."""
    signs = tr("　").join(f"{sign} {verdict_word(verdict)}" for verdict, sign in MARKS.items())
    page.text(left, top, tr("图例：{signs}", signs=signs), _SMALL)
    y = top - 4.0
    for number in numbers:
        column = table.columns[number]
        quotation = tr("“{text}”", text=column.clause.quotation) if column.clause.quotation else ""
        text = tr("{title}：{text}", title=column.title, text=f"{column.clause.number} {quotation}".strip())
        lines, size = fitted_lines(text, right - left, _SMALL, smallest=1.5)
        if y < _MARGIN - 2.0:
            return
        page.text(left, y, lines[0], size)
        y -= 3.4
