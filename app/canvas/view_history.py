"""The views of the map that one has rested at, to go back to and forward again."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.canvas.map_canvas import MapCanvas

__all__ = ["ViewHistory"]

_REST = 700  # milliseconds without a movement make a view worth returning to
_MOST = 60

Place = tuple[float, float, float]  # centre (m) and metres a pixel


class ViewHistory(QObject):
    """Listens to the canvas. ``changed`` says that going back or forward has become possible or impossible."""

    changed = Signal()

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._places: list[Place] = []
        self._at = -1
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self.note)
        canvas.extent_changed.connect(self._rest.start)

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier view."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether one has gone back."""
        return self._at < len(self._places) - 1

    def clear(self) -> None:
        """Another project: its map begins anew."""
        self._rest.stop()
        self._places, self._at = [], -1
        self.changed.emit()

    def note(self) -> None:
        """Keep the present view; what one had gone back from is given up."""
        self._rest.stop()
        place = self._canvas.place()
        if self._at >= 0 and self._places[self._at] == place:
            return
        self._places = [*self._places[: self._at + 1], place][-_MOST:]
        self._at = len(self._places) - 1
        self.changed.emit()

    def back(self) -> None:
        """The view before."""
        self._go(-1)

    def forward(self) -> None:
        """The view that one has gone back from."""
        self._go(1)

    def _go(self, step: int) -> None:
        if self._rest.isActive():
            self.note()  # the map still moves: where it is now is to be found again
        if 0 <= self._at + step < len(self._places):
            self._at += step
            self._canvas.look_at(*self._places[self._at])
            self._rest.stop()
            self.changed.emit()
