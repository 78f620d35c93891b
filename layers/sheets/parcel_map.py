"""宗地图: one parcel on A4 or A3 at an exact scale (TD/T 1001, domain reference §11)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.draw.page import MapFrame, Page, write_pdf
from gis.draw.paper import PAPERS, STANDARD_SCALES, standard_scale
from gis.errors import ParkLineError
from gis.text import tr
from layers.output_files import ready_target, write_whole
from layers.sheets.coordinate_table import Row, TableRoom, draw_table, table_height, table_rows
from layers.sheets.legend import draw_strip
from layers.sheets.parcel_drawing import Drawn, draw_parcel
from layers.sheets.parcel_sheet import ParcelSheet, gather, look_around
from layers.sheets.sheet_frame import SheetFrame
from layers.sheets.title_block import Block, Cell, areas_block, foot_blocks, head_block, signature_block

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["ParcelMap", "compose", "compose_sheet"]

_FILL = 0.8  # the parcel fills 60–80 % of the frame
_STRIP = 13.5  # under the map: plane, legend, scale
_TABLE_ROWS = 26  # more boundary points than that go on a continuation sheet
_COLUMN = 82.0  # beside the map on a sheet that lies


@dataclass(frozen=True, slots=True)
class ParcelMap:
    """The composed pages; ``scale`` is the denominator, ``sheet`` what is on them, ``notes`` what to know of them."""

    pages: tuple[Page, ...]
    scale: int
    paper: str
    landscape: bool
    sheet: ParcelSheet
    notes: tuple[str, ...] = ()

    def write_pdf(self, path: str | Path) -> Path:
        """Write all pages as one PDF; an existing file is replaced only when the new one is complete.

        Raises ``ParkLineError`` where nothing may or can be written.
        """
        target = ready_target(Path(path), (".pdf",))
        title = tr("宗地图 {parcel}", parcel=self.sheet.parcel_no)
        write_whole(target, lambda part: write_pdf(self.pages, part, title=title))
        return target

    def image(self, dpi: float = 96.0, page: int = 0) -> NDArray[np.uint8]:
        """One page as RGBA pixels: the preview shows the figure that is printed."""
        return self.pages[page].image(dpi)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where everything stands on the map page, and the scale."""

    sheet_frame: SheetFrame
    head: Block
    frame: tuple[float, float, float, float]
    table: TableRoom | None
    areas: Block
    areas_at: tuple[float, float]
    signatures: Block
    signatures_at: tuple[float, float]
    scale: int

    @property
    def beside(self) -> bool:
        """Whether the table stands beside the map."""
        return self.areas_at[0] > self.frame[0]

    def map_frame(self, sheet: ParcelSheet) -> MapFrame:
        """The map, centred on the parcel."""
        west, south, east, north = shapely.bounds(sheet.geometry)
        return MapFrame(*self.frame, ((west + east) / 2.0, (south + north) / 2.0), self.scale)


def compose(
    project: Project,
    parcel: str,
    *,
    scale: int | None = None,
    paper: str = "A4",
    landscape: bool | None = None,
    printed_on: dt.date | None = None,
    as_of: dt.date | None = None,
) -> ParcelMap:
    """Compose the map of the parcel with this number or UUID, with the lines and buildings of ``as_of``.

    Without a scale the largest standard scale is taken at which the parcel fits; without an orientation the
    sheet stands, unless it shows the parcel larger lying. Raises ``ParkLineError`` if there is no such
    parcel, or if it does not fit at the scale asked for.
    """
    sheet = gather(project, parcel, printed_on=printed_on, as_of=as_of)
    plan = _plan(sheet, scale, paper, landscape)
    sheet = look_around(project, sheet, plan.map_frame(sheet).ground)
    return _compose(sheet, plan)


def compose_sheet(
    sheet: ParcelSheet, *, scale: int | None = None, paper: str = "A4", landscape: bool | None = None
) -> ParcelMap:
    """Lay gathered contents out on paper; every page is built from nothing."""
    return _compose(sheet, _plan(sheet, scale, paper, landscape))


