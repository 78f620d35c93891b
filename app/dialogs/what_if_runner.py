"""Runs scenarios while a control moves: the latest wish counts, quick checks first, slow ones once it rests."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gis.text import tr

if TYPE_CHECKING:
    from app.session import Session
    from app.tasks import Task
    from gis.progress import Progress
    from layers.checks.result import CheckResult
    from layers.project import Project
    from layers.scenarios.scenario import Scenario
    from layers.scenarios.trial import Trial

__all__ = ["ScenarioRunner"]

# Seconds that a check may take to be run again at every step of a moving control.
_QUICK = 0.2
_REST = 350  # ms without a step until the slower ones follow


class ScenarioRunner(QObject):
    """The trial of one project on one day, and the results of the scenarios that are shown.

    ``columns`` are the results without a scenario and under each, in order; while slow checks wait they are missing
    there.
    """

    prepared = Signal()
    arrived = Signal()
    failed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.trial: Trial | None = None
        self.columns: list[list[CheckResult]] = []
        self.complete = False
        self._preparing: Task | None = None
        self._wanted: list[Scenario] = []
        self._asked = 0  # counts what was asked for; ``_answered`` is the last of it that has results
        self._answered = -1
        self._running = False
        self._all = False  # whether slow checks are wanted, too
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._rested)

    def prepare(self, day: dt.date) -> None:
        """Read the tables and run all checks on a day, in the background."""
        if self._preparing is not None:
            self._preparing.cancel()
        self.trial = None

        def work(project: Project, progress: Progress) -> Trial:
            from layers.scenarios.trial import Trial

            return Trial.of_project(project, day, progress=progress)

        def done(trial: Trial) -> None:
            self.trial = trial
            self._asked += 1
            self._all = True
            self.prepared.emit()
            self._go()

        self._preparing = self._session.read(
            work, done, title=tr("准备情景推演"), owner=self, failed=self._gone_wrong
        )

    def show(self, scenarios: list[Scenario], *, moving: bool = False) -> None:
        """Run these scenarios; ``moving`` leaves slow checks for later."""
        self._wanted = scenarios
        self._asked += 1
        if moving:
            self._rest.start()
        else:
            self._all = True
        self._go()

    def _rested(self) -> None:
        self._all = True
        self._go()

    def _go(self) -> None:
        """Run what was asked for last, unless something runs: its end looks again."""
        trial = self.trial
        if trial is None or self._running:
            return
        if self._answered == self._asked and (self.complete or not self._all):
            return
        only = None if self._all else trial.quick(_QUICK)
        self._running, self._all = True, False
        asked, wanted = self._asked, list(self._wanted)

        def work(_project: Project, progress: Progress) -> list[list[CheckResult]]:
            return [trial.run(item, only=only, progress=progress) for item in wanted]

        def done(results: list[list[CheckResult]]) -> None:
            self._running = False
            if trial is self.trial:
                self._answered = asked
                self.columns = [trial.base, *results]
                self.complete = all(len(column) == len(trial.base) for column in results)
                self.arrived.emit()
            self._go()

        def failed(error: Exception) -> None:
            self._running = False
            self._gone_wrong(error)

        quick = only is not None
        self._session.read(
            work, done, title=tr("推演情景"), quiet=quick, owner=self, failed=failed, first=True
        )

    def _gone_wrong(self, error: Exception) -> None:
        from gis.progress import Cancelled

        if not isinstance(error, Cancelled):
            self._session.tasks.failed.emit(error)
        self.failed.emit()
