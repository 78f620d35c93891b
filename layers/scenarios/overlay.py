"""Row changes laid over tables: tables in, tables out; only what is touched is copied."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.store.frames import geo_frame
from layers.editing.rows import column_of
from layers.registry import layer as layer_spec
from layers.scenarios.changes import RowChange
from layers.spec import FieldType

__all__ = ["laid_over", "merged", "table_laid_over"]


def laid_over(
    tables: Mapping[str, gpd.GeoDataFrame],
    rows: Iterable[RowChange],
    places: Mapping[str, Mapping[str, int]] | None = None,
) -> dict[str, gpd.GeoDataFrame]:
    """The tables with the changes laid over; untouched tables are the same objects.

    Changes of tables that are not among them, and of rows that are not there any more, are left out. ``places``
    gives for some tables the position of each row by uuid, which otherwise is looked for.
    """
    by_table: dict[str, list[RowChange]] = {}
    for row in rows:
        by_table.setdefault(row.table, []).append(row)
    result = dict(tables)
    for name, some in by_table.items():
        if name in tables:
            result[name] = table_laid_over(tables[name], some, (places or {}).get(name))
    return result


def merged(rows: Iterable[RowChange]) -> dict[str, RowChange]:
    """One change a row: values of later changes win. By uuid, in the order in which rows are first named."""
    result: dict[str, RowChange] = {}
    for row in rows:
        known = result.get(row.uuid)
        result[row.uuid] = (
            row
            if known is None
            else RowChange(row.table, row.uuid, {**known.values, **row.values}, known.born or row.born)
        )
    return result


def table_laid_over(
    table: gpd.GeoDataFrame, rows: Sequence[RowChange], places: Mapping[str, int] | None = None
) -> gpd.GeoDataFrame:
    """One table with changes laid over. Rows keep their place, new ones stand at the end, without geometry.

    A row that is to be born and stands in the table already gets the values (its change has been applied).
    """
    wanted = merged(rows)
    place = _places(table, wanted) if places is None else places
    result = table.copy(deep=False)
    cells: dict[str, list[tuple[int, Any]]] = {}
    for uuid, row in wanted.items():
        if uuid in place:
            for name, value in row.values.items():
                cells.setdefault(name, []).append((place[uuid], value))
    for name, found in cells.items():
        result[name] = _replaced(result, name, found)
    born = [row for uuid, row in wanted.items() if row.born and uuid not in place]
    return _appended(result, born) if born else result


def _places(table: gpd.GeoDataFrame, wanted: Iterable[str]) -> dict[str, int]:
    uuids = table["uuid"]
    return {str(uuids.iloc[at]): int(at) for at in np.flatnonzero(uuids.isin(list(wanted)).to_numpy())}


def _replaced(table: gpd.GeoDataFrame, name: str, cells: list[tuple[int, Any]]) -> pd.Series[Any]:
    """A column with some cells replaced; one that the table lacks is added as nothing else was said in it."""
    if name in table.columns:
        column: pd.Series[Any] = table[name].copy()
    else:
        column = pd.Series([None] * len(table), index=table.index, dtype=object)
    for place, value in cells:
        column.iloc[place] = _stored(value)
    return column


def _stored(value: Any) -> Any:
    return pd.Timestamp(value) if isinstance(value, dt.date) else value


def _appended(table: gpd.GeoDataFrame, rows: Sequence[RowChange]) -> gpd.GeoDataFrame:
    spec = layer_spec(rows[0].table)
    said = [item for item in spec.fields if any(row.values.get(item.name) is not None for row in rows)]
    columns: dict[str, Any] = {"uuid": column_of(FieldType.TEXT, [row.uuid for row in rows])}
    for item in said:
        columns[item.name] = column_of(item.type, [_stored(row.values.get(item.name)) for row in rows])
    start = int(table.index.max()) + 1 if len(table) else 0
    index = pd.RangeIndex(start, start + len(rows))
    more = pd.DataFrame({name: pd.Series(values, index=index) for name, values in columns.items()})
    plain = pd.DataFrame(table).drop(columns="geometry")
    names = [*plain.columns, *(name for name in more.columns if name not in plain.columns)]
    joined = pd.concat([plain, more]) if len(table) else more
    shapes = np.append(
        np.asarray(table["geometry"].array, dtype=object), np.full(len(rows), None, dtype=object)
    )
    return geo_frame(joined.reindex(columns=names), shapes, table["geometry"].array.crs)
