"""Excel, CSV and JSON ledgers as source tables."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import python_calamine
import shapely

from gis.errors import ParkLineError
from gis.formats.ledger import Ledger, geometry_of, parse_grid
from gis.formats.source import SourceInfo, SourceTable
from gis.progress import Progress, silent
from gis.text import tr

__all__ = ["decode_text", "read_csv", "read_excel", "read_json"]

_SHOWN_ROWS = 5


def _table(
    path: Path, kind: str, layers: tuple[str, ...], layer: str | None, ledger: Ledger, encoding: str | None,
    evidence: str, more_notes: tuple[str, ...] = (),
) -> SourceTable:  # fmt: skip
    geometry = geometry_of(ledger.frame)
    present = None if geometry is None else geometry[~shapely.is_missing(geometry)]
    bounds = None
    if present is not None and len(present):
        bounds = tuple(float(value) for value in shapely.total_bounds(present))
    sample = tuple(
        {str(key): "" if value is None else str(value) for key, value in row.items()}
        for row in ledger.frame.head(_SHOWN_ROWS).to_dict("records")
    )
    info = SourceInfo(
        path=path, format=kind, layers=layers, layer=layer, columns=tuple(str(name) for name in ledger.frame.columns),
        geometry_types=() if present is None else tuple(sorted(set(shapely.get_type_id(present).astype(str)))),
        row_count=len(ledger.frame), crs=None, encoding=encoding, encoding_evidence=evidence, sample=sample,
        bounds=bounds, notes=(*ledger.notes, *more_notes),  # type: ignore[arg-type]  # four floats by construction
    )  # fmt: skip
    return SourceTable(info, ledger.frame, geometry, ledger.rows)


def read_excel(path: Path, *, layer: str | None = None, progress: Progress = silent) -> SourceTable:
    """One sheet of .xlsx, .xlsm or .xls; formulas as their stored values, merged cells filled in."""
    progress(0.0, tr("正在读取 {name}", name=path.name))
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise ParkLineError(
            tr("无法读取 Excel 文件：{reason}", reason=str(error)),
            hint=tr("请用 Excel 另存为 .xlsx 后重试。"),
            file=path,
        ) from error
    sheets = tuple(book.sheet_names)
    name = layer or next((sheet for sheet in sheets if book.get_sheet_by_name(sheet).height), sheets[0])
    if name not in sheets:
        raise ParkLineError(
            tr("没有名为“{layer}”的工作表。", layer=name),
            hint=tr("可选工作表：{layers}", layers=tr("、").join(sheets)),
            file=path,
        )
    grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        _fill_merged(path, name, grid)
    cells = [[None if cell == "" else cell for cell in row] for row in grid]
    return _table(path, "Excel", sheets, name, parse_grid(cells), None, tr("Excel 自带编码。"))


def _fill_merged(path: Path, sheet: str, grid: list[list[Any]]) -> None:
    """A merged cell holds for every cell it covers: "same as above" in county ledgers."""
    workbook = openpyxl.load_workbook(path, read_only=False, data_only=True)
    try:
        for area in workbook[sheet].merged_cells.ranges:
            top, left = area.min_row - 1, area.min_col - 1
            if top >= len(grid) or left >= len(grid[top]) or (area.min_col == 1 and area.max_col > 3):
                continue  # a merged title across the sheet is no value of its columns
            for row in range(top, min(area.max_row, len(grid))):
                for column in range(left, min(area.max_col, len(grid[row]))):
                    grid[row][column] = grid[top][left]
    finally:
        workbook.close()


def decode_text(path: Path, encoding: str | None) -> tuple[str, str, str]:
    """Text of a file, its encoding and the evidence: BOM, then strict UTF-8, then GB18030."""
    raw = path.read_bytes()
    if encoding is not None:
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
    head = text[:8192]
    delimiter = max(",\t;|，", key=lambda mark: head.splitlines()[0].count(mark) if head else 0)  # data
    rows = [
        [cell or None for cell in row]
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    ]
    return _table(path, "CSV", (path.stem,), path.stem, parse_grid(rows), name, evidence)


def read_json(path: Path, *, encoding: str | None = None, progress: Progress = silent) -> SourceTable:
    """Records of a JSON array; what follows the first array is told, not read (exports glue arrays together)."""
    progress(0.0, tr("正在读取 {name}", name=path.name))
    text, name, evidence = decode_text(path, encoding)
    try:
        document, end = json.JSONDecoder().raw_decode(text.lstrip())
    except ValueError as error:
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
    records = [record for record in records if isinstance(record, dict)]
    if not records:
        raise ParkLineError(tr("文件中没有记录。"), hint=tr("应为由对象组成的数组。"), file=path)
    flat = [
        {
            key: json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
            for key, value in record.items()
        }
        for record in records
    ]
    frame = pd.DataFrame(flat).astype(object)
    frame = frame.where(frame.notna(), None)
    notes = (tr("文件在第一个数组之后还有 {size} 个字符，未读取。", size=len(rest)),) if rest else ()
    ledger = Ledger(frame, np.arange(1, len(frame) + 1, dtype=np.int64), notes)
    return _table(path, "JSON", (path.stem,), path.stem, ledger, name, evidence)
