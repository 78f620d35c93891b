"""GeoJSON: by GDAL in bulk, feature by feature where that fails; degrees unless the file says otherwise."""

from __future__ import annotations

import json
import mmap
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis.errors import ParkLineError
from gis.formats.ogr import inspect_ogr, read_ogr
from gis.formats.one_by_one import BadGeometryError, strict_shape
from gis.formats.source import RowProblem, SourceInfo, SourceTable, take_out
from gis.progress import Progress, silent
from gis.text import tr

__all__ = ["inspect", "read"]

_DEGREES = "EPSG:4326"
_SHOWN_ROWS = 5
_HEAD = 65_536
_NULL_ITEM = re.compile(rb"[\[,]\s*null\s*[,\]]")


def inspect(path: Path, *, layer: str | None = None, encoding: str | None = None) -> SourceInfo:
    """Schema and first rows; a file GDAL refuses is looked at feature by feature.

    RFC 7946 says that a file without ``crs`` is in WGS 84 degrees; where its numbers are none, ``crs`` is None.
    """
    del encoding
    try:
        info = inspect_ogr(path, "GeoJSON", layer=layer)
    except ParkLineError:
        info = _inspect_features(path)
    notes = list(info.notes)
    crs = info.crs
    if not _states_crs(path):
        if info.bounds is not None and not _in_degrees(info.bounds):
            crs = None
            notes.append(tr("文件未写明坐标系，坐标也不是经纬度。"))
        else:
            notes.append(tr("文件未写明坐标系，按 GeoJSON 规范（RFC 7946）为 WGS 84 经纬度。"))
    return replace(
        info, format="GeoJSON", encoding="utf-8", encoding_evidence=tr("GeoJSON 规定为 UTF-8。"), crs=crs,
        notes=tuple(notes),
    )  # fmt: skip


def _states_crs(path: Path) -> bool:
    """Whether the collection has a ``crs`` member; by custom it stands before or behind the features."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, path.stat().st_size - _HEAD))
        return b'"crs"' in head or b'"crs"' in file.read()


def _in_degrees(bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return west >= -360.0 and east <= 360.0 and south >= -90.0 and north <= 90.0


def _inspect_features(path: Path) -> SourceInfo:
    document = _document(path)
    features = _features(document, path)
    rows = [feature.get("properties") for feature in features if isinstance(feature, dict)]
    properties = [row for row in rows if isinstance(row, dict)]
    return SourceInfo(
        path=path, format="GeoJSON", layers=(path.stem,), layer=path.stem,
        columns=tuple(dict.fromkeys(str(key) for row in properties for key in row)), geometry_types=(),
        row_count=len(features), crs=_stated_crs(document), encoding="utf-8", encoding_evidence="",
        sample=tuple({str(key): str(value) for key, value in row.items()} for row in properties[:_SHOWN_ROWS]),
        bounds=None, notes=(tr("文件不完全符合 GeoJSON 规范，将逐个要素读取。"),),
    )  # fmt: skip


def _stated_crs(document: dict[str, Any]) -> str:
    try:
        return str(document["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        return _DEGREES


def read(info: SourceInfo, *, progress: Progress = silent) -> SourceTable:
    """All features; those that cannot be read are told with the reason that stands in the file itself."""
    try:
        table = read_ogr(replace(info, encoding=None), progress=progress)
    except ParkLineError:
        return _feature_by_feature(info)
    table.info = info
    if _may_hold_null(info.path):
        _renumber(table)
    assert table.geometry is not None  # noqa: S101 - a GeoJSON layer has a geometry column
    missing = np.flatnonzero(shapely.is_missing(table.geometry))
    if len(missing):
        _explain(table, missing.tolist())
    return table


def _may_hold_null(path: Path) -> bool:
    """Whether some list of the file has an empty place: cheap, and more often so than among the features."""
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return _NULL_ITEM.search(text) is not None


def _renumber(table: SourceTable) -> None:
    """GDAL passes over null features without a word: the rows behind them keep their numbers, they are told."""
    features = _features(_document(table.info.path), table.info.path)
    there = [number for number, feature in enumerate(features, start=1) if feature is not None]
    if len(there) == len(features) or len(there) != len(table.rows) + len(table.problems):
        return
    table.rows = np.array(there, dtype=np.int64)[table.rows - 1]
    table.problems = [replace(item, row=there[item.row - 1]) for item in table.problems]
    table.problems += [
        RowProblem(number, tr("记录缺失。"))
        for number, feature in enumerate(features, start=1)
        if feature is None
    ]
    table.problems.sort(key=lambda problem: problem.row)


def _explain(table: SourceTable, missing: list[int]) -> None:
    """Rows that GDAL gave without geometry although the file has one there: what is wrong with it."""
    features = _features(_document(table.info.path), table.info.path)
    if len(features) != len(table.rows) + len(table.problems):
        return  # GDAL counts otherwise
    reasons = {}
    for position in missing:
        feature = features[int(table.rows[position]) - 1]
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if geometry is not None:
            reasons[position] = _fault_of(geometry)
    take_out(table, reasons)


def _fault_of(geometry: Any) -> str:
    try:
        strict_shape(geometry)
    except BadGeometryError as error:
        return str(error)
    return tr("图形记录已损坏")


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, OSError, RecursionError) as error:
        raise ParkLineError(
            tr("不是有效的 GeoJSON：{reason}", reason=str(error)), hint=tr("请重新导出该文件。"), file=path
        ) from error
    return document if isinstance(document, dict) else {}


def _features(document: dict[str, Any], path: Path) -> list[Any]:
    if document.get("type") == "Feature":
        return [document]
    features = document.get("features")
    if not isinstance(features, list):
        raise ParkLineError(
            tr("文件中没有要素集合。"), hint=tr("请导出为 GeoJSON FeatureCollection。"), file=path
        )
    return features


def _feature_by_feature(info: SourceInfo) -> SourceTable:
    kept, shapes, rows, problems = [], [], [], []
    # The bulk reader has failed, so every feature is tried by itself.
    for number, feature in enumerate(_features(_document(info.path), info.path), start=1):
        if not isinstance(feature, dict):
            problems.append(RowProblem(number, tr("记录缺失。")))
            continue
        properties = feature.get("properties")
        values = (
            {str(key): value for key, value in properties.items()} if isinstance(properties, dict) else {}
        )
        try:
            geometry = None if feature.get("geometry") is None else strict_shape(feature["geometry"])
        except BadGeometryError as error:
            problems.append(RowProblem(number, str(error), values))
            continue
        kept.append(values)
        shapes.append(geometry)
        rows.append(number)
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    frame = pd.DataFrame(kept, columns=list(info.columns), index=range(len(kept)))
    return SourceTable(info, frame, array, np.array(rows, dtype=np.int64), problems)
