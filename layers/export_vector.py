"""Vector files through GDAL, with typed columns; the ten-byte names of shapefiles; the pieces of a comparison."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import GEOGRAPHIC
from gis.errors import ParkLineError
from gis.store.schema import TableSchema
from gis.store.styles import StyleRule, create_styles, rule_based_qml
from gis.text import mark, tr
from layers.output_files import ready_target, write_whole
from layers.short_names import cut, short_names
from layers.spec import LayerSpec

__all__ = ["export_pieces", "shapefile_columns", "write_vector"]

_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf"}
_TEXT_BYTES = 254
_WGS84 = 4326
_KINDS = {0: "Point", 1: "MultiLineString", 2: "MultiPolygon"}
_PIECES = "rezoned_pieces"
# Severity → title and fill of a rezoned piece in QGIS, gravest first.
_PIECE_STYLES = {
    "violation": (mark("违规"), "#d03b3b"),
    "warn": (mark("注意"), "#e8a33d"),
    "review": (mark("需审查"), "#f2d16b"),
    "note": (mark("提示"), "#9db4c0"),
}


def write_vector(
    rows: pd.DataFrame,
    shapes: NDArray[np.object_] | None,
    path: Path,
    *,
    layer: str,
    title: str,
    epsg: int | None,
    kind: str,
) -> None:
    """Write rows with geometry (in ``epsg``) or without; ``kind`` is the OGR geometry type of the layer.

    Raises ``ParkLineError`` where a shapefile would have to hold geometry of two kinds.
    """
    suffix = path.suffix.lower()
    columns = {str(name): _typed(rows[name]) for name in rows.columns}
    crs, options = None, {}
    if shapes is not None:
        if kind == "Unknown" and suffix == ".shp":
            kind = _only_kind(shapes, path)
        columns["geom"] = pa.array(shapely.to_wkb(_promoted(shapes, kind)), type=pa.binary())
        # GeoJSON is WGS 84 by its standard, from which CGCS2000 differs by less than a map can show.
        standard = suffix == ".geojson" and epsg == GEOGRAPHIC
        crs = None if epsg is None else pyproj.CRS.from_epsg(_WGS84 if standard else epsg).to_wkt()
        if suffix == ".geojson":
            options = {
                "RFC7946": "YES" if standard else "NO",
                "COORDINATE_PRECISION": "9" if standard else "4",
            }
    if suffix == ".gpkg":
        options = {"IDENTIFIER": title}
    if suffix == ".shp":
        options = {"ENCODING": "UTF-8"}
    if suffix == ".fgb" and shapes is not None and bool(shapely.is_missing(shapes).any()):
        options = {"SPATIAL_INDEX": "NO"}  # the format's index knows no rows without geometry
    try:
        pyogrio.write_arrow(
            pa.table(columns),
            path,
            layer=layer if suffix != ".shp" else path.stem,
            driver=_DRIVERS[suffix],
            geometry_name=None if shapes is None else "geom",
            geometry_type=None if shapes is None else kind,
            crs=crs,
            layer_options=options,
        )
    except RuntimeError as error:  # what pyogrio's errors are: a full disk, a value the format cannot hold
        raise ParkLineError(
            tr("无法写入文件：{reason}。", reason=str(error)),
            hint=tr("请检查磁盘空间，或换一种格式。"),
            file=path.name,
        ) from error


def _typed(column: pd.Series) -> pa.Array:
    """The column under the type that GDAL keeps: days are dates, not moments."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return pa.array(column.to_numpy(dtype="datetime64[D]"), type=pa.date32())
    if pd.api.types.is_bool_dtype(column):
        return pa.array(column.astype("boolean"), type=pa.bool_(), from_pandas=True)
    if pd.api.types.is_integer_dtype(column):
        return pa.array(column.astype("Int64"), type=pa.int64(), from_pandas=True)
    if pd.api.types.is_float_dtype(column):
        return pa.array(
            column.to_numpy(dtype=np.float64, na_value=np.nan), type=pa.float64(), from_pandas=True
        )
    return pa.array(column.astype(object).where(column.notna(), None), type=pa.string(), from_pandas=True)


