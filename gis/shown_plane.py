"""Another system for the map of a project: what places are called there, and where they are drawn.

The map is drawn in metres of that system. Degrees are drawn as a plate carrée: a degree of longitude and one of
latitude are equally long, ``DEGREE`` metres each. Rows stay in the project's plane.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pyproj
from numpy.typing import NDArray

from gis.crs import GEOGRAPHIC, central_meridian, choose_plane, describe, zone_epsg
from gis.text import tr

__all__ = ["DEGREE", "ShownPlane", "short_name", "shown_plane", "zone_at", "zones"]

Box = tuple[float, float, float, float]

_HALF_AXIS = 6_378_137.0  # m, CGCS2000 (GB 22021-2008)
DEGREE = _HALF_AXIS * math.pi / 180
_STEP = 50.0  # metres to either side over which the stretch is taken
# Metres from a plane's central meridian, and from the equator, within which it is put into other systems.
_BREADTH, _HEIGHT, _BEYOND_EQUATOR = 1_500_000.0, 7_000_000.0, 500_000.0
_ALONG = 33  # points along a side of that


@dataclass(frozen=True, slots=True, eq=False)
class ShownPlane:
    """The system ``epsg`` for places of the plane ``source``.

    ``room`` (m of the source) and ``drawn_room`` (m as drawn) are what there is: places beyond are put onto its edge.
    """

    source: int
    epsg: int
    room: Box
    drawn_room: Box
    _transformer: pyproj.Transformer = field(repr=False)
    _geod: pyproj.Geod = field(repr=False)

    @property
    def short(self) -> str:
        """Its name before coordinates."""
        return short_name(self.epsg)

    @property
    def title(self) -> str:
        """Its whole name."""
        return describe(self.epsg)

    @property
    def geographic(self) -> bool:
        """Whether places are degrees there."""
        return self.epsg == GEOGRAPHIC

    @property
    def unit(self) -> float:
        """Metres that are drawn for a unit of the system."""
        return DEGREE if self.geographic else 1.0

    def place(self, x: float, y: float) -> tuple[float, float]:
        """East and north (metres), or longitude and latitude (degrees), of a place of the project's plane."""
        east, north = self._transformer.transform(x, y)
        return float(east), float(north)

    def drawn(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where places (n, 2) of the project's plane are drawn, in metres."""
        places = _within(places, self.room)
        east, north = self._transformer.transform(places[:, 0], places[:, 1])
        return _within(np.column_stack([east, north]) * self.unit, self.drawn_room)

    def own(self, drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places (n, 2) of the project's plane that are drawn there: :meth:`drawn` backwards."""
        drawn = _within(drawn, self.drawn_room) / self.unit
        x, y = self._transformer.transform(drawn[:, 0], drawn[:, 1], direction="INVERSE")
        return _within(np.column_stack([x, y]), self.room)

    def stretch(self, x: float, y: float) -> float:
        """Metres that a drawn metre stands for at a place of the project's plane.

        1.0 in a plane: its scale is that of its own metres. Degrees are so many metres on the ellipsoid along the
        parallel, that is from east to west, as the map's scale bar lies.
        """
        if not self.geographic:
            return 1.0
        longitude, latitude = (self.drawn(np.array([[x, y]]))[0] / DEGREE).tolist()
        step = _STEP / DEGREE
        length = float(self._geod.inv(longitude - step, latitude, longitude + step, latitude)[2])
        return length / (2 * _STEP)


@lru_cache(maxsize=64)
def shown_plane(source: int, epsg: int) -> ShownPlane:
    """Places of the plane ``source`` in the system ``epsg``, east first. Loads tables: not on the UI thread."""
    plane = pyproj.CRS.from_epsg(source)
    geod = plane.get_geod()
    if geod is None:
        raise ValueError(f"EPSG:{source} has no ellipsoid")
    transformer = pyproj.Transformer.from_crs(plane, pyproj.CRS.from_epsg(epsg), always_xy=True)
    room = _room(plane)
    unit = DEGREE if epsg == GEOGRAPHIC else 1.0
    return ShownPlane(source, epsg, room, _drawn_room(transformer, room, unit), transformer, geod)


def short_name(epsg: int) -> str:
    """What stands before coordinates."""
    if epsg == GEOGRAPHIC:
        return tr("经纬度")
    if zone_epsg(epsg) is not None:
        return tr("3度带 {meridian}°E", meridian=f"{central_meridian(epsg):g}")
    return f"EPSG:{epsg}"


def zones() -> list[tuple[int, int]]:
    """Central meridian and EPSG code of every CGCS2000 3-degree plane without zone number."""
    return [(meridian, choose_plane((meridian, 30.0, meridian, 30.0))) for meridian in range(75, 136, 3)]


def zone_at(source: int, x: float, y: float) -> int:
    """The CGCS2000 3-degree plane (UTM outside China) in whose zone a place of the plane ``source`` lies."""
    longitude, latitude = pyproj.Transformer.from_crs(source, GEOGRAPHIC, always_xy=True).transform(x, y)
    return choose_plane((longitude, latitude, longitude, latitude))


def _room(plane: pyproj.CRS) -> Box:
    """Where a transverse Mercator plane has places that other systems have as well."""
    operation = plane.coordinate_operation
    values = {item.name: float(item.value) for item in operation.params} if operation is not None else {}
    east, north = values.get("False easting", 0.0), values.get("False northing", 0.0)
    low, high = (-_BEYOND_EQUATOR, _HEIGHT) if north <= 0 else (-_HEIGHT, _BEYOND_EQUATOR)
    return east - _BREADTH, north + low, east + _BREADTH, north + high


def _drawn_room(transformer: pyproj.Transformer, room: Box, unit: float) -> Box:
    west, south, east, north = room
    across, up = np.meshgrid(np.linspace(west, east, _ALONG), np.linspace(south, north, _ALONG))
    x, y = transformer.transform(across.ravel(), up.ravel())
    drawn = np.column_stack([x, y]) * unit
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    (left, bottom), (right, top) = drawn.min(axis=0).tolist(), drawn.max(axis=0).tolist()
    return left, bottom, right, top


def _within(places: NDArray[np.float64], room: Box) -> NDArray[np.float64]:
    west, south, east, north = room
    held = np.clip(np.asarray(places, dtype=np.float64), (west, south), (east, north))
    return np.nan_to_num(held, nan=west)
