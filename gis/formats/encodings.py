"""Which encoding bytes are in: names as files spell them, strict trials, and how Chinese the result looks."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection

from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["Cell", "best_by_trial", "chinese_share", "clearly_better", "decode", "decodes", "known_encoding"]

# A text and whether it reaches the end of its field, so that its last character may have been cut in half.
Cell = tuple[bytes, bool]

# Code page numbers and loose names of .cpg files; what is a part of GB 18030 is read as GB 18030.
_SPELLINGS = {
    "936": "gb18030", "54936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030",
    "cp936": "gb18030", "euccn": "gb18030", "hz": "gb18030", "65001": "utf-8", "utf8": "utf-8", "utf8bom": "utf-8",
    "950": "cp950", "big5": "big5", "88591": "iso8859-1", "iso88591": "iso8859-1", "latin1": "iso8859-1",
    "885915": "iso8859-15", "iso885915": "iso8859-15", "shiftjis": "cp932", "sjis": "cp932", "euckr": "cp949",
    "ascii": "utf-8", "usascii": "utf-8", "macroman": "macintosh",
}  # fmt: skip
_CODE_PAGES = frozenset({437, 850, 852, 857, 860, 861, 863, 865, 866, 874, 932, 949, 1250, 1251, 1252, 1253, 1254,
                         1255, 1256, 1257, 1258})  # fmt: skip
_CHINESE = frozenset({"gb18030", "utf-8"})
_EAST_ASIAN = frozenset({"big5", "cp950", "cp932", "cp949"})
# How much more Chinese another reading must look before a declaration is set aside.
_MARGIN = 0.2


def known_encoding(name: str) -> str | None:
    """The name both Python and GDAL know for an encoding as people and .cpg files write it; else None.

    What is no text encoding at all (hex, rot13, idna …) is none here, whoever asks for it.
    """
    plain = re.sub(r"^(ansi|oem|windows|cp|ms|x)[\s_-]*(?=\d)", "", name.strip().lower())
    plain = re.sub(r"[\s_.-]", "", plain)
    if plain in _SPELLINGS:
        return _SPELLINGS[plain]
    if plain.isdecimal() and int(plain) in _CODE_PAGES:
        return f"cp{int(plain)}"
    return None


def checked_encoding(name: str) -> str:
    """The same for an encoding a person asks for; ``ParkLineError`` for an unknown one."""
    found = known_encoding(name)
    if found is None:
        raise ParkLineError(
            tr("没有名为 {text} 的编码，常用 utf-8、gb18030、gbk", text=name), hint=tr("请核对编码名称。")
        )
    return found


def decodes(cell: Cell, encoding: str) -> bool:
    """Whether a text decodes strictly, but for a character cut in half where its field ends."""
    text, full = cell
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(text, final=not full)
    except UnicodeDecodeError:
        return False
    return True


def decode(text: bytes, encoding: str) -> str:
    """Decode; a character cut at the end is left out, anything else wrong shows as U+FFFD."""
    return codecs.getincrementaldecoder(encoding)("replace").decode(text, final=False)


def chinese_share(cells: Collection[Cell], encoding: str) -> float:
    """Share of characters beyond ASCII that are in everyday Chinese use (GB 2312), 0 where there are none.

    Nonsense made by a wrong decoding rarely is: UTF-8 read as GBK gives rare characters, GBK read as a
    Western code page gives accents.
    """
    characters = [c for text, _ in cells for c in decode(text, encoding) if c >= "\x80"]
    return sum(map(_everyday, characters)) / len(characters) if characters else 0.0


def _everyday(character: str) -> bool:
    if not ("\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"):  # data
        return False
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def clearly_better(cells: Collection[Cell], declared: str) -> tuple[str, float] | None:
    """Another encoding that reads the texts as Chinese where the declared one does not, with its share."""
    if declared in _EAST_ASIAN:
        return None  # Traditional Chinese, Japanese and Korean are not measured by simplified characters
    before = chinese_share(cells, declared)
    for other in sorted(_CHINESE - {declared}, reverse=True):
        if all(decodes(cell, other) for cell in cells):
            after = chinese_share(cells, other)
            if after > before + _MARGIN and after > 0.5:
                return other, after
    return None


def best_by_trial(cells: Collection[Cell]) -> tuple[str, str]:
    """UTF-8 or GB 18030 for texts beyond ASCII that nobody declared, and the evidence in words."""
    good = {name: sum(decodes(cell, name) for cell in cells) for name in ("utf-8", "gb18030")}
    if good["utf-8"] == len(cells):
        # A few Chinese characters in GBK happen to be valid UTF-8 too, of letters nobody uses here.
        better = clearly_better(cells, "utf-8") if good["gb18030"] == len(cells) else None
        if better is None or _latin(cells):
            return "utf-8", tr("无声明；{count} 段文字按 UTF-8 严格解码全部成功。", count=len(cells))
        return "gb18030", tr(
            "无声明；UTF-8 与 GB18030 均可解码，按 GB18030 其中常用汉字占 {share:.0f}%，请核对样例。",
            share=100 * better[1],
        )
    if good["gb18030"] == len(cells):
        return "gb18030", tr(
            "无声明；按 UTF-8 解码失败，按 GB18030 严格解码成功，其中常用汉字占 {share:.0f}%。",
            share=100 * chinese_share(cells, "gb18030"),
        )
    chosen = "utf-8" if good["utf-8"] > good["gb18030"] else "gb18030"
    return chosen, tr(
        "无声明；按 {encoding} 有 {count} 段文字无法解码，这些行将被退回，请核对样例或手工指定编码。",
        encoding=chosen,
        count=len(cells) - good[chosen],
    )


def _latin(cells: Collection[Cell]) -> bool:
    """Whether the UTF-8 reading has letters of Western Europe only, as a foreign city's data would."""
    return all(c < "\u0180" for text, _ in cells for c in decode(text, "utf-8"))
