"""Drawing a line or a ring point by point: what the tools that draw have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPen

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import CLICK_TOLERANCE, MapPoint
from app.editing.painting import length_text, paint_points, screen_points, stroke, traced_points, write
from app.editing.tools.base import EditTool, Place, is_undo

if TYPE_CHECKING:
    from app.editing.mode import EditMode
    from gis.draw.view import View
    from layers.editing.operations import Operation

__all__ = ["SketchTool"]

_LEAST_SIDE = 60.0  # pixels: shorter sides carry no length
_ENDING = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_BACK = {Qt.Key.Key_Backspace, Qt.Key.Key_Delete}


class SketchTool(EditTool):
    """Clicks set points; Backspace and Ctrl+Z take the last one back; Enter, a double click or the right button end.

    A ring (``closed``) also ends with a click on its first point.
    """

    closed = False
    least = 2

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.points: list[Place] = []
        self._lengths: tuple[list[Place], list[float]] = ([], [])

    def operation(self, line: list[Place]) -> Operation | None:
        """What a drawing comes to; None while that is nothing."""
        raise NotImplementedError

    def look(self) -> None:
        """The drawing has changed: ask for a preview."""
        operation = self.operation(self.sketch())
        if operation is not None:
            self.preview(operation)

    def end(self) -> None:
        """The drawing is complete: store it."""
        operation = self.operation(self.points)
        if operation is not None:
            self.submit(operation)

    @property
    def drawing(self) -> bool:
        """Whether a point has been set."""
        return bool(self.points)

    def sketch(self) -> list[Place]:
        """The points set and, while they are being set, the place of the pointer."""
        loose = self.pointer if self.pointer is not None and self.points and not self.saving else None
        return [*self.points, loose] if loose is not None and loose != self.points[-1] else list(self.points)

    def reset(self) -> None:
        """Give the drawing up."""
        self.points = []
        super().reset()

    # --- the hand ------------------------------------------------------------------------------------

    def _follow(self, at: MapPoint) -> Place:
        previous = (self.points[-2], self.points[-1]) if len(self.points) > 1 else None
        return self.follow(at, previous)

    def press(self, at: MapPoint) -> None:
        """Set a point, or close the ring."""
        if self.saving:
            return
        place = self._follow(at)
        if self.closed and len(self.points) >= self.least and self._is_at(self.points[0], at):
            self._finish()
            return
        if not self.points or not self._is_at(self.points[-1], at, CLICK_TOLERANCE):
            self.points.append(place)
            self._moved()

    def move(self, at: MapPoint, *, held: bool) -> None:  # noqa: ARG002 - points are clicked
        """Show the drawing to the place of the pointer."""
        if self.saving:
            return
        self._follow(at)
        if self.points:
            self.look()
        self.canvas.update()

    def double_click(self, at: MapPoint) -> None:  # noqa: ARG002 - its first click has set the point
        """End."""
        self._finish()

    def menu(self, at: MapPoint) -> bool:  # noqa: ARG002 - wherever it is
        """End, if anything has been drawn."""
        used = bool(self.points)
        self._finish()
        return used

    def key(self, event: QKeyEvent) -> bool:
        """Enter ends, Backspace takes a point back, Escape gives up."""
        if not self.points or self.saving:
            return super().key(event)
        if event.key() in _ENDING:
            self._finish()
        elif event.key() in _BACK or is_undo(event):
            self.points.pop()
            self._moved()
        elif event.key() == Qt.Key.Key_Escape:
            self.reset()
        else:
            return super().key(event)
        return True

    def _is_at(self, point: Place, at: MapPoint, share: float = 1.0) -> bool:
        return math.hypot(at.x - point[0], at.y - point[1]) <= at.tolerance / share

    def _moved(self) -> None:
        self.found, self.problem = [], ""
        if self.points:
            self.look()
        else:
            self.mode.forget_preview()
        self.changed()

    def _finish(self) -> None:
        if self.saving or len(self.points) < self.least:
            return
        self.pointer = None
        self.end()

    def _refused(self) -> None:
        super()._refused()
        if self.mode.tool is self and self.points:
            self.look()

    # --- drawing -------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, view: View) -> None:
        """The line, and the polygons as they would be with their areas."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_found(painter, view)
        self.paint_sketch(painter, view, lengths=not self.found)
        self.paint_marker(painter, view)
        if len(self.points) > 1:
            self.paint_note(painter, view, self.problem)

    def paint_sketch(self, painter: QPainter, view: View, *, lengths: bool = True) -> None:
        """The line or ring with its points and the lengths of its sides."""
        sketch = self.sketch()
        places = screen_points(view, sketch)
        if not places:
            return
        colour = self.bad_colour() if self.problem else self.colour()
        path = QPainterPath()
        ring = self.closed and len(places) > 2
        path.addPolygon(traced_points(view, [*sketch, sketch[0]] if ring else sketch))
        fill = self.colour()
        fill.setAlphaF(0.16)
        stroke(painter, path, QPen(colour, 2.0), self.sheet_colour(), fill if ring else None)
        paint_points(painter, places[: len(self.points)], colour, self.sheet_colour())
        if lengths:
            self._paint_lengths(painter, places)

    def _paint_lengths(self, painter: QPainter, places: Sequence[QPointF]) -> None:
        values = self.lengths()
        ring = [*places, places[0]] if self.closed and len(places) > 2 else list(places)
        for start, end, value in zip(ring[:-1], ring[1:], values, strict=False):
            if math.hypot(end.x() - start.x(), end.y() - start.y()) >= _LEAST_SIDE:
                middle = QPointF((start.x() + end.x()) / 2, (start.y() + end.y()) / 2)
                write(
                    painter, self.canvas.font(), length_text(value), middle, self.ink(), self.sheet_colour()
                )

    def lengths(self) -> list[float]:
        """Length of each side on the ellipsoid, m, the closing one last."""
        points = self.sketch()
        if len(points) < 2:
            return []
        if self._lengths[0] != points:
            import numpy as np
            import shapely

            from gis.length import ellipsoidal_length

            ring = np.array([*points, points[0]] if self.closed and len(points) > 2 else points)
            # A side that ends where it starts has no length, and is no line either.
            there = np.any(ring[:-1] != ring[1:], axis=1)
            ring_sides = np.stack([ring[:-1], ring[1:]], axis=1)[there]
            sides = np.asarray(shapely.linestrings(ring_sides), dtype=object)
            values = np.zeros(len(there))
            values[there] = ellipsoidal_length(sides, self.mode.epsg)
            self._lengths = (points, values.tolist())
        return self._lengths[1]
