"""Excel, CSV and JSON ledgers as source tables."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import python_calamine
import shapely

from gis.errors import ParkLineError
from gis.formats.encodings import checked_encoding
from gis.formats.ledger import Ledger, cell_text, parse_grid
from gis.formats.ledger_geometry import geometry_of
from gis.formats.source import SourceInfo, SourceTable, take_out
from gis.progress import Progress, silent
from gis.text import tr

__all__ = ["decode_text", "read_csv", "read_excel", "read_json"]

_SHOWN_ROWS = 5
_SHEET_LINES = 20
_LONGEST_CELL = 1 << 30
_REPLACED = "\ufffd"
# A stray mark in the last corner makes a sheet of 17 thousand million cells; county ledgers have some thousands.
_MOST_CELLS = 20_000_000
_MOST_UNPACKED = 2 * 1024**3
_CHUNK = 1 << 20


def _table(
    path: Path, kind: str, layers: tuple[str, ...], layer: str | None, ledger: Ledger, encoding: str | None,
    evidence: str, more_notes: tuple[str, ...] = (),
) -> SourceTable:  # fmt: skip
    found = geometry_of(ledger.frame)
    geometry = None if found is None else found.geometry
    present = None if geometry is None else geometry[~shapely.is_missing(geometry)]
    bounds = None
    if present is not None and len(present):
        bounds = tuple(float(value) for value in shapely.total_bounds(present))
    sample = tuple(
        {str(key): cell_text(value) for key, value in row.items()}
        for row in ledger.frame.head(_SHOWN_ROWS).to_dict("records")
    )
    kinds = () if present is None else tuple(sorted({item.geom_type for item in present}))
    info = SourceInfo(
        path=path, format=kind, layers=layers, layer=layer, columns=tuple(str(name) for name in ledger.frame.columns),
        geometry_types=kinds, row_count=len(ledger.frame), crs=None if found is None else found.crs,
        encoding=encoding, encoding_evidence=evidence, sample=sample,
        bounds=bounds, notes=(*ledger.notes, *more_notes),  # type: ignore[arg-type]  # four floats by construction
    )  # fmt: skip
    table = SourceTable(info, ledger.frame, geometry, ledger.rows)
    if found is not None:
        take_out(table, found.wrong)
    return table


def read_excel(path: Path, *, layer: str | None = None, progress: Progress = silent) -> SourceTable:
    """One sheet of .xlsx, .xlsm or .xls; formulas as their stored values, merged cells filled in."""
    progress(0.0, tr("正在读取 {name}", name=path.name))
    try:
        _guard_size(path)
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = tuple(book.sheet_names)
        # Hidden sheets hold lists for the cells' menus.
        shown = [
            item.name
            for item in book.sheets_metadata
            if item.visible == python_calamine.SheetVisibleEnum.Visible
        ]
        name = layer or next((sheet for sheet in shown if book.get_sheet_by_name(sheet).height), sheets[0])
        if name not in sheets:
            raise ParkLineError(
                tr("没有名为“{layer}”的工作表。", layer=name),
                hint=tr("可选工作表：{layers}", layers=tr("、").join(sheets)),
                file=path,
            )
        sheet = book.get_sheet_by_name(name)
        grid = sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError, IndexError) as error:
        raise ParkLineError(
            tr("无法读取 Excel 文件：{reason}", reason=str(error)),
            hint=tr("请用 Excel 另存为 .xlsx 后重试。"),
            file=path,
        ) from error
    _fill_merged(grid, sheet.merged_cell_ranges or [])
    cells = [[None if cell == "" else cell for cell in row] for row in grid]
    return _table(path, "Excel", sheets, name, parse_grid(cells), None, tr("Excel 自带编码。"))


def _guard_size(path: Path) -> None:
    """Refuse sheets whose outermost cells span more than memory holds: the reader asks for all of it at once."""
    if path.suffix.lower() == ".xls":
        return  # 65,536 rows of 256 cells at most
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
            raise ParkLineError(
                tr("压缩包解开后过大，已拒绝。"), hint=tr("请只保留要导入的工作表。"), file=path
            )
        for entry in archive.infolist():
            if not re.match(r"xl/worksheets/[^/]+\.xml$", entry.filename, re.IGNORECASE):
                continue
            rows, columns, tail = 0, 0, b""
            with archive.open(entry) as sheet:
                while chunk := sheet.read(_CHUNK):
                    text = tail + chunk
                    for letters, digits in set(
                        re.findall(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"', text)
                    ):
                        rows, columns = max(rows, int(digits)), max(columns, _column(letters))
                    tail = text[-200:]
            if rows * columns > _MOST_CELLS:
                raise ParkLineError(
                    tr(
                        "工作表的范围异常大（{rows} 行 × {columns} 列），无法读取。",
                        rows=rows,
                        columns=columns,
                    ),
                    hint=tr("请删除远处单元格中多余的内容后另存。"),
                    file=path,
                )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _fill_merged(grid: list[list[Any]], areas: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """A merged cell holds for every cell it covers: "same as above" in county ledgers."""
    left_over = sum(len(row) for row in grid)
    for (top, left), (bottom, right) in areas:
        if top >= len(grid) or left >= len(grid[top]) or (left == 0 and right > 2):
            continue  # a merged title across the sheet is no value of its columns
        left_over -= (min(bottom, len(grid)) - top + 1) * (right - left + 1)
        if left_over < 0:
            return  # areas cover each other: no sheet a spreadsheet program makes
        for row in range(top, min(bottom + 1, len(grid))):
            for column in range(left, min(right + 1, len(grid[row]))):
                grid[row][column] = grid[top][left]


def decode_text(path: Path, encoding: str | None) -> tuple[str, str, str]:
    """Text of a file, its encoding and the evidence: BOM, then strict UTF-8, then GB18030."""
    raw = path.read_bytes()
    if encoding is not None:
        encoding = checked_encoding(encoding)
        return (
            raw.decode(encoding, errors="replace"),
            encoding,
            tr("手工指定为 {encoding}。", encoding=encoding),
        )
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return (
                raw.decode(name, errors="replace"),
                name,
                tr("由文件开头的字节序标记确定为 {encoding}。", encoding=name),
            )
    for name in ("utf-8", "gb18030"):
        try:
            return raw.decode(name), name, tr("按 {encoding} 严格解码成功。", encoding=name)
        except UnicodeDecodeError:
            continue
    return (
        raw.decode("gb18030", errors="replace"),
        "gb18030",
        tr("UTF-8 与 GB18030 均有无法解码的字节，请核对样例。"),
    )


def read_csv(
    path: Path, *, layer: str | None = None, encoding: str | None = None, progress: Progress = silent
) -> SourceTable:
    """A comma, tab or semicolon separated ledger, also with line breaks inside quoted cells."""
    del layer
    progress(0.0, tr("正在读取 {name}", name=path.name))
    text, name, evidence = decode_text(path, encoding)
    head = [line for line in text[:65_536].splitlines() if line.strip()][:_SHEET_LINES]
    survey = re.compile(r"\s*\[(属性描述|地块坐标)\]")  # data
    if any(survey.match(unicodedata.normalize("NFKC", line)) for line in head):
        raise ParkLineError(
            tr("这是勘测定界的界址点坐标文件，不是台账。"),
            hint=tr("请先转换为 SHP 或 GeoJSON 再导入。"),
            file=path,
        )
    csv.field_size_limit(_LONGEST_CELL)  # WKT of a county's outline is longer than csv expects
    try:
        rows = [
            [cell or None for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(head))
        ]
    except csv.Error as error:
        raise ParkLineError(
            tr("无法读取 CSV 文件：{reason}", reason=str(error)),
            hint=tr("请用 Excel 打开后另存为 .xlsx。"),
            file=path,
        ) from error
    table = _table(path, "CSV", (path.stem,), path.stem, parse_grid(rows), name, evidence)
    if _REPLACED in text:
        _take_out_undecodable(table, name)
    return table


def _delimiter(lines: list[str]) -> str:
    """The mark that cuts most lines into the same number of cells; a title line has none."""

    def agreement(mark: str) -> tuple[int, int]:
        counts = Counter(count for line in lines if (count := line.count(mark)))
        if not counts:
            return 0, 0
        count, times = max(counts.items(), key=lambda item: (item[1], item[0]))
        return times, count

    return max(",\t;|，", key=agreement)  # data


def _take_out_undecodable(table: SourceTable, encoding: str) -> None:
    wrong: dict[int, str] = {}
    for name in table.frame.columns:
        for place, cell in enumerate(table.frame[name]):
            if isinstance(cell, str) and _REPLACED in cell:
                wrong.setdefault(
                    place,
                    tr(
                        "“{text}”中有 {encoding} 无法解码的字节（{field}）",
                        text=cell,
                        encoding=encoding,
                        field=name,
                    ),
                )
    take_out(table, wrong)


def read_json(path: Path, *, encoding: str | None = None, progress: Progress = silent) -> SourceTable:
    """Records of a JSON array; what follows the first array is told, not read (exports glue arrays together)."""
    progress(0.0, tr("正在读取 {name}", name=path.name))
    text, name, evidence = decode_text(path, encoding)
    try:
        document, end = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError) as error:
        raise ParkLineError(
            tr("不是有效的 JSON：{reason}", reason=str(error)), hint=tr("请重新导出该文件。"), file=path
        ) from error
    rest = text.lstrip()[end:].strip()
    records = (
        document
        if isinstance(document, list)
        else next((value for value in document.values() if isinstance(value, list)), [document])
        if isinstance(document, dict)
        else []
    )
    records = [record for record in records if isinstance(record, dict) and record]
    if not records:
        raise ParkLineError(tr("文件中没有记录。"), hint=tr("应为由对象组成的数组。"), file=path)
    flat = [
        {
            key: json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
            for key, value in record.items()
        }
        for record in records
    ]
    # Column by column as they stand: pandas would make floats of long numbers where one is missing.
    names = list(dict.fromkeys(key for record in flat for key in record))
    frame = pd.DataFrame(
        {key: pd.Series([record.get(key) for record in flat], dtype=object) for key in names}
    )
    notes = (tr("文件在第一个数组之后还有 {size} 个字符，未读取。", size=len(rest)),) if rest else ()
    ledger = Ledger(frame, np.arange(1, len(frame) + 1, dtype=np.int64), notes)
    return _table(path, "JSON", (path.stem,), path.stem, ledger, name, evidence)
