"""Which rows of a table, in which order, as one array of row ids: any page of a million rows is a look-up.

A column that is sorted by or filtered on is read once and kept as ranks (`gis.store.ranked_column`). What is written
later is put among them row by row, so that an edit costs no second reading; only after a large import everything is
read again. Of a large table `warm` reads all columns ahead, and keeps them in files for the next time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.progress import Progress, scaled, silent
from gis.store.base import Condition, Store
from gis.store.query import column_types
from gis.text import tr

if TYPE_CHECKING:
    from gis.store.column_cache import ColumnCache
    from gis.store.ranked_column import RankedColumn

__all__ = ["RowLists"]

_KEPT_COLUMNS = 12
_KEPT_LISTS = 8
_PATCHED = 20_000  # rows born and retired since; more than that and the table is read anew
_WORTH_A_FILE = 20_000  # rows; columns of fewer are read faster than that pays
_AT_A_TIME = 35  # columns read in one pass: what they take until they are ranked has to fit into memory


@dataclass(slots=True)
class _State:
    """What is kept of the project after one transaction."""

    transaction: int
    fids: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    lists: OrderedDict[tuple[Any, ...], NDArray[np.int64]] = field(default_factory=OrderedDict)


class RowLists:
    """Lists of the current rows of a store's tables. Threads may share one."""

    def __init__(self, store: Store, cache: ColumnCache | None = None) -> None:
        self._store = store
        self._cache = cache
        self._guard = threading.RLock()
        self._state = _State(-1)
        # By table and name, each of the rows that there were when it was read.
        self._columns: OrderedDict[tuple[str, str], RankedColumn] = OrderedDict()
        self._files: dict[tuple[str, str], RankedColumn] = {}
        self._moves: dict[tuple[int, int], tuple[Any, ...]] = {}
        self._warming: set[str] = set()
        self._looked: set[str] = set()  # tables whose files were looked for

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
        """A column of the rows under conditions (of the row ids ``only``, if given) as an Arrow dictionary array of
        stored values.
        """
        with self._guard:
            state = self._fresh(progress)
            column = self._column(state, table, name, progress)
            if not where and only is None:
                return column.coded()
            chosen = self._chosen(state, table, where, None, descending=False, progress=progress)
            if only is not None:
                chosen = chosen[np.isin(self._fids(state, table)[chosen], only)]
            return column.coded(chosen)

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
        chosen = np.arange(len(self._fids(state, table)))
        for condition in where:
            mask = self._column(state, table, condition.column, progress).holds(condition)
            chosen = chosen[mask[chosen]]
        if order_by is not None and len(chosen):
            chosen = self._column(state, table, order_by, progress).order(chosen, descending)
        return chosen

    def distinct(self, table: str, name: str, most: int, *, progress: Progress = silent) -> list[Any]:
        """The different values of a column in order, ``most`` of them at most; missing ones are left out."""
        with self._guard:
            column = self._column(self._fresh(progress), table, name, progress)
        return column.different(most)

    def warm(
        self, table: str, names: Sequence[str], progress: Progress = silent, *, least: int = _WORTH_A_FILE
    ) -> None:
        """Read columns of a table of ``least`` rows and more ahead and keep them in a file; others need not wait for it.

        Nothing happens where they are there already, or there is no place for files. ``Cancelled`` by ``progress``.
        """
        cache = self._cache
        with self._guard:
            if cache is None or table in self._warming or self._store.versions(table) < least:
                return
            fids = self._fids(self._fresh(progress), table)
            known = self._from_file(table, names[0]) if names else None
            if known is not None and np.count_nonzero(_places(known.fids, fids) < 0) <= _PATCHED:
                return
            self._warming.add(table)
        try:
            columns: dict[str, RankedColumn] = {}
            for start in range(0, len(names), _AT_A_TIME):
                some = names[start : start + _AT_A_TIME]
                part = scaled(progress, start / len(names), (start + len(some)) / len(names))
                columns |= self._read(table, some, len(fids), part)
                with self._guard:
                    self._files |= {(table, name): column for name, column in columns.items()}
            first = next(iter(columns.values())).fids
            if all(np.array_equal(first, column.fids) for column in columns.values()):
                self._keep(table, columns, cache)
        finally:
            with self._guard:
                self._warming.discard(table)

    def _keep(self, table: str, columns: dict[str, RankedColumn], cache: ColumnCache) -> None:
        """Put columns into their file and use them from there, where they cost no memory of ours."""
        kept = cache.load(table) if cache.save(table, columns) else {}
        with self._guard:
            for name in columns:
                self._files.pop((table, name), None)
            self._files |= {(table, name): column for name, column in kept.items()}

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
        from gis.store.row_patch import patched_rows

        since = self._store.journal(limit=None, ids=range(old.transaction + 1, transaction + 1))
        for table, fids in old.fids.items():
            changes = sum(sum(entry.counts.get(table, (0, 0))) for entry in since)
            if changes == 0:
                state.fids[table] = fids
                state.lists |= {key: rows for key, rows in old.lists.items() if key[0] == table}
            elif changes <= _PATCHED:
                progress(0.0, tr("读取改动的行"))
                state.fids[table] = patched_rows(self._store, table, fids, old.transaction)
        self._moves.clear()
        return state

    def _fids(self, state: _State, table: str) -> NDArray[np.int64]:
        if table not in state.fids:
            state.fids[table] = self._store.fids(table)
        return state.fids[table]

    def _column(self, state: _State, table: str, name: str, progress: Progress) -> RankedColumn:
        """A column of the table's rows as they are now."""
        fids, key = self._fids(state, table), (table, name)
        column = self._columns.pop(key, None)
        if column is None:
            column = self._from_file(table, name)
        if column is not None and column.fids is not fids:
            column = self._moved(table, name, column, fids)
        if column is None:
            column = self._read(table, [name], len(fids), progress)[name]
            moved = None if column.fids is fids else self._moved(table, name, column, fids, None)
            column = column if moved is None else moved
        self._columns[key] = column
        while len(self._columns) > _KEPT_COLUMNS:
            self._columns.popitem(last=False)
        return column

    def _moved(
        self,
        table: str,
        name: str,
        column: RankedColumn,
        fids: NDArray[np.int64],
        most: int | None = _PATCHED,
    ) -> RankedColumn | None:
        """A column for the rows as they are now; None if more than ``most`` of them are new."""
        move = self._moves.get((id(column.fids), id(fids)))
        if move is None:
            places = _places(column.fids, fids)
            same = len(column.fids) == len(fids) and bool((places == np.arange(len(fids))).all())
            # The arrays are kept along: another one may not get their place in memory.
            move = (places, np.flatnonzero(places < 0), same, column.fids, fids)
            self._moves[id(column.fids), id(fids)] = move
        places, missing, same = move[:3]
        if same:
            return replace(column, fids=fids)
        if most is not None and len(missing) > most:
            return None
        new = fids[missing].tolist()
        values = self._store.values(table, name, new) if new else {}
        return column.moved(fids, places, [values.get(fid) for fid in new])

    def _from_file(self, table: str, name: str) -> RankedColumn | None:
        """A column as it was read ahead, for the rows there were then."""
        if self._cache is not None and table not in self._looked:
            self._looked.add(table)
            self._files |= {(table, other): column for other, column in self._cache.load(table).items()}
        return self._files.get((table, name))

    def _read(
        self, table: str, names: Sequence[str], rows: int, progress: Progress
    ) -> dict[str, RankedColumn]:
        """Columns of the rows that there are now."""
        from gis.store.arrow_columns import arrow_type
        from gis.store.ranked_column import GatheredColumn

        schema = next(item for item in self._store.tables() if item.name == table)
        types, done = column_types(schema), 0
        parts: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
        gathered = {name: GatheredColumn(arrow_type(types[name])) for name in names}
        message = tr("读取“{column}”列", column=names[0]) if len(names) == 1 else tr("读取属性表的各列")
        for some, arrays in self._store.arrow_columns(table, names):
            parts.append(some)
            for name, array in zip(names, arrays, strict=True):
                gathered[name].add(array)
            done += len(some)
            progress(min(done / max(rows, 1), 1.0), message)
        fids = np.concatenate(parts)
        order = np.argsort(fids, kind="stable") if (np.diff(fids) < 0).any() else None
        fids = fids if order is None else fids[order]
        with self._guard:  # the very array, where it is the same: nothing has to be compared then
            mine = self._state.fids.get(table)
            fids = mine if mine is not None and np.array_equal(mine, fids) else fids
        columns = {}
        for name in names:
            column = gathered.pop(name).ranked(fids, ordered=name != "uuid")
            columns[name] = column if order is None else replace(column, ranks=column.ranks[order])
            progress(1.0, message)
        return columns


def _places(old: NDArray[np.int64], new: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of the new row ids stands among the old ones; -1 for those that do not."""
    if len(old) == len(new):  # an edit puts the new version of a row in the place of the old one
        places: NDArray[np.int64] = np.arange(len(new))
        changed = np.flatnonzero(old != new)
        if not np.isin(new[changed], old).any():
            places[changed] = -1
            return places
    if not len(old):
        return np.full(len(new), -1, dtype=np.int64)
    order = np.argsort(old, kind="stable")
    found = order[np.minimum(np.searchsorted(old, new, sorter=order), len(old) - 1)]
    return np.where(old[found] == new, found, -1)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
