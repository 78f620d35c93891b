"""A path GDAL's Python doors take as it is, and a shapefile that has lost its index.

pyogrio and fiona read ``!`` and ``;`` in a path as parts of an address. Such files, and shapefiles without
.shx, are shown to them under plain names in a temporary folder; nothing is written beside the original.
"""

from __future__ import annotations

import re
import shutil
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gis.formats.dbf import beside

__all__ = ["plain_path"]

_MISREAD = re.compile(r"[!;\n\r\t]|^[A-Za-z0-9+]{2,}:")
_SIDE_FILES = (".dbf", ".shx", ".prj", ".cpg", ".dat", ".id", ".map", ".mid", ".ind")
_HEADER = 100  # bytes, of .shp and .shx alike
_DBF_ENTRY, _DBF_NAME = 32, 11  # bytes of a field in the header of a .dbf, and of its name


@contextmanager
def plain_path(path: Path, field_names: Sequence[bytes] | None = None) -> Iterator[str]:
    """The path itself where it can be taken, else that of a link to it, which lives as long as the block.

    ``field_names`` stand in the place of those in the header of the .dbf, which is copied for it.
    """
    unindexed = path.suffix.lower() == ".shp" and beside(path, ".shx") is None
    taken = not unindexed and field_names is None
    # GDAL writes what it learns of a .gml beside it.
    if taken and path.suffix.lower() != ".gml" and _MISREAD.search(str(path)) is None:
        yield str(path)
        return
    with tempfile.TemporaryDirectory(prefix="parkline-") as name:
        stem = re.sub(r"[!;:\n\r\t]", "_", path.stem)
        shown = Path(name) / f"{stem}{path.suffix}"
        for source in (path, *(beside(path, suffix) for suffix in _SIDE_FILES)):
            if source is None:
                continue
            target = shown if source == path else shown.with_suffix(source.suffix.lower())
            if field_names is not None and target.suffix.lower() == ".dbf":
                _with_names(source, target, field_names)
            elif not target.exists():
                _link(source, target)
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


def _with_names(dbf: Path, target: Path, names: Sequence[bytes]) -> None:
    """A copy of a .dbf with other field names: eleven bytes each, filled up with zeros."""
    shutil.copyfile(dbf, target)
    with target.open("r+b") as file:
        for number, name in enumerate(names):
            file.seek(_DBF_ENTRY * (number + 1))
            file.write(name.ljust(_DBF_NAME, b"\0"))


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
