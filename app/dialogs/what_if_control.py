"""The control that a planner moves: the quantity and the day of one planned change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QDoubleSpinBox, QFormLayout, QSlider, QWidget

from app.dialogs.what_if_facts import REACH
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


@dataclass(frozen=True)
class _Quantity:
    """The figure of a change that is moved: its field, title, and how it is shown."""

    field: str
    title: str
    value: float
    least: float
    most: float  # of the slider; the number may be larger
    scale: float = 1.0  # stored units in one that is shown
    decimals: int = 2
    limit: float = 1e9


def _quantity(change: Change | None) -> _Quantity | None:
    """What can be moved; None where nothing can."""
    from layers.registry import layer as layer_spec
    from layers.scenarios.changes import Redraw, SetValue
    from layers.spec import FieldType

    if isinstance(change, Redraw):
        return _Quantity(
            "distance", tr("外扩（米）"), change.distance, -REACH, REACH, decimals=1, limit=REACH
        )
    if isinstance(change, SetValue):
        if not isinstance(change.value, float):
            return None
        field = layer_spec(change.table).field(change.name)
        least = 0.0 if field.minimum is None and change.value >= 0 else field.minimum
        # From nothing to twice of what it begins with, as far as the field takes it.
        reach = max(2.0 * abs(change.value), 1.0)
        most = min(reach, reach if field.maximum is None else field.maximum)
        return _Quantity(
            "value", field.header, change.value, -reach if least is None else least, most,
            decimals=0 if field.type is FieldType.INTEGER else 4, limit=1e12 if field.maximum is None else field.maximum,
        )  # fmt: skip
    area = getattr(change, "area", None)
    if change is None or area is None:
        return None
    if change.kind == "transfer":
        value = area / _HECTARE
        return _Quantity("area", tr("面积（公顷）"), value, 0.0001, max(2.0 * value, 1.0), _HECTARE, 4, 1e6)
    return _Quantity("area", tr("面积（㎡）"), area, 0.01, max(2.0 * area, 1.0), limit=1e8)


class MovingControl(QWidget):
    """A slider with a number, and a day; ``moved`` carries the change with its new value at every step."""

    moved = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._change: Change | None = None
        self._moves: _Quantity | None = None
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
        self._change, self._moves = change, _quantity(change)
        day = None if change is None else _DAY_FIELDS.get(change.kind)
        moves = self._moves
        parts: list[tuple[QWidget, bool]] = [
            *((part, moves is not None) for part in (self._quantity, self.number, self.slider)),
            *((part, day is not None) for part in (self._date, self.day)),
        ]
        for part, shown in parts:
            part.setVisible(shown)
        if change is None:
            return
        with QSignalBlocker(self.number), QSignalBlocker(self.slider), QSignalBlocker(self.day):
            if moves is not None:
                self._quantity.setText(moves.title)
                self.number.setDecimals(moves.decimals)
                self.number.setRange(moves.least, moves.limit)
                self.number.setSingleStep((moves.most - moves.least) / 100)
                self.number.setValue(moves.value)
                self.slider.setValue(self._step(moves, moves.value))
            if day is not None:
                known: dt.date = getattr(change, day)
                self.day.setDate(QDate(known.year, known.month, known.day))

    @staticmethod
    def _step(moves: _Quantity, value: float) -> int:
        share = (value - moves.least) / ((moves.most - moves.least) or 1.0)
        return round(min(max(share, 0.0), 1.0) * _STEPS)

    def _slid(self, step: int) -> None:
        if self._moves is None:
            return
        moves = self._moves
        with QSignalBlocker(self.number):
            self.number.setValue(moves.least + (moves.most - moves.least) * step / _STEPS)
        self._tell()

    def _typed(self, value: float) -> None:
        if self._moves is None:
            return
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._step(self._moves, value))
        self._tell()

    def _tell(self) -> None:
        if self._change is not None and self._moves is not None:
            value = {self._moves.field: self.number.value() * self._moves.scale}
            self._change = replace(self._change, **value)  # type: ignore[arg-type]
            self.moved.emit(self._change)

    def _dated(self, day: QDate) -> None:
        name = None if self._change is None else _DAY_FIELDS.get(self._change.kind)
        if self._change is not None and name is not None:
            self._change = replace(self._change, **{name: day.toPython()})  # type: ignore[arg-type]
            self.moved.emit(self._change)
