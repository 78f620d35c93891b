"""The loop that steps through a statement of SQLite and puts its columns into arrays, without a Python object a cell.

Python's sqlite3 takes a fifth of a microsecond for each cell of a row, half of it with Python's lock: half a minute for
the 69 columns of a million parcels. This loop takes a twentieth of that, and other threads go on meanwhile.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled
from gis.store.c_calls import copied, double_of, int_of, long_of

__all__ = ["DONE", "FULL", "INTEGER", "REAL", "TEXT", "fetch"]

REAL, INTEGER, TEXT = 0, 1, 2  # how a column is kept
FULL, DONE = 1, 2  # why a portion ends; above: the result code of SQLite, a hundred more
_ROW, _END, _NULL, _BLOB, _OF_TEXT = 100, 101, 5, 4, 3  # of sqlite3.h


@compiled
def fetch(
    functions: NDArray[np.int64],
    statement: int,
    pending: bool,
    kinds: NDArray[np.int64],
    fids: NDArray[np.int64],
    reals: NDArray[np.float64],
    integers: NDArray[np.int64],
    filled: NDArray[np.bool_],
    ends: NDArray[np.int64],
    texts: NDArray[np.uint8],
) -> tuple[int, int]:
    """Step until the arrays are full. Returns the number of rows and why it ended: 0, ``FULL`` or ``DONE``.

    ``functions``: addresses of sqlite3_step, _column_type, _column_int64, _column_double, _column_text and
    _column_bytes. The first column is the row id, of the others ``kinds`` says how each is kept. Shapes: ``fids``
    (most,), ``reals``, ``integers``, ``filled`` (columns, most), ``ends`` (columns, most + 1), ``texts`` (columns,
    bytes). After ``FULL`` a row stands there that did not fit: the next call is ``pending``. A value of a foreign
    type counts as missing.
    """
    most, room = len(fids), texts.shape[1]
    base = texts.ctypes.data
    row = 0
    while row < most:
        if not pending:
            code = int_of(functions[0], statement, 0)
            if code == _END:
                return row, DONE
            if code != _ROW:
                return row, 100 + code
        pending = False
        fids[row] = long_of(functions[2], statement, 0)
        for column in range(len(kinds)):
            found = int_of(functions[1], statement, column + 1)
            kept = kinds[column]
            if kept == TEXT:
                end = ends[column, row]
                filled[column, row] = found not in (_NULL, _BLOB)
                if filled[column, row]:
                    source = long_of(functions[4], statement, column + 1)
                    size = int_of(functions[5], statement, column + 1)
                    if end + size > room:
                        return row, FULL
                    copied(base + column * room + end, source, size)
                    end += size
                ends[column, row + 1] = end
            elif found in (_NULL, _BLOB, _OF_TEXT):
                filled[column, row] = False
            else:
                filled[column, row] = True
                if kept == REAL:
                    reals[column, row] = double_of(functions[3], statement, column + 1)
                else:
                    integers[column, row] = long_of(functions[2], statement, column + 1)
        row += 1
    return row, 0
