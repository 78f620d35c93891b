"""界址点成果表: the coordinate table of a parcel map, on its page or on continuation sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gis.draw.page import Page
from gis.draw.words import fitted_lines
from gis.text import tr
from gis.units import round_figure
from layers.sheets.parcel_sheet import ParcelSheet

__all__ = ["TableRoom", "draw_table", "table_height", "table_rows"]

_ROW = 3.8
_HEAD = 6.4
_TITLE = 5.6
_TEXT = 2.4
# Shares of a block's width: number, X, Y, length, ring, remark.
_COLUMNS = (0.125, 0.23, 0.235, 0.165, 0.12, 0.125)

Row = tuple[str, str, str, str, str, str]


def table_rows(sheet: ParcelSheet) -> list[Row]:
    """Point number, X (north), Y (east), length to the next point, ring, remark; each ring closed by its first point."""
    points = sheet.points
    rows: list[Row] = []
    starts = 0
    for i in range(len(points.number)):
        rows.append(
            (
                f"J{points.number[i]}",
                str(round_figure(points.north[i], 3)),
                str(round_figure(points.east[i], 3)),
                str(round_figure(points.length[i], 2)),
                str(points.ring[i]),
                "",
            )
        )
        if points.following[i] != i + 1:
            first = rows[starts]
            rows.append((*first[:3], "", first[4], ""))
            starts = len(rows)
    return rows


@dataclass(frozen=True, slots=True)
class TableRoom:
    """A box of the page in mm and how many blocks of columns stand side by side in it."""

    left: float
    bottom: float
    width: float
    height: float
    blocks: int
    factor: float = 1.0

    @property
    def rows(self) -> int:
        """How many rows fit."""
        return self.blocks * self._rows_a_block

    @property
    def _rows_a_block(self) -> int:
        return max(0, int((self.height - (_TITLE + _HEAD) * self.factor + 1e-6) // (_ROW * self.factor)))


def table_height(rows: int, blocks: int, factor: float) -> float:
    """Height in mm of a table of so many rows in equally long blocks."""
    return (_TITLE + _HEAD + _ROW * -(-rows // blocks)) * factor


def draw_table(
    page: Page, rows: Sequence[Row], room: TableRoom, title: str, *, level: bool = False, last: bool = True
) -> None:
    """Draw rows into a room that holds them, block after block.

    ``level`` makes the blocks equally long; after the ``last`` row the room left over is marked as blank.
    """
    size, row_height = _TEXT * room.factor, _ROW * room.factor
    top = room.bottom + room.height
    page.text(
        room.left + room.width / 2, top - _TITLE * room.factor / 2, title, 3.2 * room.factor, ha="center"
    )
    top -= _TITLE * room.factor
    blocks = room.blocks
    per_block = -(-len(rows) // blocks) if level else (room.rows // blocks)
    headers = (
        tr("界址点号"), tr("纵坐标X(m)"), tr("横坐标Y(m)"), tr("反算边长(m)"), tr("地块圈号"), tr("备注"),
    )  # fmt: skip
    width = room.width / blocks
    used = -(-len(rows) // per_block)
    heavy, light = [], []
    for block in range(used):
        left = room.left + block * width
        edges = left + width * np.concatenate([[0.0], np.cumsum(_COLUMNS)])
        middles = (edges[:-1] + edges[1:]) / 2
        part = rows[block * per_block : (block + 1) * per_block]
        foot = top - _HEAD * room.factor - len(part) * row_height
        for header, middle, start, end in zip(headers, middles, edges[:-1], edges[1:], strict=True):
            _header(
                page, header, float(middle), top - _HEAD * room.factor / 2, float(end - start) - 0.8, size
            )
        light += [[[edge, top], [edge, foot]] for edge in edges[1:-1]]
        heavy += [[[left, top], [left + width, top]]]
        heavy += [[[left, top], [left, foot]]] * (block > 0)
        if left + width < room.left + room.width - 0.01:
            heavy += [[[left + width, top], [left + width, foot]]]
        for index, row in enumerate(part):
            y = top - _HEAD * room.factor - (index + 0.5) * row_height
            light.append([[left, y + row_height / 2], [left + width, y + row_height / 2]])
            for value, middle in zip(row, middles, strict=True):
                if value:
                    page.text(float(middle), y, value, size, ha="center")
        light.append([[left, foot], [left + width, foot]])
        # Nobody can add a point to a printed table unseen.
        if last and block == used - 1 and foot - room.bottom > 2 * row_height:
            page.text(left + width / 2, foot - row_height, tr("（以下空白）"), size, ha="center")
    page.lines([np.array(rule) for rule in light], 0.08)
    page.lines([np.array(rule) for rule in heavy], 0.15)


def _header(page: Page, text: str, x: float, y: float, room: float, size: float) -> None:
    lines, fitted = fitted_lines(text, room, size * 0.92, lines=2, smallest=1.4)
    for index, line in enumerate(lines):
        page.text(x, y + ((len(lines) - 1) / 2 - index) * fitted * 1.15, line, fitted, ha="center")
