"""Holes: cut out along a drawn ring, and filled by a click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import MapPoint
from app.editing.painting import area_text, paint_shape
from app.editing.tools.base import EditTool, Place
from app.editing.tools.sketch import SketchTool
from gis.text import mark, tr

if TYPE_CHECKING:
    from app.editing.mode import EditMode
    from gis.draw.view import View
    from layers.editing.operations import Operation

__all__ = ["CutHoleTool", "FillHoleTool"]


class CutHoleTool(SketchTool):
    """The ring is taken out of the polygon in which it begins."""

    words = mark("在面内单击画孔洞，点回首点或双击/Enter 挖去 · Backspace 退一点 · Esc 放弃")
    closed = True
    least = 3

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.target: tuple[str, Any] | None = None

    def reset(self) -> None:
        """Give the ring up."""
        self.target = None
        super().reset()

    def press(self, at: MapPoint) -> None:
        """Set a point; the first one says which polygon is meant."""
        first = not self.points
        super().press(at)
        if first and self.points and self.mode.near is not None:
            self.target = self.mode.near.own_row_at(*self.points[0])

    def operation(self, line: list[Place]) -> Operation | None:
        """The polygon without the ring."""
        if self.target is None or len(line) < self.least:
            return None
        from layers.editing.operations import cut_out

        return cut_out(self.mode.layer, *self.target, line)

    def end(self) -> None:
        """Cut the hole."""
        if self.target is None:
            self.problem = tr("孔洞要从一个面里面画起。")
            self.canvas.update()
            return
        super().end()

    def paint(self, painter: QPainter, view: View) -> None:
        """The ring, and what would be left."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_found(painter, view)
        self.paint_sketch(painter, view)
        self.paint_marker(painter, view)
        self.paint_note(painter, view, self.problem, self.points[-1] if self.points else None)


class FillHoleTool(EditTool):
    """A click in a hole: the polygon takes it; with Shift it becomes a polygon of its own."""

    words = mark("单击孔洞，并入外围的面 · 按住 Shift 单击，填成一个新的面")
    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.hole: Any = None

    def reset(self) -> None:
        """Mean nothing."""
        self.hole = None
        super().reset()

    def move(self, at: MapPoint, *, held: bool) -> None:  # noqa: ARG002 - a click is meant
        """Show the hole under the pointer."""
        self.mode.move_to(at.x, at.y, self.canvas.view().resolution)
        self.pointer = (at.x, at.y)
        found = self.mode.near.own_hole_at(at.x, at.y) if self.mode.near is not None else None
        self.hole = found[2] if found is not None else None
        self.problem = ""
        self.canvas.update()

    def release(self, at: MapPoint) -> None:
        """Fill it."""
        if self.saving or self.mode.near is None:
            return
        found = self.mode.near.own_hole_at(at.x, at.y)
        if found is None:
            self.problem = tr("这里没有孔洞。")
            self.canvas.update()
            return
        from layers.editing.operations import fill_in

        as_new = bool(at.modifiers & Qt.KeyboardModifier.ShiftModifier)
        self.submit(fill_in(self.mode.layer, found[0], found[1], (at.x, at.y), as_new=as_new))

    def paint(self, painter: QPainter, view: View) -> None:
        """The hole that is meant, with its area."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self.problem
        if self.hole is not None:
            import numpy as np

            from gis.area import ellipsoidal_area

            paint_shape(painter, view, self.hole, self.colour(), halo=self.sheet_colour(), strength=0.35)
            area = float(ellipsoidal_area(np.array([self.hole], dtype=object), self.mode.epsg)[0])
            text = area_text(area)
        self.paint_note(painter, view, text)
