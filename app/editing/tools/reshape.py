"""Another boundary for a polygon, along a drawn line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.canvas.tools.base import MapPoint
from app.editing.tools.base import Place
from app.editing.tools.sketch import SketchTool
from gis.text import mark

if TYPE_CHECKING:
    from app.canvas.map_canvas import MapCanvas
    from app.editing.mode import EditMode
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

    def operation(self, line: list[Place]) -> Operation | None:
        """The boundary along the line."""
        if self.target is None or len(line) < 2:
            return None
        from layers.editing.operations import reshaped

        return reshaped(self.mode.layer, *self.target, line)

    def end(self) -> None:
        """Store the new boundary."""
        if self.target is None:
            self.target = self._meant()
        super().end()
