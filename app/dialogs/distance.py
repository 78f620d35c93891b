"""A distance in metres beside the map, with what it is applied to; whoever asks previews it while it changes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from app.panels.widgets import label
from gis.text import tr
from gis.units import unit_title

__all__ = ["DistanceDialog"]

_MOST = 100_000.0


class DistanceDialog(QDialog):
    """Does not block the map. ``changed`` tells of every other distance or choice."""

    changed = Signal()

    def __init__(
        self,
        title: str,
        about: str,
        *,
        distance: float,
        negative: bool = False,
        parts: tuple[str, ...] = (),
        option: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """``parts`` are things of which one is chosen, ``option`` is a further yes or no."""
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle(title)
        self.distance = QDoubleSpinBox()
        self.distance.setDecimals(3)
        self.distance.setRange(-_MOST if negative else 0.0, _MOST)
        self.distance.setSuffix(f" {unit_title('m')}")
        self.distance.setSingleStep(0.5)
        self.distance.setKeyboardTracking(True)
        self.distance.setValue(distance)
        self.part = QComboBox()
        self.part.addItems(list(parts))
        self.option = QCheckBox(option)
        self.option.setVisible(bool(option))
        self.note = label("", "muted", wrap=True)
        form = QFormLayout()
        if parts:
            form.addRow(tr("对象"), self.part)
        form.addRow(tr("距离"), self.distance)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("保存"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(label(about, "muted", wrap=True))
        layout.addLayout(form)
        layout.addWidget(self.option)
        layout.addWidget(self.note)
        layout.addWidget(self.buttons)
        self.distance.valueChanged.connect(lambda _value: self.changed.emit())
        self.part.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.option.toggled.connect(lambda _on: self.changed.emit())
        self.distance.selectAll()
        self.distance.setFocus()
        self.setFixedWidth(330)

    def show_problem(self, text: str) -> None:
        """Why it cannot be done with this distance; empty where it can."""
        self.note.setText(text)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not text)
