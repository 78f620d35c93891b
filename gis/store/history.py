"""Undo and redo: reverse transactions, found and made from the journal and the versions of the rows alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gis.store.base import JournalEntry
from gis.store.identifiers import quoted
from gis.store.schema import TableSchema
from gis.store.transaction import GeoPackageTransaction, stored_columns

__all__ = ["PROGRAM_TABLES", "original", "reverse", "stacks"]

# Tables of the program whose rows have versions: name, column that names a row, columns that are copied.
PROGRAM_TABLES = (
    ("parkline_meta", "key", ("key", "value")),
    ("parkline_quarantine", "uuid", ("uuid", "table_name", "source", "row", "reason", "row_values")),
)


def stacks(entries: Sequence[JournalEntry]) -> tuple[list[JournalEntry], list[JournalEntry]]:
    """What can be undone and what can be redone, the next one last. ``entries`` as they were written.

    A new edit clears what could be redone. Entries that changed no row are passed over, creation, migration
    and the styles of the map cannot be undone.
    """
    undo: list[JournalEntry] = []
    redo: list[JournalEntry] = []
    for entry in entries:
        if entry.kind in ("create", "migrate", "style") or not entry.counts:
            continue
        if entry.kind == "undo":
            if undo and undo[-1].id == entry.reverses:
                undo.pop()
            redo.append(entry)
        elif entry.kind == "redo":
            if redo and redo[-1].id == entry.reverses:
                redo.pop()
            undo.append(entry)
        else:
            undo.append(entry)
            redo.clear()
    return undo, redo


def original(entry: JournalEntry, entries: Sequence[JournalEntry]) -> JournalEntry:
    """The user's action behind a chain of undo and redo."""
    by_id = {item.id: item for item in entries}
    while entry.kind in ("undo", "redo") and entry.reverses in by_id:
        entry = by_id[entry.reverses]
    return entry


def reverse(
    connection: sqlite3.Connection,
    transaction: GeoPackageTransaction,
    schemas: Sequence[TableSchema],
    reversed_id: int,
) -> None:
    """Take back what a transaction did, as part of another: nothing of the past is rewritten.

    Rows that it bore are retired, named by uuid because later undone edits may have left other versions of
    them; rows that it retired come back as new versions.
    """
    new = transaction.id
    for schema in schemas:
        retired = connection.execute(
            _retire_statement(schema.name, "uuid"), (new, reversed_id, reversed_id)
        ).rowcount
        transaction.note(schema.name, retired=retired)
        names = [name for name in stored_columns(schema) if name not in ("born", "retired")]
        count = connection.execute(
            f"SELECT count(*) FROM {quoted(schema.name)} WHERE retired = ?", (reversed_id,)
        ).fetchone()[0]
        transaction.bear(schema, _bear_statement(schema.name, names), (new, reversed_id), count)
    present = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, key, columns in PROGRAM_TABLES:
        if table in present:
            retired = connection.execute(
                _retire_statement(table, key), (new, reversed_id, reversed_id)
            ).rowcount
            born = connection.execute(_bear_statement(table, columns), (new, reversed_id)).rowcount
            transaction.note(table, born=born, retired=retired)


def _retire_statement(table: str, key: str) -> str:
    name = quoted(table)
    # Two halves, so that each uses the index of its own (current and past versions).
    return (
        f"UPDATE {name} SET retired = ? WHERE retired IS NULL AND {key} IN ("
        f"SELECT {key} FROM {name} WHERE retired IS NULL AND born = ? UNION ALL "
        f"SELECT {key} FROM {name} WHERE retired IS NOT NULL AND born = ?)"
    )


def _bear_statement(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(quoted(name) for name in columns)
    return (
        f"INSERT INTO {quoted(table)} ({names}, born) "
        f"SELECT {names}, ? FROM {quoted(table)} WHERE retired = ? ORDER BY fid"
    )
