"""What SQLite reports, told apart: the environment (shown to the user) and bugs (raised as they are)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gis.errors import ParkLineError
from gis.text import mark, tr

__all__ = ["MovedError", "StorageError", "known_failures"]


class StorageError(ParkLineError):
    """The disk, stick or network did not do what was asked; what was stored before stays as it is.

    A copy elsewhere is a way out.
    """


class MovedError(StorageError):
    """The file that was opened is not in its place any more."""


_KNOWN: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: (
        mark("项目正被另一个程序写入。"), mark("请关闭另一个窗口或 QGIS 中对该文件的编辑，然后重试。")
    ),
    sqlite3.SQLITE_LOCKED: (mark("项目正被占用。"), mark("请稍候重试。")),
    sqlite3.SQLITE_FULL: (mark("磁盘已满，未写入任何内容。"), mark("请腾出空间，或将项目另存到其他磁盘。")),
    sqlite3.SQLITE_READONLY: (mark("文件是只读的，不能写入。"), mark("请将项目另存到可写的位置再编辑。")),
    sqlite3.SQLITE_PERM: (mark("没有写入权限。"), mark("请将项目另存到可写的位置再编辑。")),
    sqlite3.SQLITE_CANTOPEN: (mark("无法打开文件。"), mark("请检查文件是否存在、介质是否仍连接、是否有权限。")),
    sqlite3.SQLITE_IOERR: (mark("读写文件时出错。"), mark("请检查磁盘、U 盘或网络是否仍然可用。")),
    sqlite3.SQLITE_CORRUPT: (mark("文件已损坏。"), mark("请从备份恢复；原文件请保留，不要覆盖。")),
    sqlite3.SQLITE_NOTADB: (mark("这不是 GeoPackage 文件。"), mark("请选择扩展名为 .gpkg 的项目文件。")),
}  # fmt: skip


# Somebody else has the file, or it never was one: no copy helps.
_NOT_STORAGE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOTADB})


@contextmanager
def known_failures(path: Path) -> Iterator[None]:
    """Turn failures of the environment into ``ParkLineError``; leave programming errors alone."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        group = code & 0xFF if isinstance(code, int) else -1
        if group not in _KNOWN:
            raise
        known = _KNOWN[group]
        kind = ParkLineError if group in _NOT_STORAGE else StorageError
        raise kind(tr(known[0]), hint=tr(known[1]), file=path) from error
