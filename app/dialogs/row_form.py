"""All fields of one row in a form, each with its own editor: of a row that is there, or of one that is to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.panels.field_editors import CodeEditor, DayEditor, LineEditor, field_editor
from app.panels.widgets import ElidedLabel, label
from gis.text import tr
from layers.spec import Field, LayerSpec

__all__ = ["RowForm"]

_TITLE_WIDTH = 170  # px: most titles in both languages; a longer one is cut and stands in its tooltip


class RowForm(QDialog):
    """``submitted`` carries what was changed (of a new row: what was filled in); it stays open until it is stored.

    ``values`` are the stored ones, None for a new row. Computed fields are left out.
    """

    submitted = Signal(dict)

    def __init__(
        self,
        spec: LayerSpec,
        title: str,
        values: Mapping[str, Any] | None,
        offer: Callable[[Field, Callable[[str], Any]], list[tuple[Any, str]]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.spec, self._values = spec, values
        self.setWindowTitle(title)
        self.resize(520, 640)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("查找字段"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._look)
        self.editors: dict[str, LineEditor | DayEditor | CodeEditor] = {}
        body = QWidget()
        self._form = QFormLayout(body)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        stored = values or {}
        for field in spec.fields:
            if not field.computed:
                self._add(field, stored, offer)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        self._scroll = scroll
        self.message = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.save = self.buttons.button(QDialogButtonBox.StandardButton.Save)
        self.save.setText(tr("保存"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self._submit)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        if self.editors:
            next(iter(self.editors.values())).setFocus()

    def _add(
        self,
        field: Field,
        stored: Mapping[str, Any],
        offer: Callable[[Field, Callable[[str], Any]], list[tuple[Any, str]]],
    ) -> None:
        editor = field_editor(field, self, choices=offer(field, stored.get))
        editor.set_value(stored.get(field.name))
        editor.setAccessibleName(field.header)
        self.editors[field.name] = editor
        title = ElidedLabel(f"{field.header} *" if field.required else field.header)
        title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        title.setFixedWidth(_TITLE_WIDTH)
        title.setBuddy(editor)
        self._form.addRow(title, editor)

    @property
    def changes(self) -> dict[str, Any]:
        """Fields that hold another value than was stored."""
        return {name: editor.value() for name, editor in self.editors.items() if editor.touched}

    def _submit(self) -> None:
        changes = self.changes
        if not changes:
            self.message.setText(tr("没有改动。") if self._values is not None else tr("请至少填写一个字段。"))
            return
        self.set_busy(busy=True)
        self.submitted.emit(changes)

    def set_busy(self, *, busy: bool) -> None:
        """Nothing can be typed while it is being stored."""
        self._scroll.setEnabled(not busy)
        self.save.setEnabled(not busy)
        self.message.setText(tr("正在保存…") if busy else "")

    def blame(self, field: str) -> None:
        """Lead to the field that is not taken."""
        editor = self.editors.get(field)
        if editor is not None:
            self.search.clear()
            self._scroll.ensureWidgetVisible(editor)
            editor.setFocus()

    def _look(self, text: str) -> None:
        wanted = text.strip().casefold()
        for row in range(self._form.rowCount()):
            item = self._form.itemAt(row, QFormLayout.ItemRole.LabelRole)
            title = item.widget() if item is not None else None
            if isinstance(title, QLabel):
                self._form.setRowVisible(row, wanted in title.text().casefold())
