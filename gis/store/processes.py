"""Who runs the program, and whether a process of this machine still runs under its number."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

__all__ = ["is_running", "login_name", "started_at"]

_QUERY_LIMITED = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
_STILL_ACTIVE = 259
_START_TIME = 19  # place in /proc/PID/stat behind the name in brackets: clock ticks since the machine started


def login_name() -> str:
    """The account behind the program; empty where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no account behind the process (container, service)
        return ""


def is_running(pid: int, started: str) -> bool:
    """Whether the process of that number that began at ``started`` runs; in doubt yes."""
    now = started_at(pid)
    if now and started:
        return now == started
    if sys.platform == "win32":
        return now != ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def started_at(pid: int) -> str:
    """When a process began, in whatever the system counts; empty if it does not run or the system does not say."""
    if sys.platform == "win32":
        return _started_on_windows(pid)
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
        fields = text.rpartition(")")[2].split()
        if fields[0] in ("Z", "X"):  # it has ended and waits for its parent to notice
            return "ended"
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {fields[_START_TIME]}"
    except (OSError, IndexError):
        return ""


def _started_on_windows(pid: int) -> str:
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(_QUERY_LIMITED, False, pid)
        if not handle:
            return ""
        try:
            code = wintypes.DWORD()
            if kernel.GetExitCodeProcess(handle, ctypes.byref(code)) and code.value != _STILL_ACTIVE:
                return "ended"
            times = [wintypes.FILETIME() for _ in range(4)]
            if not kernel.GetProcessTimes(handle, *(ctypes.byref(item) for item in times)):
                return "unknown"
            return f"{times[0].dwHighDateTime}:{times[0].dwLowDateTime}"
        finally:
            kernel.CloseHandle(handle)
    return ""
