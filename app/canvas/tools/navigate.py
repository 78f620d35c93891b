"""The tool in hand at first: dragging moves the map, Shift-dragging zooms into a box, a click identifies."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import CLICK_TOLERANCE, MapPoint, Tool

__all__ = ["Identify", "Navigate"]


class Navigate(Tool):
    """Pan, zoom into a box, identify."""

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._boxing = False
        self._dragged = False

    def deactivate(self) -> None:
        """Give a drag up."""
        self._pressed = None
        self.canvas.overlay.set_box(None)

    def press(self, at: MapPoint) -> None:
        """Begin a drag or a box."""
        self._pressed = self._last = at.screen
        self._dragged = False
        self._boxing = bool(at.modifiers & Qt.KeyboardModifier.ShiftModifier)

    def move(self, at: MapPoint, *, held: bool) -> None:
        """Drag the map or the box."""
        if not held or self._pressed is None:
            return
        if (at.screen - self._pressed).manhattanLength() > CLICK_TOLERANCE:
            self._dragged = True
        if self._boxing:
            self.canvas.overlay.set_box(QRectF(self._pressed, at.screen).normalized())
        elif self._dragged:
            step = at.screen - self._last
            self._last = at.screen
            self.canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.canvas.pan_by(step.x(), step.y())

    def release(self, at: MapPoint) -> None:
        """End a drag, zoom into the box, or identify what was clicked."""
        if self._pressed is None:
            return
        pressed, self._pressed = self._pressed, None
        self.canvas.setCursor(self.cursor)
        if self._boxing:
            self.canvas.overlay.set_box(None)
            box = QRectF(pressed, at.screen).normalized()
            if box.width() > CLICK_TOLERANCE and box.height() > CLICK_TOLERANCE:
                self.canvas.zoom_into(box)
        elif not self._dragged:
            self.clicked(at)

    def clicked(self, at: MapPoint) -> None:
        """Identify."""
        self.canvas.identified.emit(at.x, at.y, at.tolerance)


class Identify(Navigate):
    """The same hand under another cursor, for those who look for a tool to identify with."""

    cursor = Qt.CursorShape.WhatsThisCursor
