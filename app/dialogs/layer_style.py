"""How a layer departs from its standard symbol: colour and strength, seen on the map at once."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QColorDialog,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.map_state import LayerStyle
from app.panels.widgets import label
from gis.text import tr

__all__ = ["LayerStyleDialog"]

_LEAST = 10  # per cent: a layer that is quite transparent is switched off in the tree instead


class LayerStyleDialog(QDialog):
    """``changed`` carries each new style; Cancel gives back the one it began with."""

    changed = Signal(object)

    def __init__(
        self, title: str, style: LayerStyle, standard: str, by_class: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("图层样式：{layer}", layer=title))
        self.setMinimumWidth(360)
        self._before, self.style_ = style, replace(style)
        self._standard, self._by_class = standard, by_class
        self.colour = QPushButton()
        self.colour.clicked.connect(self._choose)
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(_LEAST, 100)
        self.strength.setValue(round(style.opacity * 100))
        self._percent = label("")
        self._percent.setFixedWidth(self.fontMetrics().horizontalAdvance("100 % "))
        strength = QHBoxLayout()
        strength.addWidget(self.strength, 1)
        strength.addWidget(self._percent)
        form = QFormLayout()
        form.addRow(tr("颜色"), self.colour)
        form.addRow(tr("不透明度"), strength)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.Reset
        )
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("确定"))
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.reset = buttons.button(QDialogButtonBox.StandardButton.Reset)
        self.reset.setText(tr("恢复标准样式"))
        self.reset.clicked.connect(self._reset)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        if by_class:
            text = tr("该图层按用途使用国家标准颜色；改用单一颜色后不再区分用途。")
            layout.addWidget(label(text, "muted", wrap=True))
        layout.addWidget(buttons)
        self.strength.valueChanged.connect(self._strength_moved)
        self._show()

    def set_colour(self, colour: str) -> None:
        """Paint the layer in one colour."""
        self.style_ = replace(self.style_, colour=colour)
        self._tell()

    def _choose(self) -> None:
        chosen = QColorDialog.getColor(QColor(self.style_.colour or self._standard), self, tr("颜色"))
        if chosen.isValid():
            self.set_colour(chosen.name())

    def _strength_moved(self, value: int) -> None:
        self.style_ = replace(self.style_, opacity=value / 100)
        self._tell()

    def _reset(self) -> None:
        self.style_ = LayerStyle()
        self.strength.blockSignals(True)
        self.strength.setValue(100)
        self.strength.blockSignals(False)
        self._tell()

    def _tell(self) -> None:
        self._show()
        self.changed.emit(self.style_)

    def _show(self) -> None:
        colour = self.style_.colour
        self.colour.setText(colour or (tr("按用途的标准颜色") if self._by_class else tr("标准颜色")))
        plain = self._by_class and not colour
        self.colour.setIcon(QIcon() if plain else _patch(colour or self._standard))
        self._percent.setText(f"{round(self.style_.opacity * 100)} %")
        self.reset.setEnabled(self.style_ != LayerStyle())

    def reject(self) -> None:
        """Back to how it looked before."""
        self.changed.emit(self._before)
        super().reject()


def _patch(colour: str) -> QIcon:
    picture = QPixmap(32, 32)
    picture.setDevicePixelRatio(2.0)
    picture.fill(QColor(colour))
    return QIcon(picture)
