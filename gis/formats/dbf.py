"""Encoding of a shapefile's attributes, decided by evidence and told in words.

Order: .cpg, then the language byte of the DBF header, then a strict trial of UTF-8 and GB18030 on the
raw bytes (geopandas/pyogrio#380, domain reference §10.3). GDAL's own guess is never asked: it reads GBK
without a declaration as Latin-1 and says nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.formats.encodings import Cell, best_by_trial, clearly_better, decode, decodes, known_encoding
from gis.text import tr

__all__ = [
    "DELETED",
    "DbfHeader",
    "alive",
    "beside",
    "decide_encoding",
    "mended_names",
    "read_header",
    "read_rows",
    "records",
    "undecodable",
]

# Language driver ids of dBASE and FoxPro that occur with Chinese data and their neighbours.
_LANGUAGE_DRIVERS = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x4D: "gb18030", 0x4E: "cp949", 0x4F: "big5",
    0x57: "cp1252", 0x78: "big5", 0x79: "cp949", 0x7A: "gb18030", 0x7B: "cp932", 0x7C: "cp874", 0xC9: "cp1251",
}  # fmt: skip
_SHOWN_ROWS = 5
_PORTION = 50_000
_NAME_WIDTH = 10
_LONGEST = 4  # bytes of one character; writers cut a text at the width of its field, or a little before
DELETED = ord("*")


@dataclass(frozen=True, slots=True)
class DbfHeader:
    """What the header of a DBF says: raw field names with type and width, row layout, language byte."""

    row_count: int
    header_length: int
    row_length: int
    language: int
    fields: tuple[tuple[bytes, str, int], ...]


def read_header(path: Path) -> DbfHeader:
    """Read the header of a DBF; ``ParkLineError`` if it is damaged."""
    with path.open("rb") as file:
        start = file.read(32)
        if len(start) < 32:
            raise ParkLineError(tr("DBF 文件头不完整。"), hint=tr("请向提供方索取完整的文件。"), file=path)
        row_count, header_length, row_length = struct.unpack_from("<IHH", start, 4)
        body = file.read(max(0, header_length - 32))
    fields: list[tuple[bytes, str, int]] = []
    for position in range(0, len(body) - 31, 32):
        entry = body[position : position + 32]
        if entry[0] == 0x0D:
            break
        fields.append((entry[:11].split(b"\x00")[0], chr(entry[11]), entry[16]))
    if 1 + sum(width for _, _, width in fields) > row_length:
        raise ParkLineError(tr("DBF 文件头不完整。"), hint=tr("请向提供方索取完整的文件。"), file=path)
    return DbfHeader(row_count, header_length, row_length, start[29], tuple(fields))


def beside(shp: Path, suffix: str) -> Path | None:
    """The file of the same name with another suffix, in lower or upper case; None if there is none."""
    return next(
        (path for path in (shp.with_suffix(suffix), shp.with_suffix(suffix.upper())) if path.is_file()), None
    )


def mended_names(header: DbfHeader, encoding: str) -> tuple[bytes, ...] | None:
    """Field names without half characters at the end and without repetitions; None if all are well as they are.

    Ten bytes hold three Chinese characters and a third of one in UTF-8; what is cut there may also become equal.
    """
    raw = [name for name, _, _ in header.fields]
    mended: list[bytes] = []
    for name in raw:
        whole = name
        if not decodes((name, False), encoding):
            whole = decode(name, encoding).replace("\ufffd", "_").encode(encoding, "replace")
        candidate, number = whole, 1
        while candidate in mended:
            ending = f"_{number}".encode()
            room = decode(whole[: _NAME_WIDTH - len(ending)], encoding)
            candidate, number = room.encode(encoding, "replace") + ending, number + 1
        mended.append(candidate)
    return None if mended == raw else tuple(mended)


def records(dbf: Path, header: DbfHeader) -> NDArray[np.uint8]:
    """The records that the file really holds as bytes, shape (rows, row length), mapped and not loaded."""
    held = max(0, dbf.stat().st_size - header.header_length) // header.row_length
    count = min(header.row_count, held)
    if not count:
        return np.empty((0, header.row_length), dtype=np.uint8)
    return np.memmap(
        dbf, dtype=np.uint8, mode="r", offset=header.header_length, shape=(count, header.row_length)
    )


def alive(rows: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Records that are not marked as deleted: the ones GDAL hands out."""
    return np.asarray(rows[:, 0] != DELETED)


