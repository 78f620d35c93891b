"""Version 2: rows that could not be taken are kept, and column mappings are remembered."""

from __future__ import annotations

import sqlite3

from gis.store.ddl import register_extension
from gis.text import mark

__all__ = ["info", "migrate"]

info = mark("增加导入退回记录表和字段对应记忆表。")

_TABLES = """
CREATE TABLE parkline_quarantine (
    fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid TEXT NOT NULL, table_name TEXT NOT NULL,
    source TEXT NOT NULL, row INTEGER, reason TEXT NOT NULL, row_values TEXT NOT NULL,
    born INTEGER NOT NULL, retired INTEGER);
CREATE UNIQUE INDEX parkline_quarantine_uuid ON parkline_quarantine (uuid) WHERE retired IS NULL;
CREATE INDEX parkline_quarantine_born ON parkline_quarantine (born);
CREATE TABLE parkline_mapping (
    table_name TEXT NOT NULL, signature TEXT NOT NULL, mapping TEXT NOT NULL, at DATETIME NOT NULL,
    CONSTRAINT parkline_mapping_key PRIMARY KEY (table_name, signature));
"""


def migrate(connection: sqlite3.Connection) -> None:
    """Create the two tables."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            connection.execute(statement)
    for table in ("parkline_quarantine", "parkline_mapping"):
        register_extension(connection, table)
