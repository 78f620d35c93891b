"""The map frame of a parcel map: the parcel in red, its points and lengths, and what lies round it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.draw.label_room import LabelRoom, turned_boxes
from gis.draw.page import MapFrame, Page
from gis.draw.symbols import Symbol, symbol_set
from gis.draw.words import text_width, wrapped
from gis.text import mark, tr
from layers.codes import code_table
from layers.sheets.centre_note import draw_centre_note, middle_of
from layers.sheets.map_labels import (
    Label,
    PaperOutline,
    place_long_lengths,
    place_numbers,
    place_short_lengths,
    upright,
)
from layers.sheets.parcel_sheet import ParcelSheet

__all__ = ["BOUNDARY_WIDTH", "POINT_DIAMETER", "RED", "Drawn", "dash_of", "draw_parcel"]

# Boundary line and points of a parcel map in mm (domain reference §11).
BOUNDARY_WIDTH = 0.3
POINT_DIAMETER = 0.8
BUILDING_WIDTH = 0.1
NEIGHBOUR_WIDTH = 0.15
LINE_WIDTH = 0.5
RED = "#D00000"
_WATERMARK = "#F6DFDF"
_DASHES = {"dash": (3.0, 1.2), "dot": (0.5, 0.9), "dash_dot": (3.0, 1.0, 0.5, 1.0)}  # mm on and off
_SMALL_TEXT = 2.2
_NOTE_ROOM = 30.0  # mm, the widest a neighbour's holder gets before it breaks
_ARROW = (10.0, 19.0)
_SMALLEST_LABELLED = 15.0  # mm²: less has no room for a number
# What a building's label says of its structure; the first word found in the ledger's text counts.
_STRUCTURES = (
    ("钢筋混凝土", mark("砼")), ("混凝土", mark("砼")), ("钢", mark("钢")),  # data
    ("砖混", mark("混")), ("混合", mark("混")), ("砖", mark("砖")), ("木", mark("木")),  # data
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is in the frame, for the legend, and how many labels had no room there."""

    neighbours: bool
    buildings: bool
    line_levels: tuple[str, ...]
    left_out: int


def dash_of(symbol: Symbol, level: str) -> tuple[float, ...] | None:
    """Dashes in mm of a class of a layer, None for a line without gaps."""
    return _DASHES.get(symbol.class_lines.get(level, symbol.line_style))


def draw_parcel(page: Page, sheet: ParcelSheet, frame: MapFrame) -> Drawn:
    """Draw into the frame at its exact scale; every figure on the page is one of ``sheet``."""
    parcel = frame.to_paper(sheet.geometry)
    arrow = _arrow_place(frame, parcel, sheet)
    window = shapely.difference(frame.box, arrow)
    neighbours = _seen(sheet.neighbours, frame, window)
    factories = _seen(sheet.factories, frame, window)
    lines = _seen(sheet.lines, frame, window)
    avoided = np.concatenate([item.geometry.to_numpy() for item in (neighbours, factories, lines)])
    room = LabelRoom(tuple(frame.box.buffer(-0.8).bounds), parcel, avoided)
    room.take(arrow)

    if sheet.is_demo:
        _watermark(page, frame)
    page.lines(_outlines(neighbours.geometry, window), NEIGHBOUR_WIDTH, "#404040")
    page.lines(_outlines(factories.geometry, window), BUILDING_WIDTH, "black")
    symbol = symbol_set("print").symbol("block_line")
    for level, part in lines.groupby(lines["level"].astype(object).fillna("").astype(str)):
        dash = dash_of(symbol, str(level))
        page.lines(_outlines(part.geometry, window), LINE_WIDTH, symbol.line, dash=dash, zorder=3)
    page.lines(_outlines([parcel], frame.box), BOUNDARY_WIDTH, RED, zorder=5)
    xy = frame.points(np.column_stack([sheet.points.east, sheet.points.north]))
    page.circles(xy, POINT_DIAMETER, RED, line=0.15, zorder=6)
    west, south, _east, _north = shapely.bounds(arrow)
    page.north_arrow(west + _ARROW[0] / 2, south + 1.8, 11.5)

    outline = PaperOutline.of(sheet.points, xy)
    room.take(shapely.polygons(turned_boxes(xy, POINT_DIAMETER, POINT_DIAMETER)))
    lengths, short = place_long_lengths(outline, room)
    draw_centre_note(page, sheet, parcel, room)
    numbers, unnumbered = place_numbers(outline, room)
    more, unmeasured = place_short_lengths(outline, short, room)
    _write_all(page, numbers, RED)
    _write_all(page, lengths + more, "black")
    _label_buildings(page, factories, window, room)
    _label_neighbours(page, neighbours, window, room)
    _label_lines(page, lines, window, room, symbol.label_colour or symbol.line)
    levels = lines["level"].dropna().astype(str).unique()
    return Drawn(len(neighbours) > 0, len(factories) > 0, tuple(sorted(levels)), unnumbered + unmeasured)


