"""Whole tables with their geometries, laid end to end: by a loop over SQLite's own functions, or by SQLite itself.

A row handed to Python costs some microseconds, most of them under Python's lock: seconds for a million rows.
Where SQLite's functions cannot be reached, it joins each portion to three texts and a blob: half as fast.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from gis.store.base import JoinedRows
from gis.store.columns import portion_starts
from gis.store.identifiers import quoted
from gis.store.native_connection import NativeConnection, available, functions
from gis.store.query import column_types
from gis.store.schema import TableSchema

__all__ = ["joined_rows", "warm_up"]

_PORTION = (
    10_000  # row ids: small enough to be stopped between two, and for who writes without WAL to come in
)
_BLOB_BYTES = 200  # room for a row at first
_KEY_BYTES = 32
_KEYS = 256  # combinations of values at first, as many as map keys have; more room is made where it is wanted


def joined_rows(
    connection: sqlite3.Connection,
    native: NativeConnection | None,
    schema: TableSchema,
    columns: Sequence[str],
) -> Iterator[JoinedRows]:
    """The current rows of a table with geometry, by row id. ``KeyError`` for a column that is not there."""
    known = column_types(schema)
    for name in columns:
        if name not in known:
            raise KeyError(f"no column {name!r} in {schema.name}")
    if native is None:
        return _joined_by_sqlite(connection, quoted(schema.name), columns)
    return _joined_natively(connection, native, quoted(schema.name), columns)


def warm_up() -> None:
    """Compile the loop, or link it where that has been done."""
    if not available():
        return
    with (
        closing(NativeConnection("file:?mode=memory", 0.0)) as native,
        native.prepared("SELECT 1, NULL WHERE 0") as prepared,
    ):
        _Rows(0, 1).fetch(prepared, pending=False)


def _joined_natively(
    connection: sqlite3.Connection, native: NativeConnection, table: str, columns: Sequence[str]
) -> Iterator[JoinedRows]:
    from gis.store.joined_kernels import BLOBS_FULL, DONE, KEYS_FULL

    names = ", ".join(map(quoted, ["fid", "geom", *columns]))
    rows = _Rows(len(columns), native.portion)
    for start in portion_starts(connection, table, _PORTION):
        statement = (
            f"SELECT {names} FROM {table} NOT INDEXED"
            f" WHERE fid >= {start} AND fid < {start + _PORTION} AND retired IS NULL"
        )
        with native.prepared(statement) as prepared:
            ended = 0
            while ended != DONE:
                ended = rows.fetch(prepared, pending=ended in (BLOBS_FULL, KEYS_FULL))
                if ended > DONE:
                    native.check(ended - 100)
                found = rows.taken()
                if len(found.fids):
                    yield found
                if ended == KEYS_FULL:
                    rows.make_room_for_keys()
                elif ended == BLOBS_FULL:
                    rows.make_room_for_blobs()


class _Rows:
    """The arrays that the loop fills, and what its class numbers stand for."""

    def __init__(self, columns: int, most: int) -> None:
        self._columns = columns
        self._fids, self._sizes, self._classes = (np.empty(most, dtype=np.int64) for _ in range(3))
        self._blobs = np.empty(most * _BLOB_BYTES, dtype=np.uint8)
        self._real = np.empty(1)
        self._state = np.zeros(3, dtype=np.int64)
        self._known = _Keys()
        self._forget(_KEYS, _KEYS * _KEY_BYTES)

    def _forget(self, keys: int, key_bytes: int) -> None:
        """Have the loop count the combinations from 0 again, with room for so many."""
        self._cells = np.empty(key_bytes, dtype=np.uint8)
        self._ends = np.zeros(keys + 1, dtype=np.int64)
        self._slots = np.full(2 * keys, -1, dtype=np.int64)
        self._number_of: list[int] = []  # what the loop takes for two may be equal: 1 and 1.0
        self._state[:] = 0

    def fetch(self, prepared: int, *, pending: bool) -> int:
        """Read on; see `gis.store.joined_kernels.fetch_joined`."""
        from gis.store.joined_kernels import fetch_joined

        return fetch_joined(
            functions(),
            prepared,
            self._columns,
            int(pending),
            self._fids,
            self._sizes,
            self._classes,
            self._blobs.ctypes.data,
            len(self._blobs),
            self._cells,
            self._cells.ctypes.data,
            self._ends,
            self._slots,
            self._real,
            self._real.view(np.int64),
            self._state,
        )

    def taken(self) -> JoinedRows:
        """What has been read."""
        from gis.store.joined_kernels import MADE, ROWS

        rows, made = int(self._state[ROWS]), int(self._state[MADE])
        for number in range(len(self._number_of), made):
            cells = self._cells[self._ends[number] : self._ends[number + 1]].tobytes()
            self._number_of.append(self._known.number(_values(cells, self._columns)))
        sizes = self._sizes[:rows].copy()
        classes = np.array(self._number_of, dtype=np.int64)[self._classes[:rows]]
        return JoinedRows(
            self._fids[:rows].copy(), self._blobs[: sizes.sum()], sizes, classes, self._known.keys()
        )

    def make_room_for_blobs(self) -> None:
        """For the one that did not fit, at least."""
        from gis.store.joined_kernels import USED

        if self._state[USED] > len(self._blobs):
            self._blobs = np.empty(2 * int(self._state[USED]), dtype=np.uint8)

    def make_room_for_keys(self) -> None:
        """For twice the combinations and twice as much of each."""
        self._forget(2 * (len(self._ends) - 1), 4 * len(self._cells))


def _values(cells: bytes, columns: int) -> tuple[object, ...]:
    """What the loop wrote of one combination."""
    from gis.store.joined_kernels import INTEGER, NULL, TEXT

    found: list[object] = []
    at = 0
    for _ in range(columns):
        kind, at = cells[at], at + 1
        if kind == TEXT:
            size = int.from_bytes(cells[at : at + 4], "little")
            found.append(cells[at + 4 : at + 4 + size].decode(errors="replace"))
            at += 4 + size
        elif kind == NULL:
            found.append(None)
        else:
            found.append(*struct.unpack_from("<q" if kind == INTEGER else "<d", cells, at))
            at += 8
    return tuple(found)


class _Keys:
    """Numbers for the combinations of values that occur."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}
        self._keys: tuple[tuple[object, ...], ...] = ()

    def number(self, values: tuple[object, ...]) -> int:
        return self._numbers.setdefault(values, len(self._numbers))

    def keys(self) -> tuple[tuple[object, ...], ...]:
        if len(self._keys) != len(self._numbers):
            self._keys = tuple(self._numbers)
        return self._keys


