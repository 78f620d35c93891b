"""Whole columns read through the very SQLite library that Python's sqlite3 uses, straight into Arrow arrays.

It has to be that library and no other of the kind: when one of two in a process closes the file, POSIX drops the locks
of the other (see ``gis.store.connection``). Where its functions cannot be reached there is no such reading.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gis.store.schema import ColumnType

__all__ = ["NativeConnection", "available"]

_PORTION = 16384  # rows: small enough to be stopped between two
_ROOM = 32  # bytes of text a cell at first; portions end sooner where texts are longer
_READ_ONLY, _ANY_THREAD, _URI = 0x1, 0x8000, 0x40
_CALLED = ("step", "column_type", "column_int64", "column_double", "column_text", "column_bytes")


@cache
def _library() -> Any:
    """The library behind sqlite3, or None: its symbols are found through the module that is linked with it."""
    try:
        library = ctypes.CDLL("sqlite3.dll" if sys.platform == "win32" else _sqlite3.__file__)
        version = library.sqlite3_libversion
        version.restype = ctypes.c_char_p
        if version().decode() != sqlite3.sqlite_version:
            return None
        for name in _CALLED:
            getattr(library, f"sqlite3_{name}")
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        library.sqlite3_open_v2.argtypes = [text, pointer, ctypes.c_int, text]
        library.sqlite3_prepare_v2.argtypes = [pointer, text, ctypes.c_int, pointer, pointer]
        library.sqlite3_busy_timeout.argtypes = [pointer, ctypes.c_int]
        library.sqlite3_exec.argtypes = [pointer, text, pointer, pointer, pointer]
        library.sqlite3_errmsg.argtypes, library.sqlite3_errmsg.restype = [pointer], text
        for name in ("finalize", "close_v2", "interrupt", "extended_errcode"):
            getattr(library, f"sqlite3_{name}").argtypes = [pointer]
    except (OSError, AttributeError):
        return None
    return library


@cache
def _addresses() -> NDArray[np.int64]:
    """Of the functions that the loop calls."""
    functions = [getattr(_library(), f"sqlite3_{name}") for name in _CALLED]
    return np.array([ctypes.cast(some, ctypes.c_void_p).value for some in functions], dtype=np.int64)


def available() -> bool:
    """Whether columns can be read this way here."""
    return _library() is not None


class NativeConnection:
    """A connection for reading of one thread; another may interrupt it. Errors are those of sqlite3."""

    portion = _PORTION
    room = _ROOM

    def __init__(self, address: str, wait: float) -> None:
        self._library = _library()
        self._handle = ctypes.c_void_p()
        flags = _READ_ONLY | _ANY_THREAD | _URI
        code = self._library.sqlite3_open_v2(address.encode(), ctypes.byref(self._handle), flags, None)
        try:
            self._check(code)
            self._library.sqlite3_busy_timeout(self._handle, round(wait * 1000))
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        handle, self._handle = self._handle, ctypes.c_void_p()
        self._library.sqlite3_close_v2(handle)

    def interrupt(self) -> None:
        """Have the reading end with an error, from another thread; not once it is closed."""
        if self._handle:
            self._library.sqlite3_interrupt(self._handle)

    def execute(self, statement: str) -> None:
        """Run a statement without results."""
        self._check(self._library.sqlite3_exec(self._handle, statement.encode(), None, None, None))

    def columns(
        self, statement: str, kinds: Sequence[ColumnType]
    ) -> Iterator[tuple[NDArray[np.int64], list[Any]]]:
        """Row ids and Arrow arrays of the columns behind them, in portions, from a SELECT of both."""
        from gis.store.row_kernels import DONE, FULL, fetch

        prepared = ctypes.c_void_p()
        self._check(
            self._library.sqlite3_prepare_v2(
                self._handle, statement.encode(), -1, ctypes.byref(prepared), None
            )
        )
        try:
            arrays = _Arrays([_kept(kind) for kind in kinds], self.portion, self.room * self.portion)
            pending = False
            while True:
                rows, ended = fetch(_addresses(), int(prepared.value or 0), pending, *arrays.arguments)
                if ended > DONE:
                    self._check(ended - 100)
                if rows:
                    yield arrays.taken(rows)
                if ended == DONE:
                    return
                pending = ended == FULL
                if pending and not rows:
                    arrays = arrays.roomier()
        finally:
            self._library.sqlite3_finalize(prepared)

    def _check(self, code: int) -> None:
        if code == sqlite3.SQLITE_OK:
            return
        extended = self._library.sqlite3_extended_errcode(self._handle) if self._handle else code
        message = self._library.sqlite3_errmsg(self._handle).decode() if self._handle else "out of memory"
        damaged = code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        error = (sqlite3.DatabaseError if damaged else sqlite3.OperationalError)(message)
        error.sqlite_errorcode = extended if extended & 0xFF == code & 0xFF else code
        raise error


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
