"""The pictures under the map: what lies on top stands on top; each says how it is doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.background import Background
from app.canvas.background_feed import Status
from app.panels.widgets import label, plain_tip
from gis.text import mark, tr

__all__ = ["BackgroundList"]

_KEY = Qt.ItemDataRole.UserRole
_MOST_ROWS = 4  # before the list scrolls
_WORDS = {
    "opening": mark("正在打开"), "ready": "", "coarse": mark("放大后显示"), "offline": mark("连接不上"),
    "missing": mark("文件缺失"), "broken": mark("无法读取"),
}  # fmt: skip
_BAD = ("missing", "broken")


class _Rows(QListWidget):
    """A list that tells of the keys that move and remove a line."""

    step_wanted = Signal(int)
    remove_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Alt with an arrow moves the line, Delete removes it; the rest is the list's own."""
        moved = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if moved and event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self.step_wanted.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_wanted.emit()
        else:
            super().keyPressEvent(event)


class BackgroundList(QWidget):
    """Emits what the user wants, each with the key of the background."""

    add_wanted = Signal()
    visibility_changed = Signal(str, bool)
    order_changed = Signal(list)  # keys from bottom to top
    zoom_wanted = Signal(str)
    opacity_wanted = Signal(str)
    overviews_wanted = Signal(str)
    locate_wanted = Signal(str)
    retry_wanted = Signal(str)
    remove_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._backgrounds: dict[str, Background] = {}
        self._statuses: Mapping[str, Status] = {}
        self.add = QToolButton()
        self.add.setIcon(theme.icon("add", size=14))
        self.add.setIconSize(QSize(14, 14))
        self.add.setAutoRaise(True)
        self.add.setToolTip(tr("添加底图：影像、瓦片或网络地址"))
        self.add.setAccessibleName(tr("添加底图"))
        self.add.clicked.connect(self.add_wanted)
        self.list = _Rows()
        self.list.setAccessibleName(tr("底图列表"))
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.itemChanged.connect(self._item_changed)
        self.list.model().rowsMoved.connect(lambda *_: self.order_changed.emit(self.order))
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.itemDoubleClicked.connect(lambda item: self.zoom_wanted.emit(item.data(_KEY)))
        self.list.step_wanted.connect(self._move)
        self.list.remove_wanted.connect(self._remove_current)
        head = QHBoxLayout()
        head.setContentsMargins(8, 2, 4, 2)
        head.addWidget(label(tr("底图"), "muted"), 1)
        head.addWidget(self.add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.list)
        self.clear()

    def show_backgrounds(self, backgrounds: Sequence[Background], statuses: Mapping[str, Status]) -> None:
        """List backgrounds given from bottom to top."""
        marked = self.list.currentItem()
        key = None if marked is None else marked.data(_KEY)
        self._backgrounds = {item.key: item for item in backgrounds}
        self._statuses = statuses
        self.list.blockSignals(True)
        self.list.clear()
        for background in reversed(backgrounds):
            item = QListWidgetItem(theme.icon("map"), "")
            item.setData(_KEY, background.key)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsUserCheckable
                | Qt.ItemFlag.ItemIsDragEnabled
            )
            item.setCheckState(Qt.CheckState.Checked if background.visible else Qt.CheckState.Unchecked)
            self.list.addItem(item)
            if background.key == key:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        self.show_statuses(statuses)
        rows = min(len(backgrounds), _MOST_ROWS)
        self.list.setFixedHeight(
            rows * (self.list.sizeHintForRow(0) if rows else 0) + 2 * self.list.frameWidth()
        )
        self.list.setVisible(rows > 0)

    def clear(self) -> None:
        """Nothing lies under the map: there is no project."""
        self.show_backgrounds([], {})

    def show_statuses(self, statuses: Mapping[str, Status]) -> None:
        """Say beside each name how it is doing."""
        self._statuses = statuses
        self.list.blockSignals(True)
        for row in range(self.list.count()):
            item = self.list.item(row)
            background = self._backgrounds[item.data(_KEY)]
            status = statuses.get(background.key, Status())
            word = tr(_WORDS[status.state]) if background.visible or status.state in _BAD else ""
            item.setText(f"{background.name} · {word}" if word else background.name)
            colours = theme.current()
            item.setForeground(QColor(colours.bad if status.state in _BAD else colours.text))
            item.setToolTip(plain_tip(_about(background, status)))
        self.list.blockSignals(False)

    @property
    def order(self) -> list[str]:
        """Keys from bottom to top."""
        return [str(self.list.item(row).data(_KEY)) for row in reversed(range(self.list.count()))]

    def _item_changed(self, item: QListWidgetItem) -> None:
        self.visibility_changed.emit(item.data(_KEY), item.checkState() == Qt.CheckState.Checked)

    def _remove_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.remove_wanted.emit(item.data(_KEY))

    def _move(self, step: int) -> None:
        row = self.list.currentRow()
        if row >= 0 and 0 <= row + step < self.list.count():
            self.list.blockSignals(True)
            item = self.list.takeItem(row)
            self.list.insertItem(row + step, item)
            self.list.setCurrentItem(item)
            self.list.blockSignals(False)
            self.order_changed.emit(self.order)

    def menu_of(self, key: str) -> QMenu:
        """What can be done with a background as it is."""
        background, status = self._backgrounds[key], self._statuses.get(key, Status())
        menu = QMenu(self)
        zoom = menu.addAction(theme.icon("zoom-layer"), tr("缩放到底图"), lambda: self.zoom_wanted.emit(key))
        zoom.setEnabled(status.extent is not None)
        menu.addAction(theme.icon("style"), tr("不透明度…"), lambda: self.opacity_wanted.emit(key))
        if background.place.is_file:
            if status.overviews is False:
                menu.addAction(
                    theme.icon("layers"), tr("建立金字塔…"), lambda: self.overviews_wanted.emit(key)
                )
            menu.addAction(theme.icon("locate"), tr("重新定位文件…"), lambda: self.locate_wanted.emit(key))
        menu.addAction(theme.icon("refresh"), tr("重新读取"), lambda: self.retry_wanted.emit(key))
        menu.addSeparator()
        menu.addAction(tr("上移") + "\tAlt+↑", lambda: self._move(-1))
        menu.addAction(tr("下移") + "\tAlt+↓", lambda: self._move(1))
        menu.addSeparator()
        menu.addAction(theme.icon("close"), tr("移除底图"), lambda: self.remove_wanted.emit(key))
        return menu

    def _menu(self, point: QPoint) -> None:
        item = self.list.itemAt(point)
        if item is not None:
            self.list.setCurrentItem(item)
            menu = self.menu_of(str(item.data(_KEY)))
            menu.exec(self.list.viewport().mapToGlobal(point))
            menu.deleteLater()


def _about(background: Background, status: Status) -> str:
    """The whole place, its system, and what is wrong with it."""
    lines = [background.name, background.place.place]
    if isinstance(status.system, int):
        lines.append(tr("坐标系 EPSG:{epsg}", epsg=status.system))
    return "\n".join([*lines, *(text for text in (status.text, status.hint) if text)])
