"""Choose one of the kept states of the project: when it was made, how large it is, what was done since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.panels.frame_model import Cell, ListModel
from app.panels.widgets import EmptyHint, fit_columns, label, table
from gis.text import mark, tr

if TYPE_CHECKING:
    from gis.progress import Progress
    from gis.store.backups import Backup
    from gis.store.base import JournalEntry
    from layers.project import Project

__all__ = ["KeptState", "RestoreDialog", "kept_states"]

_HEADERS = (mark("备份时间"), mark("大小"), mark("其后的操作"))
_SHOWN = 200
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class KeptState:
    """A backup and what was done since; ``since`` is None where the backup cannot be read."""

    backup: Backup
    since: tuple[JournalEntry, ...] | None


def kept_states(project: Project, progress: Progress) -> list[KeptState]:
    """The backups of a project with what was done since, the newest first; in a worker."""
    from app.folders import backup_folder
    from gis.errors import ParkLineError
    from gis.store.backups import backups_of, entries_since

    found = []
    backups = [item for item in backups_of(project.path, backup_folder(project.path)) if not item.damaged]
    for number, backup in enumerate(backups):
        progress(number / len(backups), tr("查看备份"))
        try:
            since = tuple(entries_since(project.store, backup))
        except ParkLineError:
            found.append(KeptState(backup, None))
        else:
            found.append(KeptState(backup, since))
    return found


class RestoreDialog(QDialog):
    """``chosen`` is the backup to bring back once the dialog was accepted."""

    def __init__(
        self, states: Sequence[KeptState], hindrance: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._states = list(states)
        self.setWindowTitle(tr("从备份恢复"))
        self.resize(760, 480)
        about = tr(
            "每次打开项目后第一次修改之前，以及之后每半小时，程序都会留存项目的状态。"
            "恢复会把项目改回所选的状态；现在的状态会先留存为新的备份，随时可以再换回来。"
        )
        self.model = ListModel([tr(text) for text in _HEADERS])
        self.view = table(self.model, sortable=False)
        self.view.verticalHeader().hide()
        self.view.setAccessibleName(tr("备份"))
        EmptyHint(self.view, tr("还没有备份：第一次修改项目之前会自动留存。"))
        self.model.fill([(_cells(state), state) for state in self._states])
        fit_columns(self.view, most=300)
        self.view.horizontalHeader().setStretchLastSection(True)
        self.since = QListWidget()
        self.since.setAccessibleName(tr("恢复后将不再有的操作"))
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(tr("恢复后将不再有的操作"), "heading"))
        column.addWidget(self.since)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.view)
        parts.addWidget(below)
        self.hint = label(hindrance, "muted", wrap=True)
        self.hint.setVisible(bool(hindrance))
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok.setText(tr("恢复到所选状态"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(label(about, "muted", wrap=True))
        layout.addWidget(parts, 1)
        layout.addWidget(self.hint)
        layout.addWidget(self.buttons)
        self._allowed = not hindrance
        self.view.selectionModel().selectionChanged.connect(self._selected)
        if self._states:
            self.view.selectRow(0)
        self._selected()

    @property
    def chosen(self) -> Backup | None:
        """The backup that is marked."""
        state = self._marked()
        return None if state is None else state.backup

    def _marked(self) -> KeptState | None:
        rows = self.view.selectionModel().selectedRows()
        return self._states[rows[0].row()] if rows else None

    def _selected(self, *_: object) -> None:
        state = self._marked()
        self.since.clear()
        self.ok.setEnabled(self._allowed and state is not None and state.since is not None)
        if state is None or state.since is None:
            return
        for entry in state.since[:_SHOWN]:
            self.since.addItem(QListWidgetItem(f"{_local(entry.at)}  {entry.who}  {entry.why}"))
        if len(state.since) > _SHOWN:
            self.since.addItem(tr("…… 另有 {count} 项", count=len(state.since) - _SHOWN))
        if not state.since:
            self.since.addItem(tr("没有：备份之后没有用本程序改过项目。"))


def _cells(state: KeptState) -> list[Cell]:
    backup = state.backup
    count = tr("备份已损坏") if state.since is None else tr("{count} 项", count=len(state.since))
    at = backup.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return [Cell(at), Cell(f"{backup.size / _MEGABYTE:,.1f} MB", right=True), Cell(count)]


def _local(at: str) -> str:
    import datetime as dt

    return dt.datetime.fromisoformat(at.replace("Z", "+00:00")).astimezone().strftime("%Y-%m-%d %H:%M:%S")
