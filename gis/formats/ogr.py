"""Vector files through GDAL: pyogrio with Arrow for bulk, fiona to look inside and to save what can be saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import fiona
import numpy as np
import pandas as pd
import pyogrio
import shapely
from fiona.errors import FionaError
from numpy.typing import NDArray
from shapely.geometry import shape

from gis.errors import ParkLineError
from gis.formats.source import RowProblem, SourceInfo, SourceTable
from gis.progress import Progress, silent
from gis.text import tr

__all__ = ["inspect_ogr", "layer_names", "read_ogr"]

_SHOWN_ROWS = 5
_FAILURES = (FionaError, pyogrio.errors.DataSourceError, OSError, ValueError, RuntimeError)


def layer_names(source: str, path: Path) -> tuple[str, ...]:
    """Layers of a data source; ``ParkLineError`` if it cannot be opened."""
    try:
        listed = [(str(name), kind is None) for name, kind in pyogrio.list_layers(source)]
    except _FAILURES as error:
        raise _unreadable(path, error) from error
    # Layers with a geometry first: the first one is what is proposed.
    return tuple(name for name, _ in sorted(listed, key=lambda item: item[1]))


def _unreadable(path: Path, error: Exception) -> ParkLineError:
    return ParkLineError(
        tr(
            "无法读取文件：{reason}",
            reason=str(error).splitlines()[0] if str(error) else type(error).__name__,
        ),
        hint=tr("请检查文件是否完整，或请提供方另存为 GeoPackage 后重试。"),
        file=path,
    )


def chosen_layer(layers: tuple[str, ...], layer: str | None, path: Path) -> str:
    """The layer asked for, or the only or first one; ``ParkLineError`` if it does not exist."""
    if not layers:
        raise ParkLineError(tr("文件中没有图层。"), hint=tr("请确认导出时包含了要素。"), file=path)
    if layer is None:
        return layers[0]
    if layer not in layers:
        raise ParkLineError(
            tr("文件中没有图层“{layer}”。", layer=layer),
            hint=tr("可选图层：{layers}", layers=tr("、").join(layers)),
            file=path,
        )
    return layer


def inspect_ogr(
    path: Path,
    format_name: str,
    *,
    source: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    evidence: str = "",
    sample: list[dict[str, str]] | None = None,
    notes: tuple[str, ...] = (),
) -> SourceInfo:
    """Schema, CRS, extent and the first rows, without reading the rest."""
    source = source or str(path)
    layers = layer_names(source, path)
    name = chosen_layer(layers, layer, path)
    try:
        facts = pyogrio.read_info(
            source, layer=name, encoding=encoding, force_feature_count=True, force_total_bounds=True
        )
        with fiona.open(source, layer=name, encoding=encoding, allow_unsupported_drivers=True) as collection:
            geometry_type = str(collection.schema["geometry"])
            driver = str(collection.driver)
    except _FAILURES as error:
        raise _unreadable(path, error) from error
    if sample is None:
        sample = _first_rows(source, name, encoding)
    total = facts["total_bounds"]
    bounds = None if total is None or not np.isfinite(total).all() else tuple(float(v) for v in total)
    return SourceInfo(
        path=path,
        format=f"{format_name} ({driver})" if driver not in format_name else format_name,
        layers=layers,
        layer=name,
        columns=tuple(str(column) for column in facts["fields"]),
        geometry_types=() if geometry_type in {"None", "Unknown"} else (geometry_type,),
        row_count=int(facts["features"]) if facts["features"] >= 0 else None,
        crs=facts["crs"],
        encoding=encoding,
        encoding_evidence=evidence,
        sample=tuple(sample),
        bounds=bounds,  # type: ignore[arg-type]  # four floats by construction
        notes=notes,
    )


def _first_rows(source: str, layer: str, encoding: str | None) -> list[dict[str, str]]:
    try:
        frame = pyogrio.read_dataframe(
            source, layer=layer, encoding=encoding, max_features=_SHOWN_ROWS, read_geometry=False
        )
    except _FAILURES:
        return []
    texts = frame.astype("str").where(frame.notna(), "")
    return [{str(key): str(value) for key, value in row.items()} for row in texts.to_dict("records")]


def read_ogr(
    info: SourceInfo, *, source: str | None = None, encoding: str | None = None, progress: Progress = silent
) -> SourceTable:
    """All rows. If bulk reading fails, rows are read one by one and the damaged ones are listed."""
    source = source or str(info.path)
    progress(0.0, tr("正在读取 {name}", name=info.path.name))
    try:
        # GDAL 3.12 hands out memory it never wrote for rows of a FlatGeobuf that have no geometry.
        bulk = _linearised if info.format == "FlatGeobuf" else _bulk
        frame, geometry = bulk(source, info.layer, encoding)
    except NotImplementedError:
        # Arrow hands curves over as they are and shapely has none; pyogrio's older way linearises them.
        frame, geometry = _linearised(source, info.layer, encoding)
        info = replace(info, notes=(*info.notes, tr("曲线已按折线近似读取。")))
    except _FAILURES:
        return _row_by_row(info, source, encoding, progress)
    rows = np.arange(1, len(frame) + 1, dtype=np.int64)
    progress(1.0, tr("已读取 {count} 行", count=len(rows)))
    return SourceTable(info, frame, geometry, rows)


def _bulk(
    source: str, layer: str | None, encoding: str | None
) -> tuple[pd.DataFrame, NDArray[np.object_] | None]:
    meta, table = pyogrio.read_arrow(source, layer=layer, encoding=encoding, datetime_as_string=True)
    name = meta["geometry_name"] or "wkb_geometry"
    geometry = None
    if name in table.column_names:
        bodies = table.column(name).to_numpy(zero_copy_only=False)
        geometry = np.asarray(shapely.from_wkb(bodies, on_invalid="fix"), dtype=np.object_)
        table = table.drop_columns([name])
    # A table without attributes has no rows of its own to Arrow; the index keeps their number.
    frame = (
        table.to_pandas()
        if table.num_columns
        else pd.DataFrame(index=range(0 if geometry is None else len(geometry)))
    )
    frame.columns = [str(column) for column in frame.columns]
    return frame.drop(columns="OGC_FID", errors="ignore"), geometry


def _linearised(
    source: str, layer: str | None, encoding: str | None
) -> tuple[pd.DataFrame, NDArray[np.object_] | None]:
    frame = pyogrio.read_dataframe(source, layer=layer, encoding=encoding, use_arrow=False)
    if "geometry" not in frame:
        return frame, None
    return pd.DataFrame(frame.drop(columns="geometry")), np.asarray(frame.geometry.array, dtype=np.object_)


def _row_by_row(info: SourceInfo, source: str, encoding: str | None, progress: Progress) -> SourceTable:
    """The slow way: one damaged record must not cost the file, so each is read on its own."""
    kept: list[Mapping[str, Any]] = []
    shapes: list[Any] = []
    rows: list[int] = []
    problems: list[RowProblem] = []
    try:
        with fiona.open(
            source, layer=info.layer, encoding=encoding, allow_unsupported_drivers=True
        ) as collection:
            count = len(collection)
            for number in range(1, count + 1):
                if number % 1000 == 0:
                    progress(number / count, tr("逐行读取 {done} / {count}", done=number, count=count))
                try:
                    feature = collection[number - 1]
                    if feature is None:
                        problems.append(RowProblem(number, tr("记录缺失。")))
                        continue
                    geometry = None if feature.geometry is None else shape(feature.geometry)
                except (*_FAILURES, TypeError, IndexError, shapely.errors.ShapelyError) as error:
                    problems.append(
                        RowProblem(
                            number, tr("记录已损坏：{reason}", reason=str(error) or type(error).__name__)
                        )
                    )
                    continue
                kept.append(dict(feature.properties))
                shapes.append(geometry)
                rows.append(number)
    except _FAILURES as error:
        raise _unreadable(info.path, error) from error
    geometry_array = np.empty(len(shapes), dtype=object)
    geometry_array[:] = shapes
    frame = pd.DataFrame(kept, columns=list(info.columns))
    return SourceTable(info, frame, geometry_array, np.array(rows, dtype=np.int64), problems)
