"""The tables behind the map: read once in the background, small ones first, kept up to date by transactions."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gis.progress import Cancelled
from gis.store.file_state import file_identity, file_state

if TYPE_CHECKING:
    from gis.draw.drawn_table import DrawnTable
    from gis.store.base import Box, Store

__all__ = ["MapTables"]

_log = logging.getLogger("parkline")

# Until a table is there as a whole, views of up to that many rows are read through the spatial index.
_ROWS_OF_A_VIEW = 20_000
_BEYOND = 0.5  # how far round the view is read with it, so that a small pan needs no reading
# Tables of more rows are kept in a file beside the project; smaller ones are read faster than that pays.
_WORTH_A_FILE = 20_000
_CROWDED = 4  # times as dense as on average, as towns are: a view that may hold more rows is not tried
_READERS = 2  # large tables are read by SQLite and compiled loops, without Python's lock
_TOGETHER = 0.1  # seconds; tables that arrive within it are shown at once


class MapTables:
    """``columns`` names the tables and what of each row decides its look.

    Opened on a worker thread; ``on_ready`` is called on the reading thread when a table has arrived.
    ``folder`` keeps cache files, which may be deleted at any time; None keeps none.
    """

    def __init__(self, store: Store, columns: Mapping[str, Sequence[str]], folder: Path | None) -> None:
        self._store = store
        self._columns = dict(columns)
        self._folder = folder
        self._guard = threading.Lock()
        self._tables: dict[str, DrawnTable] = {}
        self._views: dict[str, tuple[Box, DrawnTable]] = {}
        self._too_much: dict[str, float] = {}  # area of a view that held too many rows
        self._stale: set[str] = set()
        self._versions: dict[str, int] = {}
        self._wanted: list[str] = []
        self._asked: set[str] = set()  # tables that a picture could not show
        self._stopped = threading.Event()
        self._readers: set[threading.Thread] = set()
        self.on_ready: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to read: what a picture asked for first, then what lies in a cache file, then the smallest."""
        self._versions = {table: self._store.versions(table) for table in self._columns}
        with self._guard:
            self._want(list(self._columns))

    def close(self) -> None:
        """Stop reading at the next portion. A store that is closed meanwhile interrupts it, too."""
        self._stopped.set()

    @property
    def reading(self) -> bool:
        """Whether tables are still being read or put into their files."""
        return bool(self._readers)

    def forget(self, *, everything: bool = False) -> None:
        """Rows were written: look for what has changed before the next picture.

        ``everything``: another program wrote, and no transaction tells what; the old picture stands until all is read.
        """
        with self._guard:
            if everything:
                self._want(list(self._columns))
            self._stale.update(self._columns)
            self._views.clear()
            self._too_much.clear()

    def complete(self, table: str) -> bool:
        """Whether the whole table is there."""
        return table in self._tables

    def get(self, table: str, view: Box) -> DrawnTable | None:
        """What there is to draw of a table in a view; None while it is still to be read."""
        with self._guard:
            drawn, stale = self._tables.get(table), table in self._stale
            self._stale.discard(table)
        if drawn is None:
            return self._view_of(table, view)
        if not stale:
            return drawn
        from gis.draw.drawn_table import refreshed

        newer = refreshed(drawn, self._store)
        with self._guard:
            if newer is None:  # an import: the old picture stands until the table has been read anew
                self._want([table])
                return drawn
            self._tables[table] = newer
        return newer

    # --- reading -------------------------------------------------------------------------------------

    def _view_of(self, table: str, view: Box) -> DrawnTable | None:
        """Rows of the view through the spatial index, if there are not too many for that."""
        area = (view[2] - view[0]) * (view[3] - view[1])
        with self._guard:
            self._asked.add(table)
            box, drawn = self._views.get(table, (None, None))
            if box is not None and _covers(box, view):
                return drawn
            if area >= self._too_much.get(table, float("inf")):
                return None
        box = _grown(view)
        if not self._may_be_few(table, box):
            return None
        from gis.draw.drawn_table import read_view

        drawn = read_view(self._store, table, self._columns[table], box, _ROWS_OF_A_VIEW)
        with self._guard:
            if drawn is None:
                self._too_much[table] = area
            else:
                self._views[table] = (box, drawn)
        return drawn

    def _may_be_few(self, table: str, box: Box) -> bool:
        """Whether reading a view is worth the try; a table that is there in a moment is waited for."""
        rows = self._versions.get(table, 0)
        if rows <= _ROWS_OF_A_VIEW or self._cached(table):
            return False
        whole = self._store.bounds(table)
        if whole is None:
            return False
        share = 1.0
        for low, high in ((0, 2), (1, 3)):
            inside = min(box[high], whole[high]) - max(box[low], whole[low])
            share *= max(inside, 0.0) / max(whole[high] - whole[low], 1e-9)
        return rows * min(share, 1.0) < _ROWS_OF_A_VIEW * _CROWDED

    def _cached(self, table: str) -> bool:
        """Whether a file of the table is still to be looked at."""
        return table in self._wanted and self._large(table) and self._file(table).is_file()

    def _large(self, table: str) -> bool:
        return self._folder is not None and self._versions.get(table, 0) >= _WORTH_A_FILE

    def _want(self, tables: Sequence[str]) -> None:
        """Queue tables and see that somebody reads them; the guard is held."""
        self._wanted += [table for table in tables if table not in self._wanted]
        while len(self._readers) < min(_READERS, len(self._wanted)) and not self._stopped.is_set():
            reader = threading.Thread(target=self._read_wanted, name="map tables", daemon=True)
            self._readers.add(reader)
            reader.start()

    def _read_wanted(self) -> None:
        told, untold = time.monotonic(), False
        while True:
            with self._guard:
                if self._stopped.is_set() or not (self._wanted or untold):
                    self._readers.discard(threading.current_thread())
                    return
                self._wanted = sorted(self._wanted, key=self._turn)  # not in place: the key looks into it
                table = self._wanted[0] if self._wanted else None
                waits = table is None or (self._turn(table)[:2] != (False, False))
                if untold and (waits or time.monotonic() - told > _TOGETHER):
                    table = None  # what there is now is shown before the reading goes on
                if table is not None:
                    self._wanted.remove(table)
            if table is None:
                told, untold = time.monotonic(), False
                self.on_ready()
                continue
            try:
                untold = self._read(table)
            except Cancelled:
                continue
            except Exception:
                if not self._stopped.is_set():
                    _log.exception("reading %s for the map failed", table)

    def _turn(self, table: str) -> tuple[bool, bool, bool, int]:
        """What is read quickly and is waited for comes first, then what is quick, then what is waited for."""
        rows, cached = self._versions.get(table, 0), self._cached(table)
        return rows > _ROWS_OF_A_VIEW and not cached, table not in self._asked, not cached, rows

    def _read(self, table: str) -> bool:
        """Read a table; False if it, and what came before, has been told of."""
        from gis.draw import drawn_table
        from gis.draw.raster import warm_up

        warm_up()
        columns = self._columns[table]
        large = self._large(table)
        if large:
            cached = drawn_table.restore(self._file(table), table, columns, file_identity(self._store))
            fresh = cached is not None and self._take(table, cached[0])
            if fresh and cached is not None and cached[1] == file_state(self._store.path):
                return True
            if fresh:
                self.on_ready()  # shown at once; read anew in case another program has written
        drawn = drawn_table.build(self._store, table, columns, self._go_on)
        self._take(table, drawn)
        if not large:
            return True
        self.on_ready()  # a picture does not wait for the writing
        try:
            drawn_table.store_away(
                drawn, self._file(table), file_identity(self._store), file_state(self._store.path)
            )
        except OSError as error:
            _log.info("no map cache: %s", error)
        return False

    def _take(self, table: str, drawn: DrawnTable) -> bool:
        from gis.draw.drawn_table import refreshed

        newer = refreshed(drawn, self._store)
        if newer is None:
            return False
        with self._guard:
            self._tables[table] = newer
            self._views.pop(table, None)
        return True

    def _go_on(self, _fraction: float, _message: str) -> None:
        if self._stopped.is_set():
            raise Cancelled

    def _file(self, table: str) -> Path:
        assert self._folder is not None  # noqa: S101 - asked only where there is a folder
        return self._folder / f"{table}.map"


def _covers(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _grown(box: Box) -> Box:
    dx, dy = (box[2] - box[0]) * _BEYOND, (box[3] - box[1]) * _BEYOND
    return (box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy)