def _write_all(page: Page, labels: list[Label], colour: str) -> None:
    for label in labels:
        page.text(label.x, label.y, label.text, label.size, ha="center", angle=label.angle, colour=colour)
    page.lines([label.leader for label in labels if len(label.leader)], 0.08, colour, zorder=4)


def _arrow_place(frame: MapFrame, parcel: Any, sheet: ParcelSheet) -> Any:
    """The corner for the north arrow: the upper right one, unless the upper left is free of lines and it is not.

    Where the parcel reaches into both, a lower corner.
    """
    width, height = _ARROW
    right, top = frame.left + frame.width - width, frame.bottom + frame.height - height
    left, bottom = frame.left, frame.bottom
    corners = [(right, top), (left, top), (right, bottom), (left, bottom)]
    boxes = [shapely.box(x, y, x + width, y + height) for x, y in corners]
    free = [box for box in boxes if not shapely.dwithin(box, parcel, 6.0)] or boxes[:1]
    lines = [
        frame.to_paper(shapely.boundary(item.geometry.to_numpy())) for item in (sheet.neighbours, sheet.lines)
    ]
    clear = [
        box
        for box in free
        if box in boxes[:2] and not any(shapely.intersects(box, line).any() for line in lines)
    ]
    return [*clear, *free][0]


def _seen(items: Any, frame: MapFrame, window: Any) -> Any:
    """The rows that show in the frame, as polygons in mm of paper cut at its edge."""
    geometries = frame.to_paper(items.geometry.to_numpy())
    geometries = np.where(shapely.is_valid(geometries), geometries, shapely.make_valid(geometries))
    # Lines are taken from the whole outline, so that the cut itself is never drawn as a boundary.
    shows = shapely.intersects(geometries, window) & (shapely.get_dimensions(geometries) == 2)
    return items[shows].set_geometry(geometries[shows], crs=None)


def _outlines(geometries: Any, window: Any) -> list[NDArray[np.float64]]:
    """The outlines of polygons inside the window, as coordinate arrays."""
    cut = shapely.intersection(shapely.boundary(np.asarray(geometries, dtype=object)), window)
    parts = shapely.get_parts(shapely.line_merge(shapely.get_parts(cut)))
    parts = parts[shapely.get_dimensions(parts) == 1]
    return [shapely.get_coordinates(part) for part in parts]


def _watermark(page: Page, frame: MapFrame) -> None:
    text = tr("示例数据　不得用于登记与交易")
    angle = math.degrees(math.atan2(frame.height, frame.width))
    size = min(0.7 * math.hypot(frame.width, frame.height) / text_width(text, 1.0), 14.0)
    x, y = frame.left + frame.width / 2, frame.bottom + frame.height / 2
    page.text(x, y, text, size, ha="center", angle=angle, colour=_WATERMARK, under=True)


def _label_buildings(page: Page, factories: Any, window: Any, room: LabelRoom) -> None:
    """Structure and storeys of each building, or the storeys alone where there is no more room."""
    for row in factories.itertuples():
        storeys = "" if pd.isna(row.floors) else f"{int(row.floors)}"
        choices: tuple[list[str], ...] = tuple(
            [text] for text in (_structure(row.structure) + storeys, storeys) if text
        )
        if choices:
            _write_inside(page, shapely.intersection(row.geometry, window), choices, 2.0, room, "black")


def _structure(text: object) -> str:
    if not isinstance(text, str):
        return ""
    return next((tr(short) for word, short in _STRUCTURES if word in text), "")


