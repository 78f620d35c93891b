"""Loops compiled to machine code by numba, once on a machine: the code is kept on disk beside the source."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

_GIS = Path(__file__).resolve().parent


def _own_folder() -> Path:
    """Where the code of these very sources is kept; that of other ones is thrown away.

    numba itself asks only whether the file of a loop has changed, not those of the loops that it calls.
    """
    texts = [path.read_bytes() for path in sorted(_GIS.rglob("*.py"))]
    loops = hashlib.sha256(b"".join(text for text in texts if b"from gis.compiled import" in text))
    kept = _GIS / "__pycache__"
    own = kept / f"loops-{loops.hexdigest()[:16]}"
    for other in kept.glob("loops-*"):
        if other != own:
            shutil.rmtree(other, ignore_errors=True)
    return own


if getattr(sys, "frozen", False):  # an installed program has no source folder to keep compiled code in
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path.home() / ".parkline" / "compiled"))
elif os.access(_GIS, os.W_OK):
    os.environ.setdefault("NUMBA_CACHE_DIR", str(_own_folder()))

from numba import njit  # noqa: E402 - reads the folder when it is loaded

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
