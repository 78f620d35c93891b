"""States of a project file that are kept: made before the first write, listed, pruned and brought back.

A backup is a whole project file, made by SQLite's backup interface in a folder beside the project, or in another
one where that folder cannot be written or has too little room.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from gis.errors import ParkLineError
from gis.progress import Progress, scaled, silent
from gis.store import journal
from gis.store.base import JournalEntry, Store
from gis.store.connection import connect
from gis.store.creation import check_file, copy_database, schema_version, write_whole
from gis.store.failures import known_failures
from gis.store.geopackage import GeoPackageStore
from gis.store.ownership import LockedError, Ownership
from gis.text import tr

__all__ = ["KEPT", "Backup", "BackupKeeper", "back_up", "backups_of", "beside", "entries_since", "restore"]

KEPT = 10
_NEWEST = 5  # of the kept ones; the others are the last of earlier days
_ROOM = 3  # times the size of the project that must be free for one more
_EVERY = 1800.0  # seconds between two backups of one session
_PAGES = 256  # copied between two looks at Cancel: a megabyte
_NAME = re.compile(r"(\d{8}-\d{6})-(\d+)(-damaged)?\.gpkg")
_STAMP = "%Y%m%d-%H%M%S"
_log = logging.getLogger("parkline")


@dataclass(frozen=True, slots=True)
class Backup:
    """One kept state: when it was made (UTC), how many bytes it takes and up to which transaction it goes."""

    path: Path
    at: dt.datetime
    size: int
    transaction: int
    damaged: bool = False


def beside(project: Path) -> Path:
    """The folder for the backups of a project that lies where files can be written."""
    return project.with_name(f"{project.name}.backups")


def backups_of(project: Path, *elsewhere: Path) -> list[Backup]:
    """The kept states of a project, the newest first, from the folder beside it and from others."""
    found = []
    for folder in (beside(project), *elsewhere):
        with suppress(OSError):
            for path in folder.iterdir():
                name = _NAME.fullmatch(path.name)
                if name is not None:
                    at = dt.datetime.strptime(name[1], _STAMP).replace(tzinfo=dt.UTC)
                    size = path.stat().st_size
                    found.append(Backup(path, at, size, int(name[2]), name[3] is not None))
    return sorted(found, key=lambda item: (item.at, item.transaction), reverse=True)


def back_up(
    store: Store, *elsewhere: Path, progress: Progress = silent, even_if_kept: bool = False
) -> Backup | None:
    """Keep the present state of a project; None if the newest backup holds it already.

    ``elsewhere`` are folders to try after the one beside the project. Raises ``ParkLineError`` if none has room.
    """
    newest = store.journal(limit=1)
    transaction = newest[0].id if newest else 0
    known = backups_of(store.path, *elsewhere)
    if known and not even_if_kept and _holds(known[0], store.path, transaction):
        return None
    size = store.path.stat().st_size
    for folder in (beside(store.path), *elsewhere):
        if not _has_room(folder, size):
            continue
        target = _free_name(folder, transaction)
        store.save_copy(target, progress=progress)
        _prune(store.path, elsewhere)
        return next((item for item in backups_of(store.path, *elsewhere) if item.path == target), None)
    raise ParkLineError(
        tr("没有可以存放备份的位置：文件夹不可写，或磁盘空间不足。"),
        hint=tr("请腾出空间，或用“另存副本”把项目存到别处。"),
        file=store.path,
    )


def _holds(backup: Backup, project: Path, transaction: int) -> bool:
    """Whether a backup was made of this very state; another program writes without a transaction of ours."""
    if backup.damaged or backup.transaction != transaction:
        return False
    written = [project, project.with_name(f"{project.name}-wal")]
    return all(not item.exists() or item.stat().st_mtime <= backup.path.stat().st_mtime for item in written)


def _has_room(folder: Path, size: int) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _ROOM * size
    except OSError:
        return False


def _free_name(folder: Path, transaction: int, ending: str = "") -> Path:
    moment = dt.datetime.now(dt.UTC)
    while (target := folder / f"{moment.strftime(_STAMP)}-{transaction}{ending}.gpkg").exists():
        moment += dt.timedelta(seconds=1)
    return target


def _prune(project: Path, elsewhere: Sequence[Path]) -> None:
    """The newest stay, and of each earlier day the last, `KEPT` in all."""
    known = [item for item in backups_of(project, *elsewhere) if not item.damaged]
    kept = known[:_NEWEST]
    days = {item.at.date() for item in kept}
    for item in known[_NEWEST:]:
        if len(kept) < KEPT and item.at.date() not in days:
            kept.append(item)
            days.add(item.at.date())
    for item in known[_NEWEST:]:  # room that days without work leave goes to the newest
        if len(kept) < KEPT and item not in kept:
            kept.append(item)
    for item in known:
        if item not in kept:
            with suppress(OSError):
                item.path.unlink()


def entries_since(store: Store, backup: Backup) -> list[JournalEntry]:
    """The transactions of a project that a backup does not have, the newest first."""
    with known_failures(backup.path), closing(connect(backup.path, "ro")) as connection:
        had = {(entry.id, entry.at) for entry in journal.entries(connection)}
    return [entry for entry in store.journal(limit=None) if (entry.id, entry.at) not in had]


def restore(project: Path, backup: Backup, *elsewhere: Path, progress: Progress = silent) -> Path:
    """Bring a kept state back into the project file, which nobody of this program has open.

    The present state is kept first, and its path given. Raises ``ParkLineError`` if somebody else is writing the
    project, if the backup is damaged or if there is no room; the project is then as it was.
    """
    check_file(backup.path)
    ownership = Ownership(project)
    holder = ownership.claim()
    if holder is not None:
        raise LockedError(holder, project)
    try:
        with known_failures(backup.path), closing(connect(backup.path, "ro")) as source:
            schema_version(source, backup.path)
            _sound(source, backup.path)
            present = _keep_present(project, elsewhere, scaled(progress, 0.0, 0.5))
            _put_back(source, project, backup, scaled(progress, 0.5, 1.0))
    finally:
        ownership.release()
    return present


def _sound(source: sqlite3.Connection, path: Path) -> None:
    if source.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise ParkLineError(tr("这个备份已损坏。"), hint=tr("请换一个更早的备份。"), file=path)


def _keep_present(project: Path, elsewhere: Sequence[Path], progress: Progress) -> Path:
    """A backup of the state that is about to be replaced; of a file that cannot be read, its bytes."""
    try:
        with GeoPackageStore.open(project) as store:
            made = back_up(store, *elsewhere, progress=progress, even_if_kept=True)
        if made is not None:
            return made.path
    except ParkLineError:
        if not project.exists():
            return project
    size = project.stat().st_size
    for folder in (beside(project), *elsewhere):
        if _has_room(folder, size):
            target = _free_name(folder, 0, "-damaged")
            try:
                shutil.copyfile(project, target)
            except OSError as error:
                target.unlink(missing_ok=True)
                raise ParkLineError(
                    tr("现有的项目文件无法留存：{reason}。", reason=error.strerror or str(error)),
                    hint=tr("项目没有改动。请先把项目文件复制到别处。"),
                    file=project,
                ) from error
            return target
    raise ParkLineError(
        tr("没有可以存放备份的位置：文件夹不可写，或磁盘空间不足。"),
        hint=tr("请腾出空间，或用“另存副本”把项目存到别处。"),
        file=project,
    )


def _put_back(source: sqlite3.Connection, project: Path, backup: Backup, progress: Progress) -> None:
    """By SQLite in one transaction where there is a database, so that whoever reads it sees one state or the other."""

    def report(_status: int, remaining: int, total: int) -> None:
        if remaining:  # after the last page it is done, and nothing can be cancelled any more
            progress(1 - remaining / max(total, 1), tr("正在恢复备份"))

    why = tr("从备份恢复：{at} 的状态", at=backup.at.astimezone().strftime("%Y-%m-%d %H:%M:%S"))
    try:
        check_file(project)
        with known_failures(project), closing(connect(project, "rw")) as target:
            source.backup(target, pages=_PAGES, progress=report)
            _note(target, why)
    except ParkLineError:
        if project.exists() and not _is_no_database(project):
            raise

        def write(part: Path) -> None:
            copy_database(source, part, progress)
            with closing(connect(part, "rw")) as copy:
                _note(copy, why)

        for suffix in ("-wal", "-shm", "-journal"):  # they belong to what was no database any more
            project.with_name(project.name + suffix).unlink(missing_ok=True)
        write_whole(project, write)


def _is_no_database(project: Path) -> bool:
    try:
        with closing(connect(project, "ro")) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
    return False


def _note(connection: sqlite3.Connection, why: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    journal.add_entry(connection, "", why, "migrate")
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = DELETE").fetchall()


class BackupKeeper:
    """Makes the backups of a session: before its first write to a project, and every so often before others.

    ``elsewhere`` gives the folder to use where the one beside a project cannot be. A backup that cannot be made
    never keeps an edit from being saved; ``problem`` says why.
    """

    def __init__(self, elsewhere: Callable[[Path], Path] | None = None, every: float = _EVERY) -> None:
        self._elsewhere, self._every = elsewhere, every
        self._made: dict[Path, float] = {}
        self._guard = threading.Lock()
        self.problem: ParkLineError | None = None

    def ahead(self, store: Store, progress: Progress = silent) -> None:
        """Called in a worker when a write is likely to come: `before_write` then has nothing to copy.

        Whatever else is written to the file meanwhile, it notices, and copies again.
        """
        with self._guard:
            if store.path not in self._made:
                self._keep(store, progress)

    def before_write(self, store: Store, progress: Progress = silent) -> None:
        """Called in a worker before something is written. ``Cancelled`` comes through."""
        now = time.monotonic()
        with self._guard:
            last = self._made.get(store.path)
            if last is not None and now - last < self._every:
                return
            if self._keep(store, progress):
                self._made[store.path] = now

    def _keep(self, store: Store, progress: Progress) -> bool:
        """Back up what is worth it; False for a project that cannot be written now."""
        if store.read_only or store.holder is not None:
            return False
        newest = store.journal(limit=1)
        if newest and newest[0].id > 1:  # an empty project is worth nothing
            try:
                others = () if self._elsewhere is None else (self._elsewhere(store.path),)
                back_up(store, *others, progress=progress)
                self.problem = None
            except (ParkLineError, OSError) as error:
                _log.warning("no backup of %s: %s", store.path, error)
                self.problem = error if isinstance(error, ParkLineError) else None
        return True
