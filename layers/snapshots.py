"""规划快照: the dated, named, read-only states of the land-use plan, and where imported rows came from."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gis.errors import ParkLineError
from gis.store.base import Condition, Store, Transaction
from gis.store.schema import ColumnType, StoredColumn, TableSchema
from gis.text import tr

__all__ = [
    "DATASET_TABLE",
    "SNAPSHOT_TABLE",
    "Snapshot",
    "add_dataset",
    "add_snapshot",
    "file_sha256",
    "find_snapshot",
    "read_snapshots",
    "snapshot_names",
]

# Where a snapshot came from stands in the system column "source". The titles are written into the file.
SNAPSHOT_TABLE = TableSchema(
    name="snapshot",
    title="规划快照",  # data
    columns=(
        StoredColumn("name", ColumnType.TEXT, "快照名称"),  # data
        StoredColumn("date", ColumnType.DATE, "日期"),  # data
        StoredColumn("scheme", ColumnType.TEXT, "分类标准"),  # data
        StoredColumn("note", ColumnType.TEXT, "备注"),  # data
    ),
    geometry=None,
    indexed=("name",),
)

DATASET_TABLE = TableSchema(
    name="dataset",
    title="导入来源",  # data
    columns=(
        StoredColumn("file", ColumnType.TEXT, "文件"),  # data
        StoredColumn("sha256", ColumnType.TEXT, "SHA-256"),
        StoredColumn("layer", ColumnType.TEXT, "图层"),  # data
        StoredColumn("snapshot", ColumnType.TEXT, "规划快照"),  # data
        StoredColumn("imported_on", ColumnType.DATE, "导入日期"),  # data
        StoredColumn("row_count", ColumnType.INTEGER, "行数"),  # data
        StoredColumn("note", ColumnType.TEXT, "备注"),  # data
    ),
    geometry=None,
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the land-use plan. ``count`` is the number of its current rows."""

    name: str
    date: dt.date
    scheme: str | None
    source: str
    count: int
    note: str = ""


def read_snapshots(store: Store) -> list[Snapshot]:
    """All snapshots, oldest first; those of one day by name."""
    return [
        Snapshot(
            name=str(row["name"]),
            date=_day(row),
            scheme=_text(row["scheme"]) or None,
            source=_text(row["source"]),
            count=store.count("land_use", [Condition("snapshot", "=", str(row["name"]))]),
            note=_text(row["note"]),
        )
        for row in _rows(store)
    ]


def snapshot_names(store: Store) -> list[str]:
    """Names only, in the same order: counting the rows of a large plan takes its time."""
    return [str(row["name"]) for row in _rows(store)]


def _rows(store: Store) -> list[dict[str, object]]:
    rows: dict[int, dict[str, object]] = {}
    for name in ("name", "date", "scheme", "source", "note"):
        for fids, values in store.column(SNAPSHOT_TABLE.name, name):
            for fid, value in zip(fids, values, strict=True):
                rows.setdefault(fid, {})[name] = value
    return sorted(rows.values(), key=lambda row: (_day(row), str(row["name"])))


def _day(row: dict[str, object]) -> dt.date:
    return dt.date.fromisoformat(str(row["date"])[:10])


def find_snapshot(snapshots: Iterable[Snapshot], name: str) -> Snapshot:
    """The snapshot of that name; a ``ParkLineError`` lists the existing ones if there is none."""
    existing = list(snapshots)
    for item in existing:
        if item.name == name:
            return item
    raise ParkLineError(
        tr("没有名为“{name}”的规划快照。", name=name),
        hint=tr("现有快照：{names}。", names=tr("、").join(item.name for item in existing))
        if existing
        else tr("本项目还没有规划快照；导入规划用地时用 --snapshot 命名。"),
    )


def add_snapshot(
    transaction: Transaction,
    name: str,
    date: dt.date,
    *,
    scheme: str | None = None,
    source: str = "",
    note: str = "",
) -> None:
    """Write the row of a new snapshot; the caller has made sure that the name is free."""
    if not name.strip():
        raise ParkLineError(tr("规划快照必须有名称。"))
    import pandas as pd

    transaction.insert(
        SNAPSHOT_TABLE.name,
        pd.DataFrame(
            {
                "name": [name],
                "date": [pd.Timestamp(date)],
                "scheme": [scheme],
                "source": [source],
                "note": [note],
            }
        ),
    )


def add_dataset(
    transaction: Transaction,
    file: str | Path,
    layer: str,
    rows: int,
    *,
    sha256: str,
    imported_on: dt.date,
    snapshot: str = "",
    note: str = "",
) -> None:
    """Write down which file rows were taken from; only the file's name is kept, not its folder."""
    import pandas as pd

    transaction.insert(
        DATASET_TABLE.name,
        pd.DataFrame(
            {
                "file": [Path(file).name],
                "sha256": [sha256],
                "layer": [layer],
                "snapshot": [snapshot],
                "imported_on": [pd.Timestamp(imported_on)],
                "row_count": [rows],
                "note": [note],
            }
        ),
    )


def file_sha256(path: str | Path) -> str:
    """SHA-256 of a file; of a folder (File Geodatabase) that of its files' names and hashes."""
    target = Path(path)
    if not target.is_dir():
        return _digest(target).hexdigest()
    whole = hashlib.sha256()
    for item in sorted(item for item in target.rglob("*") if item.is_file()):
        # A name ends with NUL, which no name holds, and a hash has one length: nothing can run together.
        whole.update(item.relative_to(target).as_posix().encode(errors="surrogateescape") + b"\0")
        whole.update(_digest(item).digest())
    return whole.hexdigest()


def _digest(file: Path) -> hashlib._Hash:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
