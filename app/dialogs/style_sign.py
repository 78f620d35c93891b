"""The symbol of a layer or of one of its classes: fill, hatch, outline, size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QWidget

from app.dialogs.style_parts import ColourButton, hatch_chooser, pen_chooser
from app.panels.widgets import label
from gis.draw.symbols import Symbol
from gis.text import tr
from layers.spec import GeometryKind, LayerSpec
from layers.styling.style import Sign
from layers.styling.symbols import signed

__all__ = ["SignEditor"]


class SignEditor(QWidget):
    """``changed`` carries each new sign. ``outline_only`` leaves out what the classes of the standard decide."""

    changed = Signal(object)

    def __init__(self, spec: LayerSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sign = Sign()
        self.fill, self.line = ColourButton(may_be_none=True), ColourButton(may_be_none=True)
        self.hatch_colour = ColourButton()
        self.hatch, self.pen = hatch_chooser(), pen_chooser()
        self.width_ = _number(0.0, 6.0, 0.2)
        self.size_ = _number(0.0, 30.0, 0.5)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        self._inside: list[QWidget] = []
        rows: list[list[tuple[str, QWidget, bool]]] = [
            [
                (tr("填充"), self.fill, True),
                (tr("填充图案"), self.hatch, True),
                (tr("图案颜色"), self.hatch_colour, True),
            ],
            [
                (tr("边线"), self.line, False),
                (tr("线型"), self.pen, False),
                (tr("线宽（像素）"), self.width_, False),
            ],
        ]
        if GeometryKind.POINT in spec.geometry:
            rows.append([(tr("点的大小（像素）"), self.size_, False)])
        for row, entries in enumerate(rows):
            for column, (title, widget, inside) in enumerate(entries):
                heading = label(title, "muted")
                heading.setBuddy(widget)
                widget.setAccessibleName(title)
                grid.addWidget(heading, 2 * row, column)
                grid.addWidget(widget, 2 * row + 1, column)
                self._inside += [heading, widget] if inside else []
        for column in range(3):
            grid.setColumnStretch(column, 1)
        self.fill.changed.connect(lambda value: self._put(fill=value))
        self.line.changed.connect(lambda value: self._put(line=value))
        self.hatch_colour.changed.connect(lambda value: self._put(hatch_colour=value))
        self.hatch.activated.connect(lambda _: self._put(hatch=self.hatch.currentData()))
        self.pen.activated.connect(lambda _: self._put(line_style=self.pen.currentData()))
        self.width_.valueChanged.connect(lambda value: self._put(width=round(value, 2)))
        self.size_.valueChanged.connect(lambda value: self._put(size=round(value, 2)))

    def show_sign(self, sign: Sign, symbol: Symbol, *, outline_only: bool = False) -> None:
        """Show a sign that changes a symbol."""
        self.sign = sign
        drawn = signed(symbol, sign)
        self.fill.show_value(sign.fill, symbol.fill)
        self.line.show_value(sign.line, symbol.line)
        self.hatch_colour.show_value(sign.hatch_colour, drawn.hatch)
        self.hatch.setCurrentIndex(max(0, self.hatch.findData(sign.hatch)))
        self.pen.setCurrentIndex(max(0, self.pen.findData(sign.line_style)))
        for box, value in ((self.width_, sign.width), (self.size_, sign.size)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        for widget in self._inside:
            widget.setVisible(not outline_only)

    def _put(self, **values: Any) -> None:
        if values.get("hatch") == "":
            values["hatch_colour"] = ""
        self.sign = replace(self.sign, **values)
        self.changed.emit(self.sign)


def _number(low: float, high: float, step: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setDecimals(1)
    box.setSpecialValueText(tr("默认"))
    box.setKeyboardTracking(False)
    return box
