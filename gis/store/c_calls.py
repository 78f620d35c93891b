"""Calls of C functions, by their addresses, in loops that numba compiles: of SQLite, one row or cell at a time."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["copied", "double_of", "int_of", "long_of"]

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


int_of, long_of, double_of = _called("i"), _called("q"), _called("d")


def _copying(_context: Any, _target: Any, _source: Any, _size: Any) -> Any:
    """Copy bytes from one address to another."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        to, origin = builder.inttoptr(values[0], byte), builder.inttoptr(values[1], byte)
        memcpy: Any = cgutils.raw_memcpy
        memcpy(builder, to, origin, values[2], 1)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


copied: Any = intrinsic(_copying)
