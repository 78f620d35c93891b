"""The SQLite connections of one project file: many that read, at most one that writes.

A project file is read with Python's sqlite3 only, never with GDAL (pyogrio, fiona) in this process while a
connection is open: GDAL carries a SQLite library of its own, and when one of two libraries in a process closes
the file, POSIX drops the locks of the other (sqlite.org/howtocorrupt.html, section 2.2.1).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from gis.errors import ParkLineError
from gis.progress import Cancelled
from gis.store.failures import MovedError, known_failures
from gis.store.native_connection import NativeConnection, available
from gis.store.network import is_network_path
from gis.store.one_state import Held, begun_together, data_version
from gis.store.spatial_index import register_functions
from gis.text import tr

__all__ = ["WRITE_WAIT", "Connections", "connect"]

WRITE_WAIT = 2.0  # seconds until a locked file is reported
_READ_WAIT = 10.0
_AT_ONCE = 2  # threads that read a large table together
_COMMIT_WAIT = 15.0  # without WAL a commit waits for those who read; others than readers were shut out before


def connect(path: Path, mode: str, wait: float = WRITE_WAIT) -> sqlite3.Connection:
    """A connection by URI; ``mode`` is ``ro``, ``rw``, ``rwc`` or ``ro&immutable=1``. Commits only on COMMIT."""
    return sqlite3.connect(
        _address(path, mode), uri=True, timeout=wait, isolation_level=None, check_same_thread=False
    )


def _address(path: Path, mode: str) -> str:
    address = path.absolute().as_uri()
    if not address.startswith("file:///"):  # a Windows share: SQLite knows no host but takes an empty one
        address = "file:////" + address.removeprefix("file://")
    return f"{address}?mode={mode}"


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


@contextmanager
def _stoppable() -> Iterator[None]:
    """A reading that was interrupted because the store was closed is cancelled, not failed."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise Cancelled from error
        raise


