"""指标总表: every unit against every target at a glance; definition, clause, records and the year of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.save_target import ask_save_target
from app.panels.evidence import evidence_rows
from app.panels.frame_model import ListModel
from app.panels.series_chart import SeriesChart
from app.panels.unit_bars import verdict_colour
from app.panels.widgets import EmptyHint, fit_columns, label, plain_tip, table
from app.session import Session
from gis.text import language, mark, tr
from gis.units import PERCENT, unit_title
from layers.indicator_matrix import MARKS, Matrix, matrix
from layers.verdict_words import verdict_word

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.checks.result import CheckResult, Series
    from layers.project import Project

__all__ = ["IndicatorOverview"]

# What counts is square metres here, days or projects there.
_EVIDENCE_HEADERS = (mark("记录"), mark("计入量"), mark("面积（㎡）"), mark("说明"))
_HEAD_LINES = {"zh_CN": 4, "en": 5}
_STRENGTH = 46  # of 255: how strongly a cell is coloured


class IndicatorOverview(QDialog):
    """Does not block the window; follows the date and the results of the session."""

    row_activated = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._session = session
        self.matrix: Matrix | None = None
        self.setWindowTitle(tr("指标总表"))
        self.resize(1180, 760)
        self.head = label("", "muted")
        self.model = QStandardItemModel(self)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setAccessibleName(tr("指标总表"))
        self.view.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignCenter | Qt.AlignmentFlag(Qt.TextFlag.TextWordWrap)
        )
        self.view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.view.verticalHeader().setDefaultSectionSize(self.view.fontMetrics().height() + 10)
        self.title = label("", "heading", wrap=True)
        self.clause = label("", "muted", wrap=True)
        self.explanation = label("", wrap=True)
        self.evidence = ListModel([tr(text) for text in _EVIDENCE_HEADERS])
        self.evidence_view = table(self.evidence)
        self.evidence_view.verticalHeader().hide()
        self.evidence_view.doubleClicked.connect(self._activate)
        EmptyHint(self.evidence_view, tr("点上面的一格，这里列出构成该数字的记录；双击记录可在地图上定位。"))
        self.chart = SeriesChart()
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 6, 0, 0)
        for widget in (self.title, self.clause, self.explanation):
            column.addWidget(widget)
        column.addWidget(self.evidence_view, 1)
        below = QSplitter(Qt.Orientation.Horizontal)
        below.addWidget(words)
        below.addWidget(self.chart)
        below.setSizes([640, 480])
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.addWidget(self.view)
        halves.addWidget(below)
        halves.setSizes([460, 260])
        halves.setChildrenCollapsible(False)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("关闭"))
        for text, act in (
            (tr("导出 PDF…"), self._ask_pdf),
            (tr("导出图片…"), self._ask_picture),
            (tr("导出 Excel…"), self._ask_workbook),
        ):
            self.buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole).clicked.connect(act)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.head)
        layout.addWidget(halves, 1)
        layout.addWidget(self.buttons)
        self.view.selectionModel().currentChanged.connect(self._cell_chosen)
        session.results_changed.connect(self.reload)
        session.project_closed.connect(self.reject)
        self.reload()

    # --- what is shown -------------------------------------------------------------------------------

    def reload(self) -> None:
        """From the results of the session; the cell that was looked at stays."""
        chosen = self.view.currentIndex()
        place = (max(chosen.row(), 0), max(chosen.column(), 0))
        results = self._session.results
        shown = self.matrix = matrix(results)
        self.model.clear()
        self.model.setColumnCount(len(shown.columns))
        self.model.setRowCount(len(shown.rows) if shown.columns else 0)
        for number, column in enumerate(shown.columns):
            head = QStandardItem(f"{column.title}\n{column.demand}")
            head.setToolTip(plain_tip(f"{column.clause.number}\n“{column.clause.quotation}”"))
            self.model.setHorizontalHeaderItem(number, head)
        self.model.setVerticalHeaderLabels([name for _code, name in shown.rows] if shown.columns else [])
        rows = {code: row for row, (code, _name) in enumerate(shown.rows)}
        for (code, number), cell in shown.cells.items():
            item = QStandardItem(f"{MARKS[cell.verdict]} {cell.figure or verdict_word(cell.verdict)}")
            item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
            colour = QColor(verdict_colour(str(cell.verdict)))
            item.setForeground(colour)
            colour.setAlpha(_STRENGTH)
            item.setBackground(colour)
            item.setToolTip(
                plain_tip(tr("{word}：{text}", word=verdict_word(cell.verdict), text=cell.explanation))
            )
            self.model.setItem(rows[code], number, item)
        for number in range(len(shown.columns)):
            self.view.setColumnWidth(number, 118)
        self.view.horizontalHeader().setFixedHeight(
            self.view.fontMetrics().height() * _HEAD_LINES[language()] + 8
        )
        day = self._session.as_of
        signs = tr("　").join(f"{sign} {verdict_word(verdict)}" for verdict, sign in MARKS.items())
        self.head.setText(tr("时点 {day}　{signs}", day="" if day is None else day.isoformat(), signs=signs))
        if shown.columns:
            self.view.selectionModel().setCurrentIndex(
                self.model.index(*place), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def _cell_chosen(self, index: QModelIndex, _before: QModelIndex) -> None:
        results = self._session.results
        if self.matrix is None or not index.isValid() or index.column() >= len(results):
            return
        code, name = self.matrix.rows[index.row()]
        result, column = results[index.column()], self.matrix.columns[index.column()]
        cell = self.matrix.cells.get((code, index.column()))
        self.title.setText(
            tr("{unit} · {check}　{demand}", unit=name, check=column.title, demand=column.demand)
        )
        quotation = tr("“{text}”", text=column.clause.quotation) if column.clause.quotation else ""
        self.clause.setText(" ".join(filter(None, (column.clause.policy, column.clause.number, quotation))))
        self.explanation.setText(cell.explanation if cell is not None else tr("这项指标不对此单元判定。"))
        self.evidence.fill(evidence_rows(result, code))
        fit_columns(self.evidence_view, most=240)
        self._show_series(result, code)

    def _show_series(self, result: CheckResult, code: str) -> None:
        fitting = [item for item in result.series if item.unit == code]
        series: Series | None = fitting[0] if fitting else None
        threshold = None
        if series is not None:
            same = series.key == result.clause.figure
            threshold = (
                _in_measure(result.clause.threshold, result.clause.unit, series.measure) if same else None
            )
        self.chart.show_series(series, threshold, "" if series is None else unit_title(series.measure))

    def _activate(self, index: QModelIndex) -> None:
        row = self.evidence.item(index.row())
        self.row_activated.emit(str(row["table"]), str(row["uuid"]))

    # --- export --------------------------------------------------------------------------------------

    def _ask(self, title: str, suffix: str, pattern: str) -> Path | None:
        project = self._session.project
        if project is None or self.matrix is None:
            return None
        name = tr("{name} 指标总表", name=project.name)
        return ask_save_target(self, self._session.settings, title, f"{name}{suffix}", pattern)

    def _ask_pdf(self) -> None:
        target = self._ask(tr("导出 PDF"), ".pdf", tr("PDF 文件 (*.pdf)"))
        if target is not None:
            self.write_pdf(target)

    def write_pdf(self, target: Path) -> None:
        """Write the table as A4 pages, in the background."""
        results, day = list(self._session.results), self._session.as_of

        def work(project: Project, progress: Progress) -> Any:
            progress(0.1, tr("排版指标总表"))
            from layers.sheets.indicator_page import compose_indicators

            assert day is not None  # noqa: S101 - a project is open
            composed = compose_indicators(
                matrix(results), project.policy, project=project.name, day=day, demo=project.is_demo
            )
            return composed.write_pdf(target)

        self._session.read(
            work, lambda _: self._say(target), title=tr("导出指标总表"), owner=self, writes=True
        )

    def _ask_picture(self) -> None:
        target = self._ask(tr("导出图片"), ".png", tr("PNG 图片 (*.png)"))
        if target is not None:
            self.view.grab().save(str(target))
            self._say(target)

    def _ask_workbook(self) -> None:
        target = self._ask(tr("导出 Excel"), ".xlsx", tr("Excel 工作簿 (*.xlsx)"))
        if target is None:
            return
        results = list(self._session.results)

        def work(project: Project, progress: Progress) -> Any:
            progress(0.1, tr("写检查报告"))
            from layers.report import write_report

            write_report(results, target, project)

        self._session.read(
            work, lambda _: self._say(target), title=tr("导出指标总表"), owner=self, writes=True
        )

    def _say(self, target: Path) -> None:
        self.head.setText(tr("已保存 {file}", file=target.name))


def _in_measure(threshold: float, unit: str, measure: str) -> float | None:
    """The threshold in the measure of a series; None where the two cannot be compared."""
    if unit == measure:
        return threshold
    if (unit, measure) == ("one", "percent"):
        return threshold * PERCENT
    if (unit, measure) == ("m2", "wan_m2"):
        return threshold / 10_000.0
    return None
