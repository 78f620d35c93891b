"""A path GDAL's Python doors take as it is, and a shapefile that has lost its index.

pyogrio and fiona read ``!`` and ``;`` in a path as parts of an address. Such files, and shapefiles without
.shx, are shown to them under plain names in a temporary folder; nothing is written beside the original.
"""

from __future__ import annotations

import re
import shutil
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gis.formats.dbf import beside

__all__ = ["plain_path"]

_MISREAD = re.compile(r"[!;\n\r\t]|^[A-Za-z0-9+]{2,}:")
_SIDE_FILES = (".dbf", ".shx", ".prj", ".cpg", ".dat", ".id", ".map", ".mid", ".ind")
_HEADER = 100  # bytes, of .shp and .shx alike


@contextmanager
def plain_path(path: Path) -> Iterator[str]:
    """The path itself where it can be taken, else that of a link to it, which lives as long as the block."""
    unindexed = path.suffix.lower() == ".shp" and beside(path, ".shx") is None
    # GDAL writes what it learns of a .gml beside it.
    if not unindexed and path.suffix.lower() != ".gml" and _MISREAD.search(str(path)) is None:
        yield str(path)
        return
    with tempfile.TemporaryDirectory(prefix="parkline-") as name:
        stem = re.sub(r"[!;:\n\r\t]", "_", path.stem)
        shown = Path(name) / f"{stem}{path.suffix}"
        _link(path, shown)
        for suffix in _SIDE_FILES:
            side = beside(path, suffix)
            if side is not None:
                _link(side, shown.with_suffix(suffix))
        if unindexed:
            shown.with_suffix(".shx").write_bytes(_index_of(path))
        yield str(shown)


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source.absolute(), target_is_directory=source.is_dir())
    except OSError:  # Windows without the right to make links
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)


def _index_of(shp: Path) -> bytes:
    """The .shx of a .shp, from the lengths its records state; it ends where they stop making sense."""
    size = shp.stat().st_size
    entries: list[bytes] = []
    with shp.open("rb") as file:
        header = bytearray(file.read(_HEADER))
        place = _HEADER
        # A chain: where a record begins is known from the one before it.
        while place + 8 <= size:
            file.seek(place)
            _number, words = struct.unpack(">ii", file.read(8))
            if words < 2 or place + 8 + 2 * words > size:
                break
            entries.append(struct.pack(">ii", place // 2, words))
            place += 8 + 2 * words
    header[24:28] = struct.pack(">i", (_HEADER + 8 * len(entries)) // 2)
    return bytes(header) + b"".join(entries)
