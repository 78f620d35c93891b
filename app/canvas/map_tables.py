"""The tables behind the map: read once in the background, small ones first, kept up to date by transactions."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gis.progress import Cancelled

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
_READERS = 1  # two would hand Python's lock to each other at every row


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
        self._wanted: list[str] = []
        self._stopped = threading.Event()
        self._threads: set[threading.Thread] = set()
        self.on_ready: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to read, the smallest tables first."""
        versions = {table: self._store.versions(table) for table in self._columns}
        with self._guard:
            self._want(sorted(versions, key=lambda table: versions[table]))

    def close(self) -> None:
        """Stop reading at the next portion. A store that is closed meanwhile interrupts it, too."""
        self._stopped.set()

    @property
    def reading(self) -> bool:
        """Whether tables are still being read or put into their files."""
        return bool(self._threads)

    def forget(self) -> None:
        """Rows were written: look for what has changed before the next picture."""
        with self._guard:
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
            box, drawn = self._views.get(table, (None, None))
            if box is not None and _covers(box, view):
                return drawn
            if area >= self._too_much.get(table, float("inf")):
                return None
        from gis.draw.drawn_table import read_view

        box = _grown(view)
        drawn = read_view(self._store, table, self._columns[table], box, _ROWS_OF_A_VIEW)
        with self._guard:
            if drawn is None:
                self._too_much[table] = area
            else:
                self._views[table] = (box, drawn)
        return drawn

    def _want(self, tables: Sequence[str]) -> None:
        """Queue tables and see that somebody reads them; the guard is held."""
        self._wanted += [table for table in tables if table not in self._wanted]
        while len(self._threads) < min(_READERS, len(self._wanted)) and not self._stopped.is_set():
            thread = threading.Thread(target=self._read_wanted, name="map tables", daemon=True)
            self._threads.add(thread)
            thread.start()

    def _read_wanted(self) -> None:
        while True:
            with self._guard:
                if not self._wanted or self._stopped.is_set():
                    self._threads.discard(threading.current_thread())
                    return
                table = self._wanted.pop(0)
            try:
                self._read(table)
            except Cancelled:
                continue
            except Exception:
                if not self._stopped.is_set():
                    _log.exception("reading %s for the map failed", table)
                continue
            self.on_ready()

    def _read(self, table: str) -> None:
        from gis.draw import drawn_table
        from gis.draw.raster import warm_up

        warm_up()
        columns = self._columns[table]
        large = self._folder is not None and self._store.versions(table) >= _WORTH_A_FILE
        if large:
            cached = drawn_table.restore(self._file(table), table, columns, self._identity())
            fresh = cached is not None and self._take(table, cached[0])
            if fresh and cached is not None and cached[1] == self._state():
                return
            if fresh:
                self.on_ready()  # shown at once; read anew in case another program has written
        drawn = drawn_table.build(self._store, table, columns, self._go_on)
        self._take(table, drawn)
        if large:
            try:
                drawn_table.store_away(drawn, self._file(table), self._identity(), self._state())
            except OSError as error:
                _log.info("no map cache: %s", error)

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

    def _identity(self) -> list[object]:
        """One project file among others: the moment of its first transaction and its plane."""
        first = self._store.journal(limit=None)[-1:]
        return [first[0].at if first else "", self._store.epsg]

    def _state(self) -> list[object]:
        """Changes whenever any program writes to the file."""
        found = self._store.path.stat()
        return [found.st_size, found.st_mtime_ns]


def _covers(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _grown(box: Box) -> Box:
    dx, dy = (box[2] - box[0]) * _BEYOND, (box[3] - box[1]) * _BEYOND
    return (box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy)
