"""Rows on the clipboard as spreadsheets take them: tab-separated text, and a table in which texts stay texts."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QApplication

from app.panels.field_editors import plain_value
from gis.text import tr
from layers.spec import Field, FieldType

__all__ = ["clipboard_data", "copied_cell", "leave_clipboard", "tab_separated"]

_OURS = "application/x-parkline-rows"  # tells what we have put there from what others have


def copied_cell(field: Field, value: Any) -> str:
    """A value as a spreadsheet reads it: figures in full and ungrouped, codes by title, no text a formula."""
    from layers.export_ledger import plain_cell

    value = plain_value(value)
    if value is None:
        return ""
    if field.type is FieldType.CODE and field.codes:
        from layers.codes import code_table

        value = code_table(field.codes).title(value)
    elif field.type is FieldType.BOOLEAN:
        value = tr("是") if value else tr("否")
    elif field.type is FieldType.REAL:
        return f"{float(value):.10g}" if abs(float(value)) < 1e-4 else repr(float(value)).removesuffix(".0")
    elif field.type is FieldType.INTEGER:
        return str(int(value))
    return str(plain_cell(str(value)))


def tab_separated(rows: Iterable[Sequence[str]]) -> str:
    """Lines of cells; a cell that holds a tab, a line break or a quote stands in quotes."""

    def quoted(text: str) -> str:
        if any(sign in text for sign in '\t\n\r"'):
            return '"' + text.replace('"', '""') + '"'
        return text

    return "".join("\t".join(map(quoted, row)) + "\r\n" for row in rows)


def clipboard_data(fields: Sequence[Field], rows: Iterable[Sequence[Any]], *, headers: bool) -> QMimeData:
    """Rows (a value for each field) for the clipboard.

    Beside the text goes a table with the same cells: it keeps a spreadsheet from reading the code 0701 as 701.
    """
    cells = [[copied_cell(field, value) for field, value in zip(fields, row, strict=True)] for row in rows]
    head = [[field.header for field in fields]] if headers else []
    figures = [field.type in (FieldType.REAL, FieldType.INTEGER) for field in fields]
    data = QMimeData()
    data.setText(tab_separated([*head, *cells]))
    data.setHtml(_table(head, cells, figures))
    data.setData(_OURS, b"1")
    return data


def leave_clipboard() -> None:
    """Before the program ends: what was copied stays as plain text.

    Qt destroys the clipboard's data after Python has gone, and data that Python made crash it then.
    """
    clipboard = QApplication.clipboard()
    held: QMimeData | None = clipboard.mimeData()  # none where the clipboard is empty
    if held is not None and held.hasFormat(_OURS):
        clipboard.setText(clipboard.text())


def _table(head: list[list[str]], rows: list[list[str]], figures: Sequence[bool]) -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        parts = []
        for text, figure in zip(cells, figures, strict=True):
            style = "" if figure and tag == "td" else " style=\"mso-number-format:'\\@'\""
            parts.append(f"<{tag}{style}>{html.escape(text)}</{tag}>")
        return f"<tr>{''.join(parts)}</tr>"

    lines = [line("th", row) for row in head] + [line("td", row) for row in rows]
    return f'<html><head><meta charset="utf-8"></head><body><table>{"".join(lines)}</table></body></html>'
