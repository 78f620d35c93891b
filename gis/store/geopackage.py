"""A project in one GeoPackage: the store in use.

Opening reads only; the file is not touched until the first transaction. Then, and only then, it is migrated if
it is of an older version (a copy of the old one stays beside it) and goes into WAL mode unless it lies on a
network share. ``close`` brings everything back into the one file.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.progress import Progress, silent
from gis.store import blob, ddl, history, journal, kept_rows
from gis.store.base import Box, Change, Condition, JoinedRows, JournalEntry, QuarantinedRow, RowVersion
from gis.store.columns import ColumnPortion, arrow_columns_of, column_values, current_fids
from gis.store.connection import Connections
from gis.store.creation import (
    add_tables,
    check_file,
    copy_database,
    create_file,
    schema_version,
    write_whole,
)
from gis.store.extent import current_extent, extent_of_rows, note_change
from gis.store.identifiers import quoted
from gis.store.index_repair import missing_indexes, rebuild_index
from gis.store.joined_rows import joined_rows
from gis.store.migrations import LATEST
from gis.store.ownership import Holder, Ownership
from gis.store.processes import login_name
from gis.store.query import Selection, column_types
from gis.store.schema import TableSchema
from gis.store.transaction import GeoPackageTransaction
from gis.store.upgrade import name_for_older, to_latest
from gis.text import tr

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["GeoPackageStore", "QuarantinedRow"]

_PORTION = 10_000  # rows handed on at a time: small enough to be stopped between two


class GeoPackageStore:
    """See ``gis.store.base.Store``. Threads may share one store; one of them at a time writes.

    ``user`` is the name that the journal gives as author. ``tables`` are those that the caller knows; one that
    an older file does not have yet reads as empty and is created by the first transaction.
    """

    def __init__(self, path: Path, tables: Sequence[TableSchema] = ()) -> None:
        check_file(path)
        self.path = path
        self.user = login_name()
        self._connections = Connections(path)
        self._ownership = Ownership(path)
        self.before_write: Callable[[], None] | None = None
        try:
            self._connections.check_readable()
            with self._connections.reading() as connection:
                self._version = schema_version(connection, path)
                self._schemas = {schema.name: schema for schema in ddl.read_schemas(connection)}
                self._unindexed = self._missing_indexes(connection)
            self._absent = {schema.name: schema for schema in tables if schema.name not in self._schemas}
            self._schemas |= self._absent
            plane = self.meta("epsg") or ""
            if not plane.isdecimal():
                raise ParkLineError(
                    tr("文件已损坏。"), hint=tr("请从备份恢复；原文件请保留，不要覆盖。"), file=path
                )
            self.epsg = int(plane)
        except BaseException:
            self._connections.close()
            raise

    @classmethod
    def create(
        cls,
        path: Path,
        epsg: int,
        tables: Sequence[TableSchema],
        *,
        meta: Mapping[str, str],
        extent: Box | None = None,
        styles: Mapping[str, str] | None = None,
    ) -> GeoPackageStore:
        """Make a project file and open it. ``styles`` maps table names to QML for QGIS.

        Raises ``ParkLineError`` if the path is taken or cannot be written; then nothing is left behind.
        """
        path = Path(path)
        create_file(path, epsg, tables, who=login_name(), meta=meta, extent=extent, styles=styles)
        return cls(path)

    @classmethod
    def open(cls, path: Path, tables: Sequence[TableSchema] = ()) -> GeoPackageStore:
        """Open a project file for reading; the first transaction opens it for writing.

        Raises ``ParkLineError`` for a file that is missing, damaged, newer, or not a project.
        """
        return cls(Path(path), tables)

    def __enter__(self) -> GeoPackageStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Checkpoint, leave WAL mode and release the file; reads under way end with ``Cancelled``."""
        try:
            self._connections.close()
        finally:
            self._ownership.release()

    @property
    def read_only(self) -> bool:
        """Whether the file cannot be written where it lies, or somebody else is writing it."""
        return self.holder is not None or self._fixed

    @property
    def _fixed(self) -> bool:
        # A file that is gone for the moment is no file that cannot be written.
        return self._connections.immutable or (self.path.exists() and not os.access(self.path, os.W_OK))

    @property
    def holder(self) -> Holder | None:
        """Who was writing the file when it was last claimed; None if it is ours or nobody's."""
        return self._ownership.holder

    def claim(self) -> Holder | None:
        """Take the file for writing until it is closed; gives who has it already. The first transaction does it, too."""
        return None if self._fixed else self._ownership.claim()

    def steady(self) -> AbstractContextManager[None]:
        """Whatever this thread reads inside is of one state of the file; see the protocol."""
        return self._connections.steady()

    @property
    def unindexed(self) -> frozenset[str]:
        """Tables whose spatial index another program has removed or broken; the first transaction makes it anew."""
        return self._unindexed

    def _missing_indexes(self, connection: sqlite3.Connection) -> frozenset[str]:
        return missing_indexes(connection, [s.name for s in self._schemas.values() if s.geometry])

    def tables(self) -> tuple[TableSchema, ...]:
        """The stored tables, in the order of their creation."""
        return tuple(self._schemas.values())

    def count(self, table: str, where: Sequence[Condition] = (), *, as_of: int | None = None) -> int:
        """Number of rows that satisfy every condition."""
        if table in self._absent:
            return 0
        statement, values = Selection(self._schemas[table], where, None, as_of).count()
        with self._connections.reading() as connection:
            return int(connection.execute(statement, values).fetchone()[0])

    def versions(self, table: str) -> int:
        """Number of row versions, current and past, as the file keeps it: known at once."""
        with self._connections.reading() as connection:
            row = connection.execute(
                "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?", (table,)
            ).fetchone()
        return int(row[0] or 0) if row else 0

    def bounds(self, table: str) -> Box | None:
        """Extent of the current rows; rounded outward to single precision (0.25 m)."""
        if not self._schemas[table].geometry or table in self._absent:
            return None
        with self._connections.reading() as connection:
            return (extent_of_rows if table in self._unindexed else current_extent)(connection, table)

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
        """Rows as a GeoDataFrame; see the protocol. ``KeyError`` for a column that is not there.

        The box is compared with the index, which rounds outward: rows up to 0.5 m beside it may come along.
        """
        from gis.store.table_reading import Reading  # pandas takes a moment to load, and the map needs none

        schema = self._schemas[table]
        wanted = list(column_types(schema)) if columns is None else ["uuid", *columns]
        names = [name for name in dict.fromkeys(wanted) if name not in ("fid", "geometry")]
        geometry = geometry and schema.geometry is not None
        selection = self._selection(schema, where, bbox, as_of)
        statement, values = selection.select(
            ["fid", *names],
            geometry=geometry,
            order_by=order_by,
            descending=descending,
            limit=limit,
            offset=offset,
        )
        if table in self._absent:
            statement, values = "SELECT 1 WHERE 0", []
        whole = table not in self._absent and order_by is None and limit is None and not offset
        expected = self.versions(table) if whole else 0
        reading = Reading(selection, names, self.epsg, geometry, expected)
        return reading.read(self._connections, statement, values)

    def read_wkb(
        self, table: str, bbox: Box | None = None, columns: Sequence[str] = ()
    ) -> tuple[list[int], list[bytes], list[tuple[object, ...]]]:
        """Fids, bare WKB and column values of the current rows that have a geometry."""
        schema = self._schemas[table]
        if schema.geometry is None:
            return [], [], []
        statement, values = self._selection(schema, (), bbox).select(["fid", *columns], geometry=True)
        with self._connections.reading() as connection:
            rows = self._select(connection, table, f"{statement} AND t.geom NOTNULL", values).fetchall()
        wkb = [body for body in blob.bare_wkb([row[-1] for row in rows]) if body is not None]
        return [row[0] for row in rows], wkb, [row[1:-1] for row in rows]

    def portions(
        self,
        table: str,
        columns: Sequence[str] = (),
        *,
        bbox: Box | None = None,
        where: Sequence[Condition] = (),
        since: int | None = None,
    ) -> Iterator[tuple[list[int], list[bytes | None], list[tuple[object, ...]]]]:
        """Fids, blobs and column values of the current rows, some thousands at a time; see the protocol."""
        schema = self._schemas[table]
        if since is not None:
            where = (*where, Condition("born", ">", since))
        statement, values = self._selection(schema, where, bbox).select(["fid", *columns], geometry=True)
        with self._connections.reading() as connection:
            cursor = self._select(connection, table, statement, values)
            while rows := cursor.fetchmany(_PORTION):
                fids, *values, blobs = zip(*rows, strict=True)  # by column: no loop over a million rows
                yield list(fids), list(blobs), list(zip(*values, strict=True)) or [()] * len(fids)

    def joined(self, table: str, columns: Sequence[str] = ()) -> Iterator[JoinedRows]:
        """The current rows, some thousands at a time; see the protocol."""
        if table not in self._absent:
            with self._connections.reading() as connection, self._connections.reading_natively() as native:
                yield from joined_rows(connection, native, self._schemas[table], columns)

    def retired_since(self, table: str, transaction: int) -> list[int]:
        """Fids of the row versions that transactions after the given one retired."""
        with self._connections.reading() as connection:
            statement = f"SELECT fid FROM {quoted(table)} WHERE retired IS NOT NULL AND retired > ?"
            return [row[0] for row in self._select(connection, table, statement, (transaction,))]

    def _selection(
        self, schema: TableSchema, where: Sequence[Condition], box: Box | None, as_of: int | None = None
    ) -> Selection:
        return Selection(schema, where, box, as_of, schema.name not in self._unindexed)

    def _select(
        self, connection: sqlite3.Connection, table: str, statement: str, values: Sequence[object]
    ) -> sqlite3.Cursor:
        """A table that the file does not have yet has no rows."""
        if table in self._absent:
            return connection.execute("SELECT 1 WHERE 0")
        return connection.execute(statement, values)

    def fids(self, table: str) -> NDArray[np.int64]:
        """Row ids of the current rows, ascending."""
        if table in self._absent:
            return np.empty(0, dtype=np.int64)
        with self._connections.reading() as connection:
            return current_fids(connection, table)

    def column(self, table: str, name: str) -> Iterator[tuple[tuple[int, ...], tuple[object, ...]]]:
        """Row ids and stored values of one column of the current rows, in portions, in no particular order."""
        if table not in self._absent:
            with self._connections.reading() as connection:
                yield from column_values(connection, self._schemas[table], name)

    def arrow_columns(self, table: str, names: Sequence[str]) -> Iterator[ColumnPortion]:
        """Row ids and Arrow arrays of columns of the current rows, in portions; see the protocol."""
        if table not in self._absent:
            with self._connections.reading() as connection, self._connections.reading_natively() as native:
                yield from arrow_columns_of(connection, native, self._schemas[table], names)

    def values(self, table: str, name: str, fids: Sequence[int]) -> dict[int, object]:
        """Stored values of one column by row id; see the protocol."""
        where = [Condition("fid", "in", list(fids))]
        statement, values = Selection(self._schemas[table], where, None).select(["fid", name], geometry=False)
        with self._connections.reading() as connection:
            return dict(self._select(connection, table, statement, values).fetchall())

    @contextmanager
    def transaction(self, why: str, *, kind: str = "edit") -> Iterator[GeoPackageTransaction]:
        """One user action; an exception inside rolls everything back. An empty one leaves no trace.

        Raises ``ParkLineError`` if the file cannot be written or another program is writing.
        """
        with self._transaction(why, kind, None) as transaction:
            yield transaction

    @contextmanager
    def _transaction(self, why: str, kind: str, reverses: int | None) -> Iterator[GeoPackageTransaction]:
        self._own()
        self._connections.check_in_place()
        if self.before_write is not None:
            self.before_write()
        self._migrate()
        with self._connections.writing() as connection:
            entry = journal.add_entry(connection, self.user, why, kind, reverses)
            transaction = GeoPackageTransaction(connection, entry, self._schemas, self.epsg)
            yield transaction
            if not transaction.written:
                connection.execute("ROLLBACK")
                return
            journal.close_entry(connection, entry, transaction.counts)
            for table in transaction.counts:
                if table in self._schemas:
                    note_change(connection, table, spatial=self._schemas[table].geometry is not None)

    def _own(self) -> None:
        """`LockedError` while somebody else writes the file."""
        if not self._fixed:
            self._ownership.require()

    def changed_outside(self) -> bool:
        """Whether another program has changed the file since the last look; what is kept of it is then read anew.

        `MovedError` if the file is not in its place any more.
        """
        self._connections.check_in_place()
        if not self._connections.changed_outside():
            return False
        with self._connections.reading() as connection:
            self._unindexed = self._missing_indexes(connection)
        return True

    def _migrate(self) -> None:
        """Bring an older file up to date: a copy is kept of it as it was, unless tables are added only."""
        if self._version < LATEST:
            backup = name_for_older(self.path, self._version)
            with self._connections.reading() as connection:
                write_whole(backup, lambda part: copy_database(connection, part))
            with self._connections.writing() as connection:
                to_latest(connection, self.path, self.user, self._version)
            self._version = LATEST
        if self._absent:
            with self._connections.writing() as connection:
                # Somebody else may have been first.
                added = add_tables(connection, list(self._absent.values()), self.epsg)
                titles = tr("、").join(schema.title or schema.name for schema in added)
                if added:
                    journal.add_entry(
                        connection, self.user, tr("项目文件增加数据表：{titles}", titles=titles), "migrate"
                    )
            self._absent = {}
        if self._unindexed:
            with self._connections.writing() as connection:
                broken = self._missing_indexes(connection)  # somebody else may have been first
                for table in sorted(broken):
                    rebuild_index(connection, table)
                if broken:
                    titles = tr("、").join(self._schemas[table].title or table for table in sorted(broken))
                    journal.add_entry(
                        connection, self.user, tr("重建空间索引：{titles}", titles=titles), "migrate"
                    )
            self._unindexed = frozenset()

    def repair_indexes(self) -> tuple[str, ...]:
        """Make anew what `unindexed` names, without waiting for a transaction. Gives the tables."""
        broken = tuple(sorted(self._unindexed))
        self._own()
        self._migrate()
        return broken

    def undoable(self) -> JournalEntry | None:
        """The transaction that ``undo`` would reverse."""
        undo, _redo = history.stacks(self.journal(limit=None)[::-1])
        return undo[-1] if undo else None

    def redoable(self) -> JournalEntry | None:
        """The undo that ``redo`` would reverse."""
        _undo, redo = history.stacks(self.journal(limit=None)[::-1])
        return redo[-1] if redo else None

    def undo(self) -> JournalEntry | None:
        """Reverse the last transaction not yet undone; None if there is none."""
        return self._reverse("undo")

    def redo(self) -> JournalEntry | None:
        """Reverse the last undo; None if there is none or something was edited since."""
        return self._reverse("redo")

    def _reverse(self, kind: str) -> JournalEntry | None:
        target = self.undoable() if kind == "undo" else self.redoable()
        if target is None:
            return None
        behind = history.original(target, self.journal(limit=None))
        title = tr("撤销：{why}", why=behind.why) if kind == "undo" else tr("重做：{why}", why=behind.why)
        with (
            self._transaction(title, kind, target.id) as transaction,
            self._connections.reading() as connection,
        ):
            undo, redo = history.stacks(journal.entries(connection)[:0:-1])  # without the entry just begun
            stack = undo if kind == "undo" else redo
            if not stack or stack[-1].id != target.id:
                raise ParkLineError(tr("项目刚被另一个程序改动。"), hint=tr("请刷新后再试。"), file=self.path)
            history.reverse(connection, transaction, self.tables(), target.id)
        return self.journal(limit=1)[0]

    def journal(self, limit: int | None = 100, *, ids: Sequence[int] | None = None) -> list[JournalEntry]:
        """The newest entries first; all of them if ``limit`` is None; only those of the ``ids`` if given."""
        with self._connections.reading() as connection:
            return journal.entries(connection, limit, ids)

    def touched_since(self, transaction: int) -> tuple[int, frozenset[str]]:
        """The newest transaction, and the tables that those after the given one wrote."""
        with self._connections.reading() as connection:
            return journal.touched_since(connection, transaction)

    def changes(self, transaction_id: int) -> list[Change]:
        """What one transaction did, row by row."""
        with self._connections.reading() as connection:
            present = [schema for schema in self.tables() if schema.name not in self._absent]
            return journal.changes(connection, present, transaction_id)

    def born_of(self, table: str, uuids: Sequence[str], *, first: bool = False) -> dict[str, int]:
        """The transactions that bore the current versions of these rows, or the first ones; rows that are gone are left out."""
        born, current = ("min(born)", "") if first else ("born", "retired IS NULL AND ")
        statement = (
            f"SELECT uuid, {born} FROM {quoted(table)} "
            f"WHERE {current}uuid IN (SELECT value FROM json_each(?)) GROUP BY uuid"
        )
        with self._connections.reading() as connection:
            return dict(self._select(connection, table, statement, (json.dumps(list(uuids)),)))

    def row_versions(self, table: str, uuid: str) -> list[RowVersion]:
        """Every version of one row, oldest first."""
        if table in self._absent:
            return []
        with self._connections.reading() as connection:
            return journal.row_versions(connection, self._schemas[table], uuid)

    def meta(self, key: str) -> str | None:
        """A value of the project, or None."""
        with self._connections.reading() as connection:
            row = connection.execute(
                "SELECT value FROM parkline_meta WHERE key = ? AND retired IS NULL", (key,)
            ).fetchone()
        return None if row is None else str(row[0])

    def quarantined(self, table: str | None = None) -> pd.DataFrame:
        """Rows in quarantine: uuid, table, source, row, reason, values (dict), transaction."""
        if self._version < 2:
            return kept_rows.no_rows()
        with self._connections.reading() as connection:
            return kept_rows.quarantined(connection, table)

    def mappings(self, table: str) -> dict[str, str]:
        """Remembered mappings: signature → JSON, the newest first."""
        if self._version < 2:
            return {}
        with self._connections.reading() as connection:
            return kept_rows.mappings(connection, table)

    def save_copy(self, path: Path, *, overwrite: bool = False, progress: Progress = silent) -> None:
        """Write the project as it stands to another file, whole or not at all.

        ``ParkLineError`` if the path is taken (unless ``overwrite``), is this very file, or cannot be written.
        """
        path = Path(path)
        if path.exists():
            if path.samefile(self.path):
                raise ParkLineError(tr("不能把项目另存到它自己。"), hint=tr("请换一个文件名。"), file=path)
            if not overwrite:
                raise ParkLineError(tr("文件已存在，不会覆盖。"), hint=tr("请换一个文件名。"), file=path)
        with self._connections.reading() as connection:
            write_whole(path, lambda part: copy_database(connection, part, progress))
