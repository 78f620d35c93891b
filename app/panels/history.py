"""History: every transaction of the project, who, when, why and how many rows; and that of the selected row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from app.panels.frame_model import Cell, ListModel
from app.panels.history_words import kind_word, local_time
from app.panels.row_history import RowHistoryView
from app.panels.widgets import EmptyHint, fit_columns, table
from app.session import Session
from gis.text import mark, tr
from layers.registry import RECORDS, TABLES

if TYPE_CHECKING:
    from gis.store.base import JournalEntry

__all__ = ["History"]

_HEADERS = (mark("时间"), mark("用户"), mark("操作"), mark("事由"), mark("状态"), mark("变动"))
_SHOWN = 500


class History(QWidget):
    """The journal, newest first, and beside it the history of the selected row."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._stale = True
        self.model = ListModel([tr(text) for text in _HEADERS])
        self.view = table(self.model)
        self.view.verticalHeader().hide()
        self.view.setAccessibleName(tr("历史"))
        EmptyHint(self.view, tr("项目的每次改动都记在这里：何时、何人、为什么、多少行。"))
        self.row = RowHistoryView(session)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.view, tr("整个项目"))
        self.tabs.addTab(self.row, tr("所选行"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tabs)
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

    def show_row(self, name: str, uuid: str) -> None:
        """Bring the history of one row to the front."""
        self.tabs.setCurrentWidget(self.row)
        self.row.show_row(name, uuid)

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
        Cell(local_time(entry.at), entry.at),
        Cell(entry.who),
        Cell(kind_word(entry.kind)),
        Cell(entry.why),
        Cell(state),
        Cell(tr("；").join(counts)),
    ]
