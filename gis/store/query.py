"""Reads as SQL: conditions, validity and the bounding box become one parameterised SELECT."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gis.store.base import Box, Condition
from gis.store.identifiers import quoted
from gis.store.schema import ColumnType, TableSchema
from gis.store.spatial_index import index_name

__all__ = ["Selection", "column_types", "plain"]

_COMPARISONS = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_SYSTEM_TYPES = {
    "fid": ColumnType.INTEGER,
    "uuid": ColumnType.TEXT,
    "source_crs": ColumnType.TEXT,
    "source": ColumnType.TEXT,
    "born": ColumnType.INTEGER,
    "retired": ColumnType.INTEGER,
}


def column_types(schema: TableSchema) -> dict[str, ColumnType]:
    """Types of all columns but the geometry: fid, uuid, the table's own, then the other system columns."""
    own = {column.name: column.type for column in schema.columns}
    first = {name: _SYSTEM_TYPES[name] for name in ("fid", "uuid")}
    return {**first, **own, **{name: kind for name, kind in _SYSTEM_TYPES.items() if name not in first}}


def plain(value: object) -> Any:
    """A value as SQLite takes it; missing values of any library become None."""
    if value is None or isinstance(value, str | bytes | int):
        return int(value) if isinstance(value, bool) else value
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(np.datetime_as_string(value, unit="D"))
    if isinstance(value, np.generic):
        value = value.item()
        if value is None or isinstance(value, str | bytes | int):
            return int(value) if isinstance(value, bool) else value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if value != value:
        return None
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    if type(value).__name__ == "NAType":
        return None
    raise TypeError(f"cannot store a value of type {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows of which table: conditions, a box and a moment (None: the current rows).

    ``indexed`` False compares the box with the rows themselves, because the spatial index is gone. ``fids`` takes
    only the row ids from the first up to, but not including, the second.
    """

    schema: TableSchema
    where: Sequence[Condition] = ()
    box: Box | None = None
    as_of: int | None = None
    indexed: bool = True
    fids: tuple[int, int] | None = None

    def source(self) -> tuple[str, list[Any]]:
        """``FROM … WHERE …`` and its parameters; the table is called t."""
        table = quoted(self.schema.name)
        clauses: list[str] = []
        values: list[Any] = []
        if self.box is not None and self.schema.geometry and not self.indexed:
            origin = f"{table} AS t NOT INDEXED"
            clauses.append(
                "ST_MaxX(t.geom) >= ? AND ST_MinX(t.geom) <= ? AND ST_MaxY(t.geom) >= ? AND ST_MinY(t.geom) <= ?"
            )
            values += [self.box[0], self.box[2], self.box[1], self.box[3]]
        elif self.box is not None and self.schema.geometry:
            # CROSS JOIN keeps SQLite from looking through the table first. The index rounds outward, so it may
            # give a few rows whose box ends just short of ours.
            origin = f"{quoted(index_name(self.schema.name))} AS r CROSS JOIN {table} AS t ON t.fid = r.id"
            clauses.append("r.maxx >= ? AND r.minx <= ? AND r.maxy >= ? AND r.miny <= ?")
            values += [self.box[0], self.box[2], self.box[1], self.box[3]]
        elif self.where:
            origin = f"{table} AS t"
        else:
            origin = f"{table} AS t NOT INDEXED"  # in the order of the file, not of an index
        if self.as_of is None:
            clauses.append("t.retired IS NULL")
        else:
            clauses.append("t.born <= ? AND (t.retired IS NULL OR t.retired > ?)")
            values += [self.as_of, self.as_of]
        if self.fids is not None:
            clauses.append("t.fid >= ? AND t.fid < ?")
            values += self.fids
        types = column_types(self.schema)
        for condition in self.where:
            clause, parameters = _condition(condition, types)
            clauses.append(clause)
            values += parameters
        return f"FROM {origin} WHERE {' AND '.join(clauses)}", values

    def select(
        self,
        columns: Iterable[str],
        *,
        geometry: bool = False,
        order_by: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[str, list[Any]]:
        """``SELECT`` of the columns, the blob last if wanted. ``KeyError`` for a column that is not there."""
        types = column_types(self.schema)
        names = [f"t.{_checked(name, types)}" for name in columns]
        if geometry:
            names.append("t.geom")
        source, values = self.source()
        text = f"SELECT {', '.join(names)} {source}"
        if order_by is not None:
            direction = "DESC" if descending else "ASC"
            text += f" ORDER BY t.{_checked(order_by, types)} {direction}, t.fid {direction}"
        elif limit is not None or offset:
            text += " ORDER BY t.fid"
        if limit is not None or offset:
            text += " LIMIT ? OFFSET ?"
            values += [-1 if limit is None else int(limit), int(offset)]
        return text, values

    def count(self) -> tuple[str, list[Any]]:
        """``SELECT count(*)``; current rows without a condition are counted in the smallest index."""
        if self.box is None and not self.where and self.as_of is None:
            name = quoted(self.schema.name)
            index = quoted(f"{self.schema.name}_current")
            return f"SELECT count(*) FROM {name} INDEXED BY {index} WHERE retired IS NULL", []
        source, values = self.source()
        return f"SELECT count(*) {source}", values


def _checked(name: str, types: dict[str, ColumnType]) -> str:
    if name not in types:
        raise KeyError(f"no column {name!r}; there are {', '.join(types)}")
    return quoted(name)


def _condition(condition: Condition, types: dict[str, ColumnType]) -> tuple[str, list[Any]]:
    column = f"t.{_checked(condition.column, types)}"
    operator = condition.operator.lower()
    if operator == "isnull":
        return f"{column} IS NULL", []
    if operator == "notnull":
        return f"{column} IS NOT NULL", []
    if operator == "in":
        if isinstance(condition.value, str | bytes) or not isinstance(condition.value, Iterable):
            raise TypeError("the operator 'in' takes a sequence")
        # One JSON parameter instead of a place for each value: no limit on their number.
        return f"{column} IN (SELECT value FROM json_each(?))", [_json([plain(v) for v in condition.value])]
    if operator == "contains":
        text = "".join(f"\\{char}" if char in "\\%_" else char for char in str(condition.value))
        return f"{column} LIKE ? ESCAPE '\\'", [f"%{text}%"]
    if operator == "like":
        return f"{column} LIKE ?", [plain(condition.value)]
    if operator not in _COMPARISONS:
        raise ValueError(f"no operator {condition.operator!r}")
    return f"{column} {_COMPARISONS[operator]} ?", [plain(condition.value)]


def _json(values: list[Any]) -> str:
    import json

    return json.dumps(values, ensure_ascii=False)
