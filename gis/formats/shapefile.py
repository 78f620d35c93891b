"""ESRI shapefiles, with the encoding decided before anything is taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gis.formats.dbf import decide_encoding, read_rows
from gis.formats.ogr import inspect_ogr, read_ogr
from gis.formats.source import SourceInfo, SourceTable
from gis.progress import Progress, silent
from gis.text import tr

__all__ = ["inspect", "read"]


def inspect(path: Path, *, layer: str | None = None, encoding: str | None = None) -> SourceInfo:
    """Schema, encoding with its evidence, and the first rows. ``crs`` is None without a .prj."""
    if encoding is None:
        encoding, evidence = decide_encoding(path)
    else:
        evidence = tr("手工指定为 {encoding}。", encoding=encoding)
    notes = [] if path.with_suffix(".shx").exists() else [tr("缺少 .shx 索引文件，将顺序读取。")]
    if not path.with_suffix(".prj").exists():
        notes.append(tr("缺少 .prj 坐标系文件，请确认坐标系。"))
    info = inspect_ogr(
        path, "Shapefile", layer=layer, encoding=encoding, evidence=evidence,
        sample=read_rows(path, encoding), notes=tuple(notes),
    )  # fmt: skip
    return replace(info, format="Shapefile")


def read(info: SourceInfo, *, progress: Progress = silent) -> SourceTable:
    """All rows of an inspected shapefile."""
    return read_ogr(info, encoding=info.encoding, progress=progress)
