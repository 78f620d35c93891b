"""Ruled blocks of titles and values: the head of a parcel map, its areas and its signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gis.draw.page import Page
from gis.draw.words import fitted_lines, text_width
from gis.text import tr
from gis.units import round_figure, unit_title
from layers.codes import code_table
from layers.sheets.parcel_sheet import ParcelSheet, area_text

__all__ = ["Block", "Cell", "areas_block", "foot_blocks", "head_block", "signature_block"]

_TEXT = 2.7
_LINE = 1.32  # line height as a share of the size
_PAD = 1.2
_ROW = 5.4
_MOST_LINES = 4
_AREAS_SHARE = 0.58  # of the foot of a sheet; the rest is for the signatures
_TITLE_SHARE = 0.28  # of a cell, for its title, unless a single word is wider
_TITLE_LEAST = 12.0
_TITLE_MOST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Cell:
    """A title and what stands beside it; ``span`` columns wide, at least ``height`` mm high."""

    title: str
    value: str
    span: int = 1
    height: float = _ROW
    hint: str = ""


@dataclass(frozen=True)
class Block:
    """Cells in rows of ``columns``, ``width`` mm wide and at least ``least`` high, all sizes times ``factor``."""

    cells: Sequence[Cell]
    columns: int
    width: float
    factor: float = 1.0
    least: float = 0.0

    @property
    def height(self) -> float:
        """Height in mm that the values need."""
        return sum(self._heights)

    @cached_property
    def _rows(self) -> list[list[Cell]]:
        rows: list[list[Cell]] = [[]]
        for cell in self.cells:
            if sum(c.span for c in rows[-1]) + cell.span > self.columns:
                rows.append([])
            rows[-1].append(cell)
        return rows

    @cached_property
    def _title_width(self) -> float:
        size = _TEXT * self.factor
        cell_width = self.width / self.columns
        widest = max(text_width(cell.title, size) for cell in self.cells)
        word = max(
            text_width(word, size)
            for cell in self.cells
            for word in cell.title.split()
            if word.isascii() or len(word) < 5
        )
        wanted = max(cell_width * _TITLE_SHARE, _TITLE_LEAST * self.factor, word)
        return min(widest, wanted, cell_width * _TITLE_MOST_SHARE) + 2 * _PAD

    def _value_room(self, cell: Cell) -> float:
        return self.width / self.columns * cell.span - self._title_width - 2 * _PAD

    @cached_property
    def _heights(self) -> list[float]:
        heights = []
        for row in self._rows:
            needed = [_ROW * self.factor]
            for cell in row:
                lines, size = self._value_lines(cell)
                needed.append(max(cell.height * self.factor, len(lines) * size * _LINE + 2 * _PAD))
                titles, size = self._title_lines(cell)
                needed.append(len(titles) * size * _LINE + 2 * _PAD)
            heights.append(max(needed))
        spare = max(0.0, self.least - sum(heights)) / len(heights)
        return [height + spare for height in heights]

    def _value_lines(self, cell: Cell) -> tuple[list[str], float]:
        size = _TEXT * self.factor
        room = self._value_room(cell)
        once, smaller = fitted_lines(cell.value, room, size, smallest=size * 0.85)
        if not once[0].endswith("…") or cell.value.endswith("…"):
            return once, smaller
        return fitted_lines(cell.value, room, size * 0.9, lines=_MOST_LINES)

    def _title_lines(self, cell: Cell) -> tuple[list[str], float]:
        return fitted_lines(cell.title, self._title_width - 2 * _PAD + 0.01, _TEXT * self.factor, lines=2)

    def draw(self, page: Page, left: float, top: float) -> None:
        """Draw with the upper left corner there: inner rules and texts, the outline is the caller's."""
        rules = []
        y = top
        for number, (row, height) in enumerate(zip(self._rows, self._heights, strict=True)):
            if number:
                rules.append([[left, y], [left + self.width, y]])
            x = left
            for cell in row:
                middle = y - height / 2
                value_left = x + self._title_width
                edges = [x] * (x > left) + [value_left]
                rules += [[[edge, y], [edge, y - height]] for edge in edges]
                _stack(page, x + _PAD, middle, *self._title_lines(cell))
                _stack(page, value_left + _PAD, middle, *self._value_lines(cell))
                x += self.width / self.columns * cell.span
                if cell.hint:
                    page.text(
                        x - _PAD, middle, cell.hint, _TEXT * 0.9 * self.factor, ha="right", colour="#808080"
                    )
            if x < left + self.width - 0.01:
                rules.append([[x, y], [x, y - height]])
            y -= height
        page.lines([np.array(rule) for rule in rules], 0.12)