class Connections:
    """Opens, lends and closes the connections of one file.

    A connection that reads serves one thread at a time. Inside a transaction its own thread reads through the
    writing connection, and so sees what it has written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._busy: set[sqlite3.Connection | NativeConnection] = set()
        self._writer: sqlite3.Connection | None = None
        self._writing_thread: int | None = None
        self._closed = False
        self._read_mode = "ro"
        self._turn = threading.Lock()
        self._held: dict[int, Held] = {}  # thread → the connections of its one long reading
        self._file: tuple[int, int] | None = None
        self._watch: sqlite3.Connection | None = None  # looks for what others write while we write nothing
        self._seen = 0  # data_version of the writing connection, else of the watching one
        self._missed = False  # others wrote before our first transaction and nobody has been told yet

    @property
    def immutable(self) -> bool:
        """Whether the medium allows no locks, and so no writing."""
        return "immutable" in self._read_mode

    def check_readable(self) -> None:
        """Open the first reading connection; finds a way for media that cannot be written.

        Raises ``ParkLineError`` for a file that is missing, damaged or no database.
        """
        if not self.path.is_file():
            raise ParkLineError(
                tr("找不到文件。"), hint=tr("请检查路径，或文件是否已被移动。"), file=self.path
            )
        with known_failures(self.path):
            try:
                self._add_reader()
            except sqlite3.OperationalError:
                if self._has("-journal"):
                    # A program was killed while writing: only a writing connection can roll that back.
                    connection = connect(self.path, "rw")
                    try:
                        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                    finally:
                        connection.close()
                elif not self._has("-wal"):
                    # Left in WAL mode on a medium that cannot be written (a copy on a CD).
                    self._read_mode = "ro&immutable=1"
                else:
                    raise
                self._add_reader()
            self._file = _identity(self.path)

    def check_in_place(self) -> None:
        """`MovedError` unless the file that was opened still lies there under its name.

        Another one in its place, or none: what is written to the old one would be lost with its last connection.
        """
        try:
            now = _identity(self.path)
        except FileNotFoundError:
            raise MovedError(
                tr("项目文件已不在原处：被移走、删除，或介质、网络已断开。"),
                hint=tr("请恢复文件或重新连接后再试；也可以把已打开的内容另存副本。"),
                file=self.path,
            ) from None
        except OSError as error:
            raise MovedError(
                tr("无法访问项目文件：{reason}。", reason=error.strerror or str(error)),
                hint=tr("请重新连接介质或网络后再试；也可以把已打开的内容另存副本。"),
                file=self.path,
            ) from error
        if self._file is not None and all(self._file) and all(now) and now != self._file:
            raise MovedError(
                tr("项目文件已被另一个文件替换。"),
                hint=tr("请重新打开项目；需要保留替换前的内容时，先另存副本。"),
                file=self.path,
            )

    def changed_outside(self) -> bool:
        """Whether another program has committed something since the last look; False while we are writing."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            with known_failures(self.path):
                self._check_open()
                looking = self._writer or self._watch
                if looking is None:
                    looking = self._watch = connect(self.path, self._read_mode, _READ_WAIT)
                    self._seen = data_version(looking)
                now = data_version(looking)
                changed, self._seen, self._missed = self._missed or now != self._seen, now, False
                return changed
        finally:
            self._turn.release()

    def _stop_watching(self) -> None:
        """From the first transaction on, the writing connection tells what others write, our own left out."""
        if self._watch is not None:
            self._missed = self._missed or data_version(self._watch) != self._seen
            self._watch.close()
            self._watch = None

    def _has(self, suffix: str) -> bool:
        return self.path.with_name(self.path.name + suffix).exists()

    def _add_reader(self) -> None:
        connection = connect(self.path, self._read_mode, _READ_WAIT)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            # No memory map: a stick that is pulled out must be an error, not the death of the process.
            connection.execute("PRAGMA cache_size=-16000")
            register_functions(connection)
        except sqlite3.Error:
            connection.close()
            raise
        self._idle.append(connection)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading. ``Cancelled`` if the store is closed meanwhile."""
        if self._writer is not None and self._writing_thread == threading.get_ident():
            with known_failures(self.path):
                yield self._writer
            return
        held = self._held.get(threading.get_ident())
        if held is not None:
            with known_failures(self.path), _stoppable():
                yield held.connection
            return
        with known_failures(self.path):
            with self._guard:
                self._check_open()
                if not self._idle:
                    self._add_reader()
                connection = self._idle.pop()
                self._busy.add(connection)
            try:
                with _stoppable():
                    yield connection
            finally:
                with self._guard:
                    self._busy.discard(connection)
                    if self._closed:
                        connection.close()
                    else:
                        self._idle.append(connection)

    @contextmanager
    def reading_natively(self) -> Iterator[NativeConnection | None]:
        """A connection for whole columns; None where there is none of that kind. ``Cancelled`` as in `reading`.

        None, too, for a thread that has to see what it writes just now.
        """
        me = threading.get_ident()
        held = self._held.get(me)
        if held is not None:
            with known_failures(self.path), _stoppable():
                yield held.natives[0] if held.natives else None
            return
        if not available() or self._writing_thread == me:
            yield None
            return
        with known_failures(self.path), _stoppable(), self._natives(1, _READ_WAIT) as natives:
            yield natives[0]

    @contextmanager
    def reading_at_once(self) -> Iterator[tuple[sqlite3.Connection, Sequence[NativeConnection]]]:
        """One connection and others for whole columns, for a thread each, that all see one state of the file.

        There are no others where `reading_natively` gives none, and where somebody wrote while they were being opened.
        """
        me = threading.get_ident()
        with self.steady(), self.reading() as connection:
            yield connection, self._held[me].natives if me in self._held else ()

    @contextmanager
    def _natives(self, count: int, wait: float) -> Iterator[Sequence[NativeConnection]]:
        """Connections that closing the store interrupts."""
        opened: list[NativeConnection] = []
        try:
            with self._guard:
                self._check_open()
                address = _address(self.path, self._read_mode)
                opened.extend(NativeConnection(address, wait) for _ in range(count))
                self._busy.update(opened)
            yield opened
        finally:
            with self._guard:
                self._busy.difference_update(opened)
                for connection in opened:
                    connection.close()

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Whatever this thread reads inside is of one state of the file, who writes meanwhile.

        Without WAL mode a writer waits until the block is left: keep it short.
        """
        me = threading.get_ident()
        if me in self._held or self._writing_thread == me:
            yield
            return
        with self.reading() as connection, ExitStack() as stack:
            natives: Sequence[NativeConnection] = ()
            if available():
                # No waiting: a writer may wait for one of them to end, and the next one would wait for the writer.
                natives = stack.enter_context(self._natives(_AT_ONCE, 0.0))
            if not begun_together(connection, natives, _READ_WAIT):
                stack.close()
                natives = ()
                connection.execute("BEGIN")
            self._held[me] = Held(connection, natives)
            try:
                yield
            finally:
                del self._held[me]
                if connection.in_transaction:
                    connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """BEGIN IMMEDIATE … COMMIT on the one connection that writes; any exception rolls back.

        Raises ``ParkLineError`` if another program or thread is writing, or the file cannot be written.
        """
        me = threading.get_ident()
        if self._writing_thread == me:
            raise RuntimeError("a transaction inside a transaction")
        if not self._turn.acquire(timeout=WRITE_WAIT):
            raise ParkLineError(tr("另一项写入正在进行。"), hint=tr("请等它完成后再试。"), file=self.path)
        try:
            with known_failures(self.path):
                self._check_open()
                self.check_in_place()
                if self._writer is None:
                    self._stop_watching()
                    self._writer = self._open_writer()
                    self._seen = data_version(self._writer)
                connection = self._writer
                connection.execute("BEGIN IMMEDIATE")
                self._writing_thread = me
                try:
                    yield connection
                    if connection.in_transaction:  # the body rolls back by itself what came to nothing
                        connection.execute(f"PRAGMA busy_timeout={round(_COMMIT_WAIT * 1000)}")
                        connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
                finally:
                    self._writing_thread = None
                    connection.execute(f"PRAGMA busy_timeout={round(WRITE_WAIT * 1000)}")
        finally:
            self._turn.release()

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("the store is closed")

    def _open_writer(self) -> sqlite3.Connection:
        if self.immutable:
            raise ParkLineError(
                tr("文件是只读的，不能写入。"), hint=tr("请将项目另存到可写的位置再编辑。"), file=self.path
            )
        connection = connect(self.path, "rw")
        try:
            register_functions(connection)
            if is_network_path(self.path):
                # Readers wait for a lock only while a change is copied in, not while it is being made.
                connection.execute("PRAGMA journal_mode=DELETE")
                connection.execute("PRAGMA cache_spill=OFF")
            else:
                with suppress(sqlite3.OperationalError):  # somebody is reading: the old mode will do
                    connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")  # what was committed survives a power cut
            connection.execute("PRAGMA cache_size=-131072")
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute("PRAGMA trusted_schema=ON")  # the R-tree triggers call our own functions
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Interrupt what reads, checkpoint, leave WAL mode and close. Safe to call twice, not inside a transaction."""
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("closing inside a transaction")
        with self._guard:
            if self._closed:
                return
            self._closed = True
            for connection in self._busy:
                connection.interrupt()
            for connection in self._idle:
                connection.close()
            self._idle.clear()
        with self._turn:
            if self._watch is not None:
                self._watch.close()
                self._watch = None
            if self._writer is None:
                return
            try:
                # Fails when another program still reads; that program then leaves the mode for us.
                with suppress(sqlite3.OperationalError):
                    self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                    self._writer.execute("PRAGMA busy_timeout=200")
                    self._writer.execute("PRAGMA journal_mode=DELETE").fetchall()
            finally:
                self._writer.close()
                self._writer = None
