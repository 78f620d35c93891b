"""GeoPackage, File Geodatabase, GML and MapInfo files: formats that say their own encoding."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

from gis.errors import ParkLineError
from gis.formats.ogr import inspect_ogr, read_ogr
from gis.formats.source import SourceInfo, SourceTable
from gis.formats.xml_guard import refuse_declarations
from gis.progress import Progress, silent
from gis.text import tr

__all__ = ["geodatabase_source", "inspect", "inspect_geodatabase", "read", "read_geodatabase"]

_MOST_UNPACKED = 4 * 1024**3  # a zipped geodatabase beyond this is refused as a bomb
_ENCRYPTED = 0x1
_TITLES = {".gpkg": "GeoPackage", ".mif": "MapInfo", ".tab": "MapInfo", ".fgb": "FlatGeobuf", ".gml": "GML"}


def inspect(path: Path, *, layer: str | None = None, encoding: str | None = None) -> SourceInfo:
    """Schema and first rows of a file that GDAL reads as it is."""
    title = _TITLES.get(path.suffix.lower(), path.suffix)
    if title == "GML":
        with path.open("rb") as document:
            refuse_declarations(document, path)
    return replace(inspect_ogr(path, title, layer=layer, encoding=encoding), format=title)


def read(info: SourceInfo, *, progress: Progress = silent) -> SourceTable:
    """All rows of an inspected file."""
    return read_ogr(info, encoding=info.encoding, progress=progress)


def geodatabase_source(path: Path) -> tuple[str | None, tuple[str, ...]]:
    """GDAL's name for a zipped geodatabase, None for a .gdb folder; and what to say of the archive.

    An archive is looked through before GDAL sees it; nothing is ever unpacked to disk. Raises
    ``ParkLineError`` for a damaged, locked, oversized or hostile archive and for one without geodatabase.
    """
    if path.suffix.lower() != ".zip":
        return None, ()
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise ParkLineError(tr("压缩包已损坏。"), hint=tr("请重新获取文件。"), file=path) from error
    if sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
        raise ParkLineError(
            tr("压缩包解开后过大，已拒绝。"), hint=tr("请先解压，再选择 .gdb 文件夹。"), file=path
        )
    names = [entry.filename.replace("\\", "/") for entry in entries]
    if any(".." in name.split("/") or name.startswith("/") or re.match("[A-Za-z]:", name) for name in names):
        raise ParkLineError(
            tr("压缩包内含越界路径，已拒绝。"), hint=tr("请向提供方核实文件来源。"), file=path
        )
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise ParkLineError(tr("压缩包有密码。"), hint=tr("请先解压，再选择 .gdb 文件夹。"), file=path)
    folders = sorted({name.rpartition("/")[0] for name in names if name.lower().endswith(".gdbtable")})
    if not folders:
        raise ParkLineError(
            tr("压缩包里没有 File Geodatabase。"), hint=tr("请先解压，再选择其中的数据文件。"), file=path
        )
    notes: tuple[str, ...] = ()
    if len(folders) > 1:
        notes = (
            tr(
                "压缩包里有 {count} 个 File Geodatabase，只读取 {name}。", count=len(folders), name=folders[0]
            ),
        )
    inner = f"/{folders[0]}" if folders[0] else ""
    return f"/vsizip/{{{path.absolute()}}}{inner}", notes


def inspect_geodatabase(path: Path, *, layer: str | None = None, encoding: str | None = None) -> SourceInfo:
    """Layers of a File Geodatabase; empty ones are listed too."""
    source, notes = geodatabase_source(path)
    info = inspect_ogr(path, "File Geodatabase", source=source, layer=layer, encoding=encoding, notes=notes)
    return replace(info, format="File Geodatabase")


def read_geodatabase(info: SourceInfo, *, progress: Progress = silent) -> SourceTable:
    """All rows of one layer; curves come as lines, as GDAL linearises them."""
    source, _notes = geodatabase_source(info.path)
    return read_ogr(info, source=source, progress=progress)
