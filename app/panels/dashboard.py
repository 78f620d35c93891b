"""Dashboard: what is met and what is missing, unit by unit, with the rows that prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidgetItem,
    QScrollArea,
    QSpinBox,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.panels.evidence import EVIDENCE_HEADERS, evidence_rows, floor_area, unit_lines
from app.panels.frame_model import ListModel
from app.panels.unit_bars import UnitBars
from app.panels.verdict_list import VerdictList
from app.panels.widgets import ElidedLabel, EmptyHint, fit_columns, label, table
from app.session import Session
from gis.text import tr

if TYPE_CHECKING:
    from layers.checks.result import CheckResult

__all__ = ["Dashboard"]

_CHARTED = ("factory_reserve", "industrial_quota")


class Dashboard(QWidget):
    """One line per unit; a click shows the evidence, a double click on a row goes to it."""

    row_activated = Signal(str, str)  # table, uuid
    findings_wanted = Signal()
    overview_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._charted: list[CheckResult] = []
        self._loading = False
        self.as_of = label("", "muted")
        self.as_of.setToolTip(tr("时点在窗口右上角选择，地图、属性表、检查与打印都按它"))
        self.year = QSpinBox()
        self.year.setRange(1990, 2100)
        self.year.setToolTip(tr("出让比例按合同签订年度计算"))
        self.year.setKeyboardTracking(False)
        refresh = QToolButton()
        refresh.setIcon(theme.icon("refresh"))
        refresh.setToolTip(tr("重新检查"))
        refresh.setAutoRaise(True)
        refresh.clicked.connect(session.check)
        controls = QHBoxLayout()
        controls.setContentsMargins(8, 6, 8, 4)
        controls.setSpacing(6)
        controls.addWidget(self.as_of)
        controls.addSpacing(6)
        controls.addWidget(label(tr("年度"), "muted"))
        controls.addWidget(self.year)
        overview = QToolButton()
        overview.setIcon(theme.icon("table"))
        overview.setText(tr("总表"))
        overview.setToolTip(tr("各单元、各项指标一览，可打印和导出"))
        overview.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        overview.setAutoRaise(True)
        overview.clicked.connect(self.overview_wanted)
        controls.addStretch(1)
        controls.addWidget(overview)
        controls.addWidget(refresh)

        self.verdicts = VerdictList()
        self.verdicts.itemClicked.connect(self._verdict_chosen)
        self.verdicts.itemActivated.connect(self._verdict_chosen)
        self.bars = UnitBars()
        scroll = QScrollArea()
        scroll.setWidget(self.bars)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.evidence = ListModel([tr(text) for text in EVIDENCE_HEADERS])
        self.evidence_view = table(self.evidence)
        self.evidence_view.verticalHeader().hide()
        self.evidence_view.doubleClicked.connect(self._activate)
        EmptyHint(self.evidence_view, tr("点上面的一格，这里列出构成该数字的记录；双击记录可在地图上定位。"))
        self.evidence_title = ElidedLabel(tr("依据"))
        self.evidence_title.setProperty("role", "heading")
        self.explanation = label("", "muted", wrap=True)
        self.explanation.hide()
        below = QWidget()
        lower = QVBoxLayout(below)
        lower.setContentsMargins(8, 6, 8, 0)
        lower.setSpacing(3)
        lower.addWidget(self.evidence_title)
        lower.addWidget(self.explanation)
        lower.addWidget(self.evidence_view, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(scroll)
        splitter.addWidget(below)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([620, 240])
        splitter.setChildrenCollapsible(False)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(controls)
        layout.addWidget(self.verdicts)
        layout.addWidget(splitter, 1)
        self.setMinimumWidth(300)

        self.bars.picked.connect(self.show_evidence)
        self.year.valueChanged.connect(self._period_edited)
        session.project_opened.connect(self._opened)
        session.as_of_changed.connect(self._show_period)
        session.project_closed.connect(self._clear)
        session.results_changed.connect(self._show_results)
        if session.project is not None:
            self._show_period()
            self._show_results()
        else:
            self._clear()

    def _opened(self, _project: object) -> None:
        self._show_period()
        self.bars.show_hint(tr("正在检查……"))

    def _show_period(self) -> None:
        day = self._session.as_of
        self._loading = True
        if day is not None:
            self.as_of.setText(tr("时点 {day}", day=day.isoformat()))
        if self._session.year is not None:
            self.year.setValue(self._session.year)
        self._loading = False
        self.setEnabled(True)

    def _period_edited(self) -> None:
        if not self._loading:
            self._session.set_year(self.year.value())

    def _clear(self) -> None:
        self._charted = []
        self.bars.show_lines([], [])
        self.bars.show_hint(tr("打开项目后，这里逐单元显示厂房储备和工业出让占比。"))
        self._forget_evidence()
        self.verdicts.show_results(())
        self.setEnabled(False)

    def _show_results(self) -> None:
        results = self._session.results
        self._charted = [result for result in results if result.id in _CHARTED]
        if results:
            self.bars.show_hint(tr("项目中还没有管理单元；先导入单元界线。"))
        self.verdicts.show_results(results)
        self.bars.show_lines(unit_lines(self._charted), [_column_title(result) for result in self._charted])
        self._show_evidence_again()

    def _verdict_chosen(self, line: QListWidgetItem) -> None:
        result = self._session.results[self.verdicts.row(line)]
        if result in self._charted:
            self.show_evidence("", self._charted.index(result))
        else:
            self.findings_wanted.emit()

    def _show_evidence_again(self) -> None:
        """The records of the cell that was shown, from the new results."""
        cell = self.bars.current
        if cell is not None:
            self.show_evidence(*cell)
        else:
            self._forget_evidence()

    def _forget_evidence(self) -> None:
        self.evidence.fill([])
        self.evidence_title.setText(tr("依据"))
        self.explanation.hide()

    def show_evidence(self, code: str, column: int) -> None:
        """List the records behind one cell of the chart."""
        if not 0 <= column < len(self._charted):
            return
        result = self._charted[column]
        unit = next((item for item in result.units if item.code == code), result.city)
        name = unit.name if unit is not None and code else tr("全市")
        rows = evidence_rows(result, code)
        self.evidence.fill(rows)
        self.evidence_title.setText(
            tr("{unit} · {check}：{count} 条记录", unit=name, check=result.title, count=len(rows))
        )
        self.explanation.setText(unit.explanation if unit is not None else "")
        self.explanation.setVisible(bool(self.explanation.text()))
        fit_columns(self.evidence_view, most=200)

    def _activate(self, index: QModelIndex) -> None:
        row = self.evidence.item(index.row())
        self.row_activated.emit(str(row["table"]), str(row["uuid"]))


def _column_title(result: CheckResult) -> str:
    clause = result.clause
    if clause.unit == "m2":
        return tr("厂房储备 ≥ {area}", area=floor_area(clause.threshold, "g"))
    return tr("工业出让占比 ≥ {value} %", value=f"{clause.threshold * 100:g}")
