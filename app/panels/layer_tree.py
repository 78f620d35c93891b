"""Layer tree: what is drawn, in which order, with which sign; the topmost line is drawn last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.panels.background_list import BackgroundList
from app.panels.layer_lines import CLASSES, COUNT, NAME, OPEN, LayerLines
from app.panels.map_signs import ClassSign
from app.panels.swatches import Swatch, swatch_icon
from app.panels.widgets import EmptyHint, label, plain_tip
from gis.text import tr
from layers.spec import LayerSpec

__all__ = ["LayerTree", "Swatch", "swatch_icon"]


class LayerTree(QWidget):
    """Emits what the user wants; the window passes it to the canvas."""

    visibility_changed = Signal(str, bool)
    opened = Signal(list)  # names of the layers whose classes are listed
    order_changed = Signal(list)  # names from bottom to top
    style_wanted = Signal(str)
    snapshot_changed = Signal(str)
    table_wanted = Signal(str)
    zoom_wanted = Signal(str)
    export_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setItemDelegate(LayerLines(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(tr("图层列表"))
        self.list.itemChanged.connect(self._item_changed)
        self.list.model().rowsMoved.connect(self._moved)
        self.list.customContextMenuRequested.connect(self._menu)
        EmptyHint(self.list, tr("未打开项目"))
        self._open_names: list[str] = []
        for keys, step in (("Alt+Up", -1), ("Alt+Down", 1)):
            shortcut = QShortcut(QKeySequence(keys), self.list)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(lambda by=step: self._move(self.current or "", by))
        self.list.installEventFilter(self)
        self.list.itemDoubleClicked.connect(lambda item: self.zoom_wanted.emit(item.data(NAME)))
        self.snapshot = QComboBox()
        self.snapshot.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.snapshot.setMinimumContentsLength(8)
        self.snapshot.setToolTip(tr("地图上显示哪一版规划用地"))
        self.snapshot.currentIndexChanged.connect(self._snapshot_chosen)
        self.backgrounds = BackgroundList()
        self._snapshot_row = QWidget()
        row = QHBoxLayout(self._snapshot_row)
        row.setContentsMargins(8, 6, 8, 6)
        row.addWidget(label(tr("规划快照"), "muted"))
        row.addWidget(self.snapshot, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.backgrounds)
        layout.addWidget(self._snapshot_row)
        self._snapshot_row.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The arrow keys open and close the marked line."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self.current:
            opens = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}.get(Qt.Key(event.key()))
            if opens is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier:
                self.set_open(self.current, opens)
                return True
        return super().eventFilter(watched, event)

    def show_layers(
        self,
        specs: Sequence[LayerSpec],
        visible: Sequence[str],
        swatches: dict[str, Swatch],
        counts: dict[str, int],
    ) -> None:
        """List layers given from bottom to top; empty ones are greyed but stay."""
        current, opened = self.current, self.open_names
        classes = {name: self._classes_of(name) for name in opened}
        self.list.blockSignals(True)
        self.list.clear()
        for spec in reversed(specs):
            count = counts.get(spec.name, 0)
            item = QListWidgetItem(swatch_icon(swatches[spec.name]), spec.title)
            item.setData(NAME, spec.name)
            item.setData(COUNT, f"{count:,}" if count else "")
            about = tr("{count} 行", count=f"{count:,}") if count else tr("还没有数据；可导入或拖入文件。")
            item.setToolTip(plain_tip("\n".join([spec.title, tr(spec.about), about])))
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsUserCheckable
                | Qt.ItemFlag.ItemIsDragEnabled
            )
            item.setCheckState(Qt.CheckState.Checked if spec.name in visible else Qt.CheckState.Unchecked)
            if not count:
                item.setForeground(QColor(theme.current().muted))
            item.setData(OPEN, spec.name in opened)
            item.setData(CLASSES, classes.get(spec.name))
            self.list.addItem(item)
            if spec.name == current:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)

    def show_swatches(self, swatches: dict[str, Swatch]) -> None:
        """Other signs on the same lines."""
        self.list.blockSignals(True)
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setIcon(swatch_icon(swatches[item.data(NAME)]))
        self.list.blockSignals(False)

    def show_classes(self, classes: Mapping[str, Sequence[ClassSign]]) -> None:
        """The classes of the layers, shown below the lines that are open."""
        self.list.blockSignals(True)
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setData(CLASSES, list(classes.get(item.data(NAME), ())))
        self.list.blockSignals(False)
        self.list.scheduleDelayedItemsLayout()

    def open_layers(self, names: Collection[str]) -> None:
        """Open these lines and close all others."""
        self.list.blockSignals(True)
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setData(OPEN, item.data(NAME) in names)
        self._open_names = self.open_names
        self.list.blockSignals(False)
        self.list.scheduleDelayedItemsLayout()

    def set_open(self, name: str, on: bool) -> None:
        """Show or hide the classes of a layer."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(NAME) == name and bool(item.data(OPEN)) != on and (item.data(CLASSES) or not on):
                item.setData(OPEN, on)

    @property
    def open_names(self) -> list[str]:
        """The layers whose lines are open."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [str(item.data(NAME)) for item in items if item.data(OPEN)]

    def show_snapshots(self, names: Sequence[str], current: str) -> None:
        """Offer the plan's snapshots."""
        self.snapshot.blockSignals(True)
        self.snapshot.clear()
        for name in names:
            self.snapshot.addItem(name, name)
        self.snapshot.setCurrentIndex(self.snapshot.findData(current))
        self.snapshot.blockSignals(False)
        self._snapshot_row.setVisible(len(names) > 0)

    def choose_snapshot(self, name: str) -> None:
        """Choose a snapshot as a click would."""
        at = self.snapshot.findData(name)
        if at >= 0:
            self.snapshot.setCurrentIndex(at)

    @property
    def snapshots(self) -> list[str]:
        """The snapshots on offer, oldest first."""
        return [str(self.snapshot.itemData(row)) for row in range(self.snapshot.count())]

    def clear(self) -> None:
        """Nothing is open."""
        self.list.clear()
        self.show_snapshots([], "")

    def _classes_of(self, name: str) -> list[ClassSign]:
        items = (self.list.item(row) for row in range(self.list.count()))
        return next((item.data(CLASSES) or [] for item in items if item.data(NAME) == name), [])

    @property
    def order(self) -> list[str]:
        """Names from bottom to top, as they are drawn."""
        return [str(self.list.item(row).data(NAME)) for row in reversed(range(self.list.count()))]

    @property
    def visible_layers(self) -> list[str]:
        """Names of the layers that are switched on, from bottom to top."""
        shown = {
            self.list.item(row).data(NAME)
            for row in range(self.list.count())
            if self.list.item(row).checkState() == Qt.CheckState.Checked
        }
        return [name for name in self.order if name in shown]

    @property
    def current(self) -> str | None:
        """The layer of the marked line."""
        item = self.list.currentItem()
        return None if item is None else str(item.data(NAME))

    def set_visible(self, name: str, on: bool) -> None:
        """Switch a layer as a click on its box would."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(NAME) == name:
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def _item_changed(self, item: QListWidgetItem) -> None:
        if self.open_names != self._open_names:
            self._open_names = self.open_names
            self.list.scheduleDelayedItemsLayout()
            self.opened.emit(self._open_names)
            return
        self.visibility_changed.emit(item.data(NAME), item.checkState() == Qt.CheckState.Checked)

    def _moved(self, *_: object) -> None:
        self.order_changed.emit(self.order)

    def _snapshot_chosen(self) -> None:
        if self.snapshot.currentData():
            self.snapshot_changed.emit(self.snapshot.currentData())

    def _menu(self, point: QPoint) -> None:
        index = self.list.indexAt(point)
        if not index.isValid():
            return
        name = str(index.data(NAME))
        menu = QMenu(self)
        menu.addAction(theme.icon("zoom-layer"), tr("缩放到图层"), lambda: self.zoom_wanted.emit(name))
        menu.addAction(theme.icon("table"), tr("打开属性表"), lambda: self.table_wanted.emit(name))
        menu.addAction(theme.icon("style"), tr("图层样式…"), lambda: self.style_wanted.emit(name))
        menu.addAction(theme.icon("export"), tr("导出图层…"), lambda: self.export_wanted.emit(name))
        menu.addSeparator()
        menu.addAction(tr("上移") + "\tAlt+↑", lambda: self._move(name, -1))
        menu.addAction(tr("下移") + "\tAlt+↓", lambda: self._move(name, 1))
        menu.exec(self.list.viewport().mapToGlobal(point))
        menu.deleteLater()

    def _move(self, name: str, step: int) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(NAME) == name and 0 <= row + step < self.list.count():
                self.list.blockSignals(True)
                item = self.list.takeItem(row)
                self.list.insertItem(row + step, item)
                self.list.setCurrentItem(item)
                self.list.blockSignals(False)
                self.order_changed.emit(self.order)
                return
