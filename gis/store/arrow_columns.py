"""A stored column as an Arrow array: what sorting and filtering a million values takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gis.store.base import Condition
from gis.store.query import plain
from gis.store.schema import ColumnType

__all__ = ["collected", "different", "holds", "order", "patched", "taken"]

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


def collected(
    fids: NDArray[np.int64], portions: Iterable[tuple[Sequence[int], Sequence[object]]], kind: ColumnType
) -> Any:
    """A value for each of ``fids`` from portions of row ids and values."""
    arrow = _TYPES.get(kind, pa.large_string())
    own, parts = [np.empty(0, dtype=np.int64)], [pa.array([], type=arrow)]
    for some, values in portions:
        own.append(np.array(some, dtype=np.int64))
        parts.append(_array(values, arrow))
    return _aligned(fids, np.concatenate(own), pa.concat_arrays(parts))


def taken(column: Any, places: NDArray[np.int64]) -> Any:
    """The values at some places."""
    return column.take(pa.array(places))


def patched(column: Any, values: Sequence[object], places: NDArray[np.int64]) -> Any:
    """A column with stored values put behind it, and of these the ones at some places."""
    return taken(pa.concat_arrays([column, _array(values, column.type)]), places)


def different(column: Any, most: int) -> list[Any]:
    """The different values in order, ``most`` of them at most; missing ones are left out."""
    values = pc.drop_null(pc.unique(column))
    found: list[Any] = values.take(pc.array_sort_indices(values)).slice(0, most).to_pylist()
    return found


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


def order(column: Any, descending: bool) -> NDArray[np.int64]:
    """Places of the values in order, those that are missing last."""
    way = "descending" if descending else "ascending"
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    places = pc.array_sort_indices(column, order=way, null_placement="at_end")
    return np.asarray(places).astype(np.int64)


def holds(condition: Condition, column: Any) -> NDArray[np.bool_]:
    """Which values satisfy a condition; a missing one satisfies none. ``ValueError`` for an unknown operator."""
    return np.asarray(_holds(condition, column).fill_null(fill_value=False))


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
