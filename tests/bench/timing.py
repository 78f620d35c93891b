"""How benches measure: best of several runs, and the peak of memory while our part runs."""

from __future__ import annotations

import re
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

__all__ = ["Memory", "Timing", "repeat"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class Timing(Generic[_T]):
    """Seconds of every run, on the clock and of processors, and what the last one returned."""

    seconds: tuple[float, ...]
    processor_seconds: tuple[float, ...]
    result: _T

    @property
    def best(self) -> float:
        """The run that other processes disturbed least."""
        return min(self.seconds)

    @property
    def best_processor(self) -> float:
        """Processor time of all threads: tells more than the clock where other work keeps the machine busy."""
        return min(self.processor_seconds)

    @property
    def median(self) -> float:
        """The middle run."""
        return statistics.median(self.seconds)


def repeat(work: Callable[[], _T], *, most: int = 9, budget: float = 10.0) -> Timing[_T]:
    """Run ``work`` up to ``most`` times, but start no further run once ``budget`` seconds are spent."""
    seconds: list[float] = []
    processor: list[float] = []
    while True:
        started, processor_started = time.perf_counter(), time.process_time()
        result = work()
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - processor_started)
        if len(seconds) >= most or sum(seconds) + seconds[-1] > budget:
            return Timing(tuple(seconds), tuple(processor), result)
        # Freed here, or freeing it would count as part of the next run.
        del result


class Memory:
    """Resident memory of this process in MB: before our part, and its peak from then on.

    Linux lets a process set its peak back, so that the making of the input does not count. Elsewhere the
    peak is that of the whole process so far.
    """

    def __init__(self) -> None:
        reset = Path("/proc/self/clear_refs")
        if reset.exists():
            reset.write_text("5")
        self.before = _status("VmRSS")

    def figures(self) -> dict[str, float]:
        """To be called before the reference runs."""
        return {"memory_before_mb": round(self.before, 1), "peak_memory_mb": round(_status("VmHWM"), 1)}


def _status(name: str) -> float:
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(rf"^{name}:\s+(\d+) kB", status.read_text(), re.MULTILINE)):
        return int(found[1]) / 1024
    # kB on most systems, bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
