"""Letting go of very many geometries without keeping Python's lock meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["release_slowly"]

_PORTION = 2_000  # geometries: about a millisecond
_FEW = 20_000


def release_slowly(arrays: Iterable[NDArray[np.object_]]) -> threading.Thread | None:
    """Keep the geometries until their owners have gone, then drop them bit by bit in the background.

    An array that is freed drops all its objects in one go: a million geometries take two seconds, in which no other
    thread, a window's neither, does anything. Call it before the last owner lets go. None: there are few.
    """
    kept = [array.copy() for array in arrays if len(array) > _FEW]
    if not kept:
        return None
    thread = threading.Thread(target=_drop, args=(kept,), name="release", daemon=True)
    thread.start()
    return thread


def _drop(kept: list[NDArray[np.object_]]) -> None:
    time.sleep(0.2)  # the owners go first
    while kept:
        array = kept.pop()
        for start in range(0, len(array), _PORTION):
            array[start : start + _PORTION] = None
            time.sleep(0)
