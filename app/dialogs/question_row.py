"""One condition of a selection by attributes: field, operator and value, with the values to pick from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from app import theme
from app.panels.widgets import label
from gis.text import tr
from layers.selecting.by_attribute import Operator, Question, operators
from layers.spec import Field, FieldType, LayerSpec

__all__ = ["QuestionRow", "ValuePicker"]

Values = Sequence[tuple[str, str]]  # stored value, title
_LIST_HEIGHT = 230


def operator_title(operator: Operator) -> str:
    """The operator in words."""
    return {
        Operator.EQUAL: tr("等于"),
        Operator.UNEQUAL: tr("不等于"),
        Operator.LESS: tr("小于"),
        Operator.AT_MOST: tr("不大于"),
        Operator.MORE: tr("大于"),
        Operator.AT_LEAST: tr("不小于"),
        Operator.BETWEEN: tr("介于"),
        Operator.ONE_OF: tr("是其中之一"),
        Operator.NONE_OF: tr("不是其中任何一个"),
        Operator.CONTAINS: tr("包含"),
        Operator.EMPTY: tr("为空"),
        Operator.FILLED: tr("不为空"),
    }[operator]


class ValuePicker(QPushButton):
    """A button whose list stays open while one ticks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self.setMinimumWidth(200)
        self.list = QListWidget()
        self.list.setMinimumSize(260, _LIST_HEIGHT)
        self.list.itemChanged.connect(self._name)
        menu = QMenu(self)
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(self.list)
        menu.addAction(holder)
        self.setMenu(menu)
        self._name()

    def offer(self, values: Values) -> None:
        """Other values, none of them ticked."""
        self.list.blockSignals(True)
        self.list.clear()
        for value, title in values:
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, value)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable
            )
            item.setCheckState(Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self._name()

    def tick(self, value: str) -> None:
        """Tick a value as a click would."""
        for item in self._items():
            if item.data(Qt.ItemDataRole.UserRole) == value:
                item.setCheckState(Qt.CheckState.Checked)

    @property
    def ticked(self) -> list[str]:
        """The stored values that are ticked."""
        return [
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in self._items()
            if item.checkState() == Qt.CheckState.Checked
        ]

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _name(self, *_: object) -> None:
        titles = [item.text() for item in self._items() if item.checkState() == Qt.CheckState.Checked]
        text = tr("、").join(titles) if titles else tr("选择值…")
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 260).replace("&", "&&"))
        self.setToolTip(tr("、").join(titles[:20]))


class QuestionRow(QWidget):
    """``values_of`` finds the values that occur in a text field and hands them to the second argument."""

    removed = Signal(object)

    def __init__(
        self,
        spec: LayerSpec,
        values_of: Callable[[Field, Callable[[Values], None]], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._spec, self._values_of = spec, values_of
        self._asked: str = ""
        self.field, self.operator = QComboBox(), QComboBox()
        for item in spec.fields:
            self.field.addItem(item.header, item.name)
        self.field.setMinimumContentsLength(12)
        self.field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.operator.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.value, self.low, self.high = QLineEdit(), QLineEdit(), QLineEdit()
        self.picker = ValuePicker()
        between = QWidget()
        pair = QHBoxLayout(between)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.addWidget(self.low)
        pair.addWidget(label(tr("至"), "muted"))
        pair.addWidget(self.high)
        self._editors = QStackedWidget()
        self._blank, self._between = QWidget(), between
        for widget in (self.value, self._between, self.picker, self._blank):
            self._editors.addWidget(widget)
        self._editors.setFixedHeight(self.picker.sizeHint().height())
        away = QToolButton()
        away.setIcon(theme.icon("close", size=14))
        away.setToolTip(tr("去掉这个条件"))
        away.setAutoRaise(True)
        away.clicked.connect(lambda: self.removed.emit(self))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.field, 2)
        layout.addWidget(self.operator)
        layout.addWidget(self._editors, 3)
        layout.addWidget(away)
        self.field.currentIndexChanged.connect(self._field_chosen)
        self.operator.currentIndexChanged.connect(self._operator_chosen)
        self.field.setCurrentIndex(max(self.field.findData(spec.label), 0))
        self._field_chosen()

    def choose(self, field: str, operator: Operator) -> None:
        """Ask another question."""
        self.field.setCurrentIndex(self.field.findData(field))
        self.operator.setCurrentIndex(self.operator.findData(operator.value))

    def question(self) -> Question:
        """What is asked now."""
        operator = Operator(self.operator.currentData())
        if operator.operands is None:
            values = self.picker.ticked
        elif operator.operands == 2:
            values = [self.low.text(), self.high.text()]
        else:
            values = [self.value.text()][: operator.operands]
        return Question(self._current(), operator, tuple(values))

    def _current(self) -> Field:
        return self._spec.field(self.field.currentData())

    def _field_chosen(self) -> None:
        field = self._current()
        self.operator.blockSignals(True)
        self.operator.clear()
        for item in operators(field):
            self.operator.addItem(operator_title(item), item.value)
        self.operator.blockSignals(False)
        hints = {FieldType.DATE: "2024-06-30", FieldType.REAL: "", FieldType.INTEGER: ""}
        for line in (self.value, self.low, self.high):
            line.setPlaceholderText(hints.get(field.type, ""))
        self._asked = ""
        self._operator_chosen()

    def _operator_chosen(self) -> None:
        operator = Operator(self.operator.currentData())
        editors = {0: self._blank, 1: self.value, 2: self._between, None: self.picker}
        self._editors.setCurrentWidget(editors[operator.operands])
        if operator.operands is None:
            self._offer()

    def _offer(self) -> None:
        field = self._current()
        if self._asked == field.name:
            return
        self._asked = field.name
        if field.type is FieldType.BOOLEAN:
            self.picker.offer([("1", tr("是")), ("0", tr("否"))])
        elif field.codes:
            from layers.codes import code_table

            self.picker.offer([(item.value, item.title) for item in code_table(field.codes).values])
        else:
            self.picker.offer([])

            def arrived(values: Values) -> None:
                if self._asked == field.name:
                    self.picker.offer(values)

            self._values_of(field, arrived)
