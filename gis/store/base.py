"""What any store of a project can do; `gis.store.geopackage` is the one in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from gis.progress import Progress, silent
from gis.store.ownership import Holder
from gis.store.schema import TableSchema

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from gis.store.columns import ColumnPortion

__all__ = [
    "Box",
    "Change",
    "Condition",
    "JoinedRows",
    "JournalEntry",
    "QuarantinedRow",
    "RowVersion",
    "Store",
    "Transaction",
]

Box = tuple[float, float, float, float]  # xmin, ymin, xmax, ymax in the store's CRS


@dataclass(frozen=True, slots=True)
class Condition:
    """``column operator value``; a read takes several, all of which must hold.

    ``operator`` is one of = != < <= > >= in like contains isnull notnull; ``in`` takes a sequence, ``contains`` a
    piece of text in any case, ``isnull`` and ``notnull`` take nothing.
    """

    column: str
    operator: str
    value: object = None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One transaction: one action of a user. ``at`` is ISO 8601 in UTC."""

    id: int
    at: str
    who: str
    why: str
    kind: str  # edit, import, undo, redo, create, migrate
    counts: dict[str, tuple[int, int]]  # table → (rows born, rows retired)
    reverses: int | None
    undone: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction did to one row: before and after as plain values, geometry as WKB."""

    table: str
    uuid: str
    before: dict[str, object] | None
    after: dict[str, object] | None


@dataclass(frozen=True, slots=True)
class RowVersion:
    """A row between two transactions (``retired`` None: the present), with values as in `Change`."""

    born: int
    retired: int | None
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row of a source file that was not taken: its number there, why, and its values as read."""

    row: int | None
    reason: str
    values: dict[str, object]


class Transaction(Protocol):
    """One user action, written whole or not at all."""

    id: int

    def insert(self, table: str, frame: pd.DataFrame, *, progress: Progress = silent) -> list[str]:
        """Add rows; a GeoDataFrame's geometry must be in the store's CRS. Returns the new UUIDs.

        Single parts are promoted where the table holds multi-parts. A ``uuid`` column is taken over; columns
        ``fid``, ``born`` and ``retired`` are ignored. A ``Cancelled`` from ``progress`` rolls everything back.
        """

    def update(self, table: str, frame: pd.DataFrame) -> int:
        """Give rows, named by a ``uuid`` column, new values in the other columns. Returns the count.

        A missing geometry leaves the stored one. ``ParkLineError`` if a row is not current any more.
        """

    def retire(self, table: str, uuids: Sequence[str]) -> int:
        """End the validity of rows. Returns the count. ``ParkLineError`` if one is not current any more."""

    def set_meta(self, key: str, value: str | None) -> None:
        """Set a value of the project, or take it away; undone like any other change."""

    def set_style(self, table: str, qml: str) -> None:
        """How QGIS draws a table; not undone with the rest of the transaction later on."""

    def quarantine(self, table: str, source: str, rows: Sequence[QuarantinedRow]) -> None:
        """Keep rows that could not be taken into a table."""

    def release(self, uuids: Sequence[str]) -> int:
        """Drop rows from quarantine, because the county has mended them. Returns the count."""

    def remember_mapping(self, table: str, signature: str, mapping_json: str) -> None:
        """Keep how the columns of a kind of file were matched; a later one replaces it. Not undone."""


@dataclass(frozen=True, slots=True)
class JoinedRows:
    """Some rows, one after the other.

    ``fids`` and ``sizes`` are (n,) int64; ``blobs`` (bytes,) uint8 holds the GeoPackage geometries end to end, ``sizes``
    bytes each (0 without geometry), and lasts until the next rows are asked for. ``keys`` are the different
    combinations of values of the columns so far, in the order in which they occurred; ``classes`` (n,) int64 tells
    which of them is that of each row.
    """

    fids: NDArray[np.int64]
    blobs: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    classes: NDArray[np.int64]
    keys: tuple[tuple[object, ...], ...]


