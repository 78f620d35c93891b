"""Forward migrations of the project schema: one module per version, each with ``INFO`` and ``migrate``.

Version 1 held layers, journal and meta. A file is migrated at its first write, in the transaction of
that write; until then an older file can be read as it is. A newer file is refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from gis.store.migrations import to2

__all__ = ["SCHEMA_VERSION", "migrate", "steps"]

_STEPS: tuple[tuple[int, str, Callable[[sqlite3.Connection], None]], ...] = ((2, to2.INFO, to2.migrate),)

SCHEMA_VERSION = _STEPS[-1][0]


def steps(version: int) -> tuple[str, ...]:
    """What has to be done to a file of that version, in words."""
    return tuple(info for target, info, _ in _STEPS if target > version)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file up to date inside the transaction under way."""
    for target, _, step in _STEPS:
        if target > version:
            step(connection)
            connection.execute(
                "UPDATE parkline_meta SET value = ? WHERE key = 'schema_version'", (str(target),)
            )
