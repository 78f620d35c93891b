"""Commands that change rows, what is asked before an edit is saved, and what is said after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow, QMessageBox
from shiboken6 import isValid

from app.panels.map_view import MapView
from app.panels.offers import offered
from app.session import Session
from gis.text import tr
from layers.registry import layer
from layers.spec import Editing

if TYPE_CHECKING:
    from app.dialogs.edit_warnings import EditWarningsDialog
    from app.editor import Answer, Weighed
    from gis.progress import Progress
    from layers.editing.edit import Edit
    from layers.project import Project

__all__ = ["EditCommands"]

_MESSAGE_MS = 8000
_EDGE = 24  # px between a dialog and the window's edge


class EditCommands(QObject):
    """The window's side of every edit. Takes the place of an older window's as the one that is asked.

    It goes with its window, so that nothing is said in one that is gone.
    """

    def __init__(
        self, window: QMainWindow, session: Session, view: MapView, current_layer: Callable[[], str | None]
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._map, self._layer = window, session, view, current_layer
        session.editor.ask = self.ask
        session.editor.saved.connect(self._say_saved)
        session.editor.refused.connect(self._say_refused)

    def ask(self, weighed: Weighed, answer: Answer) -> None:
        """Show what the edit takes away from industry; the answer is the reason, or None to change the edit."""
        from app.dialogs.edit_warnings import EditWarningsDialog

        dialog = EditWarningsDialog(weighed, self._window)
        dialog.piece_wanted.connect(self._show_piece)

        def finished(result: int) -> None:
            self._map.canvas.overlay.flash(None)
            dialog.deleteLater()
            answer(dialog.reason if result else None)

        dialog.finished.connect(finished)
        self._session.project_closed.connect(dialog.reject)
        dialog.open()
        self._put_aside(dialog)
        self._map.canvas.overlay.flash(weighed.warnings[0].geometry)

    # --- rows -----------------------------------------------------------------------------------------

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Action name → what it does."""
        return {
            "edit_row": self.edit_selected,
            "new_row": lambda: self.new_row(self._layer()),
            "remove_rows": self.remove_selected,
        }

    def edit_selected(self) -> None:
        """All fields of the selected row in a form."""
        table, uuids = self._session.selected
        if uuids:
            self.edit_row(table, uuids[0])
        else:
            self._say(tr("没有选中的要素。"))

    def edit_row(self, name: str, uuid: str) -> None:
        """All fields of a row in a form."""

        def work(project: Project, _progress: Progress) -> dict[str, Any] | None:
            from gis.store.base import Condition

            frame = project.read(name, where=[Condition("uuid", "=", uuid)], geometry=False)
            return None if frame.empty else {str(key): value for key, value in frame.iloc[0].items()}

        def read(values: dict[str, Any] | None) -> None:
            if values is not None and self._editable(name):
                self._open_form(name, values)

        self._session.read(work, read, quiet=True, owner=self._window)

    def new_row(self, name: str | None) -> None:
        """A row without a place, of the layers that may have such: a contract, a project, a building, a lease."""
        if name is None:
            self._say(tr("先在图层列表或属性表中选择一个图层。"))
        elif layer(name).geometry_required:
            self._say(tr("“{layer}”的新要素要在地图上画出来。", layer=layer(name).title))
        elif self._editable(name):
            self._open_form(name, None)

    def _open_form(self, name: str, values: dict[str, Any] | None) -> None:
        from app.dialogs.row_form import RowForm
        from layers.editing.rows import row_label
        from layers.editing.values import FieldError

        spec, session = layer(name), self._session
        if values is None:
            title = tr("新增{layer}", layer=spec.title)
        else:
            title = tr("编辑{layer} {label}", layer=spec.title, label=row_label(spec, values))
        form = RowForm(
            spec, title, values, lambda field, beside: offered(session, spec, field, beside), self._window
        )

        def failed(error: Exception) -> None:
            if isinstance(error, FieldError) and error.layer == name:
                form.blame(error.field)

        def submitted(changes: dict[str, Any]) -> None:
            def build(project: Project, _progress: Progress) -> Edit:
                from layers.editing.prepare import attribute_edit, new_row

                if values is None:
                    return new_row(project, name, None, changes)
                return attribute_edit(project, name, [str(values["uuid"])], changes)

            session.editor.submit(
                build,
                title,
                done=form.accept,
                refused=lambda: form.set_busy(busy=False) if isValid(form) else None,
            )

        form.submitted.connect(submitted)
        session.tasks.failed.connect(failed)

        def finished(_result: int) -> None:
            session.tasks.failed.disconnect(failed)
            form.deleteLater()

        form.finished.connect(finished)
        session.project_closed.connect(form.reject)
        form.open()

    def remove_selected(self) -> None:
        """Take the selected rows out of their layer."""
        table, uuids = self._session.selected
        if uuids:
            self.remove(table, uuids)
        else:
            self._say(tr("没有选中的要素。"))

    def remove(self, name: str, uuids: Sequence[str]) -> None:
        """Take rows out, once the person has said so again; undo brings them back."""
        if not self._editable(name):
            return
        spec, rows = layer(name), list(uuids)
        box = QMessageBox(self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(tr("删除"))
        box.setText(tr("删除{layer}中选中的行（{count}）？", layer=spec.title, count=f"{len(rows):,}"))
        ends = spec.editing is Editing.VERSIONS
        box.setInformativeText(
            tr("区块线不会被抹去，而是从今天起失效。可以撤销。")
            if ends
            else tr("历史中仍可查到这些行，可以撤销。")
        )
        go = box.addButton(tr("删除"), QMessageBox.ButtonRole.AcceptRole)
        back = box.addButton(tr("取消"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(back)
        box.setEscapeButton(back)

        def build(project: Project, _progress: Progress) -> Edit:
            from layers.editing.prepare import retirement

            return retirement(project, name, rows)

        def finished() -> None:
            if box.clickedButton() is go:
                self._session.editor.submit(
                    build, tr("删除行（{count}）", count=f"{len(rows):,}"), done=self._deselect(name, rows)
                )
            box.deleteLater()

        box.finished.connect(finished)
        box.open()

    def _deselect(self, name: str, uuids: list[str]) -> Callable[[], None]:
        def done() -> None:
            table, selected = self._session.selected
            if table == name:
                gone = set(uuids)
                left = [uuid for uuid in selected if uuid not in gone]
                self._session.select(table if left else "", left)

        return done

    def _editable(self, name: str) -> bool:
        if not self._session.editor.writable:
            self._say(tr("项目是只读的，不能编辑。"))
        elif layer(name).editing is Editing.NONE:
            self._say(tr("“{layer}”不能编辑，请重新导入。", layer=layer(name).title))
        else:
            return True
        return False

    def _say(self, text: str) -> None:
        self._window.statusBar().showMessage(text, _MESSAGE_MS)

    # --- warnings -------------------------------------------------------------------------------------

    def _put_aside(self, dialog: EditWarningsDialog) -> None:
        """To the right, so that the land it speaks of can be seen on the map."""
        window = self._window.frameGeometry()
        dialog.move(
            max(window.left(), window.right() - dialog.width() - _EDGE),
            max(window.top(), window.top() + (window.height() - dialog.height()) // 2),
        )

    def compare_outlines(self, before: Any, after: Any) -> None:
        """Show how a row lay before and after a step of its history; fly there if it is out of sight."""
        self._map.canvas.overlay.compare(before, after)
        shapes = [shape for shape in (before, after) if shape is not None and not shape.is_empty]
        if shapes and not any(self._in_sight(shape) for shape in shapes):
            self._map.fly_to(shapes[-1])

    def history_seen(self, seen: bool) -> None:
        """Behind another tab, the history takes its outlines off the map."""
        if not seen:
            self._map.canvas.overlay.compare(None, None)

    def _in_sight(self, geometry: Any) -> bool:
        west, south, east, north = self._map.extent()
        left, bottom, right, top = geometry.bounds
        return bool(west <= left and south <= bottom and right <= east and top <= north)

    def _show_piece(self, geometry: Any) -> None:
        """Let it flash where it is in sight, else fly there."""
        if self._in_sight(geometry):
            self._map.canvas.overlay.flash(geometry)
        else:
            self._map.fly_to(geometry)

    def _say_saved(self, edit: Edit) -> None:
        """What was saved in the status bar, what is left to be looked at above the map, where there is room."""
        self._say(tr("已保存：{why}", why=edit.why))
        self._session.guard.remark("\n".join(edit.notes))

    def _say_refused(self, title: str) -> None:
        self._say(tr("未保存：{title}", title=title))
