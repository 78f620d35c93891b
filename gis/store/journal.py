"""The journal: one row per transaction, and what each did, told from the versions of the rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gis.store.base import Change, JournalEntry, RowVersion
from gis.store.blob import bare_wkb
from gis.store.identifiers import quoted
from gis.store.schema import ColumnType, TableSchema

__all__ = ["add_entry", "changes", "close_entry", "entries", "row_versions", "touched_since"]


def add_entry(
    connection: sqlite3.Connection, who: str, why: str, kind: str, reverses: int | None = None
) -> int:
    """Begin a transaction's row; gives its id. The time is SQLite's, in UTC."""
    cursor = connection.execute(
        "INSERT INTO parkline_journal (at, who, why, kind, reverses) "
        "VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?, ?, ?, ?)",
        (who, why, kind, reverses),
    )
    return int(cursor.lastrowid or 0)


def close_entry(connection: sqlite3.Connection, entry: int, counts: Mapping[str, tuple[int, int]]) -> None:
    """Write down how many rows each table won and lost."""
    connection.execute(
        "UPDATE parkline_journal SET counts = ? WHERE id = ?",
        (json.dumps({name: list(pair) for name, pair in counts.items()}, ensure_ascii=False), entry),
    )


def entries(
    connection: sqlite3.Connection, limit: int | None = None, ids: Sequence[int] | None = None
) -> list[JournalEntry]:
    """The newest entries first; all of them if ``limit`` is None; only those of the ``ids`` if given.

    An entry is undone if a later one reverses it that is not undone itself.
    """
    reversers = dict(
        connection.execute("SELECT reverses, id FROM parkline_journal WHERE reverses IS NOT NULL ORDER BY id")
    )
    undone: dict[int, bool] = {}
    for entry in sorted(set(reversers) | set(reversers.values()), reverse=True):
        undone[entry] = entry in reversers and not undone.get(reversers[entry], False)
    rows = connection.execute(
        "SELECT id, at, who, why, kind, counts, reverses FROM parkline_journal "
        "WHERE ?1 IS NULL OR id IN (SELECT value FROM json_each(?1)) ORDER BY id DESC LIMIT ?2",
        (None if ids is None else json.dumps(list(ids)), -1 if limit is None else limit),
    )
    return [
        JournalEntry(
            id=row[0],
            at=row[1],
            who=row[2],
            why=row[3],
            kind=row[4],
            counts={name: (pair[0], pair[1]) for name, pair in json.loads(row[5]).items()},
            reverses=row[6],
            undone=undone.get(row[0], False),
        )
        for row in rows
    ]


def touched_since(connection: sqlite3.Connection, transaction: int) -> tuple[int, frozenset[str]]:
    """The newest transaction (0: none), and the tables that those after the given one wrote."""
    newest, tables = 0, set()
    for entry, counts in connection.execute(
        "SELECT id, counts FROM parkline_journal WHERE id >= min(?, (SELECT max(id) FROM parkline_journal)) "
        "ORDER BY id",
        (transaction,),
    ):
        newest = entry
        if entry > transaction:
            tables.update(json.loads(counts))
    return newest, frozenset(tables)


def changes(connection: sqlite3.Connection, schemas: Iterable[TableSchema], transaction: int) -> list[Change]:
    """Rows before and after one transaction. Values are plain: text, numbers, bool, ISO dates, WKB, None."""
    found: list[Change] = []
    for schema in schemas:
        before = _versions(connection, schema, "t.retired = ?", transaction)
        after = _versions(connection, schema, "t.born = ? AND t.retired IS NULL", transaction)
        after |= _versions(connection, schema, "t.born = ? AND t.retired IS NOT NULL", transaction)
        found += [
            Change(schema.name, uuid, before.get(uuid), after.get(uuid))
            for uuid in dict.fromkeys([*before, *after])
        ]
    return found


def row_versions(connection: sqlite3.Connection, schema: TableSchema, uuid: str) -> list[RowVersion]:
    """Every version of one row, oldest first, with values as in ``changes``."""
    found: list[tuple[str, RowVersion]] = []
    # Current and past versions have an index each.
    for validity in ("NULL", "NOT NULL"):
        found += _read(connection, schema, f"t.uuid = ? AND t.retired IS {validity}", uuid)
    return sorted((version for _uuid, version in found), key=lambda version: version.born)


def _versions(
    connection: sqlite3.Connection, schema: TableSchema, where: str, transaction: int
) -> dict[str, dict[str, object]]:
    return {uuid: version.values for uuid, version in _read(connection, schema, where, transaction)}


def _read(
    connection: sqlite3.Connection, schema: TableSchema, where: str, parameter: int | str
) -> Iterator[tuple[str, RowVersion]]:
    names = [column.name for column in schema.columns] + ["source_crs", "source"]
    flags = {column.name for column in schema.columns if column.type is ColumnType.BOOLEAN}
    selected = ", ".join(f"t.{quoted(name)}" for name in names)
    geometry = ", t.geom" if schema.geometry else ""
    rows: Iterable[tuple[Any, ...]] = connection.execute(
        f"SELECT t.uuid, t.born, t.retired, {selected}{geometry} FROM {quoted(schema.name)} AS t "
        f"WHERE {where} ORDER BY t.fid",
        (parameter,),
    )
    for uuid, born, retired, *cells in rows:
        values: dict[str, object] = dict(zip(names, cells, strict=False))
        for name in flags:
            if values[name] is not None:
                values[name] = bool(values[name])
        if schema.geometry:
            values["geometry"] = bare_wkb([cells[-1]])[0]
        yield uuid, RowVersion(born, retired, values)