def _plan(sheet: ParcelSheet, scale: int | None, paper: str, landscape: bool | None) -> _Plan:
    if paper not in PAPERS:
        raise ParkLineError(tr("不支持的纸张 {paper}。", paper=paper), hint=tr("可用纸张：A4、A3。"))
    if scale is not None and scale <= 0:
        raise ParkLineError(tr("比例尺分母必须大于零。"))
    standing, lying = SheetFrame(paper, landscape=False), SheetFrame(paper, landscape=True)
    plans = [] if landscape else [_table_below(sheet, standing)]
    if landscape is not False:
        plans += [_table_beside(sheet, lying), _table_below(sheet, lying)]
    plan = min(plans, key=lambda item: item.scale)  # the first among equals
    if scale is None:
        return plan
    for candidate in plans:
        if _fits(sheet, candidate.frame, scale):
            return _at_scale(candidate, scale)
    fitting = next(
        n
        for n in (*STANDARD_SCALES, plan.scale)
        if n >= plan.scale or any(_fits(sheet, p.frame, n) for p in plans)
    )
    raise ParkLineError(
        tr("按 1:{scale} 制图，地块超出 {paper} 图幅。", scale=scale, paper=paper),
        hint=tr("请改用 1:{fitting} 或更大的纸张。", fitting=fitting),
    )


def _at_scale(plan: _Plan, scale: int) -> _Plan:
    return replace(plan, scale=scale)


def _size(sheet: ParcelSheet) -> tuple[float, float]:
    west, south, east, north = shapely.bounds(sheet.geometry)
    return float(east - west), float(north - south)


def _fits(sheet: ParcelSheet, frame: tuple[float, float, float, float], scale: int) -> bool:
    width, height = _size(sheet)
    return width * 1000.0 / scale <= frame[2] and height * 1000.0 / scale <= frame[3]


def _table_beside(sheet: ParcelSheet, sheet_frame: SheetFrame) -> _Plan:
    """The map on the left; table, areas and signatures in a column on the right."""
    left, bottom, width, height = sheet_frame.box
    factor = sheet_frame.factor
    head = head_block(sheet, 3, width, factor)
    under_head = bottom + height - head.height
    column = _COLUMN * factor
    right = left + width - column
    areas, signatures = areas_block(sheet, column, factor), signature_block(sheet, column, factor)
    foot = bottom + signatures.height + areas.height
    table = TableRoom(right, foot, column, under_head - foot, 1, factor)
    strip = _STRIP * factor
    frame = (left, bottom + strip, width - column, under_head - bottom - strip)
    signatures_at = (right, bottom + signatures.height)
    return _plan_of(sheet, sheet_frame, head, frame, table, areas, (right, foot), signatures, signatures_at)


