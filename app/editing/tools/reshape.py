"""Another boundary for a polygon, along a drawn line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QPainter

from app.canvas.tools.base import MapPoint
from app.editing.tools.sketch import SketchTool
from gis.text import mark

if TYPE_CHECKING:
    from app.canvas.map_canvas import MapCanvas
    from app.editing.mode import EditMode
    from gis.draw.view import View
    from layers.editing.operations import Operation

__all__ = ["ReshapeTool"]


class ReshapeTool(SketchTool):
    """The polygon that is selected, or whose edge the first point lies on; its neighbours follow."""

    words = mark(
        "从边界上一点画到边界上另一点，相邻图形一起变 · 双击/Enter 完成 · Backspace 退一点 · Esc 放弃"
    )

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.target: tuple[str, Any] | None = None  # uuid and present geometry

    def reset(self) -> None:
        """Give the line up."""
        self.target = None
        super().reset()

    def press(self, at: MapPoint) -> None:
        """Set a point; the first one says which polygon is meant."""
        first = not self.points
        super().press(at)
        if first and self.points and not self.saving:
            self.target = self._meant()
            self.look()

    def _meant(self) -> tuple[str, Any] | None:
        near = self.mode.near
        if near is None:
            return None
        chosen = [(uuid, near.shape_of(uuid)) for uuid in self.mode.selected()]
        chosen = [item for item in chosen if item[1] is not None]
        if len(chosen) == 1:
            return chosen[0]
        reach = self.mode.snapping.tolerance * self.canvas.view().resolution
        edge = near.own_edge(*self.points[0], reach)
        if edge is not None:
            return edge.uuid, edge.shape
        return near.own_row_at(*self.points[0])

    def _operation(self, line: list[tuple[float, float]]) -> Operation | None:
        if self.target is None or len(line) < 2:
            return None
        from layers.editing.operations import reshaped

        return reshaped(self.mode.layer, *self.target, line)

    def look(self) -> None:
        """Ask what the line would make of the boundary."""
        operation = self._operation(self.sketch())
        if operation is not None:
            self.preview(operation)

    def end(self) -> None:
        """Store the new boundary."""
        if self.target is None:
            self.target = self._meant()
        operation = self._operation(self.points)
        if operation is not None:
            self.submit(operation)

    def paint(self, painter: QPainter, view: View) -> None:
        """The line, and the polygons as they would be."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_found(painter, view)
        self.paint_sketch(painter, view, lengths=not self.found)
        self.paint_marker(painter, view)
        if len(self.points) > 1:
            self.paint_note(painter, view, self.problem)
