"""What GDAL hands over (Arrow, WKB) as a frame of attributes and an array of geometries, nothing mended in silence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gis.text import mark, tr

__all__ = ["frame_of", "geometries_of", "why_no_geometry"]

_PORTION = 2_000  # bodies parsed at once: GEOS parses under Python's lock, and a window would stand still
# Integers keep all their digits where some are missing; pandas would make them floats.
_INTEGERS = {
    pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(),
}  # fmt: skip
# What GEOS says of what it cannot make a geometry of.
_REASONS = {
    "do not form a closed linestring": mark("边界环不闭合"),
    "Invalid number of points in LinearRing": mark("环的顶点太少"),
    "point array must contain": mark("线的顶点太少"),
    "Unknown WKB type": mark("不支持的图形类型（三维体、曲面）"),
}
_DAMAGED = mark("图形记录已损坏")


def frame_of(table: pa.Table | Mapping[str, Any], count: int | None = None) -> pd.DataFrame:
    """Attributes as a frame of ``count`` rows; lists become JSON text and bytes hexadecimal text."""
    if isinstance(table, pa.Table):
        columns = {}
        for name, column in zip(table.column_names, table.columns, strict=True):
            columns[str(name)] = _readable(column.to_pandas(types_mapper=_INTEGERS.get))
        rows = table.num_rows if count is None else count
    else:
        columns = {str(name): _readable(pd.Series(values)) for name, values in table.items()}
        rows = count or 0
    # A table without attributes has no rows of its own to Arrow; the index keeps their number.
    return pd.DataFrame(columns, index=pd.RangeIndex(rows))


def _readable(series: pd.Series) -> pd.Series:
    if series.dtype != object:
        return series
    strange = [
        position for position, value in enumerate(series) if isinstance(value, np.ndarray | list | bytes)
    ]
    if not strange:
        return series
    series = series.copy()
    for position in strange:
        value = series.iat[position]
        series.iat[position] = (
            value.hex() if isinstance(value, bytes)
            else json.dumps(value.tolist() if isinstance(value, np.ndarray) else value, ensure_ascii=False)
        )  # fmt: skip
    return series


def geometries_of(
    bodies: Sequence[bytes | None] | NDArray[np.object_],
) -> tuple[NDArray[np.object_], dict[int, str]]:
    """Geometries of WKB bodies, and position → reason for those that are none. None stays None.

    Raises ``NotImplementedError`` for curves, which shapely does not have.
    """
    array = np.asarray(bodies, dtype=object)
    shapes = np.empty(len(array), dtype=object)
    for start in range(0, len(array), _PORTION):
        shapes[start : start + _PORTION] = shapely.from_wkb(
            array[start : start + _PORTION], on_invalid="ignore"
        )
    wrong: dict[int, str] = {}
    # Only over what was not read: rows without a body, and the few with a bad one.
    for position in np.flatnonzero(shapely.is_missing(shapes)).tolist():
        if array[position] is not None:
            wrong[position] = _why(array[position])
    return shapes, wrong


def _why(body: bytes) -> str:
    try:
        shapely.from_wkb(body)
    except shapely.errors.ShapelyError as error:
        return why_no_geometry(error)
    return tr(_DAMAGED)


def why_no_geometry(error: Exception) -> str:
    """What GEOS said, as a planner reads it."""
    said = str(error)
    return tr(next((reason for words, reason in _REASONS.items() if words in said), _DAMAGED))
