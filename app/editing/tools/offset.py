"""Boundaries moved parallel to themselves by a typed distance: one side, or the whole of a polygon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter, QPen

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import MapPoint
from app.editing.painting import paint_shape, screen_points
from app.editing.tools.base import Place
from app.editing.tools.distance import DistanceTool
from gis.text import mark, tr

if TYPE_CHECKING:
    from app.editing.mode import EditMode
    from gis.draw.view import View
    from layers.editing.operations import Operation

__all__ = ["OffsetTool"]

_REACH = 8.0  # pixels within which a side is meant
_FIRST = 5.0  # metres


class OffsetTool(DistanceTool):
    """A click on a side means that side, a click inside means the whole boundary."""

    words = mark("单击一条边平移这条边，单击面内平移整个边界，再输入距离 · Esc 放弃")

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.side: tuple[Place, Place] | None = None

    @property
    def drawing(self) -> bool:
        """Whether a distance is being asked for."""
        return self.dialog is not None

    def reset(self) -> None:
        """Mean nothing."""
        self.side = None
        super().reset()

    def move(self, at: MapPoint, *, held: bool) -> None:  # noqa: ARG002 - a click is meant
        """Show what a click would mean."""
        self.mode.move_to(at.x, at.y, self.canvas.view().resolution)
        if self.dialog is None and not self.saving:
            self.pointer = (at.x, at.y)
            self._look_under(at)
            self.canvas.update()

    def _look_under(self, at: MapPoint) -> None:
        near = self.mode.near
        self.target = self.side = None
        if near is None:
            return
        edge = near.own_edge(at.x, at.y, _REACH * self.canvas.view().resolution)
        row = near.own_row_at(at.x, at.y)
        if edge is not None:
            # Of two polygons with a common side the one under the pointer is meant.
            mine = row is not None and near.has_edge(row[0], edge.side)
            self.target = row if mine else (edge.uuid, edge.shape)
            self.side = edge.side
        else:
            self.target = row

    def press(self, at: MapPoint) -> None:
        """Ask for the distance."""
        if self.saving or self.dialog is not None:
            return
        self._look_under(at)
        if self.target is None:
            return
        from app.dialogs.distance import DistanceDialog

        parts = (tr("这条边"), tr("整个边界")) if self.side is not None else ()
        dialog = DistanceDialog(
            tr("平行偏移"), tr("正数向外，负数向内。"), distance=_FIRST, negative=True, parts=parts,
            option="" if parts else tr("另存为新的面，原来的不变"), parent=self.canvas.window(),
        )  # fmt: skip
        self.ask(dialog)

    def operation(self) -> Operation | None:
        """The side, or the whole boundary, moved."""
        if self.dialog is None or self.target is None or not self.dialog.distance.value():
            return None
        from layers.editing.operations import offset_boundary, offset_side

        distance = self.dialog.distance.value()
        if self.side is not None and self.dialog.part.currentIndex() == 0:
            return offset_side(self.mode.layer, *self.target, self.side, distance)
        return offset_boundary(self.mode.layer, *self.target, distance, as_new=self.dialog.option.isChecked())

    def paint(self, painter: QPainter, view: View) -> None:
        """What is meant, and the boundary as it would be."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_found(painter, view)
        if self.side is not None:
            painter.setPen(QPen(self.sheet_colour(), 6.0))
            painter.drawLine(*screen_points(view, self.side))
            painter.setPen(QPen(self.colour(), 3.5))
            painter.drawLine(*screen_points(view, self.side))
        elif self.target is not None and not self.found:
            paint_shape(painter, view, self.target[1], self.colour(), halo=self.sheet_colour(), strength=0.1)