def decide_encoding(shp: Path) -> tuple[str, str]:
    """Python name of the encoding and the evidence for it, for the shapefile at ``shp``."""
    dbf = beside(shp, ".dbf")
    if dbf is None:
        return "utf-8", tr("没有 .dbf 属性文件。")
    header = read_header(dbf)
    cells = {(name, len(name) >= _NAME_WIDTH) for name, _, _ in header.fields if _foreign(name)}
    cells.update(cell for _, _, found in _foreign_cells(dbf, header) for cell in found)
    cpg = beside(shp, ".cpg")
    if cpg is not None:
        written = cpg.read_bytes()[:64].decode("ascii", "replace").strip()
        declared = known_encoding(written)
        if declared is not None:
            return _declared(declared, cells, tr("由 .cpg 文件声明为 {encoding}。", encoding=declared),
                             tr(".cpg 声明为 {declared}，但内容不符；", declared=declared))  # fmt: skip
    language = _LANGUAGE_DRIVERS.get(header.language)
    if language is not None:
        byte = f"0x{header.language:02X}"
        # The tools that write a Western code page there do so whatever the text is in: clearly_better looks.
        return _declared(
            language, cells, tr("由 DBF 语言标识 {byte} 确定为 {encoding}。", byte=byte, encoding=language),
            tr("DBF 语言标识 {byte} 与内容不符；", byte=byte),
        )  # fmt: skip
    return _by_trial(cells)


def _declared(declared: str, cells: set[Cell], kept: str, set_aside: str) -> tuple[str, str]:
    if all(decodes(cell, declared) for cell in cells):
        better = clearly_better(cells, declared)
        if better is None:
            return declared, kept
        return better[0], set_aside + tr(
            "按 {encoding} 严格解码成功，其中常用汉字占 {share:.0f}%。",
            encoding=better[0],
            share=100 * better[1],
        )
    encoding, why = _by_trial(cells)
    return encoding, set_aside + why


def _by_trial(cells: set[Cell]) -> tuple[str, str]:
    if not cells:
        return "utf-8", tr("内容全部为 ASCII，任何编码均可。")
    return best_by_trial(cells)


def _foreign(text: bytes) -> bool:
    return any(byte >= 0x80 for byte in text)


def _foreign_cells(dbf: Path, header: DbfHeader) -> Iterator[tuple[int, NDArray[np.intp], list[Cell]]]:
    """Texts with bytes beyond ASCII of every row that counts: field number, record numbers, cells."""
    rows = records(dbf, header)
    for start in range(0, len(rows), _PORTION):
        part = np.asarray(rows[start : start + _PORTION])
        kept = alive(part)
        place = 1
        for number, (_, kind, width) in enumerate(header.fields):
            if kind == "C" and width:
                column = part[:, place : place + width]
                found = np.flatnonzero((column >= 0x80).any(axis=1) & kept)
                if len(found):
                    texts = np.ascontiguousarray(column[found]).view(f"S{width}").ravel().tolist()
                    stripped = [text.rstrip(b" ") for text in texts]
                    yield (
                        number,
                        found + start,
                        [(t.lstrip(b" "), len(t) > width - _LONGEST) for t in stripped],
                    )
            place += width


def undecodable(shp: Path, encoding: str) -> dict[int, tuple[str, str]]:
    """Record number → (field, text with U+FFFD) for each record with a text that the encoding does not read."""
    dbf = beside(shp, ".dbf")
    if dbf is None:
        return {}
    header = read_header(dbf)
    judged: dict[Cell, bool] = {}
    bad: dict[int, tuple[str, str]] = {}
    for field, rows, cells in _foreign_cells(dbf, header):
        for cell in set(cells).difference(judged):
            judged[cell] = decodes(cell, encoding)
        if not all(judged[cell] for cell in cells):
            name = decode(header.fields[field][0], encoding)
            for row, cell in zip(rows.tolist(), cells, strict=True):
                if not judged[cell]:
                    bad.setdefault(row, (name, decode(cell[0], encoding)))
    return bad


def read_rows(shp: Path, encoding: str, count: int = _SHOWN_ROWS) -> list[list[str]]:
    """The first rows as text, field by field, so that a person can see whether the encoding is right."""
    dbf = beside(shp, ".dbf")
    if dbf is None:
        return []
    header = read_header(dbf)
    rows = records(dbf, header)[: count * 10]
    shown = []
    for row in rows[alive(rows)][:count]:
        values, place = [], 1
        for _, kind, width in header.fields:
            text = row[place : place + width].tobytes().strip(b" \x00")
            values.append("" if kind != "C" and not text.strip(b"*") else decode(text, encoding))
            place += width
        shown.append(values)
    return shown
