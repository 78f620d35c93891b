"""What every sheet of a parcel map has: neat line, title, unit, marks of demo data, page number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.draw.page import Page
from gis.draw.paper import PAPERS
from gis.draw.words import fitted_lines, text_width
from gis.text import tr
from layers.sheets.parcel_sheet import ParcelSheet

__all__ = ["MARGIN", "SheetFrame"]

MARGIN = 20.0  # mm: the neat line stands at least 2 cm from the edge of the paper (domain reference §11)
_TITLE = 13.0
_TITLE_SHARE = 0.5  # of the width, at most, for the title
_NEAT_LINE = 0.5
_LARGER = {"A4": 1.0, "A3": 1.2}  # sizes of titles and tables
_WARNING = "#C00000"


@dataclass(frozen=True, slots=True)
class SheetFrame:
    """Paper and orientation, and the box that the neat line leaves, in mm."""

    paper: str
    landscape: bool

    @property
    def factor(self) -> float:
        """How much larger titles and tables are than on A4."""
        return _LARGER[self.paper]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, width and height inside the neat line; the title stands above it."""
        width, height = PAPERS[self.paper]
        if self.landscape:
            width, height = height, width
        return MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN - _TITLE * self.factor

    def page(self, sheet: ParcelSheet, title: str, number: int, count: int) -> Page:
        """A new page with neat line, title and marks, and nothing inside."""
        page = Page(self.paper, landscape=self.landscape)
        left, bottom, width, height = self.box
        top, factor = bottom + height, self.factor
        page.box(left, bottom, width, height, _NEAT_LINE)
        lines, size = fitted_lines(title, width * _TITLE_SHARE, 7.0 * factor)
        page.text(left + width / 2, top + 6.6 * factor, lines[0], size, ha="center")
        page.text(left + width, top + 2.6 * factor, tr("单位：m·㎡"), 2.7 * factor, ha="right")
        if count > 1:
            text = tr("第 {number} 页，共 {count} 页", number=number, count=count)
            page.text(left + width, bottom - 4.0, text, 2.5 * factor, ha="right")
        if sheet.is_demo:
            self._mark_demo(page, (width - text_width(lines[0], size)) / 2 - 4.0)
        return page

    def _mark_demo(self, page: Page, room: float) -> None:
        left, bottom, _width, height = self.box
        (text,), size = fitted_lines(tr("示例数据 · 示意界线"), room - 3.0, 3.4 * self.factor)
        wide = text_width(text, size) + 3.0
        y = bottom + height + 6.6 * self.factor
        page.text(left + wide / 2, y, text, size, ha="center", colour=_WARNING)
        corners = [[left, y - size], [left + wide, y - size], [left + wide, y + size], [left, y + size]]
        page.polygons([np.array(corners)], edge=_WARNING, line=0.3)
        warning = tr("示例数据：权利人与数字均为虚构，界线为示意界线，不得用于登记、交易或决策。")
        page.text(left, bottom - 4.0, warning, 2.5 * self.factor, colour=_WARNING)
