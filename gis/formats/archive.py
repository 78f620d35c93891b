"""Zip archives as counties send them: looked through before anything is taken out of them.

Names in an archive are foreign text. They are shown and compared, and never used as paths: what is unpacked goes
under names of our own into a folder that is removed afterwards.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gis.errors import ParkLineError
from gis.formats import shapefile, vector
from gis.formats.source import SourceInfo, SourceTable
from gis.progress import Progress, scaled, silent
from gis.text import tr

__all__ = ["inspect", "read"]

_MOST_UNPACKED = 4 * 1024**3  # bytes; what unpacks to more is refused as a bomb
_MOST_ENTRIES = 20_000
_CHUNK = 1 << 20
_ENCRYPTED, _UTF8 = 0x1, 0x800
_PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")
_OF_A_MAC = re.compile(r"(^|/)(__MACOSX/|\._)")  # copies of the files' attributes, not data


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file in an archive: its name as a person reads it, with ``/`` between folders."""

    name: str
    info: zipfile.ZipInfo


def inspect(path: Path, *, layer: str | None = None, encoding: str | None = None) -> SourceInfo:
    """What an archive holds: the layers of its geodatabase, else its shapefiles as layers.

    Raises ``ParkLineError`` for a damaged, locked, oversized or hostile archive and for one with neither.
    """
    entries = _entries(path)
    if _geodatabases(entries):
        return _with_notes(vector.inspect_geodatabase(path, _source(path, entries), layer=layer), entries)
    with _unpacked(path, entries, layer, silent) as (shp, layers, chosen):
        return replace(shapefile.inspect(shp, encoding=encoding), path=path, layers=layers, layer=chosen)


def read(
    path: Path, *, layer: str | None = None, encoding: str | None = None, progress: Progress = silent
) -> SourceTable:
    """All rows of one layer of an archive."""
    entries = _entries(path)
    if _geodatabases(entries):
        source = _source(path, entries)
        info = _with_notes(vector.inspect_geodatabase(path, source, layer=layer), entries)
        return vector.read_geodatabase(info, source, progress=progress)
    with _unpacked(path, entries, layer, scaled(progress, 0.0, 0.3)) as (shp, layers, chosen):
        info = shapefile.inspect(shp, encoding=encoding)
        table = shapefile.read(info, progress=scaled(progress, 0.3, 1.0))
    table.info = replace(table.info, path=path, layers=layers, layer=chosen)
    return table


def _entries(path: Path) -> list[_Entry]:
    """The files of an archive that may be looked at."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = [item for item in archive.infolist() if not item.is_dir()]
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise ParkLineError(tr("压缩包已损坏。"), hint=tr("请重新获取文件。"), file=path) from error
    if len(found) > _MOST_ENTRIES or sum(item.file_size for item in found) > _MOST_UNPACKED:
        raise ParkLineError(
            tr("压缩包解开后过大，已拒绝。"), hint=tr("请先解压，再选择其中的数据文件。"), file=path
        )
    entries = [_Entry(name.replace("\\", "/"), item) for name, item in zip(_names(found), found, strict=True)]
    if any(_leads_out(entry.name) for entry in entries):
        raise ParkLineError(
            tr("压缩包内含越界路径，已拒绝。"), hint=tr("请向提供方核实文件来源。"), file=path
        )
    if any(entry.info.flag_bits & _ENCRYPTED for entry in entries):
        raise ParkLineError(tr("压缩包有密码。"), hint=tr("请先解压，再选择其中的数据文件。"), file=path)
    return [entry for entry in entries if not _OF_A_MAC.search(entry.name)]


def _leads_out(name: str) -> bool:
    return ".." in name.split("/") or name.startswith("/") or re.match("[A-Za-z]:", name) is not None


def _names(found: list[zipfile.ZipInfo]) -> list[str]:
    """Names as they were meant: without the flag for UTF-8 Python reads them in a code page of 1981."""
    raw = [
        None if item.flag_bits & _UTF8 else item.orig_filename.split("\0")[0].encode("cp437", "replace")
        for item in found
    ]
    foreign = [name for name in raw if name is not None]
    for encoding in ("utf-8", "gb18030"):
        try:
            decoded = {name: name.decode(encoding) for name in foreign}
        except UnicodeDecodeError:
            continue
        break
    else:
        decoded = {name: name.decode("cp437") for name in foreign}
    return [item.filename if name is None else decoded[name] for item, name in zip(found, raw, strict=True)]


def _geodatabases(entries: list[_Entry]) -> list[str]:
    """Folders of geodatabases."""
    return sorted(
        {entry.name.rpartition("/")[0] for entry in entries if entry.name.lower().endswith(".gdbtable")}
    )


def _source(path: Path, entries: list[_Entry]) -> str:
    """GDAL's name for the first geodatabase in an archive, which it reads without unpacking to disk."""
    first = _geodatabases(entries)[0]
    stored = next(
        entry.info.filename.replace("\\", "/").rpartition("/")[0]
        for entry in entries
        if entry.name.lower().endswith(".gdbtable") and entry.name.rpartition("/")[0] == first
    )
    return f"/vsizip/{{{path.absolute()}}}" + (f"/{stored}" if stored else "")