def _only_kind(shapes: NDArray[np.object_], path: Path) -> str:
    present = set(shapely.get_dimensions(shapes[~shapely.is_missing(shapes)]).tolist())
    if len(present) > 1:
        raise ParkLineError(
            tr("图层中既有面又有点，一个 Shapefile 只能存一种图形。"),
            hint=tr("请改用 .gpkg 或 .geojson。"),
            file=path.name,
        )
    return _KINDS[present.pop()] if present else _KINDS[2]


def _promoted(shapes: NDArray[np.object_], kind: str) -> NDArray[np.object_]:
    """Single parts as multi-parts where the layer holds those."""
    single = {"MultiPolygon": 3, "MultiLineString": 1}.get(kind)
    rows = np.flatnonzero(shapely.get_type_id(shapes) == single)
    if not len(rows):
        return shapes
    promoted, own = shapes.copy(), np.arange(len(rows))
    promoted[rows] = (
        shapely.multipolygons(shapes[rows], indices=own)
        if kind == "MultiPolygon"
        else shapely.multilinestrings(shapes[rows], indices=own)
    )
    return promoted


def shapefile_columns(spec: LayerSpec, rows: pd.DataFrame) -> tuple[dict[str, str], pd.DataFrame, list[str]]:
    """Field → name of at most ten bytes, the rows with texts that fit, and what a person should know.

    The import knows the short names, so that the file comes back as it went.
    """
    names = short_names(spec, [str(name) for name in rows.columns if str(name) not in _fields(spec)])
    names = {str(column): names[str(column)] for column in rows.columns}
    notes = []
    changed = [f"{column} → {name}" for column, name in names.items() if column != name]
    if changed:
        notes.append(tr("Shapefile 字段名最长 10 字节，已改短：{names}", names=tr("、").join(changed)))
    kept = rows.copy()
    for column in map(str, rows.columns):
        if not pd.api.types.is_string_dtype(rows[column]):
            continue
        texts = rows[column].astype(object)
        long = texts.map(lambda text: isinstance(text, str) and len(text.encode()) > _TEXT_BYTES)
        if long.any():
            kept[column] = texts.map(lambda text: cut(text, _TEXT_BYTES), na_action="ignore")
            notes.append(
                tr("字段 {name} 有 {count} 行超过 254 字节，已截短。", name=column, count=int(long.sum()))
            )
    return names, kept, notes


def _fields(spec: LayerSpec) -> set[str]:
    return {item.name for item in spec.fields}


def export_pieces(pieces: gpd.GeoDataFrame, path: Path, before: str, after: str) -> Path:
    """Write the pieces of a comparison as a GeoPackage that QGIS opens coloured by severity.

    Columns are those of ``Rezoning.pieces`` and the names of the two snapshots.
    """
    target = ready_target(path, (".gpkg",))
    rows = pd.DataFrame(pieces.drop(columns="geometry")).assign(before_snapshot=before, after_snapshot=after)
    shapes = np.asarray(pieces.geometry.to_numpy(), dtype=object)
    title = tr("区块线内变更图斑")
    rules = [
        StyleRule(tr(name), f'"severity" = \'{key}\' AND NOT "sliver"', fill)
        for key, (name, fill) in _PIECE_STYLES.items()
    ]
    rules.append(StyleRule(tr("碎屑"), '"sliver"', "#ffffff", opacity=0.0))
    qml = rule_based_qml("MULTIPOLYGON", rules, drawn="")

    def write(part: Path) -> None:
        epsg = pieces.crs.to_epsg() if pieces.crs else None
        write_vector(rows, shapes, part, layer=_PIECES, title=title, epsg=epsg, kind="MultiPolygon")
        with closing(sqlite3.connect(part)) as connection, connection:
            create_styles(connection, [TableSchema(_PIECES, title, (), "MULTIPOLYGON")], {_PIECES: qml})

    write_whole(target, write)
    return target
