"""GeoPackage, File Geodatabase, GML and MapInfo files: formats that say their own encoding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gis.formats.ogr import inspect_ogr, read_ogr
from gis.formats.source import SourceInfo, SourceTable
from gis.formats.xml_guard import refuse_declarations
from gis.progress import Progress, silent

__all__ = ["inspect", "inspect_geodatabase", "read", "read_geodatabase"]

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


def inspect_geodatabase(path: Path, source: str | None = None, *, layer: str | None = None) -> SourceInfo:
    """Layers of a File Geodatabase; empty ones are listed too. ``source`` is GDAL's name for one in an archive."""
    info = inspect_ogr(path, "File Geodatabase", source=source, layer=layer)
    return replace(info, format="File Geodatabase")


def read_geodatabase(
    info: SourceInfo, source: str | None = None, *, progress: Progress = silent
) -> SourceTable:
    """All rows of one layer; curves come as lines, as GDAL linearises them."""
    return read_ogr(info, source=source, progress=progress)
