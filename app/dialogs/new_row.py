"""The attributes without which a polygon drawn anew cannot be stored; the others are filled in later."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.panels.widgets import label
from gis.text import tr
from layers.codes import code_table
from layers.registry import layer
from layers.spec import Field, FieldType

__all__ = ["NewRowDialog"]


class NewRowDialog(QDialog):
    """Required fields, the name and the land-use code; what was measured stands above them."""

    def __init__(
        self, name: str, about: str, *, overlaps: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.spec = layer(name)
        self.setWindowTitle(tr("新增{layer}", layer=self.spec.title))
        self.setMinimumWidth(420)
        self.editors: dict[str, QLineEdit | QComboBox] = {}
        form = QFormLayout()
        for field in _asked(self.spec.fields, self.spec.label):
            editor = self.editors[field.name] = _editor(field)
            form.addRow(f"{field.header} *" if field.required else field.header, editor)
        self.yielding = QCheckBox(tr("与同图层已有图形重叠的部分不要"))
        self.yielding.setChecked(True)
        self.yielding.setVisible(overlaps)
        self.problem = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("保存"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("返回修改"))
        self.buttons.accepted.connect(self._check)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(label(about, "heading", wrap=True))
        layout.addLayout(form)
        layout.addWidget(self.yielding)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)

    def values(self) -> dict[str, Any]:
        """Field → what was entered, for the fields that were."""
        found: dict[str, Any] = {}
        for name, editor in self.editors.items():
            value = editor.currentData() if isinstance(editor, QComboBox) else editor.text().strip()
            if value not in (None, ""):
                found[name] = value
        return found

    def gives_way(self) -> bool:
        """Whether land that others of the layer have is left to them."""
        return self.yielding.isChecked()

    def _check(self) -> None:
        from layers.editing.values import FieldError, checked_values

        values = self.values()
        missing = [
            field
            for field in self.spec.fields
            if field.required and field.name in self.editors and field.name not in values
        ]
        if missing:
            self._blame(missing[0].name, tr("“{field}”不能为空。", field=missing[0].title))
            return
        try:
            checked_values(self.spec, values)
        except FieldError as error:
            self._blame(error.field, f"{error.message}{error.hint}")
            return
        self.accept()

    def _blame(self, name: str, text: str) -> None:
        self.problem.setText(text)
        self.editors[name].setFocus()


def _asked(fields: tuple[Field, ...], called: str | None) -> list[Field]:
    wanted = [field for field in fields if field.required and not field.computed]
    known = {field.name for field in wanted}
    more = [called, "name", "land_use_code", "land_use_scheme"]
    return wanted + [field for field in fields if field.name in more and field.name not in known]


def _editor(field: Field) -> QLineEdit | QComboBox:
    if field.type is FieldType.CODE and field.codes is not None:
        box = QComboBox()
        box.addItem("", None)
        for entry in code_table(field.codes).values:
            box.addItem(entry.title, entry.value)
        return box
    line = QLineEdit()
    if field.type is FieldType.DATE:
        line.setPlaceholderText(tr("年-月-日，如 2024-06-30"))
    return line
