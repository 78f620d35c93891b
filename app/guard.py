"""Watches over the open project's file: who else has it, what others write to it, and whether it is still there."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gis.errors import ParkLineError
from gis.text import tr

if TYPE_CHECKING:
    from app.session import Session
    from gis.progress import Progress
    from gis.store.ownership import Holder
    from layers.project import Project

__all__ = ["Guard", "Notice"]

_LOOK_EVERY = 5000  # ms; a look is one small question to the file, asked in a worker
_log = logging.getLogger("parkline")


@dataclass(frozen=True, slots=True)
class Notice:
    """What the window says above the map: buttons as (name, title); a ``passing`` one can be put away."""

    text: str
    role: str  # info, caution, bad
    actions: tuple[tuple[str, str], ...] = ()
    passing: bool = False


class Guard(QObject):
    """Looks at the file every few seconds and whenever the window is turned to; never on the UI thread."""

    notice_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._looking = False
        self._gone: ParkLineError | None = None
        self._changed_at: dt.datetime | None = None
        self._refused_at: dt.datetime | None = None
        self._said: tuple[Holder | None, frozenset[str]] = (None, frozenset())
        self._remark = ""  # what the last edit leaves to be looked at
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self.look)
        session.project_opened.connect(self._opened)
        session.project_closed.connect(self._closed)
        session.project_changed.connect(self._rows_written)
        session.tasks.failed.connect(self._failed)

    # --- what is said --------------------------------------------------------------------------------

    @property
    def holder(self) -> Holder | None:
        """Who else is writing the project."""
        project = self._session.project
        return None if project is None else project.store.holder

    @property
    def notice(self) -> Notice | None:
        """The gravest thing to say, in the language in use; None if all is well."""
        project = self._session.project
        if project is None:
            return None
        copy, again = ("save_copy", tr("另存副本…")), ("reopen", tr("重新打开"))
        if self._gone is not None:
            return Notice(f"{self._gone.message}{self._gone.hint}", "bad", (copy, again))
        if self.holder is not None:
            text = self.holder.sentence() + tr("现在只能查看，不能修改。")
            if self._refused_at is not None:
                text += tr("{time} 重新尝试时对方仍未关闭。", time=self._refused_at.strftime("%H:%M:%S"))
            return Notice(text, "caution", (("retry", tr("重新尝试")), copy))
        unindexed = project.store.unindexed
        if unindexed:
            text = tr(
                "有 {count} 个图层的空间索引被其他程序删除或损坏：读取仍然正确，但较慢。",
                count=len(unindexed),
            )
            if not project.is_writable:
                return Notice(text, "caution", (copy,))
            text += tr("下次保存时会自动重建。")
            return Notice(text, "caution", (("repair_index", tr("修复空间索引")),))
        if self._changed_at is not None:
            text = tr(
                "{time} 其他程序改动了项目文件，地图、表格和检查已重新读取。",
                time=self._changed_at.strftime("%H:%M:%S"),
            )
            return Notice(text, "info", passing=True)
        return Notice(self._remark, "info", passing=True) if self._remark else None

    def remark(self, text: str) -> None:
        """Say what an edit leaves to be looked at, until it is read or rows are written again; "" takes it back."""
        if text != self._remark:
            self._remark = text
            self.notice_changed.emit()

    def _rows_written(self) -> None:
        self.remark("")

    def dismiss(self) -> None:
        """The user has read the passing notice that stands there."""
        if self._changed_at is not None:
            self._changed_at = None
        else:
            self._remark = ""
        self.notice_changed.emit()

    # --- looking -------------------------------------------------------------------------------------

    def _opened(self) -> None:
        self._gone = self._changed_at = self._refused_at = None
        self._looking, self._remark = False, ""
        self._said = (None, frozenset())
        self._timer.start()
        self._tell()
        self.notice_changed.emit()
        self.look()

    def _closed(self) -> None:
        self._timer.stop()
        self._gone = self._changed_at = self._refused_at = None
        self._looking, self._remark = False, ""
        self.notice_changed.emit()

    def _failed(self, _error: BaseException) -> None:
        """After something went wrong the file is looked at again: the medium may be gone, or somebody else has it."""
        self._tell()
        self.look()

    def _tell(self) -> None:
        """Say so if another one has the project since the last time, or its indexes are gone or there again."""
        project = self._session.project
        if project is None:
            return
        now = (project.store.holder, project.store.unindexed)
        before, self._said = self._said, now
        if now != before:
            self.notice_changed.emit()
        if (now[0] is None) != (before[0] is None):
            self._session.access_changed.emit()

    def look(self) -> None:
        """See whether the file is there and has been changed; one look at a time, however long a share takes."""
        if self._looking or self._session.project is None or self._session.tasks.writing:
            return
        self._looking = True

        def work(project: Project, _progress: Progress) -> bool:
            return project.store.changed_outside()

        def done(changed: bool) -> None:
            self._looking = False
            if self._gone is not None:
                self._gone = None
                self.notice_changed.emit()
            if changed:
                self._changed_at = dt.datetime.now().astimezone()
                self._session.changed_outside()
                self.notice_changed.emit()
            self._tell()

        def failed(error: Exception) -> None:
            self._looking = False
            from gis.store.failures import StorageError

            if isinstance(error, StorageError):
                said = None if self._gone is None else self._gone.message
                self._gone = error
                if said != error.message:
                    self.notice_changed.emit()
            else:
                _log.info("the project file could not be looked at: %s", error)

        if self._session.read(work, done, quiet=True, failed=failed, owner=self) is None:
            self._looking = False

    # --- what can be done ----------------------------------------------------------------------------

    def retry(self) -> None:
        """Ask again whether the project can be written now."""

        def done(holder: Holder | None) -> None:
            self._refused_at = None if holder is None else dt.datetime.now().astimezone()
            self.notice_changed.emit()
            self._tell()
            self.look()

        self._session.read(
            lambda project, _progress: project.store.claim(), done, title=tr("重新尝试"), owner=self
        )

    def repair_index(self) -> None:
        """Make the spatial indexes anew."""

        def work(project: Project, progress: Progress) -> tuple[str, ...] | None:
            progress(0.0, tr("修复空间索引"))
            return project.store.repair_indexes() or None

        self._session.write(work, lambda _: self._tell(), title=tr("修复空间索引"), owner=self)

    def reopen(self) -> None:
        """Open the file that lies at the project's place now."""
        if self._session.project is not None:
            self._session.open(self._session.project.path)
