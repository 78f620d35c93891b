"""Whether the map's loops are being compiled just now; apart from ``linked``, so that asking loads nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["announced", "compiling"]

_now = threading.Event()


def compiling() -> bool:
    """Whether a picture waits for loops that this machine has not compiled yet."""
    return _now.is_set()


@contextmanager
def announced() -> Iterator[None]:
    """Around the compiling, on whichever thread; one at a time."""
    _now.set()
    try:
        yield
    finally:
        _now.clear()
