"""The note in the middle of a parcel: its number over its use as a fraction, and the area (domain reference §11)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.draw.label_room import LabelRoom, leader_to, turned_boxes
from gis.draw.page import Page
from gis.draw.words import text_width
from gis.units import round_figure, unit_title
from layers.sheets.map_labels import upright
from layers.sheets.parcel_sheet import ParcelSheet

__all__ = ["draw_centre_note", "middle_of"]

_SIZES = (3.0, 2.6, 2.2)
_LINE = 1.4  # line height as a share of the size
_OUTSIDE = 2.2
_FREE_SHARE = 0.7  # of the widest room, for the centroid to be the better place


def draw_centre_note(page: Page, sheet: ParcelSheet, parcel: Any, room: LabelRoom) -> None:
    """Write the note where the parcel, a polygon in mm of paper, is widest; beside it on a leader if it is too narrow."""
    lines = [
        text
        for text in (
            sheet.parcel_no,
            sheet.land_use_code,
            f"{round_figure(sheet.plane_area, 2)} {unit_title('m2')}",
        )
        if text
    ]
    part = max(shapely.get_parts(parcel), key=shapely.area)
    anchor = middle_of(part)
    places = _places(part, anchor)
    price = np.hypot(*(places - anchor).T) * 0.04
    for angle in dict.fromkeys((0.0, _long_axis(part))):
        for size in _SIZES:
            width, height = _extent(lines, size)
            found = room.place(turned_boxes(places, width, height, angle), price)
            if found is not None:
                _write(page, lines, places[found], size, angle, width)
                return
    centroid = shapely.get_coordinates(shapely.centroid(part))[0]
    inside = shapely.contains_xy(part, *centroid)
    _write_outside(page, lines, part, centroid if inside else anchor, room)


def middle_of(part: Any) -> NDArray[np.float64]:
    """The place in a polygon where its label is looked for: the centroid, or where it is widest if that is much wider."""
    centroid: NDArray[np.float64] = shapely.get_coordinates(shapely.centroid(part))[0]
    circle = shapely.maximum_inscribed_circle(part, 0.3)  # a radius, from the middle outwards
    place = shapely.points(centroid)
    free = shapely.distance(place, shapely.boundary(part)) if shapely.contains(part, place) else 0.0
    if free >= _FREE_SHARE * shapely.length(circle):
        return centroid
    widest: NDArray[np.float64] = shapely.get_coordinates(circle)[0]
    return widest


def _places(part: Any, anchor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points inside the polygon, the anchor first, then where it is widest."""
    west, south, east, north = shapely.bounds(part)
    xs, ys = np.meshgrid(np.linspace(west, east, 13)[1:-1], np.linspace(south, north, 13)[1:-1])
    grid = np.column_stack([xs.ravel(), ys.ravel()])
    widest = shapely.get_coordinates(shapely.maximum_inscribed_circle(part, 0.3))[0]
    inside = shapely.contains_xy(part, grid[:, 0], grid[:, 1])
    return np.vstack([anchor, widest, grid[inside]])


def _long_axis(part: Any) -> float:
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(part))[:3]
    if len(corners) < 3:
        return 0.0
    sides = np.diff(corners, axis=0)
    along = sides[int(np.argmax(np.hypot(*sides.T)))]
    return upright(math.degrees(math.atan2(along[1], along[0])))


def _extent(lines: list[str], size: float) -> tuple[float, float]:
    return max(text_width(line, size) for line in lines) + 2.0, (len(lines) * _LINE + 0.2) * size


def _write(
    page: Page, lines: list[str], place: NDArray[np.float64], size: float, angle: float, width: float
) -> None:
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    up, along = np.array([-sin, cos]), np.array([cos, sin])
    top = (len(lines) - 1) / 2 * size * _LINE
    for index, line in enumerate(lines):
        x, y = place + up * (top - index * size * _LINE)
        page.text(x, y, line, size, ha="center", angle=angle)
    if len(lines) > 1:
        bar = place + up * (top - size * _LINE / 2)
        page.lines([np.array([bar - along * width / 2, bar + along * width / 2])], 0.12, zorder=7)


def _write_outside(
    page: Page, lines: list[str], part: Any, anchor: NDArray[np.float64], room: LabelRoom
) -> None:
    width, height = _extent(lines, _OUTSIDE)
    turns = np.radians(np.arange(0.0, 360.0, 15.0))
    away = np.arange(8.0, 44.0, 4.0)
    directions = np.column_stack([np.cos(turns), np.sin(turns)])
    centres = (anchor + directions[:, None, :] * away[None, :, None]).reshape(-1, 2)
    boxes = turned_boxes(centres, width, height)
    apart = shapely.distance(part, shapely.polygons(boxes))
    price = np.where(apart > 4.5, apart, np.inf)  # room for the numbers and lengths along the boundary
    found = room.place(boxes, price)
    if found is not None:
        _write(page, lines, centres[found], _OUTSIDE, 0.0, width)
        leader = leader_to(boxes[found], anchor)
        room.take(shapely.buffer(shapely.linestrings(leader), 0.2))
        page.lines([leader], 0.1, zorder=4)
