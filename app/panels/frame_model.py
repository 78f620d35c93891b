"""A small table of prepared rows: evidence, warnings, history. Display text and sort value kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from app.panels.widgets import plain_tip

__all__ = ["Cell", "ListModel"]

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, what it sorts by, and its icon if any."""

    text: str
    value: Any = None
    icon: QIcon | None = None
    right: bool = False


class ListModel(QAbstractTableModel):
    """Rows of cells, each with the object it stands for."""

    def __init__(self, headers: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headers = list(headers)
        self._rows: list[tuple[tuple[Cell, ...], Any]] = []

    def fill(self, rows: Sequence[tuple[Sequence[Cell], Any]], headers: Sequence[str] | None = None) -> None:
        """Show these rows: the cells and the object behind them."""
        self.beginResetModel()
        if headers is not None:
            self._headers = list(headers)
        self._rows = [(tuple(cells), item) for cells, item in rows]
        self.endResetModel()

    def item(self, row: int) -> Any:
        """The object behind a row."""
        return self._rows[row][1]

    def text(self, row: int, column: int) -> tuple[str, bool]:
        """What a cell shows, and whether there is an icon before it."""
        cell = self._rows[row][0][column]
        return cell.text, cell.icon is not None

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Number of headers."""
        return 0 if parent is not None and parent.isValid() else len(self._headers)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The column headers."""
        if orientation is Qt.Orientation.Horizontal and 0 <= section < len(self._headers):
            if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                return self._headers[section]
        elif role == Qt.ItemDataRole.DisplayRole:
            return str(section + 1)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, icon, alignment of a cell."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        cell = self._rows[index.row()][0][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(cell.text)
        if role == Qt.ItemDataRole.DecorationRole:
            return cell.icon
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if cell.right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by the cells' values, missing ones last."""
        if not 0 <= column < len(self._headers):
            return

        def key(row: tuple[tuple[Cell, ...], Any]) -> Any:
            cell = row[0][column]
            return cell.text if cell.value is None else cell.value

        self.layoutAboutToBeChanged.emit()
        kinds = {type(key(row)) for row in self._rows}
        mixed = not (len(kinds) <= 1 or kinds <= {int, float})
        self._rows.sort(
            key=(lambda row: str(key(row))) if mixed else key,
            reverse=order == Qt.SortOrder.DescendingOrder,
        )
        self.layoutChanged.emit()
