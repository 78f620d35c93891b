"""The table of a comparison as an Excel workbook, with the changes of each scenario."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from gis.text import tr
from gis.units import unit_title
from layers.output_files import ready_target, write_whole
from layers.scenarios.comparison import ComparedLine
from layers.scenarios.scenario import Scenario
from layers.verdict_words import verdict_word
from layers.workbook_style import FILLS, fit_columns, header_row, put

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["write_comparison"]


def write_comparison(
    path: str | Path,
    project: Project,
    lines: Sequence[ComparedLine],
    scenarios: Sequence[Scenario],
    day: dt.date,
) -> None:
    """Two sheets: figures side by side, as numbers with their differences, and the planned changes.

    ``scenarios`` are those of the columns after the first, in order.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    _figures(book.create_sheet(tr("情景比较")), project, lines, scenarios, day)
    _changes(book.create_sheet(tr("情景变更")), scenarios, day)
    write_whole(ready_target(Path(path), (".xlsx",)), book.save)


def _figures(
    sheet: Worksheet,
    project: Project,
    lines: Sequence[ComparedLine],
    scenarios: Sequence[Scenario],
    day: dt.date,
) -> None:
    put(sheet.cell(row=1, column=1), tr("情景比较：{name}", name=project.name))
    sheet.cell(row=1, column=1).font = Font(bold=True, size=14)
    put(
        sheet.cell(row=2, column=1),
        tr(
            "时点 {day}；政策：{title} {version}",
            day=day.isoformat(),
            title=project.policy.title,
            version=project.policy.version,
        ),
    )
    if project.is_demo:
        put(
            sheet.cell(row=3, column=1),
            tr("示例数据：数字与企业均为虚构，界线为示意界线，不得用于任何决策。"),
        )
    titles = [tr("检查"), tr("要求"), tr("单元"), tr("数值"), tr("计量单位"), tr("现状"), tr("现状结论")]
    for item in scenarios:
        titles += [item.name, tr("{name} 结论", name=item.name), tr("{name} 变化", name=item.name)]
    header_row(sheet, 5, titles)
    for row, line in enumerate(lines, start=6):
        texts = [
            line.title,
            line.demand,
            line.unit_name,
            line.figure_title,
            unit_title(line.measure) if line.measure else "",
        ]
        for column, text in enumerate(texts, start=1):
            put(sheet.cell(row=row, column=column), text)
        column = 6
        for number, cell in enumerate(line.cells):
            put(sheet.cell(row=row, column=column), cell.value, line.measure)
            verdict = sheet.cell(row=row, column=column + 1)
            if cell.verdict is not None:
                put(verdict, verdict_word(cell.verdict))
                verdict.fill = FILLS[cell.verdict.value]
            if number:
                change = sheet.cell(row=row, column=column + 2)
                put(change, cell.difference, line.measure)
                change.font = Font(bold=cell.differs)
            column += 3 if number else 2
    sheet.freeze_panes = "E6"
    fit_columns(sheet, 5)


def _changes(sheet: Worksheet, scenarios: Sequence[Scenario], day: dt.date) -> None:
    header_row(sheet, 1, [tr("情景"), tr("变更"), tr("起算日期"), tr("在时点是否已生效")])
    row = 2
    for scenario in scenarios:
        pending = scenario.pending(day)
        for change in scenario.changes:
            values = [scenario.name, change.text, change.day, tr("否") if change in pending else tr("是")]
            for column, value in enumerate(values, start=1):
                put(sheet.cell(row=row, column=column), value)
            row += 1
    fit_columns(sheet, 1, longest=80)
