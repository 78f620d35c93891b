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
from app.panels.widgets import EmptyHint, fit_columns, label, table
from app.session import Session
from gis.text import tr
from layers.registry import TABLES, layer
from layers.spec import Field, FieldType, LayerSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gis.progress import Progress
    from gis.store.base import Condition, Store
    from gis.store.row_lists import RowLists

__all__ = ["AttributeTable", "StoreSource", "conditions_for"]

_COMPARISON = re.compile(r"^\s*(>=|<=|!=|=|>|<)\s*(.+)$")
_MOST_SELECTED = 1000
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
    return [Condition(field.name, "contains", value)]


class StoreSource:
    """Pages of one stored table under a filter. ``lists`` belongs to the project, not to one source."""

    def __init__(
        self,
        store: Store,
        lists: RowLists,
        table_name: str,
        fields: Sequence[Field],
        where: Sequence[Condition] = (),
    ) -> None:
        self._store, self._lists, self._table, self._where = store, lists, table_name, tuple(where)
        self._columns = [field.name for field in fields]
        self._rows: NDArray[np.int64] | None = None  # row ids in the order arranged last

    def arrange(self, order: str | None, descending: bool, progress: Progress) -> int:
        """Find the rows under the filter, in order."""
        self._rows = self._lists.rows(
            self._table, self._where, order, descending=descending, progress=progress
        )
        return len(self._rows)

    def page(self, offset: int, limit: int) -> list[tuple[Any, ...]]:
        """Rows as (uuid, values …)."""
        from gis.store.base import Condition

        wanted = [] if self._rows is None else self._rows[offset : offset + limit].tolist()
        frame = self._store.read(
            self._table,
            columns=self._columns,
            where=[Condition("fid", "in", wanted)],
            geometry=False,
        )
        frame = frame.loc[[fid for fid in wanted if fid in frame.index]]
        columns = [frame[name].tolist() for name in ["uuid", *self._columns]]
        return list(zip(*columns, strict=True))

    def find(self, uuid: str) -> int | None:
        """The place of a row."""
        from gis.store.base import Condition

        frame = self._store.read(
            self._table, columns=[], where=[Condition("uuid", "=", uuid)], geometry=False
        )
        if self._rows is None or frame.empty:
            return None
        places = (self._rows == frame.index[0]).nonzero()[0]
        return int(places[0]) if len(places) else None


class AttributeTable(QWidget):
    """The rows of one layer. Selection goes both ways; a double click flies to the row."""

    row_activated = Signal(str, str)  # table, uuid

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model: StoreTableModel | None = None
        self._from_outside = False
        self._told: tuple[str, list[str]] = ("", [])  # the selection that was made here
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
        source = StoreSource(project.store, self._session.row_lists(), spec.name, spec.fields, where)
        model = StoreTableModel(spec, source, self._run_for, self)
        model.counted.connect(self._counted)
        model.page_arrived.connect(self._page_there)
        self._show(model)
        model.load()

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Catch up with what happened while hidden."""
        super().showEvent(event)
        if self._stale:
            self.reload()

    def _run_for(
        self, model: QObject, work: Callable[[Progress], Any], done: Callable[[Any], None], title: str = ""
    ) -> None:
        self._session.read(
            lambda _project, progress: work(progress), done, title=title, quiet=not title, owner=model
        )

    def _show(self, model: StoreTableModel | None) -> None:
        old_view, old_model = self.view, self._model
        self._model, self._fitted = model, False
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
            if not self._fitted:
                fit_columns(self.view, rows=0, most=220, least=90)
            if count == 0:
                filtered = bool(self.filter.text().strip())
                EmptyHint(
                    self.view,
                    tr("没有符合条件的行。") if filtered else tr("该图层还没有数据；可导入或拖入文件。"),
                )
            self._told = ("", [])
            self.show_selection(*self._session.selected)

    def _page_there(self) -> None:
        """Rows are there: columns as wide as what stands in the first that can be seen."""
        first = max(self.view.rowAt(1), 0)
        if not self._fitted and self._model is not None and self._model.fetched(first):
            self._fitted = True
            fit_columns(self.view, most=240, least=70, first=first)

    def _selected(self) -> None:
        if self._from_outside or self._model is None:
            return
        rows: list[int] = []
        for part in self.view.selectionModel().selection().toList():  # ranges: Ctrl+A marks a million rows
            rows += range(part.top(), min(part.bottom() + 1, part.top() + _MOST_SELECTED - len(rows)))
        uuids = [uuid for row in rows if (uuid := self._model.uuid(row)) is not None]
        self._told = (self.spec.name, uuids)
        self._session.select(self.spec.name, uuids)

    def show_selection(self, table_name: str, uuids: list[str]) -> None:
        """Mark the row selected elsewhere, wherever in the table it stands."""
        if self._model is None or self._told == (table_name, uuids):
            return
        self._told = ("", [])
        self._mark(None)
        if table_name == self.spec.name and uuids:
            self._model.find(uuids[0], self._mark)

    def _mark(self, row: int | None) -> None:
        if self._model is None:
            return
        self._from_outside = True
        selection = self.view.selectionModel()
        selection.clearSelection()
        if row is not None:
            index = self._model.index(row, 0)
            flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            selection.setCurrentIndex(index, flags)
            self.view.scrollTo(index)
        self._from_outside = False

    def _activate(self, index: QModelIndex) -> None:
        uuid = self._model.uuid(index.row()) if self._model is not None else None
        if uuid is not None:
            self.row_activated.emit(self.spec.name, uuid)

    def _fly_to_current(self) -> None:
        if self._model is not None and self.view.currentIndex().isValid():
            self._activate(self.view.currentIndex())
