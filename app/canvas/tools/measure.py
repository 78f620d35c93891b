"""Measuring on the map: a line's length and a polygon's area, on the ellipsoid, while they are being drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPen,
    QPolygonF,
)

from app.canvas.map_canvas import MapCanvas
from app.canvas.notes import note
from app.canvas.tools.base import CLICK_TOLERANCE, MapPoint, Tool
from gis.draw.symbols import symbol_set
from gis.text import tr
from gis.units import convert, unit_title

if TYPE_CHECKING:
    from gis.draw.view import View

__all__ = ["MeasureArea", "MeasureLength"]

_KILOMETRE = 1000.0
_LARGE = 10_000.0  # m²: from a hectare on, hectares are said too


class _Measure(Tool):
    """Clicks add points, the right button or a double click ends, Backspace takes the last point back."""

    cursor = Qt.CursorShape.CrossCursor
    closed = False

    def __init__(self, canvas: MapCanvas, epsg: int) -> None:
        super().__init__(canvas)
        self._epsg = epsg
        self._points: list[tuple[float, float]] = []
        self._under: tuple[float, float] | None = None
        self._finished = False

    @property
    def points(self) -> list[tuple[float, float]]:
        """What is measured: the points set and, before the end, the place under the cursor."""
        going_on = self._under is not None and not self._finished and self._under not in self._points[-1:]
        return self._points + ([self._under] if going_on and self._under is not None else [])

    def text(self) -> str:
        """The measure in words; empty before there is anything to measure."""
        raise NotImplementedError

    def hint(self) -> str:
        """How to measure."""
        return tr("单击加点，双击或右键结束；Backspace 退回一点，Esc 清除，Ctrl+C 复制结果")

    def deactivate(self) -> None:
        """Forget the measure."""
        self._points, self._under, self._finished = [], None, False
        self.canvas.measured.emit("")

    def press(self, at: MapPoint) -> None:
        """Set a point; after the end, begin anew."""
        if self._finished:
            self.deactivate()
        if not self._points or self._far(at):
            self._points.append((at.x, at.y))
        self._changed()

    def move(self, at: MapPoint, *, held: bool) -> None:  # noqa: ARG002 - a drag measures no other way
        """Show the measure to the place under the cursor."""
        if self._points and not self._finished:
            self._under = (at.x, at.y)
            self._changed()

    def double_click(self, at: MapPoint) -> None:  # noqa: ARG002 - its first click has set the point
        """End."""
        self._end()

    def menu(self, at: MapPoint) -> bool:  # noqa: ARG002 - wherever it is
        """End, if something is being measured."""
        used = bool(self._points) and not self._finished
        self._end()
        return used

    def wants(self, event: QKeyEvent) -> bool:
        """Escape and copying, while there is something to give up or to copy."""
        copies = event.matches(QKeySequence.StandardKey.Copy)
        return bool(self._points) and (copies or event.key() == Qt.Key.Key_Escape)

    def key(self, event: QKeyEvent) -> bool:
        """Enter ends, Backspace takes a point back, Escape forgets, Ctrl+C copies the measure."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._end()
        elif event.key() == Qt.Key.Key_Backspace and self._points and not self._finished:
            self._points.pop()
            self._changed()
        elif event.key() == Qt.Key.Key_Escape and self._points:
            self.deactivate()
            self._changed()
        elif event.matches(QKeySequence.StandardKey.Copy) and self.text():
            QGuiApplication.clipboard().setText(self.text())
        else:
            return False
        return True

    def _far(self, at: MapPoint) -> bool:
        x, y = self._points[-1]
        return math.hypot(at.x - x, at.y - y) > at.tolerance / CLICK_TOLERANCE

    def _end(self) -> None:
        if self._points:
            self._finished = True
            self._changed()

    def _changed(self) -> None:
        self.canvas.measured.emit(self.text())
        self.canvas.update()

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw the line or polygon with its points, and the measure beside the last of them."""
        points = self.points
        if not points:
            return
        import numpy as np

        line = np.array(points, dtype=float)
        places = [QPointF(x, y) for x, y in view.to_screen(line).tolist()]
        closed = self.closed and len(places) > 2
        path = view.traced(np.concatenate([line, line[:1]]) if closed else line)
        traced = QPolygonF([QPointF(x, y) for x, y in path.tolist()])
        colour = QColor(symbol_set(self.canvas.style_name()).selection)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colour, 2.0)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        if closed:
            fill = QColor(colour)
            fill.setAlphaF(0.18)
            painter.setBrush(fill)
            painter.drawPolygon(traced)
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(traced)
        painter.setBrush(QColor("#FFFFFF"))
        for place in places[: len(self._points)]:
            painter.drawEllipse(place, 3.0, 3.0)
        if text := self.text():
            note(painter, self.canvas.font(), text, places[-1], colour, self.canvas.style_name())


class MeasureLength(_Measure):
    """Length of a line on the ellipsoid, with the last stretch apart."""

    def text(self) -> str:
        """Whole length and last stretch."""
        points = self.points
        if len(points) < 2:
            return ""
        import numpy as np
        import shapely

        from gis.length import ellipsoidal_length

        lines = np.array([shapely.LineString(points), shapely.LineString(points[-2:])], dtype=object)
        whole, last = ellipsoidal_length(lines, self._epsg)
        if len(points) == 2:
            return _metres(whole)
        return tr("{length}（末段 {last}）", length=_metres(whole), last=_metres(last))


class MeasureArea(_Measure):
    """Area and boundary of a polygon on the ellipsoid."""

    closed = True

    def text(self) -> str:
        """Area in m², hectares and mu; boundary."""
        points = self.points
        if len(points) < 3:
            return ""
        import numpy as np
        import shapely

        from gis.area import ellipsoidal_area
        from gis.length import ellipsoidal_length

        polygon = np.array([shapely.Polygon(points)], dtype=object)
        if not shapely.is_valid(polygon[0]):
            return tr("边界自相交")
        area = float(ellipsoidal_area(polygon, self._epsg)[0])
        units = ["m2", "ha", "mu"] if area >= _LARGE else ["m2", "mu"]
        digits = {"ha": 4}
        shown = " = ".join(
            f"{convert(area, 'm2', unit):,.{digits.get(unit, 2)}f} {unit_title(unit)}" for unit in units
        )
        boundary = _metres(float(ellipsoidal_length(polygon, self._epsg)[0]))
        text = shown + "\n" + tr("周长 {length}", length=boundary)
        plane = self.canvas.view().plane
        if plane is None or plane.geographic:
            return text
        from gis.crs import to_plane

        flat = float(shapely.area(to_plane(polygon, self._epsg, plane.epsg))[0])
        shown = f"{flat:,.2f} {unit_title('m2')}"
        return text + "\n" + tr("{plane} 平面面积 {area}", plane=plane.short, area=shown)


def _metres(value: float) -> str:
    if value >= 10 * _KILOMETRE:
        return f"{value / _KILOMETRE:,.3f} {unit_title('km')}"
    return f"{value:,.2f} {unit_title('m')}"
