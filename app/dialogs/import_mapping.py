"""The mapping table of an import: each field of the layer, the column it is taken from, and its unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from app import theme
from gis.text import mark, tr
from gis.units import UNIT_FACTORS, unit_title
from layers.spec import Field

if TYPE_CHECKING:
    from layers.importing.mapping import Source
    from layers.importing.plan import ImportPlan

__all__ = ["MappingTable"]

_HOW = {
    "given": mark("手工指定"), "name": mark("按字段名"), "title": mark("按标题"), "synonym": mark("按同义词"),
    "remembered": mark("沿用上次"),
}  # fmt: skip


class MappingTable(QTableWidget):
    """One line per field that a file can fill; edits write into the plan at once."""

    mapping_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 5, parent)
        self._plan: ImportPlan | None = None
        self._fields: list[Field] = []
        self.setHorizontalHeaderLabels([tr("字段"), tr("来源列"), tr("单位"), tr("首行内容"), tr("依据")])
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate((180, 200, 96, 180)):
            self.setColumnWidth(column, width)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 14)

    def show_plan(self, plan: ImportPlan) -> None:
        """Show what is proposed: matched fields first, required ones marked."""
        self._plan = plan
        fields = [item for item in plan.spec.fields if not item.computed]
        fields.sort(key=lambda item: (item.name not in plan.mapping, not item.required))
        self._fields = fields
        self.setRowCount(len(fields))
        for row, item in enumerate(fields):
            title = QTableWidgetItem(f"{item.title} *" if item.required else item.title)
            title.setFlags(Qt.ItemFlag.ItemIsEnabled)
            title.setToolTip(tr("{name}（必填）", name=item.name) if item.required else item.name)
            self.setItem(row, 0, title)
            columns = QComboBox()
            columns.addItem(tr("（不导入）"), None)
            for column in plan.info.columns:
                columns.addItem(column, column)
            source = plan.mapping.get(item.name)
            if source is not None and source.constant is not None:
                columns.addItem(tr("固定值 {value}", value=source.constant), "")
                columns.setCurrentIndex(columns.count() - 1)
            else:
                columns.setCurrentIndex(max(columns.findData(source.column if source else None), 0))
            columns.currentIndexChanged.connect(lambda _index, at=row: self._column_chosen(at))
            self.setCellWidget(row, 1, columns)
            self._show_rest(row)

    def column_box(self, field: str) -> QComboBox:
        """The column chooser of a field."""
        row = next(number for number, item in enumerate(self._fields) if item.name == field)
        box = self.cellWidget(row, 1)
        assert isinstance(box, QComboBox)  # noqa: S101 - set in show_plan
        return box

    def _units(self, item: Field) -> list[str]:
        if item.unit is None:
            return []
        dimension = UNIT_FACTORS[item.unit][0]
        return [name for name, (kind, _) in UNIT_FACTORS.items() if kind == dimension]

    def _show_rest(self, row: int) -> None:
        plan, item = self._plan, self._fields[row]
        if plan is None:
            return
        source = plan.mapping.get(item.name)
        self.removeCellWidget(row, 2)
        units = self._units(item)
        if source is not None and source.column is not None and len(units) > 1:
            box = QComboBox()
            box.addItem(tr("请选择"), None)
            for name in units:
                box.addItem(unit_title(name) or name, name)
            box.setCurrentIndex(max(box.findData(source.unit), 0))
            box.currentIndexChanged.connect(lambda _index, at=row: self._unit_chosen(at))
            self.setCellWidget(row, 2, box)
        sample = _first_value(plan.info.sample, source)
        how = "" if source is None else tr(_HOW[source.how]) if source.how in _HOW else source.how
        for column, text in ((3, sample), (4, how)):
            cell = QTableWidgetItem(text)
            cell.setFlags(Qt.ItemFlag.ItemIsEnabled)
            cell.setToolTip(text)
            cell.setForeground(QColor(theme.current().muted))
            self.setItem(row, column, cell)

    def _column_chosen(self, row: int) -> None:
        from layers.importing.mapping import Source, unit_of

        plan, item = self._plan, self._fields[row]
        column = self.column_box(item.name).currentData()
        if plan is None or column == "":
            return
        if column is None:
            plan.mapping.pop(item.name, None)
        else:
            plan.mapping[item.name] = Source(column=column, unit=unit_of(item, column))
        self._show_rest(row)
        self.mapping_changed.emit()

    def _unit_chosen(self, row: int) -> None:
        from dataclasses import replace

        plan, item, box = self._plan, self._fields[row], self.cellWidget(row, 2)
        if plan is not None and isinstance(box, QComboBox) and item.name in plan.mapping:
            plan.mapping[item.name] = replace(plan.mapping[item.name], unit=box.currentData())
            self.mapping_changed.emit()


def _first_value(sample: tuple[dict[str, str], ...], source: Source | None) -> str:
    """The first filled value of a column in the sample."""
    if source is None or source.column is None:
        return ""
    rows: tuple[Mapping[str, str], ...] = sample
    return next((str(row[source.column]) for row in rows if row.get(source.column)), "")
