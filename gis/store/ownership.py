"""Who may write a project file: one program at a time, named by a small file beside it.

SQLite keeps two transactions apart, but not two people who edit what the other has just changed. A lock file says
who is writing, on which machine and since when. It is taken over where its holder is certainly gone: a process of
this machine that has ended, or another machine that has not renewed it for minutes by the clock of the file's own
disk (the clocks of two machines need not agree). Stores of one process share a lock.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import socket
import tempfile
import threading
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from gis.errors import ParkLineError
from gis.store.processes import is_running, login_name, started_at
from gis.text import tr

__all__ = ["Holder", "LockedError", "Ownership", "lock_file"]

_RENEWED_EVERY = 20.0  # seconds
_FORGOTTEN_AFTER = 180.0  # seconds without renewal until a lock of another machine counts as left behind
_UNREADABLE_AFTER = 10.0  # seconds until a lock file that names nobody counts as left behind
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a project: ``since`` is ISO 8601 in UTC, ``started`` tells processes of one number apart."""

    user: str
    host: str
    pid: int
    since: str
    started: str
    token: str

    @property
    def since_local(self) -> str:
        """Since when, on the clock of this machine."""
        try:
            moment = dt.datetime.fromisoformat(self.since).astimezone()
        except ValueError:
            return self.since
        return moment.strftime("%Y-%m-%d %H:%M")

    def sentence(self) -> str:
        """Who is writing, for people."""
        return tr(
            "{user} 正在 {host} 上编辑这个项目（{since} 起）。",
            user=self.user or tr("另一位用户"),
            host=self.host or tr("另一台电脑"),
            since=self.since_local,
        )


class LockedError(ParkLineError):
    """Somebody else is writing the project; ``holder`` says who."""

    def __init__(self, holder: Holder, file: Path) -> None:
        super().__init__(
            tr("{who}本次修改没有保存。", who=holder.sentence()),
            hint=tr("现在只能查看。请等对方关闭项目后点“重新尝试”，或另存副本后编辑。"),
            file=file,
        )
        self.holder = holder


def lock_file(path: Path) -> Path:
    """The file beside a project that names who writes it."""
    return path.with_name(f"{path.name}.lock")


class _Held:
    """One lock of this process, renewed by a thread of its own, with the number of stores that share it."""

    def __init__(self, lock: Path, me: Holder) -> None:
        self.lock, self.me, self.users = lock, me, 1
        self._stop = threading.Event()
        threading.Thread(target=self._renew, name="project lock", daemon=True).start()

    def _renew(self) -> None:
        while not self._stop.wait(_RENEWED_EVERY):
            with contextlib.suppress(OSError):  # a share that is gone for a while may come back
                if _read(self.lock) == self.me:
                    os.utime(self.lock)

    def let_go(self) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            if _read(self.lock) == self.me:
                self.lock.unlink()


_guard = threading.RLock()
_held: dict[Path, _Held] = {}  # by lock file


class Ownership:
    """One store's claim to write one file. ``claim`` may be called at any time; ``release`` at the end."""

    def __init__(self, path: Path) -> None:
        self._lock = lock_file(path.absolute().resolve())
        self._path = path
        self._mine = False
        self.holder: Holder | None = None

    def claim(self) -> Holder | None:
        """Take the file for writing, or keep it. Gives who stands in the way; None if nobody does.

        Where no lock can be written at all, SQLite will say why nothing else can either.
        """
        with _guard:
            if self._mine and not self._still_mine():
                self.release()
            if not self._mine:
                self.holder = self._take()
            return self.holder

    def require(self) -> None:
        """``LockedError`` if somebody else writes the file."""
        holder = self.claim()
        if holder is not None:
            raise LockedError(holder, self._path)

    def release(self) -> None:
        """Let go; the last store of this process that does removes the file."""
        with _guard:
            if not self._mine:
                return
            self._mine = False
            held = _held[self._lock]
            held.users -= 1
            if held.users == 0:
                del _held[self._lock]
                held.let_go()

    def _still_mine(self) -> bool:
        held = _held[self._lock]
        try:
            found = _read(self._lock)
        except OSError:
            return True  # the medium is away; whoever writes will be told by SQLite
        return found == held.me

    def _take(self) -> Holder | None:
        held = _held.get(self._lock)
        if held is not None:
            held.users += 1
            self._mine = True
            return None
        me = _myself()
        try:
            standing = _create(self._lock, me)
        except OSError:
            return None
        if standing is None:
            _held[self._lock] = _Held(self._lock, me)
            self._mine = True
        return standing


def _myself() -> Holder:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return Holder(
        login_name(), socket.gethostname(), os.getpid(), now, started_at(os.getpid()), uuid.uuid4().hex
    )


def _create(lock: Path, me: Holder) -> Holder | None:
    """Make the lock file, and give who has it already; a lock that is left behind is put aside first."""
    standing: Holder | None = None
    for _attempt in range(_ATTEMPTS):
        try:
            handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            standing = _read(lock)
            if standing is None:
                continue  # it went between the two looks
            if not _left_behind(lock, standing):
                return standing
            _put_aside(lock, standing, me)
            continue
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(me), file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        return None
    return standing


def _read(lock: Path) -> Holder | None:
    """Who a lock file names; None if there is none. One that cannot be understood names nobody."""
    try:
        text = lock.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return None
    try:
        found = json.loads(text)
        return Holder(
            user=str(found["user"]), host=str(found["host"]), pid=int(found["pid"]), since=str(found["since"]),
            started=str(found["started"]), token=str(found["token"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return Holder("", "", 0, "", "", "")


def _left_behind(lock: Path, holder: Holder) -> bool:
    """Whether the holder of a lock is certainly gone."""
    if holder.host == socket.gethostname() and holder.pid:
        return not is_running(holder.pid, holder.started)
    try:
        age = _time_there(lock.parent) - lock.stat().st_mtime
    except OSError:
        return False
    return age > (_FORGOTTEN_AFTER if holder.token else _UNREADABLE_AFTER)


def _time_there(folder: Path) -> float:
    """The time by the clock of the disk or server that the folder lies on."""
    try:
        with tempfile.NamedTemporaryFile(prefix=".parkline-", dir=folder) as probe:
            return os.fstat(probe.fileno()).st_mtime
    except OSError:
        return time.time()


def _put_aside(lock: Path, standing: Holder, me: Holder) -> None:
    """Take a lock that was left behind out of the way; somebody else may be doing the same."""
    aside = lock.with_name(f"{lock.name}.{me.token}")
    with contextlib.suppress(OSError):
        lock.rename(aside)
        if _read(aside) == standing:
            aside.unlink()
            return
        # It was a new one, made between our look and our hand.
        if not lock.exists():
            aside.rename(lock)
        else:
            aside.unlink()
