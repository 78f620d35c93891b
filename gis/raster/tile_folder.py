"""A folder of tiles, zoom/column/row.png or .jpg, rows counted from the north (XYZ) or from the south (TMS)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from gis.errors import ParkLineError
from gis.raster.source import Box
from gis.raster.tile_grid import DEEPEST, TileGrid, TileLevel, degree_grid, web_grid
from gis.raster.tile_source import LARGEST_BLOB, Place, TileSource, tile_side
from gis.text import tr

__all__ = ["open_tile_folder"]

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_COLUMNS_LOOKED_AT = 32


class _Folder:
    """Files of one tile set."""

    whole = True
    problem = ""

    def __init__(self, folder: Path, suffix: str, from_south: bool) -> None:
        self._folder, self._suffix, self._from_south = folder, suffix, from_south

    def get(
        self, zoom: TileLevel, places: Sequence[Place], stopped: Callable[[], bool]
    ) -> dict[Place, bytes | None]:
        """Stored tiles; all of them are here or nowhere."""
        found: dict[Place, bytes | None] = {}
        for column, row in places:
            if stopped():
                break
            stored = zoom.rows - 1 - row if self._from_south else row
            file = self._folder / zoom.name / str(column) / f"{stored}{self._suffix}"
            try:
                with file.open("rb") as opened:
                    found[column, row] = opened.read(LARGEST_BLOB + 1)
            except OSError:
                found[column, row] = None
        return found

    def close(self) -> None:
        """Nothing is held open."""


def open_tile_folder(folder: Path, *, degrees: bool = False, from_south: bool = False) -> TileSource:
    """The tiles of a folder as one picture. ``ParkLineError`` where there are none."""
    try:
        zooms = _numbered(folder)
    except OSError as error:
        raise ParkLineError(tr("瓦片文件夹无法读取：{error}", error=error), file=folder) from error
    samples = {zoom: file for zoom in zooms if zoom <= DEEPEST and (file := _first(folder / str(zoom)))}
    if not samples:
        raise ParkLineError(
            tr("文件夹里没有瓦片。"),
            hint=tr("请选择直接包含 0、1、2 … 各级文件夹的那一层，瓦片为“级/列/行.png”或 .jpg。"),
            file=folder,
        )
    first = samples[max(samples)]
    with first.open("rb") as opened:
        side = tile_side(opened.read(LARGEST_BLOB))
    grid = degree_grid(side) if degrees else web_grid(side)
    grid = grid.between(min(samples), max(samples))
    tiles = _Folder(folder, first.suffix, from_south)
    return TileSource(tiles, grid, _extent(folder, grid, from_south))


def _numbered(folder: Path) -> list[int]:
    """Numbers that folders in a folder are named by, sorted."""
    return sorted(int(item.name) for item in folder.iterdir() if item.name.isdecimal() and item.is_dir())


def _first(zoom: Path) -> Path | None:
    """Any tile of a zoom."""
    for column in _numbered(zoom)[-_COLUMNS_LOOKED_AT:]:
        for file in (zoom / str(column)).iterdir():
            if file.suffix.lower() in _SUFFIXES and file.stem.isdecimal():
                return file
    return None


def _extent(folder: Path, grid: TileGrid, from_south: bool) -> Box | None:
    """What the tiles of the finest zoom cover, by its columns and by the rows of some of them."""
    zoom = grid.zooms[0]
    columns = [column for column in _numbered(folder / zoom.name) if column < zoom.columns]
    if not columns:
        return None
    step = max(1, len(columns) // _COLUMNS_LOOKED_AT)
    rows = [
        int(file.stem)
        for column in {*columns[::step], columns[-1]}
        for file in (folder / zoom.name / str(column)).iterdir()
        if file.stem.isdecimal()
    ]
    if not rows:
        return None
    if from_south:
        rows = [zoom.rows - 1 - row for row in rows]
    first, last = zoom.box(columns[0], max(rows)), zoom.box(columns[-1], min(rows))
    return first[0], first[1], last[2], last[3]
