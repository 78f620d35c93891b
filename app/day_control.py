"""The one date of the window: map, table, checks and print stand for it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QSize, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QMenu, QToolButton, QWidget

from app import theme
from app.panels.layer_tree import LayerTree
from app.panels.widgets import label
from app.session import Session
from gis.text import tr

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.late_entries import LateEntry
    from layers.project import Project
    from layers.snapshots import Snapshot

__all__ = ["DayControl"]


class DayControl(QWidget):
    """Stands in the corner of the menu bar. Without a chosen day the project's own holds, and everything is shown.

    ``late`` are the rows that count on a chosen past day but were entered after it.
    """

    row_activated = Signal(str, str)

    def __init__(self, session: Session, layers: LayerTree) -> None:
        super().__init__()
        self._session, self._layers = session, layers
        self.late: list[LateEntry] = []
        self.date = QDateEdit()
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.date.setDateRange(QDate(1950, 1, 1), QDate(2100, 12, 31))
        self.date.setKeyboardTracking(False)
        self.date.setAccessibleName(tr("时点"))
        self.date.setToolTip(tr("时点：地图、属性表、检查与打印都按此日"))
        self.now = QToolButton()
        self.now.setText(tr("现状"))
        self.now.setCheckable(True)
        self.now.setAutoRaise(True)
        self.now.setToolTip(tr("回到现状：显示全部要素，检查按项目自己的时点"))
        self.entered = QToolButton()
        self.entered.setAutoRaise(True)
        self.entered.setIcon(theme.icon("warning", theme.current().caution))
        self.entered.setIconSize(QSize(14, 14))
        self.entered.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.entered.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.entered.setMenu(QMenu(self))
        self.entered.menu().addAction(tr("补录清单…"), self.list_late)
        self.entered.menu().addAction(tr("打开当日存档状态…"), self.open_saved)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 6, 0)
        layout.setSpacing(4)
        for widget in (self.entered, label(tr("时点"), "muted"), self.date, self.now):
            layout.addWidget(widget)
        self.date.dateChanged.connect(self._dated)
        self.now.clicked.connect(self._back)
        session.as_of_changed.connect(self._show)
        session.project_opened.connect(self._show)
        session.project_closed.connect(self._show)
        session.project_changed.connect(self._look_for_late)
        self._show()

    def choose(self, day: dt.date) -> None:
        """Stand for a day, with the plan of that day."""

        def work(project: Project, _progress: Progress) -> list[Snapshot]:
            return project.snapshots()

        def arrived(plans: list[Snapshot]) -> None:
            from layers.validity import plan_on

            plan = plan_on(plans, day)
            if plan:
                self._layers.choose_snapshot(plan)
            self._session.set_day(day, planned=bool(plan))

        self._session.read(work, arrived, quiet=True, owner=self)

    def _dated(self, date: QDate) -> None:
        self.choose(dt.date(date.year(), date.month(), date.day()))

    def _back(self) -> None:
        names = self._layers.snapshots
        if self._session.map_day is not None and names:
            self._layers.choose_snapshot(names[-1])
        self._session.set_day(None)
        self._show()

    def _show(self, *_: object) -> None:
        day = self._session.as_of if self._session.project is not None else None
        self.setEnabled(day is not None)
        self.now.setChecked(day is not None and self._session.map_day is None)
        if day is not None:
            self.date.blockSignals(True)
            self.date.setDate(QDate(day.year, day.month, day.day))
            self.date.blockSignals(False)
        self._look_for_late()

    def _look_for_late(self) -> None:
        day = self._session.map_day
        self._show_late([])
        if self._session.project is None or day is None:
            return

        def work(project: Project, _progress: Progress) -> list[LateEntry]:
            from layers.late_entries import late_entries

            return late_entries(project, day)

        def arrived(late: list[LateEntry]) -> None:
            if day == self._session.map_day:
                self._show_late(late)

        self._session.read(work, arrived, quiet=True, owner=self)

    def _show_late(self, late: list[LateEntry]) -> None:
        self.late = late
        self.entered.setText(tr("补录 {count}", count=f"{len(late):,}"))
        self.entered.setToolTip(tr("该日之后才入库、但计入该日的记录"))
        self.entered.setVisible(bool(late))

    def list_late(self) -> None:
        """Show the late entries; a double click goes to the row."""
        day = self._session.map_day
        if day is None:
            return
        from app.dialogs.late_rows import LateRows

        dialog = LateRows(self.late, day, self.window())
        dialog.row_activated.connect(self.row_activated)
        dialog.saved_wanted.connect(self.open_saved)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def open_saved(self) -> None:
        """Open a copy of the project as it was saved on the chosen day."""
        day = self._session.as_of
        if day is not None:
            self._session.open_saved(day)
