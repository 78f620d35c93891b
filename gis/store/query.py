"""Conditions, boxes and versions as SQL. Names are checked against the table, values are parameters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import numpy as np

from gis.store.base import Box, Condition
from gis.store.identifiers import quoted
from gis.store.schema import SYSTEM_COLUMNS, TableSchema
from gis.store.spatial_index import index_name

__all__ = ["column_names", "where_clause"]

_COMPARISONS = {"=", "!=", "<", "<=", ">", ">=", "like"}
_MOST_PARAMETERS = 900  # SQLite's oldest limit is 999


def column_names(schema: TableSchema) -> tuple[str, ...]:
    """Every column of a table but the geometry, system columns last."""
    return (*(column.name for column in schema.columns), *(name for name in SYSTEM_COLUMNS if name != "fid"))


def where_clause(
    schema: TableSchema, where: Sequence[Condition], bbox: Box | None, as_of: int | None
) -> tuple[str, list[object]]:
    """``WHERE …`` and its parameters. Raises ``KeyError`` for an unknown column or operator."""
    parts: list[str] = []
    parameters: list[object] = []
    if as_of is None:
        parts.append("retired IS NULL")
    else:
        parts.append("born <= ? AND (retired IS NULL OR retired > ?)")
        parameters += [as_of, as_of]
    known = {*column_names(schema), "fid"}
    for condition in where:
        if condition.column not in known:
            raise KeyError(f"table {schema.name} has no column {condition.column!r}")
        sql, values = _condition(condition)
        parts.append(sql)
        parameters += values
    if bbox is not None and schema.geometry:
        rtree = quoted(index_name(schema.name))
        parts.append(
            f"fid IN (SELECT id FROM {rtree} WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?)"
        )
        parameters += [bbox[0], bbox[2], bbox[1], bbox[3]]
    return "WHERE " + " AND ".join(parts), parameters


def _condition(condition: Condition) -> tuple[str, list[object]]:
    name, operator = quoted(condition.column), condition.operator.lower()
    if operator == "isnull":
        return f"{name} IS NULL", []
    if operator == "notnull":
        return f"{name} IS NOT NULL", []
    if operator == "in":
        if not isinstance(condition.value, Iterable) or isinstance(condition.value, str):
            raise TypeError("'in' takes a sequence of values")
        values = [_plain(value) for value in condition.value]
        if len(values) > _MOST_PARAMETERS:
            # One JSON text instead of more parameters than SQLite may take.
            import json

            return f"{name} IN (SELECT value FROM json_each(?))", [json.dumps(values)]
        return f"{name} IN ({', '.join('?' * len(values))})", values
    if operator not in _COMPARISONS:
        raise KeyError(f"no operator {condition.operator!r}")
    if condition.value is None:
        raise TypeError(f"compare with None by 'isnull', not by {operator!r}")
    return f"{name} {operator.upper()} ?", [_plain(condition.value)]


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dt.datetime | dt.date):
        return value.strftime("%Y-%m-%d")
    return value
