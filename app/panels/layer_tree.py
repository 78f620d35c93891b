"""Layer tree: what is drawn, in which order, with which sign; the topmost line is drawn last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.panels.swatches import Swatch, swatch_icon
from app.panels.widgets import EmptyHint, label, plain_tip
from gis.text import tr
from layers.spec import LayerSpec

__all__ = ["LayerTree", "Swatch", "swatch_icon"]

_NAME = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1


class _Lines(QStyledItemDelegate):
    """A line with the number of rows at its right end."""

    # The options are ``Any``: PySide's stubs do not know the fields of QStyleOptionViewItem.

    def sizeHint(  # noqa: N802 - Qt's name
        self,
        option: Any,
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002 - Qt's signature
    ) -> QSize:
        """As high as is comfortable, and never wider than the list."""
        return QSize(60, option.fontMetrics.height() + 8)

    def paint(self, painter: QPainter, option: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        """Box, sign and title as usual, then the number."""
        count = str(index.data(_COUNT) or "")
        whole = QRect(option.rect)  # not a view of what is narrowed below
        room = option.fontMetrics.horizontalAdvance(count) + 14 if count else 0
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(whole, option.palette.brush(QPalette.ColorRole.Highlight))
        option.rect = whole.adjusted(6, 0, -room, 0)
        super().paint(painter, option, index)
        if count:
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            colours = theme.current()
            painter.save()
            painter.setPen(QColor(colours.on_accent if selected else colours.muted))
            middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(whole.adjusted(0, 0, -8, 0), int(middle), count)
            painter.restore()


class LayerTree(QWidget):
    """Emits what the user wants; the window passes it to the canvas."""

    visibility_changed = Signal(str, bool)
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
        self.list.setItemDelegate(_Lines(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(tr("图层列表"))
        self.list.itemChanged.connect(self._item_changed)
        self.list.model().rowsMoved.connect(self._moved)
        self.list.customContextMenuRequested.connect(self._menu)
        EmptyHint(self.list, tr("未打开项目"))
        for keys, step in (("Alt+Up", -1), ("Alt+Down", 1)):
            shortcut = QShortcut(QKeySequence(keys), self.list)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(lambda by=step: self._move(self.current or "", by))
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
        current = self.current
        self.list.blockSignals(True)
        self.list.clear()
        for spec in reversed(specs):
            count = counts.get(spec.name, 0)
            item = QListWidgetItem(swatch_icon(swatches[spec.name]), spec.title)
            item.setData(_NAME, spec.name)
            item.setData(_COUNT, f"{count:,}" if count else "")
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
            self.list.addItem(item)
            if spec.name == current:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)

    def show_swatches(self, swatches: dict[str, Swatch]) -> None:
        """Other signs on the same lines."""
        self.list.blockSignals(True)
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setIcon(swatch_icon(swatches[item.data(_NAME)]))
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
        menu.addAction(theme.icon("style"), tr("图层样式…"), lambda: self.style_wanted.emit(name))
        menu.addAction(theme.icon("export"), tr("导出图层…"), lambda: self.export_wanted.emit(name))
        menu.addSeparator()
        menu.addAction(tr("上移") + "\tAlt+↑", lambda: self._move(name, -1))
        menu.addAction(tr("下移") + "\tAlt+↓", lambda: self._move(name, 1))
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
