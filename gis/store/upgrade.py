"""A project file of an older version brought up to date, inside the first transaction."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gis.store import journal
from gis.store.creation import schema_version
from gis.store.migrations import LATEST, pending
from gis.text import tr

__all__ = ["name_for_older", "to_latest"]


def to_latest(connection: sqlite3.Connection, path: Path, user: str, known: int) -> None:
    """Run the migrations from the version ``known`` on and write the entry for them; part of a transaction."""
    # Somebody else may have been first.
    found = schema_version(connection, path)
    steps = [step for step in pending(known) if step.version > found]
    for step in steps:
        step.migrate(connection)
    why = tr("项目文件升级到版本 {version}：", version=LATEST) + "".join(tr(step.info) for step in steps)
    entry = journal.add_entry(connection, user, why, "migrate")
    connection.execute(
        "UPDATE parkline_meta SET retired = ? WHERE key = 'schema_version' AND retired IS NULL",
        (entry,),
    )
    connection.execute(
        "INSERT INTO parkline_meta (key, value, born) VALUES ('schema_version', ?, ?)",
        (str(LATEST), entry),
    )


def name_for_older(path: Path, version: int) -> Path:
    """A name for the copy of an older file that is not taken yet."""
    candidate = path.with_name(f"{path.stem}.v{version}{path.suffix}")
    number = 2
    while candidate.exists():
        candidate = path.with_name(f"{path.stem}.v{version}-{number}{path.suffix}")
        number += 1
    return candidate
