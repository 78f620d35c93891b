"""The control that a planner moves: the quantity and the day of one planned change."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QDoubleSpinBox, QFormLayout, QSlider, QWidget

from app.panels.widgets import label
from gis.text import tr

if TYPE_CHECKING:
    from layers.scenarios.changes import Change

__all__ = ["MovingControl"]

_STEPS = 400
_DAY_FIELDS = {
    "transfer": "contract_on", "build": "accepted_on", "end_lease": "last_day", "start_lease": "from_date",
}  # fmt: skip
_HECTARE = 10_000.0


class MovingControl(QWidget):
    """A slider with a number, and a day; ``moved`` carries the change with its new value at every step."""

    moved = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._change: Change | None = None
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setAccessibleName(tr("数量"))
        self.number = QDoubleSpinBox()
        self.number.setGroupSeparatorShown(True)
        self.number.setKeyboardTracking(False)
        self.day = QDateEdit()
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setCalendarPopup(True)
        self.day.setKeyboardTracking(False)
        self._quantity, self._date = label(""), label(tr("日期"))
        form = QFormLayout(self)
        form.setContentsMargins(0, 4, 0, 4)
        form.addRow(self._quantity, self.number)
        form.addRow(self.slider)
        form.addRow(self._date, self.day)
        self.slider.valueChanged.connect(self._slid)
        self.number.valueChanged.connect(self._typed)
        self.day.dateChanged.connect(self._dated)
        self.show_change(None)

    def show_change(self, change: Change | None) -> None:
        """Control another change; None controls nothing."""
        self._change = change
        area = change is not None and hasattr(change, "area")
        day = None if change is None else _DAY_FIELDS.get(change.kind)
        parts: list[tuple[QWidget, bool]] = [
            *((part, area) for part in (self._quantity, self.number, self.slider)),
            *((part, day is not None) for part in (self._date, self.day)),
        ]
        for part, shown in parts:
            part.setVisible(shown)
        if change is None:
            return
        with QSignalBlocker(self.number), QSignalBlocker(self.slider), QSignalBlocker(self.day):
            if area:
                hectares = change.kind == "transfer"
                value = change.area / self._scale  # type: ignore[attr-defined]
                self._quantity.setText(tr("面积（公顷）") if hectares else tr("面积（㎡）"))
                self.number.setDecimals(4 if hectares else 2)
                # The slider goes from nothing to twice of what it begins with.
                self._most = max(2.0 * value, 1.0)
                self.number.setRange(0.0001 if hectares else 0.01, 1_000_000.0 if hectares else 100_000_000.0)
                self.number.setSingleStep(self._most / 100)
                self.number.setValue(value)
                self.slider.setValue(round(value / self._most * _STEPS))
            if day is not None:
                known: dt.date = getattr(change, day)
                self.day.setDate(QDate(known.year, known.month, known.day))

    @property
    def _scale(self) -> float:
        return _HECTARE if self._change is not None and self._change.kind == "transfer" else 1.0

    def _slid(self, step: int) -> None:
        value = self._most * max(step, 1) / _STEPS
        with QSignalBlocker(self.number):
            self.number.setValue(value)
        self._tell_area()

    def _typed(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(min(value / self._most, 1.0) * _STEPS))
        self._tell_area()

    def _tell_area(self) -> None:
        if self._change is not None:
            self._change = replace(self._change, area=self.number.value() * self._scale)  # type: ignore[call-arg]
            self.moved.emit(self._change)

    def _dated(self, day: QDate) -> None:
        name = None if self._change is None else _DAY_FIELDS.get(self._change.kind)
        if self._change is not None and name is not None:
            self._change = replace(self._change, **{name: day.toPython()})  # type: ignore[arg-type]
            self.moved.emit(self._change)
