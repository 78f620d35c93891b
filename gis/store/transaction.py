"""One user action on a project file: rows born and retired, values set, all under one journal id."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.progress import Progress, silent
from gis.store import blob, bulk
from gis.store.base import QuarantinedRow
from gis.store.identifiers import quoted
from gis.store.query import column_types, plain
from gis.store.row_ids import new_uuids
from gis.store.schema import ColumnType, TableSchema
from gis.store.styles import replace_style
from gis.text import tr

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RESERVED_META", "GeoPackageTransaction", "stored_columns"]

RESERVED_META = frozenset({"schema_version", "epsg"})
_NOT_WRITTEN = frozenset({"fid", "uuid", "born", "retired"})
_CHUNK = 20_000  # rows encoded and handed to SQLite at a time
_STAGED = "temp.parkline_staged"
_STEP = "parkline_step"


class GeoPackageTransaction:
    """See ``gis.store.base.Transaction``. Made by the store; lives as long as its ``with`` block."""

    def __init__(
        self, connection: sqlite3.Connection, entry: int, schemas: Mapping[str, TableSchema], epsg: int
    ) -> None:
        self.id = entry
        self.counts: dict[str, tuple[int, int]] = {}
        self._remembered = False
        self._connection = connection
        self._schemas = schemas
        self._epsg = epsg

    @property
    def written(self) -> bool:
        """Whether anything is left to commit."""
        return bool(self.counts) or self._remembered

    def insert(self, table: str, frame: pd.DataFrame, *, progress: Progress = silent) -> list[str]:
        """Add rows; see the protocol. ``ValueError`` for columns the table does not have."""
        from gis.store.frames import geometry_of, sql_values

        schema, count = self._schemas[table], len(frame)
        if not count:
            return []
        uuids = self._uuids(frame)
        names, types = self._names(frame, schema)
        shapes = geometry_of(frame, schema, self._epsg)
        all_names = ["fid", "uuid", "born", *names, *(["geom"] if shapes is not None else [])]
        statement = (
            f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, all_names))}) "
            f"VALUES ({', '.join('?' * len(all_names))})"
        )
        first = bulk.next_fid(self._connection, table)

        def write(known: Callable[[NDArray[np.int64], NDArray[np.float64]], None] | None) -> None:
            for start in range(0, count, _CHUNK):
                progress(start / count, tr("正在写入 {done}/{count} 行", done=start, count=count))
                part = slice(start, min(start + _CHUNK, count))
                fids = np.arange(first + part.start, first + part.stop, dtype=np.int64)
                columns: list[Any] = [fids.tolist(), uuids[part], repeat(self.id, len(fids))]
                # Converted portion by portion: as Python objects, a million rows would fill the memory.
                columns += [
                    sql_values(frame[name].iloc[part], kind) for name, kind in zip(names, types, strict=True)
                ]
                if shapes is not None:
                    columns.append(blob.encode(shapes[part], self._epsg, str(schema.geometry)))
                    if known is not None:
                        boxes = shapely.bounds(shapes[part])[:, [0, 2, 1, 3]]
                        there = ~np.isnan(boxes[:, 0])
                        known(fids[there], boxes[there])
                self._connection.executemany(statement, zip(*columns, strict=True))

        with self._whole():
            if count >= bulk.BULK:
                with bulk.without_triggers(self._connection, schema, count) as known:
                    write(lambda fids, boxes: known.append((fids, boxes)))
                    progress(1.0, tr("正在建立空间索引"))
            else:
                write(None)
            self._count(table, born=count)
        return uuids

    def update(self, table: str, frame: pd.DataFrame) -> int:
        """Bear new versions of rows; see the protocol."""
        from gis.store.frames import geometry_of, sql_values

        schema = self._schemas[table]
        if not len(frame):
            return 0
        names, types = self._names(frame, schema)
        values = [sql_values(frame[name], kind) for name, kind in zip(names, types, strict=True)]
        shapes = geometry_of(frame, schema, self._epsg)
        if shapes is not None and not shapely.is_missing(shapes).all():
            names.append("geom")
            values.append(blob.encode(shapes, self._epsg, str(schema.geometry)))
        with self._whole(), self._staged(table, [str(item) for item in frame["uuid"]], values) as changed:
            new = {name: f"s.c{number}" for number, name in enumerate(names)}
            if "geom" in new:
                new["geom"] = f"coalesce({new['geom']}, t.geom)"
            # Rows born by this very transaction have no earlier version to keep.
            if names:
                assignments = ", ".join(f"{quoted(name)} = {source}" for name, source in new.items())
                self._connection.execute(
                    f"UPDATE {quoted(table)} AS t SET {assignments} FROM {_STAGED} AS s "
                    "WHERE s.fid = t.fid AND s.own"
                )
            kept = [name for name in stored_columns(schema) if name not in ("born", "retired")]
            sources = [new.get(name, f"t.{quoted(name)}") for name in kept]
            retired = self._retire_older(table)
            self.bear(
                schema,
                f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, kept))}, born) "
                f"SELECT {', '.join(sources)}, ? FROM {_STAGED} AS s CROSS JOIN {quoted(table)} AS t "
                "ON t.fid = s.fid WHERE NOT s.own ORDER BY t.fid",
                (self.id,),
                retired,
            )
        return changed

    def retire(self, table: str, uuids: Sequence[str]) -> int:
        """End rows; see the protocol. What this very transaction has born disappears altogether."""
        if not len(uuids):
            return 0
        with self._whole(), self._staged(table, [str(item) for item in uuids], []) as count:
            self._retire_older(table)
            gone = self._connection.execute(
                f"DELETE FROM {quoted(table)} WHERE fid IN (SELECT fid FROM {_STAGED} WHERE own)"
            ).rowcount
            self._count(table, born=-gone)
        return count

    def set_meta(self, key: str, value: str | None) -> None:
        """Set or remove a value; ``ValueError`` for those that belong to the store."""
        if key in RESERVED_META:
            raise ValueError(f"{key!r} belongs to the store")
        run = self._connection.execute
        own = run(
            "DELETE FROM parkline_meta WHERE key = ? AND retired IS NULL AND born = ?", (key, self.id)
        ).rowcount
        retired = run(
            "UPDATE parkline_meta SET retired = ? WHERE key = ? AND retired IS NULL", (self.id, key)
        ).rowcount
        if value is not None:
            run("INSERT INTO parkline_meta (key, value, born) VALUES (?, ?, ?)", (key, value, self.id))
        self._count("parkline_meta", born=(value is not None) - own, retired=retired)

    def set_style(self, table: str, qml: str) -> None:
        """Replace the default style of a table in QGIS."""
        replace_style(self._connection, self._schemas[table], qml)

    def quarantine(self, table: str, source: str, rows: Sequence[QuarantinedRow]) -> None:
        """Keep rows that could not be taken."""
        # json.dumps row by row: each row has columns of its own.
        self._connection.executemany(
            "INSERT INTO parkline_quarantine (uuid, table_name, source, row, reason, row_values, born) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (uuid, table, source, item.row, item.reason, _as_json(item.values), self.id)
                for uuid, item in zip(new_uuids(len(rows)), rows, strict=True)
            ],
        )
        self._count("parkline_quarantine", born=len(rows))

    def release(self, uuids: Sequence[str]) -> int:
        """Drop rows from quarantine. Returns the count."""
        count = self._connection.execute(
            "UPDATE parkline_quarantine SET retired = ? WHERE retired IS NULL "
            "AND uuid IN (SELECT value FROM json_each(?))",
            (self.id, json.dumps(list(uuids))),
        ).rowcount
        self._count("parkline_quarantine", retired=count)
        return count

    def remember_mapping(self, table: str, signature: str, mapping_json: str) -> None:
        """Keep a mapping under its signature; a later one replaces it."""
        self._connection.execute(
            "INSERT OR REPLACE INTO parkline_mapping VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
            (table, signature, mapping_json),
        )
        self._remembered = True

    def bear(self, schema: TableSchema, statement: str, parameters: Sequence[Any], count: int) -> None:
        """Run an INSERT … SELECT that bears ``count`` row versions."""
        if count >= bulk.BULK:
            with bulk.without_triggers(self._connection, schema, count):
                self._connection.execute(statement, parameters)
        elif count:
            self._connection.execute(statement, parameters)
        self._count(schema.name, born=count)

    def _count(self, table: str, born: int = 0, retired: int = 0) -> None:
        before = self.counts.get(table, (0, 0))
        after = (before[0] + born, before[1] + retired)
        self.counts[table] = after
        if after == (0, 0):
            del self.counts[table]

    def note(self, table: str, born: int = 0, retired: int = 0) -> None:
        """Add to the counts of the journal row, for rows written by the store itself."""
        self._count(table, born, retired)

    def _uuids(self, frame: pd.DataFrame) -> list[str]:
        uuids = new_uuids(len(frame))
        if "uuid" not in frame.columns:
            return uuids
        given = frame["uuid"].to_numpy(dtype=object)
        return [str(own) if isinstance(own, str) else new for own, new in zip(given, uuids, strict=True)]

    def _names(self, frame: pd.DataFrame, schema: TableSchema) -> tuple[list[str], list[ColumnType]]:
        """Names and types of the columns that the frame brings."""
        import geopandas as gpd

        types = column_types(schema)
        geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
        names = [name for name in frame.columns if name not in _NOT_WRITTEN and name != geometry]
        unknown = [name for name in names if name not in types]
        if unknown:
            raise ValueError(f"{schema.name} has no columns {unknown}")
        return names, [types[name] for name in names]

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """One step, done whole or not at all, so that a caller who survives its failure may go on and commit."""
        if (
            not self._connection.in_transaction
        ):  # after a full disk, SQLite has rolled back everything by itself
            raise RuntimeError("the transaction is over")
        counts = dict(self.counts)
        self._connection.execute(f"SAVEPOINT {_STEP}")
        try:
            yield
        except BaseException:
            self.counts = counts
            if self._connection.in_transaction:
                self._connection.execute(f"ROLLBACK TO {_STEP}")
                self._connection.execute(f"RELEASE {_STEP}")
            raise
        self._connection.execute(f"RELEASE {_STEP}")

    @contextmanager
    def _staged(self, table: str, uuids: list[str], values: list[list[Any]]) -> Iterator[int]:
        """A temporary table of uuids and new values (c0, c1 …), all of which name current rows.

        ``fid`` is the current version, ``own`` tells that this very transaction has born it.
        """
        if len(set(uuids)) != len(uuids):
            raise ValueError(f"{table}: a uuid is named twice")
        run = self._connection.execute
        columns = "".join(f", c{number}" for number in range(len(values)))
        run(
            f"CREATE TABLE {_STAGED} (uuid TEXT PRIMARY KEY, fid INTEGER, own INTEGER{columns}) WITHOUT ROWID"
        )
        try:
            self._connection.executemany(
                f"INSERT INTO {_STAGED} VALUES (?, NULL, NULL{', ?' * len(values)})",
                zip(uuids, *values, strict=True),
            )
            # Row by row of the new values: as a join, SQLite would go through the whole of a large table.
            run(
                f"UPDATE {_STAGED} AS s SET (fid, own) = (SELECT t.fid, t.born = ? FROM {quoted(table)} AS t "
                "WHERE t.uuid = s.uuid AND t.retired IS NULL)",
                (self.id,),
            )
            found = int(run(f"SELECT count(fid) FROM {_STAGED}").fetchone()[0])
            if found != len(uuids):
                raise ParkLineError(
                    tr("有 {count} 行已被删除或改动，本次修改没有保存。", count=len(uuids) - found),
                    hint=tr("请刷新后再试。"),
                )
            yield found
        finally:
            run(f"DROP TABLE IF EXISTS {_STAGED}")

    def _retire_older(self, table: str) -> int:
        """Retire the staged rows that an earlier transaction has born."""
        count = self._connection.execute(
            f"UPDATE {quoted(table)} SET retired = ? WHERE fid IN (SELECT fid FROM {_STAGED} WHERE NOT own)",
            (self.id,),
        ).rowcount
        self._count(table, retired=count)
        return count


def stored_columns(schema: TableSchema) -> list[str]:
    """All columns but the fid, the geometry included."""
    names = [name for name in column_types(schema) if name != "fid"]
    return [*names, "geom"] if schema.geometry else names


def _as_json(values: Mapping[str, object]) -> str:
    def simple(value: object) -> object:
        try:
            value = plain(value)
        except TypeError:
            return str(value)
        return value.hex() if isinstance(value, bytes) else value

    return json.dumps({str(name): simple(value) for name, value in values.items()}, ensure_ascii=False)
