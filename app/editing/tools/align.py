"""Laying a boundary on that of a neighbour, where the two run close to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QPainter

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import MapPoint
from app.editing.painting import paint_shape
from app.editing.tools.distance import DistanceTool
from gis.text import mark, tr

if TYPE_CHECKING:
    from app.editing.mode import EditMode
    from gis.draw.view import View
    from layers.editing.operations import Operation

__all__ = ["AlignTool"]

_FIRST = 1.0  # metres


class AlignTool(DistanceTool):
    """First the polygon that is to move, then the one that stays; gaps and overlaps up to a distance are closed."""

    words = mark("先单击要移动的面，再单击作为基准的面，然后输入距离 · Esc 放弃")

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.reference: tuple[str, str, Any] | None = None
        self.under: Any = None

    @property
    def drawing(self) -> bool:
        """Whether a polygon has been chosen."""
        return self.target is not None

    def reset(self) -> None:
        """Choose none."""
        self.reference = self.under = None
        super().reset()

    def move(self, at: MapPoint, *, held: bool) -> None:  # noqa: ARG002 - polygons are clicked
        """Show what a click would choose."""
        self.mode.move_to(at.x, at.y, self.canvas.view().resolution)
        self.pointer = (at.x, at.y)
        if self.dialog is None and not self.saving and self.mode.near is not None:
            if self.target is None:
                row = self.mode.near.own_row_at(at.x, at.y)
                self.under = row[1] if row is not None else None
            else:
                found = self._reference_at(at)
                self.under = found[2] if found is not None else None
            self.canvas.update()

    def _reference_at(self, at: MapPoint) -> tuple[str, str, Any] | None:
        near = self.mode.near
        if near is None or self.target is None:
            return None
        own = near.own_row_at(at.x, at.y)
        found = (self.mode.layer, *own) if own is not None else near.row_at(at.x, at.y)
        return None if found is None or found[1] == self.target[0] else found

    def press(self, at: MapPoint) -> None:
        """Choose the one, then the other."""
        near = self.mode.near
        if self.saving or self.dialog is not None or near is None:
            return
        if self.target is None:
            self.target = near.own_row_at(at.x, at.y)
            self.changed()
            return
        self.reference = self._reference_at(at)
        if self.reference is None:
            return
        from app.dialogs.distance import DistanceDialog

        dialog = DistanceDialog(
            tr("对齐"), tr("两条边界相距不超过这个距离的地方对齐到基准上；基准不动。"), distance=_FIRST,
            parent=self.canvas.window(),
        )  # fmt: skip
        self.ask(dialog)

    def operation(self) -> Operation | None:
        """The one laid on the other."""
        if self.dialog is None or self.target is None or self.reference is None:
            return None
        from layers.editing.operations import align_to

        layer, uuid, _shape = self.reference
        return align_to(self.mode.layer, *self.target, (layer, uuid), self.dialog.distance.value())

    def paint(self, painter: QPainter, view: View) -> None:
        """The two polygons, and the boundary as it would be."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        halo = self.sheet_colour()
        if self.under is not None:
            paint_shape(painter, view, self.under, self.colour(), halo=halo, strength=0.08, width=1.4)
        if self.target is not None:
            paint_shape(painter, view, self.target[1], self.colour(), halo=halo, dash=True, strength=0.12)
        if self.reference is not None:
            paint_shape(painter, view, self.reference[2], self.bad_colour(), halo=halo, strength=0.08)
        self.paint_found(painter, view)
        if self.target is not None and self.reference is None:
            self.paint_note(painter, view, tr("再单击作为基准的面"))
