"""A set of tiles as one picture: the tiles of a window, decoded, kept for a while, put side by side."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gis.raster.colours import premultiplied
from gis.raster.source import Box, Patch, Window, empty_pixels
from gis.raster.tile_grid import TileGrid, TileLevel

__all__ = ["LARGEST_BLOB", "Place", "TileSource", "Tiles", "decode_tile", "tile_side"]

Place = tuple[int, int]  # column, row counted from the north

LARGEST_BLOB = 8 << 20  # bytes of one tile as it is stored
_COST_HERE, _COST_THERE = 4, 16  # of a pixel: of a file to be opened, of an address to be asked
_LARGEST_SIDE = 2048  # pixels of one tile
_KEPT = 48 << 20  # bytes of decoded tiles
_PARENTS = 6  # zooms up to which a tile that is not there is shown from a coarser one
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


class Tiles(Protocol):
    """Where tiles come from; ``whole`` says that they are all here: one that is not will not come."""

    whole: bool
    problem: str  # why the last ones did not come; "" while they do

    def get(
        self, zoom: TileLevel, places: Sequence[Place], stopped: Callable[[], bool]
    ) -> dict[Place, bytes | None]:
        """Stored bytes of tiles; None for one that does not exist, no entry for one that did not come."""

    def close(self) -> None:
        """Let go of files and connections."""


class TileSource:
    """A ``RasterSource`` over tiles. ``extent`` is where the finest ones lie, in the grid's system."""

    def __init__(self, tiles: Tiles, grid: TileGrid, extent: Box | None = None) -> None:
        self._tiles, self._grid = tiles, grid
        self.crs = grid.crs
        cost = _COST_HERE if tiles.whole else _COST_THERE
        self.levels = tuple(replace(zoom.level, cost=cost) for zoom in grid.zooms)
        self.extent = extent if extent is not None else grid.extent
        self._kept: OrderedDict[tuple[str, Place], NDArray[np.uint8] | None] = OrderedDict()
        self._kept_bytes = 0

    def read(self, level: int, window: Window, stopped: Callable[[], bool]) -> Patch:
        """Tiles of a window, side by side."""
        zoom = self._grid.zooms[level]
        side = zoom.tile
        left, top, wide, high = window
        places = [
            (column, row)
            for row in range(top // side, (top + high - 1) // side + 1)
            for column in range(left // side, (left + wide - 1) // side + 1)
        ]
        found = self._fetch(zoom, places, stopped)
        pixels = empty_pixels(high, wide)
        for place in places:
            tile = found.get(place)
            if tile is None and self._tiles.whole:
                tile = self._from_parent(level, place, stopped)
            if tile is not None:
                _put(pixels, tile, place[0] * side - left, place[1] * side - top)
        return Patch(pixels, complete=len(found) == len(places))

    def _fetch(
        self, zoom: TileLevel, places: Sequence[Place], stopped: Callable[[], bool]
    ) -> dict[Place, NDArray[np.uint8] | None]:
        """Decoded tiles; None for those that do not exist."""
        found: dict[Place, NDArray[np.uint8] | None] = {}
        for place in places:
            if (zoom.name, place) in self._kept:
                self._kept.move_to_end((zoom.name, place))
                found[place] = self._kept[zoom.name, place]
        missing = [place for place in places if place not in found]
        if missing:
            for place, blob in self._tiles.get(zoom, missing, stopped).items():
                found[place] = None if blob is None else decode_tile(blob, zoom.tile)
                self._keep((zoom.name, place), found[place])
        return found

    def _keep(self, key: tuple[str, Place], tile: NDArray[np.uint8] | None) -> None:
        self._kept[key] = tile
        self._kept_bytes += _size(tile)
        while self._kept_bytes > _KEPT:
            self._kept_bytes -= _size(self._kept.popitem(last=False)[1])

    def _from_parent(self, level: int, place: Place, stopped: Callable[[], bool]) -> NDArray[np.uint8] | None:
        """The tile's ground out of the next coarser tile that is there, as large squares."""
        column, row = place
        for up in range(1, _PARENTS + 1):
            if level + up >= len(self._grid.zooms):
                return None
            zoom = self._grid.zooms[level + up]
            above = (column >> up, row >> up)
            tile = self._fetch(zoom, [above], stopped).get(above)
            if tile is not None:
                part = zoom.tile >> up
                if part == 0:
                    return None
                x, y = (column - (above[0] << up)) * part, (row - (above[1] << up)) * part
                return tile[y : y + part, x : x + part].repeat(1 << up, axis=0).repeat(1 << up, axis=1)
        return None

    @property
    def problem(self) -> str:
        """Why tiles do not come; "" while they do."""
        return self._tiles.problem

    def close(self) -> None:
        """Let go of the tiles."""
        self._tiles.close()


def _size(tile: NDArray[np.uint8] | None) -> int:
    return 128 if tile is None else tile.nbytes + 128


def _put(pixels: NDArray[np.uint8], tile: NDArray[np.uint8], x: int, y: int) -> None:
    """Lay a tile on the picture with its upper left corner at a place that may lie outside."""
    high, wide = pixels.shape[:2]
    left, top, right, bottom = (
        max(x, 0),
        max(y, 0),
        min(x + tile.shape[1], wide),
        min(y + tile.shape[0], high),
    )
    if right > left and bottom > top:
        pixels[top:bottom, left:right] = tile[top - y : bottom - y, left - x : right - x]


def decode_tile(blob: bytes, side: int) -> NDArray[np.uint8] | None:
    """A stored tile as premultiplied RGBA of that side; None for what is no picture, or far too large a one."""
    if not blob or len(blob) > LARGEST_BLOB:
        return None
    try:
        with Image.open(io.BytesIO(blob), formats=_FORMATS) as picture:
            if max(picture.size) > _LARGEST_SIDE:
                return None
            whole = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if whole.size != (side, side):
        whole = whole.resize((side, side), Image.Resampling.BILINEAR)
    return premultiplied(np.array(whole))


def tile_side(blob: bytes | None) -> int:
    """How many pixels a stored tile is wide: 256 or what it says; 256 for what is no picture."""
    try:
        with Image.open(io.BytesIO(blob or b""), formats=_FORMATS) as picture:
            return picture.width if picture.width in {128, 256, 512, 1024} else 256
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return 256
