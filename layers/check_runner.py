"""Running many checks on the same tables: two at a time, stopped between two."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache

from gis.progress import Progress
from gis.text import tr
from layers.checks.registry import Check
from layers.checks.result import CheckResult

__all__ = ["run_all"]

_MOST = 2  # more wait for each other, over Python's lock
_LOOK = 0.1  # seconds between two looks whether somebody cancels


def run_all(
    checks: Sequence[Check], run: Callable[[Check], CheckResult], progress: Progress
) -> list[CheckResult]:
    """The results in the order of the checks. ``progress`` is called from this thread and may raise ``Cancelled``.

    The first error of a check, by their order, is raised; no further check is begun then.
    """
    if not checks:
        return []
    # In their order: what one check has worked out of a table, the next ones are given.
    futures: list[Future[CheckResult]] = [_lanes().submit(run, check) for check in checks]
    try:
        while (done := sum(future.done() for future in futures)) < len(futures):
            under_way = next(
                check for check, future in zip(checks, futures, strict=True) if not future.done()
            )
            progress(done / len(futures), tr("检查：{title}", title=under_way.title))
            failed = next((future for future in futures if future.done() and future.exception()), None)
            if failed is not None:
                break
            wait([future for future in futures if not future.done()], _LOOK, "FIRST_COMPLETED")
        return [future.result() for future in futures]
    finally:
        for future in futures:
            future.cancel()
        wait([future for future in futures if not future.cancelled()])


@lru_cache(maxsize=1)
def _lanes() -> ThreadPoolExecutor:
    """Threads that stay: pyproj frees what belongs to a thread with it, while results still have a CRS from there."""
    return ThreadPoolExecutor(min(_MOST, os.cpu_count() or 1), thread_name_prefix="check")
