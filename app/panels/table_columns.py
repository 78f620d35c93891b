"""Which columns of a layer's table are shown, and in which order; kept in the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.panels.widgets import label
from app.settings import Settings
from gis.text import tr
from layers.spec import Field, LayerSpec

__all__ = ["ColumnChoice", "ColumnsDialog", "apply_columns", "chosen_columns", "shown_fields"]


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """Field names from left to right, and those among them that are hidden."""

    order: tuple[str, ...]
    hidden: frozenset[str]


def chosen_columns(settings: Settings, spec: LayerSpec) -> ColumnChoice:
    """What was chosen for a layer; fields that are new since then stand at the end."""
    known = [item.name for item in spec.fields]
    order, hidden = settings.columns(spec.name)
    kept = [name for name in dict.fromkeys(order) if name in known]
    kept += [name for name in known if name not in kept]
    left = frozenset(hidden) & frozenset(known)
    return ColumnChoice(tuple(kept), left if len(left) < len(known) else frozenset())


def apply_columns(view: QTableView, fields: Sequence[Field], choice: ColumnChoice) -> None:
    """Arrange and hide the columns of a table whose model has one column a field."""
    header = view.horizontalHeader()
    names = [field.name for field in fields]
    for place, name in enumerate(choice.order):
        header.moveSection(header.visualIndex(names.index(name)), place)
    for column, name in enumerate(names):
        view.setColumnHidden(column, name in choice.hidden)


def shown_fields(view: QTableView, fields: Sequence[Field]) -> list[Field]:
    """The fields whose columns are shown, from left to right."""
    header = view.horizontalHeader()
    columns = (header.logicalIndex(place) for place in range(header.count()))
    return [fields[column] for column in columns if not header.isSectionHidden(column)]


class ColumnsDialog(QDialog):
    """Tick what is shown, drag for the order; the box at the top finds a column."""

    def __init__(self, spec: LayerSpec, choice: ColumnChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self.setWindowTitle(tr("显示列"))
        self.resize(360, 520)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("查找列"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._look)
        self.list = QListWidget()
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setAccessibleName(tr("显示列"))
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("确定"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.default = self.buttons.addButton(tr("恢复默认"), QDialogButtonBox.ButtonRole.ResetRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.default.clicked.connect(self._reset)
        layout = QVBoxLayout(self)
        layout.addWidget(label(tr("勾选要显示的列，上下拖动改变顺序。"), "muted", wrap=True))
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.buttons)
        self._fill(choice)
        self.list.itemChanged.connect(self._judge)

    @property
    def choice(self) -> ColumnChoice:
        """What is ticked, in the order of the list."""
        items = [self.list.item(row) for row in range(self.list.count())]
        names = [str(item.data(Qt.ItemDataRole.UserRole)) for item in items]
        hidden = [
            name
            for name, item in zip(names, items, strict=True)
            if item.checkState() is not Qt.CheckState.Checked
        ]
        return ColumnChoice(tuple(names), frozenset(hidden))

    def _fill(self, choice: ColumnChoice) -> None:
        self.list.clear()
        for name in choice.order:
            item = QListWidgetItem(self._spec.field(name).header)
            item.setData(Qt.ItemDataRole.UserRole, name)
            flags = item.flags() | Qt.ItemFlag.ItemIsUserCheckable
            item.setFlags(flags & ~Qt.ItemFlag.ItemIsDropEnabled)
            shown = name not in choice.hidden
            item.setCheckState(Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked)
            self.list.addItem(item)

    def _reset(self) -> None:
        self._fill(ColumnChoice(tuple(item.name for item in self._spec.fields), frozenset()))

    def _look(self, text: str) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(text.strip().casefold() not in item.text().casefold())

    def _judge(self) -> None:
        """At least one column stays."""
        some = len(self.choice.hidden) < self.list.count()
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(some)
