"""Selecting on the map by a click, a box or a polygon; with Shift rows are added, with Ctrl switched over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import CLICK_TOLERANCE, MapPoint, Tool
from app.canvas.tools.navigate import Navigate
from gis.draw.symbols import symbol_set
from gis.text import tr
from layers.selecting.combine import Combine

if TYPE_CHECKING:
    from gis.draw.view import View

__all__ = ["SelectBox", "SelectClick", "SelectPolygon"]


def _how(modifiers: Qt.KeyboardModifier) -> Combine:
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return Combine.TOGGLE
    return Combine.ADD if modifiers & Qt.KeyboardModifier.ShiftModifier else Combine.NEW


class SelectClick(Navigate):
    """A click selects the one row that is meant, a drag moves the map."""

    cursor = Qt.CursorShape.PointingHandCursor

    def hint(self) -> str:
        """How to select."""
        return tr("单击选择一个要素；Shift 加选，Ctrl 切换；拖动平移")

    def press(self, at: MapPoint) -> None:
        """Begin a click or a drag; Shift means adding here, not a box."""
        super().press(at)
        self._boxing = False

    def clicked(self, at: MapPoint) -> None:
        """Select."""
        self.canvas.place_chosen.emit(at.x, at.y, at.tolerance, _how(at.modifiers))


class SelectBox(Tool):
    """Drag a box; a click selects the one row that is meant."""

    cursor = Qt.CursorShape.CrossCursor

    def hint(self) -> str:
        """How to select."""
        return tr("拖一个框，选中与框相交的要素；Shift 加选，Ctrl 切换")

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._pressed: MapPoint | None = None

    def deactivate(self) -> None:
        """Give the box up."""
        self._pressed = None
        self.canvas.overlay.set_box(None)

    def press(self, at: MapPoint) -> None:
        """The first corner."""
        self._pressed = at

    def move(self, at: MapPoint, *, held: bool) -> None:
        """Draw the box."""
        if held and self._pressed is not None:
            self.canvas.overlay.set_box(QRectF(self._pressed.screen, at.screen).normalized())

    def release(self, at: MapPoint) -> None:
        """The opposite corner."""
        if self._pressed is None:
            return
        start = self._pressed
        self.deactivate()
        how = _how(at.modifiers)
        if (at.screen - start.screen).manhattanLength() <= CLICK_TOLERANCE:
            self.canvas.place_chosen.emit(at.x, at.y, at.tolerance, how)
            return
        import shapely

        box = QRectF(start.screen, at.screen).normalized()
        rim = self.canvas.view().outline(box.left(), box.top(), box.right(), box.bottom())
        self.canvas.area_chosen.emit(shapely.Polygon(rim), how)

    def wants(self, event: QKeyEvent) -> bool:
        """Escape, while a box is being drawn."""
        return self._pressed is not None and event.key() == Qt.Key.Key_Escape

    def key(self, event: QKeyEvent) -> bool:
        """Escape gives the box up."""
        if event.key() == Qt.Key.Key_Escape and self._pressed is not None:
            self.deactivate()
            return True
        return False


class SelectPolygon(Tool):
    """Click the corners; the right button, a double click or Enter ends."""

    cursor = Qt.CursorShape.CrossCursor

    def hint(self) -> str:
        """How to select."""
        return tr("单击加角点，双击或右键完成选择；Shift 加选，Ctrl 切换；Backspace 退回，Esc 放弃")

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._points: list[tuple[float, float]] = []
        self._under: tuple[float, float] | None = None

    def deactivate(self) -> None:
        """Give the polygon up."""
        self._points, self._under = [], None
        self.canvas.update()

    def press(self, at: MapPoint) -> None:
        """A corner."""
        if not self._points or self._points[-1] != (at.x, at.y):
            self._points.append((at.x, at.y))
        self.canvas.update()

    def move(self, at: MapPoint, *, held: bool) -> None:  # noqa: ARG002 - corners are clicked
        """Show the polygon to the place under the cursor."""
        if self._points:
            self._under = (at.x, at.y)
            self.canvas.update()

    def double_click(self, at: MapPoint) -> None:
        """End."""
        self._end(_how(at.modifiers))

    def menu(self, at: MapPoint) -> bool:
        """End, if a polygon has been begun."""
        used = bool(self._points)
        self._end(_how(at.modifiers))
        return used

    def wants(self, event: QKeyEvent) -> bool:
        """Escape, while there are corners to give up."""
        return bool(self._points) and event.key() == Qt.Key.Key_Escape

    def key(self, event: QKeyEvent) -> bool:
        """Enter ends, Backspace takes a corner back, Escape gives up."""
        if not self._points:
            return False
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._end(_how(event.modifiers()))
        elif event.key() == Qt.Key.Key_Backspace:
            self._points.pop()
            self.canvas.update()
        elif event.key() == Qt.Key.Key_Escape:
            self.deactivate()
        else:
            return False
        return True

    def _end(self, how: Combine) -> None:
        points = self._points
        self.deactivate()
        if len(points) > 2:
            import shapely

            self.canvas.area_chosen.emit(shapely.make_valid(shapely.Polygon(points)), how)

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw the polygon so far."""
        if not self._points:
            return
        import numpy as np

        points = self._points + ([self._under] if self._under is not None else [])
        rim = view.traced(np.array([*points, points[0]], dtype=float))
        places = [QPointF(x, y) for x, y in rim.tolist()]
        colour = QColor(symbol_set(self.canvas.style_name()).selection)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.4, Qt.PenStyle.DashLine))
        fill = QColor(colour)
        fill.setAlphaF(0.12)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(places))
