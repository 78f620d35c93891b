"""A place typed by hand: degrees in any of their spellings, or metres of a plane with or without zone prefix."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.crs import Candidate, candidates, describe, to_plane
from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["TypedPlace", "place_of_text"]

Box = tuple[float, float, float, float]

# 109°01′48.5″E · E109 01 48.5 · 东经109度1分48秒; direction before or after, minutes and seconds optional.
_BEFORE = r"(?P<before>[EWNS]|东经|西经|北纬|南纬)?"  # data
_AFTER = r"(?P<after>[EWNS])?"
_ANGLE = re.compile(
    rf"{_BEFORE}\s*(?P<degrees>\d+(?:\.\d+)?)\s*[°度]\s*(?:(?P<minutes>\d+(?:\.\d+)?)\s*['′分]\s*)?"  # data
    rf"(?:(?P<seconds>\d+(?:\.\d+)?)\s*(?:\"|″|''|′′|秒)\s*)?{_AFTER}",  # data
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_LATITUDE = ("N", "S", "北纬", "南纬")  # data
_NEGATIVE = ("W", "S", "西经", "南纬")  # data


@dataclass(frozen=True, slots=True)
class TypedPlace:
    """East and north in metres of the project's plane, and in what system the text was read."""

    x: float
    y: float
    how: str


def place_of_text(text: str, epsg: int, extent: Box | None = None) -> TypedPlace:
    """The place a text names, in the plane ``epsg``.

    Two numbers, east and north in either order, as degrees or as metres of a 3-degree plane (36 596 594.20,
    3 618 837.47). Numbers that lie in ``extent``, the project's own in its plane, are taken as they are.
    Raises ``ParkLineError`` for a text that names no place, or none that can be in China.
    """
    plain = unicodedata.normalize("NFKC", text).replace("′′", "″").strip()
    degrees = _degrees(plain)
    if degrees is not None:
        return _moved(degrees, 4490, False, epsg)
    # A comma between groups of three digits belongs to the number.
    joined = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", plain)
    numbers = [float(item) for item in _NUMBER.findall(joined)]
    if len(numbers) != 2:
        numbers = [float(item) for item in _NUMBER.findall(plain)]
    if len(numbers) != 2:
        raise ParkLineError(
            tr("“{text}”不是一个坐标。", text=text.strip()),
            hint=tr("请输入两个数：经度与纬度（109.03, 32.69），或平面坐标（36596594.20, 3618837.47）。"),
        )
    first, second = numbers
    if extent is not None:
        for x, y in ((first, second), (second, first)):
            if extent[0] <= x <= extent[2] and extent[1] <= y <= extent[3]:
                return TypedPlace(x, y, describe(epsg))
    found = candidates(np.array([[first, second]]))
    if not found or not found[0].plausible:
        raise ParkLineError(
            tr("坐标 {first:g}, {second:g} 不在中国范围内。", first=first, second=second),
            hint=tr("请核对数值、带号与 X/Y 顺序。"),
        )
    return _nearest(found, (first, second), epsg, extent)


def _nearest(
    found: Sequence[Candidate], numbers: tuple[float, float], epsg: int, extent: Box | None
) -> TypedPlace:
    """Of readings that are all plausible, the one that lies nearest to the project's land."""
    places = [_moved(numbers, item.epsg, item.swapped, epsg) for item in found if item.plausible]
    if extent is None:
        return places[0]
    middle = ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)
    return min(places, key=lambda place: np.hypot(place.x - middle[0], place.y - middle[1]))


def _degrees(text: str) -> tuple[float, float] | None:
    """(longitude, latitude) if the text spells two angles."""
    angles = list(_ANGLE.finditer(text))
    if len(angles) != 2:
        return None
    values: list[float] = []
    names: list[str] = []
    for angle in angles:
        name = (angle["before"] or angle["after"] or "").upper()
        value = sum(
            float(angle[part] or 0) / 60**power
            for power, part in enumerate(("degrees", "minutes", "seconds"))
        )
        values.append(-value if name in _NEGATIVE else value)
        names.append(name)
    latitude_first = names[0] in _LATITUDE or (not names[0] and not names[1] and values[0] < values[1])
    return (values[1], values[0]) if latitude_first else (values[0], values[1])


def _moved(numbers: tuple[float, float], source: int, swapped: bool, epsg: int) -> TypedPlace:
    moved = to_plane(np.array([shapely.Point(*numbers)], dtype=object), source, epsg, swapped=swapped)
    x, y = shapely.get_coordinates(moved)[0].tolist()
    return TypedPlace(x, y, describe(source))
