"""Warnings: every piece of rezoned industrial land and every finding; a double click flies there."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.panels.frame_model import Cell, ListModel
from app.panels.warning_rows import SEVERITIES, WarningRow, finding_rows, piece_rows
from app.panels.widgets import ElidedLabel, EmptyHint, fit_columns, label, table
from app.session import Session
from gis.text import mark, tr

__all__ = ["Warnings"]

_HEADERS = (
    mark("级别"),
    mark("单元"),
    mark("区块线"),
    mark("用途变化"),
    mark("面积（㎡）"),
    mark("亩"),
    mark("说明"),
)
_MU = 3.0 / 2000.0


class Warnings(QWidget):
    """Filter by severity and unit; ``fly_wanted`` carries a geometry, ``row_activated`` a stored row."""

    fly_wanted = Signal(object)
    row_activated = Signal(str, str)
    compare_wanted = Signal()
    counted = Signal(int, int)  # grave ones, all

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rows: list[WarningRow] = []
        self.severity = QComboBox()
        self.unit = QComboBox()
        for box in (self.severity, self.unit):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.currentIndexChanged.connect(self._show)
        self.source = ElidedLabel()
        self.source.setProperty("role", "muted")
        self.count = label("", "muted")
        compare = QToolButton()
        compare.setIcon(theme.icon("compare"))
        compare.setToolTip(tr("比较两个规划快照"))
        compare.setAutoRaise(True)
        compare.clicked.connect(self.compare_wanted)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 5, 8, 5)
        bar.setSpacing(6)
        bar.addWidget(self.severity)
        bar.addWidget(self.unit)
        bar.addWidget(self.source, 1)
        bar.addWidget(self.count)
        bar.addWidget(compare)
        self.model = ListModel([tr(text) for text in _HEADERS])
        self.view = table(self.model)
        self.view.verticalHeader().hide()
        self.view.setAccessibleName(tr("预警"))
        EmptyHint(self.view, tr("没有预警。按 F5 运行检查，或按 Ctrl+K 比较两个规划快照。"))
        self.view.doubleClicked.connect(self._activate)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.view, 1)
        session.results_changed.connect(self.reload)
        session.comparison_changed.connect(self.reload)
        session.project_closed.connect(self.reload)
        self.reload()

    def reload(self) -> None:
        """Take the rows from the session: a comparison's pieces if there is one, else the check's."""
        results = self._session.results
        names = {unit.code: unit.name for result in results for unit in result.units}
        comparison, compared = self._session.comparison, self._session.compared
        rows: list[WarningRow] = []
        if comparison is not None and compared is not None:
            source = tr("规划快照：{before} → {after}", before=compared[0], after=compared[1])
            rows += piece_rows(comparison.pieces, names, source)
        else:
            source = ""
            for result in results:
                if result.id == "rezoning":
                    source = " · ".join(filter(None, (result.title, result.period)))
                    rows += piece_rows(result.evidence, names, result.title)
        rows += finding_rows(results)
        order = {name: number for number, name in enumerate(SEVERITIES)}
        rows.sort(key=lambda row: (order.get(row.severity, 99), -(row.area or 0.0)))
        self.rows = rows
        self.source.setText(source)
        self._fill_filters()
        self._show()
        grave = sum(row.severity in {"violation", "error"} for row in rows)
        self.counted.emit(grave, len(rows))

    def _fill_filters(self) -> None:
        units = {row.unit: row.unit_name for row in self.rows if row.unit}
        present = [name for name in SEVERITIES if any(row.severity == name for row in self.rows)]
        for box, title, entries in (
            (self.severity, tr("全部级别"), [(tr(SEVERITIES[name][0]), name) for name in present]),
            (self.unit, tr("全部单元"), [(name, code) for code, name in sorted(units.items())]),
        ):
            chosen = box.currentData()
            box.blockSignals(True)
            box.clear()
            box.addItem(title, "")
            for text, value in entries:
                box.addItem(text, value)
            box.setCurrentIndex(max(box.findData(chosen), 0))
            box.blockSignals(False)

    def _show(self, *_: object) -> None:
        severity, unit = self.severity.currentData() or "", self.unit.currentData() or ""
        shown = [
            row
            for row in self.rows
            if (not severity or row.severity == severity) and (not unit or row.unit == unit)
        ]
        self.model.fill([(_cells(row), row) for row in shown])
        fit_columns(self.view, most=300)
        self.view.horizontalHeader().setStretchLastSection(True)
        total = sum(row.area or 0.0 for row in shown)
        self.count.setText(tr("{count} 条，合计 {area} 亩", count=len(shown), area=f"{total * _MU:,.2f}"))

    def _activate(self, index: QModelIndex) -> None:
        row: WarningRow = self.model.item(index.row())
        if row.geometry is not None:
            self.fly_wanted.emit(row.geometry)
        elif row.table and row.uuid:
            self.row_activated.emit(row.table, row.uuid)


def _cells(row: WarningRow) -> list[Cell]:
    word, picture, role = SEVERITIES.get(row.severity, SEVERITIES["note"])
    colour: Any = getattr(theme.current(), role)
    order = list(SEVERITIES).index(row.severity) if row.severity in SEVERITIES else 99
    area = row.area
    return [
        Cell(tr(word), order, icon=theme.icon(picture, colour)),
        Cell(row.unit_name),
        Cell(row.line),
        Cell(row.change),
        Cell("" if area is None else f"{area:,.2f}", area or 0.0, right=True),
        Cell("" if area is None else f"{area * _MU:,.3f}", area or 0.0, right=True),
        Cell(row.text),
    ]
