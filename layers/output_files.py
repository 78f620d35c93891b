"""Files the program writes for people: where they may go, and that they appear whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["is_project", "ready_target", "write_whole"]

# Made by other programs for the old contents of a shapefile; stale, they hide features.
_SHAPEFILE_INDEXES = (".qix", ".sbn", ".sbx", ".fix", ".atx")


def ready_target(path: Path, suffixes: Sequence[str]) -> Path:
    """The path, if something may be written there: known suffix, existing folder, no folder, no project file.

    Raises ``ParkLineError`` otherwise. An existing ordinary file will be replaced.
    """
    if path.suffix.lower() not in suffixes:
        raise ParkLineError(
            tr("不能写成 {suffix} 文件。", suffix=path.suffix or tr("（无扩展名）")),
            hint=tr("可用扩展名：{names}", names=" ".join(suffixes)),
            file=path,
        )
    if path.is_dir():
        raise ParkLineError(tr("这是一个文件夹。"), hint=tr("请换一个文件名。"), file=path)
    if not path.absolute().parent.is_dir():
        raise ParkLineError(tr("文件夹不存在。"), hint=tr("请先建立文件夹。"), file=path.parent)
    if is_project(path):
        raise ParkLineError(tr("这是一个 ParkLine 项目，不会覆盖。"), hint=tr("请换一个文件名。"), file=path)
    return path


def is_project(path: Path) -> bool:
    """Whether a project of this program lies there, of whatever version and under whatever name."""
    try:
        with path.open("rb") as stream:
            if stream.read(16) != b"SQLite format 3\x00":
                return False
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'parkline_meta'").fetchone()
    except FileNotFoundError:
        return False
    except (OSError, sqlite3.Error):
        return True  # what cannot be looked into is left alone
    return found is not None


def write_whole(target: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` make the file under its own name in a folder beside it, flush it and move it into place.

    Files that ``write`` makes beside it (the parts of a shapefile) move along; parts of an older one that
    are not made anew (its indexes) go. Whatever goes wrong before, the old file stays. Raises
    ``ParkLineError`` for a full disk and the like.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".parkline-", dir=target.absolute().parent) as folder:
            write(Path(folder) / target.name)
            made = sorted(Path(folder).iterdir(), key=lambda item: item.name == target.name)
            for item in made:
                with item.open("rb+") as stream:
                    os.fsync(stream.fileno())
            for item in made:  # the file itself comes last
                item.replace(target.with_name(item.name))
            if target.suffix.lower() == ".shp":
                for suffix in _SHAPEFILE_INDEXES:
                    target.with_suffix(suffix).unlink(missing_ok=True)
    except OSError as error:
        raise ParkLineError(
            tr("无法写入文件：{reason}。", reason=error.strerror or str(error)),
            hint=tr("文件可能正被其他程序打开；请检查权限和磁盘空间。"),
            file=target,
        ) from error
