"""One column of a table at a time, and the row ids behind it: what sorting and filtering need of a million rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.store.identifiers import quoted
from gis.store.query import column_types
from gis.store.schema import TableSchema

if TYPE_CHECKING:
    from gis.store.native_connection import NativeConnection

__all__ = ["ColumnPortion", "arrow_columns_of", "column_values", "current_fids", "portion_starts"]

ColumnPortion = tuple[NDArray[np.int64], list[Any]]  # row ids, and an Arrow array for each column

_PORTION = 2000


def current_fids(connection: sqlite3.Connection, table: str) -> NDArray[np.int64]:
    """Row ids of the current rows, ascending.

    Row versions stay in the file, so that ids usually have no gaps: then only the retired ones are read.
    """
    name = quoted(table)
    first = connection.execute(f"SELECT min(fid) FROM {name}").fetchone()[0]
    if first is None:
        return np.empty(0, dtype=np.int64)
    last = connection.execute(f"SELECT max(fid) FROM {name}").fetchone()[0]
    current = connection.execute(
        f"SELECT count(*) FROM {name} INDEXED BY {quoted(f'{table}_current')} WHERE retired IS NULL"
    ).fetchone()[0]
    retired = _fids(
        connection, f"SELECT fid FROM {name} INDEXED BY {quoted(f'{table}_past')} WHERE retired IS NOT NULL"
    )
    if current + len(retired) == last - first + 1:
        kept = np.ones(last - first + 1, dtype=np.bool_)
        kept[retired - first] = False
        whole: NDArray[np.int64] = np.arange(first, last + 1, dtype=np.int64)
        return whole[kept]
    fids = _fids(
        connection, f"SELECT fid FROM {name} INDEXED BY {quoted(f'{table}_current')} WHERE retired IS NULL"
    )
    fids.sort()
    return fids


def column_values(
    connection: sqlite3.Connection, schema: TableSchema, column: str
) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...]]]:
    """Row ids and stored values of a column of the current rows, in portions, in whatever order is fastest.

    ``KeyError`` for a column that is not there.
    """
    for rows in _portions(connection.execute(_statement(connection, schema, [column]))):
        fids, values = zip(*rows, strict=True)
        yield fids, values


def arrow_columns_of(
    connection: sqlite3.Connection,
    native: NativeConnection | None,
    schema: TableSchema,
    columns: Sequence[str],
) -> Iterator[ColumnPortion]:
    """Row ids and Arrow arrays of columns of the current rows, as `column_values` gives the values of one."""
    from gis.store.arrow_columns import array_of, arrow_type

    statement = _statement(connection, schema, columns)
    kinds = [column_types(schema)[name] for name in columns]
    if native is not None:
        from gis.store.native_rows import native_columns

        yield from native_columns(native, statement, kinds)
        return
    for rows in _portions(connection.execute(statement)):
        fids, *values = zip(*rows, strict=True)
        yield (
            np.array(fids, dtype=np.int64),
            [array_of(some, arrow_type(kind)) for some, kind in zip(values, kinds, strict=True)],
        )


def _statement(connection: sqlite3.Connection, schema: TableSchema, columns: Sequence[str]) -> str:
    """SELECT of the row id and the columns of all current rows."""
    for column in columns:
        if column not in column_types(schema):
            raise KeyError(f"no column {column!r} in {schema.name}")
    own = f"{schema.name}_by_{columns[0]}"
    known = (
        len(columns) == 1
        and connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", (own,)
        ).fetchone()
    )
    # An index over the column holds all that is asked for; else the table is read from front to back.
    way = f"INDEXED BY {quoted(own)}" if known else "NOT INDEXED"
    names = ", ".join(map(quoted, columns))
    return f"SELECT fid, {names} FROM {quoted(schema.name)} {way} WHERE retired IS NULL"


def portion_starts(connection: sqlite3.Connection, table: str, size: int) -> Iterator[int]:
    """The first row ids of portions of so many ids; ids may have wide gaps. ``table`` is quoted."""
    where: str = ""
    values: tuple[int, ...] = ()
    while True:
        found = connection.execute(f"SELECT fid FROM {table} {where} ORDER BY fid LIMIT 1", values).fetchone()
        if found is None:
            return
        yield found[0]
        where, values = "WHERE fid >= ?", (found[0] + size,)


def _fids(connection: sqlite3.Connection, statement: str) -> NDArray[np.int64]:
    parts = [
        np.array([row[0] for row in rows], dtype=np.int64)
        for rows in _portions(connection.execute(statement))
    ]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _portions(cursor: sqlite3.Cursor) -> Iterator[list[Any]]:
    """Small enough that other threads get their turn, and that a job can be stopped between two."""
    while rows := cursor.fetchmany(_PORTION):
        yield rows
