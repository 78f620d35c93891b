"""Python's collector of reference cycles, held back while much is read and worked out."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_resting"]

_guard = threading.Lock()
_resting = 0
_MUCH = 20_000  # objects


@contextmanager
def collector_resting() -> Iterator[None]:
    """Let the collector rest until all who asked for it are done.

    It goes through all objects there are with Python's lock in its hand, again and again: with the rows of a
    million parcels in lists, a window stood still for up to half a second each time. Almost nothing a job makes is
    a cycle; what is goes afterwards. Where very much was made (modules loaded, rows read), the collector is not to look
    through it at all: it would do so in the middle of an event of the window.
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
                if gc.get_count()[0] > _MUCH:
                    gc.freeze()
                gc.enable()
