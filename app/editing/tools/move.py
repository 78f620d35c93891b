"""Moving whole polygons."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPen

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import MapPoint
from app.editing.painting import length_text, paint_shape, screen_points
from app.editing.tools.base import EditTool, Place, is_undo
from gis.text import mark, tr

if TYPE_CHECKING:
    from app.editing.mode import EditMode
    from gis.draw.view import View

__all__ = ["MoveTool"]

_STILL = 2.0  # pixels: a drag shorter than that moves nothing


class MoveTool(EditTool):
    """Drags the polygon under the pointer, with the others if it is one of several that are selected."""

    words = mark("拖动面整体移动；抓住界址点拖动可与别处的点对准 · 选中多个时一起移动 · Esc 放弃")
    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.shapes: dict[str, Any] = {}
        self.start: Place | None = None

    @property
    def drawing(self) -> bool:
        """Whether polygons are held."""
        return self.start is not None

    def reset(self) -> None:
        """Let go; nothing moves."""
        self.shapes, self.start = {}, None
        super().reset()

    def press(self, at: MapPoint) -> None:
        """Take hold."""
        near = self.mode.near
        self.mode.move_to(at.x, at.y, self.canvas.view().resolution)
        if self.saving or near is None:
            return
        reach = self.mode.snapping.tolerance * self.canvas.view().resolution
        corner = near.own_vertex(at.x, at.y, reach)
        edge = near.own_edge(at.x, at.y, reach)
        row = near.own_row_at(at.x, at.y)
        if row is None and edge is not None:
            row = (edge.uuid, edge.shape)
        if row is None:
            return
        chosen = {uuid: shape for uuid in self.mode.selected() if (shape := near.shape_of(uuid)) is not None}
        self.shapes = chosen if row[0] in chosen else {row[0]: row[1]}
        self.start = self.pointer = corner or (at.x, at.y)
        self.changed()

    def move(self, at: MapPoint, *, held: bool) -> None:
        """Drag."""
        if self.start is not None and held and not self.saving:
            self.follow(at)
            self.canvas.update()
        elif not self.saving:
            self.mode.move_to(at.x, at.y, self.canvas.view().resolution)

    def release(self, at: MapPoint) -> None:
        """Put down."""
        if self.start is None or self.saving:
            return
        self.follow(at)
        east, north = self._way()
        if math.hypot(east, north) <= _STILL * self.canvas.view().resolution:
            self.reset()
            return
        from layers.editing.operations import moved

        self.submit(moved(self.mode.layer, self.shapes, east, north))

    def key(self, event: QKeyEvent) -> bool:
        """Escape lets go."""
        if (
            self.start is not None
            and not self.saving
            and (event.key() == Qt.Key.Key_Escape or is_undo(event))
        ):
            self.reset()
            return True
        return super().key(event)

    def _way(self) -> tuple[float, float]:
        if self.start is None or self.pointer is None:
            return 0.0, 0.0
        return self.pointer[0] - self.start[0], self.pointer[1] - self.start[1]

    def paint(self, painter: QPainter, view: View) -> None:
        """The polygons at their new place."""
        if self.start is None or self.pointer is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        east, north = self._way()
        here, there = screen_points(view, [self.start, self.pointer])
        painter.save()
        painter.translate(there - here)
        for shape in self.shapes.values():
            paint_shape(painter, view, shape, self.colour(), halo=self.sheet_colour())
        painter.restore()
        painter.setPen(QPen(self.colour(), 1.4, Qt.PenStyle.DashLine))
        painter.drawLine(here, there)
        self.paint_marker(painter, view)
        words = tr("东 {east}，北 {north}，共 {length}", east=f"{east:+,.2f}", north=f"{north:+,.2f}",
                   length=length_text(math.hypot(east, north)))  # fmt: skip
        self.paint_note(painter, view, words)
