"""The map frame of a parcel map: the parcel in red, its points and lengths, and what lies round it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from gis.draw.page import Page, font, text_width
from gis.text import tr
from gis.units import round_figure
from layers.sheets.parcel_sheet import ParcelSheet

__all__ = ["draw_parcel"]

_MM = 72.0 / 25.4  # points per millimetre
_RED = "#D00000"
_LINE_COLOUR = "#7A1FA2"
_POINT_DIAMETER = 0.8
_EDGE_TEXT = 2.0
_NUMBER_TEXT = 2.2


def draw_parcel(page: Page, sheet: ParcelSheet, frame: tuple[float, float, float, float], scale: int) -> None:
    """Draw into the frame (left, bottom, width, height in mm) at exactly 1:``scale``."""
    west, south, east, north = shapely.bounds(sheet.geometry)
    centre = ((west + east) / 2.0, (south + north) / 2.0)
    axes = page.map_frame(*frame, centre, scale)
    metres_per_mm = scale / 1000.0
    visible = shapely.box(
        *axes.get_xlim()[:1], *axes.get_ylim()[:1], *axes.get_xlim()[1:], *axes.get_ylim()[1:]
    )

    _draw_surroundings(axes, sheet, visible, metres_per_mm)
    _outline(axes, sheet.geometry, 0.3, _RED, zorder=5)
    occupied = _draw_points(axes, sheet, metres_per_mm)
    _draw_lengths(axes, sheet, metres_per_mm, occupied)
    _draw_centre_note(axes, sheet, metres_per_mm)
    _draw_sides(page, sheet, frame)


def _rings(geometry: Any) -> list[NDArray[np.float64]]:
    """Closed coordinate arrays of all rings of some polygons (a page holds a few hundred at most)."""
    lines = shapely.get_parts(shapely.boundary(np.atleast_1d(geometry)))
    return [shapely.get_coordinates(line) for line in shapely.get_parts(lines)]


def _outline(
    axes: Axes, geometry: Any, width: float, colour: str, *, style: str = "solid", zorder: float = 2
) -> None:
    axes.add_collection(
        LineCollection(
            _rings(geometry),
            linewidths=width * _MM,
            colors=colour,
            linestyles=style,
            zorder=zorder,
            capstyle="round",
        ),
        autolim=False,
    )


def _write(axes: Axes, x: float, y: float, text: str, size: float, **style: Any) -> None:
    style.setdefault("ha", "center")
    style.setdefault("va", "center")
    axes.text(x, y, text, fontproperties=font(size), clip_on=True, parse_math=False, **style)


def _draw_surroundings(axes: Axes, sheet: ParcelSheet, visible: Any, metres_per_mm: float) -> None:
    """Neighbours with number and holder, buildings with storeys, block lines with their name."""
    neighbours = sheet.neighbours
    if len(neighbours):
        _outline(axes, neighbours.geometry.to_numpy(), 0.15, "#404040")
        seen = shapely.intersection(neighbours.geometry.to_numpy(), visible)
        places = shapely.get_coordinates(shapely.point_on_surface(seen))
        kept = ~shapely.is_empty(seen)
        bounds = shapely.bounds(seen)[kept] / metres_per_mm
        for place, box, row in zip(places, bounds, neighbours[kept].itertuples(), strict=True):
            label = str(row.parcel_no)
            if text_width(label, 2.0) < box[2] - box[0] and box[3] - box[1] > 4.0:
                _write(axes, place[0], place[1], label, 2.0, color="#404040")
    factories = sheet.factories
    if len(factories):
        areal = shapely.get_dimensions(factories.geometry.to_numpy()) == 2
        shown = factories[areal]
        _outline(axes, shown.geometry.to_numpy(), 0.1, "black")
        for geometry, floors in zip(shown.geometry, shown["floors"], strict=True):
            place = shapely.get_coordinates(shapely.point_on_surface(geometry))[0]
            _write(axes, place[0], place[1], "" if pd.isna(floors) else f"{floors}", 1.8)
    lines = sheet.lines
    if len(lines):
        _outline(axes, lines.geometry.to_numpy(), 0.5, _LINE_COLOUR, style="dashed", zorder=4)


def _draw_points(axes: Axes, sheet: ParcelSheet, metres_per_mm: float) -> list[tuple[float, float]]:
    """Red circles of 0.8 mm with their numbers outside the corner; returns where numbers stand."""
    points = sheet.points
    axes.plot(
        points.east,
        points.north,
        linestyle="none",
        marker="o",
        markersize=_POINT_DIAMETER * _MM,
        markerfacecolor="white",
        markeredgecolor=_RED,
        markeredgewidth=0.15 * _MM,
        zorder=6,
    )
    outward = _outward(sheet)
    occupied: list[tuple[float, float]] = []
    distance, height = 2.6 * metres_per_mm, 2.6 * metres_per_mm
    for i in range(len(points.number)):
        label = f"J{points.number[i]}"
        x = points.east[i] + outward[i, 0] * distance
        y = points.north[i] + outward[i, 1] * distance
        room = (text_width(label, _NUMBER_TEXT) + 0.6) * metres_per_mm
        # Where corners crowd, the table has the number; an unreadable heap of figures helps nobody.
        if any(abs(x - ox) < room and abs(y - oy) < height for ox, oy in occupied):
            continue
        occupied.append((x, y))
        _write(axes, x, y, label, _NUMBER_TEXT, color=_RED, zorder=7)
    return occupied


def _outward(sheet: ParcelSheet) -> NDArray[np.float64]:
    """Unit vectors from each vertex away from the land, along the bisector of its corner."""
    points = sheet.points
    here = np.column_stack([points.east, points.north])
    following = here[points.following]
    previous = np.empty_like(here)
    previous[points.following] = here
    with np.errstate(invalid="ignore", divide="ignore"):
        ahead = (following - here) / np.linalg.norm(following - here, axis=1)[:, None]
        behind = (here - previous) / np.linalg.norm(here - previous, axis=1)[:, None]
    # Rings run clockwise, so the left-hand normal of an edge points out of an outer ring.
    normal = np.column_stack([-(ahead + behind)[:, 1], (ahead + behind)[:, 0]])
    length = np.linalg.norm(normal, axis=1)
    normal[length < 1e-9] = (0.0, 1.0)
    normal /= np.maximum(length, 1e-9)[:, None]
    normal[points.is_hole] *= -1.0
    return normal


def _draw_lengths(
    axes: Axes, sheet: ParcelSheet, metres_per_mm: float, occupied: list[tuple[float, float]]
) -> None:
    """The length of every edge that has room for it, parallel to the edge and outside the parcel."""
    points = sheet.points
    for i in range(len(points.number)):
        j = points.following[i]
        label = str(round_figure(points.length[i], 2))
        on_paper = points.length[i] / metres_per_mm
        if on_paper < text_width(label, _EDGE_TEXT) + 1.5:
            continue
        dx, dy = points.east[j] - points.east[i], points.north[j] - points.north[i]
        side = -1.0 if points.is_hole[i] else 1.0
        offset = 1.9 * metres_per_mm * side / points.length[i]
        x = (points.east[i] + points.east[j]) / 2.0 - dy * offset
        y = (points.north[i] + points.north[j]) / 2.0 + dx * offset
        angle = math.degrees(math.atan2(dy, dx))
        if angle > 90.0 or angle <= -90.0:
            angle -= math.copysign(180.0, angle)
        near = 1.6 * metres_per_mm
        if any(abs(x - ox) < near and abs(y - oy) < near for ox, oy in occupied):
            continue
        _write(axes, x, y, label, _EDGE_TEXT, rotation=angle, rotation_mode="anchor", zorder=7)


def _draw_centre_note(axes: Axes, sheet: ParcelSheet, metres_per_mm: float) -> None:
    """宗地号 over 用途代码 as a fraction, the area below (domain reference §11)."""
    place = shapely.get_coordinates(shapely.point_on_surface(sheet.geometry))[0]
    upper = sheet.parcel_no
    lower = " ".join(part for part in (sheet.land_use_code, str(round_figure(sheet.plane_area, 2))) if part)
    half = max(text_width(upper, 2.8), text_width(lower, 2.8)) / 2.0 * metres_per_mm + metres_per_mm
    axes.plot(
        [place[0] - half, place[0] + half],
        [place[1], place[1]],
        color="black",
        linewidth=0.15 * _MM,
        zorder=7,
    )
    _write(axes, place[0], place[1] + 2.4 * metres_per_mm, upper, 2.8, zorder=7)
    _write(axes, place[0], place[1] - 2.4 * metres_per_mm, lower, 2.8, zorder=7)


def _draw_sides(page: Page, sheet: ParcelSheet, frame: tuple[float, float, float, float]) -> None:
    """四至 in the corner of the frame."""
    north, east, south, west = (name or "—" for name in sheet.adjoining)
    rows = (
        tr("东至：{name}", name=east), tr("南至：{name}", name=south),
        tr("西至：{name}", name=west), tr("北至：{name}", name=north),
    )  # fmt: skip
    for index, text in enumerate(rows):
        page.fitted_text(frame[0] + 2.0, frame[1] + 2.8 + (3 - index) * 3.6, text, frame[2] * 0.4, 2.3)
