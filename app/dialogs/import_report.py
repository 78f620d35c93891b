"""What an import did or would do: taken, refused with reasons, repairs with the area before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTabWidget, QVBoxLayout, QWidget

from app.panels.frame_model import Cell, ListModel
from app.panels.widgets import fit_columns, label, table
from gis.text import tr

if TYPE_CHECKING:
    from layers.importing.report import ImportReport, Repair

__all__ = ["ReportView"]


class ReportView(QWidget):
    """Shows one import report."""

    export_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report: ImportReport | None = None
        self.summary = label(tr("先试运行，查看会导入什么、拒收什么；试运行不改动项目。"), wrap=True)
        self.export = QPushButton(tr("导出拒收行…"))
        self.export.setEnabled(False)
        self.export.clicked.connect(self.export_wanted)
        self.refused = ListModel([tr("行号"), tr("原因"), tr("内容")])
        self.repairs = ListModel(
            [tr("行号"), tr("问题"), tr("修复前（㎡）"), tr("修复后（㎡）"), tr("差（㎡）")]
        )
        self.notes = ListModel([tr("说明")])
        self.tabs = QTabWidget()
        self.views = []
        for title, model in (
            (tr("拒收行"), self.refused),
            (tr("图形修复"), self.repairs),
            (tr("说明"), self.notes),
        ):
            view = table(model)
            view.verticalHeader().hide()
            view.horizontalHeader().setStretchLastSection(True)
            self.views.append(view)
            self.tabs.addTab(view, title)
        top = QHBoxLayout()
        top.addWidget(self.summary, 1)
        top.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.tabs, 1)

    def show_report(self, report: ImportReport, *, dry: bool) -> None:
        """Show a report of a dry or a real run."""
        self.report = report
        refused, repairs = list(report.refused), list(report.repairs)
        words = {
            "taken": f"{report.taken:,}", "updated": f"{report.updated:,}", "refused": f"{len(refused):,}", "repairs": f"{len(repairs):,}"
        }  # fmt: skip
        self.summary.setText(
            tr(
                "试运行：可导入 {taken} 行，更新 {updated} 行，拒收 {refused} 行，修复 {repairs} 个图形。项目未改动。",
                **words,
            )
            if dry
            else tr(
                "已导入 {taken} 行，更新 {updated} 行，拒收 {refused} 行，修复 {repairs} 个图形。可用“撤销”整体退回。",
                **words,
            )
        )
        self.export.setEnabled(bool(refused))
        self.refused.fill(
            [
                (
                    [
                        Cell(str(item.row), item.row, right=True),
                        Cell(item.reason),
                        Cell(tr("；").join(f"{name}={value}" for name, value in item.values.items())),
                    ],
                    item,
                )
                for item in refused
            ]
        )
        self.repairs.fill([(_repair_cells(item), item) for item in repairs])
        self.notes.fill([([Cell(note)], note) for note in report.notes])
        counts = (len(refused), len(repairs), len(report.notes))
        for number, title in enumerate((tr("拒收行"), tr("图形修复"), tr("说明"))):
            self.tabs.setTabText(number, f"{title} {counts[number]}")
            fit_columns(self.views[number], most=380)


def _repair_cells(item: Repair) -> list[Cell]:
    before, after = item.area_before, item.area_after
    return [
        Cell(str(item.row), item.row, right=True),
        Cell(item.reason if item.accepted else tr("{reason}（未接受）", reason=item.reason)),
        *(Cell(f"{value:,.2f}", value, right=True) for value in (before, after)),
        Cell(f"{after - before:+,.2f}", after - before, right=True),
    ]
