"""Which rows of a table, in which order, as one array of row ids: any page of a million rows is a look-up.

A column that is sorted by or filtered on is read once and kept, until something is written.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gis.progress import Progress, silent
from gis.store.base import Condition, Store
from gis.store.query import column_types, plain
from gis.store.schema import ColumnType
from gis.text import tr

__all__ = ["RowLists"]

_KEPT_COLUMNS = 12
_KEPT_LISTS = 8
_COMPARISONS = {
    "=": pc.equal, "!=": pc.not_equal, "<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal,
}  # fmt: skip
_TYPES = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.REAL: pa.float64(),
    ColumnType.BOOLEAN: pa.int64(),
    ColumnType.TEXT: pa.large_string(),
    ColumnType.DATE: pa.large_string(),
}


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
            for condition in where:
                column = self._column(state, table, condition.column, progress)
                mask = np.asarray(_holds(condition, column).fill_null(fill_value=False))
                chosen = chosen[mask[chosen]]
            if order_by is not None and len(chosen):
                column = self._column(state, table, order_by, progress)
                chosen = chosen[_order(column.take(pa.array(chosen)), descending)]
            found = fids[chosen]
            state.lists[key] = found
            while len(state.lists) > _KEPT_LISTS:
                state.lists.popitem(last=False)
            return found

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
        key = (table, name)
        if key in state.columns:
            state.columns.move_to_end(key)
            return state.columns[key]
        fids = self._fids(state, table)
        schema = next(item for item in self._store.tables() if item.name == table)
        kind = _TYPES.get(column_types(schema).get(name, ColumnType.TEXT), pa.large_string())
        own, parts, done = [np.empty(0, dtype=np.int64)], [pa.array([], type=kind)], 0
        for some, values in self._store.column(table, name):
            own.append(np.array(some, dtype=np.int64))
            parts.append(_array(values, kind))
            done += len(values)
            progress(min(done / max(len(fids), 1), 1.0), tr("读取“{column}”列", column=name))
        column = _aligned(fids, np.concatenate(own), pa.concat_arrays(parts))
        state.columns[key] = column
        while len(state.columns) > _KEPT_COLUMNS:
            state.columns.popitem(last=False)
        return column


def _aligned(fids: NDArray[np.int64], own: NDArray[np.int64], column: Any) -> Any:
    """A value for each of ``fids``.

    Something may have been written between the two readings: rows born since are left out, rows that are gone
    have no value.
    """
    if not len(own):
        return pa.nulls(len(fids), column.type)
    order = np.argsort(own, kind="stable")
    place = np.minimum(np.searchsorted(own[order], fids), len(own) - 1)
    rows = order[place]
    return column.take(pa.array(rows, mask=own[rows] != fids))


def _array(values: Sequence[Any], kind: Any) -> Any:
    try:
        return pa.array(values, type=kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # written by another program in a type of its own
        return pa.array([_as(kind, value) for value in values], type=kind)


def _as(kind: Any, value: Any) -> Any:
    if value is None or pa.types.is_large_string(kind):
        return None if value is None else str(value)
    try:
        return int(value) if pa.types.is_integer(kind) else float(value)
    except (TypeError, ValueError):
        return None


def _order(column: Any, descending: bool) -> NDArray[np.int64]:
    way = "descending" if descending else "ascending"
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    order = pc.array_sort_indices(column, order=way, null_placement="at_end")
    return np.asarray(order).astype(np.int64)


def _holds(condition: Condition, column: Any) -> Any:
    operator = condition.operator.lower()
    if operator == "isnull":
        return pc.is_null(column)
    if operator == "notnull":
        return pc.is_valid(column)
    if operator == "in":
        values = (
            []
            if condition.value is None
            else [_as(column.type, plain(v)) for v in _sequence(condition.value)]
        )
        known = pa.array([value for value in values if value is not None], type=column.type)
        return pc.and_(pc.is_in(column, value_set=known), pc.is_valid(column))
    if operator == "contains":
        text = column if pa.types.is_large_string(column.type) else pc.cast(column, pa.large_string())
        return pc.match_substring(text, str(condition.value), ignore_case=True)
    if operator not in _COMPARISONS:
        raise ValueError(f"no operator {condition.operator!r}")
    value = _as(column.type, plain(condition.value))
    if value is None:
        return pa.array(np.zeros(len(column), dtype=np.bool_))
    return _COMPARISONS[operator](column, pa.scalar(value, column.type))


def _sequence(value: Any) -> Sequence[Any]:
    if isinstance(value, str | bytes):
        raise TypeError("the operator 'in' takes a sequence")
    return list(value)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
