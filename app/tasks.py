"""Long work off the UI thread: progress, Cancel, and a result or an error that always arrives on the UI thread.

Jobs run in Python threads that live as long as the program. Not in a QThreadPool: a QRunnable gets a new
Python thread state for each run, pyproj frees its PROJ context with the old one, and the next use of a CRS
in that pool crashes the process (measured with pyproj 3.7.2 and PySide6 6.9.3: three runs of three).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gis.collector import collector_resting
from gis.progress import Cancelled, Progress

__all__ = ["Task", "Tasks"]

_log = logging.getLogger(__name__)
_HOLD = 2000  # ms that jobs wait at most for the one that is to be seen first
_REPORT_EVERY = 0.05  # seconds: more often than the eye can follow is wasted work for the UI thread


class Task:
    """One running job, as its starter sees it. ``quiet`` jobs show no progress bar.

    ``writes`` says that rows or a file come of it: nobody closes the window over it without being asked.
    ``group`` is what it works on, so that all jobs on one thing can be cancelled. ``waiting`` for its time, it is
    neither seen nor does it keep anybody from anything.
    """

    def __init__(self, number: int, title: str, quiet: bool, writes: bool, group: object) -> None:
        self.number = number
        self.title = title
        self.quiet = quiet
        self.writes = writes
        self.group = group
        self.fraction = 0.0
        self.message = title
        self.finished = False
        self.waiting = False
        self._stop = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked the job to stop."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the job to stop; it does at its next progress report."""
        self._stop.set()


class _Job:
    """Runs the work in a pool thread and posts what comes of it."""

    def __init__(self, task: Task, work: Callable[[Progress], Any], owner: Tasks) -> None:
        self._task, self._work, self._owner = task, work, owner
        self._last = 0.0

    def run(self) -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            if self._task.cancelled:
                raise Cancelled
            with collector_resting():
                result = self._work(self._report)
        except BaseException as problem:  # delivered to the UI thread
            error = problem
        self._owner.ended.emit(self._task.number, (result, error))

    def _report(self, fraction: float, message: str) -> None:
        if self._task.cancelled:
            raise Cancelled
        now = time.monotonic()
        if now - self._last >= _REPORT_EVERY or fraction >= 1.0:
            self._last = now
            self._owner.reported.emit(self._task.number, float(fraction), message)


class Tasks(QObject):
    """All jobs of the program. Live on the UI thread; ``shutdown`` before it ends."""

    reported = Signal(int, float, str)  # task number, fraction, message; posted by workers
    ended = Signal(int, object)  # task number, (result, error); posted by workers
    changed = Signal()  # a job began, moved on or ended
    failed = Signal(object)  # an error that the starter did not take itself

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max(3, os.cpu_count() or 1), thread_name_prefix="job")
        self._jobs: dict[int, tuple[Task, Callable[[Any], None], Callable[[Exception], None] | None]] = {}
        self._futures: set[Future[None]] = set()
        self._next = 1
        self._closed = False
        self._held: list[_Job] | None = None  # None: nothing is held back
        self._later: dict[int, _Job] = {}  # by task number: those whose time has not come
        self._release = QTimer(self)
        self._release.setSingleShot(True)
        self._release.setInterval(_HOLD)
        self._release.timeout.connect(self.release)
        self.reported.connect(self._on_reported)
        self.ended.connect(self._on_ended)

    @property
    def running(self) -> list[Task]:
        """Jobs that have not ended, oldest first."""
        return [job[0] for job in self._jobs.values()]

    def run(
        self,
        work: Callable[[Progress], Any],
        done: Callable[[Any], None],
        *,
        title: str = "",
        failed: Callable[[Exception], None] | None = None,
        quiet: bool = False,
        writes: bool = False,
        group: object = None,
        first: bool = False,
        after: float = 0.0,
    ) -> Task:
        """Run ``work(progress)`` in a thread, then ``done(result)`` here; ``first`` passes those held back.

        ``after`` so many seconds; cancelled before, it ends then without having begun.
        A ``Cancelled`` goes to ``failed`` only; any other error to ``failed``, else to the signal of that name.
        What a job that ``writes`` has written is told even if it was cancelled too late.
        """
        task = Task(self._next, title, quiet, writes, group)
        self._next += 1
        if self._closed:
            task.cancel()
            task.finished = True
            return task
        self._jobs[task.number] = (task, done, failed)
        self._futures = {future for future in self._futures if not future.done()}
        job = _Job(task, work, self)
        if after > 0.0:
            task.waiting = True
            self._later[task.number] = job
            QTimer.singleShot(round(after * 1000), self, partial(self._due, task))
        else:
            self._start(job, first=first)
        self.changed.emit()
        return task

    def _start(self, job: _Job, *, first: bool) -> None:
        if self._held is not None and not first:
            self._held.append(job)
        else:
            self._futures.add(self._pool.submit(job.run))

    def _due(self, task: Task) -> None:
        """A job's time has come, unless it was begun before or everything is ending."""
        job = self._later.pop(task.number, None)
        if job is not None and not self._closed:
            task.waiting = False
            self._start(job, first=False)
            self.changed.emit()

    def hold(self) -> None:
        """Hold jobs back that are not ``first``, until ``release`` or for a moment at most: they would share the
        processor, and Python's lock, with what the user waits for.
        """
        if self._held is None:
            self._held = []
        self._release.start()

    def release(self) -> None:
        """Let the jobs run that were held back."""
        held, self._held = self._held or [], None
        self._release.stop()
        if not self._closed:
            self._futures.update(self._pool.submit(job.run) for job in held)

    @property
    def writing(self) -> list[Task]:
        """Running jobs that write rows or a file."""
        return [task for task in self.running if task.writes]

    def cancel_all(self, group: object = None) -> None:
        """Ask every job, or every job of a group, to stop."""
        for task in self.running:
            if group is None or task.group is group:
                task.cancel()

    def wait(self, seconds: float = 30.0) -> bool:
        """Block until no job runs (results still arrive later). False if time ran out."""
        for number in list(self._later):
            self._due(self._jobs[number][0])
        self.release()
        return not wait(self._futures, timeout=seconds).not_done

    def shutdown(self) -> None:
        """Cancel and wait; nothing is delivered any more."""
        self._closed = True
        self.cancel_all()
        if not self.wait():
            _log.warning("a job did not stop in time")
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._jobs.clear()

    @Slot(int, float, str)
    def _on_reported(self, number: int, fraction: float, message: str) -> None:
        if number in self._jobs:
            task = self._jobs[number][0]
            task.fraction = min(max(fraction, 0.0), 1.0)
            task.message = message or task.title
            self.changed.emit()

    @Slot(int, object)
    def _on_ended(self, number: int, outcome: tuple[Any, BaseException | None]) -> None:
        job = self._jobs.pop(number, None)
        if job is None:
            return
        task, done, failed = job
        task.finished = True
        self.changed.emit()
        result, error = outcome
        if error is None and (task.writes or not task.cancelled):
            done(result)
        elif error is None or isinstance(error, Cancelled):
            if failed is not None:
                failed(Cancelled())
        elif isinstance(error, Exception) and failed is not None:
            failed(error)
        else:
            self.failed.emit(error)
