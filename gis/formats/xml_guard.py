"""XML from outside: no DOCTYPE and no ENTITY gets to a parser, wherever in the file it stands."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["refuse_declarations"]

_CHUNK = 1 << 20
_DECLARATIONS = (b"<!ENTITY", b"<!DOCTYPE")
_OVERLAP = 64


def refuse_declarations(document: IO[bytes], path: Path, *, most: int | None = None) -> bytes:
    """Look through a whole document and return its first bytes, without the zero bytes of UTF-16.

    Raises ``ParkLineError`` for a declaration of entities or a document type, and for more than ``most`` bytes,
    whatever the archive said about its length. KML and GML need neither; entities grow without end or name files.
    """
    first, tail, total = b"", b"", 0
    while chunk := document.read(_CHUNK):
        total += len(chunk)
        if most is not None and total > most:
            raise ParkLineError(tr("压缩包解开后过大，已拒绝。"), hint=tr("请先解压为 KML。"), file=path)
        text = tail + chunk.replace(b"\x00", b"")  # in UTF-16 every other byte is zero
        first = first or text[:4096]
        if any(word in text for word in _DECLARATIONS):
            raise ParkLineError(
                tr("{kind} 含有实体声明，已拒绝。", kind=path.suffix.lstrip(".").upper()),
                hint=tr("请去掉 DOCTYPE 声明后重试。"),
                file=path,
            )
        tail = text[-_OVERLAP:]
    return first
