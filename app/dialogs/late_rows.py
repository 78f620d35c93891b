"""The rows that count on a past day but were entered only after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from app.panels.frame_model import Cell, ListModel
from app.panels.widgets import fit_columns, label, table
from gis.text import tr
from layers.registry import TABLES

if TYPE_CHECKING:
    from layers.late_entries import LateEntry

__all__ = ["LateRows"]


class LateRows(QDialog):
    """A list; a double click goes to the row, a button opens the project as it was saved on the day."""

    row_activated = Signal(str, str)
    saved_wanted = Signal()

    def __init__(self, late: Sequence[LateEntry], day: dt.date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("补录清单"))
        self.resize(560, 420)
        titles = {spec.name: spec.title for spec in TABLES}
        self.model = ListModel([tr("图层"), tr("记录"), tr("事件日期"), tr("入库日期")])
        self.view = table(self.model)
        self.view.verticalHeader().hide()
        self.model.fill(
            [
                (
                    [
                        Cell(titles[item.layer]),
                        Cell(item.label),
                        Cell(item.event.isoformat()),
                        Cell(item.entered.isoformat()),
                    ],
                    item,
                )
                for item in late
            ]
        )
        fit_columns(self.view)
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.doubleClicked.connect(self._activate)
        about = tr(
            "下列 {count} 条记录的事件在 {day} 或之前，但在其后才入库。该日的数字已计入它们；"
            "要看当日已入库的数字，请打开当日存档状态。",
            count=f"{len(late):,}",
            day=day.isoformat(),
        )
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("关闭"))
        self.saved = self.buttons.addButton(tr("打开当日存档状态…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.saved.clicked.connect(self._open_saved)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(label(about, wrap=True))
        layout.addWidget(self.view, 1)
        layout.addWidget(self.buttons)

    def _activate(self, index: QModelIndex) -> None:
        item: LateEntry = self.model.item(index.row())
        self.row_activated.emit(item.layer, item.uuid)

    def _open_saved(self) -> None:
        self.accept()
        self.saved_wanted.emit()
