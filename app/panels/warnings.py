"""Warnings: units that fall short, pieces of rezoned land, findings; what became of each; a double click flies there."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.panels.frame_model import Cell, ListModel
from app.panels.severities import SEVERITIES
from app.panels.widgets import ElidedLabel, EmptyHint, fit_columns, label, table
from app.session import Session
from gis.text import mark, tr
from layers.warning_rows import WarningRow, finding_rows, piece_rows, warning_rows

if TYPE_CHECKING:
    import pandas as pd

    from gis.progress import Progress
    from layers.kept_warnings import KeptWarning
    from layers.project import Project

__all__ = ["Warnings"]

_HEADERS = (
    mark("状态"),
    mark("级别"),
    mark("单元"),
    mark("区块线"),
    mark("用途变化"),
    mark("面积（㎡）"),
    mark("亩"),
    mark("说明"),
    mark("处置"),
)
_PENDING = "pending"  # new or found again
_GRAVE = {"violation", "error"}
_MU = 3.0 / 2000.0


class Warnings(QWidget):
    """Filter by state, severity and unit; ``fly_wanted`` carries a geometry, ``row_activated`` a stored row.

    A run of the checks writes nothing: the register is written by entering a run or by acknowledging rows.
    """

    fly_wanted = Signal(object)
    row_activated = Signal(str, str)
    compare_wanted = Signal()
    export_wanted = Signal(object)  # a table as it is shown
    counted = Signal(int, int)  # grave ones, all

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.kept: list[KeptWarning] = []
        self._register: pd.DataFrame | None = None
        self.state = QComboBox()
        self.severity = QComboBox()
        self.unit = QComboBox()
        for box in (self.state, self.severity, self.unit):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.currentIndexChanged.connect(self._show)
        self.source = ElidedLabel()
        self.source.setProperty("role", "muted")
        self.count = label("", "muted")
        self.enter = self._button("save", tr("登记：把本次检查的预警及其变化记入台账"), self._enter)
        self.acknowledge = self._button("tick-plain", tr("确认选中的预警并说明理由"), self._ask_reason)
        self.export = self._button("export", tr("导出到 Excel"), self._export)
        compare = self._button("compare", tr("比较两个规划快照"), self.compare_wanted.emit)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 5, 8, 5)
        bar.setSpacing(6)
        bar.addWidget(self.state)
        bar.addWidget(self.severity)
        bar.addWidget(self.unit)
        bar.addWidget(self.source, 1)
        bar.addWidget(self.count)
        for button in (self.enter, self.acknowledge, self.export, compare):
            bar.addWidget(button)
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
        session.project_changed.connect(self._read_register)
        session.project_opened.connect(self._forget_register)
        session.project_closed.connect(self._forget_register)
        self.reload()

    def _button(self, icon: str, tip: str, act: Any) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon(icon))
        button.setToolTip(tip)
        button.setAutoRaise(True)
        button.clicked.connect(act)
        return button

    @property
    def rows(self) -> list[WarningRow]:
        """What is warned of now, or was."""
        return [item.row for item in self.kept]

    def _forget_register(self, *_: object) -> None:
        self._register = None
        self.reload()
        self._read_register()

    def _read_register(self) -> None:
        def work(project: Project, _progress: Progress) -> pd.DataFrame:
            from layers.kept_warnings import kept_rows

            return kept_rows(project)

        def arrived(register: pd.DataFrame) -> None:
            had = self._register is not None and len(self._register) > 0
            self._register = register
            if had or len(register):
                self.reload()

        if self._session.project is not None:
            self._session.read(work, arrived, quiet=True, owner=self)

    def reload(self) -> None:
        """Take the rows from the session: a comparison's pieces if there is one, else what the checks warn of."""
        from layers.kept_warnings import KeptWarning, State, reconcile

        results = self._session.results
        comparison, compared = self._session.comparison, self._session.compared
        if comparison is not None and compared is not None:
            names = {unit.code: unit.name for result in results for unit in result.units}
            source = tr("规划快照：{before} → {after}", before=compared[0], after=compared[1])
            rows = [*piece_rows(comparison.pieces, names, source), *finding_rows(results)]
            kept = [KeptWarning(row, State.NEW, found=True) for row in rows]
        else:
            source = next(
                (
                    " · ".join(filter(None, (result.title, result.period)))
                    for result in results
                    if result.id == "rezoning"
                ),
                "",
            )
            found = warning_rows(results)
            if self._register is None:
                kept = [KeptWarning(row, State.NEW, found=True) for row in found]
            else:
                kept = reconcile(found, self._register, {result.id for result in results})
        order = {name: number for number, name in enumerate(SEVERITIES)}
        kept.sort(key=lambda item: (order.get(item.row.severity, 99), -(item.row.area or 0.0)))
        self.kept = kept
        self.source.setText(source)
        self._can_keep = comparison is None and self._register is not None
        self._fill_filters()
        self._show()
        grave = sum(item.row.severity in _GRAVE and item.open for item in kept)
        self.counted.emit(grave, sum(item.found for item in kept))

    def _fill_filters(self) -> None:
        names = {item.row.unit: item.row.unit_name for item in reversed(self.kept) if item.row.unit}
        names |= {unit.code: unit.name for result in self._session.results for unit in result.units}
        counts = Counter(item.row.unit for item in self.kept if item.found)
        units = [
            (tr("{unit}（{count}）", unit=names[code], count=f"{counts[code]:,}"), code)
            for code in sorted({item.row.unit for item in self.kept if item.row.unit})
        ]
        present = [name for name in SEVERITIES if any(item.row.severity == name for item in self.kept)]
        by_state = Counter(str(item.state) for item in self.kept)
        states = [
            (tr("{state}（{count}）", state=title, count=f"{by_state[name]:,}"), name)
            for name, title in (_state_titles() if self.kept else {}).items()
            if by_state[name]
        ]
        for box, title, entries in (
            (self.state, tr("全部状态"), [(tr("待处理"), _PENDING), *states] if states else []),
            (self.severity, tr("全部级别"), [(tr(SEVERITIES[name][0]), name) for name in present]),
            (self.unit, tr("全部单元"), units),
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
        state, severity = self.state.currentData() or "", self.severity.currentData() or ""
        unit = self.unit.currentData() or ""
        shown = [
            item
            for item in self.kept
            if (not state or (item.open if state == _PENDING else item.state == state))
            and (not severity or item.row.severity == severity)
            and (not unit or item.row.unit == unit)
        ]
        self.model.fill([(_cells(item), item) for item in shown])
        fit_columns(self.view, most=300)
        self.view.horizontalHeader().setStretchLastSection(True)
        total = sum(item.row.area or 0.0 for item in shown)
        self.count.setText(tr("{count} 条，合计 {area} 亩", count=len(shown), area=f"{total * _MU:,.2f}"))
        for button in (self.enter, self.acknowledge):
            button.setEnabled(self._can_keep and bool(self.kept))
        self.export.setEnabled(bool(shown))

    def _activate(self, index: QModelIndex) -> None:
        row: WarningRow = self.model.item(index.row()).row
        if row.geometry is not None:
            self.fly_wanted.emit(row.geometry)
        elif row.table and row.uuid:
            self.row_activated.emit(row.table, row.uuid)

    # --- keeping -------------------------------------------------------------------------------------

    def _enter(self) -> None:
        kept, day = list(self.kept), dt.datetime.now().astimezone().date()

        def work(project: Project, _progress: Progress) -> Any:
            from layers.kept_warnings import record

            return record(project, kept, day)

        self._session.write(work, lambda _: None, title=tr("登记预警"), owner=self)

    def selected(self) -> list[KeptWarning]:
        """The warnings of the selected lines."""
        rows = self.view.selectionModel().selectedRows()
        return [self.model.item(index.row()) for index in rows]

    def _ask_reason(self) -> None:
        from app.dialogs.acknowledge import AcknowledgeDialog

        chosen = [item for item in self.selected() if item.found]
        dialog = AcknowledgeDialog(chosen, self.window())
        dialog.accepted.connect(lambda: self.acknowledge_with(chosen, dialog.reason.toPlainText()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def acknowledge_with(self, chosen: list[KeptWarning], reason: str) -> None:
        """Keep these warnings as acknowledged, with the reason."""
        day = dt.datetime.now().astimezone().date()

        def work(project: Project, _progress: Progress) -> Any:
            from layers.kept_warnings import acknowledge

            acknowledge(project, chosen, reason, day)
            return len(chosen)

        self._session.write(work, lambda _: None, title=tr("确认预警"), owner=self)

    def _export(self) -> None:
        import pandas as pd

        headers = [tr(text) for text in _HEADERS]
        rows = [self.model.item(number) for number in range(self.model.rowCount())]
        cells = [
            [
                cell.text if cell.value is None or index < 2 else cell.value
                for index, cell in enumerate(_cells(item))
            ]
            for item in rows
        ]
        self.export_wanted.emit(pd.DataFrame(cells, columns=headers))


def _cells(item: KeptWarning) -> list[Cell]:
    row = item.row
    word, picture, role = SEVERITIES.get(row.severity, SEVERITIES["note"])
    colour: Any = getattr(theme.current(), role)
    order = list(SEVERITIES).index(row.severity) if row.severity in SEVERITIES else 99
    area = row.area
    return [
        Cell(_state_titles()[item.state]),
        Cell(tr(word), order, icon=theme.icon(picture, colour)),
        Cell(row.unit_name),
        Cell(row.line),
        Cell(row.change),
        Cell("" if area is None else f"{area:,.2f}", area, right=True),
        Cell("" if area is None else f"{area * _MU:,.3f}", None if area is None else area * _MU, right=True),
        Cell(row.text),
        Cell(_treatment(item)),
    ]


def _state_titles() -> dict[str, str]:
    from layers.codes import code_table  # needs numpy, which a start does not wait for

    return {value.value: value.title for value in code_table("finding_state").values}


def _treatment(item: KeptWarning) -> str:
    """Reason, who and when; when it was resolved; since when it is known."""
    parts = []
    if item.reason:
        who = " ".join(filter(None, (item.acknowledged_by, str(item.acknowledged_on or ""))))
        parts.append(tr("{reason}（{who}）", reason=item.reason, who=who))
    if item.state == "resolved" and item.resolved_on is not None:
        parts.append(tr("{day} 解决", day=item.resolved_on.isoformat()))
    elif item.first_on is not None and not item.reason:
        parts.append(tr("{day} 起", day=item.first_on.isoformat()))
    return tr("；").join(parts)
