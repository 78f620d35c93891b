"""CSV and Excel files that other programs open without running anything that stands in them."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from gis.progress import Progress, silent
from gis.text import tr
from layers.workbook_style import HEADER_FILL, put, sheet_title

__all__ = ["plain_cell", "write_csv", "write_xlsx"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_STEP = 2_000


def plain_cell(value: object) -> object:
    """A value as CSV holds it: missing is empty, a date is ISO 8601, text never begins a formula.

    A leading apostrophe is what spreadsheets take as "this is text"; the import takes it off again.
    """
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a ledger in UTF-8 with a byte order mark, without which Excel reads Chinese as Latin."""
    columns = [[plain_cell(value) for value in frame[name].astype(object)] for name in frame.columns]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([plain_cell(str(name)) for name in frame.columns])
        writer.writerows(zip(*columns, strict=True))


def write_xlsx(frame: pd.DataFrame, path: Path, *, title: str, progress: Progress = silent) -> None:
    """Write one sheet with a header row; rows go to the disk as they are made."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(title, []))
    sheet.freeze_panes = "A2"
    head = []
    for name in frame.columns:
        cell = WriteOnlyCell(sheet)
        put(cell, str(name))
        cell.font, cell.fill = Font(bold=True), HEADER_FILL
        head.append(cell)
    sheet.append(head)
    columns = [[_cell_value(value) for value in frame[name].astype(object)] for name in frame.columns]
    # Row by row, because the workbook is written that way.
    for number, values in enumerate(zip(*columns, strict=True)):
        if number % _STEP == 0:
            progress(number / max(1, len(frame)), tr("写入第 {row} 行", row=f"{number:,}"))
        cells = []
        for value in values:
            cell = WriteOnlyCell(sheet)
            put(cell, value)
            if isinstance(value, float):
                cell.number_format = "General"  # the unrounded figure: this is data, not a report
            cells.append(cell)
        sheet.append(cells)
    book.save(path)


def _cell_value(value: object) -> object:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value
