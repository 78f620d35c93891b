"""Attribute table: one layer at a time, a filter box, sorting in the store, rows only as they are seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QObject, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.panels.table_model import StoreTableModel
from app.panels.widgets import fit_columns, label, table
from app.session import Session
from gis.text import tr
from layers.registry import TABLES, layer
from layers.spec import Field, FieldType, LayerSpec

if TYPE_CHECKING:
    from gis.store.base import Condition, Store

__all__ = ["AttributeTable", "StoreSource", "conditions_for"]

_COMPARISON = re.compile(r"^\s*(>=|<=|!=|=|>|<)\s*(.+)$")
_TYPING_PAUSE = 300  # ms after the last key before the store is asked


def conditions_for(field: Field, text: str) -> list[Condition]:
    """What the filter box asks of a field: part of a text, a code's name, or a comparison such as ``>= 5``.

    A number or day that cannot be read as one gives no row rather than all.
    """
    from gis.store.base import Condition

    text = text.strip()
    if not text:
        return []
    found = _COMPARISON.match(text)
    operator, value = (found.group(1), found.group(2).strip()) if found else ("", text)
    if field.type in (FieldType.REAL, FieldType.INTEGER):
        try:
            return [Condition(field.name, operator or "=", float(value.replace(",", "")))]
        except ValueError:
            return [Condition("fid", "=", -1)]
    if field.type is FieldType.CODE and field.codes:
        from layers.codes import code_table

        codes = code_table(field.codes)
        hits = [item.value for item in codes.values if value.casefold() in item.title.casefold()]
        exact = codes.canonical(value)
        return [Condition(field.name, "in", list(dict.fromkeys([*hits, *([exact] if exact else [])])))]
    if field.type is FieldType.BOOLEAN:
        return [Condition(field.name, "=", 1 if value in {"1", "true", "yes", tr("是")} else 0)]
    if operator:
        return [Condition(field.name, operator, value)]
    return [Condition(field.name, "like", f"%{value}%")]


class StoreSource:
    """Pages of one stored table under a filter."""

    def __init__(
        self, store: Store, table_name: str, fields: Sequence[Field], where: list[Condition]
    ) -> None:
        self._store, self._table, self._where = store, table_name, where
        self._columns = [field.name for field in fields]

    def count(self) -> int:
        """Rows under the filter."""
        return self._store.count(self._table, self._where)

    def page(self, offset: int, limit: int, order: str | None, descending: bool) -> list[tuple[Any, ...]]:
        """Rows as (uuid, values …)."""
        frame = self._store.read(
            self._table,
            columns=self._columns,
            where=self._where,
            geometry=False,
            order_by=order,
            descending=descending,
            limit=limit,
            offset=offset,
        )
        columns = [frame[name].tolist() for name in ["uuid", *self._columns]]
        return list(zip(*columns, strict=True))


class AttributeTable(QWidget):
    """The rows of one layer. Selection goes both ways; a double click flies to the row."""

    row_activated = Signal(str, str)  # table, uuid

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model: StoreTableModel | None = None
        self._from_outside = False
        self._stale = True
        self._fitted = False
        self.layers = QComboBox()
        for spec in TABLES:
            self.layers.addItem(spec.title, spec.name)
        self.layers.setCurrentIndex(self.layers.findData("parcel"))
        self.fields = QComboBox()
        self.fields.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.fields.setMinimumContentsLength(12)
        self.filter = QLineEdit()
        self.filter.setClearButtonEnabled(True)
        self.filter.setPlaceholderText(tr("筛选：文字、代码名称或 >= 5000"))
        self.filter.addAction(
            theme.icon("filter", theme.current().muted), QLineEdit.ActionPosition.LeadingPosition
        )
        self.count = label("", "muted")
        fly = QToolButton()
        fly.setIcon(theme.icon("zoom-selection"))
        fly.setToolTip(tr("缩放到所选行"))
        fly.setAutoRaise(True)
        fly.clicked.connect(self._fly_to_current)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 5, 8, 5)
        bar.setSpacing(6)
        bar.addWidget(self.layers)
        bar.addWidget(self.fields)
        bar.addWidget(self.filter, 1)
        bar.addWidget(self.count)
        bar.addWidget(fly)
        self.view = QTableView()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addLayout(bar)
        self._layout.addWidget(self.view, 1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_PAUSE)
        self._pause.timeout.connect(self.reload)
        self.filter.textChanged.connect(self._pause.start)
        self.layers.currentIndexChanged.connect(self._layer_chosen)
        self.fields.currentIndexChanged.connect(self._field_chosen)
        session.project_opened.connect(self.reload)
        session.project_closed.connect(self._clear)
        session.project_changed.connect(self.reload)
        session.selection_changed.connect(self.show_selection)
        self._fill_fields()
        if session.project is not None:
            self.reload()

    @property
    def spec(self) -> LayerSpec:
        """The layer that is shown."""
        return layer(self.layers.currentData())

    def show_layer(self, name: str) -> None:
        """Show another layer."""
        self.layers.setCurrentIndex(self.layers.findData(name))

    def _fill_fields(self) -> None:
        self.fields.blockSignals(True)
        self.fields.clear()
        for field in self.spec.fields:
            self.fields.addItem(field.title, field.name)
        name = self.spec.label or self.spec.fields[0].name
        self.fields.setCurrentIndex(max(self.fields.findData(name), 0))
        self.fields.blockSignals(False)

    def _layer_chosen(self) -> None:
        self._fill_fields()
        self.filter.blockSignals(True)
        self.filter.clear()
        self.filter.blockSignals(False)
        self.reload()

    def _field_chosen(self) -> None:
        if self.filter.text():
            self.reload()

    def _clear(self) -> None:
        self._show(None)
        self.count.setText("")

    def reload(self, *_: object) -> None:
        """Ask the store again; a hidden table waits until it is shown."""
        project = self._session.project
        if project is None:
            return
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        spec = self.spec
        where = conditions_for(spec.field(self.fields.currentData()), self.filter.text())
        model = StoreTableModel(
            spec, StoreSource(project.store, spec.name, spec.fields, where), self._run_for, self
        )
        model.counted.connect(self._counted)
        model.page_arrived.connect(self._page_there)
        self._show(model)
        model.load()

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Catch up with what happened while hidden."""
        super().showEvent(event)
        if self._stale:
            self.reload()

    def _run_for(self, model: QObject, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._session.read(lambda _project, _progress: work(), done, quiet=True, owner=model)

    def _show(self, model: StoreTableModel | None) -> None:
        old_view, old_model = self.view, self._model
        self._model = model
        self.view = QTableView() if model is None else table(model)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._layout.replaceWidget(old_view, self.view)
        old_view.deleteLater()
        if old_model is not None:
            old_model.deleteLater()
        if model is not None:
            self.view.selectionModel().selectionChanged.connect(self._selected)
            self.view.doubleClicked.connect(self._activate)

    def _counted(self, count: int) -> None:
        self.count.setText(tr("{count} 行", count=f"{count:,}"))
        if self._model is not None:
            fit_columns(self.view, rows=0, most=220, least=90)
            self._fitted = False
            self.show_selection(*self._session.selected)

    def _page_there(self) -> None:
        """The first rows are there: columns as wide as what stands in them."""
        if not self._fitted and self._model is not None:
            self._fitted = True
            fit_columns(self.view, most=240, least=70)
        self.show_selection(*self._session.selected)

    def _selected(self) -> None:
        if self._from_outside or self._model is None:
            return
        rows = self.view.selectionModel().selectedRows()[:1000]
        uuids = [uuid for index in rows if (uuid := self._model.uuid(index.row())) is not None]
        self._session.select(self.spec.name, uuids)

    def show_selection(self, table_name: str, uuids: list[str]) -> None:
        """Mark rows selected elsewhere, as far as they are among the fetched ones."""
        if self._model is None or table_name != self.spec.name or self.view.hasFocus():
            return
        self._from_outside = True
        selection = self.view.selectionModel()
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for uuid in uuids[:100]:
            row = self._model.row_of(uuid)
            if row is not None:
                selection.select(self._model.index(row, 0), flags)
                self.view.scrollTo(self._model.index(row, 0))
        self._from_outside = False

    def _activate(self, index: QModelIndex) -> None:
        uuid = self._model.uuid(index.row()) if self._model is not None else None
        if uuid is not None:
            self.row_activated.emit(self.spec.name, uuid)

    def _fly_to_current(self) -> None:
        if self._model is not None and self.view.currentIndex().isValid():
            self._activate(self.view.currentIndex())
