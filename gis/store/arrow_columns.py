"""A stored column as an Arrow array: what sorting and filtering a million values takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gis.store.base import Condition
from gis.store.query import plain
from gis.store.schema import ColumnType

__all__ = ["array_of", "arrow_type", "holds"]

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


def arrow_type(kind: ColumnType) -> Any:
    """What a stored column is in Arrow: days are texts, yes and no are 1 and 0."""
    return _TYPES.get(kind, pa.large_string())


def array_of(values: Sequence[Any], kind: Any) -> Any:
    """Stored values as an array of a type; what does not fit it counts as missing."""
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
        part = str(condition.value)
        # To look for letters in any case takes three times as long, and digits and Chinese have none.
        return pc.match_substring(text, part, ignore_case=part.lower() != part.upper())
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
