"""The strip under the map: reference system, legend, scale in figures and as a bar."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gis.draw.page import Page
from gis.draw.symbols import symbol_set
from gis.draw.words import fitted_lines, text_width
from gis.text import tr
from layers.codes import code_table
from layers.sheets.parcel_drawing import (
    BOUNDARY_WIDTH,
    BUILDING_WIDTH,
    LINE_WIDTH,
    NEIGHBOUR_WIDTH,
    POINT_DIAMETER,
    RED,
    Drawn,
    dash_of,
)
from layers.sheets.parcel_sheet import ParcelSheet

__all__ = ["draw_strip"]

_TEXT = 2.5
_SAMPLE = 7.0
_BAR = 40.0


def draw_strip(
    page: Page,
    sheet: ParcelSheet,
    drawn: Drawn,
    box: tuple[float, float, float, float],
    scale: int,
    factor: float,
    *,
    table_elsewhere: bool,
) -> None:
    """Draw the strip into a box (left, bottom, width, height in mm)."""
    left, bottom, width, height = box
    bar = min(_BAR * factor, width * 0.25)
    bar_left = left + width - bar - 7.0
    long = page.scale_bar(bar_left, bottom + 2.0 * factor, scale, bar)
    page.text(bar_left + long / 2, bottom + height - 3.2 * factor, f"1:{scale}", 4.2 * factor, ha="center")
    room = bar_left - left - 6.0
    upper, lower = bottom + height * 0.72, bottom + height * 0.28
    lines, fitted = fitted_lines(tr("坐标系：{plane}", plane=sheet.plane), room, _TEXT * factor)
    page.text(left + 1.8, upper, lines[0], fitted)
    note = ""
    if table_elsewhere:
        note = tr("坐标与图上未注的点号、边长见附页") if drawn.left_out else tr("界址点坐标见附页")
    elif drawn.left_out:
        note = tr("图上未注的点号、边长见成果表")
    _legend(page, drawn, left + 1.8, lower, room, factor, note)


def _legend(page: Page, drawn: Drawn, left: float, y: float, room: float, factor: float, note: str) -> None:
    def line(width: float, colour: str, dash: tuple[float, ...] | None = None) -> Callable[[float], None]:
        def draw(x: float) -> None:
            page.lines([np.array([[x, y], [x + _SAMPLE, y]])], width, colour, dash=dash)

        return draw

    def point(x: float) -> None:
        page.circles(np.array([[x + _SAMPLE / 2, y]]), POINT_DIAMETER, RED, line=0.15, zorder=6)

    def building(x: float) -> None:
        corners = np.array(
            [[x + 1, y - 1.2], [x + _SAMPLE - 1, y - 1.2], [x + _SAMPLE - 1, y + 1.2], [x + 1, y + 1.2]]
        )
        page.polygons([corners], edge="black", line=BUILDING_WIDTH)

    entries: list[tuple[str, Callable[[float], None]]] = [
        (tr("界址线"), line(BOUNDARY_WIDTH, RED)),
        (tr("界址点"), point),
    ]
    if drawn.neighbours:
        entries.append((tr("相邻宗地"), line(NEIGHBOUR_WIDTH, "#404040")))
    if drawn.buildings:
        entries.append((tr("建筑物"), building))
    symbol = symbol_set("print").symbol("block_line")
    levels = code_table("block_level")
    entries += [
        (
            tr("{level}区块线", level=levels.title(level)),
            line(LINE_WIDTH, symbol.line, dash_of(symbol, level)),
        )
        for level in drawn.line_levels
    ]
    size = _TEXT * factor
    gaps = len(entries) * (_SAMPLE + 3.0)
    needed = sum(text_width(text, 1.0) for text, _ in entries) + text_width(note, 1.0)
    size = min(size, (room - gaps) / max(needed, 1e-9))
    x = left
    for text, draw in entries:
        draw(x)
        x += _SAMPLE + 1.0
        page.text(x, y, text, size)
        x += text_width(text, size) + 2.0
    if note:
        page.text(x, y, note, size, colour="#505050")
