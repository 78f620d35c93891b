"""Splitting polygons by a drawn line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter

from app.editing.tools.sketch import SketchTool
from gis.text import mark

if TYPE_CHECKING:
    from gis.draw.view import View

__all__ = ["SplitTool"]


class SplitTool(SketchTool):
    """The selected polygons of the layer, or all that the line crosses; the area of each piece is shown."""

    words = mark("单击画分割线，两端须越过边界 · 双击/Enter 分割 · Backspace 退一点 · Esc 放弃")

    def look(self) -> None:
        """Ask what the line would cut."""
        line = self.sketch()
        if len(line) > 1:
            from layers.editing.operations import split_by

            self.preview(split_by(self.mode.layer, line, self._targets()))

    def end(self) -> None:
        """Split."""
        from layers.editing.operations import split_by

        self.submit(split_by(self.mode.layer, self.points, self._targets()))

    def _targets(self) -> list[str]:
        """Those of the selected rows that lie near; a selection elsewhere is not meant."""
        near = self.mode.near
        return [uuid for uuid in self.mode.selected() if near is not None and near.shape_of(uuid) is not None]

    def paint(self, painter: QPainter, view: View) -> None:
        """The line, the pieces and their areas."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_found(painter, view)
        self.paint_sketch(painter, view, lengths=not self.found)
        self.paint_marker(painter, view)
        if len(self.points) > 1:
            self.paint_note(painter, view, self.problem)
