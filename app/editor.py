"""The one way by which edits of the window are saved: prepared and weighed in a worker, asked about, stored whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from gis.errors import ParkLineError
from gis.progress import Cancelled, scaled
from gis.text import tr

if TYPE_CHECKING:
    from app.session import Session
    from gis.progress import Progress
    from layers.editing.ahead import Ahead
    from layers.editing.edit import Edit
    from layers.editing.unit_figures import UnitFigures
    from layers.editing.warnings import EditWarning
    from layers.project import Project

__all__ = ["Answer", "Editor", "Weighed"]

# Called once with the reason ("" where none is needed), or with None to go back and change the edit.
Answer = Callable[[str | None], None]


@dataclass(frozen=True)
class Weighed:
    """An edit that is not stored yet, the land that it takes from industry, and what it makes of the units."""

    edit: Edit
    warnings: tuple[EditWarning, ...]
    figures: tuple[UnitFigures, ...]

    @property
    def needs_reason(self) -> bool:
        """Whether it is saved only with a reason."""
        return any(item.needs_reason for item in self.warnings)


@dataclass(frozen=True, slots=True)
class _Stored:
    """An edit that went through; ``entry`` is None where it changed nothing."""

    edit: Edit
    entry: int | None


@dataclass(frozen=True, slots=True)
class _Order:
    """An edit that was asked for, and whom to tell how it ended."""

    build: Callable[[Project, Progress], Edit]
    title: str
    done: Callable[[], None] | None
    refused: Callable[[], None] | None
    ahead: Ahead | None


class Editor(QObject):
    """Saves one edit after the other; those that come meanwhile wait in order.

    An edit that warns about lost industrial land is put to ``ask``, which the window sets, before it is saved.
    Without anybody to ask it is refused with the error that `layers.editing.save.save` raises.
    """

    saved = Signal(object)  # the Edit
    refused = Signal(str)  # the title of an edit that was not saved
    state_changed = Signal()  # ``busy`` or ``writable``

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._waiting: deque[_Order] = deque()
        self._order: _Order | None = None
        self.ask: Callable[[Weighed, Answer], None] | None = None
        session.project_opened.connect(self.state_changed)
        session.project_closed.connect(self._forget)
        session.access_changed.connect(self.state_changed)

    @property
    def busy(self) -> bool:
        """Whether an edit is being prepared, asked about or saved."""
        return self._order is not None

    @property
    def writable(self) -> bool:
        """Whether there is a project that can be edited."""
        project = self._session.project
        return project is not None and project.is_writable

    def submit(
        self,
        build: Callable[[Project, Progress], Edit],
        title: str,
        *,
        done: Callable[[], None] | None = None,
        refused: Callable[[], None] | None = None,
        ahead: Ahead | None = None,
    ) -> None:
        """Prepare an edit by ``build`` in a worker and save it as one transaction, which one undo takes back.

        ``title`` names the job while it runs. ``done`` is called once it is stored (or comes to nothing),
        ``refused`` if it is not: an error, which the user has been told, a cancel, or 返回修改.
        ``ahead``: the edit that ``build`` gives may have been weighed before.
        """
        order = _Order(build, title, done, refused, ahead)
        problem = self._hindrance()
        if problem is not None:
            self._session.tasks.failed.emit(problem)
            self._refuse(order)
            return
        self._waiting.append(order)
        self._next()

    def _hindrance(self) -> ParkLineError | None:
        """What keeps the project from being edited now."""
        if self._session.project is None:
            return ParkLineError(tr("没有打开的项目。"), hint=tr("先打开或新建一个项目。"))
        holder = self._session.guard.holder
        if holder is not None:
            from gis.store.ownership import LockedError

            return LockedError(holder, self._session.project.path)
        if not self.writable:
            return ParkLineError(
                tr("项目是只读的，不能编辑。"),
                hint=tr("用“另存副本”写到可以写入的地方，再打开那个副本编辑。"),
                file=self._session.project.path,
            )
        others = [] if self.busy else self._session.tasks.writing
        if others:
            return ParkLineError(
                tr("“{job}”尚未完成，现在不能编辑。", job=others[0].title),
                hint=tr("等它结束，或在状态栏里取消它，再试一次。"),
            )
        return None

    # --- one edit -------------------------------------------------------------------------------------

    def _next(self) -> None:
        if self._order is not None or not self._waiting:
            return
        order = self._order = self._waiting.popleft()
        self.state_changed.emit()
        known, day = tuple(self._session.fresh_results), self._session.as_of

        def work(project: Project, progress: Progress) -> _Stored | Weighed:
            from layers.editing.ahead import weighed
            from layers.editing.save import save
            from layers.editing.unit_figures import unit_figures

            edit = order.build(project, scaled(progress, 0.0, 0.5))
            if not edit:
                return _Stored(edit, None)
            progress(0.5, tr("检查这次编辑"))
            ahead = order.ahead
            if ahead is None or ahead.edit is not edit or not ahead.holds(project):
                ahead = weighed(project, edit)
            warnings = ahead.warnings
            if all(item.sliver for item in warnings):
                progress(0.8, tr("保存这次编辑"))
                return _Stored(edit, save(project, edit, warnings=warnings, checked=True))
            progress(0.7, tr("计算各单元的储备和比例"))
            units = [item.unit for item in warnings]
            return Weighed(edit, warnings, tuple(unit_figures(project, edit, units, day=day, known=known)))

        def arrived(result: _Stored | Weighed) -> None:
            if isinstance(result, Weighed):
                self._put(order, result)
            else:
                self._stored(order, result)

        self._run(order, work, arrived)

    def _put(self, order: _Order, weighed: Weighed) -> None:
        """Ask what to do about an edit that warns."""
        if self.ask is None:
            self._save(order, weighed, "")
            return

        def answered(reason: str | None) -> None:
            if self._order is not order:  # the project was closed meanwhile
                return
            if reason is None:
                self._end(order, saved=False)
            else:
                self._save(order, weighed, reason)

        self.ask(weighed, answered)

    def _save(self, order: _Order, weighed: Weighed, reason: str) -> None:
        def work(project: Project, progress: Progress) -> _Stored:
            from layers.editing.save import save

            progress(0.5, tr("保存这次编辑"))
            entry = save(project, weighed.edit, reason=reason, warnings=weighed.warnings, checked=True)
            return _Stored(weighed.edit, entry)

        self._run(order, work, lambda stored: self._stored(order, stored))

    def _run(
        self, order: _Order, work: Callable[[Project, Progress], Any], arrived: Callable[[Any], None]
    ) -> None:
        def failed(error: Exception) -> None:
            if not isinstance(error, Cancelled):
                self._session.tasks.failed.emit(error)
            self._end(order, saved=False)

        self._session.read(work, arrived, title=order.title, failed=failed, writes=True, first=True)

    def _stored(self, order: _Order, stored: _Stored) -> None:
        if stored.entry is not None:
            self._session.changed()
        self._end(order, saved=True)
        self.saved.emit(stored.edit)

    def _end(self, order: _Order, *, saved: bool) -> None:
        if self._order is not order:
            return
        self._order = None
        if not saved:
            self._refuse(order)
        elif order.done is not None:
            order.done()
        self.state_changed.emit()
        self._next()

    def _refuse(self, order: _Order) -> None:
        if order.refused is not None:
            order.refused()
        self.refused.emit(order.title)

    def _forget(self) -> None:
        """The project is closed: what was under way or waiting is not saved any more."""
        orders = [*([self._order] if self._order is not None else []), *self._waiting]
        self._order = None
        self._waiting.clear()
        for order in orders:
            self._refuse(order)
        self.state_changed.emit()