def _stack(page: Page, x: float, middle: float, lines: Sequence[str], size: float) -> None:
    y = middle + (len(lines) - 1) / 2 * size * _LINE
    for line in lines:
        page.text(x, y, line, size)
        y -= size * _LINE


def head_block(sheet: ParcelSheet, columns: int, width: float, factor: float) -> Block:
    """Names, numbers, use, area and the four sides of the parcel."""
    nothing = tr("—")
    north, east, south, west = sheet.adjoining
    cells = [
        Cell(title, value or nothing)
        for title, value in (
            (tr("地块编号"), sheet.parcel_no),
            (tr("宗地代码"), sheet.parcel_code),
            (tr("土地权利人"), sheet.holder),
            (tr("宗地面积"), f"{round_figure(sheet.plane_area, 2)} {unit_title('m2')}"),
            (tr("坐落"), sheet.location),
            (tr("所在图幅号"), tr("、").join(sheet.sheet_numbers)),
            (tr("用途"), " ".join(part for part in (sheet.land_use, sheet.land_use_code) if part)),
            (tr("工业区块线"), _line_text(sheet)),
            (tr("管理单元"), _unit_text(sheet)),
            (tr("不动产权证号"), sheet.certificate_no),
            (tr("东至"), east),
            (tr("南至"), south),
            (tr("西至"), west),
            (tr("北至"), north),
        )
    ]
    last = columns - (len(cells) - 1) % columns
    return Block([*cells[:-1], Cell(cells[-1].title, cells[-1].value, span=last)], columns, width, factor)


def _unit_text(sheet: ParcelSheet) -> str:
    return tr("，").join(part for part in (sheet.unit_name, sheet.park) if part)


def _line_text(sheet: ParcelSheet) -> str:
    """Which block lines the parcel lies in, and with how much of its ellipsoidal area."""
    if not sheet.line_shares:
        return tr("不在区块线内")
    levels = code_table("block_level")
    return tr("；").join(
        tr(
            "{name}（{level}），线内 {share:.1f}%",
            name=share.name,
            level=levels.title(share.level) or tr("级别未填"),
            share=100.0 * share.area / sheet.ellipsoidal_area,
        )
        for share in sheet.line_shares
    )


def areas_block(sheet: ParcelSheet, width: float, factor: float) -> Block:
    """The three areas a parcel has, kept apart (domain reference §9.4)."""
    certified = tr("未填") if sheet.certified_area is None else area_text(sheet.certified_area)
    cells = (
        Cell(tr("平面面积"), area_text(sheet.plane_area)),
        Cell(tr("椭球面积"), area_text(sheet.ellipsoidal_area)),
        Cell(tr("证载面积"), certified),
    )
    return Block(cells, 1, width, factor)


def signature_block(sheet: ParcelSheet, width: float, factor: float) -> Block:
    """Who made and who checked the map: left open for the pen, but for the date."""
    of = sheet.as_of
    about = "" if of is None or of == sheet.printed_on else tr("（数据时点 {day}）", day=of.isoformat())
    cells = (
        Cell(tr("制图单位"), "", span=2, hint=tr("（盖章）")),
        Cell(tr("制图者"), ""),
        Cell(tr("制图日期"), sheet.printed_on.isoformat() + about),
        Cell(tr("审核者"), ""),
        Cell(tr("审核日期"), ""),
    )
    return Block(cells, 2, width, factor)


def foot_blocks(sheet: ParcelSheet, width: float, factor: float) -> tuple[Block, Block]:
    """Areas and signatures side by side across ``width``, equally high."""
    areas = areas_block(sheet, width * _AREAS_SHARE, factor)
    signatures = signature_block(sheet, width * (1.0 - _AREAS_SHARE), factor)
    height = max(areas.height, signatures.height)
    return replace(areas, least=height), replace(signatures, least=height)
