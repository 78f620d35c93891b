"""修改数值: another value for one field of one row, in the field's own editor with its unit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from app.panels.field_editors import CodeEditor, DayEditor, LineEditor, field_editor, figure_hint, plain_value
from app.panels.widgets import label
from gis.errors import ParkLineError
from gis.text import tr
from layers.editing.values import checked_values
from layers.registry import layer as layer_spec
from layers.spec import Field

if TYPE_CHECKING:
    from app.dialogs.what_if_facts import ChangeForms, RowFacts
    from layers.scenarios.changes import Change, SetValue

__all__ = ["ValueDialog"]


class ValueDialog(QDialog):
    """``change`` is what was entered, once accepted. A new change is about the row that is selected."""

    def __init__(
        self, forms: ChangeForms, change: Change | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._old = cast("SetValue | None", change)  # only changes of this kind come here
        self._row: RowFacts | None = None
        self.change: Change | None = None
        self.setWindowTitle(tr("修改数值"))
        self.setMinimumWidth(460)
        self._form = QFormLayout()
        self.subject = label("", wrap=True)
        self.now = label("", "muted")
        self.field = CodeEditor([], empty=False)
        self.editor: LineEditor | DayEditor | CodeEditor | None = None
        self._form.addRow(tr("对象"), self.subject)
        self._form.addRow(tr("字段"), self.field)
        self._form.addRow(tr("现值"), self.now)
        self.problem = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("确定"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self._enter)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.field.currentIndexChanged.connect(lambda _index: self._offer())
        if self._old is None:
            self.take(forms)
        else:
            self._restore(self._old, forms.rows.get((self._old.table, self._old.uuid)))

    def take(self, forms: ChangeForms) -> None:
        """Be about what is selected now; a change that was there before stays what it is about."""
        if self._old is None:
            self._show(forms.row)

    def _restore(self, change: SetValue, row: RowFacts | None) -> None:
        """Show a change that was entered before."""
        self._show(row)
        self.field.set_value(change.name)
        if self.editor is not None:
            self.editor.set_value(change.value)

    def _show(self, row: RowFacts | None) -> None:
        """Offer the fields of a row; the field that was chosen stays where the row has it, too."""
        chosen = self._chosen.name if self._chosen is not None else ""
        self._row = row
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(row is not None)
        self.field.blockSignals(True)
        self.field.clear()
        if row is None:
            self.subject.setText("–")
            self.problem.setText(tr("先在地图或属性表中选中一行（规划用地与界线除外）。"))
        else:
            spec = layer_spec(row.table)
            self.subject.setText(f"{spec.title} {row.label}".strip())
            self.problem.setText("")
            for item in spec.fields:
                if not item.computed:
                    self.field.addItem(item.header, item.name)
            at = self.field.findData(chosen)
            first = next((n for n, item in enumerate(self._fields) if item.type.value == "real"), 0)
            self.field.setCurrentIndex(at if at >= 0 else first)
        self.field.blockSignals(False)
        self._offer()

    @property
    def _fields(self) -> list[Field]:
        return (
            []
            if self._row is None
            else [item for item in layer_spec(self._row.table).fields if not item.computed]
        )

    @property
    def _chosen(self) -> Field | None:
        name = self.field.value()
        return next((item for item in self._fields if item.name == name), None)

    def _offer(self) -> None:
        """The editor of the field that is chosen, with the value that the row has."""
        if self.editor is not None:
            self._form.removeRow(self.editor)
            self.editor = None
        chosen = self._chosen
        if chosen is None or self._row is None:
            self.now.setText("–")
            return
        value = plain_value(self._row.values.get(chosen.name))
        self.editor = field_editor(chosen)
        self.editor.set_value(value)
        self.now.setText(
            self.editor.currentText() if isinstance(self.editor, CodeEditor) else self.editor.text()
        )
        if not self.now.text():
            self.now.setText(tr("（空）"))
        self._form.addRow(tr("改为"), self.editor)
        hint = figure_hint(chosen)
        self.problem.setText(tr("单位与范围：{hint}", hint=hint) if hint else "")

    def _enter(self) -> None:
        from layers.scenarios.changes import SetValue

        row, chosen = self._row, self._chosen
        if row is None or chosen is None or self.editor is None:
            self.problem.setText(tr("请选择字段。"))
            return
        try:
            checked = checked_values(layer_spec(row.table), {chosen.name: self.editor.value()}, uuid=row.uuid)
        except ParkLineError as error:
            self.problem.setText(" ".join(filter(None, (error.message, error.hint))))
            return
        values: dict[str, Any] = {
            "table": row.table, "uuid": row.uuid, "label": row.label, "name": chosen.name,
            "value": _stored(checked[chosen.name]),
        }  # fmt: skip
        self.change = SetValue(**values) if self._old is None else replace(self._old, **values)
        self.accept()


def _stored(value: Any) -> float | str | bool | None:
    """A value as a change keeps it: a day in ISO 8601, a figure as it is."""
    plain = plain_value(value)
    if plain is None or isinstance(plain, str | bool):
        return plain
    if type(plain).__name__ == "bool_":
        return bool(plain)
    return float(plain)
