"""One check in one line: icon, title and period, and the verdict in its colour; painted, not built of widgets.

A policy has some thirty targets: a widget for each would hold the window up for a tenth of a second at every check.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QWidget,
)

from app import theme
from app.panels.evidence import verdict_text
from app.panels.unit_bars import VERDICT_ICONS, verdict_colour
from app.panels.widgets import plain_tip

if TYPE_CHECKING:
    from layers.checks.result import CheckResult

__all__ = ["VerdictList"]

_SEEN = 8  # lines; the others are scrolled to
_SIGN, _MARGIN, _GAP = 16, 8, 6  # pixels
_WORD = Qt.ItemDataRole.UserRole
_COLOUR = Qt.ItemDataRole.UserRole + 1
_ICON = Qt.ItemDataRole.UserRole + 2


class VerdictList(QListWidget):
    """The checks in the order of the policy; a click or Enter is ``itemActivated``, its row the place of the check."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(_Lines(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(0)

    def show_results(self, results: Sequence[CheckResult]) -> None:
        """Replace the lines; as many as fit stand in sight."""
        self.clear()
        for result in results:
            verdict, clause = str(result.verdict), result.clause
            line = QListWidgetItem(" · ".join(filter(None, (result.title, result.period))))
            line.setData(_WORD, verdict_text(result))
            line.setData(_COLOUR, verdict_colour(verdict))
            line.setData(_ICON, VERDICT_ICONS.get(verdict, "not_judged"))
            line.setToolTip(
                plain_tip(f"{line.text()}\n{clause.policy} {clause.number}\n“{clause.quotation}”")
            )
            line.setData(Qt.ItemDataRole.AccessibleTextRole, f"{line.text()} {line.data(_WORD)}")
            self.addItem(line)
        lines = min(len(results), _SEEN)
        self.setFixedHeight(lines * self.sizeHintForRow(0) + 2 * self.frameWidth() if lines else 0)


class _Lines(QStyledItemDelegate):
    # The options are ``Any``: PySide's stubs do not know the fields of QStyleOptionViewItem.

    def sizeHint(  # noqa: N802 - Qt's name
        self,
        option: Any,
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002
    ) -> QSize:
        """Never wider than the list."""
        return QSize(60, max(int(option.fontMetrics.height()), _SIGN) + 4)

    def paint(self, painter: QPainter, option: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        """Icon, title cut to the room, verdict."""
        line = QRect(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        colours = theme.current()
        painter.save()
        if selected:
            painter.fillRect(line, option.palette.brush(QPalette.ColorRole.Highlight))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(line, QColor(colours.hover))
        ink = colours.on_accent if selected else str(index.data(_COLOUR))
        ratio = painter.device().devicePixelRatioF()
        sign = theme.pixmap(str(index.data(_ICON)), ink, _SIGN, ratio)
        painter.drawPixmap(line.left() + _MARGIN, line.top() + (line.height() - _SIGN) // 2, sign)
        line.adjust(_MARGIN + _SIGN + _GAP, 0, -_MARGIN, 0)
        bold = option.font
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(ink))
        word, middle = str(index.data(_WORD)), Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | middle), word)
        room = painter.fontMetrics().horizontalAdvance(word) + _GAP
        bold.setBold(False)
        painter.setFont(bold)
        painter.setPen(QColor(colours.on_accent if selected else colours.text))
        title = painter.fontMetrics().elidedText(
            str(index.data(Qt.ItemDataRole.DisplayRole)), Qt.TextElideMode.ElideRight, line.width() - room
        )
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | middle), title)
        painter.restore()
