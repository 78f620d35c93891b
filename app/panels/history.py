"""History: every transaction of the project, who, when, why and how many rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.panels.frame_model import Cell, ListModel
from app.panels.widgets import EmptyHint, fit_columns, table
from app.session import Session
from gis.text import mark, tr
from layers.registry import RECORDS, TABLES

if TYPE_CHECKING:
    from gis.store.base import JournalEntry

__all__ = ["History"]

_HEADERS = (mark("时间"), mark("用户"), mark("操作"), mark("事由"), mark("状态"), mark("变动"))
_KINDS = {
    "edit": mark("编辑"), "import": mark("导入"), "undo": mark("撤销"), "redo": mark("重做"), "create": mark("新建"),
    "migrate": mark("升级"),
}  # fmt: skip
_SHOWN = 500


class History(QWidget):
    """The journal, newest first."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._stale = True
        self.model = ListModel([tr(text) for text in _HEADERS])
        self.view = table(self.model)
        self.view.verticalHeader().hide()
        self.view.setAccessibleName(tr("历史"))
        EmptyHint(self.view, tr("项目的每次改动都记在这里：何时、何人、为什么、多少行。"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        session.project_opened.connect(self.reload)
        session.project_changed.connect(self.reload)
        session.project_closed.connect(self._empty)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Catch up."""
        super().showEvent(event)
        if self._stale:
            self.reload()

    def reload(self, *_: object) -> None:
        """Read the journal again, when it is seen."""
        self._stale = True
        if self._session.project is not None and self.isVisible():
            self._stale = False
            self._session.read(
                lambda project, _progress: project.store.journal(limit=_SHOWN),
                self._arrived,
                quiet=True,
                owner=self,
            )

    def _empty(self) -> None:
        self.model.fill([])

    def _arrived(self, entries: list[JournalEntry]) -> None:
        self.model.fill([(_cells(entry), entry) for entry in entries])
        fit_columns(self.view, most=420)
        self.view.horizontalHeader().setStretchLastSection(True)


def _cells(entry: JournalEntry) -> list[Cell]:
    titles = {spec.name: spec.title for spec in (*TABLES, *RECORDS)}
    titles |= {"snapshot": tr("规划快照"), "dataset": tr("导入来源")}
    counts = []
    for name, (born, retired) in entry.counts.items():
        parts = [f"+{born:,}" if born else "", f"−{retired:,}" if retired else ""]
        counts.append(" ".join([titles.get(name, name), *filter(None, parts)]))
    state = tr("已撤销") if entry.undone else ""
    return [
        Cell(_local(entry.at), entry.at),
        Cell(entry.who),
        Cell(tr(_KINDS[entry.kind]) if entry.kind in _KINDS else entry.kind),
        Cell(entry.why),
        Cell(state),
        Cell(tr("；").join(counts)),
    ]


def _local(moment: str) -> str:
    """UTC of the journal in the clock of the desk."""
    try:
        value: Any = dt.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    except ValueError:
        return moment
    if value.tzinfo is None:
        value = value.replace(tzinfo=dt.UTC)
    return str(value.astimezone().strftime("%Y-%m-%d %H:%M:%S"))