class Store(Protocol):
    """The tables of one project, read by box, columns and conditions, written by transactions."""

    path: Path
    epsg: int
    user: str
    before_write: (
        Callable[[], None] | None
    )  # called before each transaction begins, to keep the state it changes

    @property
    def read_only(self) -> bool:
        """Whether the file can only be read."""

    @property
    def holder(self) -> Holder | None:
        """Who was writing the file when it was last claimed; None if it is ours or nobody's."""

    @property
    def unindexed(self) -> frozenset[str]:
        """Tables whose spatial index another program has removed or broken."""

    def repair_indexes(self) -> tuple[str, ...]:
        """Make anew what `unindexed` names; the first transaction does it, too. Gives the tables."""

    def claim(self) -> Holder | None:
        """Take the file for writing until it is closed; gives who has it already. The first transaction does it, too."""

    def changed_outside(self) -> bool:
        """Whether another program has changed the file since the last look; an error if it is gone."""

    def close(self) -> None:
        """Checkpoint, leave WAL mode and release the file."""

    def steady(self) -> AbstractContextManager[None]:
        """Whatever this thread reads inside the block is of one state, whoever writes meanwhile.

        A writer may have to wait for its end: read in it, and compute behind it.
        """

    def tables(self) -> tuple[TableSchema, ...]:
        """The stored tables."""

    def count(self, table: str, where: Sequence[Condition] = (), *, as_of: int | None = None) -> int:
        """Number of rows that satisfy every condition."""

    def versions(self, table: str) -> int:
        """Number of row versions, current and past; known at once, whatever the size of the table."""

    def bounds(self, table: str) -> Box | None:
        """Extent of the current rows from the spatial index, or None without geometry."""

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
        """Rows as a GeoDataFrame indexed by ``fid``, with ``uuid`` always among the columns.

        ``columns`` None means all, system columns included. Types: TEXT ``str`` (missing NaN), INTEGER
        ``Int64``, REAL ``float64``, DATE ``datetime64[s]`` (missing NaT), BOOLEAN ``boolean``.
        Without geometry (table has none, or ``geometry=False``) the geometry column is all None.
        ``as_of`` is a transaction id: rows with born <= as_of < retired.
        """

    def read_wkb(
        self, table: str, bbox: Box | None = None, columns: Sequence[str] = ()
    ) -> tuple[list[int], list[bytes], list[tuple[object, ...]]]:
        """Fids, bare WKB (GeoPackage header removed) and column values: the canvas's fast path."""

    def portions(
        self,
        table: str,
        columns: Sequence[str] = (),
        *,
        bbox: Box | None = None,
        where: Sequence[Condition] = (),
        since: int | None = None,
    ) -> Iterator[tuple[list[int], list[bytes | None], list[tuple[object, ...]]]]:
        """Fids, GeoPackage blobs (None without geometry) and column values of the current rows, in portions.

        ``since`` keeps the rows that transactions after that one bore.
        """

    def joined(self, table: str, columns: Sequence[str] = ()) -> Iterator[JoinedRows]:
        """All current rows of a table with geometry, without a Python object for each row."""

    def touched_since(self, transaction: int) -> tuple[int, frozenset[str]]:
        """The number of the newest transaction (0: none), and the tables that those after the given one wrote."""

    def retired_since(self, table: str, transaction: int) -> list[int]:
        """Fids of the row versions that transactions after the given one retired."""

    def fids(self, table: str) -> NDArray[np.int64]:
        """Row ids of the current rows, ascending."""

    def column(self, table: str, name: str) -> Iterator[tuple[tuple[int, ...], tuple[object, ...]]]:
        """Row ids and stored values of one column of the current rows, in portions, in no particular order."""

    def arrow_columns(self, table: str, names: Sequence[str]) -> Iterator[ColumnPortion]:
        """Row ids and Arrow arrays of columns of the current rows, in portions, without a Python object for each cell.

        All of one committed state, in no particular order; days are texts, yes and no are 1 and 0.
        """

    def values(self, table: str, name: str, fids: Sequence[int]) -> dict[int, object]:
        """Stored values of one column by row id, of those of the rows that are there."""

    def transaction(self, why: str, *, kind: str = "edit") -> AbstractContextManager[Transaction]:
        """One user action; an exception inside rolls everything back."""

    def undoable(self) -> JournalEntry | None:
        """The transaction that ``undo`` would reverse."""

    def redoable(self) -> JournalEntry | None:
        """The undo that ``redo`` would reverse."""

    def undo(self) -> JournalEntry | None:
        """Reverse the last transaction not yet undone; None if there is none. Survives a restart."""

    def redo(self) -> JournalEntry | None:
        """Reverse the last undo; None if there is none."""

    def journal(self, limit: int | None = 100, *, ids: Sequence[int] | None = None) -> list[JournalEntry]:
        """The newest entries first; all of them if ``limit`` is None; only those of the ``ids`` if given."""

    def changes(self, transaction_id: int) -> list[Change]:
        """What one transaction did, row by row."""

    def born_of(self, table: str, uuids: Sequence[str], *, first: bool = False) -> dict[str, int]:
        """The transactions that bore the current versions of these rows; with ``first`` those that entered the rows.

        Rows that are gone are left out, but for ``first``.
        """

    def row_versions(self, table: str, uuid: str) -> list[RowVersion]:
        """Every version of one row, oldest first."""

    def meta(self, key: str) -> str | None:
        """A value of the project (policy text, plane, schema version …)."""

    def quarantined(self, table: str | None = None) -> pd.DataFrame:
        """Rows in quarantine: uuid, table, source, row, reason, values (dict), transaction."""

    def mappings(self, table: str) -> dict[str, str]:
        """Remembered mappings: signature → JSON, the newest first."""

    def save_copy(self, path: Path, *, overwrite: bool = False, progress: Progress = silent) -> None:
        """Write the project as it stands to another file, whole or not at all; refuses to overwrite."""