def _with_notes(info: SourceInfo, entries: list[_Entry]) -> SourceInfo:
    notes = list(info.notes)
    folders = _geodatabases(entries)
    if len(folders) > 1:
        notes.append(
            tr("压缩包里有 {count} 个 File Geodatabase，只读取 {name}。", count=len(folders), name=folders[0])
        )
    others = len(_shapefiles(entries))
    if others:
        notes.append(tr("压缩包里另有 {count} 个 Shapefile 没有读取；如有需要请先解压。", count=others))
    return replace(info, notes=tuple(notes))


def _shapefiles(entries: list[_Entry]) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """Layer title → suffix → entry; the title is the file's name, with its folders where two have the same."""
    groups: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for entry in entries:
        stem, dot, suffix = entry.name.rpartition(".")
        if dot and f".{suffix.lower()}" in _PARTS:
            groups.setdefault(stem, {}).setdefault(f".{suffix.lower()}", entry.info)
    stems = [stem for stem, parts in groups.items() if ".shp" in parts]
    short = [stem.rpartition("/")[2] for stem in stems]
    return {
        (name if short.count(name) == 1 else stem): groups[stem]
        for stem, name in zip(stems, short, strict=True)
    }


@contextmanager
def _unpacked(
    path: Path, entries: list[_Entry], layer: str | None, progress: Progress
) -> Iterator[tuple[Path, tuple[str, ...], str]]:
    """The shapefile that is a layer, unpacked for as long as the block lasts; all layers; the one chosen."""
    found = _shapefiles(entries)
    if not found:
        raise ParkLineError(
            tr("压缩包里没有 Shapefile 或 File Geodatabase。"),
            hint=tr("请先解压，再选择其中的数据文件。"),
            file=path,
        )
    chosen = layer if layer is not None else next(iter(found))
    if chosen not in found:
        raise ParkLineError(
            tr("文件中没有图层“{layer}”。", layer=chosen),
            hint=tr("可选图层：{layers}", layers=tr("、").join(found)),
            file=path,
        )
    with tempfile.TemporaryDirectory(prefix="parkline-") as name:
        folder = Path(name)
        parts = found[chosen]
        if shutil.disk_usage(folder).free < sum(part.file_size for part in parts.values()):
            raise ParkLineError(
                tr("临时文件夹的空间不够解压。"), hint=tr("请腾出磁盘空间，或先解压到别处。"), file=path
            )
        _unpack(path, parts, folder, progress)
        try:
            yield folder / "layer.shp", tuple(found), chosen
        except ParkLineError as error:
            error.file = path  # nobody knows the folder in which it was read
            raise


def _unpack(path: Path, parts: dict[str, zipfile.ZipInfo], folder: Path, progress: Progress) -> None:
    total = sum(part.file_size for part in parts.values()) or 1
    done = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for suffix, part in parts.items():
                with archive.open(part) as packed, (folder / f"layer{suffix}").open("wb") as file:
                    while chunk := packed.read(_CHUNK):
                        file.write(chunk)
                        done += len(chunk)
                        progress(min(done / total, 1.0), tr("正在解压 {name}", name=path.name))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ParkLineError(
            tr("压缩包已损坏，或用了不支持的压缩方式。"),
            hint=tr("请先解压，再选择其中的数据文件。"),
            file=path,
        ) from error
    except OSError as error:
        raise ParkLineError(
            tr("无法解压：{reason}", reason=error.strerror or str(error)),
            hint=tr("请先解压，再选择其中的数据文件。"),
            file=path,
        ) from error
