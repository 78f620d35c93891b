"""The loop that steps through a statement of SQLite and puts its columns into arrays, without a Python object a cell.

Python's sqlite3 takes a fifth of a microsecond for each cell of a row, half of it with Python's lock: half a minute for
the 69 columns of a million parcels. This loop takes a twentieth of that, and other threads go on meanwhile.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled, inlined
from gis.store.c_calls import copied, double_of, int_of, long_of

__all__ = ["BLOB", "DATE", "DONE", "FULL", "INTEGER", "NO_DATE", "REAL", "TEXT", "fetch"]

REAL, INTEGER, DATE, TEXT, BLOB = 0, 1, 2, 3, 4  # how a column is kept
FULL, DONE = 1, 2  # why the loop ends; above: the result code of SQLite, a hundred more
NO_DATE = -(2**63)  # numpy's NaT
_ROW, _END = 100, 101  # of sqlite3.h, as the next
_OF_INTEGER, _OF_REAL, _OF_TEXT, _OF_BLOB, _NULL = 1, 2, 3, 4, 5
_DAY = 86_400  # seconds
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@inlined
def _two(digits: NDArray[np.uint8], at: int) -> int:
    """The number that two digits stand for; below any year if they are none."""
    high, low = np.int64(digits[at]) - 48, np.int64(digits[at + 1]) - 48
    return int(high * 10 + low) if 0 <= high <= 9 and 0 <= low <= 9 else -100_000


@compiled
def _seconds(digits: NDArray[np.uint8]) -> int:
    """Seconds from 1970 to the beginning of the day that ten bytes (2024-03-01) name; ``NO_DATE`` if they name none.

    Days are counted as in Howard Hinnant's days_from_civil: years of March to February, eras of 400 of them.
    """
    year = _two(digits, 0) * 100 + _two(digits, 2)
    month, day = _two(digits, 5), _two(digits, 8)
    if digits[4] != 45 or digits[7] != 45 or year < 1 or month < 1 or month > 12 or day < 1:
        return NO_DATE
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > _LENGTHS[month - 1] + (1 if leap and month == 2 else 0):
        return NO_DATE
    if month <= 2:
        year -= 1
    of_era = year % 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = year // 400 * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days * _DAY


@compiled
def fetch(
    functions: NDArray[np.int64],
    statement: int,
    row: int,
    pending: bool,
    kinds: NDArray[np.int64],
    fids: NDArray[np.int64],
    reals: NDArray[np.float64],
    integers: NDArray[np.int64],
    filled: NDArray[np.bool_],
    ends: NDArray[np.int64],
    places: NDArray[np.int64],
    rooms: NDArray[np.int64],
    odd: NDArray[np.bool_],
    digits: NDArray[np.uint8],
) -> tuple[int, int, int]:
    """Step until the arrays are full, from position ``row`` on.

    Returns the number of rows, why it ended (0, ``FULL`` or ``DONE``), and which column was full.

    ``functions``: addresses of sqlite3_step, _column_type, _column_int64, _column_double, _column_text,
    _column_bytes and _column_blob. The first column is the row id, of the others ``kinds`` says how each is kept.
    Shapes: ``fids`` (most,), ``reals``, ``integers`` (the same memory) and ``filled`` (columns, most), ``ends``
    (columns, most + 1). Texts and blobs are laid end to end at the address ``places[column]``, which has
    ``rooms[column]`` bytes; a blob begins where eight bytes do, and its size is its integer. A DATE becomes seconds
    since 1970. Missing numbers are NaN, 0 and ``NO_DATE``.

    After ``FULL`` a row stands there that did not fit: the next call is ``pending``. A value of a foreign type counts
    as missing (but a number among texts is its digits), and marks its column as ``odd``. ``digits`` is room for 16.
    """
    most = len(fids)
    while row < most:
        if not pending:
            code = int_of(functions[0], statement, 0)
            if code == _END:
                return row, DONE, 0
            if code != _ROW:
                return row, 100 + code, 0
        pending = False
        fids[row] = long_of(functions[2], statement, 0)
        for column in range(len(kinds)):
            found = int_of(functions[1], statement, column + 1)
            kept = kinds[column]
            filled[column, row] = False
            if kept == REAL:
                if found in (_OF_REAL, _OF_INTEGER):
                    reals[column, row] = double_of(functions[3], statement, column + 1)
                    filled[column, row] = True
                    continue
                reals[column, row] = np.nan
            elif kept == INTEGER:
                integers[column, row] = 0
                if found in (_OF_INTEGER, _OF_REAL):
                    integers[column, row] = long_of(functions[2], statement, column + 1)
                    filled[column, row] = True
                    odd[column] |= found == _OF_REAL
                    continue
            elif kept == DATE:
                integers[column, row] = NO_DATE
                if found == _OF_TEXT:
                    size = int_of(functions[5], statement, column + 1)
                    if size == 10:
                        copied(digits.ctypes.data, long_of(functions[4], statement, column + 1), 10)
                        integers[column, row] = _seconds(digits)
                    filled[column, row] = integers[column, row] != NO_DATE
                    odd[column] |= size != 0 and not filled[column, row]
                    continue
            else:
                end = ends[column, row]
                ends[column, row + 1] = end
                of_blob = found == _OF_BLOB
                if found != _NULL and of_blob == (kept == BLOB):
                    source = long_of(functions[6 if of_blob else 4], statement, column + 1)
                    size = int_of(functions[5], statement, column + 1)
                    if end + size > rooms[column]:
                        return row, FULL, column
                    copied(places[column] + end, source, size)
                    filled[column, row] = True
                    ends[column, row + 1] = (end + size + 7) & ~7 if of_blob else end + size
                    if of_blob:
                        integers[column, row] = size
                    odd[column] |= not of_blob and found != _OF_TEXT
                    continue
            odd[column] |= found != _NULL
        row += 1
    return row, 0, 0
