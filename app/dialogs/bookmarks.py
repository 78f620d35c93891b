"""The bookmarks of a project: go to them, rename and delete them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.widgets import EmptyHint, label
from gis.text import tr

if TYPE_CHECKING:
    from app.bookmarks import Bookmarks

__all__ = ["BookmarksDialog"]


class BookmarksDialog(QDialog):
    """Stays open. A double click goes there, F2 renames, Delete deletes."""

    def __init__(self, bookmarks: Bookmarks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bookmarks = bookmarks
        self.setWindowTitle(tr("管理书签"))
        self.resize(400, 320)
        self.list = QListWidget()
        self.list.setEditTriggers(QListWidget.EditTrigger.EditKeyPressed)
        EmptyHint(self.list, tr("还没有书签；用“添加书签”（Ctrl+D）保存当前视图。"))
        self.list.itemDoubleClicked.connect(lambda _item: self._go())
        self.list.itemChanged.connect(self._renamed)
        self.go = QPushButton(tr("转到"))
        self.rename = QPushButton(tr("重命名"))
        self.delete = QPushButton(tr("删除"))
        closing = QPushButton(tr("关闭"))
        self.go.clicked.connect(self._go)
        self.rename.clicked.connect(self._rename)
        self.delete.clicked.connect(self._delete)
        closing.clicked.connect(self.reject)
        key = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list)
        key.setContext(Qt.ShortcutContext.WidgetShortcut)
        key.activated.connect(self._delete)
        bar = QHBoxLayout()
        for button in (self.go, self.rename, self.delete):
            button.setAutoDefault(False)
            bar.addWidget(button)
        bar.addStretch(1)
        bar.addWidget(closing)
        layout = QVBoxLayout(self)
        layout.addWidget(self.list, 1)
        layout.addWidget(label(tr("书签保存在本机，随项目文件的位置识别。"), "muted", wrap=True))
        layout.addLayout(bar)
        self.list.currentRowChanged.connect(self._enable)
        self._fill(0)

    def _fill(self, row: int) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for place in self._bookmarks.places:
            item = QListWidgetItem(place.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.list.setCurrentRow(min(row, self.list.count() - 1))
        self._enable()

    def _enable(self, *_: object) -> None:
        for button in (self.go, self.rename, self.delete):
            button.setEnabled(self.list.currentRow() >= 0)

    def _go(self) -> None:
        if (row := self.list.currentRow()) >= 0:
            self._bookmarks.go(self._bookmarks.places[row])

    def _rename(self) -> None:
        if (item := self.list.currentItem()) is not None:
            self.list.editItem(item)

    def _renamed(self, item: QListWidgetItem) -> None:
        row, name = self.list.row(item), " ".join(item.text().split())
        places = list(self._bookmarks.places)
        if name and all(other.name != name for other in places):
            places[row] = replace(places[row], name=name)
            self._bookmarks.replace(places)
        else:  # nothing, or a name that is taken: as it was
            self.list.blockSignals(True)
            item.setText(places[row].name)
            self.list.blockSignals(False)

    def _delete(self) -> None:
        if (row := self.list.currentRow()) >= 0:
            places = list(self._bookmarks.places)
            del places[row]
            self._bookmarks.replace(places)
            self._fill(row)
