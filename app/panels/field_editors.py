"""One editor for each kind of field: pick list with search, day with calendar, figure with unit and range, text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCalendarWidget, QComboBox, QCompleter, QLineEdit, QMenu, QWidget, QWidgetAction

from app import theme
from gis.text import tr
from gis.units import unit_title
from layers.spec import Field, FieldType

__all__ = ["CodeEditor", "DayEditor", "FieldEditor", "LineEditor", "field_editor", "plain_value"]

Choices = Sequence[tuple[Any, str]]  # stored value, title


class FieldEditor(Protocol):
    """What forms and cells know of an editor. Values are stored ones or typed texts, None for nothing."""

    def value(self) -> Any:
        """What was chosen or typed; a text that is no value of the list stands as it is, to be refused."""

    def set_value(self, value: Any) -> None:
        """Show a stored value."""

    @property
    def touched(self) -> bool:
        """Whether it shows another value than was set."""


def plain_value(value: Any) -> Any:
    """A cell of a frame as an editor takes it: None where missing, a day as ISO text."""
    if value is None or value != value or str(value) in {"NaT", "<NA>"}:
        return None
    return str(value)[:10] if hasattr(value, "isoformat") or type(value).__name__ == "datetime64" else value


class LineEditor(QLineEdit):
    """Text or a figure. A figure may be typed with another unit behind it (12.5 公顷); it is converted on saving."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figure = field.type in (FieldType.REAL, FieldType.INTEGER)
        self._set = ""
        if self._figure:
            self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            hint = figure_hint(field)
            self.setPlaceholderText(hint)
            self.setToolTip(hint)

    def value(self) -> Any:
        """The typed text; None if empty."""
        return self.text().strip() or None

    def set_value(self, value: Any) -> None:
        """Show a value in full, so that nothing is rounded by opening an editor."""
        value = plain_value(value)
        text = "" if value is None else str(value)
        if self._figure and text.endswith(".0"):
            text = text[:-2]
        self._set = text
        self.setText(text)
        self.setCursorPosition(0)

    @property
    def touched(self) -> bool:
        """Whether something else was typed."""
        return self.text().strip() != self._set.strip()


class DayEditor(QLineEdit):
    """A day, typed in any usual way or picked from the calendar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._set = ""
        self.setPlaceholderText("YYYY-MM-DD")
        self._calendar = QCalendarWidget()
        self._calendar.setGridVisible(False)
        self._calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self._menu = QMenu(self)
        holder = QWidgetAction(self._menu)
        holder.setDefaultWidget(self._calendar)
        self._menu.addAction(holder)
        self._calendar.clicked.connect(self._picked)
        opener = self.addAction(
            theme.icon("calendar", theme.current().muted), QLineEdit.ActionPosition.TrailingPosition
        )
        opener.setToolTip(tr("从日历中选择"))
        opener.triggered.connect(self.open_calendar)

    @property
    def calendar(self) -> QCalendarWidget:
        """The calendar that the button opens."""
        return self._calendar

    def open_calendar(self) -> None:
        """Show the calendar under the line, on the day that stands in it."""
        day = QDate.fromString(self.text().strip(), Qt.DateFormat.ISODate)
        self._calendar.setSelectedDate(day if day.isValid() else QDate.currentDate())
        self._menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _picked(self, day: QDate) -> None:
        self.setText(day.toString(Qt.DateFormat.ISODate))
        self._menu.hide()
        self.setFocus()

    def value(self) -> Any:
        """The typed day; None if empty."""
        return self.text().strip() or None

    def set_value(self, value: Any) -> None:
        """Show a day."""
        value = plain_value(value)
        self._set = "" if value is None else str(value)[:10]
        self.setText(self._set)

    @property
    def touched(self) -> bool:
        """Whether another day stands there."""
        return self.text().strip() != self._set


class CodeEditor(QComboBox):
    """A pick list that is searched by any part of a title. Without ``closed`` other texts may be typed."""

    picked = Signal()

    def __init__(
        self, choices: Choices, parent: QWidget | None = None, *, empty: bool = True, closed: bool = True
    ) -> None:
        super().__init__(parent)
        self._set: Any = None
        self._closed = closed
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMaxVisibleItems(16)
        if empty:
            self.addItem("", None)
            self.setItemData(0, QColor(theme.current().muted), Qt.ItemDataRole.ForegroundRole)
        for value, title in choices:
            self.addItem(title, value)
        found = QCompleter(self.model(), self)
        found.setFilterMode(Qt.MatchFlag.MatchContains)
        found.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        found.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        found.setMaxVisibleItems(16)
        self.setCompleter(found)
        self.activated.connect(lambda _index: self.picked.emit())
        found.activated.connect(self._completed)

    def _completed(self, _text: object) -> None:
        self.picked.emit()

    def value(self) -> Any:
        """The chosen value; a text that is in no title as it stands."""
        text = self.currentText().strip()
        at = self.findText(text, Qt.MatchFlag.MatchFixedString)
        if at >= 0:
            return self.itemData(at)
        return text or None

    def set_value(self, value: Any) -> None:
        """Show a value; one that is not in the list stands for itself."""
        self._set = value = plain_value(value)
        at = next((row for row in range(self.count()) if self.itemData(row) == value), -1)
        if at >= 0:
            self.setCurrentIndex(at)
        else:
            self.setCurrentIndex(-1)
            self.setEditText("" if value is None else str(value))
        if (line := self.lineEdit()) is not None:
            line.setCursorPosition(0)  # of a long title the beginning is seen

    @property
    def touched(self) -> bool:
        """Whether another value is chosen."""
        return bool(self.value() != self._set)


def figure_hint(field: Field) -> str:
    """Unit and range of a figure in one line."""
    parts = [unit_title(field.unit)] if field.unit and field.unit != "one" else []
    if field.minimum is not None and field.maximum is not None:
        parts.append(tr("{least} 至 {most}", least=f"{field.minimum:g}", most=f"{field.maximum:g}"))
    elif field.minimum is not None:
        parts.append(f"≥ {field.minimum:g}")
    elif field.maximum is not None:
        parts.append(f"≤ {field.maximum:g}")
    return "  ".join(parts)


def field_editor(
    field: Field, parent: QWidget | None = None, *, choices: Choices = ()
) -> LineEditor | DayEditor | CodeEditor:
    """The editor of a field; ``choices`` are values to offer for a text field, which takes others too."""
    if field.type is FieldType.CODE and field.codes:
        from layers.codes import code_table

        listed = [(item.value, item.title) for item in code_table(field.codes).values]
        return CodeEditor(listed, parent, empty=not field.required)
    if field.type is FieldType.BOOLEAN:
        return CodeEditor([(True, tr("是")), (False, tr("否"))], parent, empty=not field.required)
    if field.type is FieldType.DATE:
        return DayEditor(parent)
    if choices:
        return CodeEditor(choices, parent, empty=not field.required, closed=False)
    return LineEditor(field, parent)
