"""Which project file it is and in what state: what a cache beside it is known by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gis.store.base import Store

__all__ = ["file_identity", "file_state"]


def file_identity(store: Store) -> list[object]:
    """One project file among others: the moment of its first transaction and its plane."""
    first = store.journal(limit=None, ids=[1])
    return [first[0].at if first else "", store.epsg]


def file_state(path: Path) -> list[int]:
    """Changes whenever any program writes to the file. Raises ``OSError`` if it is gone."""
    found = path.stat()
    state = [found.st_size, found.st_mtime_ns]
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and (log := wal.stat()).st_size:
        state += [log.st_size, log.st_mtime_ns]
    return state
