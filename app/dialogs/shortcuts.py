"""The keys: those of the actions, and what mouse and keyboard do on the map."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from app.panels.frame_model import Cell, ListModel
from app.panels.widgets import fit_columns, table
from gis.text import mark, tr

__all__ = ["ShortcutsDialog"]

_ON_THE_MAP = (
    (mark("移动地图"), mark("拖动，或方向键")),
    (mark("以光标为中心缩放"), mark("滚轮")),
    (mark("缩放"), mark("加号、减号")),
    (mark("拉框放大"), mark("按住 Shift 拖动")),
    (mark("查询要素"), mark("单击")),
    (mark("全图"), "Home"),
)


class ShortcutsDialog(QDialog):
    """A plain list."""

    def __init__(self, shortcuts: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("快捷键"))
        self.model = ListModel([tr("操作"), tr("按键")])
        rows = [(text, keys) for text, keys in shortcuts]
        rows += [(tr("地图：{what}", what=tr(text)), tr(keys)) for text, keys in _ON_THE_MAP]
        self.model.fill([([Cell(text), Cell(keys)], text) for text, keys in rows])
        view = table(self.model, sortable=False)
        view.verticalHeader().hide()
        fit_columns(view)
        view.horizontalHeader().setStretchLastSection(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("关闭"))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(view)
        layout.addWidget(buttons)
        self.resize(440, 560)
