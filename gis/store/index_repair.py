"""Spatial indexes that another program has taken away or left behind: found cheaply, made anew.

QGIS and GDAL can drop and create the R-tree of a layer, and a program without its functions drops the triggers
that keep it right. Reads by box then go through the rows; the first transaction makes the index again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from gis.store.blob import is_empty
from gis.store.identifiers import quoted
from gis.store.spatial_index import NODE_LENGTH, create_index, index_name, rebuild

__all__ = ["missing_indexes", "rebuild_index"]

_SHADOWS = {
    "_node": "nodeno INTEGER PRIMARY KEY, data",
    "_rowid": "rowid INTEGER PRIMARY KEY, nodeno",
    "_parent": "nodeno INTEGER PRIMARY KEY, parentnode",
}


def missing_indexes(connection: sqlite3.Connection, tables: Iterable[str]) -> frozenset[str]:
    """Those of the tables whose index is not whole: parts or triggers are gone, or the last row is not in it."""
    present = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    return frozenset(table for table in tables if not _stands(connection, table, present))


def _stands(connection: sqlite3.Connection, table: str, present: set[str]) -> bool:
    rtree = index_name(table)
    needed = {rtree, *(rtree + shadow for shadow in _SHADOWS), f"{rtree}_insert", f"{rtree}_delete"}
    # The names of the triggers for updates differ between versions of the standard.
    updates = sum(name.startswith(f"{rtree}_update") for name in present)
    if not needed <= present or updates < 4:
        return False
    try:
        connection.execute(f"SELECT id FROM {quoted(rtree)} LIMIT 1").fetchone()
        last = connection.execute(
            f"SELECT fid, substr(geom, 1, 8) FROM {quoted(table)} WHERE geom NOTNULL ORDER BY fid DESC LIMIT 1"
        ).fetchone()
        if last is None or is_empty(last[1]):
            return True
        entered = connection.execute(f"SELECT 1 FROM {quoted(rtree + '_rowid')} WHERE rowid = ?", last[:1])
        return entered.fetchone() is not None
    except sqlite3.DatabaseError:
        return False


def rebuild_index(connection: sqlite3.Connection, table: str) -> None:
    """Make the index of a table anew from its rows, whatever was left of it; part of a transaction."""
    rtree = index_name(table)
    triggers = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? AND substr(name, 1, ?) = ?",
        (table, len(rtree) + 1, f"{rtree}_"),
    ).fetchall()
    for (name,) in triggers:
        connection.execute(f"DROP TRIGGER {quoted(name)}")
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if rtree in there:
        # SQLite drops an R-tree only while all its parts are there and its root has the length of a node.
        for shadow, columns in _SHADOWS.items():
            connection.execute(f"CREATE TABLE IF NOT EXISTS {quoted(rtree + shadow)} ({columns})")
        node = quoted(f"{rtree}_node")
        connection.execute(f"DELETE FROM {node}")
        connection.execute(f"INSERT INTO {node} VALUES (1, zeroblob({NODE_LENGTH}))")
        connection.execute(f"DROP TABLE {quoted(rtree)}")
    for shadow in _SHADOWS:
        connection.execute(f"DROP TABLE IF EXISTS {quoted(rtree + shadow)}")
    connection.execute(
        "DELETE FROM gpkg_extensions WHERE table_name = ? AND extension_name = 'gpkg_rtree_index'", (table,)
    )
    create_index(connection, table)
    rebuild(connection, table)
