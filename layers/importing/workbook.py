"""Refused rows as an Excel file for the county to mend: their own columns, row number and reason first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

from gis.text import tr
from layers.importing.report import Refused
from layers.workbook_style import fit_columns, header_row, put

__all__ = ["write_refused"]

_MOST_ROWS = 1_048_000
_LONGEST = 32_000  # characters of a cell


def _fitting(value: object) -> object:
    """A cut outline would be another outline: one that is too long for a cell is left to the source file."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return tr("（超过 {count} 字符，未写入，请在原文件中修改）", count=_LONGEST)
    return value


def write_refused(refused: Sequence[Refused], path: str | Path, *, file: str, layer: str) -> Path:
    """Write the workbook; the old file is replaced only when the new one is complete."""
    target = Path(path)
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has a sheet
    sheet.title = tr("退回数据")
    own = [tr("原行号"), tr("退回原因")]
    # A workbook that went back before has those columns already.
    columns = [key for key in dict.fromkeys(key for item in refused for key in item.values) if key not in own]
    put(
        sheet["A1"],
        tr(
            "来源文件：{file}　图层：{layer}　退回 {count} 行，请按原因修改后重新报送。",
            file=file, layer=layer, count=len(refused),
        ),
    )  # fmt: skip
    sheet["A1"].font = Font(bold=True)
    header_row(sheet, 2, [*own, *columns])
    for number, item in enumerate(list(refused)[:_MOST_ROWS], start=3):
        cells = [item.row, item.reason, *(_fitting(item.values.get(column)) for column in columns)]
        for position, value in enumerate(cells, start=1):
            put(sheet.cell(number, position), value)
    sheet.freeze_panes = "C3"
    fit_columns(sheet, 2)
    temporary = target.with_name(f".{target.name}.part")
    try:
        book.save(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target
