"""The project as it was saved at an earlier time: a copy from which later transactions are taken out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from gis.errors import ParkLineError
from gis.progress import Progress, scaled, silent
from gis.store import ddl, spatial_index
from gis.store.base import JournalEntry, Store
from gis.store.connection import connect
from gis.store.creation import write_whole
from gis.store.history import PROGRAM_TABLES
from gis.store.identifiers import quoted
from gis.text import tr

__all__ = ["entered_on", "last_entry_on", "write_earlier"]


def entered_on(entry: JournalEntry) -> dt.date:
    """The local calendar day of a transaction."""
    return dt.datetime.fromisoformat(entry.at.replace("Z", "+00:00")).astimezone().date()


def last_entry_on(entries: Iterable[JournalEntry], day: dt.date) -> JournalEntry | None:
    """The last transaction until the end of a local day; None for a day before the first."""
    known = [entry for entry in entries if entered_on(entry) <= day]
    return max(known, key=lambda entry: entry.id, default=None)


def write_earlier(
    store: Store, path: Path, transaction: int, *, overwrite: bool = False, progress: Progress = silent
) -> None:
    """Write the project as it was after ``transaction`` to another file, whole or not at all.

    Tables that came later are there and empty. ``ParkLineError`` if the path is taken (unless ``overwrite``) or
    cannot be written.
    """
    if path.exists() and not overwrite:
        raise ParkLineError(tr("文件已存在，不会覆盖。"), hint=tr("请换一个文件名。"), file=path)

    def write(part: Path) -> None:
        store.save_copy(part, progress=scaled(progress, 0.0, 0.6))
        _take_out(part, transaction, scaled(progress, 0.6, 1.0))

    write_whole(path, write)


def _take_out(path: Path, transaction: int, progress: Progress) -> None:
    """Rows that later transactions bore go, rows that they retired are current again."""
    with closing(connect(path, "rw")) as connection:
        spatial_index.register_functions(connection)
        present = {
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        stored = [schema.name for schema in ddl.read_schemas(connection)]
        names = [*stored, *(name for name, _key, _columns in PROGRAM_TABLES if name in present)]
        connection.execute("BEGIN IMMEDIATE")
        for number, name in enumerate(names):
            progress(number / len(names), tr("还原 {table}", table=name))
            # First these: of a row only one version may be current.
            connection.execute(f"DELETE FROM {quoted(name)} WHERE born > ?", (transaction,))
            connection.execute(f"UPDATE {quoted(name)} SET retired = NULL WHERE retired > ?", (transaction,))
        connection.execute("DELETE FROM parkline_journal WHERE id > ?", (transaction,))
        connection.execute("COMMIT")
