"""What the commands on the map do: tools in hand, selecting, places to go to, pictures."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from app.canvas.tool_note import ToolNote
from app.canvas.tools.navigate import Navigate
from app.panels.layer_tree import LayerTree
from app.panels.map_view import TOOLS, MapView
from app.selector import Selector
from app.session import Session

__all__ = ["MapCommands"]

_MESSAGE_MS = 8000


class MapCommands(QObject):
    """The handlers behind the map's actions of one window."""

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        view: MapView,
        layers: LayerTree,
        go_to_row: Callable[[str, str], None],
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._map, self._layers = window, session, view, layers
        self._go_to_row = go_to_row
        self.note = ToolNote(view.canvas)
        self.selector = Selector(session, layers, view, self)
        self.selector.said.connect(self.say)

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Action name → what it does."""

        def taking(name: str) -> Callable[[], None]:
            return lambda: self._map.set_tool(name)

        return {
            **{name: taking(name) for name in TOOLS},
            "go_to": self.go_to,
            "select_attributes": self.selector.by_attributes,
            "select_location": self.selector.by_location,
            "invert": self.selector.invert,
            "zoom_selection": lambda: self.selector.zoom(self._go_to_row),
        }

    def go_to(self) -> None:
        """Ask for coordinates and show the place."""
        from app.dialogs.go_to import GoToDialog

        dialog = GoToDialog(self._session, self._map.whole(), self._window)
        dialog.place_found.connect(self._show_place)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def _show_place(self, x: float, y: float) -> None:
        from shapely.geometry import Point

        self._map.fly_to(Point(x, y))

    def put_down(self) -> None:
        """Another project is there, in another plane: take the hand that moves the map."""
        self._map.canvas.set_tool(Navigate(self._map.canvas))

    def say(self, text: str) -> None:
        """Show a message in the status bar for a while."""
        self._window.statusBar().showMessage(text, _MESSAGE_MS)
