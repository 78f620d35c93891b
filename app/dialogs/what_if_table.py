"""The figures of scenarios beside those of the project as it is, differences marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.panels.unit_bars import verdict_colour
from app.panels.widgets import EmptyHint, plain_tip
from gis.text import tr
from layers.scenarios.comparison import ComparedLine

__all__ = ["ComparisonTable"]

_STRENGTH = 46  # of 255: how strongly a cell is coloured
_HEADERS = 3  # check and demand, unit, figure
_WIDTHS = (190, 90, 150, 146)
_SCENARIO_WIDTH = 212


class ComparisonTable(QTableView):
    """Lines of figures; ``explained`` carries what stands behind the cell that was chosen."""

    explained = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[ComparedLine] = []
        self._shown: list[ComparedLine] = []  # as long as they stand in the colours of today's theme
        self.items = QStandardItemModel(self)
        self.setModel(self.items)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        self.setAccessibleName(tr("情景比较"))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        EmptyHint(self, tr("正在准备：读取项目并运行检查。"))
        self.selectionModel().currentChanged.connect(self._cell_chosen)

    def show_lines(self, lines: Sequence[ComparedLine], names: Sequence[str]) -> None:
        """Show lines with a column for the project as it is and for each of these scenarios; the place looked at stays."""
        self._lines = list(lines)
        known, self._shown = self._shown, self._lines
        chosen = self.currentIndex()
        place = (chosen.row(), chosen.column())
        scrolled = self.verticalScrollBar().value()
        columns = _HEADERS + 1 + len(names)
        fresh = self.items.columnCount() != columns
        self.items.setRowCount(len(self._lines))
        self.items.setColumnCount(columns)
        self.items.setHorizontalHeaderLabels([tr("检查与要求"), tr("单元"), tr("数值"), tr("现状"), *names])
        before = ("", "")
        for row, line in enumerate(self._lines):
            same_check, same_unit = before[0] == line.check, before == (line.check, line.unit)
            before = (line.check, line.unit)
            # While a control moves nearly all lines stay as they are, and so do those above them.
            if (
                not fresh
                and row < len(known)
                and known[row] == line
                and (not row or known[row - 1] == lines[row - 1])
            ):
                continue
            demand = f"{line.title}  {line.demand}"
            self._put(row, 0, "" if same_check else demand, demand)
            self._put(row, 1, "" if same_unit else line.unit_name, line.unit_name)
            self._put(row, 2, line.figure_title, line.figure_title)
            for column in range(len(line.cells)):
                self._put_figure(row, column, line)
        if fresh:
            for column, width in enumerate([*_WIDTHS, *[_SCENARIO_WIDTH] * len(names)]):
                self.setColumnWidth(column, width)
        if place[0] >= 0:
            self.setCurrentIndex(self.items.index(*place))
        self.verticalScrollBar().setValue(scrolled)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """In another theme all lines are coloured anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._shown = []

    def _put_figure(self, row: int, column: int, line: ComparedLine) -> None:
        cell = line.cells[column]
        text = line.text(column)
        item = self._put(row, _HEADERS + column, text, f"{text}\n{cell.explanation}")
        font = item.font()
        font.setBold(cell.differs)
        item.setFont(font)
        if cell.verdict is None:
            item.setData(None, Qt.ItemDataRole.ForegroundRole)
            item.setData(None, Qt.ItemDataRole.BackgroundRole)
            return
        colour = QColor(verdict_colour(str(cell.verdict)))
        item.setForeground(colour)
        colour.setAlpha(_STRENGTH)
        item.setBackground(colour)

    def _put(self, row: int, column: int, text: str, tip: str) -> QStandardItem:
        item: QStandardItem | None = self.items.item(row, column)
        if item is None:
            item = QStandardItem()
            self.items.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
        item.setToolTip(plain_tip(tip))
        return item

    def _cell_chosen(self, index: QModelIndex, _before: QModelIndex) -> None:
        column = index.column() - _HEADERS
        if not index.isValid() or index.row() >= len(self._lines) or column < 0:
            self.explained.emit("")
            return
        line = self._lines[index.row()]
        self.explained.emit(
            tr(
                "{column} · {unit} · {check}：{text}",
                column=self.items.headerData(index.column(), Qt.Orientation.Horizontal),
                unit=line.unit_name,
                check=line.title,
                text=line.cells[column].explanation,
            )
        )
