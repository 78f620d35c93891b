"""Asking for a distance beside the map: what the tools that move a boundary by metres have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.canvas.map_canvas import MapCanvas
from app.editing.tools.base import EditTool

if TYPE_CHECKING:
    from app.dialogs.distance import DistanceDialog
    from app.editing.mode import EditMode
    from layers.editing.operations import Operation
    from layers.editing.preview import Outcome

__all__ = ["DistanceTool"]


class DistanceTool(EditTool):
    """``target`` is the polygon that moves. The dialog previews each distance; accepted, it is stored."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.target: tuple[str, Any] | None = None
        self.dialog: DistanceDialog | None = None

    def operation(self) -> Operation | None:
        """What the chosen polygons and the distance come to; None while that is nothing."""
        raise NotImplementedError

    def reset(self) -> None:
        """Mean nothing."""
        dialog, self.dialog = self.dialog, None
        self.target = None
        if dialog is not None:
            dialog.close()
        super().reset()

    def ask(self, dialog: DistanceDialog) -> None:
        """Show the dialog."""
        dialog.changed.connect(self._look)
        dialog.accepted.connect(self._end)
        dialog.rejected.connect(self.reset)
        self.dialog = dialog
        dialog.show()
        self._look()
        self.changed()

    def key(self, event: QKeyEvent) -> bool:
        """Escape gives up."""
        if self.drawing and not self.saving and event.key() == Qt.Key.Key_Escape:
            self.reset()
            return True
        return super().key(event)

    def _look(self) -> None:
        operation = self.operation()
        if operation is not None:
            self.preview(operation)

    def _previewed(self, found: list[Outcome]) -> None:
        super()._previewed(found)
        if self.dialog is not None:
            self.dialog.show_problem("")

    def _impossible(self, error: Exception) -> None:
        super()._impossible(error)
        if self.dialog is not None:
            self.dialog.show_problem(self.problem)

    def _end(self) -> None:
        operation = self.operation()
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None
        if operation is None:
            self.reset()
        else:
            self.submit(operation)

    def _refused(self) -> None:
        super()._refused()
        if self.mode.tool is self:
            self.reset()
