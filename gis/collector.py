"""Python's collector of reference cycles, held back while much is read and worked out."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_resting"]

_guard = threading.Lock()
_resting = 0


@contextmanager
def collector_resting() -> Iterator[None]:
    """Let the collector rest until all who asked for it are done.

    It goes through all objects there are with Python's lock in its hand, again and again: with the rows of a
    million parcels in lists, a window stood still for up to half a second each time. Almost nothing a job makes is
    a cycle; what is goes afterwards.
    """
    global _resting
    with _guard:
        _resting += 1
        gc.disable()
    try:
        yield
    finally:
        with _guard:
            _resting -= 1
            if not _resting:
                gc.enable()
