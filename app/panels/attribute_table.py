"""Attribute table: one layer at a time, a filter box, sorting in the store, rows only as they are seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QObject, Qt, QTimer, Signal
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
from app.panels.cell_editing import CellDelegate
from app.panels.offers import offered
from app.panels.store_source import StoreSource, conditions_for
from app.panels.table_model import StoreTableModel
from app.panels.table_tools import TableTools
from app.panels.widgets import EmptyHint, fit_columns, label, table
from app.session import Session
from gis.text import tr
from layers.registry import TABLES, layer
from layers.spec import Field, LayerSpec

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.editing.edit import Edit
    from layers.project import Project

__all__ = ["AttributeTable"]

_AT_ONCE = 1000  # rows whose identities are taken from the pages that are there; of more they are read
_SLOW = 20_000  # rows whose reading is announced
_MOST_MARKED = 5000  # stretches of rows
_AHEAD = 1.0  # seconds after the rows are there until columns are read ahead: map and first page go before
_TYPING_PAUSE = 300  # ms after the last key before the store is asked


class AttributeTable(QWidget):
    """The rows of one layer. Selection goes both ways.

    A double click edits the cell; on the number of a row, or where nothing can be edited, it flies to the row.
    """

    row_activated = Signal(str, str)  # table, uuid
    said = Signal(str)  # a remark for the status bar

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model: StoreTableModel | None = None
        self.source: StoreSource | None = None
        self._from_outside = False
        self._told: tuple[str, list[str]] = ("", [])  # the selection that was made here
        self._asked = 0  # number of the newest question which rows are marked
        self._stale = True
        self._fitted = False
        self._refreshing = False
        self._place: int | None = None  # where the table was scrolled to before rows came or went
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
        self.tools = TableTools(self, session)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 5, 8, 5)
        bar.setSpacing(6)
        bar.addWidget(self.layers)
        bar.addWidget(self.fields)
        bar.addWidget(self.filter, 1)
        bar.addWidget(self.count)
        for button in self.tools.buttons():
            bar.addWidget(button)
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
        # In an event of its own: all parts of the window take the project over in one.
        session.project_opened.connect(self._reload_soon)
        session.project_closed.connect(self._clear)
        session.map_day_changed.connect(self.reload)
        session.project_changed.connect(self._rows_changed)
        session.editor.state_changed.connect(self._allow)
        session.selection_changed.connect(self.show_selection)
        self._fill_fields()
        if session.project is not None:
            self.reload()

    @property
    def spec(self) -> LayerSpec:
        """The layer that is shown."""
        return layer(self.layers.currentData())

    @property
    def model(self) -> StoreTableModel | None:
        """The rows that are shown; None while there is no project."""
        return self._model

    def selected_ranges(self) -> list[tuple[int, int]]:
        """First and last place of each stretch of marked rows, from the top."""
        if self._model is None:
            return []
        parts = self.view.selectionModel().selection().toList()  # ranges: Ctrl+A marks a million rows
        return _merged(sorted({(part.top(), part.bottom()) for part in parts}))

    def selected(self) -> tuple[int, Callable[[], list[str]]]:
        """How many rows are selected, and what tells their identities, to be called in a worker.

        Of a selection made elsewhere, as on the map, those count that the filter keeps out of sight too.
        """
        table_name, uuids = self._session.selected
        if self._told != self._session.selected and table_name == self.spec.name:
            return len(uuids), lambda: list(uuids)
        source, ranges = self.source, self.selected_ranges()
        count = sum(last - first + 1 for first, last in ranges)
        return count, lambda: [] if source is None else source.uuids(ranges)

    def current_field(self) -> str:
        """Name of the field of the current cell, else of the one that is filtered by."""
        index = self.view.currentIndex()
        if self._model is not None and index.isValid():
            return self._model.fields[index.column()].name
        return str(self.fields.currentData())

    def say(self, text: str) -> None:
        """Have something said in the status bar."""
        self.said.emit(text)

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

    def _reload_soon(self, _project: object) -> None:
        QTimer.singleShot(0, self, self.reload)

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
        day, state = self._session.map_day, self._session.map_state
        if spec.name == "land_use" and day is not None and state is not None:
            from gis.store.base import Condition

            where = [*where, Condition("snapshot", "=", state.snapshot if self._session.map_planned else "")]
        self.source = source = StoreSource(
            project.store, self._session.row_lists(), spec.name, spec.fields, where, day
        )
        model = StoreTableModel(spec, source, self._run_for, self)
        model.counted.connect(self._counted)
        model.modelAboutToBeReset.connect(self._keep_place)
        model.page_arrived.connect(self._page_there)
        self._show(model)
        model.load()

    def _rows_changed(self) -> None:
        """Rows were written: what is shown is read again, in the order and at the place where it stands."""
        if self._model is None or not self.isVisible():
            self.reload()
        else:
            self._refreshing = True
            self._model.refresh()

    def _allow(self) -> None:
        """Cells can be edited while the project can."""
        self.tools.enable()
        if self._model is not None:
            self._model.commit = self._store_cell if self._session.editor.writable else None

    def _store_cell(self, uuid: str, field: Field, value: Any) -> None:
        name = self.spec.name

        def build(project: Project, _progress: Progress) -> Edit:
            from layers.editing.prepare import attribute_edit

            return attribute_edit(project, name, [uuid], {field.name: value})

        self._session.editor.submit(build, tr("修改“{field}”", field=field.title))

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
        self._model, self._fitted, self._refreshing = model, False, False
        self.view = QTableView() if model is None else table(model)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._layout.replaceWidget(old_view, self.view)
        old_view.deleteLater()
        if old_model is not None:
            old_model.deleteLater()
        self._allow()
        if model is not None:
            self.view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
            self.view.setItemDelegate(CellDelegate(lambda *row: offered(self._session, *row), self.view))
            self.view.verticalHeader().sectionDoubleClicked.connect(self.fly_to)
            self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            self.view.customContextMenuRequested.connect(self.tools.show_menu)
            header = self.view.horizontalHeader()
            header.setSectionsMovable(True)
            header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            header.customContextMenuRequested.connect(self.tools.show_header_menu)
            # Qt's header asks, at each painting, whether every row of each column is marked: a million questions.
            header.setSelectionModel(QItemSelectionModel(model, header))
            self.tools.arrange_columns()
            header.sectionMoved.connect(self.tools.keep_order)
            self.view.verticalHeader().setToolTip(tr("双击行号：缩放到该行"))
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
            self.show_selection(*self._session.selected, scroll=not self._refreshing)
            self._refreshing = False
            if count >= _SLOW:
                self._read_ahead()
            if self._place is not None:
                self.view.verticalScrollBar().setValue(self._place)
                self._place = None

    def _read_ahead(self) -> None:
        """Have the columns of a large layer read before somebody sorts by one."""
        lists, name = self._session.row_lists(), self.spec.name
        fields = [field.name for field in self.spec.fields]
        self._session.read(
            lambda _project, progress: lists.warm(name, fields, progress),
            lambda _: None,
            quiet=True,
            after=_AHEAD,
        )

    def _keep_place(self) -> None:
        """Rows were added or removed: the table stays where it was looked at."""
        if self._model is not None and self._model.rowCount():
            self._place = self.view.verticalScrollBar().value()

    def _page_there(self) -> None:
        """Rows are there: columns as wide as what stands in the first that can be seen."""
        first = max(self.view.rowAt(1), 0)
        if not self._fitted and self._model is not None and self._model.fetched(first):
            self._fitted = True
            fit_columns(self.view, most=240, least=70, first=first)

    def _selected(self) -> None:
        if self._from_outside or self._model is None:
            return
        self._asked += 1
        asked, ranges, source, model = self._asked, self.selected_ranges(), self.source, self._model
        count = sum(last - first + 1 for first, last in ranges)
        if count <= _AT_ONCE and all(
            model.fetched(row) for first, last in ranges for row in range(first, last + 1)
        ):
            rows = [row for first, last in ranges for row in range(first, last + 1)]
            self._tell([uuid for row in rows if (uuid := model.uuid(row)) is not None])
            return
        self._tell([])  # nothing else may be taken for what is marked until its rows are known

        def done(uuids: list[str]) -> None:
            if asked == self._asked and source is self.source:
                self._tell(uuids)

        title = tr("选择 {count} 行", count=f"{count:,}") if count > _SLOW else ""
        self._run_for(model, lambda _progress: [] if source is None else source.uuids(ranges), done, title)

    def _tell(self, uuids: list[str]) -> None:
        """Share what is marked here."""
        self._told = (self.spec.name, uuids)
        self._session.select(self.spec.name, uuids)

    def show_selection(self, table_name: str, uuids: list[str], *, scroll: bool = True) -> None:
        """Mark the rows selected elsewhere, wherever in the table they stand, and scroll to the first."""
        if self._model is None or self._told == (table_name, uuids):
            return
        self._told = ("", [])
        self._asked += 1
        self._mark([], scroll=scroll)
        if table_name == self.spec.name and uuids:
            self._model.find(uuids, lambda places: self._mark(places, scroll=scroll))

    def _mark(self, rows: list[int], *, scroll: bool) -> None:
        if self._model is None or self.view.state() == QAbstractItemView.State.EditingState:
            return  # to move the current cell would take what is half typed for an answer
        self._from_outside = True
        selection = self.view.selectionModel()
        chosen = QItemSelection()
        last = self._model.columnCount() - 1
        for first, below in _merged([(row, row) for row in rows])[:_MOST_MARKED]:
            chosen.select(self._model.index(first, 0), self._model.index(below, last))
        selection.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows:
            column = max(self.view.currentIndex().column(), 0)
            index = self._model.index(rows[0], column)
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            if scroll:
                self.view.scrollTo(index)
        self._from_outside = False

    def _activate(self, index: QModelIndex) -> None:
        """Edit the cell where that can be done, else fly to the row."""
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            if self.view.state() != QAbstractItemView.State.EditingState:
                self.view.setCurrentIndex(index)
                self.view.edit(index)
        else:
            self.fly_to(index.row())

    def fly_to(self, row: int) -> None:
        """Ask for the map to show a row."""
        uuid = self._model.uuid(row) if self._model is not None else None
        if uuid is not None:
            self.row_activated.emit(self.spec.name, uuid)

    def _fly_to_current(self) -> None:
        if self._model is not None and self.view.currentIndex().isValid():
            self.fly_to(self.view.currentIndex().row())


def _merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ascending ranges (first, last) with those that touch made one."""
    merged: list[tuple[int, int]] = []
    for first, last in ranges:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
