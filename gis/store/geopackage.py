"""A project in one GeoPackage file."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import ParkLineError
from gis.store import journal
from gis.store.base import Box, Change, Condition, JournalEntry
from gis.store.blob import bare_wkb, decode
from gis.store.connection import Connections, connect
from gis.store.ddl import APPLICATION_ID, create_core, create_styles, create_table
from gis.store.failures import known_failures
from gis.store.frames import series_of
from gis.store.identifiers import quoted
from gis.store.migrations import SCHEMA_VERSION, migrate
from gis.store.query import column_names, where_clause
from gis.store.schema import ColumnType, StoredColumn, TableSchema
from gis.store.spatial_index import register_functions
from gis.store.transaction import GeoPackageTransaction, QuarantinedRow
from gis.text import tr

__all__ = ["GeoPackageStore", "QuarantinedRow"]

_SYSTEM_TYPES = {"born": ColumnType.INTEGER, "retired": ColumnType.INTEGER}


class GeoPackageStore:
    """Implements ``gis.store.base.Store``. Reads from any thread, writes from one at a time."""

    def __init__(self, path: Path, connections: Connections, meta: Mapping[str, str]) -> None:
        self.path = path
        self.epsg = int(meta["epsg"])
        self._connections = connections
        self._schemas = {schema.name: schema for schema in _schemas_from_json(meta["tables"])}
        self._version = int(meta["schema_version"])
        self.data_version = 0  # grows with every transaction of this store: what caches hang on

    @property
    def read_only(self) -> bool:
        """Whether the file has not been opened for writing; the first transaction changes that."""
        return not self._connections.writing

    @classmethod
    def create(
        cls,
        path: str | Path,
        epsg: int,
        tables: Sequence[TableSchema],
        *,
        meta: Mapping[str, str] | None = None,
        extent: Box | None = None,
        styles: Mapping[str, str] | None = None,
    ) -> GeoPackageStore:
        """Make a new file and open it. It appears whole under its name or not at all.

        Raises ``ParkLineError`` if a file of that name exists or the folder cannot be written.
        """
        path = Path(path)
        if path.exists():
            raise ParkLineError(tr("文件已存在，不会覆盖。"), hint=tr("请换一个文件名。"), file=path)
        try:
            handle, name = tempfile.mkstemp(suffix=".gpkg", prefix=".new-", dir=path.absolute().parent)
        except OSError as error:
            raise ParkLineError(
                tr("无法在此文件夹中新建文件。"), hint=tr("请检查文件夹是否存在、是否可写。"), file=path
            ) from error
        os.close(handle)
        temporary = Path(name)
        try:
            with known_failures(path):
                _write_new(temporary, epsg, tables, meta or {}, extent, styles or {})
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return cls.open(path)

    @classmethod
    def open(cls, path: str | Path) -> GeoPackageStore:
        """Open a project for reading; nothing in the file changes until the first transaction.

        Raises ``ParkLineError`` for a missing file, another kind of file, and a newer schema version.
        """
        path = Path(path)
        if not path.is_file():
            raise ParkLineError(tr("找不到项目文件。"), hint=tr("请检查路径，或新建项目。"), file=path)
        connections = Connections(path)
        try:
            with known_failures(path):
                meta = _read_meta(connections.reader(), path)
        except BaseException:
            connections.close()
            raise
        return cls(path, connections, meta)

    def close(self) -> None:
        """Release the file and leave WAL mode, so that it is one plain file again."""
        self._connections.close()

    def __enter__(self) -> GeoPackageStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tables(self) -> tuple[TableSchema, ...]:
        """The stored tables."""
        return tuple(self._schemas.values())

    def meta(self, key: str) -> str | None:
        """A value of the project, or None."""
        row = self._one("SELECT value FROM parkline_meta WHERE key = ?", (key,))
        return None if row is None else str(row[0])

    def count(self, table: str, where: Sequence[Condition] = (), *, as_of: int | None = None) -> int:
        """Number of rows that satisfy every condition."""
        sql, parameters = where_clause(self._schemas[table], where, None, as_of)
        row = self._one(f"SELECT COUNT(*) FROM {quoted(table)} {sql}", parameters)
        return 0 if row is None else int(row[0])

    def bounds(self, table: str) -> Box | None:
        """Extent of a table as kept in gpkg_contents; it grows with the data and never shrinks."""
        row = self._one("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", (table,))
        return None if row is None or row[0] is None else (row[0], row[1], row[2], row[3])

    def read(
        self,
        table: str,
        *,
        bbox: Box | None = None,
        columns: Sequence[str] | None = None,
        where: Sequence[Condition] = (),
        geometry: bool = True,
        order_by: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
        as_of: int | None = None,
    ) -> gpd.GeoDataFrame:
        """Rows as promised by ``gis.store.base.Store.read``."""
        schema = self._schemas[table]
        known = column_names(schema)
        names = list(known if columns is None else dict.fromkeys(["uuid", *columns]))
        for name in (*names, *([order_by] if order_by else [])):
            if name not in known and name != "fid":
                raise KeyError(f"table {table} has no column {name!r}")
        names = [name for name in names if name != "fid"]
        with_geometry = geometry and schema.geometry is not None
        wanted = ["fid", *(quoted(name) for name in names), *(["geom"] if with_geometry else [])]
        sql, parameters = where_clause(schema, where, self._useful(table, bbox), as_of)
        order = (
            f" ORDER BY {quoted(order_by)}{' DESC' if descending else ''}, fid"
            if order_by
            else " ORDER BY fid"
        )
        window = (
            ""
            if limit is None and not offset
            else f" LIMIT {-1 if limit is None else int(limit)} OFFSET {int(offset)}"
        )
        rows = self._all(f"SELECT {', '.join(wanted)} FROM {quoted(table)} {sql}{order}{window}", parameters)
        values = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
        kinds = {column.name: column.type for column in schema.columns} | _SYSTEM_TYPES
        index = pd.Index(np.array(values[0], dtype=np.int64), name="fid")
        data = {
            name: series_of(column, kinds.get(name, ColumnType.TEXT)).set_axis(index)
            for name, column in zip(names, values[1:], strict=False)
        }
        shapes = decode(values[-1]) if with_geometry else np.full(len(rows), None, dtype=object)
        return gpd.GeoDataFrame(data, index=index, geometry=gpd.GeoSeries(shapes, index=index, crs=self.epsg))

    def read_wkb(
        self, table: str, bbox: Box | None = None, columns: Sequence[str] = ()
    ) -> tuple[list[int], list[bytes], list[tuple[object, ...]]]:
        """Fids, bare WKB and values of the current rows that have a geometry: the canvas's fast path."""
        schema = self._schemas[table]
        unknown = [name for name in columns if name not in column_names(schema)]
        if unknown:
            raise KeyError(f"table {table} has no column {unknown[0]!r}")
        if schema.geometry is None:
            return [], [], []
        sql, parameters = where_clause(schema, (), self._useful(table, bbox), None)
        extra = "".join(f", {quoted(name)}" for name in columns)
        rows = self._all(f"SELECT fid, geom{extra} FROM {quoted(table)} {sql} AND geom NOTNULL", parameters)
        blobs = [row[1] for row in rows]
        bodies = [body for body in bare_wkb(blobs) if body is not None]
        return [row[0] for row in rows], bodies, [row[2:] for row in rows]

    def _useful(self, table: str, bbox: Box | None) -> Box | None:
        """The box, unless it holds the whole table: then a scan is quicker than the index."""
        whole = self.bounds(table)
        if bbox is None or whole is None:
            return bbox
        inside = bbox[0] <= whole[0] and bbox[1] <= whole[1] and bbox[2] >= whole[2] and bbox[3] >= whole[3]
        return None if inside else bbox

    @contextmanager
    def transaction(self, why: str, *, kind: str = "edit") -> Iterator[GeoPackageTransaction]:
        """One user action; an exception inside rolls back everything, the journal entry included."""
        with self._begun(why, kind, None) as transaction:
            yield transaction

    @contextmanager
    def _begun(self, why: str, kind: str, reverses: int | None) -> Iterator[GeoPackageTransaction]:
        with self._connections.write_lock, known_failures(self.path):
            connection = self._connections.writer()
            connection.execute("BEGIN IMMEDIATE")
            try:
                if self._version < SCHEMA_VERSION:
                    migrate(connection, self._version)
                number = journal.add_entry(connection, why, kind, reverses)
                transaction = GeoPackageTransaction(connection, number, self._schemas, self.epsg)
                yield transaction
                journal.set_counts(connection, number, transaction.counts)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            self._version = SCHEMA_VERSION
            self.data_version += 1

    def undo(self) -> JournalEntry | None:
        """Reverse the last transaction not yet undone; None if there is none."""
        return self._reverse("undo")

    def redo(self) -> JournalEntry | None:
        """Reverse the last undo; None if there is none."""
        return self._reverse("redo")

    def undo_target(self, kind: str = "undo") -> int | None:
        """Number of the transaction that ``undo`` (or ``redo``) would reverse, or None."""
        undo, redo = journal.undo_and_redo_targets(self._connections.reader())
        targets = undo if kind == "undo" else redo
        return targets[-1] if targets else None

    def _reverse(self, kind: str) -> JournalEntry | None:
        target = self.undo_target(kind)
        if target is None:
            return None
        why = self._one("SELECT why FROM parkline_journal WHERE id = ?", (target,))
        with self._begun(str(why[0]) if why else "", kind, target) as transaction:
            connection = self._connections.writer()
            # Another program may have written between the look and the lock.
            undo, redo = journal.undo_and_redo_targets(connection, before=transaction.id)
            if (undo if kind == "undo" else redo)[-1:] != [target]:
                raise ParkLineError(tr("项目已在别处改变。"), hint=tr("请刷新后重试。"), file=self.path)
            counts = journal.reverse(connection, target, transaction.id, self._schemas)
            transaction.counts.update(counts)
        return self.journal(1)[0]

    def journal(self, limit: int = 100) -> list[JournalEntry]:
        """The newest entries first."""
        return journal.entries(self._connections.reader(), limit)

    def changes(self, transaction_id: int) -> list[Change]:
        """What one transaction did, row by row."""
        return journal.changes_of(self._connections.reader(), transaction_id, self._schemas)

    def quarantined(self, table: str | None = None) -> pd.DataFrame:
        """Rows that imports refused: tx, table, source, row, reason, values (dict)."""
        names = ["tx", "table", "source", "row", "reason", "values"]
        if self._version < 2:
            return pd.DataFrame(columns=names)
        where, parameters = ('WHERE "table" = ?', (table,)) if table else ("", ())
        rows = self._all(
            f'SELECT tx, "table", source, row, reason, "values" FROM parkline_quarantine {where} ORDER BY id',
            parameters,
        )
        return pd.DataFrame([(*row[:5], json.loads(row[5])) for row in rows], columns=names)

    def mappings(self, table: str) -> dict[str, str]:
        """Remembered column mappings of a table: signature → JSON text."""
        if self._version < 2:
            return {}
        return dict(self._all('SELECT signature, mapping FROM parkline_mapping WHERE "table" = ?', (table,)))

    def save_copy(self, path: str | Path) -> Path:
        """Write a complete copy under another name, also while others write; refuses to overwrite."""
        target = Path(path)
        if target.exists():
            raise ParkLineError(tr("文件已存在，不会覆盖。"), hint=tr("请换一个文件名。"), file=target)
        temporary = target.with_name(f".copy-{target.name}")
        try:
            with known_failures(target):
                copy = connect(temporary, "rwc")
                try:
                    self._connections.reader().backup(copy)
                    copy.execute("PRAGMA journal_mode = DELETE")
                finally:
                    copy.close()
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        return target

    def _one(self, sql: str, parameters: Sequence[object]) -> tuple[Any, ...] | None:
        with known_failures(self.path):
            row: tuple[Any, ...] | None = self._connections.reader().execute(sql, parameters).fetchone()
            return row

    def _all(self, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        with known_failures(self.path):
            rows: list[tuple[Any, ...]] = self._connections.reader().execute(sql, parameters).fetchall()
            return rows


def _write_new(
    path: Path,
    epsg: int,
    tables: Sequence[TableSchema],
    meta: Mapping[str, str],
    extent: Box | None,
    styles: Mapping[str, str],
) -> None:
    connection = connect(path, "rw")
    try:
        register_functions(connection)
        connection.execute("BEGIN IMMEDIATE")
        create_core(connection, epsg)
        for schema in tables:
            create_table(connection, schema, epsg, extent)
        create_styles(connection, styles)
        values = {**meta, "epsg": str(epsg), "tables": _schemas_to_json(tables), "schema_version": "1"}
        connection.executemany("INSERT INTO parkline_meta VALUES (?, ?)", list(values.items()))
        migrate(connection, 1)
        journal.add_entry(connection, tr("新建项目"), "create")
        connection.execute("COMMIT")
    finally:
        connection.close()


def _read_meta(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    other = ParkLineError(
        tr("这不是 ParkLine 项目文件。"), hint=tr("其他 GeoPackage 请用“导入”读入项目。"), file=path
    )
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID:
        raise other
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'parkline_meta'").fetchone():
        raise other
    meta = {str(key): str(value) for key, value in connection.execute("SELECT key, value FROM parkline_meta")}
    if not {"epsg", "tables", "schema_version"} <= meta.keys():
        raise other
    if int(meta["schema_version"]) > SCHEMA_VERSION:
        raise ParkLineError(
            tr("项目由更新版本的 ParkLine 建立（结构版本 {found}，本程序支持到 {known}）。",
               found=meta["schema_version"], known=SCHEMA_VERSION),
            hint=tr("请升级 ParkLine 后再打开；文件未被改动。"),
            file=path,
        )  # fmt: skip
    return meta


def _schemas_to_json(tables: Sequence[TableSchema]) -> str:
    return json.dumps(
        [
            {
                "name": table.name,
                "title": table.title,
                "geometry": table.geometry,
                "indexed": list(table.indexed),
                "columns": [[column.name, column.type.value, column.title] for column in table.columns],
            }
            for table in tables
        ],
        ensure_ascii=False,
    )


def _schemas_from_json(text: str) -> tuple[TableSchema, ...]:
    return tuple(
        TableSchema(
            name=item["name"],
            title=item["title"],
            geometry=item["geometry"],
            indexed=tuple(item["indexed"]),
            columns=tuple(
                StoredColumn(name, ColumnType(kind), title) for name, kind, title in item["columns"]
            ),
        )
        for item in json.loads(text)
    )
