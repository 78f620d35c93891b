"""A polygon from its boundary points: typed row by row, or pasted from a coordinate text or from Excel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.editing.painting import area_text, length_text, paint_points, paint_shape, screen_points
from app.panels.widgets import label
from gis.errors import ParkLineError
from gis.text import tr

if TYPE_CHECKING:
    from app.editing.latest import Latest
    from gis.editing.boundary_entry import BoundaryEntry

__all__ = ["BoundaryPointsDialog", "cells_of"]

_SETTLE = 150  # ms after a keystroke
_FIRST_ROWS = 12
_SPARE = 3
_NAMES_SHOWN = 60
_COLUMNS = 4


class BoundaryPointsDialog(QDialog):
    """Does not block the map. ``place_wanted`` asks to show the polygon there; ``entry`` is what was understood."""

    place_wanted = Signal(object)  # shapely geometry
    understood = Signal()

    def __init__(self, plane: int, latest: Latest, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._plane, self._latest = plane, latest
        self.entry: BoundaryEntry | None = None
        self.area = 0.0
        self._filling = False
        self.table = QTableWidget(_FIRST_ROWS, _COLUMNS)
        self.table.setHorizontalHeaderLabels([tr("点号"), tr("圈号"), "X", "Y"])
        for column, width in enumerate((70, 50, 130, 130)):
            self.table.setColumnWidth(column, width)
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        self.table.itemChanged.connect(self._typed)
        self.table.installEventFilter(self)
        self.order = QComboBox()
        for text, value in (
            (tr("自动识别"), None),
            (tr("X 为北、Y 为东（测量坐标）"), True),
            (tr("X 为东、Y 为北"), False),
        ):
            self.order.addItem(text, value)
        self.order.currentIndexChanged.connect(self._soon)
        self.paste_button = QPushButton(tr("粘贴"))
        self.paste_button.setAutoDefault(False)
        self.paste_button.setToolTip(tr("粘贴坐标 TXT 或 Excel 中的行（Ctrl+V）"))
        self.paste_button.clicked.connect(self.paste)
        self.clear_button = QPushButton(tr("清空"))
        self.clear_button.setAutoDefault(False)
        self.clear_button.clicked.connect(lambda: self.fill([]))
        self.sketch = _Sketch()
        self.how = label("", "muted", wrap=True)
        self.figures = label("", "heading", wrap=True)
        self.problem = label("", wrap=True)
        self.conflicts = label("", wrap=True)
        self.show_button = QPushButton(tr("在地图上显示"))
        self.show_button.setAutoDefault(False)
        self.show_button.clicked.connect(self._show_place)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("下一步…"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_SETTLE)
        self._delay.timeout.connect(self._read)
        self.finished.connect(lambda _result: latest.forget("entry"))
        self._show(None)
        self.resize(820, 520)

    def _lay_out(self) -> None:
        over = QHBoxLayout()
        over.addWidget(self.paste_button)
        over.addWidget(self.clear_button)
        over.addStretch(1)
        form = QFormLayout()
        form.addRow(tr("坐标次序"), self.order)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(
            label(
                tr("每行一个界址点；圈号可以不填，孔洞另起一圈。X、Y 颠倒和带号会自动识别。"),
                "muted",
                wrap=True,
            )
        )
        left.addWidget(self.table, 1)
        left.addLayout(over)
        right.addLayout(form)
        right.addWidget(self.sketch, 1)
        for part in (self.figures, self.how, self.conflicts, self.problem):
            right.addWidget(part)
        right.addWidget(self.show_button, 0, Qt.AlignmentFlag.AlignLeft)
        both = QHBoxLayout()
        both.addLayout(left, 5)
        both.addLayout(right, 4)
        layout = QVBoxLayout(self)
        layout.addLayout(both, 1)
        layout.addWidget(self.buttons)

    # --- the rows ------------------------------------------------------------------------------------

    def text(self) -> str:
        """The rows as a coordinate text; line numbers are row numbers."""
        lines = []
        for row in range(self.table.rowCount()):
            cells = [self._cell(row, column) for column in range(_COLUMNS)]
            lines.append(",".join(cells) if any(cells) else "")
        return "\n".join(lines).rstrip()

    def _cell(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return item.text().strip() if item is not None else ""

    def fill(self, rows: list[tuple[str, str, str, str]], first: int = 0) -> None:
        """Put rows into the table from a row on; an empty list empties it."""
        self._filling = True
        if not rows:
            self.table.clearContents()
        self.table.setRowCount(max(self.table.rowCount(), first + len(rows) + _SPARE))
        for offset, cells in enumerate(rows):
            for column, value in enumerate(cells):
                self.table.setItem(first + offset, column, QTableWidgetItem(value))
        self._filling = False
        self._soon()

    def paste(self) -> None:
        """Take the rows of the clipboard, from the present row on."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self.fill(cells_of(text), max(self.table.currentRow(), 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Ctrl+V pastes rows, Delete empties cells."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Paste):
                self.paste()
                return True
            if event.key() == Qt.Key.Key_Delete:
                for item in self.table.selectedItems():
                    item.setText("")
                return True
        return super().eventFilter(watched, event)

    def _typed(self, item: QTableWidgetItem) -> None:
        if self._filling:
            return
        if item.row() >= self.table.rowCount() - 1 and item.text().strip():
            self.table.setRowCount(self.table.rowCount() + _SPARE)
        self._soon()

    # --- understanding them --------------------------------------------------------------------------

    def _soon(self) -> None:
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(False)
        self._delay.start()

    def _read(self) -> None:
        text, plane, north_first = self.text(), self._plane, self.order.currentData()
        if not text:
            self._show(None)
            return

        def work() -> tuple[BoundaryEntry, float, float]:
            import numpy as np

            from gis.area import ellipsoidal_area
            from gis.editing.boundary_entry import read_boundary
            from gis.length import ellipsoidal_length

            entry = read_boundary(text, plane, north_first=north_first)
            shapes = np.array([entry.geometry], dtype=object)
            return (
                entry,
                float(ellipsoidal_area(shapes, plane)[0]),
                float(ellipsoidal_length(shapes, plane)[0]),
            )

        self._latest.ask("entry", work, lambda found: self._show(*found), self._wrong)

    def _show(self, entry: BoundaryEntry | None, area: float = 0.0, length: float = 0.0) -> None:
        self.entry, self.area = entry, area
        self._mark(None)
        self.problem.setText("")
        self.conflicts.setText("")
        self.sketch.show_entry(entry)
        self.how.setText("\n".join((entry.how, *entry.notes)) if entry is not None else "")
        self.figures.setText(
            tr(
                "{count} 个界址点，{area}，周长 {length}",
                count=len(entry.points), area=area_text(area), length=length_text(length),
            ) if entry is not None else ""
        )  # fmt: skip
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(entry is not None)
        self.show_button.setEnabled(entry is not None)
        self.understood.emit()

    def _wrong(self, error: Exception) -> None:
        self._show(None)
        if not isinstance(error, ParkLineError):
            return
        self.problem.setText(f"{error.message}\n{error.hint}".strip())
        self.problem.setStyleSheet(f"color: {theme.current().bad}")
        self._mark(error.row)

    def _mark(self, row: int | None) -> None:
        """Colour the row that is wrong, and every row with a number that is none."""
        self._filling = True
        bad = QColor(theme.current().bad)
        bad.setAlpha(70)
        for number in range(self.table.rowCount()):
            for column in range(_COLUMNS):
                item = self.table.item(number, column)
                if item is not None:
                    wrong = self.entry is None and (
                        number + 1 == row or (column >= 2 and not _is_number(item.text()))
                    )
                    item.setData(Qt.ItemDataRole.BackgroundRole, bad if wrong else None)
        if row is not None and (at := self.table.item(row - 1, 0) or self.table.item(row - 1, 2)) is not None:
            self.table.scrollToItem(at)
        self._filling = False

    def show_conflicts(self, text: str) -> None:
        """What the polygon overlaps."""
        self.conflicts.setText(text)

    def _show_place(self) -> None:
        if self.entry is not None:
            self.place_wanted.emit(self.entry.geometry)


