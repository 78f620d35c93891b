"""MBTiles: raster tiles in an SQLite file, opened read-only and never trusted (spec 1.3; rows count from the south)."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np

from gis.crs import move_points
from gis.errors import ParkLineError
from gis.raster.source import Box
from gis.raster.systems import WEB_MERCATOR
from gis.raster.tile_grid import DEEPEST, TileLevel, web_grid
from gis.raster.tile_source import LARGEST_BLOB, Place, TileSource, tile_side
from gis.text import tr

__all__ = ["open_mbtiles"]

_MAGIC = b"SQLite format 3\x00"
_STEPS = 100_000  # of SQLite's machine between two looks
_MOST_LOOKS = 200  # after which a question is given up
_WORLD: Box = (-180.0, -85.0511, 180.0, 85.0511)


class _Database:
    """The tiles of one file."""

    whole = True
    problem = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looks = 0
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise _broken(path, "not SQLite")
        address = f"file:{quote(str(path.absolute()))}?mode=ro"
        with self._reading():
            try:
                self._connection = self._connect(address)
            except sqlite3.OperationalError:  # a file in WAL mode where nothing may be written
                self._connection = self._connect(f"{address}&immutable=1")

    def _connect(self, address: str) -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        try:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_BLOB + 1024)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA query_only = ON")
            connection.set_progress_handler(self._look, _STEPS)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _look(self) -> int:
        """End what takes too long: a "table" may be a view that never ends."""
        self._looks += 1
        return int(self._looks > _MOST_LOOKS)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        self._looks = 0
        try:
            yield
        except (sqlite3.Error, OverflowError) as error:
            raise _broken(self._path, error) from error

    def metadata(self) -> dict[str, str]:
        """Name → value; an absent table counts as empty."""
        with self._reading():
            names = {row[0] for row in self._connection.execute("SELECT name FROM sqlite_master")}
            if "tiles" not in names:
                raise _broken(self._path, "no table tiles")
            if "metadata" not in names:
                return {}
            rows = self._connection.execute("SELECT name, value FROM metadata LIMIT 1000").fetchall()
        return {str(name): str(value) for name, value in rows}

    def zooms(self) -> tuple[int, int] | None:
        """Least and greatest zoom; None for an empty set."""
        with self._reading():
            least, most = self._connection.execute(
                "SELECT (SELECT min(zoom_level) FROM tiles), (SELECT max(zoom_level) FROM tiles)"
            ).fetchone()
        if not isinstance(least, int) or not isinstance(most, int):
            return None
        return max(least, 0), min(most, DEEPEST)

    def range(self, zoom: int) -> tuple[int, int, int, int] | None:
        """Least and greatest column and row (from the south) of a zoom."""
        query = "SELECT min({0}), max({0}) FROM tiles WHERE zoom_level = ?"
        with self._reading():
            columns = self._connection.execute(query.format("tile_column"), (zoom,)).fetchone()
            rows = self._connection.execute(query.format("tile_row"), (zoom,)).fetchone()
        found = (*columns, *rows)
        return found if all(isinstance(item, int) for item in found) else None

    def first(self) -> bytes | None:
        """Any tile."""
        with self._reading():
            row = self._connection.execute(
                "SELECT tile_data FROM tiles WHERE length(tile_data) <= ? LIMIT 1", (LARGEST_BLOB,)
            ).fetchone()
        return bytes(row[0]) if row and isinstance(row[0], bytes) else None

    def get(
        self, zoom: TileLevel, places: Sequence[Place], stopped: Callable[[], bool]
    ) -> dict[Place, bytes | None]:
        """Stored tiles; all of them are here or nowhere."""
        found: dict[Place, bytes | None] = {}
        with self._reading():
            for column, row in places:
                if stopped():
                    break
                stored = self._connection.execute(
                    "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
                    " AND length(tile_data) <= ? LIMIT 1",
                    (int(zoom.name), column, zoom.rows - 1 - row, LARGEST_BLOB),
                ).fetchone()
                found[column, row] = stored[0] if stored and isinstance(stored[0], bytes) else None
        return found

    def close(self) -> None:
        self._connection.close()


def open_mbtiles(path: Path) -> TileSource:
    """The tiles of a file as one picture. ``ParkLineError`` for a file that is none, or has vector tiles."""
    database = _Database(path)
    try:
        about = database.metadata()
        if about.get("format", "").strip().lower() in {"pbf", "mvt"}:
            raise ParkLineError(
                tr("MBTiles 里是矢量瓦片，不能作底图。"),
                hint=tr("请改用影像或栅格瓦片的 MBTiles。"),
                file=path,
            )
        zooms = database.zooms()
        if zooms is None or zooms[0] > zooms[1]:
            raise ParkLineError(tr("MBTiles 里没有瓦片。"), file=path)
        grid = web_grid(tile_side(database.first())).between(*zooms)
        return TileSource(database, grid, _extent(database, about.get("bounds", ""), zooms[1]))
    except BaseException:
        database.close()
        raise


def _extent(database: _Database, bounds: str, zoom: int) -> Box | None:
    """What the file says of its extent (degrees) in Web Mercator, else what its finest tiles cover."""
    try:
        west, south, east, north = (float(part) for part in bounds.split(","))
    except ValueError:
        west, south, east, north = _WORLD
    box = max(west, _WORLD[0]), max(south, _WORLD[1]), min(east, _WORLD[2]), min(north, _WORLD[3])
    if bounds and all(map(math.isfinite, box)) and box[0] < box[2] and box[1] < box[3]:
        x, y = move_points(np.array([box[0], box[2]]), np.array([box[1], box[3]]), 4326, WEB_MERCATOR)
        return float(x[0]), float(y[0]), float(x[1]), float(y[1])
    found = database.range(zoom)
    if found is None:
        return None
    least_column, most_column, least_row, most_row = found
    level = web_grid().between(zoom, zoom).zooms[0]
    south_west = level.box(least_column, level.rows - 1 - least_row)
    north_east = level.box(most_column, level.rows - 1 - most_row)
    return south_west[0], south_west[1], north_east[2], north_east[3]


def _broken(path: Path, error: object) -> ParkLineError:
    return ParkLineError(
        tr("MBTiles 文件无法读取，可能已损坏：{error}", error=error),
        hint=tr("请重新复制或重新导出该文件。"),
        file=path,
    )
