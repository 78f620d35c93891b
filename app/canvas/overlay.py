"""What lies over the picture: selection, flash, zoom box, scale bar, north arrow, banner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gis.draw.symbols import symbol_set
from gis.text import tr

if TYPE_CHECKING:
    from gis.draw.view import View

__all__ = ["Overlay"]

_FLASHES = 6
_FLASH_MILLISECONDS = 220


class Overlay:
    """Painted in the UI thread on every event, so it holds a handful of things only."""

    def __init__(self, canvas: QWidget) -> None:
        self._canvas = canvas
        self._symbols = symbol_set("light")
        self._selected: list[Any] = []
        self._flashing: Any = None
        self.compared: tuple[Any, Any] = (None, None)  # two states of one row
        self._flashes = 0
        self._box: QRectF | None = None
        self._banner = ""
        self._timer = QTimer(canvas)
        self._timer.setInterval(_FLASH_MILLISECONDS)
        self._timer.timeout.connect(self._tick)

    def set_style(self, name: str) -> None:
        """Colours of the light or dark set."""
        self._symbols = symbol_set(name)

    def background(self) -> QColor:
        """Colour of the empty sheet."""
        return QColor(self._symbols.background)

    def clear(self) -> None:
        """Forget selection, flash and banner."""
        self._selected, self._flashing, self._banner, self.compared = [], None, "", (None, None)
        self._timer.stop()

    def set_banner(self, text: str) -> None:
        """A standing remark, empty for none."""
        self._banner = text
        self._canvas.update()

    def set_box(self, box: QRectF | None) -> None:
        """The box that is being drawn."""
        self._box = box
        self._canvas.update()

    def select(self, geometries: Sequence[Any]) -> None:
        """Highlight these until others are."""
        self._selected = [geometry for geometry in geometries if geometry is not None]
        self._canvas.update()

    def flash(self, geometry: Any) -> None:
        """Let a geometry light up some times, then stay outlined; None puts it out."""
        self._flashing, self._flashes = geometry, _FLASHES
        if geometry is None:
            self._timer.stop()
        else:
            self._timer.start()
        self._canvas.update()

    @property
    def flashing(self) -> bool:
        """Whether something is lit up or outlined because it was flown to."""
        return self._flashing is not None

    def compare(self, before: Any, after: Any) -> None:
        """Two states of one row: the earlier one dashed, the later one in a full line; None for neither."""
        self.compared = (before, after)
        self._canvas.update()

    def _tick(self) -> None:
        self._flashes -= 1
        if self._flashes <= 0:
            self._timer.stop()
        self._canvas.update()

    def paint(self, painter: QPainter, view: View, scale: float) -> None:
        """Paint everything for the present view, whose scale is 1:``scale``."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for geometry in self._selected:
            self._outline(painter, geometry, view, self._symbols.selection, 0.18, 2.5)
        before, after = self.compared
        if after is not None:
            self._outline(painter, after, view, self._symbols.selection, 0.12, 2.5)
        if before is not None:
            self._outline(painter, before, view, self._symbols.flash, 0.0, 2.5, Qt.PenStyle.DashLine)
        if self._flashing is not None:
            strong = self._flashes % 2 == 1
            self._outline(painter, self._flashing, view, self._symbols.flash, 0.55 if strong else 0.15, 2.5)
        if self._box is not None:
            painter.setPen(QPen(QColor(self._symbols.selection), 1.2, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._box)
        self._scale_bar(painter, view, scale)
        self._north(painter, view)
        self._remark(painter)

    def _outline(
        self,
        painter: QPainter,
        geometry: Any,
        view: View,
        colour: str,
        strength: float,
        width: float,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    ) -> None:
        fill = QColor(colour)
        fill.setAlphaF(strength)
        painter.setPen(QPen(QColor(colour), width, style))
        if geometry.geom_type in {"Point", "MultiPoint"}:
            painter.setBrush(fill)
            for x, y in _points(geometry):
                place = view.to_screen(_array([(x, y)]))[0]
                painter.drawEllipse(QPointF(*place), 9, 9)
            return
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.OddEvenFill)
        for line in _lines(geometry):
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in view.traced(_array(line)).tolist()]))
        painter.setBrush(fill if "Polygon" in geometry.geom_type else Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _ink(self) -> QColor:
        return QColor(self._symbols.text)

    def _scale_bar(self, painter: QPainter, view: View, scale: float) -> None:
        resolution = view.true_resolution
        ground = _round(140 * resolution)
        length = ground / resolution
        left, bottom = 16.0, view.height - 18.0
        title = f"{ground / 1000:g} km" if ground >= 1000 else f"{ground:g} m"
        text = f"{title}   1:{scale:,.0f}"
        if view.plane is not None and view.plane.geographic:
            text = tr("{length}   东西向 1:{scale}（图中心）", length=title, scale=f"{scale:,.0f}")
        font = QFont(self._canvas.font())
        font.setPixelSize(12)
        painter.setFont(font)
        width = max(length, QFontMetricsF(font).horizontalAdvance(text)) + 16
        sheet = QColor(self._symbols.halo)
        sheet.setAlphaF(0.72)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(sheet)
        painter.drawRoundedRect(QRectF(left - 8, bottom - 26, width, 36), 4, 4)
        painter.setPen(QPen(self._ink(), 1.6))
        painter.drawPolyline(
            [
                QPointF(left, bottom - 5),
                QPointF(left, bottom),
                QPointF(left + length, bottom),
                QPointF(left + length, bottom - 5),
            ]
        )
        painter.drawText(QPointF(left, bottom - 10), text)

    def _north(self, painter: QPainter, view: View) -> None:
        x, y = view.width - 28.0, 18.0
        sheet = QColor(self._symbols.halo)
        sheet.setAlphaF(0.72)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(sheet)
        painter.drawRoundedRect(QRectF(x - 15, y - 7, 30, 53), 4, 4)
        painter.setPen(QPen(self._ink(), 1.2))
        painter.setBrush(self._ink())
        painter.drawPolygon(QPolygonF([QPointF(x, y), QPointF(x + 7, y + 24), QPointF(x, y + 18)]))
        painter.setBrush(QColor(self._symbols.halo))
        painter.drawPolygon(QPolygonF([QPointF(x, y), QPointF(x - 7, y + 24), QPointF(x, y + 18)]))
        font = QFont(self._canvas.font())
        font.setPixelSize(13)
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(QRectF(x - 12, y + 24, 24, 18), Qt.AlignmentFlag.AlignCenter, tr("北"))

    def _remark(self, painter: QPainter) -> None:
        if not self._banner:
            return
        font = QFont(self._canvas.font())
        font.setPixelSize(13)
        font.setBold(True)
        painter.setFont(font)
        width = QFontMetricsF(font).horizontalAdvance(self._banner) + 20
        place = QRectF(12, 12, width, 26)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#C62828"))
        painter.drawRoundedRect(place, 4, 4)
        painter.setPen(QColor("#FFFFFF"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._banner)


def _round(most: float) -> float:
    power = 10.0 ** math.floor(math.log10(max(most, 1e-6)))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= most * (1 + 1e-9))


def _array(points: Sequence[Any]) -> Any:
    import numpy as np

    return np.asarray(points, dtype=float)[:, :2]


def _lines(geometry: Any) -> list[Any]:
    import shapely

    boundary = shapely.boundary(geometry) if "Polygon" in geometry.geom_type else geometry
    return [shapely.get_coordinates(part) for part in shapely.get_parts(boundary)]


def _points(geometry: Any) -> list[Any]:
    import shapely

    return list(shapely.get_coordinates(geometry).tolist())
