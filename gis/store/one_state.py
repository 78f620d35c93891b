"""Several connections that read one and the same state of a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from gis.store.native_connection import NativeConnection

__all__ = ["Held", "begun_together", "data_version"]


@dataclass(frozen=True)
class Held:
    """The connections of a thread that reads one state of the file."""

    connection: sqlite3.Connection
    natives: Sequence[NativeConnection]


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes when another connection has committed; inside a transaction that of its own state."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def begun_together(connection: sqlite3.Connection, natives: Sequence[NativeConnection], wait: float) -> bool:
    """Begin a reading transaction on all; False if they may see different states, and the first has not begun then.

    The first sees no commit of others since before the rest began: so the rest see what it sees. None waits for a
    writer meanwhile, who would be waiting for those that have begun. ``wait``: seconds that the first one waits
    otherwise.
    """
    before = data_version(connection)
    try:
        connection.execute("PRAGMA busy_timeout=0")
        for native in natives:
            native.execute("BEGIN; SELECT count(*) FROM sqlite_master")
        connection.execute("BEGIN")
        if data_version(connection) == before:
            return True
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
    finally:
        connection.execute(f"PRAGMA busy_timeout={round(wait * 1000)}")
    if connection.in_transaction:
        connection.execute("COMMIT")
    return False
