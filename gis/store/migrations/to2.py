"""Version 2 keeps what an import refused, and how columns were matched."""

from __future__ import annotations

import sqlite3

__all__ = ["INFO", "migrate"]

INFO = "Add the quarantine of refused rows and the memory of column mappings."

_QUARANTINE = """
CREATE TABLE parkline_quarantine (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, tx INTEGER NOT NULL, "table" TEXT NOT NULL, source TEXT NOT NULL,
  row INTEGER NOT NULL, reason TEXT NOT NULL, "values" TEXT NOT NULL, wkb BLOB)
"""
_MAPPING = """
CREATE TABLE parkline_mapping (
  "table" TEXT NOT NULL, signature TEXT NOT NULL, mapping TEXT NOT NULL, tx INTEGER NOT NULL,
  PRIMARY KEY ("table", signature))
"""


def migrate(connection: sqlite3.Connection) -> None:
    """Create both tables."""
    for statement in (_QUARANTINE, _MAPPING):
        connection.execute(statement)