def _table_below(sheet: ParcelSheet, sheet_frame: SheetFrame) -> _Plan:
    """The map across the sheet; below it the table, if it is short, and areas and signatures side by side."""
    left, bottom, width, height = sheet_frame.box
    factor = sheet_frame.factor
    columns = 3 if sheet_frame.landscape else 2
    head = head_block(sheet, columns, width, factor)
    under_head = bottom + height - head.height
    areas, signatures = foot_blocks(sheet, width, factor)
    foot = bottom + areas.height
    rows = len(table_rows(sheet))
    blocks = next(n for n in range(columns, 0, -1) if -(-rows // -(-rows // n)) == n)  # none stays empty
    tall = table_height(rows, blocks, factor) if rows <= _TABLE_ROWS else 0.0
    table = TableRoom(left, foot, width, tall, blocks, factor) if tall else None
    strip = _STRIP * factor
    frame = (left, foot + tall + strip, width, under_head - foot - tall - strip)
    signatures_at = (left + areas.width, foot)
    return _plan_of(sheet, sheet_frame, head, frame, table, areas, (left, foot), signatures, signatures_at)


def _plan_of(
    sheet: ParcelSheet, sheet_frame: SheetFrame, head: Block, frame: tuple[float, float, float, float],
    table: TableRoom | None, areas: Block, areas_at: tuple[float, float],
    signatures: Block, signatures_at: tuple[float, float],
) -> _Plan:  # fmt: skip
    scale = standard_scale(*_size(sheet), (frame[2], frame[3]), _FILL)
    return _Plan(sheet_frame, head, frame, table, areas, areas_at, signatures, signatures_at, scale)


def _compose(sheet: ParcelSheet, plan: _Plan) -> ParcelMap:
    rows = table_rows(sheet)
    here = rows[: plan.table.rows] if plan.table is not None else []
    rest = rows[len(here) :]
    room = _continuation_room(sheet, plan.sheet_frame)
    portions = [rest[start : start + room.rows] for start in range(0, len(rest), room.rows)]
    count = 1 + len(portions)

    page = plan.sheet_frame.page(sheet, tr("宗地图"), 1, count)
    drawn = _draw_map_page(page, sheet, plan, here, bool(portions))
    pages = [page]
    for number, portion in enumerate(portions):
        more = plan.sheet_frame.page(sheet, tr("宗地图附页"), number + 2, count)
        _draw_continuation(
            more, sheet, plan, room, portion, first=not here and number == 0, last=number == len(portions) - 1
        )
        pages.append(more)
    return ParcelMap(
        pages=tuple(pages),
        scale=plan.scale,
        paper=plan.sheet_frame.paper,
        landscape=plan.sheet_frame.landscape,
        sheet=sheet,
        notes=_notes(pages, drawn),
    )


def _notes(pages: list[Page], drawn: Drawn) -> tuple[str, ...]:
    notes = []
    if drawn.left_out:
        notes.append(tr("有 {count} 个点号或边长在图上无处可注，见界址点成果表。", count=drawn.left_out))
    missing = "".join(dict.fromkeys("".join(page.missing for page in pages)))
    if missing:
        notes.append(tr("字体中没有这些字，纸上以 〓 代替：{characters}", characters=missing))
    return tuple(notes)


def _draw_map_page(page: Page, sheet: ParcelSheet, plan: _Plan, rows: list[Row], more: bool) -> Drawn:
    left, bottom, width, height = plan.sheet_frame.box
    factor = plan.sheet_frame.factor
    frame_left, frame_bottom, frame_width, frame_height = plan.frame
    strip = frame_bottom - _STRIP * factor
    plan.head.draw(page, left, bottom + height)
    drawn = draw_parcel(page, sheet, plan.map_frame(sheet))
    draw_strip(
        page, sheet, drawn, (frame_left, strip, frame_width, _STRIP * factor), plan.scale, factor,
        table_elsewhere=more and not rows,
    )  # fmt: skip
    if plan.table is not None and rows:
        title = tr("界址点成果表（接附页）") if more else tr("界址点成果表")
        draw_table(page, rows, plan.table, title, level=not plan.beside, last=not more)
    plan.areas.draw(page, *plan.areas_at)
    plan.signatures.draw(page, *plan.signatures_at)

    under_head = frame_bottom + frame_height
    rules = [
        [[left, under_head], [left + width, under_head]],
        [[frame_left, frame_bottom], [frame_left + frame_width, frame_bottom]],
        [[frame_left, strip], [frame_left + frame_width, strip]],
    ]
    areas_left, areas_top = plan.areas_at
    rules.append([[areas_left, areas_top], [left + width, areas_top]])
    if plan.beside:
        rules.append([[areas_left, bottom], [areas_left, under_head]])
        signatures_top = plan.signatures_at[1]
        rules.append([[areas_left, signatures_top], [left + width, signatures_top]])
    else:
        middle = plan.signatures_at[0]
        rules.append([[middle, bottom], [middle, areas_top]])
    page.lines([np.array(rule) for rule in rules], 0.3)
    return drawn


def _continuation_room(sheet: ParcelSheet, sheet_frame: SheetFrame) -> TableRoom:
    left, bottom, width, height = sheet_frame.box
    factor = sheet_frame.factor
    head, foot = _continuation_head(sheet, width, factor), foot_blocks(sheet, width, factor)[0].height
    blocks = 3 if sheet_frame.landscape else 2
    tall = height - head.height - foot
    return TableRoom(left, bottom + foot, width, tall, blocks, factor)


def _continuation_head(sheet: ParcelSheet, width: float, factor: float) -> Block:
    cells = (
        Cell(tr("地块编号"), sheet.parcel_no),
        Cell(tr("土地权利人"), sheet.holder or tr("—")),
        Cell(tr("坐标系"), sheet.plane, span=2),
    )
    return Block(cells, 2, width, factor)


def _draw_continuation(
    page: Page, sheet: ParcelSheet, plan: _Plan, room: TableRoom, rows: list[Row], *, first: bool, last: bool
) -> None:
    left, bottom, width, height = plan.sheet_frame.box
    factor = plan.sheet_frame.factor
    head = _continuation_head(sheet, width, factor)
    head.draw(page, left, bottom + height)
    draw_table(page, rows, room, tr("界址点成果表") if first else tr("界址点成果表（续）"), last=last)
    areas, signatures = foot_blocks(sheet, width, factor)
    middle = left + areas.width
    areas.draw(page, left, room.bottom)
    signatures.draw(page, middle, room.bottom)
    under_head = bottom + height - head.height
    rules = [
        [[left, under_head], [left + width, under_head]],
        [[left, room.bottom], [left + width, room.bottom]],
        [[middle, bottom], [middle, room.bottom]],
    ]
    page.lines([np.array(rule) for rule in rules], 0.3)
