"""Small pictures of how layers look, for the layer tree and the legend."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from gis.draw.symbols import HATCH_OPACITY
from layers.spec import GeometryKind

__all__ = ["Swatch", "swatch_icon"]

_DASHES = {"dash": [2.2, 1.6], "dot": [0.8, 1.4], "dash_dot": [2.4, 1.2, 0.6, 1.2]}
_BRUSHES = {
    "diagonal_right": Qt.BrushStyle.BDiagPattern,
    "diagonal_left": Qt.BrushStyle.FDiagPattern,
    "diagonal_cross": Qt.BrushStyle.DiagCrossPattern,
    "horizontal": Qt.BrushStyle.HorPattern,
    "vertical": Qt.BrushStyle.VerPattern,
    "grid": Qt.BrushStyle.CrossPattern,
    "dots": Qt.BrushStyle.Dense6Pattern,
}
_RATIO = 3.0  # sharp at three device pixels a logical one and scaled down below


@dataclass(frozen=True, slots=True)
class Swatch:
    """How a layer's sign looks: ``fill`` may be empty (outline only); ``kind`` decides the shape.

    ``fills`` are shown side by side for a layer whose colour follows from its classes.
    """

    fill: str
    stroke: str
    kind: GeometryKind
    line_style: str = "solid"
    hatch: str = ""
    hatch_style: str = "diagonal_right"
    width: float = 1.5
    fills: tuple[str, ...] = ()
    opacity: float = 1.0


def swatch_icon(swatch: Swatch, size: int = 18) -> QIcon:
    """The sign of a layer as an icon."""
    picture = QPixmap(round(size * _RATIO), round(size * _RATIO))
    picture.setDevicePixelRatio(_RATIO)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(swatch.opacity)
    pen = QPen(QColor(swatch.stroke or "#00000000"), min(max(swatch.width, 0.8), 3.0))
    if swatch.line_style in _DASHES:
        pen.setDashPattern(_DASHES[swatch.line_style])
    if swatch.kind is GeometryKind.POINT:
        painter.setPen(pen)
        painter.setBrush(QColor(swatch.fill or swatch.stroke))
        painter.drawEllipse(QPointF(size / 2, size / 2), 4.5, 4.5)
    elif swatch.kind is GeometryKind.LINE:
        painter.setPen(pen)
        painter.drawLine(QPointF(2, size - 4), QPointF(size - 3, 4))
    else:
        _patch(painter, QRectF(1.5, 3, size - 3, size - 6), swatch, pen)
    painter.end()
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)  # else Qt tints it, and a colour is what it is there for
    return icon


def _patch(painter: QPainter, place: QRectF, swatch: Swatch, pen: QPen) -> None:
    shape = QPainterPath()
    shape.addRoundedRect(place, 2, 2)
    painter.save()
    painter.setClipPath(shape)
    colours = swatch.fills or ((swatch.fill,) if swatch.fill else ())
    for number, colour in enumerate(colours):
        width = place.width() / len(colours)
        stripe = QRectF(place.left() + number * width, place.top(), width + 0.5, place.height())
        painter.fillRect(stripe, QColor(colour))
    if swatch.hatch and swatch.hatch_style:
        ink = QColor(swatch.hatch)
        ink.setAlphaF(min(1.0, HATCH_OPACITY * 2))
        painter.fillRect(place, QBrush(ink, _BRUSHES[swatch.hatch_style]))
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawPath(shape)
    if swatch.line_style == "double":
        painter.drawRect(place.adjusted(2.2, 2.2, -2.2, -2.2))
    elif swatch.line_style == "ticks":
        for x in (0.25, 0.5, 0.75):
            middle = place.left() + place.width() * x
            for y in (place.top(), place.bottom()):
                painter.drawLine(QPointF(middle, y - 1.5), QPointF(middle, y + 1.5))
