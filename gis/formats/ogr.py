"""Vector files through GDAL: pyogrio with Arrow for bulk, fiona to look inside and to save what can be saved."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import fiona
import numpy as np
import pyarrow as pa
import pyogrio
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.formats.arrow_frames import frame_of, geometries_of
from gis.formats.one_by_one import READ_FAILURES, read_one_by_one
from gis.formats.source import SourceInfo, SourceTable, take_out
from gis.formats.staging import plain_path
from gis.progress import Progress, silent
from gis.text import tr

__all__ = ["inspect_ogr", "layer_names", "read_ogr"]

_SHOWN_ROWS = 5
_BATCH = 20_000  # rows between two looks at Cancel


@contextmanager
def _opened(path: Path, source: str | None) -> Iterator[str]:
    """GDAL's name for the file; what GDAL merely remarks on (measures, open rings) is judged by ourselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        if source is not None:
            yield source
        else:
            with plain_path(path) as plain:
                yield plain


def layer_names(path: Path, source: str | None = None) -> tuple[str, ...]:
    """Layers of a data source; ``ParkLineError`` if it cannot be opened."""
    try:
        with _opened(path, source) as name:
            listed = [(str(layer), kind is None) for layer, kind in pyogrio.list_layers(name)]
    except READ_FAILURES as error:
        raise _unreadable(path, error) from error
    # Layers with a geometry first: the first one is what is proposed.
    return tuple(layer for layer, _ in sorted(listed, key=lambda item: item[1]))


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
    layers = layer_names(path, source)
    name = chosen_layer(layers, layer, path)
    with _opened(path, source) as opened:
        try:
            facts = pyogrio.read_info(
                opened, layer=name, encoding=encoding, force_feature_count=True, force_total_bounds=True
            )
        except READ_FAILURES as error:
            raise _unreadable(path, error) from error
        geometry_type, driver = _schema(opened, name, encoding, facts)
        if sample is None:
            sample = _first_rows(opened, name, encoding)
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


def _schema(source: str, layer: str, encoding: str | None, facts: dict[str, object]) -> tuple[str, str]:
    """Geometry type and driver as fiona sees them, or as pyogrio says where fiona's GDAL lacks the driver (KML)."""
    try:
        with fiona.open(source, layer=layer, encoding=encoding, allow_unsupported_drivers=True) as collection:
            return str(collection.schema["geometry"]), str(collection.driver)
    except (*READ_FAILURES, AttributeError, KeyError):
        return str(facts["geometry_type"]), str(facts["driver"])


def _first_rows(source: str, layer: str, encoding: str | None) -> list[dict[str, str]]:
    try:
        _meta, table = pyogrio.read_arrow(
            source, layer=layer, encoding=encoding, max_features=_SHOWN_ROWS, read_geometry=False,
            datetime_as_string=True,
        )  # fmt: skip
        frame = frame_of(table)
    except READ_FAILURES:
        return []
    texts = frame.astype("str").where(frame.notna(), "")
    return [{str(key): str(value) for key, value in row.items()} for row in texts.to_dict("records")]


def read_ogr(
    info: SourceInfo, *, source: str | None = None, encoding: str | None = None, progress: Progress = silent
) -> SourceTable:
    """All rows, numbered from 1. If bulk reading fails, rows are read one by one and the damaged ones listed."""
    progress(0.0, tr("正在读取 {name}", name=info.path.name))
    with _opened(info.path, source) as opened:
        try:
            # GDAL 3.12 hands out memory it never wrote for rows of a FlatGeobuf that have no geometry.
            bulk = _linearised if info.format == "FlatGeobuf" else _bulk
            table = bulk(info, opened, encoding, progress)
        except NotImplementedError:
            # Arrow hands curves over as they are and shapely has none; pyogrio's older way linearises them.
            table = _linearised(info, opened, encoding, progress)
            table.info = replace(info, notes=(*info.notes, tr("曲线已按折线近似读取。")))
        except READ_FAILURES:
            try:
                table = read_one_by_one(info, opened, encoding, progress)
            except READ_FAILURES as error:
                raise _unreadable(info.path, error) from error
    progress(1.0, tr("已读取 {count} 行", count=len(table.rows)))
    return table


def _bulk(info: SourceInfo, source: str, encoding: str | None, progress: Progress) -> SourceTable:
    """By Arrow, batch by batch, geometry taken out of each batch so that its bytes are let go."""
    shapes: list[NDArray[np.object_]] = []
    unread: dict[int, str] = {}
    attributes: list[pa.RecordBatch] = []
    count = 0
    with pyogrio.raw.open_arrow(
        source,
        layer=info.layer,
        encoding=encoding,
        batch_size=_BATCH,
        use_pyarrow=True,
        datetime_as_string=True,
    ) as (meta, reader):
        name = meta["geometry_name"] or "wkb_geometry"
        has_geometry = name in reader.schema.names
        for batch in reader:
            if has_geometry:
                bodies = batch.column(name).to_numpy(zero_copy_only=False)
                geometry, wrong = geometries_of(bodies)
                shapes.append(geometry)
                unread.update({count + position: reason for position, reason in wrong.items()})
                batch = batch.drop_columns([name])
            attributes.append(batch)
            count += len(shapes[-1]) if has_geometry else batch.num_rows
            progress(min(1.0, count / (info.row_count or count or 1)), tr("已读取 {count} 行", count=count))
        schema = reader.schema
    if has_geometry:
        schema = schema.remove(schema.get_field_index(name))
    table = SourceTable(
        info,
        frame_of(pa.Table.from_batches(attributes, schema=schema), count),
        np.concatenate(shapes) if shapes else np.empty(0, dtype=object) if has_geometry else None,
        np.arange(1, count + 1, dtype=np.int64),
    )
    take_out(table, unread)
    return table


def _linearised(info: SourceInfo, source: str, encoding: str | None, progress: Progress) -> SourceTable:
    """By pyogrio's older way, which makes lines of curves."""
    del progress
    _meta, _fids, bodies, fields = pyogrio.raw.read(
        source, layer=info.layer, encoding=encoding, datetime_as_string=True
    )
    geometry, unread = (None, {}) if bodies is None else geometries_of(bodies)
    count = len(fields[0]) if fields else 0 if geometry is None else len(geometry)
    frame = frame_of(dict(zip(info.columns, fields, strict=True)), count)
    table = SourceTable(info, frame, geometry, np.arange(1, count + 1, dtype=np.int64))
    take_out(table, unread)
    return table
