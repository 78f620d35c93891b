"""Selecting on the map by a box or a polygon; with Shift the rows are added to what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import CLICK_TOLERANCE, MapPoint, Tool
from gis.draw.symbols import symbol_set

if TYPE_CHECKING:
    from gis.draw.view import View

__all__ = ["SelectBox", "SelectPolygon"]


def _adds(at: MapPoint) -> bool:
    return bool(at.modifiers & Qt.KeyboardModifier.ShiftModifier)


class SelectBox(Tool):
    """Drag a box. A click selects what lies within a few pixels."""

    cursor = Qt.CursorShape.CrossCursor

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
        import shapely

        start = self._pressed
        self.deactivate()
        reach = at.tolerance if (at.screen - start.screen).manhattanLength() <= CLICK_TOLERANCE else 0.0
        box = shapely.box(
            min(start.x, at.x) - reach, min(start.y, at.y) - reach,
            max(start.x, at.x) + reach, max(start.y, at.y) + reach,
        )  # fmt: skip
        self.canvas.area_chosen.emit(box, _adds(at))

    def key(self, event: QKeyEvent) -> bool:
        """Escape gives the box up."""
        if event.key() == Qt.Key.Key_Escape and self._pressed is not None:
            self.deactivate()
            return True
        return False


class SelectPolygon(Tool):
    """Click the corners; the right button, a double click or Enter ends."""

    cursor = Qt.CursorShape.CrossCursor

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
        self._end(adds=_adds(at))

    def menu(self, at: MapPoint) -> bool:
        """End, if a polygon has been begun."""
        used = bool(self._points)
        self._end(adds=_adds(at))
        return used

    def key(self, event: QKeyEvent) -> bool:
        """Enter ends, Backspace takes a corner back, Escape gives up."""
        if not self._points:
            return False
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._end(adds=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif event.key() == Qt.Key.Key_Backspace:
            self._points.pop()
            self.canvas.update()
        elif event.key() == Qt.Key.Key_Escape:
            self.deactivate()
        else:
            return False
        return True

    def _end(self, *, adds: bool) -> None:
        points = self._points
        self.deactivate()
        if len(points) > 2:
            import shapely

            self.canvas.area_chosen.emit(shapely.make_valid(shapely.Polygon(points)), adds)

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw the polygon so far."""
        if not self._points:
            return
        import numpy as np

        points = self._points + ([self._under] if self._under is not None else [])
        places = [QPointF(x, y) for x, y in view.to_screen(np.array(points, dtype=float)).tolist()]
        colour = QColor(symbol_set(self.canvas.style_name()).selection)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.4, Qt.PenStyle.DashLine))
        fill = QColor(colour)
        fill.setAlphaF(0.12)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(places))
