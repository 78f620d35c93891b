"""Merging polygons of one layer into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter

from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import MapPoint
from app.editing.painting import paint_shape
from app.editing.tools.base import EditTool
from gis.text import mark, tr

if TYPE_CHECKING:
    from app.editing.mode import EditMode
    from gis.draw.view import View
    from gis.progress import Progress
    from layers.editing.edit import Question
    from layers.project import Project

__all__ = ["MergeTool"]


class MergeTool(EditTool):
    """Begins with what is selected; a click adds a polygon or leaves it out again."""

    words = mark("单击要合并的面，再点一次取消 · Enter/双击/右键 合并 · Esc 放弃")
    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.shapes: dict[str, Any] = {}

    def activate(self) -> None:
        """Take what is selected."""
        chosen = self.mode.selected()
        if not chosen:
            return

        def work(project: Project, _progress: Progress) -> dict[str, Any]:
            from gis.store.base import Condition

            frame = project.read(self.mode.layer, where=[Condition("uuid", "in", chosen)], columns=[])
            return dict(zip(frame["uuid"], frame.geometry, strict=True))

        def done(shapes: dict[str, Any]) -> None:
            if self.mode.tool is self and not self.shapes:
                self.shapes = {uuid: shape for uuid, shape in shapes.items() if shape is not None}
                self._look()

        self.mode.session.read(work, done, quiet=True, owner=self.mode)

    @property
    def drawing(self) -> bool:
        """Whether polygons have been chosen."""
        return bool(self.shapes)

    def reset(self) -> None:
        """Choose none."""
        self.shapes = {}
        super().reset()

    def move(self, at: MapPoint, *, held: bool) -> None:  # noqa: ARG002 - polygons are clicked
        """Have the rows under the pointer ready."""
        self.mode.move_to(at.x, at.y, self.canvas.view().resolution)
        self.pointer = (at.x, at.y)
        if self.problem:
            self.canvas.update()

    def press(self, at: MapPoint) -> None:
        """Choose a polygon, or leave it out again."""
        self.mode.move_to(at.x, at.y, self.canvas.view().resolution)
        row = self.mode.near.own_row_at(at.x, at.y) if self.mode.near is not None else None
        if self.saving or row is None:
            return
        if row[0] in self.shapes:
            del self.shapes[row[0]]
        else:
            self.shapes[row[0]] = row[1]
        self._look()

    def double_click(self, at: MapPoint) -> None:
        """Merge, with the polygon under the pointer."""
        row = self.mode.near.own_row_at(at.x, at.y) if self.mode.near is not None else None
        if row is not None and not self.saving:
            self.shapes[row[0]] = row[1]
            self._end()

    def menu(self, at: MapPoint) -> bool:  # noqa: ARG002 - wherever it is
        """Merge."""
        used = bool(self.shapes)
        self._end()
        return used

    def key(self, event: QKeyEvent) -> bool:
        """Enter merges, Escape gives up."""
        if self.shapes and not self.saving:
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._end()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.reset()
                return True
        return super().key(event)

    def _look(self) -> None:
        self.found, self.problem = [], ""
        self.mode.forget_preview()
        if len(self.shapes) > 1:
            from layers.editing.operations import merged

            self.preview(merged(self.mode.layer, dict(self.shapes)))
        self.changed()

    def _end(self) -> None:
        """Find out in which fields the rows differ, ask, and store."""
        if len(self.shapes) < 2:
            self.problem = tr("合并至少需要两个图形。")
            self.canvas.update()
            return
        from layers.editing.operations import merged

        operation = merged(self.mode.layer, dict(self.shapes))

        def work(project: Project, _progress: Progress) -> tuple[Question, ...]:
            return operation.edit(project).questions

        self.saving = True
        self.mode.session.read(work, self._asked, title=operation.why, failed=self._failed, owner=self.mode)

    def _failed(self, error: Exception) -> None:
        self._refused()
        self.mode.session.tasks.failed.emit(error)

    def _asked(self, questions: tuple[Question, ...]) -> None:
        if self.mode.tool is not self:
            return
        if not questions:
            self._merge({})
            return
        from app.dialogs.merge_rows import MergeRowsDialog

        dialog = MergeRowsDialog(self.mode.layer, questions, self.canvas.window())
        dialog.accepted.connect(lambda: self._merge(dialog.values()))
        dialog.rejected.connect(self._refused)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _merge(self, answers: dict[str, Any]) -> None:
        from layers.editing.operations import merged

        self.submit(merged(self.mode.layer, dict(self.shapes), answers))

    def paint(self, painter: QPainter, view: View) -> None:
        """What has been chosen, and the whole that would come of it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for shape in self.shapes.values():
            paint_shape(painter, view, shape, self.colour(), dash=True, strength=0.25)
        self.paint_found(painter, view)
        self.paint_note(painter, view, self.problem)
