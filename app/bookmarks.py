"""Named places of one project: kept with what a person has decided about its map, listed in a menu."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from app.map_state import Bookmark
from app.panels.map_view import MapView
from app.session import Session
from gis.text import tr

__all__ = ["Bookmarks"]


class Bookmarks(QObject):
    """Adds, goes to, renames and deletes. Every change is kept at once."""

    def __init__(self, session: Session, view: MapView, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._view, self._window = session, view, window

    @property
    def places(self) -> list[Bookmark]:
        """The project's bookmarks, in the order in which they were made."""
        state = self._session.map_state
        return [] if state is None else state.bookmarks

    def fill(self, menu: QMenu, fixed: list[QAction]) -> None:
        """The menu: the commands, then the places."""
        menu.clear()
        menu.addActions(fixed)
        if self.places:
            menu.addSeparator()
        for place in self.places:
            action = menu.addAction(place.name.replace("&", "&&"))
            action.triggered.connect(lambda _on=False, chosen=place: self.go(chosen))

    def go(self, place: Bookmark) -> None:
        """Show a place at the scale at which it was kept."""
        self._view.canvas.look_at(place.x, place.y, place.resolution)

    def ask(self) -> None:
        """Ask how the present view is to be called, and keep it."""
        if self._session.map_state is None:
            return
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle(tr("添加书签"))
        dialog.setLabelText(tr("书签名称"))
        dialog.setTextValue(tr("书签 {number}", number=len(self.places) + 1))
        dialog.textValueSelected.connect(self.add)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def add(self, name: str) -> None:
        """Keep the present view; a bookmark of the same name moves here."""
        state = self._session.map_state
        plain = " ".join(name.split())
        if state is None or not plain:
            return
        place = Bookmark(plain, *self._view.canvas.place())
        self.replace([*(item for item in state.bookmarks if item.name != plain), place])

    def replace(self, places: list[Bookmark]) -> None:
        """Other bookmarks in the place of the present ones."""
        state, project = self._session.map_state, self._session.project
        if state is not None and project is not None:
            state.bookmarks = places
            self._session.settings.set_map_state(project.path, state.as_text())

    def manage(self) -> None:
        """List, rename and delete."""
        from app.dialogs.bookmarks import BookmarksDialog

        dialog = BookmarksDialog(self, self._window)
        self._session.project_closed.connect(dialog.reject)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()
