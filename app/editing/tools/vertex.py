"""Boundary points: drag to move, double click on an edge to add, Delete or the right button to remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPen

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import MapPoint
from app.editing.painting import length_text, paint_points, screen_points
from app.editing.tools.base import EditTool, Place, is_undo
from gis.text import mark, tr

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.editing.mode import EditMode
    from gis.draw.view import View
    from layers.editing.operations import Operation

__all__ = ["VertexTool"]

_STILL = 2.0  # pixels: a drag shorter than that moves nothing
_MOST_POINTS = 400
_REACH = 8.0  # pixels within which a point or an edge is meant


class VertexTool(EditTool):
    """A point that several polygons have moves in all of them, whatever their layers."""

    words = mark("拖动界址点移动，相邻图形一起动 · 双击边加点 · Del/右键删点 · Alt 不捕捉 · Esc 放弃")

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.under: Place | None = None  # the boundary point that is meant
        self.edge: Place | None = None  # the foot on the edge that is meant
        self.held: Place | None = None
        self.row: Any = None  # the polygon whose points are shown
        self._ends: NDArray[np.float64] | None = None  # edges that meet in what is held
        self._moved: tuple[Place, Place, Operation] | None = None  # from where to where

    @property
    def drawing(self) -> bool:
        """Whether a point is held."""
        return self.held is not None

    def reset(self) -> None:
        """Let go; nothing moves."""
        self.held = self.under = self.edge = self.row = self._moved = None
        super().reset()

    def _rows_came(self) -> None:
        if self.held is not None:
            super()._rows_came()
        elif self.mode.tool is self and not self.saving and self.pointer is not None:
            self._look_under(self.pointer)

    def _reach(self) -> float:
        return _REACH * self.canvas.view().resolution

    def _look_under(self, place: Place) -> None:
        near = self.mode.near
        vertex = near.own_vertex(*place, self._reach()) if near is not None else None
        edge = near.own_edge(*place, self._reach()) if near is not None and vertex is None else None
        foot = edge.foot if edge is not None else None
        row = near.own_row_at(*place) if near is not None else None
        if row is not None or edge is not None:
            self.row = row[1] if row is not None else edge.shape if edge is not None else None
        if (vertex, foot) != (self.under, self.edge):
            self.under, self.edge = vertex, foot
        self.canvas.update()

    # --- the hand ------------------------------------------------------------------------------------

    def move(self, at: MapPoint, *, held: bool) -> None:
        """Show what is meant; move what is held."""
        if self.saving:
            return
        if self.held is None or not held:
            self.mode.move_to(at.x, at.y, self.canvas.view().resolution)
            self.pointer, self.marker = (at.x, at.y), None
            self._look_under(self.pointer)
            return
        self.follow(at, avoid=self.held)
        operation = self._operation()
        if operation is not None:
            self.preview(operation)
        self.canvas.update()

    def press(self, at: MapPoint) -> None:
        """Take the boundary point under the pointer."""
        if self.saving:
            return
        self.mode.move_to(at.x, at.y, self.canvas.view().resolution)
        self._look_under((at.x, at.y))
        self.pointer = (at.x, at.y)
        if self.under is not None and self.mode.near is not None:
            self.held = self.under
            self._ends = self.mode.near.edges_at(*self.held, 0.001)
            self.changed()

    def release(self, at: MapPoint) -> None:
        """Let go at the new place."""
        if self.held is None or self.saving:
            return
        self.follow(at, avoid=self.held)
        operation = self._operation()
        if operation is not None:
            self.submit(operation)
        else:
            self.held = None
            self.changed()

    def double_click(self, at: MapPoint) -> None:
        """Add a boundary point on the edge."""
        near = self.mode.near
        self.held = None
        if self.saving or near is None:
            return
        self._look_under((at.x, at.y))
        if self.edge is not None:
            from layers.editing.operations import add_point

            self.submit(add_point(self.mode.layer, self.edge, near.edges_at(*self.edge, 0.001)))

    def menu(self, at: MapPoint) -> bool:
        """Remove the boundary point under the pointer."""
        if self.held is None and not self.saving:
            self._look_under((at.x, at.y))
        return self._remove()

    def wants(self, event: QKeyEvent) -> bool:
        """Delete belongs to the boundary point under the pointer."""
        return super().wants(event) or (event.key() == Qt.Key.Key_Delete and self.under is not None)

    def key(self, event: QKeyEvent) -> bool:
        """Delete removes the point under the pointer, Escape lets go of what is held."""
        if self.saving:
            return False
        if self.held is not None and (event.key() == Qt.Key.Key_Escape or is_undo(event)):
            self.reset()
            return True
        if event.key() == Qt.Key.Key_Delete:
            return self._remove()
        return super().key(event)

    def _remove(self) -> bool:
        near = self.mode.near
        if self.under is None or self.held is not None or self.saving or near is None:
            return False
        from layers.editing.operations import remove_point

        self.submit(remove_point(self.mode.layer, self.under, near.edges_at(*self.under, 0.001)))
        return True

    def _operation(self) -> Operation | None:
        if self.held is None or self.pointer is None or self._ends is None:
            return None
        if self._length() <= _STILL * self.canvas.view().resolution:
            return None
        from layers.editing.operations import move_point

        if self._moved is None or self._moved[:2] != (self.held, self.pointer):
            operation = move_point(self.mode.layer, self.held, self.pointer, self._ends)
            self._moved = (self.held, self.pointer, operation)
        return self._moved[2]

    def _length(self) -> float:
        if self.held is None or self.pointer is None:
            return 0.0
        return float(((self.pointer[0] - self.held[0]) ** 2 + (self.pointer[1] - self.held[1]) ** 2) ** 0.5)

    # --- drawing -------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, view: View) -> None:
        """The points of the rows near, what is meant, and the boundaries as they would be."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        near, colour, sheet = self.mode.near, self.colour(), self.sheet_colour()
        self.paint_found(painter, view)
        if self.held is not None and self.pointer is not None:
            old, new = screen_points(view, [self.held, self.pointer])
            painter.setPen(QPen(colour, 1.2, Qt.PenStyle.DashLine))
            painter.drawLine(old, new)
            paint_points(painter, [old], colour, sheet)
            paint_points(painter, [new], colour, colour)
            moved = tr("移动 {length}", length=length_text(self._length()))
            saving = tr("{what} · 正在保存", what=moved)
            self.paint_note(painter, view, self.problem or (saving if self.saving else moved))
        elif near is not None:
            if self.row is not None:
                paint_points(painter, _points_seen(view, self.row), colour, sheet)
            meant = self.under or self.edge
            if meant is not None:
                inside = colour if self.under is not None else sheet
                paint_points(painter, screen_points(view, [meant]), colour, inside)
        self.paint_marker(painter, view)


def _points_seen(view: View, shape: Any) -> list[QPointF]:
    """The boundary points of a polygon that are in the view, unless there are too many to tell apart."""
    import shapely

    points = shapely.get_coordinates(shape)
    west, south, east, north = view.extent
    seen = points[
        (points[:, 0] >= west) & (points[:, 0] <= east) & (points[:, 1] >= south) & (points[:, 1] <= north)
    ]
    return screen_points(view, seen) if len(seen) <= _MOST_POINTS else []
