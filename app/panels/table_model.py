"""Rows of a stored table, fetched by window: opening costs the visible rows, however many there are."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.panels.widgets import plain_tip
from gis.progress import Progress, silent
from gis.text import tr
from layers.spec import Editing, Field, FieldType, LayerSpec

__all__ = ["PAGE", "Commit", "PageSource", "Runner", "StoreTableModel", "display_value"]

PAGE = 256
_KEPT_PAGES = 40
_Index = QModelIndex | QPersistentModelIndex


# Stores another value in a field of the row of that uuid.
Commit = Callable[[str, Field, Any], None]


class PageSource(Protocol):
    """Where rows come from; called in workers."""

    def arrange(self, order: str | None, descending: bool, progress: Progress) -> int:
        """Put the rows into the order of a field (None: as they were written) and count them."""

    def page(self, offset: int, limit: int) -> list[tuple[Any, ...]]:
        """Rows as (uuid, value of each field …), in the order arranged last."""

    def find(self, uuids: Sequence[str]) -> list[int]:
        """The places of rows in that order, ascending; those that are not among them are left out."""


class Runner(Protocol):
    """Runs a job somewhere for a model and delivers its result on the UI thread while the model lives."""

    def __call__(
        self, model: QObject, work: Callable[[Progress], Any], done: Callable[[Any], None], title: str = ""
    ) -> None:
        """A job with a ``title`` may take long: its progress is shown."""


def _at_once(
    model: QObject, work: Callable[[Progress], Any], done: Callable[[Any], None], title: str = ""
) -> None:
    del model, title
    done(work(silent))


def display_value(field: Field, value: Any) -> str:
    """One value as a planner reads it: code titles, grouped thousands, ISO days, 是/否; "" if missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in {"NaT", "<NA>"}:
        return ""
    if field.type is FieldType.CODE and field.codes:
        from layers.codes import code_table

        return code_table(field.codes).title(value)
    if field.type is FieldType.BOOLEAN:
        return tr("是") if value else tr("否")
    if field.type is FieldType.DATE:
        return str(value)[:10]
    if field.type is FieldType.INTEGER:
        return str(int(value))
    if field.type is FieldType.REAL:
        digits = 2 if field.unit in {"m2", "wan_yuan", "yuan", "m"} else 4
        text = f"{float(value):,.{digits}f}"
        return text if digits == 2 else text.rstrip("0").rstrip(".")
    return str(value)


