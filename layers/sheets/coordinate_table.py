"""界址点成果表: the coordinate table of a parcel map and its continuation sheets."""

from __future__ import annotations

from collections.abc import Sequence

from gis.draw.page import Page
from gis.text import tr
from gis.units import round_figure
from layers.sheets.parcel_sheet import ParcelSheet, area_text

__all__ = ["continuation_pages", "draw_table", "rows_that_fit"]

_ROW_HEIGHT = 3.8
_HEAD_HEIGHT = 9.0
_COLUMN_WIDTHS = (14.0, 25.0, 26.0, 15.0, 5.0)
_BLOCK_WIDTH = sum(_COLUMN_WIDTHS)

Row = tuple[str, str, str, str, str]


def rows_that_fit(width: float, height: float) -> int:
    """How many boundary points a table of that size in mm holds: one row each and one closing row a ring."""
    blocks = int(width // _BLOCK_WIDTH)
    return blocks * int((height - _HEAD_HEIGHT) // _ROW_HEIGHT) - 1


def table_rows(sheet: ParcelSheet) -> list[Row]:
    """Rows of point number, X (north), Y (east), length to the next point, ring; each ring closed."""
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
            )
        )
        if points.following[i] != i + 1:
            first = rows[starts]
            rows.append((*first[:3], "", first[4]))
            starts = len(rows)
    return rows


def draw_table(
    page: Page, sheet: ParcelSheet, left: float, bottom: float, width: float, height: float
) -> None:
    """Draw the whole table into a box of the page."""
    page.line([left, left + width], [bottom + height, bottom + height], 0.3)
    _draw_blocks(page, table_rows(sheet), left, bottom, width, height)


def continuation_pages(sheet: ParcelSheet, paper: str, margin: float) -> tuple[Page, ...]:
    """Sheets that carry the table when it does not fit under the map; the areas stand at the foot."""
    rows = table_rows(sheet)
    pages: list[Page] = []
    per_page = 0
    while rows:
        page = Page(paper)
        width, height = page.width - 2 * margin, page.height - 2 * margin
        title, foot = 12.0, 8.0
        per_page = int(width // _BLOCK_WIDTH) * int((height - title - foot - _HEAD_HEIGHT) // _ROW_HEIGHT)
        page.text(
            margin + width / 2,
            margin + height - 6.0,
            tr("界址点成果表（续）　{parcel}", parcel=sheet.parcel_no),
            4.2,
            ha="center",
        )
        if sheet.is_demo:
            page.text(margin + 2.0, margin + height - 6.0, tr("示例数据"), 3.6, color="#C00000")
        page.line([margin, margin + width], [margin + height - title, margin + height - title], 0.3)
        _draw_blocks(page, rows[:per_page], margin, margin + foot, width, height - title - foot)
        page.line([margin, margin + width], [margin + foot, margin + foot], 0.3)
        foot_text = tr("平面面积：{area}", area=area_text(sheet.plane_area))
        page.fitted_text(margin + 2.0, margin + foot / 2, foot_text, width - 4.0, 2.6)
        page.box(margin, margin, width, height, 0.5)
        pages.append(page)
        rows = rows[per_page:]
    return tuple(pages)


def _draw_blocks(
    page: Page, rows: Sequence[Row], left: float, bottom: float, width: float, height: float
) -> None:
    blocks = int(width // _BLOCK_WIDTH)
    per_block = int((height - _HEAD_HEIGHT) // _ROW_HEIGHT)
    gap = width / blocks
    headers = (tr("界址点号"), tr("纵坐标X(m)"), tr("横坐标Y(m)"), tr("边长(m)"), tr("圈"))
    top = bottom + height
    for block in range(min(blocks, -(-len(rows) // per_block))):
        x = left + block * gap
        part = rows[block * per_block : (block + 1) * per_block]
        stretch = gap / _BLOCK_WIDTH
        edges = [x]
        for column in _COLUMN_WIDTHS:
            edges.append(edges[-1] + column * stretch)
        for header, start, end in zip(headers, edges, edges[1:], strict=False):
            page.fitted_text(
                (start + end) / 2, top - _HEAD_HEIGHT / 2, header, end - start - 0.8, 2.4, ha="center"
            )
        page.line([x, x + gap], [top - _HEAD_HEIGHT, top - _HEAD_HEIGHT], 0.15)
        foot = top - _HEAD_HEIGHT - len(part) * _ROW_HEIGHT
        for edge in edges[1:-1]:
            page.line([edge, edge], [top, foot], 0.1)
        if block:
            page.line([x, x], [top, bottom], 0.3)
        for index, row in enumerate(part):
            y = top - _HEAD_HEIGHT - (index + 0.5) * _ROW_HEIGHT
            for value, start, end in zip(row, edges, edges[1:], strict=False):
                page.text((start + end) / 2, y, value, 2.2, ha="center")
            page.line([x, x + gap], [y - _ROW_HEIGHT / 2, y - _ROW_HEIGHT / 2], 0.06)
