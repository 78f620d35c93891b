"""Small shared parts: elided labels, plain-text labels, tables of one look."""

from __future__ import annotations

import html
from typing import Protocol, cast

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QSize
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QSizePolicy, QTableView, QWidget

__all__ = ["ElidedLabel", "EmptyHint", "fit_columns", "label", "plain_tip", "table"]


def plain_tip(text: str) -> str:
    """A text as a tooltip that Qt shows as it is: cell values and file names are not markup."""
    if not Qt.mightBeRichText(text):
        return text
    return f"<span>{html.escape(text).replace(chr(10), '<br>')}</span>"


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label that shows text as it is, never as rich text. Roles: ``muted``, ``heading``, ``badge``."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setWordWrap(wrap)
    if role:
        result.setProperty("role", role)
    return result


class ElidedLabel(QLabel):
    """One line that is cut with "…" where it does not fit; the whole text is the tooltip."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Show another text."""
        super().setText(text)
        self.setToolTip(plain_tip(text))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Any width will do."""
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Paint the text cut to the width."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()


class EmptyHint(QLabel):
    """Says in the middle of an empty list what would stand there, or what to do next."""

    def __init__(self, view: QAbstractItemView, text: str) -> None:
        super().__init__(text, view.viewport())
        self._view = view
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMargin(12)
        self.setProperty("role", "muted")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        view.viewport().installEventFilter(self)
        model = view.model()
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            signal.connect(self._look)
        self.setGeometry(view.viewport().rect())
        self._look()

    def _look(self, *_: object) -> None:
        self.setVisible(self._view.model().rowCount() == 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Fill the view, whatever its size."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._view.viewport().rect())
        return super().eventFilter(watched, event)


def table(model: QAbstractItemModel, *, sortable: bool = True) -> QTableView:
    """A read-only table by rows, in the look of the program."""
    view = QTableView()
    view.setModel(model)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTextElideMode(Qt.TextElideMode.ElideRight)
    view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + 9)
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    view.horizontalHeader().setHighlightSections(False)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setTabKeyNavigation(False)  # Tab leaves the table, arrow keys move in it
    enter = QShortcut(QKeySequence(Qt.Key.Key_Return), view)
    enter.setContext(Qt.ShortcutContext.WidgetShortcut)
    enter.activated.connect(lambda: _enter(view))
    if sortable:
        # First, or a column that nobody asked for is read and sorted.
        view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        view.setSortingEnabled(True)
    return view


def _enter(view: QTableView) -> None:
    """Return does what a double click does."""
    if view.currentIndex().isValid():
        view.doubleClicked.emit(view.currentIndex())


class TextModel(Protocol):
    """A model that gives its texts without a detour through Qt, which costs ten times as much."""

    def text(self, row: int, column: int) -> tuple[str, bool]:
        """What a cell shows, and whether there is an icon before it."""


def fit_columns(
    view: QTableView, *, most: int = 260, least: int = 60, first: int = 0, rows: int = 24
) -> None:
    """Widths after the headers and ``rows`` rows from ``first`` on: no more than a screen shows."""
    model, metrics = view.model(), view.fontMetrics()
    source = cast("TextModel", model)
    last = min(model.rowCount(), first + rows)
    for column in range(model.columnCount()):
        header = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        widest = metrics.horizontalAdvance(header) + 30
        cells = [source.text(row, column) for row in range(first, last)]
        # Wide characters count twice; only the three that may be widest are measured.
        cells.sort(key=lambda cell: len(cell[0].encode("gb18030", "replace")), reverse=True)
        for text, icon in cells[:3]:
            widest = max(widest, metrics.horizontalAdvance(text) + 16 + (26 if icon else 0))
        view.setColumnWidth(column, max(least, min(widest, most)))
