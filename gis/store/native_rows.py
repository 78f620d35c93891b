"""Rows read through SQLite's own functions, straight into arrays: no Python object a cell."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gis.store.native_connection import NativeConnection, functions
from gis.store.schema import ColumnType

__all__ = ["RowArrays", "native_columns", "rows_in_one", "rows_in_pieces", "text_array"]

_AHEAD = 2  # pieces that are read beyond those that the threads are at, while the first is being taken


def native_columns(
    native: NativeConnection, statement: str, kinds: Sequence[ColumnType]
) -> Iterator[tuple[NDArray[np.int64], list[Any]]]:
    """Row ids and Arrow arrays of the columns behind them, in portions, from a SELECT of both."""
    for arrays in rows_in_one(native, statement, (), [_kept(kind) for kind in kinds]):
        yield arrays.fids.copy(), [_arrow(arrays, at) for at in range(len(kinds))]


def _kept(kind: ColumnType) -> int:
    from gis.store.row_kernels import INTEGER, REAL, TEXT

    if kind is ColumnType.REAL:
        return REAL
    return INTEGER if kind in (ColumnType.INTEGER, ColumnType.BOOLEAN) else TEXT


def rows_in_one(
    native: NativeConnection, statement: str, values: Sequence[object], kinds: Sequence[int]
) -> Iterator[RowArrays]:
    """The rows of a SELECT in portions; each is in the same arrays, to be taken before the next is asked for."""
    arrays = RowArrays(kinds, native.portion, native.room)
    with native.prepared(statement, values) as prepared:
        ended = False
        while not ended:
            ended = arrays.read(native, prepared)
            if arrays.rows:
                yield arrays


def rows_in_pieces(
    natives: Sequence[NativeConnection],
    statement: str,
    pieces: Iterable[Sequence[object]],
    kinds: Sequence[int],
) -> Iterator[RowArrays]:
    """The rows of a SELECT, piece by piece, read by a thread for each connection.

    ``pieces`` are the values of its parameters for each; none may have more rows than a portion. Each piece is to be
    taken before the next is asked for.
    """
    idle: SimpleQueue[tuple[NativeConnection, int]] = SimpleQueue()
    spare: list[RowArrays] = []

    def read(values: Sequence[object], arrays: RowArrays) -> RowArrays:
        native, prepared = idle.get()
        try:
            native.bind(prepared, values)
            arrays.read(native, prepared)
        finally:
            idle.put((native, prepared))
        return arrays

    with ExitStack() as stack:
        for native in natives:
            idle.put((native, stack.enter_context(native.prepared(statement))))
        pool = stack.enter_context(ThreadPoolExecutor(len(natives)))
        waiting: deque[Future[RowArrays]] = deque()
        for values in pieces:
            arrays = spare.pop() if spare else RowArrays(kinds, natives[0].portion, natives[0].room)
            waiting.append(pool.submit(read, values, arrays))
            if len(waiting) == len(natives) + _AHEAD:
                yield from _taken(waiting, spare)
        while waiting:
            yield from _taken(waiting, spare)


def _taken(waiting: deque[Future[RowArrays]], spare: list[RowArrays]) -> Iterator[RowArrays]:
    arrays = waiting.popleft().result()
    if arrays.rows:
        yield arrays
    spare.append(arrays)


class RowArrays:
    """Where the loop puts the cells of up to ``most`` rows; texts and blobs have ``room`` bytes a cell at first.

    ``rows`` of them are those of the last reading. ``kinds`` are those of `gis.store.row_kernels`, one for each
    column behind the row id. ``odd`` columns held values of a foreign type since the arrays were made.
    """

    def __init__(self, kinds: Sequence[int], most: int, room: int) -> None:
        from gis.store.row_kernels import TEXT

        columns = len(kinds)
        self.kinds, self.rows = np.array(kinds, dtype=np.int64), 0
        self.odd = np.zeros(columns, dtype=np.bool_)
        self._fids = np.empty(most, dtype=np.int64)
        self._numbers = np.empty((columns, most), dtype=np.float64)
        self._filled = np.empty((columns, most), dtype=np.bool_)
        self._ends = np.zeros((columns, most + 1), dtype=np.int64)
        self._bytes = [_bytes(room * most if kind >= TEXT else 0) for kind in kinds]
        self._digits = np.empty(16, dtype=np.uint8)

    def read(self, native: NativeConnection, prepared: int) -> bool:
        """Step through a statement until there are no more rows or no more of them fit; whether it has ended."""
        from gis.store.row_kernels import DONE, FULL, fetch

        native.go_on()
        self.rows, ended = 0, FULL
        pending = False
        while ended == FULL:
            numbers = self._numbers
            places = np.array([some.ctypes.data for some in self._bytes], dtype=np.int64)
            rooms = np.array([len(some) for some in self._bytes], dtype=np.int64)
            self.rows, ended, full = fetch(
                functions(), prepared, self.rows, pending, self.kinds, self._fids, numbers, numbers.view(np.int64),
                self._filled, self._ends, places, rooms, self.odd, self._digits,
            )  # fmt: skip
            if ended > DONE:
                native.check(ended - 100)
            pending = ended == FULL
            if pending:
                larger = _bytes(2 * len(self._bytes[full]))
                larger[: len(self._bytes[full])] = self._bytes[full]
                self._bytes[full] = larger
        return ended == DONE

    @property
    def fids(self) -> NDArray[np.int64]:
        """Row ids; as all that follows, until the next reading."""
        return self._fids[: self.rows]

    def filled(self, column: int) -> NDArray[np.bool_]:
        """Which rows have a value."""
        return self._filled[column, : self.rows]

    def reals(self, column: int) -> NDArray[np.float64]:
        """A column of numbers, NaN where a row has none."""
        return self._numbers[column, : self.rows]

    def integers(self, column: int) -> NDArray[np.int64]:
        """A column of whole numbers (0 where a row has none), of seconds (NaT), or the sizes of blobs."""
        return self._numbers.view(np.int64)[column, : self.rows]

    def ends(self, column: int) -> NDArray[np.int64]:
        """Where each text or blob begins, and behind them where the last one ends."""
        return self._ends[column, : self.rows + 1]

    def bytes(self, column: int) -> NDArray[np.uint8]:
        """Texts or blobs, laid end to end."""
        return self._bytes[column][: self._ends[column, self.rows]]


def _bytes(room: int) -> NDArray[np.uint8]:
    return np.empty((room + 7) & ~7 or 8, dtype=np.uint8)


def _arrow(arrays: RowArrays, at: int) -> Any:
    from gis.store.row_kernels import REAL, TEXT

    filled = arrays.filled(at)
    if arrays.kinds[at] != TEXT:
        numbers = arrays.reals(at) if arrays.kinds[at] == REAL else arrays.integers(at)
        return pa.array(numbers.copy(), mask=~filled)  # Arrow would take the array itself
    if not filled.any():
        return pa.nulls(arrays.rows, pa.large_string())
    texts = text_array(filled, arrays.ends(at).copy(), arrays.bytes(at).copy())
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:  # bytes that are no UTF-8, written by another program
        raw = [some.as_py() for some in texts.cast(pa.large_binary())]
        texts = pa.array(
            [None if some is None else some.decode(errors="replace") for some in raw], texts.type
        )
    return texts


def text_array(filled: NDArray[np.bool_], ends: NDArray[np.int64], texts: NDArray[np.uint8]) -> Any:
    """Texts laid end to end as an Arrow array, which keeps ``ends`` and ``texts`` themselves; not validated."""
    present = None if filled.all() else pa.py_buffer(np.packbits(filled, bitorder="little"))
    return pa.Array.from_buffers(
        pa.large_string(), len(filled), [present, pa.py_buffer(ends), pa.py_buffer(texts)]
    )