def _label_neighbours(page: Page, neighbours: Any, window: Any, room: LabelRoom) -> None:
    """Number and holder of each neighbour that has room for them, the largest first."""
    seen = shapely.intersection(neighbours.geometry.to_numpy(), window)
    size = shapely.area(seen)
    order = np.argsort(-size, kind="stable")
    for i in order[size[order] > _SMALLEST_LABELLED]:
        row = neighbours.iloc[i]
        number, holder = ("" if pd.isna(text) else str(text) for text in (row["parcel_no"], row["holder"]))
        named = [number, *wrapped(holder, _NOTE_ROOM, _SMALL_TEXT)] if holder else [number]
        choices = tuple(lines for lines in (named, [number]) if lines[0] or len(lines) > 1)
        if choices:
            _write_inside(page, seen[i], choices, _SMALL_TEXT, room, "#404040")


def _write_inside(
    page: Page, shape: Any, choices: tuple[list[str], ...], size: float, room: LabelRoom, colour: str
) -> None:
    """Write the first of some texts that fits wholly into a polygon, where it is widest."""
    shape = max(shapely.get_parts(shape), key=shapely.area)
    west, south, east, north = shapely.bounds(shape)
    for lines in choices:
        width = max(text_width(line, size) for line in lines) + 0.6
        height = len(lines) * size * 1.35
        if width > east - west or height > north - south:
            continue
        xs, ys = np.meshgrid(np.linspace(west, east, 9)[1:-1], np.linspace(south, north, 9)[1:-1])
        anchor = middle_of(shape)
        places = np.vstack([anchor, np.column_stack([xs.ravel(), ys.ravel()])])
        boxes = turned_boxes(places, width, height)
        inside = shapely.contains_properly(shape, shapely.polygons(boxes))
        if not inside.any():
            continue
        places, boxes = places[inside], boxes[inside]
        found = room.place(boxes, np.hypot(*(places - anchor).T) * 0.1)
        if found is not None:
            x, y = places[found]
            for index, line in enumerate(lines):
                page.text(
                    x, y + ((len(lines) - 1) / 2 - index) * size * 1.3, line, size, ha="center", colour=colour
                )
            return


def _label_lines(page: Page, lines: Any, window: Any, room: LabelRoom, colour: str) -> None:
    """The name of each block line along one of its longer stretches in the frame, on its inner side."""
    levels = code_table("block_level")
    for row in lines.itertuples():
        level = levels.title(row.level) if isinstance(row.level, str) else ""
        name = row.name if isinstance(row.name, str) else ""
        text = f"{name} {level}".strip()
        if not text:
            continue
        width, height = text_width(text, _SMALL_TEXT) + 0.6, _SMALL_TEXT * 1.1
        centres, angles = _along(shapely.orient_polygons(row.geometry), window, width, height / 2 + 0.8)
        if not len(centres):
            continue
        boxes = np.concatenate(
            [turned_boxes(c[None], width, height, angle) for c, angle in zip(centres, angles, strict=True)]
        )
        middle = np.array(shapely.get_coordinates(shapely.centroid(window))[0])
        found = room.place(boxes, np.hypot(*(centres - middle).T) * 0.01)
        if found is not None:
            x, y = centres[found]
            page.text(x, y, text, _SMALL_TEXT, ha="center", angle=float(angles[found]), colour=colour)


def _along(
    shape: Any, window: Any, width: float, off: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places and angles along the straight stretches of a polygon's outline that are ``width`` mm long."""
    places: list[NDArray[np.float64]] = []
    angles: list[float] = []
    cut = shapely.get_parts(shapely.line_merge(shapely.intersection(shapely.boundary(shape), window)))
    for line in cut[shapely.length(cut) >= width]:
        points = shapely.get_coordinates(line)
        for start, end in pairwise(points):
            long = float(np.hypot(*(end - start)))
            if long < width:
                continue
            along = (end - start) / long
            inward = np.array([-along[1], along[0]])  # rings run anticlockwise here
            for share in np.linspace(width / 2, long - width / 2, 5):
                places += [start + along * share + inward * off, start + along * share - inward * off]
                angles += [upright(math.degrees(math.atan2(along[1], along[0])))] * 2
    return np.array(places).reshape(-1, 2), np.array(angles)
