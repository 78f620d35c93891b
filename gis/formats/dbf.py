"""Encoding of a shapefile's attributes, decided by evidence and told in words.

Order: .cpg, then the language byte of the DBF header, then a strict trial of UTF-8 and GB18030 on the
raw bytes (geopandas/pyogrio#380, domain reference §10.3). GDAL's own guess is never asked: it reads GBK
without a declaration as Latin-1 and says nothing.
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from pathlib import Path

from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["DbfHeader", "decide_encoding", "read_header", "read_rows"]

# Language driver ids of dBASE and FoxPro that occur with Chinese data and their neighbours.
_LANGUAGE_DRIVERS = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x4D: "gb18030", 0x4E: "cp949", 0x4F: "big5",
    0x57: "cp1252", 0x78: "big5", 0x79: "cp949", 0x7A: "gb18030", 0x7B: "cp932", 0x7C: "cp874", 0xC9: "cp1251",
}  # fmt: skip
_SAMPLE_ROWS = 2000
_SHOWN_ROWS = 5


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
    return DbfHeader(row_count, header_length, row_length, start[29], tuple(fields))


def decide_encoding(shp: Path) -> tuple[str, str]:
    """Python name of the encoding and the evidence for it, for the shapefile at ``shp``."""
    dbf = _beside(shp, ".dbf")
    if dbf is None:
        return "utf-8", tr("没有 .dbf 属性文件。")
    header = read_header(dbf)
    texts = _raw_texts(dbf, header)
    declared = _from_cpg(shp)
    if declared is not None:
        if _decodes(texts, declared):
            return declared, tr("由 .cpg 文件声明为 {encoding}。", encoding=declared)
        tried, why = _by_trial(texts)
        return tried, tr(".cpg 声明为 {declared}，但内容不符；{why}", declared=declared, why=why)
    language = _LANGUAGE_DRIVERS.get(header.language)
    if language is not None and _decodes(texts, language):
        byte = f"0x{header.language:02X}"
        # Western code pages decode any byte, so they prove nothing about Chinese text.
        if language in {"gb18030", "big5", "cp932", "cp949"} or not any(_foreign(text) for text in texts):
            return language, tr("由 DBF 语言标识 {byte} 确定为 {encoding}。", byte=byte, encoding=language)
    return _by_trial(texts)


def read_rows(shp: Path, encoding: str, count: int = _SHOWN_ROWS) -> list[dict[str, str]]:
    """The first rows as text, so that a person can see whether the encoding is right."""
    dbf = _beside(shp, ".dbf")
    if dbf is None:
        return []
    header = read_header(dbf)
    names = [_decode(name, encoding) for name, _, _ in header.fields]
    shown = []
    with dbf.open("rb") as file:
        file.seek(header.header_length)
        for _ in range(min(count, header.row_count)):
            row = file.read(header.row_length)
            values, place = [], 1
            for _, _, width in header.fields:
                values.append(_decode(row[place : place + width].strip(b" \x00"), encoding))
                place += width
            shown.append(dict(zip(names, values, strict=True)))
    return shown


def _beside(shp: Path, suffix: str) -> Path | None:
    return next(
        (path for path in (shp.with_suffix(suffix), shp.with_suffix(suffix.upper())) if path.is_file()), None
    )


def _from_cpg(shp: Path) -> str | None:
    cpg = _beside(shp, ".cpg")
    if cpg is None:
        return None
    name = cpg.read_bytes()[:64].decode("ascii", "ignore").strip().lower()
    name = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "65001": "utf-8", "utf8": "utf-8"}.get(
        name, name
    )
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _raw_texts(dbf: Path, header: DbfHeader) -> list[bytes]:
    """Field names and the values of text fields of the first rows, trimmed."""
    texts = [name for name, _, _ in header.fields]
    with dbf.open("rb") as file:
        file.seek(header.header_length)
        for _ in range(min(_SAMPLE_ROWS, header.row_count)):
            row, place = file.read(header.row_length), 1
            for _, kind, width in header.fields:
                if kind == "C":
                    texts.append(row[place : place + width].strip(b" \x00"))
                place += width
    return [text for text in texts if text]


def _foreign(text: bytes) -> bool:
    return any(byte >= 0x80 for byte in text)


def _decodes(texts: list[bytes], encoding: str) -> bool:
    """Whether all texts decode strictly, but for a character cut in half at the end of a field."""
    return all(_decodes_one(text, encoding) for text in texts)


def _decodes_one(text: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        decoder.decode(text, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _by_trial(texts: list[bytes]) -> tuple[str, str]:
    foreign = [text for text in texts if _foreign(text)]
    if not foreign:
        return "utf-8", tr("内容全部为 ASCII，任何编码均可。")
    if _decodes(foreign, "utf-8"):
        return "utf-8", tr("无声明；{count} 段文字按 UTF-8 严格解码全部成功。", count=len(foreign))
    if _decodes(foreign, "gb18030"):
        share = _common_share(foreign)
        return "gb18030", tr(
            "无声明；按 UTF-8 解码失败，按 GB18030 严格解码成功，其中常用汉字占 {share:.0f}%。",
            share=100 * share,
        )
    return "gb18030", tr("无声明；UTF-8 与 GB18030 均有无法解码的字节，请核对样例并手工指定编码。")


def _common_share(texts: list[bytes]) -> float:
    """Share of Chinese characters that stand in GB 2312: nonsense made by a wrong decoding rarely does."""
    characters = [c for text in texts for c in _decode(text, "gb18030") if "\u3400" <= c <= "\u9fff"]  # data
    if not characters:
        return 0.0
    return sum(1 for c in characters if _in_gb2312(c)) / len(characters)


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _decode(text: bytes, encoding: str) -> str:
    """Decode; only the tail of a text may be a cut character, anything else wrong shows as U+FFFD."""
    return codecs.getincrementaldecoder(encoding)("replace").decode(text, final=False)
