"""ESRI shapefiles, with the encoding decided before anything is taken and every record accounted for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.formats.dbf import (
    DELETED,
    alive,
    beside,
    decide_encoding,
    mended_names,
    read_header,
    read_rows,
    records,
    undecodable,
)
from gis.formats.encodings import checked_encoding
from gis.formats.ogr import inspect_ogr, read_ogr
from gis.formats.source import RowProblem, SourceInfo, SourceTable, take_out
from gis.formats.staging import plain_path
from gis.progress import Progress, silent
from gis.text import tr

__all__ = ["inspect", "read"]

_NULL_SHAPE = 0
_INDEX_HEADER = 100


def inspect(path: Path, *, layer: str | None = None, encoding: str | None = None) -> SourceInfo:
    """Schema, encoding with its evidence, and the first rows. ``crs`` is None without a .prj."""
    if encoding is None:
        encoding, evidence = decide_encoding(path)
    else:
        encoding = checked_encoding(encoding)
        evidence = tr("手工指定为 {encoding}。", encoding=encoding)
    bare = path.suffix.lower() == ".dbf"
    notes = []
    if not bare and beside(path, ".dbf") is None:
        notes.append(tr("缺少 .dbf 属性文件，只有图形。"))
    if not bare and beside(path, ".shx") is None:
        notes.append(tr("缺少 .shx 索引文件，已按记录长度顺序读取。"))
    if not bare and beside(path, ".prj") is None:
        notes.append(tr("缺少 .prj 坐标系文件，请确认坐标系。"))
    names = _mended(path, encoding)
    if names is not None:
        notes.append(tr("字段名在 DBF 的 10 字节处被截断：残缺的末字已去掉，重名已加序号。"))
    with plain_path(path, names) as source:
        info = inspect_ogr(
            path, "Shapefile", source=source, layer=layer, encoding=encoding, evidence=evidence,
            sample=[], notes=tuple(notes),
        )  # fmt: skip
    sample = tuple(
        dict(zip(info.columns, values, strict=True))
        for values in read_rows(path, encoding)
        if len(values) == len(info.columns)
    )
    return replace(info, format="Shapefile", sample=sample)


def read(info: SourceInfo, *, progress: Progress = silent) -> SourceTable:
    """All rows of an inspected shapefile, numbered as its records.

    Records with a text that the encoding does not read, with a damaged shape or without attributes are
    told as problems, each with its number.
    """
    with plain_path(info.path, _mended(info.path, str(info.encoding))) as source:
        table = read_ogr(info, source=source, encoding=info.encoding, progress=progress)
        shapes = None if table.geometry is None else _stored_shapes(Path(source))
    dbf = beside(info.path, ".dbf")
    if dbf is None:
        return table
    header = read_header(dbf)
    held = records(dbf, header)
    there = len(held) if shapes is None else min(len(held), len(shapes))
    kept = np.flatnonzero(alive(held[:there]))
    if len(kept) == len(table.rows) + len(table.problems):
        # GDAL leaves deleted records out; numbers are those of the file.
        table.rows = kept[table.rows - 1].astype(np.int64) + 1
        table.problems = [replace(item, row=int(kept[item.row - 1]) + 1) for item in table.problems]
    wrong = {
        record + 1: tr(
            "“{text}”中有 {encoding} 无法解码的字节（{field}）",
            text=text,
            encoding=info.encoding,
            field=field,
        )
        for record, (field, text) in undecodable(info.path, str(info.encoding)).items()
    }
    if shapes is not None and table.geometry is not None:
        for row in table.rows[shapely.is_missing(table.geometry)].tolist():
            if row <= len(shapes) and shapes[row - 1] != _NULL_SHAPE:
                wrong.setdefault(row, tr("图形记录已损坏"))
    places = dict(zip(table.rows.tolist(), range(len(table.rows)), strict=True)) if wrong else {}
    take_out(table, {places[row]: reason for row, reason in wrong.items() if row in places})
    expected = header.row_count if shapes is None else max(header.row_count, len(shapes))
    table.problems += [
        RowProblem(number, tr("文件不完整，没有这条记录的图形或属性"))
        for number in range(there + 1, expected + 1)
        if number > len(held) or held[number - 1, 0] != DELETED
    ]
    table.problems.sort(key=lambda problem: problem.row)
    return table


def _mended(path: Path, encoding: str) -> tuple[bytes, ...] | None:
    dbf = beside(path, ".dbf")
    return None if dbf is None else mended_names(read_header(dbf), encoding)


def _stored_shapes(shp: Path) -> NDArray[np.int32] | None:
    """The shape type each record states, in the order of the index; −1 where it points beyond the file."""
    shx = beside(shp, ".shx")
    if shx is None:
        return None
    index = np.frombuffer(shx.read_bytes()[_INDEX_HEADER:], dtype=">i4")
    index = index[: len(index) // 2 * 2].reshape(-1, 2)
    body = np.memmap(shp, dtype=np.uint8, mode="r")
    place = index[:, 0].astype(np.int64) * 2 + 8
    types = np.full(len(place), -1, dtype=np.int32)
    inside = (place >= _INDEX_HEADER) & (place + 4 <= len(body))
    start = place[inside, None] + np.arange(4)
    types[inside] = np.ascontiguousarray(body[start]).view("<i4").ravel()
    return types
