"""Which rows of a table, in which order, as one array of row ids: any page of a million rows is a look-up.

A column that is sorted by or filtered on is read once and kept. What is written later is read on top of it, row by
row, so that an edit costs no second reading; only after a large import everything is read again.
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
_PATCHED = 20_000  # rows born and retired since; more than that and the table is read anew


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

        A row that was edited while the list was kept has a new id in its old place. Rows without a value come last in either direction, equal ones as they were written. ``KeyError`` for a
        column that is not there, ``ValueError`` for an operator that is not known.
        """
        conditions = tuple((item.column, item.operator, _hashable(item.value)) for item in where)
        key = (table, conditions, order_by, descending)
        with self._guard:
            state = self._fresh(progress)
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

    def values(
        self,
        table: str,
        name: str,
        where: Sequence[Condition] = (),
        *,
        only: NDArray[np.int64] | None = None,
        progress: Progress = silent,
    ) -> Any:
        """A column of the rows under conditions (of the row ids ``only``, if given) as an Arrow array of stored values."""
        from gis.store import arrow_columns

        with self._guard:
            state = self._fresh(progress)
            column = self._column(state, table, name, progress)
            chosen = self._chosen(state, table, where, None, descending=False, progress=progress)
            if only is not None:
                chosen = chosen[np.isin(self._fids(state, table)[chosen], only)]
            return column if len(chosen) == len(column) else arrow_columns.taken(column, chosen)

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

    def distinct(self, table: str, name: str, most: int, *, progress: Progress = silent) -> list[Any]:
        """The different values of a column in order, ``most`` of them at most; missing ones are left out."""
        from gis.store import arrow_columns

        with self._guard:
            column = self._column(self._fresh(progress), table, name, progress)
        return arrow_columns.different(column, most)

    def _fresh(self, progress: Progress) -> _State:
        newest = self._store.journal(limit=1)
        transaction = newest[0].id if newest else 0
        if transaction != self._state.transaction:
            self._state = self._carried_on(self._state, transaction, progress)
        return self._state

    def _carried_on(self, old: _State, transaction: int, progress: Progress) -> _State:
        """What is known brought up to a later transaction; of a table with many changes nothing is kept."""
        state = _State(transaction)
        if not old.fids:
            return state
        from gis.store.row_patch import RowPatch

        since = self._store.journal(limit=None, ids=range(old.transaction + 1, transaction + 1))
        for table, fids in old.fids.items():
            changes = sum(sum(entry.counts.get(table, (0, 0))) for entry in since)
            columns = {name: values for (owner, name), values in old.columns.items() if owner == table}
            if changes == 0:
                state.fids[table] = fids
                state.columns |= {(table, name): values for name, values in columns.items()}
                state.lists |= {key: rows for key, rows in old.lists.items() if key[0] == table}
            elif changes <= _PATCHED:
                progress(0.0, tr("读取改动的行"))
                patch = RowPatch(self._store, table, fids, list(columns), old.transaction)
                state.fids[table] = patch.fids
                state.columns |= {(table, name): patch.column(name, kept) for name, kept in columns.items()}
        return state

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
