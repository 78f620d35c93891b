"""Making a project file, and telling one from other files."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from gis.errors import ParkLineError
from gis.progress import Progress, silent
from gis.store import ddl, journal
from gis.store.base import Box
from gis.store.connection import connect
from gis.store.failures import known_failures
from gis.store.migrations import LATEST, pending
from gis.store.schema import TableSchema
from gis.store.spatial_index import register_functions
from gis.text import tr

__all__ = ["add_tables", "check_file", "copy_database", "create_file", "schema_version", "write_whole"]

_MAGIC = b"SQLite format 3\x00"


def create_file(
    path: Path,
    epsg: int,
    tables: Sequence[TableSchema],
    *,
    who: str,
    meta: Mapping[str, str],
    extent: Box | None = None,
    styles: Mapping[str, str] | None = None,
    version: int = LATEST,
) -> None:
    """Make a project file, whole or not at all. ``ParkLineError`` if the path is taken or cannot be written.

    A new file takes the same way as an old one: version 1, then every migration; ``version`` lets tests stop early.
    """

    def write(target: Path) -> None:
        with closing(connect(target, "rwc")) as connection:
            connection.execute(f"PRAGMA application_id = {ddl.APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {ddl.USER_VERSION}")
            connection.execute(
                "PRAGMA journal_mode = OFF"
            )  # a file of this name is thrown away if unfinished
            register_functions(connection)
            connection.execute("BEGIN")
            ddl.create_standard_tables(connection, epsg)
            ddl.create_program_tables(connection)
            for schema in tables:
                ddl.create_stored_table(connection, schema, epsg, extent)
            if any(schema.geometry for schema in tables):
                from gis.store.styles import create_styles

                create_styles(connection, tables, styles or {})
            for migration in pending(1):
                if migration.version <= version:
                    migration.migrate(connection)
            entry = journal.add_entry(connection, who, tr("新建项目"), "create")
            connection.executemany(
                "INSERT INTO parkline_meta (key, value, born) VALUES (?, ?, ?)",
                [
                    (key, value, entry)
                    for key, value in {**meta, "schema_version": str(version), "epsg": str(epsg)}.items()
                ],
            )
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()

    if path.exists():
        raise ParkLineError(tr("文件已存在，不会覆盖。"), hint=tr("请换一个文件名。"), file=path)
    write_whole(path, write)


def add_tables(connection: sqlite3.Connection, tables: Sequence[TableSchema], epsg: int) -> list[TableSchema]:
    """Create those of the tables that a file does not have yet, empty and with a plain style. Returns them."""
    present = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    added = [schema for schema in tables if schema.name not in present]
    for schema in added:
        ddl.create_stored_table(connection, schema, epsg)
    from gis.store.styles import add_styles, create_styles

    if "layer_styles" in present:
        add_styles(connection, added, {})
    elif any(schema.geometry for schema in added):
        create_styles(connection, added, {})
    return added


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` make a file beside ``path``, flush it to the disk and give it its name.

    A process killed on the way leaves at most a file ending in ``.part``, which the next attempt removes.
    """
    part = path.with_name(path.name + ".part")
    try:
        with known_failures(path):
            part.unlink(missing_ok=True)
            write(part)
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise ParkLineError(
            tr("无法写入文件：{reason}。", reason=error.strerror or str(error)),
            hint=tr("请检查文件夹是否存在、是否有写入权限、磁盘是否已满。"),
            file=path,
        ) from error
    finally:
        if part.exists():
            part.unlink()


def copy_database(source: sqlite3.Connection, target: Path, progress: Progress = silent) -> None:
    """Copy what a connection sees, unfinished work of others excluded, to a file that does not exist yet."""

    def report(_status: int, remaining: int, total: int) -> None:
        progress(1 - remaining / max(total, 1), tr("正在复制项目"))

    with closing(connect(target, "rwc")) as copy:
        source.backup(copy, pages=4096, progress=report)
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()


def check_file(path: Path) -> None:
    """Raise ``ParkLineError`` unless the file is there and its header is that of a GeoPackage."""
    if not path.is_file():
        raise ParkLineError(tr("找不到文件。"), hint=tr("请检查路径，或文件是否已被移动。"), file=path)
    try:
        with path.open("rb") as stream:
            header = stream.read(100)
    except OSError as error:
        raise ParkLineError(
            tr("无法读取文件：{reason}。", reason=error.strerror or str(error)), file=path
        ) from error
    if header[:16] != _MAGIC or int.from_bytes(header[68:72], "big") != ddl.APPLICATION_ID:
        raise ParkLineError(
            tr("这不是 GeoPackage 文件。"), hint=tr("请选择扩展名为 .gpkg 的项目文件。"), file=path
        )


def schema_version(connection: sqlite3.Connection, path: Path) -> int:
    """Version of a project file. ``ParkLineError`` for another GeoPackage and for a newer project."""
    present = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'parkline_meta'").fetchone()
    row = (
        present
        and connection.execute(
            "SELECT value FROM parkline_meta WHERE key = 'schema_version' AND retired IS NULL"
        ).fetchone()
    )
    if not row or not str(row[0]).isdigit():
        raise ParkLineError(
            tr("这个 GeoPackage 不是 ParkLine 项目。"),
            hint=tr("请先新建项目，再把这个文件作为数据导入。"),
            file=path,
        )
    version = int(row[0])
    if version > LATEST:
        raise ParkLineError(
            tr(
                "项目由更新版本的 ParkLine 保存（文件版本 {version}，本程序支持到 {latest}）。",
                version=version,
                latest=LATEST,
            ),
            hint=tr("请升级 ParkLine 后再打开；文件没有改动。"),
            file=path,
        )
    return version
