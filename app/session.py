"""The open project as the window's parts see it: what is open, selected, judged, and when that changes."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from app.editor import Editor
from app.folders import backup_folder, map_cache
from app.guard import Guard
from app.map_state import MapState
from app.settings import Settings
from app.tasks import Task, Tasks
from gis.errors import ParkLineError
from gis.progress import Cancelled, Progress
from gis.text import tr

if TYPE_CHECKING:
    from app.dialogs.new_project import NewProjectChoice
    from gis.store.backups import Backup, BackupKeeper
    from gis.store.column_cache import ColumnCache
    from gis.store.row_lists import RowLists
    from layers.checks.result import CheckResult
    from layers.checks.rezoning import Rezoning
    from layers.project import Project

__all__ = ["Session"]

_PAUSE = 1.5  # seconds after the last write until the project is checked again
_SETTLED = 0.4  # seconds after another day was chosen until it is judged


class Session(QObject):
    """One open project at most. Every part of the window subscribes here and to nothing else.

    Heavy modules (geopandas behind ``layers.project``) are imported in workers only.
    """

    project_opened = Signal(object)  # Project
    project_closed = Signal()
    project_changed = Signal()  # rows were written: import, undo, edit
    map_day_changed = Signal()  # another day for map and table
    as_of_changed = Signal()  # the day or the year of the checks
    results_changed = Signal()  # new CheckResults in ``results``
    comparison_changed = Signal()  # new pieces in ``comparison``
    selection_changed = Signal(str, object)  # table, uuids: Qt would copy a list text by text
    reversible_changed = Signal()  # another action would be undone or redone
    rewritten = Signal()  # another program has written: nothing that was read before can be relied on
    access_changed = Signal()  # the project can be written now, or cannot any more

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
        self.map_day: dt.date | None = None  # map and table show what stands on that day; None: everything
        self.map_planned = True  # whether there was a plan on that day
        self.selected: tuple[str, list[str]] = ("", [])
        self.map_state: MapState | None = None  # None: nothing decided yet
        self._row_lists: RowLists | None = None
        self._columns: ColumnCache | None = None  # columns of large tables that are kept beside the project
        self.map_first = False  # a map is there, and its picture of a project comes before all other reading
        self.undoable: str | None = None  # what undo would take back, in the words of the journal
        self.redoable: str | None = None
        self._judging: Task | None = None
        self.pause = _PAUSE
        self._fresh = False  # whether ``results`` are of the rows as they are
        self.editor = Editor(self)
        self.guard = Guard(self)
        self._backups: BackupKeeper | None = None

    # --- open and close ------------------------------------------------------------------------------

    def open(self, path: str | Path) -> None:
        """Open a project file in the background and put it in the place of the present one."""

        def work(progress: Progress) -> Project:
            progress(0.0, tr("打开 {name}", name=Path(path).name))
            from layers.project import Project

            return self._prepared(Project.open(path))

        self.tasks.run(work, self.adopt, title=tr("打开项目"))

    def create(self, choice: NewProjectChoice) -> None:
        """Make an empty project file, with the units if a file of them was given, and open it."""

        def work(progress: Progress) -> Project:
            progress(0.0, tr("新建 {name}", name=choice.file.name))
            from layers.new_project import UnitSource, new_project

            made = new_project(
                choice.file,
                name=choice.name,
                policy=choice.policy,
                units=None if choice.units is None else UnitSource(choice.units),
                codes=choice.codes,
                epsg=choice.epsg,
                progress=progress,
            )
            return self._prepared(made.project)

        self.tasks.run(work, self.adopt, title=tr("新建项目"))

    def open_demo(self, path: Path) -> None:
        """Open the demo project, making it first where there is none."""

        def work(progress: Progress) -> Project:
            from layers.project import Project

            if path.exists():
                return self._prepared(Project.open(path))
            from layers.demo import generate

            return self._prepared(generate(path, progress=progress))

        self.tasks.run(work, self.adopt, title=tr("准备示例项目"))

    def open_saved(self, day: dt.date) -> None:
        """Open a copy of the project as it was saved on a day; it stands for that day."""
        from app.folders import saved_state

        project = self.project
        if project is None:
            return
        path = saved_state(project.path, day)

        def work(progress: Progress) -> Project:
            from layers.project import Project
            from layers.saved_state import write_saved_state

            write_saved_state(project, day, path, progress)
            return self._prepared(Project.open(path))

        self.tasks.run(work, self.adopt, title=tr("还原 {day} 的存档", day=day.isoformat()), group=project)

    def adopt(self, project: Project) -> None:
        """Make an opened project the present one. The checks wait for the window to ask for them."""
        self.close()
        self.project = project
        self.as_of = project.as_of
        self.year = project.as_of.year
        self._columns = self._column_cache(project)
        self.map_state = MapState.from_text(self.settings.map_state(project.path))
        self.settings.remember_project(project.path)
        if self.map_first:
            self.tasks.hold()
        self.project_opened.emit(project)
        self._look_back()
        # The modules are loaded by now and stay: the collector need not go through them again in every job,
        # with Python's lock in its hand (80 ms each time).
        gc.freeze()

    def close(self) -> None:
        """Let go of the project. Its file is closed in the background, once its jobs have stopped."""
        if self.project is None:
            return
        old = self._let_go()
        self.project_closed.emit()
        self.tasks.run(lambda _progress: old(), lambda _: None, title=tr("关闭项目"), quiet=True)

    def _let_go(self) -> Callable[[], None]:
        """Forget the project; what is returned closes its file."""
        old = self.project
        assert old is not None  # noqa: S101 - both callers have looked
        if self.map_state is not None:
            self.settings.set_map_state(old.path, self.map_state.as_text())
        self.tasks.cancel_all(old)
        self.tasks.release()
        columns, self._columns = self._columns, None
        self.project, self.map_state, self._row_lists = None, None, None
        self.results, self.comparison, self.compared, self._fresh = [], None, None, False
        self.map_day, self.map_planned = None, True
        self.selected = ("", [])
        self._show_reversible((None, None))
        return old.close if columns is None else columns.close

    def shut_down(self) -> None:
        """End all jobs and close the file before the program ends."""
        old = self._let_go() if self.project is not None else None
        self.tasks.shutdown()
        if old is not None:
            old()

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
        writes: bool = False,
        first: bool = False,
        after: float = 0.0,
    ) -> Task | None:
        """Run ``work(project, progress)`` in the background; None if there is no project.

        The answer is dropped if the project is closed meanwhile or the asking object (``owner``) is gone.
        ``writes``, ``first`` and ``after`` as in ``Tasks.run``.
        """
        project = self.project
        if project is None:
            return None

        def wanted() -> bool:
            return self.project is project and (owner is None or isValid(owner))

        def arrived(result: Any) -> None:
            if wanted():
                done(result)

        def gone_wrong(error: Exception) -> None:
            if not wanted():  # a store that is closed under a job is no news
                return
            if failed is not None:
                failed(error)
            elif not isinstance(error, Cancelled):
                self.tasks.failed.emit(error)

        return self.tasks.run(
            lambda progress: work(project, progress),
            arrived,
            title=title,
            quiet=quiet,
            failed=gone_wrong,
            writes=writes,
            group=project,
            first=first,
            after=after,
        )

    def row_lists(self) -> RowLists:
        """The lists of rows of the open project, shared by whatever sorts and filters."""
        from gis.store.row_lists import RowLists

        if self._row_lists is None:
            assert self.project is not None  # noqa: S101 - nobody asks before a project is open
            self._row_lists = RowLists(self.project.store, self._columns)
        return self._row_lists

    @staticmethod
    def _column_cache(project: Project) -> ColumnCache:
        from gis.store.column_cache import ColumnCache

        return ColumnCache(project.store, map_cache(project.path))

    # --- judging -------------------------------------------------------------------------------------

    def set_day(self, day: dt.date | None, *, planned: bool = True) -> None:
        """The one day of map, table, checks and print; None is the project's own, on which everything is shown.

        ``planned`` tells whether there was a plan on that day.
        """
        if self.project is None or (day, planned) == (self.map_day, self.map_planned):
            return
        self.map_day, self.map_planned = day, planned
        self.as_of = day if day is not None else self.project.as_of
        self.year = self.as_of.year
        self.map_day_changed.emit()
        self.as_of_changed.emit()
        self.check(after=_SETTLED)

    def set_year(self, year: int) -> None:
        """Judge another year, as far as it was known on the day."""
        if year != self.year:
            self.year = year
            self.as_of_changed.emit()
            self.check()

    def check(self, *, after: float = 0.0) -> None:
        """Run all checks in the background, ``after`` so many seconds; ``results_changed`` tells when they are there.

        Checks that run or wait already are given up: edits that follow each other quickly are judged once.
        """
        as_of, year = self.as_of, self.year
        if self._judging is not None:
            self._judging.cancel()

        def done(results: list[CheckResult]) -> None:
            if (as_of, year) == (self.as_of, self.year):
                self.results, self._fresh = results, True
                self.results_changed.emit()

        self._judging = self.read(
            lambda project, progress: project.check(as_of=as_of, year=year, progress=progress),
            done,
            title=tr("运行检查"),
            after=after,
        )

    @property
    def fresh_results(self) -> list[CheckResult]:
        """The results if nothing was written since, else none."""
        return self.results if self._fresh else []

    def say_again(self) -> None:
        """Judge and compare again: titles and explanations of results are in a language."""
        self.check()
        if self.compared is not None:
            self.compare(*self.compared)

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

    def write(
        self,
        work: Callable[[Project, Progress], Any],
        done: Callable[[Any], None],
        *,
        title: str,
        failed: Callable[[Exception], None] | None = None,
        owner: QObject | None = None,
    ) -> Task | None:
        """Run a job that writes rows; whoever shows rows is told afterwards, also if the ``owner`` is gone.

        A job that returns None has written nothing. The state before the first write of a session is kept.
        """

        def kept(project: Project, progress: Progress) -> Any:
            self._keeper().before_write(project.store, progress)
            return work(project, progress)

        def arrived(result: Any) -> None:
            if result is not None:
                self.changed()
            if owner is None or isValid(owner):
                done(result)

        def gone_wrong(error: Exception) -> None:
            if failed is not None and (owner is None or isValid(owner)):
                failed(error)
            elif not isinstance(error, Cancelled):
                self.tasks.failed.emit(error)

        return self.read(kept, arrived, title=title, failed=gone_wrong, writes=True, first=True)

    def expect_write(self) -> None:
        """Keep the present state while nobody waits for it: the first edit is then saved at once."""
        self.read(
            lambda project, progress: self._keeper().ahead(project.store, progress),
            lambda _: None,
            quiet=True,
        )

    def _prepared(self, project: Project) -> Project:
        """The project, taken for writing if nobody else has it, its states kept; in a worker."""
        project.store.claim()
        project.store.changed_outside()  # the first look: what others write from now on is told
        project.store.before_write = lambda: self._keeper().before_write(project.store)
        return project

    def _keeper(self) -> BackupKeeper:
        """Makes the backups of this session; called in workers."""
        if self._backups is None:
            from gis.store.backups import BackupKeeper

            self._backups = BackupKeeper(backup_folder)
        return self._backups

    def changed_outside(self) -> None:
        """Another program has written to the file: everything is read anew."""
        self._row_lists = None
        if self.project is not None:
            self.project.forget()
            if self._columns is not None:
                self._columns.refuse()
            self._columns = self._column_cache(self.project)
        self.rewritten.emit()
        self.changed()

    def restore(self, backup: Backup) -> None:
        """Bring a kept state back into the project's file and open it; the present state is kept as well."""
        if self.project is None:
            return
        path = self.project.path
        old = self._let_go()
        self.project_closed.emit()

        def work(progress: Progress) -> tuple[Project, Exception | None]:
            from gis.store.backups import restore
            from layers.project import Project

            old()
            problem: Exception | None = None
            try:
                restore(path, backup, backup_folder(path), progress=progress)
            except (ParkLineError, OSError, Cancelled) as error:
                problem = error  # the project is as it was, and opened again
            return self._prepared(Project.open(path)), problem

        def done(outcome: tuple[Project, Exception | None]) -> None:
            self.adopt(outcome[0])
            if outcome[1] is not None and not isinstance(outcome[1], Cancelled):
                self.tasks.failed.emit(outcome[1])

        self.tasks.run(work, done, title=tr("从备份恢复"), writes=True)

    def changed(self) -> None:
        """Say that rows were written; everything that shows them reads again, the map first.

        The checks wait for a pause: they would share the processor, and Python's lock, with the next edit.
        """
        self.comparison, self.compared, self._fresh = None, None, False
        if self.map_first:
            self.tasks.hold()
        self.project_changed.emit()
        self._look_back()
        self.check(after=self.pause)

    def undo(self) -> None:
        """Reverse the last action."""
        self.write(lambda project, _: project.store.undo(), lambda _: None, title=tr("撤销"))

    def redo(self) -> None:
        """Reverse the last undo."""
        self.write(lambda project, _: project.store.redo(), lambda _: None, title=tr("重做"))

    def _look_back(self) -> None:
        """Find out what undo and redo would do."""

        def work(project: Project, _progress: Progress) -> tuple[str | None, str | None]:
            from gis.store.history import original

            journal = project.store.journal(limit=None)
            undo, redo = project.store.undoable(), project.store.redoable()
            return (
                None if undo is None else original(undo, journal).why,
                None if redo is None else original(redo, journal).why,
            )

        self.read(work, self._show_reversible, quiet=True)

    def _show_reversible(self, texts: tuple[str | None, str | None]) -> None:
        self.undoable, self.redoable = texts
        self.reversible_changed.emit()

    # --- selection -----------------------------------------------------------------------------------

    def select(self, table: str, uuids: Sequence[str]) -> None:
        """Select rows of one table everywhere: map, table, card."""
        chosen = (table, list(uuids))
        if chosen != self.selected:
            self.selected = chosen
            self.selection_changed.emit(*chosen)
