"""The chart of the dashboard: one line per unit, reserve and quota as bars against their thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import theme
from app.panels.widgets import plain_tip

__all__ = ["VERDICT_ICONS", "Bar", "UnitBars", "UnitLine", "verdict_colour"]

VERDICT_ICONS = {"met": "met", "short": "short", "empty": "empty", "not_judged": "not_judged"}


def verdict_colour(verdict: str) -> str:
    """Colour of a verdict; never the only sign of it."""
    colours = theme.current()
    return {"met": colours.good, "short": colours.bad}.get(verdict, colours.muted)


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure against its threshold, both in one unit; ``figure`` None where there is none."""

    verdict: str
    word: str
    text: str
    figure: float | None
    threshold: float
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit with a bar per check (None where the check does not judge it)."""

    code: str
    name: str
    bars: tuple[Bar | None, ...]


class UnitBars(QWidget):
    """Paints the lines; click or Enter picks a cell (unit code, number of the check)."""

    picked = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[UnitLine, ...] = ()
        self._longest = 60  # pixels of the longest name
        self._titles: tuple[str, ...] = ()
        self._scale: tuple[float, ...] = ()
        self._current: tuple[int, int] | None = None
        self._hover: tuple[int, int] | None = None
        self._hint = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: Sequence[UnitLine], titles: Sequence[str]) -> None:
        """Paint these lines under these column titles; all bars of a column share one scale."""
        self._lines, self._titles = tuple(lines), tuple(titles)
        self._measure()
        scale = []
        for column in range(len(self._titles)):
            bars = [line.bars[column] for line in self._lines]
            values = [bar.figure or 0.0 for bar in bars if bar is not None]
            limits = [bar.threshold for bar in bars if bar is not None]
            scale.append(
                max(
                    [*(min(value, 3 * max(limits)) for value in values), *(1.25 * x for x in limits)],
                    default=1.0,
                )
            )
        self._scale = tuple(scale)
        if self._current and self._current[0] >= len(self._lines):
            self._current = None
        self.updateGeometry()
        self.setMinimumHeight(self.sizeHint().height())
        self.setAccessibleDescription(
            "; ".join(
                f"{x.name}: {', '.join(f'{b.text} {b.word}' for b in x.bars if b)}" for x in self._lines
            )
        )
        self.update()

    def show_hint(self, text: str) -> None:
        """What stands there while there are no lines."""
        self._hint = text
        self.update()

    @property
    def lines(self) -> tuple[UnitLine, ...]:
        """What is painted."""
        return self._lines

    @property
    def current(self) -> tuple[str, int] | None:
        """The picked cell: unit code and number of the check."""
        return None if self._current is None else (self._lines[self._current[0]].code, self._current[1])

    @property
    def _row_height(self) -> int:
        return self.fontMetrics().height() + 20

    @property
    def _head(self) -> int:
        return self.fontMetrics().height() + 10

    @property
    def _name_width(self) -> int:
        return min(self._longest + 16, max(self.width() * 3 // 10, 70))

    def _measure(self) -> None:
        """Every cell that is painted asks how wide the names are."""
        widths = [self.fontMetrics().horizontalAdvance(line.name) for line in self._lines]
        self._longest = max(widths, default=60)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """All lines, without scrolling of its own."""
        return QSize(340, self._head + self._row_height * max(len(self._lines), 4) + 4)

    def cell_rect(self, row: int, column: int) -> QRect:
        """Where a cell is painted."""
        width = (self.width() - self._name_width) // max(len(self._titles), 1)
        left = self._name_width + column * width
        return QRect(left, self._head + row * self._row_height, width, self._row_height)

    def _cell_at(self, point: QPoint) -> tuple[int, int] | None:
        row = (point.y() - self._head) // self._row_height
        if point.y() < self._head or not 0 <= row < len(self._lines):
            return None
        for column in range(len(self._titles)):
            if self.cell_rect(row, column).contains(point):
                return row, column
        return row, 0

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Paint titles, names and bars."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.base))
        metrics = self.fontMetrics()
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(QColor(colours.muted))
        if not self._lines:
            centred = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(24, 8, -24, -8), centred, self._hint)
        for column, title in enumerate(self._titles):
            cell = self.cell_rect(0, column)
            room = QRect(cell.left() + 6, 0, cell.width() - 12, self._head)
            painter.drawText(
                room, middle, metrics.elidedText(title, Qt.TextElideMode.ElideRight, room.width())
            )
        for row, line in enumerate(self._lines):
            top = self._head + row * self._row_height
            if row % 2:
                painter.fillRect(0, top, self.width(), self._row_height, QColor(colours.alternate))
            if self._hover is not None and self._hover[0] == row:
                painter.fillRect(0, top, self.width(), self._row_height, QColor(colours.hover))
            painter.setPen(QColor(colours.text))
            room = QRect(8, top, self._name_width - 10, self._row_height)
            name = metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, middle, name)
            for column, bar in enumerate(line.bars):
                if bar is not None:
                    self._paint_bar(painter, self.cell_rect(row, column), bar, self._scale[column])
            if self._current is not None and self._current[0] == row:
                painter.setPen(QPen(QColor(colours.accent), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                frame = self.cell_rect(row, self._current[1]).adjusted(2, 2, -2, -2)
                painter.drawRoundedRect(frame, 4, 4)
        painter.end()

    def _paint_bar(self, painter: QPainter, cell: QRect, bar: Bar, scale: float) -> None:
        colours, metrics = theme.current(), self.fontMetrics()
        colour = verdict_colour(bar.verdict)
        inner = cell.adjusted(6, 3, -8, -5)
        line = QRect(inner.left(), inner.top(), inner.width(), metrics.height())
        painter.setPen(QColor(colours.text))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, bar.text)
        used = metrics.horizontalAdvance(bar.text) + 8
        word_width = metrics.horizontalAdvance(bar.word)
        sign = theme.pixmap(VERDICT_ICONS.get(bar.verdict, "not_judged"), colour, 13)
        left = line.right() - 14
        if used + word_width + 18 <= line.width():
            left = line.right() - word_width - 17
            painter.setPen(QColor(colour))
            word = QRect(left + 17, line.top(), word_width + 2, line.height())
            painter.drawText(word, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, bar.word)
        painter.drawPixmap(left, line.center().y() - 6, sign)
        track = QRect(inner.left(), inner.bottom() - 7, inner.width(), 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.track))
        painter.drawRoundedRect(track, 3, 3)
        if bar.figure and bar.figure > 0 and scale > 0:
            painter.setBrush(QColor(colour))
            length = max(4, round(track.width() * min(bar.figure / scale, 1.0)))
            painter.drawRoundedRect(QRect(track.left(), track.top(), length, track.height()), 3, 3)
        at = track.left() + round(track.width() * min(bar.threshold / scale, 1.0))
        painter.setPen(QPen(QColor(colours.text), 1.5))
        painter.drawLine(at, track.top() - 3, at, track.bottom() + 3)

    def _pick(self, cell: tuple[int, int] | None) -> None:
        if cell is not None:
            self._current = cell
            self.update()
            self.picked.emit(self._lines[cell[0]].code, cell[1])

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Pick the cell under the mouse."""
        self._pick(self._cell_at(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Light up the line under the mouse."""
        hover = self._cell_at(event.position().toPoint())
        if hover != self._hover:
            self._hover = hover
            self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Put the light out."""
        self._hover = None
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrow keys move, as the mouse would."""
        steps = {
            Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._lines:
            super().keyPressEvent(event)
            return
        row, column = self._current or (-1, 0)
        row = min(max(row + step[0], 0), len(self._lines) - 1)
        self._pick((row, min(max(column + step[1], 0), len(self._titles) - 1)))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Names are measured in the new font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    def event(self, event: QEvent) -> bool:
        """Tooltips say what the check says."""
        if isinstance(event, QHelpEvent):
            cell = self._cell_at(event.pos())
            bar = self._lines[cell[0]].bars[cell[1]] if cell is not None else None
            if cell is not None and bar is not None:
                text = f"{self._lines[cell[0]].name}\n{bar.text} {bar.word}\n{bar.explanation}".strip()
                QToolTip.showText(event.globalPos(), plain_tip(text), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)
