"""What the commands on the map, the checks and the program do; files are in ``commands_files``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QMainWindow, QWidget

from app.actions import Actions
from app.panels.attribute_table import AttributeTable
from app.panels.layer_tree import LayerTree
from app.panels.map_view import MapView
from app.session import Session
from gis.text import tr

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.project import Project

__all__ = ["WindowCommands"]

_MESSAGE_MS = 8000


class WindowCommands:
    """The handlers behind the other actions of one window.

    ``panel`` brings a dock to the front and gives its widget; ``rebuild`` asks for a new window.
    """

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        view: MapView,
        layers: LayerTree,
        panel: Callable[[str], QWidget],
        rebuild: Callable[[], None],
    ) -> None:
        self._window, self._session = window, session
        self._map, self._layers = view, layers
        self._panel, self._rebuild = panel, rebuild

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Action name → what it does."""
        view = self._map
        return {
            "quit": self.quit, "undo": self._session.undo, "redo": self._session.redo,
            "deselect": self.deselect, "settings": self.settings,
            "zoom_in": view.zoom_in, "zoom_out": view.zoom_out, "zoom_all": view.zoom_all,
            "zoom_layer": self.zoom_layer, "table": self.table,
            "symbol": self.symbol, "check": self.check, "compare": self.compare, "match": self.match,
            "indicators": self.indicators, "policy": self.policy, "what_if": self.what_if,
            "full_screen": self.full_screen, "about": self.about,
        }  # fmt: skip

    # --- rows and places -----------------------------------------------------------------------------

    def table(self) -> None:
        """Show the attribute table of the layer marked in the tree."""
        self.show_table(self._layers.current)

    def show_table(self, name: str | None) -> None:
        """Show the attribute table, of another layer if one is named, ready to be filtered."""
        panel = self._panel("table")
        if isinstance(panel, AttributeTable):
            if name is not None:
                panel.show_layer(name)
            panel.filter.setFocus()

    def go_to_row(self, table: str, uuid: str) -> None:
        """Select a row and fly to it, where it has a place."""
        self._session.select(table, [uuid])

        def work(project: Project, _progress: Progress) -> Any:
            from gis.store.base import Condition

            frame = project.read(table, where=[Condition("uuid", "=", uuid)], columns=[])
            return None if frame.empty else frame.geometry.iloc[0]

        def done(geometry: Any) -> None:
            if geometry is not None and not geometry.is_empty:
                self._map.fly_to(geometry)
            else:
                self._panel("card")
                self._say(tr("该记录没有图形，无法定位。"))

        self._session.read(work, done, quiet=True, owner=self._window)

    def zoom_layer(self) -> None:
        """Show the whole layer marked in the tree."""
        if (name := self._marked_layer()) is not None:
            self._map.zoom_to_layer(name)

    def deselect(self) -> None:
        """Select nothing, and let what flashed go out."""
        self._session.select("", [])
        self._map.canvas.overlay.flash(None)

    def symbol(self) -> None:
        """Change how the layer marked in the tree looks."""
        if (name := self._marked_layer()) is not None:
            self._layers.style_wanted.emit(name)

    def _marked_layer(self) -> str | None:
        name = self._layers.current
        if name is None:
            self._say(tr("先在图层列表中选择一个图层。"))
        return name

    # --- judging -------------------------------------------------------------------------------------

    def check(self) -> None:
        """Run the checks and show the dashboard."""
        self._panel("dashboard")
        self._session.check()

    def indicators(self) -> None:
        """Show every unit against every target."""
        from app.dialogs.indicator_overview import IndicatorOverview

        dialog = IndicatorOverview(self._session, self._window)
        dialog.row_activated.connect(self.go_to_row)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def what_if(self) -> None:
        """Try out planned changes; one window for all scenarios of the project."""
        from app.dialogs.what_if import WhatIfWindow

        shown = self._window.findChild(WhatIfWindow)
        if shown is None:
            shown = WhatIfWindow(self._session, self._window)
        shown.show()
        shown.raise_()
        shown.activateWindow()

    def policy(self) -> None:
        """Show the policy of the project; it can be written to a file and read from one."""
        from app.dialogs.policy import PolicyDialog

        project = self._session.project
        if project is None:
            return
        dialog = PolicyDialog(self._session, project.policy, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def match(self) -> None:
        """Look for a floor or a site for somebody who needs one."""
        from app.dialogs.matching import MatchingDialog

        dialog = MatchingDialog(self._session, self._window)
        dialog.row_activated.connect(self.go_to_row)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def compare(self) -> None:
        """Choose two snapshots and compare them."""

        def done(snapshots: Any) -> None:
            from app.dialogs.compare import CompareDialog

            dialog = CompareDialog(snapshots, self._window)
            dialog.accepted.connect(lambda: self._session.compare(*dialog.chosen))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

        self._session.read(
            lambda project, _progress: project.snapshots(), done, quiet=True, owner=self._window
        )

    # --- the program ---------------------------------------------------------------------------------

    def settings(self) -> None:
        """Language and theme."""
        from app.dialogs.preferences import PreferencesDialog

        dialog = PreferencesDialog(self._session.settings, self._window)
        dialog.applied.connect(self._rebuild)
        dialog.exec()
        dialog.deleteLater()

    def set_language(self, name: str) -> None:
        """Switch the language now and for the next start."""
        self._session.settings.language = name
        self._rebuild()

    def set_theme(self, name: str) -> None:
        """Switch the theme now and for the next start."""
        self._session.settings.theme = name
        self._rebuild()

    def full_screen(self) -> None:
        """The whole screen for the window, or back."""
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def shortcuts(self, actions: Actions, more: Sequence[tuple[str, str]] = ()) -> None:
        """List the keys, and ``more`` of them."""
        from app.dialogs.shortcuts import ShortcutsDialog

        dialog = ShortcutsDialog([*actions.shortcuts(), *more], self._window)
        dialog.exec()
        dialog.deleteLater()

    def about(self) -> None:
        """What the program is."""
        from app.dialogs.about import AboutDialog

        dialog = AboutDialog(self._window)
        dialog.exec()
        dialog.deleteLater()

    def quit(self) -> None:
        """Close the window, and with it the program."""
        self._window.close()

    def _say(self, text: str) -> None:
        self._window.statusBar().showMessage(text, _MESSAGE_MS)
