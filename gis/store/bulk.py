"""Writing many rows at once: triggers and indexes step aside, and come back in the same transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from gis.store import spatial_index
from gis.store.ddl import count_trigger_names, create_count_triggers, index_statements
from gis.store.identifiers import quoted
from gis.store.schema import TableSchema

__all__ = ["BULK", "next_fid", "row_count", "without_triggers"]

# From this many rows on it pays to drop the triggers; below, they are quicker than the ceremony.
BULK = 2_000
_OWN_INDEXES = 4  # those of ddl.index_statements that stay


def row_count(connection: sqlite3.Connection, table: str) -> int:
    """Number of row versions of a table, as the triggers keep it."""
    row = connection.execute(
        "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?", (table,)
    ).fetchone()
    return int(row[0] or 0) if row else 0


def next_fid(connection: sqlite3.Connection, table: str) -> int:
    """The fid that AUTOINCREMENT gives next."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return 1 + (int(row[0]) if row else 0)


@contextmanager
def without_triggers(
    connection: sqlite3.Connection, schema: TableSchema, adding: int
) -> Iterator[list[tuple[NDArray[np.int64], NDArray[np.float64]]]]:
    """Triggers of the table are gone inside; on leaving, row count and spatial index are brought up to date.

    ``adding`` is the number of row versions to come. Gives a list for (fids, boxes) of rows whose boxes the caller
    knows; boxes are (n, 4): min x, max x, min y, max y. What is not listed is read from the blobs' headers. If the
    body raises, nothing is restored: the transaction is rolled back as a whole.
    """
    before = row_count(connection, schema.name)
    first = next_fid(connection, schema.name)
    for name in count_trigger_names(schema.name):
        connection.execute(f"DROP TRIGGER {quoted(name)}")
    if schema.geometry:
        spatial_index.drop_triggers(connection, schema.name)
    indexes = index_statements(schema)[_OWN_INDEXES:] if adding > before else []
    for name, _statement in indexes:
        connection.execute(f"DROP INDEX {quoted(name)}")
    known: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    yield known
    for _name, statement in indexes:
        connection.execute(statement)
    connection.execute(
        "UPDATE gpkg_ogr_contents SET feature_count = ? WHERE table_name = ?", (before + adding, schema.name)
    )
    create_count_triggers(connection, schema.name)
    if not schema.geometry:
        return
    if adding * 4 > before and before:
        spatial_index.rebuild(connection, schema.name)
    elif known:
        fids, boxes = (np.concatenate(parts) for parts in zip(*known, strict=True))
        spatial_index.fill(connection, schema.name, fids, boxes)
    else:
        spatial_index.fill(
            connection, schema.name, *spatial_index.stored_boxes(connection, schema.name, first)
        )
    spatial_index.create_triggers(connection, schema.name)
