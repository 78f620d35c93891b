"""Layer tree: what is drawn, in which order, in which colour; the topmost line is drawn last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.panels.widgets import label
from gis.text import tr
from layers.spec import GeometryKind, LayerSpec

__all__ = ["LayerTree", "Swatch", "swatch_icon"]

_NAME = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Swatch:
    """How a layer's sign looks: ``fill`` may be empty (outline only); ``kind`` decides the shape."""

    fill: str
    stroke: str
    kind: GeometryKind


def swatch_icon(swatch: Swatch, size: int = 18) -> QIcon:
    """The sign of a layer as an icon."""
    picture = QPixmap(size * 2, size * 2)
    picture.setDevicePixelRatio(2.0)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(swatch.stroke), 1.6))
    painter.setBrush(QColor(swatch.fill) if swatch.fill else Qt.BrushStyle.NoBrush)
    if swatch.kind is GeometryKind.POINT:
        painter.drawEllipse(QPoint(size // 2, size // 2), 5, 5)
    elif swatch.kind is GeometryKind.LINE:
        painter.drawLine(2, size - 4, size - 3, 4)
    else:
        painter.drawRoundedRect(2, 4, size - 4, size - 7, 2, 2)
    painter.end()
    return QIcon(picture)


class LayerTree(QWidget):
    """Emits what the user wants; the window passes it to the canvas."""

    visibility_changed = Signal(str, bool)
    order_changed = Signal(list)  # names from bottom to top
    colour_changed = Signal(str, str)
    snapshot_changed = Signal(str)
    table_wanted = Signal(str)
    zoom_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._specs: dict[str, LayerSpec] = {}
        self._swatches: dict[str, Swatch] = {}
        self.list = QListWidget()
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setSpacing(1)
        self.list.itemChanged.connect(self._item_changed)
        self.list.model().rowsMoved.connect(self._moved)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.itemDoubleClicked.connect(lambda item: self.zoom_wanted.emit(item.data(_NAME)))
        self.snapshot = QComboBox()
        self.snapshot.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.snapshot.setMinimumContentsLength(8)
        self.snapshot.setToolTip(tr("地图上显示哪一版规划用地"))
        self.snapshot.currentIndexChanged.connect(self._snapshot_chosen)
        self._snapshot_row = QWidget()
        row = QHBoxLayout(self._snapshot_row)
        row.setContentsMargins(8, 6, 8, 6)
        row.addWidget(label(tr("规划快照"), "muted"))
        row.addWidget(self.snapshot, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._snapshot_row)
        self._snapshot_row.hide()

    def show_layers(
        self,
        specs: Sequence[LayerSpec],
        visible: Sequence[str],
        swatches: dict[str, Swatch],
        counts: dict[str, int],
    ) -> None:
        """List layers given from bottom to top; empty ones are greyed but stay."""
        self._specs = {spec.name: spec for spec in specs}
        self._swatches = dict(swatches)
        self.list.blockSignals(True)
        self.list.clear()
        for spec in reversed(specs):
            count = counts.get(spec.name, 0)
            item = QListWidgetItem(
                swatch_icon(swatches[spec.name]), f"{spec.title}  {count:,}" if count else spec.title
            )
            item.setData(_NAME, spec.name)
            item.setToolTip(
                tr(spec.about)
                if not count
                else tr("{layer}：{count} 行", layer=spec.title, count=f"{count:,}")
            )
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsUserCheckable
                | Qt.ItemFlag.ItemIsDragEnabled
            )
            item.setCheckState(Qt.CheckState.Checked if spec.name in visible else Qt.CheckState.Unchecked)
            if not count:
                item.setForeground(QColor(theme.current().muted))
            self.list.addItem(item)
        self.list.blockSignals(False)

    def show_snapshots(self, names: Sequence[str], current: str) -> None:
        """Offer the plan's snapshots."""
        self.snapshot.blockSignals(True)
        self.snapshot.clear()
        for name in names:
            self.snapshot.addItem(name, name)
        self.snapshot.setCurrentIndex(self.snapshot.findData(current))
        self.snapshot.blockSignals(False)
        self._snapshot_row.setVisible(len(names) > 0)

    def clear(self) -> None:
        """Nothing is open."""
        self.list.clear()
        self.show_snapshots([], "")

    @property
    def order(self) -> list[str]:
        """Names from bottom to top, as they are drawn."""
        return [str(self.list.item(row).data(_NAME)) for row in reversed(range(self.list.count()))]

    @property
    def visible_layers(self) -> list[str]:
        """Names of the layers that are switched on, from bottom to top."""
        shown = {
            self.list.item(row).data(_NAME)
            for row in range(self.list.count())
            if self.list.item(row).checkState() == Qt.CheckState.Checked
        }
        return [name for name in self.order if name in shown]

    @property
    def current(self) -> str | None:
        """The layer of the marked line."""
        item = self.list.currentItem()
        return None if item is None else str(item.data(_NAME))

    def set_visible(self, name: str, on: bool) -> None:
        """Switch a layer as a click on its box would."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(_NAME) == name:
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def set_colour(self, name: str, colour: str) -> None:
        """Paint a layer in another colour."""
        old = self._swatches[name]
        fill = colour if old.fill else ""
        self._swatches[name] = Swatch(fill, QColor(colour).darker(140).name() if fill else colour, old.kind)
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(_NAME) == name:
                self.list.blockSignals(True)
                item.setIcon(swatch_icon(self._swatches[name]))
                self.list.blockSignals(False)
        self.colour_changed.emit(name, colour)

    def _item_changed(self, item: QListWidgetItem) -> None:
        self.visibility_changed.emit(item.data(_NAME), item.checkState() == Qt.CheckState.Checked)

    def _moved(self, *_: object) -> None:
        self.order_changed.emit(self.order)

    def _snapshot_chosen(self) -> None:
        if self.snapshot.currentData():
            self.snapshot_changed.emit(self.snapshot.currentData())

    def _menu(self, point: QPoint) -> None:
        index = self.list.indexAt(point)
        if not index.isValid():
            return
        name = str(index.data(_NAME))
        menu = QMenu(self)
        menu.addAction(theme.icon("zoom-layer"), tr("缩放到图层"), lambda: self.zoom_wanted.emit(name))
        menu.addAction(theme.icon("table"), tr("打开属性表"), lambda: self.table_wanted.emit(name))
        menu.addAction(tr("更改颜色…"), lambda: self._choose_colour(name))
        menu.addSeparator()
        menu.addAction(tr("上移"), lambda: self._move(name, -1))
        menu.addAction(tr("下移"), lambda: self._move(name, 1))
        menu.exec(self.list.viewport().mapToGlobal(point))
        menu.deleteLater()

    def _move(self, name: str, step: int) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(_NAME) == name and 0 <= row + step < self.list.count():
                self.list.blockSignals(True)
                item = self.list.takeItem(row)
                self.list.insertItem(row + step, item)
                self.list.setCurrentItem(item)
                self.list.blockSignals(False)
                self.order_changed.emit(self.order)
                return

    def _choose_colour(self, name: str) -> None:
        swatch = self._swatches[name]
        colour = QColorDialog.getColor(QColor(swatch.fill or swatch.stroke), self, self._specs[name].title)
        if colour.isValid():
            self.set_colour(name, colour.name())
