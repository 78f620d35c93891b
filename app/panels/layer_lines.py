"""The lines of the layer tree: box, sign, title and number of rows, and below an opened line the classes of the layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPalette, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate

from app import theme
from app.panels.map_signs import ClassSign
from app.panels.swatches import swatch_icon

__all__ = ["CLASSES", "COUNT", "NAME", "OPEN", "LayerLines"]

NAME = Qt.ItemDataRole.UserRole
COUNT = Qt.ItemDataRole.UserRole + 1
CLASSES = Qt.ItemDataRole.UserRole + 2  # ClassSigns of the layer
OPEN = Qt.ItemDataRole.UserRole + 3

_ARROW = 18  # room of the arrow at the left
_INDENT = 40
_SIGN = 16


class LayerLines(QStyledItemDelegate):
    """Paints and measures the lines; a click on the arrow opens or closes one.

    Class lines are painted inside the line of their layer, so that a layer is dragged as one.
    """

    # The options are ``Any``: PySide's stubs do not know the fields of QStyleOptionViewItem.

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: Any, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """As high as is comfortable, and never wider than the list."""
        return QSize(60, _height(option) + len(_opened(index)) * _class_height(option))

    def paint(self, painter: QPainter, option: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        """Box, sign and title as usual, then the number, then the classes."""
        whole = QRect(option.rect)  # not a view of what is narrowed below
        first = QRect(whole.left(), whole.top(), whole.width(), _height(option))
        count = str(index.data(COUNT) or "")
        room = option.fontMetrics.horizontalAdvance(count) + 14 if count else 0
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(first, option.palette.brush(QPalette.ColorRole.Highlight))
        ink = QColor(theme.current().on_accent if selected else theme.current().muted)
        if index.data(CLASSES):
            _arrow(painter, first, ink, opened=bool(index.data(OPEN)))
        option.rect = first.adjusted(_ARROW, 0, -room, 0)
        super().paint(painter, option, index)
        if count:
            _number(painter, first, ink, count)
        _classes(painter, option, whole, first.bottom() + 1, _opened(index))

    def editorEvent(  # noqa: N802 - Qt's name
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: Any,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """A click: on the arrow it opens or closes, on the box it switches."""
        whole = QRect(option.rect)
        first = QRect(whole.left(), whole.top(), whole.width(), _height(option))
        if isinstance(event, QMouseEvent):
            place = event.position().toPoint()
            if index.data(CLASSES) and first.contains(place) and place.x() < first.left() + _ARROW:
                if event.type() == QEvent.Type.MouseButtonRelease:
                    model.setData(index, not index.data(OPEN), OPEN)
                return True
        option.rect = first.adjusted(_ARROW, 0, 0, 0)
        return super().editorEvent(event, model, option, index)


def _opened(index: QModelIndex | QPersistentModelIndex) -> Sequence[ClassSign]:
    return (index.data(CLASSES) or ()) if index.data(OPEN) else ()


def _height(option: Any) -> int:
    return int(option.fontMetrics.height()) + 8


def _class_height(option: Any) -> int:
    return int(option.fontMetrics.height()) + 3


def _arrow(painter: QPainter, line: QRect, ink: QColor, *, opened: bool) -> None:
    x, y = line.left() + _ARROW / 2 + 1, line.center().y() + 0.5
    points = [(-3.5, -2), (3.5, -2), (0, 2.5)] if opened else [(-2, -3.5), (2.5, 0), (-2, 3.5)]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in points]))
    painter.restore()


def _number(painter: QPainter, line: QRect, ink: QColor, text: str) -> None:
    painter.save()
    painter.setPen(ink)
    middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(line.adjusted(0, 0, -8, 0), int(middle), text)
    painter.restore()


def _classes(painter: QPainter, option: Any, whole: QRect, top: int, signs: Sequence[ClassSign]) -> None:
    high, metrics = _class_height(option), option.fontMetrics
    text, muted = QColor(option.palette.color(QPalette.ColorRole.Text)), QColor(theme.current().muted)
    painter.save()
    painter.setFont(option.font)
    for number, sign in enumerate(signs):
        line = QRect(whole.left() + _INDENT, top + number * high, whole.width() - _INDENT, high)
        swatch_icon(sign.swatch, _SIGN).paint(
            painter, line.left(), line.top() + (high - _SIGN) // 2, _SIGN, _SIGN
        )
        count = "" if sign.count is None else f"{sign.count:,}"
        room = metrics.horizontalAdvance(count) + 14 if count else 8
        title = line.adjusted(_SIGN + 6, 0, -room, 0)
        painter.setPen(text)
        cut = metrics.elidedText(sign.title.replace("\n", " "), Qt.TextElideMode.ElideRight, title.width())
        painter.drawText(title, int(Qt.AlignmentFlag.AlignVCenter), cut)
        if count:
            _number(painter, line, muted, count)
    painter.restore()
