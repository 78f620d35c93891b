"""The map in the window: hands the session's project and the layer tree's wishes to the canvas."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.canvas.map_canvas import MapCanvas
from app.panels.layer_tree import LayerTree
from app.session import Session

__all__ = ["MapView"]


class MapView(QWidget):
    """A canvas and what connects it to the session."""

    position_changed = Signal(float, float)
    scale_changed = Signal(float)
    picked = Signal(str, str)  # table, uuid

    def __init__(self, session: Session, layers: LayerTree, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._layers = layers
        self.canvas = MapCanvas()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)

    def set_tool(self, name: str) -> None: ...
    def zoom_in(self) -> None: ...
    def zoom_out(self) -> None: ...
    def zoom_all(self) -> None: ...
    def set_scale(self, denominator: float) -> None: ...
    def zoom_to_layer(self, name: str) -> None: ...
    def fly_to(self, geometry: Any) -> None: ...
    def shut_down(self) -> None: ...