class _Sketch(QWidget):
    """The polygon with the names of its points, fitted to the widget."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(220, 180)
        self._entry: BoundaryEntry | None = None

    def show_entry(self, entry: BoundaryEntry | None) -> None:
        """Show another polygon."""
        self._entry = entry
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the polygon."""
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(colours.base))
        if self._entry is not None:
            import shapely

            from gis.draw.view import View

            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            accent, base = QColor(colours.accent), QColor(colours.base)
            west, south, east, north = shapely.bounds(self._entry.geometry).tolist()
            view = View.showing((west, south, east, north), self.width(), self.height(), 0.18)
            paint_shape(painter, view, self._entry.geometry, accent)
            places = screen_points(view, [(point.east, point.north) for point in self._entry.points])
            paint_points(painter, places, accent, base)
            if len(places) <= _NAMES_SHOWN:
                painter.setPen(QColor(colours.text))
                for place, point in zip(places, self._entry.points, strict=True):
                    painter.drawText(place + QPointF(6, -5), point.name)
        painter.end()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return not text.strip()
    return True


def cells_of(text: str) -> list[tuple[str, str, str, str]]:
    """Lines of a coordinate text or of Excel as rows of name, ring, X and Y.

    Headings are left out. Where a line cannot be read, its last two parts stand for the coordinates, so that the
    person sees what is wrong with them.
    """
    from gis.editing.boundary_rows import boundary_rows

    try:
        rows = boundary_rows(text)
    except ParkLineError:
        return [cells for line in text.splitlines() if (cells := _parts(line)) is not None]
    found: list[tuple[str, str, str, str]] = []
    for row in rows:
        if row.starts and found:
            found.append(("", "", "", ""))
        found.append((row.name, row.ring, _number(row.values[0]), _number(row.values[1])))
    return found


def _parts(line: str) -> tuple[str, str, str, str] | None:
    parts = [part.strip() for part in re.split(r"[,;\t，；]|\s{1,}", line.strip()) if part.strip()]  # data
    if len(parts) < 2 or line.strip().startswith(("[", "#")) or line.rstrip(", ").endswith("@"):
        return None
    before = parts[:-2]
    return (before[0] if before else "", before[1] if len(before) > 1 else "", parts[-2], parts[-1])


def _number(value: float) -> str:
    """To the millimetre where that says all, else every digit."""
    short = f"{value:.3f}"
    return short if float(short) == value and abs(value) > 1000.0 else repr(value)
