"""One value for many rows: which field, which value, which rows; saved as one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.field_editors import CodeEditor, DayEditor, LineEditor, field_editor
from app.panels.widgets import label
from gis.text import tr
from layers.spec import Field

__all__ = ["MOST_ROWS", "BatchEditDialog"]

MOST_ROWS = 100_000  # rows of one batch: all of them are read, weighed and written in one transaction


class BatchEditDialog(QDialog):
    """``selected`` and ``found`` are the numbers of rows that are marked and that the filter lets through."""

    def __init__(
        self,
        fields: Sequence[Field],
        selected: int,
        found: int,
        offer: Callable[[Field], list[tuple[Any, str]]],
        parent: QWidget | None = None,
        *,
        field: str = "",
    ) -> None:
        super().__init__(parent)
        self._fields, self._offer = list(fields), offer
        self._selected, self._found = selected, found
        self.setWindowTitle(tr("批量修改"))
        self.setMinimumWidth(420)
        self.marked = QRadioButton(tr("选中的行（{count}）", count=f"{selected:,}"))
        self.all = QRadioButton(tr("筛选出的全部行（{count}）", count=f"{found:,}"))
        self.marked.setEnabled(selected > 0)
        (self.marked if selected > 0 else self.all).setChecked(True)
        self.field = QComboBox()
        self.field.setEditable(True)
        self.field.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.field.setMaxVisibleItems(20)
        for item in self._fields:
            self.field.addItem(item.header, item.name)
        finder = QCompleter(self.field.model(), self.field)
        finder.setFilterMode(Qt.MatchFlag.MatchContains)
        finder.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.field.setCompleter(finder)
        self.field.setCurrentIndex(max(self.field.findData(field), 0))
        self.editor: LineEditor | DayEditor | CodeEditor
        self.message = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.go = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        rows = QVBoxLayout()
        rows.addWidget(self.marked)
        rows.addWidget(self.all)
        self._form = QFormLayout()
        self._form.addRow(tr("修改哪些行"), rows)
        self._form.addRow(tr("字段"), self.field)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        self._show_editor()
        self.field.currentIndexChanged.connect(self._show_editor)
        self.marked.toggled.connect(self._judge)
        self._judge()

    @property
    def chosen(self) -> tuple[Field, Any, bool]:
        """The field, its value, and whether all rows of the filter are meant."""
        return self._field(), self.editor.value(), self.all.isChecked()

    @property
    def count(self) -> int:
        """How many rows get the value."""
        return self._found if self.all.isChecked() else self._selected

    def _field(self) -> Field:
        return self._fields[max(self.field.currentIndex(), 0)]

    def _show_editor(self, *_: object) -> None:
        if self._form.rowCount() > 2:
            self._form.removeRow(2)
        field = self._field()
        self.editor = field_editor(field, self, choices=self._offer(field))
        self.editor.set_value(None)
        self._form.addRow(tr("改为"), self.editor)

    def _judge(self, *_: object) -> None:
        self.go.setText(tr("修改（{count}）", count=f"{self.count:,}"))
        fits = 0 < self.count <= MOST_ROWS
        self.go.setEnabled(fits)
        if self.count > MOST_ROWS:
            said = tr("一次最多修改 {most} 行，请先筛选或选择。", most=f"{MOST_ROWS:,}")
        else:
            said = tr("值留空表示清空该字段。整次修改是一步，可以撤销。")
        self.message.setText(said)
