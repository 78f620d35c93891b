"""Threads that work while somebody moves the map or types step back behind the window's own."""

from __future__ import annotations

import os
import sys
import threading

__all__ = ["give_way"]

_STEPS = 5  # of Linux's 20: a third of the time of a thread that does not give way, as long as there is one


def give_way() -> None:
    """Let this thread run after those that do not: the window's thread then gets a processor the moment it wakes.

    With two processors and two threads that draw, it waited for one of them to have had its turn, up to 8 ms a step of
    a pan. Only on Linux: Windows prefers the window that is worked in by itself, and there a thread that gives way gets
    nothing at all beside a long check.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        given = os.getpriority(os.PRIO_PROCESS, thread)  # a program may have been started in the background
        os.setpriority(os.PRIO_PROCESS, thread, max(given, _STEPS))
