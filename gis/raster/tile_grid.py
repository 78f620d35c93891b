"""The grids that tiles are cut by: which ground a tile covers at which zoom."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from gis.crs import GEOGRAPHIC
from gis.raster.source import Box, Level
from gis.raster.systems import WEB_MERCATOR

__all__ = ["DEEPEST", "TileGrid", "TileLevel", "degree_grid", "web_grid"]

DEEPEST = 24
_HALF_WORLD = math.pi * 6_378_137.0  # metres: half the equator, the edge of the Web Mercator square


@dataclass(frozen=True, slots=True)
class TileLevel:
    """One zoom: ``name`` is what it is asked by, west and north are the outer corner, ``span`` a pixel's side.

    Rows count from the north. ``columns`` and ``rows`` are how many tiles the whole grid has.
    """

    name: str
    west: float
    north: float
    span: float
    columns: int
    rows: int
    tile: int = 256

    @property
    def level(self) -> Level:
        """The zoom as a grid of pixels."""
        transform = (self.span, 0.0, self.west, 0.0, -self.span, self.north)
        return Level(self.columns * self.tile, self.rows * self.tile, transform)

    def box(self, column: int, row: int) -> Box:
        """Ground of a tile in the grid's system."""
        side = self.span * self.tile
        west, north = self.west + column * side, self.north - row * side
        return west, north - side, west + side, north


@dataclass(frozen=True, slots=True)
class TileGrid:
    """Zooms of one tile set from the finest to the coarsest, in a reference system (EPSG code or WKT)."""

    crs: int | str
    zooms: tuple[TileLevel, ...]

    def between(self, least: int, most: int) -> TileGrid:
        """Only the zooms whose names are numbers in that range."""
        return replace(self, zooms=tuple(item for item in self.zooms if least <= int(item.name) <= most))

    @property
    def extent(self) -> Box:
        """All the ground the grid covers."""
        return self.zooms[-1].level.extent


def web_grid(tile: int = 256) -> TileGrid:
    """The grid of the common web maps: Web Mercator, zoom 0 is the world in one tile."""
    return TileGrid(WEB_MERCATOR, tuple(
        TileLevel(str(zoom), -_HALF_WORLD, _HALF_WORLD, 2 * _HALF_WORLD / (tile << zoom), 1 << zoom, 1 << zoom, tile)
        for zoom in range(DEEPEST, -1, -1)
    ))  # fmt: skip


def degree_grid(tile: int = 256) -> TileGrid:
    """Tiles by degrees of CGCS2000 as 天地图 has them in its matrix set "c": at zoom z there are 2^z columns."""
    return TileGrid(GEOGRAPHIC, tuple(
        TileLevel(str(zoom), -180.0, 90.0, 360.0 / (tile << zoom), 1 << zoom, 1 << (zoom - 1), tile)
        for zoom in range(DEEPEST, 0, -1)
    ))  # fmt: skip
