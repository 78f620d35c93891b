"""Commands that change rows: what is asked before an edit is saved, and what is said after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QMainWindow

from app.panels.map_view import MapView
from app.session import Session
from gis.text import tr

if TYPE_CHECKING:
    from app.dialogs.edit_warnings import EditWarningsDialog
    from app.editor import Answer, Weighed
    from layers.editing.edit import Edit

__all__ = ["EditCommands"]

_MESSAGE_MS = 8000
_EDGE = 24  # px between a dialog and the window's edge


class EditCommands:
    """The window's side of every edit. Takes the place of an older window's as the one that is asked."""

    def __init__(self, window: QMainWindow, session: Session, view: MapView) -> None:
        self._window, self._session, self._map = window, session, view
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

    def _put_aside(self, dialog: EditWarningsDialog) -> None:
        """To the right, so that the land it speaks of can be seen on the map."""
        window = self._window.frameGeometry()
        dialog.move(
            max(window.left(), window.right() - dialog.width() - _EDGE),
            max(window.top(), window.top() + (window.height() - dialog.height()) // 2),
        )

    def _show_piece(self, geometry: Any) -> None:
        """Let it flash where it is in sight, else fly there."""
        west, south, east, north = self._map.extent()
        left, bottom, right, top = geometry.bounds
        if west <= left and south <= bottom and right <= east and top <= north:
            self._map.canvas.overlay.flash(geometry)
        else:
            self._map.fly_to(geometry)

    def _say_saved(self, edit: Edit) -> None:
        text = "  ".join((tr("已保存：{why}", why=edit.why), *edit.notes))
        self._window.statusBar().showMessage(text, _MESSAGE_MS)

    def _say_refused(self, title: str) -> None:
        self._window.statusBar().showMessage(tr("未保存：{title}", title=title), _MESSAGE_MS)