def _joined_by_sqlite(
    connection: sqlite3.Connection, table: str, columns: Sequence[str]
) -> Iterator[JoinedRows]:
    values = ", ".join(map(quoted, columns))
    # The aggregates see the rows in one order. A blob passes through group_concat byte by byte.
    statement = (
        "SELECT group_concat(fid), CAST(group_concat(geom, '') AS BLOB),"
        f" group_concat(ifnull(length(geom), 0)), group_concat(json_array({values}), char(10))"
        f" FROM {table} NOT INDEXED WHERE fid >= ? AND fid < ? AND retired IS NULL"
    )
    known = _Keys()
    number_of: dict[str, int] = {}
    for start in portion_starts(connection, table, _PORTION):
        fids, blobs, sizes, texts = connection.execute(statement, (start, start + _PORTION)).fetchone()
        if fids is None:
            continue
        rows = texts.split("\n")
        for text in dict.fromkeys(rows):
            if text not in number_of:
                number_of[text] = known.number(tuple(json.loads(text)))
        classes = np.fromiter(map(number_of.__getitem__, rows), dtype=np.int64, count=len(rows))
        whole = np.frombuffer(blobs or b"", dtype=np.uint8)
        yield JoinedRows(_numbers(fids), whole, _numbers(sizes), classes, known.keys())


def _numbers(text: str) -> NDArray[np.int64]:
    return np.fromstring(text, dtype=np.int64, sep=",")
