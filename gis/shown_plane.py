"""Places of a project in another system: what they are called there, and how long a metre of the project is there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pyproj

from gis.crs import GEOGRAPHIC, central_meridian, choose_plane, describe, zone_epsg
from gis.text import tr

__all__ = ["ShownPlane", "short_name", "shown_plane", "zone_at", "zones"]

_STEP = 50.0  # metres to either side over which the stretch is taken


@dataclass(frozen=True, slots=True)
class ShownPlane:
    """The system ``epsg`` for places of the plane ``source``; ``short`` and ``title`` name it."""

    source: int
    epsg: int
    short: str
    title: str
    _transformer: pyproj.Transformer
    _geod: pyproj.Geod

    @property
    def geographic(self) -> bool:
        """Whether places are degrees there."""
        return self.epsg == GEOGRAPHIC

    def place(self, x: float, y: float) -> tuple[float, float]:
        """East and north (metres), or longitude and latitude (degrees), of a place of the project's plane."""
        east, north = self._transformer.transform(x, y)
        return float(east), float(north)

    def stretch(self, x: float, y: float) -> float:
        """Metres in that plane, or on the ellipsoid where it is geographic, for one metre of the project's plane.

        The mean of both directions; 1.0 outside the range of either plane.
        """
        ends = [
            self.place(x + dx, y + dy)
            for dx, dy in ((-_STEP, 0.0), (_STEP, 0.0), (0.0, -_STEP), (0.0, _STEP))
        ]
        pairs = ((ends[0], ends[1]), (ends[2], ends[3]))
        if self.geographic:
            lengths = [float(self._geod.inv(*one, *other)[2]) for one, other in pairs]
        else:
            lengths = [math.dist(one, other) for one, other in pairs]
        mean = sum(lengths) / (4 * _STEP)
        return mean if math.isfinite(mean) and mean > 0 else 1.0


def shown_plane(source: int, epsg: int) -> ShownPlane:
    """Places of the plane ``source`` in the system ``epsg``, east first. Loads tables: not on the UI thread."""
    plane = pyproj.CRS.from_epsg(source)
    geod = plane.get_geod()
    if geod is None:
        raise ValueError(f"EPSG:{source} has no ellipsoid")
    transformer = pyproj.Transformer.from_crs(plane, pyproj.CRS.from_epsg(epsg), always_xy=True)
    return ShownPlane(source, epsg, short_name(epsg), describe(epsg), transformer, geod)


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
