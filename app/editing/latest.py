"""Questions that the moving mouse asks: answered off the UI thread, only the newest of each kind."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from gis.errors import ParkLineError
from gis.progress import Cancelled

__all__ = ["Latest"]

_log = logging.getLogger("parkline")


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    kind: str
    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None] | None


class Latest(QObject):
    """One thread of its own, so that a long job in the pool never keeps the hand waiting.

    A question replaces the one of its kind that has not been taken up; an answer that a newer question of the
    kind, or ``forget``, has overtaken is dropped. Answers come on the UI thread.
    """

    _answered = Signal(object)  # (question, result, error)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[str, _Question] = {}
        self._newest: dict[str, _Question] = {}
        self._working = False
        self._ended = False
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._answered.connect(self._deliver)

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return bool(self._newest)

    def ask(
        self,
        kind: str,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run ``work`` as soon as the thread is free, then ``done(result)`` here.

        ``failed`` is given the error; without it an error is no answer. A bug is in the log by then.
        """
        question = _Question(kind, work, done, failed)
        with self._wake:
            if self._ended:
                return
            self._waiting[kind] = self._newest[kind] = question
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="editing", daemon=True)
                self._thread.start()
            self._wake.notify()

    def forget(self, kind: str) -> None:
        """No answer of that kind is wanted any more."""
        with self._wake:
            self._waiting.pop(kind, None)
            self._newest.pop(kind, None)

    def shut_down(self) -> None:
        """End the thread and wait for it; nothing is delivered any more."""
        with self._wake:
            self._ended = True
            self._waiting.clear()
            self._newest.clear()
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout=10.0)

    def _loop(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._ended:
                    self._wake.wait()
                if self._ended:
                    return
                kind = next(iter(self._waiting))
                question = self._waiting.pop(kind)
            result: Any = None
            error: Exception | None = None
            try:
                result = question.work()
            except Exception as problem:  # a bug in a preview must not end the thread
                error = problem
            with self._wake:
                wanted = not self._ended and self._newest.get(kind) is question
            if not wanted:  # the project may have been closed meanwhile
                continue
            if error is not None and not isinstance(error, ParkLineError | Cancelled):
                _log.error("%s failed", kind, exc_info=error)
            self._answered.emit((question, result, error))

    @Slot(object)
    def _deliver(self, answer: tuple[_Question, Any, Exception | None]) -> None:
        question, result, error = answer
        if self._newest.get(question.kind) is not question:
            return
        self.forget(question.kind)
        if error is None:
            question.done(result)
        elif question.failed is not None:
            question.failed(error)
