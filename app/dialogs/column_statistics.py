"""Figures of one column over the filtered or the selected rows, worked out in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from app.panels.frame_model import Cell, ListModel
from app.panels.table_model import display_value
from app.panels.widgets import fit_columns, label, table
from gis.text import tr
from layers.spec import Field, FieldType

if TYPE_CHECKING:
    from gis.store.column_statistics import ColumnStatistics

__all__ = ["StatisticsDialog"]

# Asks for the figures of a field over all filtered rows (False) or the selected ones (True).
Reckon = Callable[[Field, bool, Callable[["ColumnStatistics"], None]], None]


class StatisticsDialog(QDialog):
    """Choose a column and the rows; the answer may be copied."""

    def __init__(
        self,
        fields: Sequence[Field],
        field: str,
        selected: int,
        found: int,
        reckon: Reckon,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fields, self._reckon = list(fields), reckon
        self._asked = 0
        self.statistics: ColumnStatistics | None = None
        self.setWindowTitle(tr("列统计"))
        self.resize(420, 520)
        self.field, self.rows = QComboBox(), QComboBox()
        self.field.setMaxVisibleItems(20)
        for item in self._fields:
            self.field.addItem(item.header, item.name)
        self.field.setCurrentIndex(max(self.field.findData(field), 0))
        self.rows.addItem(tr("筛选出的全部行（{count}）", count=f"{found:,}"), False)
        if selected > 1:
            self.rows.addItem(tr("选中的行（{count}）", count=f"{selected:,}"), True)
            self.rows.setCurrentIndex(1)
        self.model = ListModel([tr("统计项"), tr("值")])
        self.view = table(self.model, sortable=False)
        self.view.verticalHeader().hide()
        self.view.horizontalHeader().setStretchLastSection(True)
        self.message = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("关闭"))
        copy = self.buttons.addButton(tr("复制"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._copy)
        self.buttons.rejected.connect(self.reject)
        top = QHBoxLayout()
        top.addWidget(self.field, 1)
        top.addWidget(self.rows, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        self.field.currentIndexChanged.connect(self.reckon)
        self.rows.currentIndexChanged.connect(self.reckon)
        self.reckon()

    def reckon(self, *_: object) -> None:
        """Ask for the figures; an answer that another choice has overtaken is dropped."""
        self._asked += 1
        asked = self._asked
        self.message.setText(tr("正在统计…"))
        field = self._fields[self.field.currentIndex()]

        def arrived(found: ColumnStatistics) -> None:
            if asked == self._asked:
                self._show(field, found)

        self._reckon(field, bool(self.rows.currentData()), arrived)

    def _show(self, field: Field, found: ColumnStatistics) -> None:
        self.statistics = found

        def text(value: Any) -> str:
            return display_value(field, value) or "–"

        lines = [
            (tr("行数"), f"{found.rows:,}"),
            (tr("有值"), f"{found.filled:,}"),
            (tr("空值"), f"{found.empty:,}"),
            (tr("不同的值"), f"{found.distinct:,}"),
        ]
        if field.type in (FieldType.REAL, FieldType.INTEGER):
            lines += [(tr("合计"), _figure(found.total)), (tr("平均"), _figure(found.mean))]
        if field.type is not FieldType.BOOLEAN:
            lines += [(tr("最小"), text(found.least)), (tr("最大"), text(found.most))]
        lines += [
            (
                tr("最常见 {number}", number=number),
                tr("{value}（{count}）", value=text(value), count=f"{count:,}"),
            )
            for number, (value, count) in enumerate(found.frequent, start=1)
        ]
        self.model.fill([((Cell(title), Cell(value)), None) for title, value in lines])
        fit_columns(self.view, most=260, least=110)
        self.view.horizontalHeader().setStretchLastSection(True)
        self.message.setText("")

    def _copy(self) -> None:
        from app.panels.table_copy import tab_separated

        rows = [
            [self.model.index(row, column).data() for column in range(2)]
            for row in range(self.model.rowCount())
        ]
        QApplication.clipboard().setText(tab_separated(rows))


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4f}".rstrip("0").rstrip(".")
