"""Whole columns read through SQLite's own functions, straight into Arrow arrays: no Python object a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gis.store.native_connection import NativeConnection, functions
from gis.store.schema import ColumnType

__all__ = ["native_columns"]


def native_columns(
    native: NativeConnection, statement: str, kinds: Sequence[ColumnType]
) -> Iterator[tuple[NDArray[np.int64], list[Any]]]:
    """Row ids and Arrow arrays of the columns behind them, in portions, from a SELECT of both."""
    from gis.store.row_kernels import DONE, FULL, fetch

    with native.prepared(statement) as prepared:
        arrays = _Arrays([_kept(kind) for kind in kinds], native.portion, native.room * native.portion)
        pending = False
        while True:
            rows, ended = fetch(functions(), prepared, pending, *arrays.arguments)
            if ended > DONE:
                native.check(ended - 100)
            if rows:
                yield arrays.taken(rows)
            if ended == DONE:
                return
            pending = ended == FULL
            if pending and not rows:
                arrays = arrays.roomier()


def _kept(kind: ColumnType) -> int:
    from gis.store.row_kernels import INTEGER, REAL, TEXT

    if kind is ColumnType.REAL:
        return REAL
    return INTEGER if kind in (ColumnType.INTEGER, ColumnType.BOOLEAN) else TEXT


class _Arrays:
    """Where the loop puts the cells of a portion; texts have ``room`` bytes a column."""

    def __init__(self, kinds: Sequence[int], most: int, room: int) -> None:
        self.kinds, self._most, self._room = np.array(kinds, dtype=np.int64), most, room
        shape = (len(kinds), most)
        self._fids = np.empty(most, dtype=np.int64)
        self._numbers = np.empty(shape, dtype=np.float64)
        self._filled = np.empty(shape, dtype=np.bool_)
        self._ends = np.zeros((len(kinds), most + 1), dtype=np.int64)
        self._texts = np.empty((len(kinds), room), dtype=np.uint8)

    def roomier(self) -> _Arrays:
        """Others with more bytes for texts: not even one row found room."""
        return _Arrays(self.kinds.tolist(), self._most, self._room * 4)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What the loop takes, from the kinds on."""
        numbers, filled = self._numbers, self._filled
        return self.kinds, self._fids, numbers, numbers.view(np.int64), filled, self._ends, self._texts

    def taken(self, rows: int) -> tuple[NDArray[np.int64], list[Any]]:
        """The first rows as arrays of their own."""
        return self._fids[:rows].copy(), [self._column(at, rows) for at in range(len(self.kinds))]

    def _column(self, at: int, rows: int) -> Any:
        from gis.store.row_kernels import REAL, TEXT

        filled = self._filled[at, :rows]
        if self.kinds[at] != TEXT:
            numbers = self._numbers if self.kinds[at] == REAL else self._numbers.view(np.int64)
            return pa.array(numbers[at, :rows].copy(), mask=~filled)  # Arrow would take the array itself
        if not filled.any():
            return pa.nulls(rows, pa.large_string())
        ends = self._ends[at, : rows + 1]
        buffers = [
            np.packbits(filled, bitorder="little").tobytes(), ends.tobytes(), self._texts[at, : ends[-1]].tobytes()
        ]  # fmt: skip
        texts = pa.Array.from_buffers(pa.large_string(), rows, [pa.py_buffer(some) for some in buffers])
        try:
            texts.validate(full=True)
        except pa.ArrowInvalid:  # bytes that are no UTF-8, written by another program
            raw = [some.as_py() for some in texts.cast(pa.large_binary())]
            texts = pa.array(
                [None if some is None else some.decode(errors="replace") for some in raw], texts.type
            )
        return texts
