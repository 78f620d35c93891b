"""The loop that steps through a statement of SQLite and puts its columns into arrays, without a Python object a cell.

Python's sqlite3 takes a fifth of a microsecond for each cell of a row, half of it with Python's lock: half a minute for
the 69 columns of a million parcels. This loop takes a twentieth of that, and other threads go on meanwhile.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from gis.compiled import compiled

__all__ = ["DONE", "FULL", "INTEGER", "REAL", "TEXT", "fetch"]

REAL, INTEGER, TEXT = 0, 1, 2  # how a column is kept
FULL, DONE = 1, 2  # why a portion ends; above: the result code of SQLite, a hundred more
_ROW, _END, _NULL, _BLOB, _OF_TEXT = 100, 101, 5, 4, 3  # of sqlite3.h
_LLVM = {"q": ir.IntType(64), "i": ir.IntType(32), "d": ir.DoubleType()}
_NUMBA: dict[str, Any] = {"q": types.int64, "i": types.int32, "d": types.float64}


def _called(result: str) -> Any:
    """A function that calls the C function at an address with a statement and the number of a column.

    Addresses are arguments, not constants: they differ from run to run, and the compiled loop is kept on disk.
    """

    def call(_context: Any, _address: Any, _statement: Any, _column: Any) -> Any:
        def generate(_target: Any, builder: Any, _signature: Any, values: Any) -> Any:
            kind = ir.FunctionType(_LLVM[result], [_LLVM["q"], _LLVM["i"]])
            function = builder.inttoptr(values[0], kind.as_pointer())
            return builder.call(function, [values[1], builder.trunc(values[2], _LLVM["i"])])

        return _NUMBA[result](types.int64, types.int64, types.int64), generate

    made: Any = intrinsic(call)
    return made


_int_of, _long_of, _double_of = _called("i"), _called("q"), _called("d")


def _copying(_context: Any, _target: Any, _source: Any, _size: Any) -> Any:
    """Copy bytes from one address to another."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        to, origin = builder.inttoptr(values[0], byte), builder.inttoptr(values[1], byte)
        memcpy: Any = cgutils.raw_memcpy
        memcpy(builder, to, origin, values[2], 1)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


_copied: Any = intrinsic(_copying)


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
            code = _int_of(functions[0], statement, 0)
            if code == _END:
                return row, DONE
            if code != _ROW:
                return row, 100 + code
        pending = False
        fids[row] = _long_of(functions[2], statement, 0)
        for column in range(len(kinds)):
            found = _int_of(functions[1], statement, column + 1)
            kept = kinds[column]
            if kept == TEXT:
                end = ends[column, row]
                filled[column, row] = found not in (_NULL, _BLOB)
                if filled[column, row]:
                    source = _long_of(functions[4], statement, column + 1)
                    size = _int_of(functions[5], statement, column + 1)
                    if end + size > room:
                        return row, FULL
                    _copied(base + column * room + end, source, size)
                    end += size
                ends[column, row + 1] = end
            elif found in (_NULL, _BLOB, _OF_TEXT):
                filled[column, row] = False
            else:
                filled[column, row] = True
                if kept == REAL:
                    reals[column, row] = _double_of(functions[3], statement, column + 1)
                else:
                    integers[column, row] = _long_of(functions[2], statement, column + 1)
        row += 1
    return row, 0
