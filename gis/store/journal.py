"""The journal: one entry per transaction, and the undo stack that follows from it.

What a transaction did to each row is not written a second time: the row versions carry the numbers of
the transactions that bore and retired them.
"""

from __future__ import annotations

import datetime as dt
import getpass
import json
import sqlite3

from gis.store.base import Change, JournalEntry
from gis.store.blob import bare_wkb
from gis.store.identifiers import quoted
from gis.store.query import column_names
from gis.store.schema import TableSchema

__all__ = ["add_entry", "changes_of", "entries", "reverse", "set_counts", "undo_and_redo_targets"]

Counts = dict[str, tuple[int, int]]


def add_entry(connection: sqlite3.Connection, why: str, kind: str, reverses: int | None = None) -> int:
    """Write the entry of the transaction just begun and return its number."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    cursor = connection.execute(
        "INSERT INTO parkline_journal (at, who, why, kind, reverses) VALUES (?, ?, ?, ?, ?)",
        (now, _user(), why, kind, reverses),
    )
    return int(cursor.lastrowid or 0)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


def set_counts(connection: sqlite3.Connection, transaction: int, counts: Counts) -> None:
    """Complete an entry with the rows born and retired in each table."""
    kept = {table: list(pair) for table, pair in counts.items() if any(pair)}
    connection.execute(
        "UPDATE parkline_journal SET counts = ? WHERE id = ?",
        (json.dumps(kept, ensure_ascii=False), transaction),
    )


def undo_and_redo_targets(
    connection: sqlite3.Connection, *, before: int | None = None
) -> tuple[list[int], list[int]]:
    """Transactions that can be undone and redone, the next one last; as it stood before entry ``before``.

    Replayed from the journal, so it is the same after a restart. A redo stands on the undo stack for
    what it brought back; a new edit empties the redo stack.
    """
    undo: list[int] = []
    redo: list[int] = []
    rows = connection.execute(
        "SELECT id, kind FROM parkline_journal WHERE ?1 IS NULL OR id < ?1 ORDER BY id", (before,)
    )
    for number, kind in rows:
        if kind == "undo":
            undo.pop()
            redo.append(number)
        elif kind == "redo":
            redo.pop()
            undo.append(number)
        elif kind in {"edit", "import"}:
            undo.append(number)
            redo.clear()
    return undo, redo


def entries(connection: sqlite3.Connection, limit: int) -> list[JournalEntry]:
    """The newest entries first; an entry is undone if it no longer stands on the undo stack."""
    standing, _ = undo_and_redo_targets(connection)
    reverses = dict(connection.execute("SELECT id, reverses FROM parkline_journal"))
    # A redo on the stack stands for the edit at the end of its chain of reversals.
    alive = set()
    for number in standing:
        link: int | None = number
        while link is not None:
            alive.add(link)
            link = reverses.get(link)
    rows = connection.execute(
        "SELECT id, at, who, why, kind, counts, reverses FROM parkline_journal ORDER BY id DESC LIMIT ?",
        (limit,),
    )
    return [
        JournalEntry(
            id=number,
            at=at,
            who=who,
            why=why,
            kind=kind,
            counts={table: (pair[0], pair[1]) for table, pair in json.loads(counts).items()},
            reverses=reversed_,
            undone=kind in {"edit", "import"} and number not in alive,
        )
        for number, at, who, why, kind, counts, reversed_ in rows
    ]


def _touched(
    connection: sqlite3.Connection, transaction: int, schemas: dict[str, TableSchema]
) -> list[TableSchema]:
    row = connection.execute("SELECT counts FROM parkline_journal WHERE id = ?", (transaction,)).fetchone()
    return [] if row is None else [schemas[table] for table in json.loads(row[0]) if table in schemas]


def changes_of(
    connection: sqlite3.Connection, transaction: int, schemas: dict[str, TableSchema]
) -> list[Change]:
    """Before and after of every row a transaction touched."""
    found: list[Change] = []
    for schema in _touched(connection, transaction, schemas):
        names = [*column_names(schema), *(["geom"] if schema.geometry else [])]
        select = f"SELECT {', '.join(quoted(name) for name in names)} FROM {quoted(schema.name)} "
        before = _versions(
            connection, select + "WHERE retired = ? AND born < ?", (transaction, transaction), names
        )
        after = _versions(
            connection,
            select + "WHERE born = ? AND (retired IS NULL OR retired > ?)",
            (transaction, transaction),
            names,
        )
        found += [
            Change(schema.name, uuid, before.get(uuid), after.get(uuid))
            for uuid in dict.fromkeys([*before, *after])
        ]
    return found


def _versions(
    connection: sqlite3.Connection, sql: str, parameters: tuple[int, int], names: list[str]
) -> dict[str, dict[str, object]]:
    versions: dict[str, dict[str, object]] = {}
    for row in connection.execute(sql, parameters):
        values: dict[str, object] = dict(zip(names, row, strict=True))
        if "geom" in values:
            blob = values.pop("geom")
            values["geometry"] = bare_wkb([blob if isinstance(blob, bytes) else None])[0]
        versions[str(values["uuid"])] = values
    return versions


def reverse(
    connection: sqlite3.Connection, target: int, transaction: int, schemas: dict[str, TableSchema]
) -> Counts:
    """Turn the row versions round: what ``target`` bore is retired, what it retired is born again.

    ``transaction`` is the number of the transaction that does it. Returns the counts per table.
    """
    counts: Counts = {}
    for schema in _touched(connection, target, schemas):
        name = quoted(schema.name)
        columns = [*column_names(schema), *(["geom"] if schema.geometry else [])]
        kept = ", ".join(quoted(column) for column in columns if column not in {"born", "retired"})
        gone = connection.execute(
            f"UPDATE {name} SET retired = ? WHERE retired IS NULL AND uuid IN (SELECT uuid FROM {name} WHERE born = ?)",
            (transaction, target),
        ).rowcount
        back = connection.execute(
            f"INSERT INTO {name} ({kept}, born) SELECT {kept}, ? FROM {name} WHERE retired = ? AND born < ?",
            (transaction, target, target),
        ).rowcount
        counts[schema.name] = (back, gone)
    return counts
