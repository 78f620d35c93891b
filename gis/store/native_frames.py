"""Tables as frames, read by compiled loops in two threads: no Python object a cell, hardly a value copied twice.

What `gis.store.frames.read_frame` reads, in an eighth of the time. Columns that hold values of a foreign type are
left to that one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from gis.store.columns import portion_starts
from gis.store.frames import geo_frame, read_frame
from gis.store.growing import Growing, estimated
from gis.store.identifiers import quoted
from gis.store.native_connection import NativeConnection, available
from gis.store.native_rows import RowArrays, rows_in_one, rows_in_pieces, text_array
from gis.store.query import Selection, column_types
from gis.store.schema import ColumnType
from gis.store.shapes import Shapes

__all__ = ["native_frame", "warm_up"]


def native_frame(
    connection: sqlite3.Connection,
    natives: Sequence[NativeConnection],
    selection: Selection,
    columns: Sequence[str],
    epsg: int,
    geometry: bool,
    expected: int,
) -> gpd.GeoDataFrame:
    """The rows of a selection. All connections see one state of the file.

    ``expected`` is a guess of their number; one that is too high costs nothing.
    """
    from gis.store.row_kernels import BLOB

    types = column_types(selection.schema)
    fids: Growing[np.int64] = Growing(np.int64, expected)
    parts = [_PARTS.get(types[name], _Texts)(at, expected) for at, name in enumerate(columns)]
    shapes = Shapes(expected)
    kinds = [part.kept for part in parts] + ([BLOB] if geometry else [])
    odd = np.zeros(len(kinds), dtype=np.bool_)
    for arrays in _rows(connection, natives, selection, columns, geometry, kinds):
        fids.add(arrays.fids)
        for part in parts:
            part.add(arrays)
        if geometry:
            at = len(columns)
            begins, sizes = arrays.ends(at)[:-1], arrays.integers(at)
            shapes.add(arrays.bytes(at), begins, sizes, arrays.filled(at))
        odd |= arrays.odd
    data: dict[str, Any] = {}
    for at, name in enumerate(columns):
        made = None if odd[at] else parts[at].made()
        data[name] = made if made is not None else _again(connection, selection, [name], epsg)[name].array
    if not geometry:
        whole = np.full(len(fids), None, dtype=object)
    elif odd[-1]:
        whole = np.asarray(
            _again(connection, selection, [], epsg, geometry=True).geometry.array, dtype=object
        )
    else:
        whole = shapes.made()
    frame = pd.DataFrame(data, copy=False)
    frame.index = pd.Index(fids.taken(), name="fid")
    return geo_frame(frame, whole, epsg)


def warm_up() -> None:
    """Compile the loops, or load them where that has been done."""
    if not available():
        return
    from gis.store.row_kernels import BLOB

    with closing(NativeConnection("file:?mode=memory", 0.0)) as native:
        for arrays in rows_in_one(native, "SELECT 1, NULL", (), [BLOB]):
            Shapes(1).add(arrays.bytes(0), arrays.ends(0)[:-1], arrays.integers(0), arrays.filled(0))


def _rows(
    connection: sqlite3.Connection,
    natives: Sequence[NativeConnection],
    selection: Selection,
    columns: Sequence[str],
    geometry: bool,
    kinds: Sequence[int],
) -> Iterator[RowArrays]:
    wanted = ["fid", *columns]
    if selection.where or selection.box is not None:  # the order is that of an index
        return rows_in_one(natives[0], *selection.select(wanted, geometry=geometry), kinds)
    size = natives[0].portion
    firsts = portion_starts(connection, quoted(selection.schema.name), size)
    pieces = (
        replace(selection, fids=(first, first + size)).select(wanted, geometry=geometry) for first in firsts
    )
    first = next(pieces, None)
    if first is None:
        return iter(())
    statement, values = first
    return rows_in_pieces(natives, statement, chain([values], (more for _, more in pieces)), kinds)


def _again(
    connection: sqlite3.Connection,
    selection: Selection,
    columns: Sequence[str],
    epsg: int,
    *,
    geometry: bool = False,
) -> gpd.GeoDataFrame:
    """What the loops did not take."""
    statement, values = selection.select(["fid", *columns], geometry=geometry)
    return read_frame(connection.execute(statement, values), selection.schema, columns, epsg, geometry)


class _Part(Protocol):
    """A column of the frame. ``kept`` says how the loop keeps its cells, of those of `gis.store.row_kernels`."""

    kept: int

    def __init__(self, at: int, expected: int) -> None: ...

    def add(self, arrays: RowArrays) -> None:
        """Take the column from a portion."""

    def made(self) -> Any:
        """The column as the frame takes it, None if it cannot be made."""


class _Reals:
    def __init__(self, at: int, expected: int) -> None:
        from gis.store.row_kernels import REAL

        self.kept, self._at = REAL, at
        self._values: Growing[np.float64] = Growing(np.float64, expected)

    def add(self, arrays: RowArrays) -> None:
        self._values.add(arrays.reals(self._at))

    def made(self) -> Any:
        return self._values.taken()


class _Days:
    def __init__(self, at: int, expected: int) -> None:
        from gis.store.row_kernels import DATE

        self.kept, self._at = DATE, at
        self._values: Growing[np.int64] = Growing(np.int64, expected)

    def add(self, arrays: RowArrays) -> None:
        self._values.add(arrays.integers(self._at))

    def made(self) -> Any:
        return self._values.taken().view("datetime64[s]")


class _Integers:
    def __init__(self, at: int, expected: int) -> None:
        from gis.store.row_kernels import INTEGER

        self.kept, self._at = INTEGER, at
        self._values: Growing[np.int64] = Growing(np.int64, expected)
        self._missing: Growing[np.bool_] = Growing(np.bool_, expected)

    def add(self, arrays: RowArrays) -> None:
        self._values.add(arrays.integers(self._at))
        self._missing.add(~arrays.filled(self._at))

    def made(self) -> Any:
        return pd.arrays.IntegerArray(self._values.taken(), self._missing.taken())


class _Booleans(_Integers):
    def made(self) -> Any:
        return pd.arrays.BooleanArray(self._values.taken().astype(bool), self._missing.taken())


class _Texts:
    def __init__(self, at: int, expected: int) -> None:
        from gis.store.row_kernels import TEXT

        self.kept, self._at, self._expected = TEXT, at, expected
        self._filled: Growing[np.bool_] = Growing(np.bool_, expected)
        self._ends: Growing[np.int64] = Growing(np.int64, expected + 1)
        self._ends.add(np.zeros(1, dtype=np.int64))
        self._texts: Growing[np.uint8] = Growing(np.uint8, 0)

    def add(self, arrays: RowArrays) -> None:
        texts = arrays.bytes(self._at)
        if len(texts) and not len(self._texts):
            self._texts = Growing(np.uint8, estimated(len(texts), arrays.rows, self._expected))
        self._filled.add(arrays.filled(self._at))
        self._ends.add(arrays.ends(self._at)[1:] + len(self._texts))
        self._texts.add(texts)

    def made(self) -> Any:
        texts = text_array(self._filled.taken(), self._ends.taken(), self._texts.taken())
        try:
            texts.validate(full=True)
        except pa.ArrowInvalid:  # bytes that are no UTF-8, written by another program
            return None
        return pd.array(texts, dtype=pd.StringDtype(na_value=np.nan))


_PARTS: dict[ColumnType, type[_Part]] = {
    ColumnType.REAL: _Reals,
    ColumnType.INTEGER: _Integers,
    ColumnType.BOOLEAN: _Booleans,
    ColumnType.DATE: _Days,
}
