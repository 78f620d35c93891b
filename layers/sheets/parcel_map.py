"""宗地图: one parcel on A4 or A3 at an exact scale (TD/T 1001, domain reference §11)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.draw.page import PAPERS, STANDARD_SCALES, Page, standard_scale, write_pdf
from gis.errors import ParkLineError
from gis.text import tr
from layers.sheets.coordinate_table import continuation_pages, draw_table, rows_that_fit
from layers.sheets.parcel_drawing import draw_parcel
from layers.sheets.parcel_sheet import ParcelSheet, area_text, gather

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["ParcelMap", "compose", "compose_sheet"]

_MARGIN = 20.0  # the neat line stands at least 2 cm from the edge of the paper
_FILL = 0.8  # the parcel fills 60–80 % of the frame
_HEADER = 34.0
_FOOTER = 26.0
_TABLE = 52.0


@dataclass(frozen=True, slots=True)
class ParcelMap:
    """The composed pages; ``scale`` is the denominator, ``sheet`` what is on them."""

    pages: tuple[Page, ...]
    scale: int
    paper: str
    sheet: ParcelSheet

    def write_pdf(self, path: str | Path) -> Path:
        """Write all pages as one PDF; an existing file is replaced only when the new one is complete."""
        return write_pdf(self.pages, path, title=tr("宗地图 {parcel}", parcel=self.sheet.parcel_no))

    def image(self, dpi: float = 96.0, page: int = 0) -> NDArray[np.uint8]:
        """One page as RGBA pixels: the preview shows the figure that is printed."""
        return self.pages[page].image(dpi)


def compose(
    project: Project,
    parcel: str,
    *,
    scale: int | None = None,
    paper: str = "A4",
    printed_on: dt.date | None = None,
) -> ParcelMap:
    """Compose the map of the parcel with this number or UUID.

    Without a scale the largest standard scale is taken at which the parcel fits. Raises
    ``ParkLineError`` if there is no such parcel, or if it does not fit at the scale asked for.
    """
    return compose_sheet(gather(project, parcel, printed_on=printed_on), scale=scale, paper=paper)


def compose_sheet(sheet: ParcelSheet, *, scale: int | None = None, paper: str = "A4") -> ParcelMap:
    """Lay the gathered contents out on paper; every page is built from nothing."""
    if paper not in PAPERS:
        raise ParkLineError(tr("不支持的纸张 {paper}。", paper=paper), hint=tr("可用纸张：A4、A3。"))
    page = Page(paper)
    left, bottom = _MARGIN, _MARGIN
    width, height = page.width - 2 * _MARGIN, page.height - 2 * _MARGIN
    fitting = rows_that_fit(width, _TABLE)
    table_height = _TABLE if len(sheet.points.number) <= fitting else 0.0
    frame = (left, bottom + _FOOTER + table_height, width, height - _HEADER - _FOOTER - table_height)
    scale = _checked_scale(sheet, scale, (frame[2], frame[3]), paper)

    _draw_header(page, sheet, left, bottom + height - _HEADER, width)
    draw_parcel(page, sheet, frame, scale)
    if table_height:
        draw_table(page, sheet, left, bottom + _FOOTER, width, table_height)
    _draw_footer(page, sheet, left, bottom, width, scale)
    page.box(left, bottom, width, height, 0.5)
    more = () if table_height else continuation_pages(sheet, paper, _MARGIN)
    return ParcelMap((page, *more), scale, paper, sheet)


def _checked_scale(sheet: ParcelSheet, scale: int | None, frame: tuple[float, float], paper: str) -> int:
    west, south, east, north = shapely.bounds(sheet.geometry)
    ground = float(east - west), float(north - south)
    best = standard_scale(*ground, frame, _FILL)
    if scale is None:
        return best
    if scale <= 0:
        raise ParkLineError(tr("比例尺分母必须大于零。"))
    if ground[0] * 1000.0 / scale > frame[0] or ground[1] * 1000.0 / scale > frame[1]:
        fitting = next((n for n in STANDARD_SCALES if n >= best), best)
        raise ParkLineError(
            tr("按 1:{scale} 制图，地块超出 {paper} 图幅。", scale=scale, paper=paper),
            hint=tr("请改用 1:{fitting} 或更大的纸张。", fitting=fitting),
        )
    return scale


def _draw_header(page: Page, sheet: ParcelSheet, left: float, bottom: float, width: float) -> None:
    """Title, unit note and the block of names above the map."""
    top = bottom + _HEADER
    page.text(left + width / 2, top - 7.0, tr("宗 地 图"), 6.5, ha="center")
    page.text(left + width - 2.0, top - 10.5, tr("单位：m·㎡"), 2.6, ha="right")
    if sheet.is_demo:
        page.text(left + 2.0, top - 7.0, tr("示例数据"), 4.0, color="#C00000")
    rows = (
        ((tr("宗地代码"), sheet.parcel_code), (tr("所在图幅号"), sheet.sheet_number)),
        ((tr("地块编号"), sheet.parcel_no), (tr("土地权利人"), sheet.holder)),
        ((tr("坐落"), sheet.location), (tr("管理单元"), _joined(sheet.unit_name, sheet.park))),
        ((tr("用途"), _joined(sheet.land_use, sheet.land_use_code)), (tr("工业区块线"), _line_text(sheet))),
    )
    row_height = 5.2
    table_top = bottom + row_height * len(rows)
    half = width / 2
    for index, row in enumerate(rows):
        y = table_top - index * row_height
        page.line([left, left + width], [y, y], 0.15)
        for column, (title, value) in enumerate(row):
            x = left + column * half
            page.fitted_text(x + 1.5, y - row_height / 2, title, 18.0, 2.6)
            page.fitted_text(x + 22.0, y - row_height / 2, value or "—", half - 24.0, 2.6)
            page.line([x + 20.5, x + 20.5], [y, y - row_height], 0.15)
    page.line([left + half, left + half], [table_top, bottom], 0.15)
    page.line([left, left + width], [bottom, bottom], 0.3)


def _line_text(sheet: ParcelSheet) -> str:
    """Which block lines the parcel lies in, and with how much of its ellipsoidal area."""
    if not sheet.line_shares:
        return tr("不在区块线内")
    whole = sheet.ellipsoidal_area
    return tr("；").join(
        tr("{name}，线内 {share:.1f}%", name=share.name, share=100.0 * share.area / whole)
        for share in sheet.line_shares
    )


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _draw_footer(
    page: Page, sheet: ParcelSheet, left: float, bottom: float, width: float, scale: int
) -> None:
    """Areas, plane, scale, makers and date below the map."""
    top = bottom + _FOOTER
    page.line([left, left + width], [top, top], 0.3)
    middle = left + width * 0.58
    page.line([middle, middle], [bottom, top], 0.15)
    room = width * 0.58 - 3.0
    certified = tr("未填") if sheet.certified_area is None else area_text(sheet.certified_area)
    lines = (
        tr("平面面积：{area}", area=area_text(sheet.plane_area)),
        tr("椭球面积：{area}", area=area_text(sheet.ellipsoidal_area)),
        tr("证载面积：{area}", area=certified),
        tr("坐标系：{plane}，中央子午线 {meridian:g}°", plane=sheet.plane_title, meridian=sheet.meridian),
    )
    for index, text in enumerate(lines):
        page.fitted_text(left + 1.5, top - 4.0 - index * 5.6, text, room, 2.5)
    page.text(middle + 2.0, top - 4.0, f"1:{scale}", 4.0)
    page.scale_bar(middle + 24.0, top - 7.5, scale)
    page.north_arrow(left + width - 7.0, bottom + 2.0, 11.0)
    room = width * 0.42 - 16.0
    page.fitted_text(middle + 2.0, top - 12.6, tr("制图单位：__________ 制图者：________"), room, 2.4)
    page.fitted_text(middle + 2.0, top - 17.6, tr("审核者：________ 审核日期：__________"), room, 2.4)
    page.text(middle + 2.0, top - 22.6, tr("制图日期：{date}", date=sheet.printed_on.isoformat()), 2.4)
