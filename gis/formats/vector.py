"""GeoPackage, GeoJSON, File Geodatabase and MapInfo files: formats that say their own encoding."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

from gis.errors import ParkLineError
from gis.formats.ogr import inspect_ogr, layer_names, read_ogr
from gis.formats.source import RowProblem, SourceInfo, SourceTable
from gis.progress import Progress, silent
from gis.text import tr

__all__ = [
    "geodatabase_source",
    "inspect",
    "inspect_geodatabase",
    "inspect_geojson",
    "read",
    "read_geodatabase",
    "read_geojson",
]

_MOST_UNPACKED = 4 * 1024**3  # a zipped geodatabase beyond this is refused as a bomb
_TITLES = {
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gdb": "File Geodatabase",
    ".mif": "MapInfo",
    ".tab": "MapInfo",
    ".fgb": "FlatGeobuf",
}


def inspect(path: Path, *, layer: str | None = None, encoding: str | None = None) -> SourceInfo:
    """Schema and first rows of a file that GDAL reads as it is."""
    return replace(
        inspect_ogr(path, _TITLES.get(path.suffix.lower(), path.suffix), layer=layer, encoding=encoding),
        format=_TITLES.get(path.suffix.lower(), path.suffix),
    )


def read(info: SourceInfo, *, progress: Progress = silent) -> SourceTable:
    """All rows of an inspected file."""
    return read_ogr(info, encoding=info.encoding, progress=progress)


def geodatabase_source(path: Path) -> str:
    """GDAL's name for a .gdb folder or a zipped one; the archive is looked through before GDAL sees it."""
    if path.suffix.lower() != ".zip":
        return str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise ParkLineError(tr("压缩包已损坏。"), hint=tr("请重新获取文件。"), file=path) from error
    if sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
        raise ParkLineError(
            tr("压缩包解开后过大，已拒绝。"), hint=tr("请先解压，再选择 .gdb 文件夹。"), file=path
        )
    if any(".." in Path(entry.filename).parts or entry.filename.startswith(("/", "\\")) for entry in entries):
        raise ParkLineError(
            tr("压缩包内含越界路径，已拒绝。"), hint=tr("请向提供方核实文件来源。"), file=path
        )
    folders = sorted({entry.filename.split("/")[0] for entry in entries if ".gdb/" in entry.filename.lower()})
    inner = f"/{folders[0]}" if folders else ""
    return f"/vsizip/{path.absolute()}{inner}"


def inspect_geodatabase(path: Path, *, layer: str | None = None, encoding: str | None = None) -> SourceInfo:
    """Layers of a File Geodatabase; empty ones are listed too."""
    source = geodatabase_source(path)
    layers = layer_names(source, path)
    info = inspect_ogr(
        path, "File Geodatabase", source=source, layer=layer or next(iter(layers), None), encoding=encoding
    )
    return replace(info, format="File Geodatabase")


def read_geodatabase(info: SourceInfo, *, progress: Progress = silent) -> SourceTable:
    """All rows of one layer; curves come as lines, as GDAL linearises them."""
    return read_ogr(info, source=geodatabase_source(info.path), progress=progress)


def inspect_geojson(path: Path, *, layer: str | None = None, encoding: str | None = None) -> SourceInfo:
    """GeoJSON by GDAL; a file GDAL refuses is looked at feature by feature."""
    try:
        info = inspect(path, layer=layer, encoding=encoding)
    except ParkLineError:
        features = _features(path)
        names = list(dict.fromkeys(key for feature in features for key in (feature.get("properties") or {})))
        sample = [
            {key: str(value) for key, value in (feature.get("properties") or {}).items()}
            for feature in features[:5]
        ]
        return SourceInfo(
            path=path, format="GeoJSON", layers=(path.stem,), layer=path.stem, columns=tuple(names), geometry_types=(),
            row_count=len(features), crs="EPSG:4326", encoding="utf-8", encoding_evidence=tr("GeoJSON 规定为 UTF-8。"),
            sample=tuple(sample), bounds=None, notes=(tr("文件不完全符合 GeoJSON 规范，将逐个要素读取。"),),
        )  # fmt: skip
    return replace(info, encoding="utf-8", encoding_evidence=tr("GeoJSON 规定为 UTF-8。"))


def read_geojson(info: SourceInfo, *, progress: Progress = silent) -> SourceTable:
    """All features; where the bulk reader gives up (an unclosed ring), those that can be read, and why not."""
    try:
        return read_ogr(replace(info, encoding=None), progress=progress)
    except (ParkLineError, shapely.errors.ShapelyError):
        return _feature_by_feature(info)


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, OSError) as error:
        raise ParkLineError(
            tr("不是有效的 GeoJSON：{reason}", reason=str(error)), hint=tr("请重新导出该文件。"), file=path
        ) from error
    if isinstance(document, dict) and document.get("type") == "Feature":
        return [document]
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ParkLineError(
            tr("文件中没有要素集合。"), hint=tr("请导出为 GeoJSON FeatureCollection。"), file=path
        )
    return [feature for feature in features if isinstance(feature, dict)]


def _feature_by_feature(info: SourceInfo) -> SourceTable:
    kept, shapes, rows, problems = [], [], [], []
    # The bulk reader has failed, so every feature is tried by itself.
    for number, feature in enumerate(_features(info.path), start=1):
        properties = feature.get("properties")
        values = dict(properties) if isinstance(properties, dict) else {}
        try:
            geometry = None if feature.get("geometry") is None else shape(feature["geometry"])
        except (ValueError, TypeError, KeyError, IndexError, shapely.errors.ShapelyError) as error:
            problems.append(RowProblem(number, tr("图形无效：{reason}", reason=str(error)), values))
            continue
        kept.append(values)
        shapes.append(geometry)
        rows.append(number)
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    frame = (
        pd.DataFrame(kept, columns=list(info.columns))
        if info.columns
        else pd.DataFrame(index=range(len(kept)))
    )
    return SourceTable(info, frame, array, np.array(rows, dtype=np.int64), problems)
