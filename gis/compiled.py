"""Loops compiled to machine code by numba, once on a machine: the code is kept on disk beside the source."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

if getattr(sys, "frozen", False):  # an installed program has no source folder to keep compiled code in
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path.home() / ".parkline" / "compiled"))

from numba import njit

__all__ = ["compiled", "inlined"]

_Loop = TypeVar("_Loop", bound=Callable[..., Any])


def compiled(loop: _Loop) -> _Loop:
    """Compile a function over arrays. It runs without Python's lock, so other threads go on meanwhile.

    Fast-math stays off: it would let the compiler assume that no coordinate is NaN.
    """
    return cast("_Loop", njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")(loop))


def inlined(loop: _Loop) -> _Loop:
    """Part of a compiled function, copied to where it is called: a call costs more than a comparison or two."""
    return cast("_Loop", njit(nogil=True, boundscheck=False, error_model="numpy", inline="always")(loop))
