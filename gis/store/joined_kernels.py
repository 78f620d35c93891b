"""The loop that lays rows with geometry end to end: blobs as bytes, the values that decide a look as a class number.

Linked like the map's other loops (``gis.draw.linked``), because the first picture waits for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.draw.linked import entry, outside

__all__ = [
    "BLOBS_FULL", "DONE", "INTEGER", "KEYS_FULL", "MADE", "NULL", "REAL", "ROWS", "TEXT", "USED", "fetch_joined"
]  # fmt: skip

BLOBS_FULL, KEYS_FULL, DONE = 1, 2, 3  # why a portion ends; above: the result code of SQLite, a hundred more
ROWS, USED, MADE = 0, 1, 2  # places in ``state``: rows read, bytes of blobs, and combinations known so far
_ROW, _END = 100, 101  # of sqlite3.h, as the next
INTEGER, REAL, TEXT, BLOB, NULL = 1, 2, 3, 4, 5
_PRIME, _SEED, _SHIFT = 1099511628211, -3750763034362895579, 29  # the hash is FNV-1a


@outside("gis.store.c_calls")
def int_of(_address: int, _statement: int, _column: int) -> int:
    """Call a C function that returns an int."""
    raise NotImplementedError


@outside("gis.store.c_calls")
def long_of(_address: int, _statement: int, _column: int) -> int:
    """Call a C function that returns 64 bits."""
    raise NotImplementedError


@outside("gis.store.c_calls")
def double_of(_address: int, _statement: int, _column: int) -> float:
    """Call a C function that returns a double."""
    raise NotImplementedError


@outside("gis.store.c_calls")
def copied(_target: int, _source: int, _size: int) -> None:
    """Copy bytes from one address to another."""
    raise NotImplementedError


@entry(
    "i8:1",
    "i",
    "i",
    "i",
    "i8:1",
    "i8:1",
    "i8:1",
    "i",
    "i",
    "u1:1",
    "i",
    "i8:1",
    "i8:1",
    "f8:1",
    "i8:1",
    "i8:1",
)
def fetch_joined(
    functions: Any,
    statement: int,
    columns: int,
    pending: int,
    fids: Any,
    sizes: Any,
    classes: Any,
    blobs: int,
    room: int,
    keys: Any,
    keys_at: int,
    ends: Any,
    slots: Any,
    real: Any,
    bits: Any,
    state: Any,
) -> int:
    """Step until the arrays are full. Returns why it ended: 0, ``BLOBS_FULL``, ``KEYS_FULL`` or ``DONE``.

    ``functions``: addresses of sqlite3_step, _column_type, _column_int64, _column_double, _column_text, _column_bytes
    and _column_blob. The statement gives the row id, the geometry and ``columns`` values. ``fids``, ``sizes`` and
    ``classes`` are (most,), ``blobs`` the address of ``room`` bytes. ``keys`` are the combinations of values that
    occurred, each cell a byte of its type and the bytes of the value (a text with its length before it), up to
    ``ends``; ``keys_at`` is their address. ``slots`` is the hash table over them, a power of two and
    longer than ``ends``, -1 where free.
    ``real`` and ``bits`` are the same 8 bytes. After ``BLOBS_FULL`` or ``KEYS_FULL`` a row stands there that did not
    fit: the next call is ``pending``. A BLOB among the values counts as missing, whatever else is a geometry too.
    """
    most = len(fids)
    row, used, made = 0, 0, state[MADE]
    why = 0
    while row < most:
        if not pending:
            code = int_of(functions[0], statement, 0)
            if code != _ROW:
                why = DONE if code == _END else 100 + code
                break
        pending = 0
        size: Any = 0
        if int_of(functions[1], statement, 1) == BLOB:
            source = long_of(functions[6], statement, 1)
            size = np.int64(int_of(functions[5], statement, 1))
            if used + size > room:
                state[USED] = size
                why = BLOBS_FULL
                break
            copied(blobs + used, source, size)
        begin = ends[made]
        end = begin
        for column in range(2, columns + 2):
            kind = np.int64(int_of(functions[1], statement, column))
            length: Any = 0
            source = 0
            if kind == TEXT:
                source = long_of(functions[4], statement, column)
                length = np.int64(int_of(functions[5], statement, column))
            if end + length + 9 > len(keys):
                why = KEYS_FULL
                break
            keys[end] = kind if kind != BLOB else NULL
            end += 1
            if kind == TEXT:
                for k in range(4):
                    keys[end + k] = (length >> (8 * k)) & 255
                copied(keys_at + end + 4, source, length)
                end += 4 + length
            elif kind in (INTEGER, REAL):
                if kind == INTEGER:
                    bits[0] = long_of(functions[2], statement, column)
                else:
                    real[0] = double_of(functions[3], statement, column)
                for k in range(8):
                    keys[end + k] = (bits[0] >> (8 * k)) & 255
                end += 8
        if why == KEYS_FULL or made + 1 >= len(ends):
            why = KEYS_FULL
            break
        mixed = np.int64(_SEED)
        for k in range(begin, end):
            mixed = (mixed ^ np.int64(keys[k])) * _PRIME
        slot = (mixed ^ (mixed >> _SHIFT)) & (len(slots) - 1)
        while True:
            found = slots[slot]
            if found < 0:
                found = made
                slots[slot] = made
                made += 1
                ends[made] = end
                break
            first = ends[found]
            same = ends[found + 1] - first == end - begin
            k = 0
            while same and k < end - begin:
                same = keys[first + k] == keys[begin + k]
                k += 1
            if same:
                break
            slot = (slot + 1) & (len(slots) - 1)
        fids[row] = long_of(functions[2], statement, 0)
        sizes[row] = size
        classes[row] = found
        used += size
        row += 1
    state[ROWS], state[MADE] = row, made
    if why != BLOBS_FULL:
        state[USED] = used
    return why
