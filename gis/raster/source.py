"""What a background is to the map: grids of pixels in a reference system of its own, read by the window."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "Level", "Patch", "RasterSource", "Window", "empty_pixels"]

Box = tuple[float, float, float, float]  # west, south, east, north
Window = tuple[int, int, int, int]  # first column, first row, columns, rows


@dataclass(frozen=True, slots=True)
class Level:
    """One grid of pixels: the full picture, or a coarser one of the same ground.

    A pixel's upper left corner lies at x = a·column + b·row + c, y = d·column + e·row + f, in units of the
    source's system; ``transform`` is (a, b, c, d, e, f). ``cost`` is how many stored pixels a pixel takes to read.
    """

    width: int
    height: int
    transform: tuple[float, float, float, float, float, float]
    cost: int = 1

    @property
    def pixel_area(self) -> float:
        """Area of a pixel in squared units of the source's system."""
        a, b, _, d, e, _ = self.transform
        return abs(a * e - b * d)

    def to_pixels(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Columns and rows, with fractions, of places; whole numbers are the corners of pixels."""
        a, b, c, d, e, f = self.transform
        determinant = a * e - b * d
        dx, dy = x - c, y - f
        return (e * dx - b * dy) / determinant, (a * dy - d * dx) / determinant

    @property
    def extent(self) -> Box:
        """Box round all pixels."""
        a, b, c, d, e, f = self.transform
        corners = [(0, 0), (self.width, 0), (0, self.height), (self.width, self.height)]
        xs = [a * column + b * row + c for column, row in corners]
        ys = [d * column + e * row + f for column, row in corners]
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def resolution(self) -> float:
        """Side of a pixel in units of the source's system."""
        return math.sqrt(self.pixel_area)


@dataclass(frozen=True, slots=True)
class Patch:
    """Pixels (rows, columns, 4) of red, green, blue and alpha, the colours multiplied by alpha.

    ``complete`` is False where something could not be had now and may be later (a server that did not
    answer); ``too_coarse`` says that the source has no level that could be read for a view so far out.
    """

    pixels: NDArray[np.uint8]
    complete: bool = True
    too_coarse: bool = False


class RasterSource(Protocol):
    """A picture in a reference system. Used by one thread at a time.

    ``crs`` is an EPSG code or a WKT; ``levels`` go from the finest to the coarsest; ``extent`` is the box that
    holds pixels, in the source's own system.
    """

    crs: int | str
    levels: tuple[Level, ...]
    extent: Box

    def read(self, level: int, window: Window, stopped: Callable[[], bool]) -> Patch:
        """Pixels of a window that lies within a level. ``ParkLineError`` for a file that cannot be read."""

    def close(self) -> None:
        """Let go of the file."""


def empty_pixels(height: int, width: int) -> NDArray[np.uint8]:
    """Pixels that show nothing."""
    return np.zeros((height, width, 4), dtype=np.uint8)