class StoreTableModel(QAbstractTableModel):
    """View of one layer. The count comes from the store, rows come in pages when they are shown.

    Cells can be edited once ``commit`` is set; what was edited is shown when it has been stored and read again.
    """

    counted = Signal(int)
    page_arrived = Signal()

    def __init__(
        self,
        spec: LayerSpec,
        source: PageSource,
        run: Runner = _at_once,
        parent: QObject | None = None,
        *,
        fields: Sequence[Field] | None = None,
    ) -> None:
        super().__init__(parent)
        self.spec = spec
        self.fields = tuple(fields if fields is not None else spec.fields)
        self._source, self._run = source, run
        self._rows = 0
        self._pages: OrderedDict[int, list[tuple[Any, ...]]] = OrderedDict()
        self._waiting: set[int] = set()
        self._past: dict[
            int, list[tuple[Any, ...]]
        ] = {}  # pages from before a write, until the new ones are there
        self.commit: Commit | None = None
        self._order: str | None = None
        self._descending = False
        self._state = 0  # pages asked for before the rows were arranged are dropped when they arrive
        self._asked = 0

    def load(self) -> None:
        """Count the rows and show them from the top."""
        self._arrange(None, descending=False, fresh=True)

    def refresh(self) -> None:
        """Read again, because rows were written; order and place stay."""
        self._arrange(self._order, descending=self._descending, fresh=False, written=True)

    def _arrange(self, order: str | None, *, descending: bool, fresh: bool, written: bool = False) -> None:
        self._asked += 1
        asked = self._asked

        def arrived(count: int) -> None:
            if asked != self._asked:  # another order is wanted by now
                return
            self._state += 1
            self._past = dict(self._pages) if written and count == self._rows else {}
            self._pages.clear()
            self._waiting.clear()
            if fresh or count != self._rows:
                self.beginResetModel()
                self._rows = count
                self.endResetModel()
            elif self._rows and self.fields:
                self.dataChanged.emit(self.index(0, 0), self.index(self._rows - 1, len(self.fields) - 1))
            self.counted.emit(count)

        self._run(
            self,
            lambda progress: self._source.arrange(order, descending, progress),
            arrived,
            title=tr("整理属性表"),
        )

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Rows under the filter."""
        return 0 if parent is not None and parent.isValid() else self._rows

    def columnCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt's name
        """One column per field."""
        return 0 if parent is not None and parent.isValid() else len(self.fields)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles with units; row numbers."""
        if orientation is Qt.Orientation.Horizontal and 0 <= section < len(self.fields):
            if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                return self.fields[section].header
        elif role == Qt.ItemDataRole.DisplayRole:
            return str(section + 1)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The value, or "…" while its page is on the way."""
        if not index.isValid() or index.row() >= self._rows:
            return None
        field = self.fields[index.column()]
        if role == Qt.ItemDataRole.EditRole:
            shown = self._row(index.row())
            return None if shown is None else shown[index.column() + 1]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            numeric = field.type in (FieldType.REAL, FieldType.INTEGER)
            side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        row = self._row(index.row())
        text = "…" if row is None else display_value(field, row[index.column() + 1])
        return text if role == Qt.ItemDataRole.DisplayRole else plain_tip(text)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """What is computed, or of a layer that comes by import only, cannot be edited."""
        plain = super().flags(index)
        if self.commit is None or not index.isValid() or not self.editable(self.fields[index.column()]):
            return plain
        return plain | Qt.ItemFlag.ItemIsEditable

    def editable(self, field: Field) -> bool:
        """Whether cells of a field can be edited."""
        return self.commit is not None and not field.computed and self.spec.editing is not Editing.NONE

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802 - Qt's name
        """Have another value stored; it is shown once it is."""
        uuid = self.uuid(index.row())
        if role != Qt.ItemDataRole.EditRole or self.commit is None or uuid is None:
            return False
        self.commit(uuid, self.fields[index.column()], value)
        return True

    def text(self, row: int, column: int) -> tuple[str, bool]:
        """What a cell shows if its page is there, and that no icon stands before it."""
        page, position = divmod(row, PAGE)
        rows = self._pages.get(page)
        if rows is None or position >= len(rows):
            return "", False
        return display_value(self.fields[column], rows[position][column + 1]), False

    def fetched(self, row: int) -> bool:
        """Whether a row's page is there."""
        return row // PAGE in self._pages

    def uuid(self, row: int) -> str | None:
        """The row's identity, None while its page is on the way."""
        found = self._row(row)
        return None if found is None else str(found[0])

    def value(self, row: int, name: str) -> Any:
        """The stored value of a field of a row that is there; None otherwise."""
        found = self._row(row)
        at = next((number for number, field in enumerate(self.fields) if field.name == name), None)
        return None if found is None or at is None else found[at + 1]

    def find(self, uuids: Sequence[str], done: Callable[[list[int]], None]) -> None:
        """Tell where rows stand; the answer may take a moment."""
        state, wanted = self._state, list(uuids)

        def arrived(places: list[int]) -> None:
            if state == self._state:
                done([place for place in places if place < self._rows])

        self._run(self, lambda _progress: self._source.find(wanted), arrived)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Arrange the rows anew in a worker; the old ones stand until then."""
        name = self.fields[column].name if 0 <= column < len(self.fields) else None
        descending = order == Qt.SortOrder.DescendingOrder
        if (name, descending) == (self._order, self._descending):
            return
        self._order, self._descending = name, descending
        self._arrange(name, descending=descending, fresh=False)

    def _row(self, number: int) -> tuple[Any, ...] | None:
        page, position = divmod(number, PAGE)
        rows = self._pages.get(page)
        if rows is None:
            self._fetch(page)
            rows = self._pages.get(page, self._past.get(page))
        else:
            self._pages.move_to_end(page)
        return rows[position] if rows is not None and position < len(rows) else None

    def _fetch(self, page: int) -> None:
        if page in self._waiting:
            return
        self._waiting.add(page)
        state = self._state
        synchronous = True

        def arrived(rows: list[tuple[Any, ...]]) -> None:
            if state != self._state:
                return
            self._waiting.discard(page)
            self._past.pop(page, None)
            self._pages[page] = rows
            while len(self._pages) > _KEPT_PAGES:
                self._pages.popitem(last=False)
            if rows and not synchronous:
                last = min(page * PAGE + len(rows), self._rows) - 1
                self.dataChanged.emit(self.index(page * PAGE, 0), self.index(last, len(self.fields) - 1))
                self.page_arrived.emit()

        self._run(self, lambda _progress: self._source.page(page * PAGE, PAGE), arrived)
        synchronous = False
