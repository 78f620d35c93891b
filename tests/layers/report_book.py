"""A report as a person reads it: the cells of its sheets."""

from __future__ import annotations

from pathlib import Path

import openpyxl

__all__ = ["Page", "read_report"]

Row = tuple[object, ...]


class Page:
    """One sheet: labelled lines at its head and tables below."""

    def __init__(self, title: str, rows: list[Row]) -> None:
        self.title = title
        self.rows = rows

    def line(self, label: str) -> object:
        """What stands beside a label of the head."""
        return next(row[1] for row in self.rows if row[0] == label)

    def table(self, first: str, row_of: str = "") -> list[dict[str, object]]:
        """Rows below the header that begins with ``first``, as far as column A is filled.

        ``row_of`` finds the header after the row that begins with it.
        """
        start = next((n for n, row in enumerate(self.rows) if row[0] == row_of), 0) if row_of else 0
        head = next(n for n, row in enumerate(self.rows[start:], start) if row[0] == first)
        names = [str(name) for name in self.rows[head] if name is not None]
        found = []
        for row in self.rows[head + 1 :]:
            if all(value is None for value in row[: len(names)]):
                break
            found.append(dict(zip(names, row, strict=False)))
        return found


def read_report(path: Path) -> dict[str, Page]:
    """Pages by sheet title."""
    book = openpyxl.load_workbook(path)
    return {
        page.title: Page(page.title, [tuple(cell.value for cell in row) for row in page.iter_rows()])
        for page in book.worksheets
    }
