"""How strongly a background is shown, seen on the map at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.background import LEAST_OPACITY
from app.panels.widgets import label
from gis.text import tr

__all__ = ["BackgroundOpacityDialog"]


class BackgroundOpacityDialog(QDialog):
    """``changed`` carries each new opacity (0.1 to 1); Cancel gives back the one it began with."""

    changed = Signal(float)

    def __init__(self, title: str, opacity: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("底图：{name}", name=title))
        self.setMinimumWidth(360)
        self._before = opacity
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(round(LEAST_OPACITY * 100), 100)
        self.strength.setValue(round(opacity * 100))
        self._percent = label(f"{self.strength.value()} %")
        self._percent.setFixedWidth(self.fontMetrics().horizontalAdvance("100 % "))
        row = QHBoxLayout()
        row.addWidget(self.strength, 1)
        row.addWidget(self._percent)
        form = QFormLayout()
        form.addRow(tr("不透明度"), row)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("确定"))
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.strength.valueChanged.connect(self._moved)

    def _moved(self, value: int) -> None:
        self._percent.setText(f"{value} %")
        self.changed.emit(value / 100)

    def reject(self) -> None:
        """Back to how it was."""
        self.changed.emit(self._before)
        super().reject()
