"""Real mouse and key events on the map of the window, at places of the city."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import geopandas as gpd
import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from app.editing.tools.base import EditTool
from app.shell import Shell
from layers.project import Project
from layers.registry import LAYERS
from tests.layers.editing.city import at, read, uuid_of

__all__ = ["Hand"]

_Dialog = TypeVar("_Dialog", bound=QDialog)
_None, _Left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
_LIMIT = 60.0
_COMPILING = 400.0  # the first picture after a change of the drawing loops waits for their compilation


class Hand:
    """Places are metres east and north of the city's corner."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.window = shell.window
        self.canvas = shell.window.map.canvas
        self.mode = shell.window.editing
        self._before: dict[str, set[tuple[object, bytes]]] = {}
        self._steps = 0

    @property
    def project(self) -> Project:
        assert self.shell.session.project is not None
        return self.shell.session.project

    @property
    def tool(self) -> EditTool:
        assert self.mode.tool is not None
        return self.mode.tool

    def begin(self) -> None:
        """Wait for the project, look at the parcels and start to edit them."""
        self.until(lambda: self.canvas.picture() is not None, _COMPILING)
        self.settled()
        self.shell.session.select("", [])
        self.mode.set_layer("parcel")
        self.mode.start()
        self.look((*at(50, 50), *at(1150, 650)))
        self._before, self._steps = self.stored(), self.steps()

    def put_back(self) -> None:
        """Close what is open and undo what was done."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.reject()
        self.mode.stop()
        self.settled()
        done = self.steps() - self._steps
        while done and self.stored() != self._before:
            self.project.store.undo()
        if done:
            self.shell.session.project_changed.emit()
        assert self.stored() == self._before

    def look(self, box: tuple[float, float, float, float]) -> None:
        self.canvas.zoom_to(box, 0.02)
        self.settled()

    # --- waiting -------------------------------------------------------------------------------------

    def until(self, condition: Callable[[], bool], limit: float = _LIMIT) -> None:
        end = time.monotonic() + limit
        while not condition():
            assert time.monotonic() < end, "it did not come to that"
            QApplication.processEvents()
            time.sleep(0.002)
        QApplication.processEvents()

    def settled(self) -> None:
        """Nothing is asked or stored any more; the checks, which every edit sets off, may go on."""
        session = self.shell.session
        self.until(lambda: not (self.mode.latest.busy or session.tasks.writing or session.editor.busy))

    def dialog(self, kind: type[_Dialog]) -> _Dialog:
        found: list[_Dialog] = []

        def there() -> bool:
            found[:] = [
                widget
                for widget in QApplication.topLevelWidgets()
                if isinstance(widget, kind) and widget.isVisible()
            ]
            return bool(found)

        self.until(there)
        return found[-1]

    # --- the hand ------------------------------------------------------------------------------------

    def take(self, name: str) -> None:
        """Take a tool from the toolbar."""
        self.window.edit_bar.actions_[name].trigger()

    def _send(
        self,
        kind: QEvent.Type,
        east: float,
        north: float,
        button: Qt.MouseButton,
        held: Qt.MouseButton,
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        place = QPointF(*self.canvas.view().to_screen(np.array([at(east, north)]))[0].tolist())
        where = QPointF(self.canvas.mapToGlobal(place.toPoint()))
        QApplication.sendEvent(self.canvas, QMouseEvent(kind, place, where, button, held, keys))

    def hover(self, east: float, north: float) -> None:
        """Move there and wait until what is near, and the preview, are known."""
        self._send(QEvent.Type.MouseMove, east, north, _None, _None)
        self.until(lambda: not self.mode.latest.busy)

    def click(
        self, east: float, north: float, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        self.hover(east, north)
        self._send(QEvent.Type.MouseButtonPress, east, north, _Left, _Left, keys)
        self._send(QEvent.Type.MouseButtonRelease, east, north, _Left, _None, keys)

    def double_click(self, east: float, north: float) -> None:
        self.click(east, north)
        self._send(QEvent.Type.MouseButtonDblClick, east, north, _Left, _Left)
        self._send(QEvent.Type.MouseButtonRelease, east, north, _Left, _None)
        self.settled()

    def hold(self, east: float, north: float) -> None:
        self.hover(east, north)
        self._send(QEvent.Type.MouseButtonPress, east, north, _Left, _Left)

    def drag(self, east: float, north: float) -> None:
        self._send(QEvent.Type.MouseMove, east, north, _None, _Left)
        self.until(lambda: not self.mode.latest.busy)

    def drop(self, east: float, north: float) -> None:
        self.drag(east, north)
        self._send(QEvent.Type.MouseButtonRelease, east, north, _Left, _None)
        self.settled()

    def right_click(self, east: float, north: float) -> None:
        self.hover(east, north)
        self._send(QEvent.Type.MouseButtonPress, east, north, Qt.MouseButton.RightButton, _None)
        self.settled()

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.canvas, key, keys)
        self.settled()

    def undo(self) -> None:
        self.shell.session.undo()
        self.settled()

    # --- what is stored ------------------------------------------------------------------------------

    def stored(self) -> dict[str, set[tuple[object, bytes]]]:
        """Every current row with its geometry."""
        found = {}
        for spec in LAYERS:
            _fids, blobs, rows = self.project.store.read_wkb(spec.name, None, ("uuid",))
            found[spec.name] = {(row[0], blob) for row, blob in zip(rows, blobs, strict=True)}
        return found

    def parcels(self) -> gpd.GeoDataFrame:
        """Current parcels by number."""
        return read(self.project, "parcel")

    def uuid(self, number: str) -> str:
        return uuid_of(self.project, "parcel", number)

    def select(self, *numbers: str) -> None:
        self.shell.session.select("parcel", [self.uuid(number) for number in numbers])

    def steps(self) -> int:
        """Transactions so far."""
        return len(self.project.store.journal(limit=None))
