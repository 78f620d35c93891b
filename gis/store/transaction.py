"""One user action on a GeoPackage, written whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.progress import Progress, silent
from gis.store.blob import encode
from gis.store.frames import new_uuids, values_of
from gis.store.identifiers import quoted
from gis.store.schema import ColumnType, TableSchema
from gis.store.spatial_index import create_triggers, drop_triggers, fill
from gis.text import tr

__all__ = ["GeoPackageTransaction", "QuarantinedRow"]

# From this many rows on the index is filled in bulk instead of row by row through its triggers.
_BULK = 500
_BATCH = 50_000
# shapely type ids: 0 point, 1 line, 3 polygon, 5 multiline, 6 multipolygon.
_ALLOWED_TYPES = {"MULTIPOLYGON": {3, 6}, "MULTILINESTRING": {1, 5}, "POINT": {0}}
_COLLECTED: dict[str, tuple[int, Callable[..., Any]]] = {
    "MULTIPOLYGON": (3, shapely.multipolygons),
    "MULTILINESTRING": (1, shapely.multilinestrings),
}
_SETTABLE_SYSTEM_COLUMNS = ("uuid", "source_crs", "source")


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row an import could not take: its number in the source, why, and its raw values."""

    row: int
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    wkb: bytes | None = None


class GeoPackageTransaction:
    """Writes rows and their versions through one connection; begun and ended by the store."""

    def __init__(
        self, connection: sqlite3.Connection, number: int, schemas: Mapping[str, TableSchema], epsg: int
    ) -> None:
        self.id = number
        self.counts: dict[str, tuple[int, int]] = {}
        self._connection = connection
        self._schemas = schemas
        self._epsg = epsg

    def insert(self, table: str, frame: pd.DataFrame, *, progress: Progress = silent) -> list[str]:
        """Add rows and return their UUIDs, new ones unless the frame has a ``uuid`` column.

        Columns the frame lacks become NULL. Geometry must be in the store's CRS; polygons are stored as
        multipolygons where the table says so. Raises ``KeyError`` for a column the table lacks and
        ``ValueError`` for geometry of another kind or CRS.
        """
        schema = self._schemas[table]
        kinds = {column.name: column.type for column in schema.columns}
        names = [str(name) for name in frame.columns if name not in {"geometry", "fid", "born", "retired"}]
        unknown = [name for name in names if name not in kinds and name not in _SETTABLE_SYSTEM_COLUMNS]
        if unknown:
            raise KeyError(f"table {table} has no column {unknown[0]!r}")
        columns = [values_of(frame[name], kinds.get(name, ColumnType.TEXT)) for name in names]
        uuids = [str(value) for value in frame["uuid"]] if "uuid" in names else new_uuids(len(frame))
        if "uuid" not in names:
            names.append("uuid")
            columns.append(list(uuids))
        geometries = self._geometries(schema, frame)
        if geometries is not None:
            names.append("geom")
            columns.append(list(encode(geometries, self._epsg)))
        self._write_rows(schema, names, columns, geometries, len(frame), progress)
        self._count(table, born=len(frame))
        return uuids

    def _write_rows(
        self,
        schema: TableSchema,
        names: list[str],
        columns: list[list[object]],
        geometries: NDArray[np.object_] | None,
        count: int,
        progress: Progress,
    ) -> None:
        connection, name = self._connection, quoted(schema.name)
        places = ", ".join("?" * len(names))
        columns_sql = ", ".join(quoted(column) for column in names)
        sql = f"INSERT INTO {name} ({columns_sql}, born) VALUES ({places}, {self.id})"
        bulk = geometries is not None and count >= _BULK
        first = (
            int(
                connection.execute(
                    "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = ?", (schema.name,)
                ).fetchone()[0]
            )
            + 1
        )
        if bulk:
            drop_triggers(connection, schema.name)
        for start in range(0, count, _BATCH):
            progress(start / max(count, 1), tr("正在写入 {done} / {count} 行", done=start, count=count))
            part = [column[start : start + _BATCH] for column in columns]
            connection.executemany(sql, zip(*part, strict=True))
        if geometries is not None:
            present = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
            boxes = shapely.bounds(geometries[present])[:, [0, 2, 1, 3]]
            if bulk:
                progress(0.9, tr("正在建立空间索引"))
                fids = first + np.flatnonzero(present).astype(np.int64)
                fill(connection, schema.name, fids, boxes)
                create_triggers(connection, schema.name)
            self._grow_extent(schema.name, boxes)

    def _geometries(self, schema: TableSchema, frame: pd.DataFrame) -> NDArray[np.object_] | None:
        if schema.geometry is None or "geometry" not in frame.columns:
            return None
        if (
            isinstance(frame, gpd.GeoDataFrame)
            and frame.crs is not None
            and frame.crs.to_epsg() not in {self._epsg, None}
        ):
            raise ValueError(f"geometry is in EPSG:{frame.crs.to_epsg()}, the store in EPSG:{self._epsg}")
        given = np.asarray(frame["geometry"].array, dtype=object)
        geometries: NDArray[np.object_] = given.copy()
        geometries[pd.isna(given)] = None
        kinds = shapely.get_type_id(geometries)
        allowed = _ALLOWED_TYPES.get(schema.geometry)
        if allowed is not None and not set(np.unique(kinds[kinds >= 0]).tolist()) <= allowed:
            raise ValueError(f"table {schema.name} holds {schema.geometry} only")
        if schema.geometry in _COLLECTED:
            kind, collect = _COLLECTED[schema.geometry]
            lone = np.flatnonzero(kinds == kind)
            if len(lone):
                geometries[lone] = collect(geometries[lone], indices=np.arange(len(lone)))
        return geometries

    def _grow_extent(self, table: str, boxes: NDArray[np.float64]) -> None:
        if not len(boxes):
            return
        west, east, south, north = boxes[:, 0].min(), boxes[:, 1].max(), boxes[:, 2].min(), boxes[:, 3].max()
        self._connection.execute(
            "UPDATE gpkg_contents SET min_x = MIN(COALESCE(min_x, ?1), ?1), min_y = MIN(COALESCE(min_y, ?2), ?2), "
            "max_x = MAX(COALESCE(max_x, ?3), ?3), max_y = MAX(COALESCE(max_y, ?4), ?4), "
            "last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE table_name = ?5",
            (float(west), float(south), float(east), float(north), table),
        )

    def update(self, table: str, frame: pd.DataFrame) -> int:
        """Give rows named by the ``uuid`` column new values in the frame's other columns.

        The old version is retired and a new one born, unless this very transaction bore it. Raises
        ``ParkLineError`` if a row is no longer there.
        """
        schema = self._schemas[table]
        name = quoted(table)
        kinds = {column.name: column.type for column in schema.columns}
        changed = [
            str(column)
            for column in frame.columns
            if column not in {"uuid", "geometry", "fid", "born", "retired"}
        ]
        unknown = [
            column for column in changed if column not in kinds and column not in {"source_crs", "source"}
        ]
        if unknown:
            raise KeyError(f"table {table} has no column {unknown[0]!r}")
        uuids = [str(value) for value in frame["uuid"]]
        self._retire(table, uuids)
        columns = [values_of(frame[column], kinds.get(column, ColumnType.TEXT)) for column in changed]
        geometries = self._geometries(schema, frame)
        if geometries is not None:
            changed.append("geom")
            columns.append(list(encode(geometries, self._epsg)))
        carried = [
            column
            for column in (*(kinds), "uuid", "source_crs", "source", *(["geom"] if schema.geometry else []))
            if column not in changed
        ]
        carried_sql = "".join(quoted(column) + ", " for column in carried)
        sql = (
            f"INSERT INTO {name} ({carried_sql}{''.join(quoted(column) + ', ' for column in changed)}born) "
            f"SELECT {carried_sql}{'?, ' * len(changed)}{self.id} FROM {name} "
            f"WHERE fid = (SELECT MAX(fid) FROM {name} WHERE uuid = ? AND retired = {self.id})"
        )
        self._connection.executemany(sql, zip(*columns, uuids, strict=True))
        if geometries is not None:
            present = geometries[~(shapely.is_missing(geometries) | shapely.is_empty(geometries))]
            self._grow_extent(
                table, shapely.bounds(present)[:, [0, 2, 1, 3]] if len(present) else np.empty((0, 4))
            )
        self._count(table, born=len(uuids), retired=len(uuids))
        return len(uuids)

    def retire(self, table: str, uuids: Sequence[str]) -> int:
        """End the validity of rows; they stay readable as of earlier transactions."""
        self._retire(table, [str(uuid) for uuid in uuids])
        self._count(table, retired=len(uuids))
        return len(uuids)

    def _retire(self, table: str, uuids: list[str]) -> None:
        before = self._connection.total_changes
        sql = f"UPDATE {quoted(table)} SET retired = {self.id} WHERE retired IS NULL AND uuid = ?"
        cursor = self._connection.executemany(sql, [(uuid,) for uuid in uuids])
        if cursor.rowcount != len(set(uuids)) or len(set(uuids)) != len(uuids):
            raise ParkLineError(
                tr(
                    "有 {count} 行已被修改或删除，未写入任何内容。",
                    count=len(uuids) - (self._connection.total_changes - before),
                ),
                hint=tr("请刷新后重试。"),
            )

    def set_meta(self, key: str, value: str) -> None:
        """Set a value of the project."""
        self._connection.execute("INSERT OR REPLACE INTO parkline_meta VALUES (?, ?)", (key, value))

    def quarantine(self, table: str, source: str, rows: Sequence[QuarantinedRow]) -> None:
        """Keep rows that an import refused, with number and reason, for the county to mend."""
        self._connection.executemany(
            'INSERT INTO parkline_quarantine (tx, "table", source, row, reason, "values", wkb) VALUES (?, ?, ?, ?, ?, ?, ?)',
            [
                (
                    self.id,
                    table,
                    source,
                    row.row,
                    row.reason,
                    json.dumps(dict(row.values), ensure_ascii=False, default=str),
                    row.wkb,
                )
                for row in rows
            ],
        )

    def remember_mapping(self, table: str, signature: str, mapping: str) -> None:
        """Remember how the columns of a source of that signature were matched (JSON text)."""
        self._connection.execute(
            "INSERT OR REPLACE INTO parkline_mapping VALUES (?, ?, ?, ?)",
            (table, signature, mapping, self.id),
        )

    def _count(self, table: str, *, born: int = 0, retired: int = 0) -> None:
        before = self.counts.get(table, (0, 0))
        self.counts[table] = (before[0] + born, before[1] + retired)
