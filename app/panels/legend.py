"""Map legend: the signs of the layers that are switched on, and the colours of the land-use classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.panels.layer_tree import Swatch, swatch_icon
from app.session import Session
from gis.text import tr
from layers.registry import layer
from layers.spec import GeometryKind

__all__ = ["Legend"]


class Legend(QWidget):
    """Follows the layer tree; shows only what is on the map."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.list = QListWidget()
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setIconSize(QSize(18, 18))
        self.list.setSpacing(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        session.project_closed.connect(self.list.clear)

    def show_signs(
        self, visible: Sequence[str], swatches: Mapping[str, Swatch], classes: Sequence[tuple[str, str]]
    ) -> None:
        """Layers from bottom to top; ``classes`` are (title, colour) of the land-use classes on the map."""
        self.list.clear()
        for name in reversed(visible):
            if name == "land_use" and classes:
                heading = QListWidgetItem(tr("{layer}（按用途）", layer=layer(name).title))
                heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
                font = heading.font()
                font.setBold(True)
                heading.setFont(font)
                self.list.addItem(heading)
                for title, colour in classes:
                    self._add(title, Swatch(colour, "#8a8f96", GeometryKind.POLYGON))
            elif name in swatches:
                self._add(layer(name).title, swatches[name])

    def _add(self, title: str, swatch: Swatch) -> None:
        item = QListWidgetItem(swatch_icon(swatch), title)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.list.addItem(item)
