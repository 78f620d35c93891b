"""Small signs on the map: a text in a box beside a place, readable on the light and on the dark sheet."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from gis.draw.symbols import symbol_set

__all__ = ["note"]

_PADDING = 8.0


def note(
    painter: QPainter,
    font: QFont,
    text: str,
    at: QPointF,
    colour: QColor,
    style: str,
    *,
    centred: bool = False,
) -> None:
    """Write lines of text right below a place, or with the place in their middle; ``style`` is the set of symbols."""
    symbols = symbol_set(style)
    metrics = QFontMetricsF(font)
    lines = text.split("\n")
    width = max(metrics.horizontalAdvance(line) for line in lines) + 2 * _PADDING
    height = metrics.height() * len(lines) + 10
    corner = QPointF(at.x() - width / 2, at.y() - height / 2) if centred else at + QPointF(14, 10)
    room = QRectF(corner.x(), corner.y(), width, height)
    sign = QPainterPath()
    sign.addRoundedRect(room, 4, 4)
    sheet = QColor(symbols.halo)
    sheet.setAlphaF(0.92)
    painter.fillPath(sign, sheet)
    painter.setPen(QPen(colour, 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(sign)
    painter.setFont(font)
    painter.setPen(QColor(symbols.text))
    side = Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft
    painter.drawText(room.adjusted(_PADDING, 5, -_PADDING, 0), side | Qt.AlignmentFlag.AlignTop, text)
