"""Progress of long work, and the way to stop it."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Cancelled", "Progress", "scaled", "silent"]

# Called with the done fraction (0 to 1) and a translated sentence; may raise Cancelled.
Progress = Callable[[float, str], None]


class Cancelled(Exception):  # noqa: N818 - not an error: the user asked for it
    """The user pressed Cancel; what was done so far is rolled back."""


def silent(fraction: float, message: str) -> None:
    """Report to nobody."""


def scaled(progress: Progress, start: float, end: float) -> Progress:
    """A progress whose 0 to 1 is the part ``start`` to ``end`` of another."""

    def report(fraction: float, message: str) -> None:
        progress(start + (end - start) * fraction, message)

    return report
