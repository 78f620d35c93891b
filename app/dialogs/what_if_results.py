"""The right side of 情景推演: the day, the table of all columns, what stands behind a cell, the workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.dialogs.save_target import ask_save_target
from app.dialogs.what_if_change import days_editor
from app.dialogs.what_if_runner import ScenarioRunner
from app.dialogs.what_if_table import ComparisonTable
from app.panels.widgets import label
from app.session import Session
from gis.text import tr

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.project import Project
    from layers.scenarios.scenario import Scenario

__all__ = ["ResultsPart", "push_button"]


class ResultsPart(QWidget):
    """``scenarios`` gives those that are compared, in the order of their columns."""

    day_changed = Signal()

    def __init__(
        self, session: Session, runner: ScenarioRunner, scenarios: Callable[[], list[Scenario]]
    ) -> None:
        super().__init__()
        self._session, self._runner, self._scenarios = session, runner, scenarios
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(label(tr("比较时点")))
        self.day = days_editor(session.as_of or dt.date.today())  # noqa: DTZ011 - a local calendar day
        self.day.dateChanged.connect(lambda _: self.day_changed.emit())
        row.addWidget(self.day)
        self.to_last_day = push_button(tr("移到最后一项变更之日"), self._to_last_day)
        row.addWidget(self.to_last_day)
        row.addStretch(1)
        self.only_changed = QCheckBox(tr("只列有变化的"))
        self.only_changed.toggled.connect(lambda _: self.show_results())
        row.addWidget(self.only_changed)
        self.exporting = push_button(tr("导出 Excel…"), self._ask_workbook)
        row.addWidget(self.exporting)
        column.addLayout(row)
        self.hint = label("", "muted", wrap=True)
        column.addWidget(self.hint)
        self.table = ComparisonTable()
        self.table.explained.connect(self._explain)
        column.addWidget(self.table, 1)
        self.explanation = label("", wrap=True)
        self.explanation.setMinimumHeight(self.fontMetrics().height() * 3)
        self.explanation.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.explanation)
        runner.arrived.connect(self.show_results)

    @property
    def chosen_day(self) -> dt.date:
        """The day of all columns."""
        day = self.day.date().toPython()
        assert isinstance(day, dt.date)  # noqa: S101 - what Qt gives
        return day

    def tell_pending(self) -> None:
        """Say which changes do not count yet on the day."""
        day = self.chosen_day
        waiting = [(item.name, len(item.pending(day))) for item in self._scenarios() if item.pending(day)]
        self.to_last_day.setVisible(bool(waiting))
        if waiting:
            parts = [tr("{name} {count} 项", name=name, count=count) for name, count in waiting]
            self.say(tr("在 {day} 尚未生效的变更：{parts}。", day=day, parts=tr("、").join(parts)))
        elif self._runner.trial is not None:
            self.say("")

    def _to_last_day(self) -> None:
        days = [item.last_day for item in self._scenarios() if item.last_day is not None]
        if days:
            last = max(days)
            self.day.setDate(days_editor(last).date())

    def show_results(self) -> None:
        """The results of the runner, if they are those of the ticked scenarios."""
        from layers.scenarios.comparison import compared

        columns, names = self._runner.columns, [item.name for item in self._scenarios()]
        if not columns or len(columns) != len(names) + 1:
            return
        lines = compared(columns)
        if self.only_changed.isChecked():
            lines = [line for line in lines if line.differs]
        self.table.show_lines(lines, names)
        self.tell_pending()

    def say(self, text: str) -> None:
        """A line above the table."""
        self.hint.setText(text)

    def _explain(self, text: str) -> None:
        self.explanation.setText(text)

    # --- export --------------------------------------------------------------------------------------

    def _ask_workbook(self) -> None:
        project = self._session.project
        if project is None or not self._runner.columns:
            return
        name = tr("{name} 情景比较", name=project.name)
        target = ask_save_target(
            self, self._session.settings, tr("导出 Excel"), f"{name}.xlsx", tr("Excel 工作簿 (*.xlsx)")
        )
        if target is not None:
            self.write_workbook(target)

    def write_workbook(self, target: Path) -> None:
        """Write all figures of the comparison, in the background."""
        columns, scenarios, day = list(self._runner.columns), self._scenarios(), self.chosen_day

        def work(project: Project, progress: Progress) -> bool:
            from layers.scenarios.comparison import compared
            from layers.scenarios.workbook import write_comparison

            progress(0.2, tr("写工作簿"))
            write_comparison(target, project, compared(columns, everything=True), scenarios, day)
            return True

        self._session.read(
            work, lambda _: self.say(tr("已保存 {file}", file=target.name)), title=tr("导出情景比较"),
            owner=self, writes=True,
        )  # fmt: skip


def push_button(text: str, act: Callable[[], Any]) -> QPushButton:
    """A button that Return does not press by itself."""
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked=False: act())
    return button
