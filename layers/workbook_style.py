"""How the program's workbooks look, and how text from outside gets into them without becoming a formula."""

from __future__ import annotations

import datetime as dt
import math

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gis.units import UNIT_TITLES

__all__ = ["FILLS", "HEADER_FILL", "fit_columns", "header_row", "number_format", "put", "sheet_title"]

HEADER_FILL = PatternFill("solid", fgColor="FFD9E2EC")
FILLS = {
    "met": PatternFill("solid", fgColor="FFC6E7C8"),
    "short": PatternFill("solid", fgColor="FFF4B6B0"),
    "empty": PatternFill("solid", fgColor="FFE3E3E3"),
    "not_judged": PatternFill("solid", fgColor="FFFBE3A5"),
}
# Decimals as papers show them (domain reference §9.4); the cell keeps the unrounded value.
_FORMATS = {
    "m2": "#,##0.00",
    "ha": "#,##0.0000",
    "mu": "#,##0.00",
    "one": "0.00%",
    "percent": "0.00",
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def put(cell: Cell | MergedCell, value: object, unit: str | None = None) -> None:
    """Write a value; text never becomes a formula, whatever it begins with. NaN and infinity leave the cell empty."""
    if not isinstance(cell, Cell):
        return  # only the first cell of a merged range holds a value
    item = getattr(value, "item", None)
    if callable(item):  # a number of numpy
        value = item()
    if isinstance(value, bool) or not isinstance(value, (int, float, dt.date)):
        text = "" if value is None else ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32_000]
        cell.value = text or None
        if text:
            cell.data_type = "s"
        if text.startswith(_FORMULA_STARTS):
            cell.quotePrefix = True
        return
    if isinstance(value, float) and not math.isfinite(value):
        return
    cell.value = value
    if isinstance(value, (int, float)):
        cell.number_format = number_format(unit, value)
    else:
        cell.number_format = "yyyy-mm-dd"


def number_format(unit: str | None, value: float) -> str:
    """Excel's format of a figure in that unit; without one, whole numbers are shown as such."""
    if unit in _FORMATS:
        return _FORMATS[unit]
    # A format with optional decimals ("#,##0.##") shows a whole number as "6."
    return "#,##0.00" if unit in UNIT_TITLES or value != round(value) else "#,##0"


def header_row(sheet: Worksheet, row: int, titles: list[str]) -> None:
    """A bold, shaded row of column titles."""
    for column, title in enumerate(titles, start=1):
        cell = sheet.cell(row=row, column=column)
        put(cell, title)
        cell.font = Font(bold=True)
        cell.fill = HEADER_FILL
        cell.alignment = Alignment(wrap_text=True, vertical="center")


def fit_columns(sheet: Worksheet, first_row: int, *, longest: int = 46) -> None:
    """Column widths from the content from ``first_row`` on; a Chinese character counts twice."""
    for index, column in enumerate(
        sheet.iter_cols(min_row=first_row, max_row=min(sheet.max_row, first_row + 300)), start=1
    ):
        width = max((_width(cell.value) for cell in column), default=8)
        sheet.column_dimensions[get_column_letter(index)].width = min(max(width + 2, 9), longest)


def _width(value: object) -> int:
    if isinstance(value, float):
        return 14
    return sum(2 if ord(character) > 255 else 1 for character in str(value or ""))


def sheet_title(title: str, taken: list[str]) -> str:
    """A title Excel accepts: at most 31 characters, none of ``[]:*?/\\``, not taken yet."""
    plain = "".join("·" if character in "[]:*?/\\" else character for character in title)[:31] or "1"
    number, name = 2, plain
    while name in taken:
        name, number = f"{plain[:27]} {number}", number + 1
    return name
