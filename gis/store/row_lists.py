"""Which rows of a table, in which order, as one array of row ids: any page of a million rows is a look-up.

A column that is sorted by or filtered on is read once and kept, until something is written.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.progress import Progress, silent
from gis.store.base import Condition, Store
from gis.store.query import column_types
from gis.store.schema import ColumnType
from gis.text import tr

__all__ = ["RowLists"]

_KEPT_COLUMNS = 12
_KEPT_LISTS = 8


@dataclass(slots=True)
class _State:
    """What is kept of the project after one transaction."""

    transaction: int
    fids: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    columns: OrderedDict[tuple[str, str], Any] = field(default_factory=OrderedDict)
    lists: OrderedDict[tuple[Any, ...], NDArray[np.int64]] = field(default_factory=OrderedDict)


class RowLists:
    """Lists of the current rows of a store's tables. Threads may share one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.RLock()
        self._state = _State(-1)

    def rows(
        self,
        table: str,
        where: Sequence[Condition] = (),
        order_by: str | None = None,
        *,
        descending: bool = False,
        progress: Progress = silent,
    ) -> NDArray[np.int64]:
        """Row ids under conditions, in order; without one, as the rows were written.

        Rows without a value come last in either direction, equal ones as they were written. ``KeyError`` for a
        column that is not there, ``ValueError`` for an operator that is not known.
        """
        conditions = tuple((item.column, item.operator, _hashable(item.value)) for item in where)
        key = (table, conditions, order_by, descending)
        with self._guard:
            state = self._fresh()
            if key in state.lists:
                state.lists.move_to_end(key)
                return state.lists[key]
            fids = self._fids(state, table)
            chosen = np.arange(len(fids))
            if where or order_by is not None:
                chosen = self._chosen(state, table, where, order_by, descending, progress)
            found = fids[chosen]
            state.lists[key] = found
            while len(state.lists) > _KEPT_LISTS:
                state.lists.popitem(last=False)
            return found

    def _chosen(
        self,
        state: _State,
        table: str,
        where: Sequence[Condition],
        order_by: str | None,
        descending: bool,
        progress: Progress,
    ) -> NDArray[np.int64]:
        """Places among the table's row ids."""
        from gis.store import arrow_columns  # takes a moment to load, and the first list needs no columns

        chosen = np.arange(len(self._fids(state, table)))
        for condition in where:
            column = self._column(state, table, condition.column, progress)
            mask = arrow_columns.holds(condition, column)
            chosen = chosen[mask[chosen]]
        if order_by is not None and len(chosen):
            column = self._column(state, table, order_by, progress)
            chosen = chosen[arrow_columns.order(arrow_columns.taken(column, chosen), descending)]
        return chosen

    def _fresh(self) -> _State:
        newest = self._store.journal(limit=1)
        transaction = newest[0].id if newest else 0
        if transaction != self._state.transaction:
            self._state = _State(transaction)
        return self._state

    def _fids(self, state: _State, table: str) -> NDArray[np.int64]:
        if table not in state.fids:
            state.fids[table] = self._store.fids(table)
        return state.fids[table]

    def _column(self, state: _State, table: str, name: str, progress: Progress) -> Any:
        """The values of a column, one for each of the table's row ids."""
        from gis.store import arrow_columns

        key = (table, name)
        if key in state.columns:
            state.columns.move_to_end(key)
            return state.columns[key]
        fids = self._fids(state, table)
        schema = next(item for item in self._store.tables() if item.name == table)
        kind = column_types(schema).get(name, ColumnType.TEXT)

        def read() -> Iterator[tuple[Sequence[int], Sequence[object]]]:
            done = 0
            for some, values in self._store.column(table, name):
                yield some, values
                done += len(values)
                progress(min(done / max(len(fids), 1), 1.0), tr("读取“{column}”列", column=name))

        column = arrow_columns.collected(fids, read(), kind)
        state.columns[key] = column
        while len(state.columns) > _KEPT_COLUMNS:
            state.columns.popitem(last=False)
        return column


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
