"""Ctrl-C while rows are written: stopped before they stand or not at all, and it is known which."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gis.progress import Cancelled, Progress

__all__ = ["stopping_at_progress"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping_at_progress(progress: Progress) -> Iterator[Progress]:
    """Gives a progress that raises ``Cancelled`` once an interrupt has come; a second interrupt acts at once.

    Python would raise ``KeyboardInterrupt`` anywhere, also just after a transaction was committed, and the user
    would be told that nothing was written.
    """
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            signal.default_int_handler(number, frame)
        asked = True

    def report(fraction: float, message: str) -> None:
        if asked:
            raise Cancelled
        progress(fraction, message)

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    try:
        yield report
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
