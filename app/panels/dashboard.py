"""Dashboard: what is met and what is missing, unit by unit, with the rows that prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSpinBox,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.panels.evidence import EVIDENCE_HEADERS, evidence_rows, floor_area, unit_lines, verdict_text
from app.panels.frame_model import ListModel
from app.panels.unit_bars import VERDICT_ICONS, UnitBars, verdict_colour
from app.panels.widgets import ElidedLabel, EmptyHint, fit_columns, label, plain_tip, table
from app.session import Session
from gis.text import tr

if TYPE_CHECKING:
    from layers.checks.result import CheckResult

__all__ = ["Dashboard"]

_SEEN = 8  # lines of verdicts; the others are scrolled to
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

        lines = QWidget()
        self._summary = QVBoxLayout(lines)
        self._summary.setContentsMargins(8, 0, 8, 6)
        self._summary.setSpacing(3)
        self._verdicts = QScrollArea()
        self._verdicts.setWidget(lines)
        self._verdicts.setWidgetResizable(True)
        self._verdicts.setFrameShape(QScrollArea.Shape.NoFrame)
        self._verdicts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._verdicts.setFixedHeight(0)
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
        layout.addWidget(self._verdicts)
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
        self._empty_summary()
        self.setEnabled(False)

    def _empty_summary(self) -> None:
        while self._summary.count():
            widget = self._summary.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()

    def _show_results(self) -> None:
        results = self._session.results
        self._charted = [result for result in results if result.id in _CHARTED]
        self._empty_summary()
        if results:
            self.bars.show_hint(tr("项目中还没有管理单元；先导入单元界线。"))
        for result in results:
            line = _Verdict(result)
            line.clicked.connect(lambda of=result: self._verdict_clicked(of))
            self._summary.addWidget(line)
        heights = [
            self._summary.itemAt(row).widget().sizeHint().height() + self._summary.spacing()
            for row in range(min(self._summary.count(), _SEEN))
        ]
        self._verdicts.setFixedHeight(sum(heights) + (8 if heights else 0))
        self.bars.show_lines(unit_lines(self._charted), [_column_title(result) for result in self._charted])
        self._show_evidence_again()

    def _verdict_clicked(self, result: CheckResult) -> None:
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


class _Verdict(QWidget):
    """One check in one line: icon, title, word; the clause is the tooltip; a click shows what is behind it."""

    clicked = Signal()

    def __init__(self, result: CheckResult) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        verdict = str(result.verdict)
        colour = verdict_colour(verdict)
        sign = QLabel()
        sign.setPixmap(theme.pixmap(VERDICT_ICONS.get(verdict, "not_judged"), colour, 16))
        word = label(verdict_text(result))
        word.setStyleSheet(f"color: {colour}; font-weight: 700;")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(sign)
        layout.addWidget(ElidedLabel(" · ".join(filter(None, (result.title, result.period)))), 1)
        layout.addWidget(word)
        clause = result.clause
        self.setToolTip(plain_tip(f"{clause.policy} {clause.number}\n“{clause.quotation}”"))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
