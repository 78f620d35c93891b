"""A connection through the very SQLite library that Python's sqlite3 uses, for compiled loops that step through rows.

It has to be that library and no other of the kind: when one of two in a process closes the file, POSIX drops the locks
of the other (see ``gis.store.connection``). Where its functions cannot be reached there is no such reading.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["NativeConnection", "available", "functions"]

_PORTION = 16384  # rows: small enough to be stopped between two
_ROOM = 32  # bytes of text a cell at first; portions end sooner where texts are longer
_READ_ONLY, _ANY_THREAD, _URI = 0x1, 0x8000, 0x40
_FILE = "sqlite3.dll" if sys.platform == "win32" else _sqlite3.__file__
_COPIED = ctypes.c_void_p(-1)  # SQLITE_TRANSIENT: SQLite takes a copy of the text
_CALLED = (
    "step",
    "column_type",
    "column_int64",
    "column_double",
    "column_text",
    "column_bytes",
    "column_blob",
)


@cache
def _library() -> Any:
    """The library behind sqlite3, or None: its symbols are found through the module that is linked with it."""
    try:
        library = ctypes.CDLL(_FILE)
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
def _brief() -> Any:
    """The same library for calls of less than a microsecond: to give up Python's lock for one may cost milliseconds.

    Another thread that has taken it keeps it for a while, and the reading would stand still so long for every value.
    """
    brief = ctypes.PyDLL(_FILE)
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    brief.sqlite3_bind_int64.argtypes = [pointer, ctypes.c_int, ctypes.c_int64]
    brief.sqlite3_bind_double.argtypes = [pointer, ctypes.c_int, ctypes.c_double]
    brief.sqlite3_bind_text.argtypes = [pointer, ctypes.c_int, text, ctypes.c_int, pointer]
    brief.sqlite3_bind_null.argtypes = [pointer, ctypes.c_int]
    brief.sqlite3_reset.argtypes = [pointer]
    return brief


@cache
def functions() -> NDArray[np.int64]:
    """Addresses of the functions that the loops call: step, then those of a column."""
    found = [getattr(_library(), f"sqlite3_{name}") for name in _CALLED]
    return np.array([ctypes.cast(some, ctypes.c_void_p).value for some in found], dtype=np.int64)


def available() -> bool:
    """Whether columns can be read this way here."""
    return _library() is not None


class NativeConnection:
    """A connection for reading of one thread; another may interrupt it. Errors are those of sqlite3."""

    portion = _PORTION
    room = _ROOM

    def __init__(self, address: str, wait: float) -> None:
        self._library = _library()
        self._handle, self._interrupted = ctypes.c_void_p(), False
        flags = _READ_ONLY | _ANY_THREAD | _URI
        code = self._library.sqlite3_open_v2(address.encode(), ctypes.byref(self._handle), flags, None)
        try:
            self.check(code)
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
        self._interrupted = True
        if self._handle:
            self._library.sqlite3_interrupt(self._handle)

    def go_on(self) -> None:
        """Raise the error of an interruption: SQLite forgets one that comes while no statement is being stepped."""
        if self._interrupted:
            error = sqlite3.OperationalError("interrupted")
            error.sqlite_errorcode = sqlite3.SQLITE_INTERRUPT
            raise error

    def execute(self, statement: str) -> None:
        """Run a statement without results."""
        self.check(self._library.sqlite3_exec(self._handle, statement.encode(), None, None, None))

    @contextmanager
    def prepared(self, statement: str, values: Sequence[object] = ()) -> Iterator[int]:
        """The address of a prepared statement with the values of its parameters, for a loop to step through."""
        made = ctypes.c_void_p()
        self.check(
            self._library.sqlite3_prepare_v2(self._handle, statement.encode(), -1, ctypes.byref(made), None)
        )
        try:
            self.bind(int(made.value or 0), values)
            yield int(made.value or 0)
        finally:
            self._library.sqlite3_finalize(made)

    def bind(self, prepared: int, values: Sequence[object]) -> None:
        """Have a prepared statement begin anew, with these values of its parameters; None is NULL."""
        brief = _brief()
        brief.sqlite3_reset(prepared)  # gives the error of the last step again
        for number, value in enumerate(values, 1):
            if isinstance(value, str):
                text = value.encode()
                code = brief.sqlite3_bind_text(prepared, number, text, len(text), _COPIED)
            elif isinstance(value, float):
                code = brief.sqlite3_bind_double(prepared, number, value)
            elif isinstance(value, int):
                code = brief.sqlite3_bind_int64(prepared, number, value)
            elif value is None:
                code = brief.sqlite3_bind_null(prepared, number)
            else:
                raise TypeError(f"no parameter: {type(value).__name__}")
            self.check(code)

    def check(self, code: int) -> None:
        """Raise the error that a result code of SQLite stands for."""
        if code == sqlite3.SQLITE_OK:
            return
        extended = self._library.sqlite3_extended_errcode(self._handle) if self._handle else code
        message = self._library.sqlite3_errmsg(self._handle).decode() if self._handle else "out of memory"
        damaged = code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        error = (sqlite3.DatabaseError if damaged else sqlite3.OperationalError)(message)
        error.sqlite_errorcode = extended if extended & 0xFF == code & 0xFF else code
        raise error
