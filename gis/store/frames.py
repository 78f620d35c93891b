"""Between frames and rows: column by column, never value by value where numpy can do it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gis.store import blob
from gis.store.query import column_types, plain
from gis.store.schema import ColumnType, TableSchema

__all__ = ["geo_frame", "geometry_of", "read_frame", "sql_values"]

# Types (by shapely's ids) that a table takes; single parts are promoted when they are encoded.
_TAKEN = {
    "POINT": (0,),
    "LINESTRING": (1,),
    "POLYGON": (3,),
    "MULTIPOINT": (0, 4),
    "MULTILINESTRING": (1, 5),
    "MULTIPOLYGON": (3, 6),
}
_PORTION = 2000


def sql_values(series: pd.Series[Any], kind: ColumnType) -> list[Any]:
    """The values of a column as SQLite takes them.

    Raises ``ValueError`` or ``TypeError`` for values that are not of that type.
    """
    missing = series.isna().to_numpy()
    if kind is ColumnType.DATE:
        days = pd.to_datetime(series).to_numpy().astype("datetime64[D]")
        values = np.datetime_as_string(days).astype(object)
    elif kind is ColumnType.REAL:
        if series.dtype != np.float64:  # asked first: it takes as long as to store a few rows
            series = pd.to_numeric(series).astype("float64")
        values = series.to_numpy().astype(object)
    elif kind is ColumnType.INTEGER:
        values = pd.to_numeric(series).astype("Int64").fillna(0).to_numpy(dtype=np.int64).astype(object)
    elif kind is ColumnType.BOOLEAN:
        values = series.astype("boolean").fillna(False).to_numpy(dtype=bool).astype(np.int64).astype(object)
    else:
        values = series.to_numpy(dtype=object)
        if not isinstance(series.dtype, pd.StringDtype):
            # Text columns may hold other things (a parcel number read as a number): rare, hence one by one.
            odd = [i for i, v in enumerate(values) if not isinstance(v, str) and not missing[i]]
            values = values.copy()
            for i in odd:
                values[i] = str(plain(values[i]))
    if missing.any():
        values = values.copy()
        values[missing] = None
    return list(values.tolist())


def geometry_of(frame: pd.DataFrame, schema: TableSchema, epsg: int) -> NDArray[np.object_] | None:
    """Geometries of a frame of types that the table takes, or None if it brings none.

    Raises ``ValueError`` for another CRS than the store's or a type that the table does not hold.
    """
    if not schema.geometry or not isinstance(frame, gpd.GeoDataFrame):
        return None
    if frame.active_geometry_name is None:
        return None
    series = frame.geometry
    if series.crs is not None and not _is_plane(CRS(series.crs), epsg):
        raise ValueError(f"{schema.name}: geometry is in {series.crs.to_string()}, the store in EPSG:{epsg}")
    geometries = np.asarray(series.to_numpy(), dtype=object)
    wanted = schema.geometry
    if wanted == "GEOMETRY" or not len(geometries):
        return geometries
    types = shapely.get_type_id(geometries)
    wrong = ~np.isin(types, (-1, *_TAKEN[wanted])) & ~shapely.is_empty(geometries)
    if wrong.any():
        position = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"{schema.name}: row {position} is {geometries[position].geom_type}, not {wanted}")
    return geometries


@lru_cache(maxsize=64)
def _is_plane(crs: CRS, epsg: int) -> bool:
    return bool(crs.equals(CRS.from_epsg(epsg), ignore_axis_order=True))


def read_frame(
    cursor: sqlite3.Cursor,
    schema: TableSchema,
    columns: Sequence[str],
    epsg: int,
    geometry: bool,
    first: Sequence[tuple[Any, ...]] = (),
) -> gpd.GeoDataFrame:
    """All rows of a SELECT of ``fid``, the columns and, if ``geometry``, the blob; ``first`` those fetched already."""
    parts: list[list[Any]] = [[] for _ in range(1 + len(columns) + (1 if geometry else 0))]
    # By column at once: a million row tuples would be held besides.
    while rows := first or cursor.fetchmany(_PORTION):
        first = ()
        for part, values in zip(parts, zip(*rows, strict=True), strict=True):
            part.extend(values)
    types = column_types(schema)
    data = {name: _series(parts[1 + i], types[name]) for i, name in enumerate(columns)}
    fids = pd.Index(np.fromiter(parts[0], dtype=np.int64, count=len(parts[0])), name="fid")
    shapes: NDArray[np.object_]
    shapes = blob.decode(parts[-1]) if geometry else np.full(len(fids), None, dtype=object)
    frame = pd.DataFrame(data, copy=False)
    frame.index = fids
    return geo_frame(frame, shapes, epsg)


def geo_frame(frame: pd.DataFrame, shapes: NDArray[np.object_], epsg: int | CRS) -> gpd.GeoDataFrame:
    """The frame with a geometry column, which it gets itself, too, as the last of its columns.

    What ``GeoDataFrame(frame, geometry=…)`` gives, in a twentieth of the time: that one first asks the new frame for
    the CRS of a geometry it does not have yet, and the error it gets costs more than reading a row. An edit makes
    a dozen frames of a few rows.
    """
    frame["geometry"] = gpd.array.GeometryArray(shapes, CRS.from_user_input(epsg))
    made = gpd.GeoDataFrame._from_mgr(frame._mgr, frame.axes)  # noqa: SLF001 - pandas' own way for subclasses
    made._geometry_column_name = "geometry"  # noqa: SLF001 - as geopandas' own constructors set it
    return made


def _series(values: Sequence[Any], kind: ColumnType) -> Any:
    if kind is ColumnType.TEXT:
        return pd.array(values, dtype=pd.StringDtype(na_value=np.nan))
    if kind is ColumnType.REAL:
        return np.array(values, dtype=np.float64) if values else np.empty(0)
    if kind is ColumnType.DATE:
        return _days(values)
    array = np.array(values, dtype=object)
    missing: NDArray[np.bool_] = np.asarray(pd.isna(array))
    filled = np.where(missing, 0, array)
    if kind is ColumnType.BOOLEAN:
        return pd.arrays.BooleanArray(filled.astype(bool), missing)
    return pd.arrays.IntegerArray(filled.astype(np.int64), missing)


def _days(values: Sequence[Any]) -> NDArray[np.datetime64]:
    try:
        return np.array([value or "NaT" for value in values], dtype="datetime64[s]")
    except ValueError:  # a date written by another program in a form of its own
        days = pd.to_datetime(pd.Series(list(values), dtype=object), errors="coerce")
        return days.to_numpy().astype("datetime64[s]")
