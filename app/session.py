"""The open project as the window's parts see it: what is open, selected, judged, and when that changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from app.settings import Settings
from app.tasks import Tasks
from gis.progress import Progress
from gis.text import tr

if TYPE_CHECKING:
    from layers.checks.result import CheckResult
    from layers.checks.rezoning import Rezoning
    from layers.project import Project

__all__ = ["Session"]


class Session(QObject):
    """One open project at most. Every part of the window subscribes here and to nothing else.

    Heavy modules (geopandas behind ``layers.project``) are imported in workers only.
    """

    project_opened = Signal(object)  # Project
    project_closed = Signal()
    project_changed = Signal()  # rows were written: import, undo, edit
    as_of_changed = Signal()  # the day or the year of the checks
    results_changed = Signal()  # new CheckResults in ``results``
    comparison_changed = Signal()  # new pieces in ``comparison``
    selection_changed = Signal(str, list)  # table, uuids

    def __init__(self, tasks: Tasks, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tasks = tasks
        self.settings = settings
        self.project: Project | None = None
        self.results: list[CheckResult] = []
        self.comparison: Rezoning | None = None
        self.compared: tuple[str, str] | None = None
        self.as_of: dt.date | None = None
        self.year: int | None = None
        self.selected: tuple[str, list[str]] = ("", [])

    # --- open and close ------------------------------------------------------------------------------

    def open(self, path: str | Path) -> None:
        """Open a project file in the background and put it in the place of the present one."""

        def work(progress: Progress) -> Project:
            progress(0.0, tr("打开 {name}", name=Path(path).name))
            from layers.project import Project

            return Project.open(path)

        self.tasks.run(work, self.adopt, title=tr("打开项目"))

    def create(
        self, path: Path, name: str, epsg: int, policy_text: str | None, codes_csv: str | None
    ) -> None:
        """Make an empty project file and open it."""

        def work(progress: Progress) -> Project:
            progress(0.0, tr("新建 {name}", name=path.name))
            from layers.project import Project

            return Project.create(
                path,
                epsg=epsg,
                name=name,
                policy_text=policy_text,
                policy_name=name if policy_text else "",
                land_use_csv=codes_csv,
            )

        self.tasks.run(work, self.adopt, title=tr("新建项目"))

    def open_demo(self, path: Path) -> None:
        """Open the demo project, making it first where there is none."""

        def work(progress: Progress) -> Project:
            from layers.project import Project

            if path.exists():
                return Project.open(path)
            from layers.demo import generate

            return generate(path, progress=progress)

        self.tasks.run(work, self.adopt, title=tr("准备示例项目"))

    def adopt(self, project: Project) -> None:
        """Make an opened project the present one."""
        self.close()
        self.project = project
        self.as_of = project.as_of
        self.year = project.as_of.year
        self.settings.remember_project(project.path)
        self.project_opened.emit(project)
        self.check()

    def close(self) -> None:
        """Close the project once nothing reads it any more."""
        if self.project is None:
            return
        self.tasks.cancel_all()
        self.tasks.wait()
        old, self.project = self.project, None
        self.results, self.comparison, self.compared = [], None, None
        self.selected = ("", [])
        self.project_closed.emit()
        self.tasks.wait()
        old.close()

    # --- reading -------------------------------------------------------------------------------------

    def read(
        self,
        work: Callable[[Project, Progress], Any],
        done: Callable[[Any], None],
        *,
        title: str = "",
        quiet: bool = False,
        failed: Callable[[Exception], None] | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Run ``work(project, progress)`` in the background.

        The answer is dropped if the project is closed meanwhile or the asking object (``owner``) is gone.
        """
        project = self.project
        if project is None:
            return

        def arrived(result: Any) -> None:
            if self.project is project and (owner is None or isValid(owner)):
                done(result)

        self.tasks.run(
            lambda progress: work(project, progress), arrived, title=title, quiet=quiet, failed=failed
        )

    # --- judging -------------------------------------------------------------------------------------

    def set_period(self, as_of: dt.date, year: int) -> None:
        """Judge as of another day and for another year."""
        if (as_of, year) != (self.as_of, self.year):
            self.as_of, self.year = as_of, year
            self.as_of_changed.emit()
            self.check()

    def check(self) -> None:
        """Run all checks in the background; ``results_changed`` tells when they are there."""
        as_of, year = self.as_of, self.year

        def done(results: list[CheckResult]) -> None:
            if (as_of, year) == (self.as_of, self.year):
                self.results = results
                self.results_changed.emit()

        self.read(
            lambda project, progress: project.check(as_of=as_of, year=year, progress=progress),
            done,
            title=tr("运行检查"),
        )

    def compare(self, before: str, after: str) -> None:
        """Compare two snapshots of the plan in the background."""

        def done(result: Rezoning) -> None:
            self.comparison, self.compared = result, (before, after)
            self.comparison_changed.emit()

        self.read(
            lambda project, progress: project.compare(before, after, progress),
            done,
            title=tr("比较规划快照"),
        )

    # --- writing -------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Say that rows were written; everything that shows them reads again."""
        self.comparison, self.compared = None, None
        self.project_changed.emit()
        self.check()

    def undo(self) -> None:
        """Reverse the last action."""
        self.read(lambda project, _: project.store.undo(), self._reversed, title=tr("撤销"))

    def redo(self) -> None:
        """Reverse the last undo."""
        self.read(lambda project, _: project.store.redo(), self._reversed, title=tr("重做"))

    def _reversed(self, entry: object) -> None:
        if entry is not None:
            self.changed()

    # --- selection -----------------------------------------------------------------------------------

    def select(self, table: str, uuids: Sequence[str]) -> None:
        """Select rows of one table everywhere: map, table, card."""
        chosen = (table, list(uuids))
        if chosen != self.selected:
            self.selected = chosen
            self.selection_changed.emit(table, list(uuids))
