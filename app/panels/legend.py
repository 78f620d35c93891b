"""Map legend: the signs of the layers that are switched on, and the colours of the land uses that occur."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.panels.swatches import Swatch, swatch_icon
from app.panels.widgets import EmptyHint
from app.session import Session
from gis.text import tr
from layers.registry import layer

__all__ = ["Legend"]


class Legend(QWidget):
    """Follows the layer tree; shows only what is on the map."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setIconSize(QSize(18, 18))
        self.list.setAccessibleName(tr("图例"))
        EmptyHint(self.list, tr("地图上没有图层"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        session.project_closed.connect(self.list.clear)

    def show_signs(
        self,
        visible: Sequence[str],
        swatches: Mapping[str, Sequence[tuple[str, Swatch]]],
        uses: Sequence[tuple[str, Swatch]],
        by_use: Collection[str],
        heads: Mapping[str, str],
    ) -> None:
        """Layers from bottom to top. A layer has one sign, or one for each of its classes (title, sign).

        ``uses`` are the land uses that occur, listed once for the layers in ``by_use``; ``heads`` is what stands
        over the classes of a layer.
        """
        self.list.clear()
        coloured = [name for name in reversed(visible) if name in by_use]
        for name in reversed(visible):
            if name in by_use:
                continue
            if name in heads:
                self._head(heads[name])
            for title, swatch in swatches.get(name, ()):
                self._add(title, swatch)
        if coloured and uses:
            titles = tr("、").join(layer(name).title for name in coloured)
            self._head(tr("{layers}（按用途）", layers=titles))
            for title, swatch in uses:
                self._add(title, swatch)

    def _head(self, title: str) -> None:
        item = QListWidgetItem(title)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        item.setToolTip(item.text())
        self.list.addItem(item)

    def _add(self, title: str, swatch: Swatch) -> None:
        item = QListWidgetItem(swatch_icon(swatch), title)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setToolTip(title)
        self.list.addItem(item)
