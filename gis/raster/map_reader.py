"""A source seen in the map's plane: the right level, the window that is seen and no more, every pixel in its place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gis.crs import move_points
from gis.raster.source import Box, Level, Patch, RasterSource, Window, empty_pixels

if TYPE_CHECKING:
    from gis.shown_plane import ShownPlane

__all__ = ["NEEDS_OVERVIEWS", "MapReader", "warm_up"]

# Between exactly transformed corners that far apart the way from plane to plane is as good as straight: over 32
# pixels of a kilometre it bends by 20 m, the fiftieth part of a pixel.
_STEP = 32
_COARSER = 1.25  # times a pixel of the map that a pixel of the source may measure
_MARGIN = 2  # pixels round the window, for what lies between two pixels
_MOST_COST = 32_000_000  # stored pixels to read for one patch
NEEDS_OVERVIEWS = _MOST_COST  # from so many on, a picture without coarser copies is not shown whole
_EDGE_POINTS = 9


def _never() -> bool:
    return False


class MapReader:
    """Reads a source in a plane (EPSG code). Used by one thread at a time."""

    def __init__(self, source: RasterSource, plane: int) -> None:
        self.source, self._plane = source, plane

    def extent(self) -> Box | None:
        """The box of the source in the plane, None where it has no place there."""
        west, south, east, north = self.source.extent
        across, up = np.linspace(west, east, _EDGE_POINTS), np.linspace(south, north, _EDGE_POINTS)
        points = np.array(np.meshgrid(across, up)).reshape(2, -1)
        x, y = move_points(points[0], points[1], self.source.crs, self._plane)
        known = np.isfinite(x) & np.isfinite(y)
        if not known.any():
            return None
        x, y = x[known], y[known]
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())

    def read(
        self,
        box: Box,
        width: int,
        height: int,
        stopped: Callable[[], bool] = _never,
        drawn: ShownPlane | None = None,
    ) -> Patch:
        """The source in a box of the plane (m), or of the system in which the map is drawn, as so many pixels.

        ``ParkLineError`` if it cannot be read.
        """
        x, y = self._corners(box, width, height, drawn)
        wanted = self._pixel_area(x, y)
        if wanted is None:
            return Patch(empty_pixels(height, width))
        number = self._level(wanted)
        level = self.source.levels[number]
        columns, rows = level.to_pixels(x, y)
        window = _window(level, columns, rows)
        if window is None:
            return Patch(empty_pixels(height, width))
        if window[2] * window[3] * level.cost > _MOST_COST:
            return Patch(empty_pixels(height, width), too_coarse=True)
        read = self.source.read(number, window, stopped)
        from gis.raster.kernels import warp  # the compiled loops take a moment to load

        left, top = window[0], window[1]
        target = empty_pixels(height, width)
        warp(
            target, read.pixels, columns - left, rows - top, _STEP,
            float(-left), float(-top), float(level.width - left), float(level.height - top),
        )  # fmt: skip
        return Patch(target, read.complete, read.too_coarse)

    def _corners(
        self, box: Box, width: int, height: int, drawn: ShownPlane | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where corners of the picture's pixels, ``_STEP`` apart, lie in the source's system."""
        west, _, _, north = box
        across, down = (box[2] - west) / width, (north - box[1]) / height
        eastings = west + across * _STEP * np.arange(math.ceil(width / _STEP) + 1)
        northings = north - down * _STEP * np.arange(math.ceil(height / _STEP) + 1)
        grid = np.meshgrid(eastings, northings)
        system, unit = (self._plane, 1.0) if drawn is None else (drawn.epsg, drawn.unit)
        x, y = move_points(grid[0].ravel() / unit, grid[1].ravel() / unit, system, self.source.crs)
        return x.reshape(grid[0].shape), y.reshape(grid[0].shape)

    def _pixel_area(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
        """Area of a pixel of the map in the source's system; None where the map has no place in it."""
        east_x, east_y = x[:-1, 1:] - x[:-1, :-1], y[:-1, 1:] - y[:-1, :-1]
        south_x, south_y = x[1:, :-1] - x[:-1, :-1], y[1:, :-1] - y[:-1, :-1]
        areas = np.abs(east_x * south_y - east_y * south_x)
        areas = areas[np.isfinite(areas)]
        return float(np.median(areas)) / _STEP**2 if len(areas) else None

    def _level(self, pixel_area: float) -> int:
        """The coarsest level whose pixels are hardly larger than the map's."""
        chosen = 0
        for number, level in enumerate(self.source.levels):
            if level.pixel_area <= pixel_area * _COARSER**2:
                chosen = number
        return chosen


def _window(level: Level, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Window | None:
    """Pixels of a level that the corners span; None if there are none."""
    known = np.isfinite(columns) & np.isfinite(rows)
    if not known.any():
        return None
    left = max(math.floor(columns[known].min()) - _MARGIN, 0)
    top = max(math.floor(rows[known].min()) - _MARGIN, 0)
    right = min(math.ceil(columns[known].max()) + _MARGIN, level.width)
    bottom = min(math.ceil(rows[known].max()) + _MARGIN, level.height)
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def warm_up() -> None:
    """Load the compiled loop (or compile it, the first time on a machine) by moving one pixel."""
    from gis.raster.kernels import warp

    corners = np.zeros((2, 2))
    warp(empty_pixels(1, 1), empty_pixels(1, 1), corners, corners.copy(), _STEP, 0.0, 0.0, 1.0, 1.0)
