"""The labels of a layer: what is written, how it looks, and from which scale on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.style_parts import ColourButton, ScaleBox
from app.panels.widgets import label
from gis.draw.symbols import Symbol
from gis.errors import ParkLineError
from gis.text import tr
from layers.spec import LayerSpec
from layers.styling.style import LabelStyle
from layers.styling.template import Template

__all__ = ["LabelEditor"]


class LabelEditor(QWidget):
    """``changed`` carries each new label style; a template that cannot be read is not passed on."""

    changed = Signal(object)

    def __init__(self, spec: LayerSpec, symbol: Symbol, halo: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec, self._symbol, self._halo = spec, symbol, halo
        self.label = LabelStyle()
        self.shown = QCheckBox(tr("显示标注"))
        self.template = QPlainTextEdit()
        self.template.setFixedHeight(self.fontMetrics().lineSpacing() * 4 + 12)
        self.template.setAccessibleName(tr("标注模板"))
        own = "{" + spec.label + "}" if spec.label else ""
        self.template.setPlaceholderText(own or tr("例如 {example}", example="{" + spec.fields[0].name + "}"))
        self.fields = QComboBox()
        self.fields.addItem(tr("插入字段…"), "")
        for item in spec.fields:
            self.fields.addItem(f"{item.header}  {{{item.name}}}", item.name)
        self.problem = label("", "error", wrap=True)
        self.problem.hide()
        self.size_ = QSpinBox()
        self.size_.setRange(0, 40)
        self.size_.setSpecialValueText(tr("默认"))
        self.size_.setSuffix(tr(" 像素"))
        self.colour, self.halo = ColourButton(), ColourButton()
        self.farthest = ScaleBox()
        self.farthest.setSpecialValueText(tr("默认"))
        self.form = QFormLayout()
        page = QVBoxLayout(self)
        page.addLayout(self.form)
        page.addStretch(1)
        self.form.addRow("", self.shown)
        self.form.addRow(tr("内容"), self.template)
        self.form.addRow("", self.fields)
        self.form.addRow("", self.problem)
        note = tr(
            "花括号里写字段名；面积可写 {example} 换算成亩，小数位写在点后。", example="{area_ellipsoid:mu.1}"
        )
        self.form.addRow("", label(note, "muted", wrap=True))
        row = QHBoxLayout()
        row.addWidget(self.size_)
        row.addWidget(label(tr("颜色"), "muted"))
        row.addWidget(self.colour)
        row.addWidget(label(tr("描边"), "muted"))
        row.addWidget(self.halo)
        row.addStretch(1)
        self.form.addRow(tr("字号"), row)
        self.form.addRow(tr("最小比例尺"), self.farthest)
        self.shown.toggled.connect(lambda on: self._put(shown=on))
        self.template.textChanged.connect(self._typed)
        self.fields.activated.connect(self._insert)
        self.size_.valueChanged.connect(lambda value: self._put(size=value))
        self.colour.changed.connect(lambda value: self._put(colour=value))
        self.halo.changed.connect(lambda value: self._put(halo=value))
        self.farthest.valueChanged.connect(lambda value: self._put(farthest=float(value)))

    def show_label(self, style: LabelStyle) -> None:
        """Show a label style."""
        self.label = style
        for box in (self.shown, self.template, self.size_, self.farthest):
            box.blockSignals(True)
        self.shown.setChecked(style.shown)
        if self.template.toPlainText() != style.template and self.problem.isHidden():
            self.template.setPlainText(style.template)
        self.size_.setValue(style.size)
        self.farthest.setValue(round(style.farthest))
        for box in (self.shown, self.template, self.size_, self.farthest):
            box.blockSignals(False)
        self.colour.show_value(style.colour, self._symbol.label_colour or self._symbol.line)
        self.halo.show_value(style.halo, self._halo)

    def begin_again(self, style: LabelStyle) -> None:
        """Show a label style in place of what was typed."""
        self.problem.hide()
        self.show_label(style)

    def _typed(self) -> None:
        text = self.template.toPlainText().rstrip()
        try:
            if text:
                Template.parse(text, self._spec)
        except ParkLineError as error:
            self.problem.setText(f"{error.message} {error.hint}")
            self.problem.show()
            return
        self.problem.hide()
        self._put(template=text)

    def _insert(self, _index: int) -> None:
        name = self.fields.currentData()
        if name:
            self.template.insertPlainText("{" + name + "}")
            self.template.setFocus()
        self.fields.setCurrentIndex(0)

    def _put(self, **values: Any) -> None:
        self.label = replace(self.label, **values)
        self.changed.emit(self.label)
