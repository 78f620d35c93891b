"""What a merged row is to say where the rows that are merged differ: all from one of them, or field by field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.panels.widgets import label
from gis.text import tr
from layers.codes import code_table
from layers.registry import layer

if TYPE_CHECKING:
    from layers.editing.edit import Choice, Question
    from layers.spec import Field

__all__ = ["MergeRowsDialog"]


class MergeRowsDialog(QDialog):
    """The largest row comes first and stands as the proposal."""

    def __init__(self, name: str, questions: Sequence[Question], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        spec = layer(name)
        self.setWindowTitle(tr("合并{layer}", layer=spec.title))
        self.setMinimumWidth(520)
        self._questions = tuple(questions)
        labels = [choice.label for choice in questions[0].choices]
        self.whole = QComboBox()
        self.whole.addItems(labels)
        self.whole.activated.connect(self._take_all)
        self.choices: dict[str, QComboBox] = {}
        form = QFormLayout()
        form.addRow(tr("全部取自"), self.whole)
        for question in questions:
            field = spec.field(question.field)
            box = QComboBox()
            for choice in question.choices:
                box.addItem(
                    tr("{value}（{label}）", value=_shown(field, choice), label=choice.label), choice.value
                )
            self.choices[question.field] = box
            form.addRow(field.header, box)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("合并"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("返回修改"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        holder = QWidget()
        holder.setLayout(form)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(holder)
        about = tr(
            "合并的 {count} 行在下列字段中不同，请选定合并后的值；其余字段已按规则合并。", count=len(labels)
        )
        layout = QVBoxLayout(self)
        layout.addWidget(label(about, "muted", wrap=True))
        layout.addWidget(area, 1)
        layout.addWidget(self.buttons)
        self.resize(560, min(160 + 34 * len(questions), 620))

    def values(self) -> dict[str, Any]:
        """Field → the value chosen."""
        return {
            question.field: question.choices[self.choices[question.field].currentIndex()].value
            for question in self._questions
        }

    def _take_all(self, index: int) -> None:
        for box in self.choices.values():
            box.setCurrentIndex(index)


def _shown(field: Field, choice: Choice) -> str:
    value = choice.value
    if value is None:
        return tr("（空）")
    if field.codes is not None:
        return code_table(field.codes).title(value)
    text = str(value)
    return text[:10] if hasattr(value, "year") else text
