"""盘活调剂匹配: what is wanted, and what fits it in all counties, best first, with reasons."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, QModelIndex, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.frame_model import Cell, ListModel
from app.panels.widgets import EmptyHint, fit_columns, label, table
from app.session import Session
from gis.text import mark, tr
from gis.units import convert, unit_title
from layers.park import PARK_LAYER, UTILITIES

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.matching import Match
    from layers.project import Project

__all__ = ["MatchingDialog"]

_HEADERS = (
    mark("名次"), mark("名称"), mark("单元"), mark("园区"), mark("面积（㎡）"), mark("符合"), mark("不明"), mark("不符"),
    mark("理由"),
)  # fmt: skip


class MatchingDialog(QDialog):
    """Stays open beside the map; a double click on a row goes to it."""

    row_activated = Signal(str, str)  # table, uuid

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.found: list[Match] = []
        self.setWindowTitle(tr("盘活调剂匹配"))
        self.resize(900, 620)
        self.kind = QTabWidget()
        self.unit = QComboBox()
        self.unit.addItem(tr("不限"), "")
        self.day = QDateEdit()
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("yyyy-MM-dd")
        day = session.as_of or dt.date.today()  # noqa: DTZ011 - a local calendar day
        self.day.setDate(QDate(day.year, day.month, day.day))
        self.floor_area = _amount(1e7, 0, unit_title("m2"), 1000.0)
        self.clear_height = _amount(50.0, 1, unit_title("m"), 0.0)
        self.floor_load = _amount(200.0, 1, tr("kN/㎡"), 0.0)
        self.site_area = _amount(1e5, 1, unit_title("mu"), 20.0)
        self.use = QComboBox()
        self.utilities = {name: QCheckBox(PARK_LAYER.field(name).title) for name in UTILITIES}
        self.road = _amount(1e5, 0, unit_title("m"), 0.0)
        self.kind.addTab(self._floor_page(), tr("找标准化厂房"))
        self.kind.addTab(self._site_page(), tr("找用地"))
        self.model = ListModel([tr(text) for text in _HEADERS])
        self.view = table(self.model)
        self.view.verticalHeader().hide()
        self.view.doubleClicked.connect(self._activate)
        EmptyHint(
            self.view, tr("填写需求后点“匹配”：全市的空置厂房或可用地块按符合程度列出；双击在地图上定位。")
        )
        common = QFormLayout()
        common.addRow(tr("希望所在单元"), self.unit)
        common.addRow(tr("从哪一天起"), self.day)
        above = QHBoxLayout()
        above.addWidget(self.kind, 3)
        above.addLayout(common, 2)
        self.answer = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox()
        self.search = self.buttons.addButton(tr("匹配"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.search.setDefault(True)
        self.search.clicked.connect(self.match)
        self.export = self.buttons.addButton(tr("导出…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.export.setEnabled(False)
        self.export.clicked.connect(self._export)
        self.buttons.addButton(tr("关闭"), QDialogButtonBox.ButtonRole.RejectRole).clicked.connect(
            self.reject
        )
        layout = QVBoxLayout(self)
        layout.addLayout(above)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.answer)
        layout.addWidget(self.buttons)
        self.kind.currentChanged.connect(lambda _: self._show([], ""))
        session.project_closed.connect(self.reject)
        session.read(_choices, self._offer, quiet=True, owner=self)

    def _floor_page(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.addRow(tr("需要的面积"), self.floor_area)
        form.addRow(tr("净高不低于"), self.clear_height)
        form.addRow(tr("楼面荷载不低于"), self.floor_load)
        return page

    def _site_page(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.addRow(tr("需要的面积"), self.site_area)
        form.addRow(tr("用地类别"), self.use)
        line = QHBoxLayout()
        for box in self.utilities.values():
            line.addWidget(box)
        form.addRow(tr("园区须已通"), line)
        form.addRow(tr("距规划道路不超过"), self.road)
        return page

    def _offer(self, choices: tuple[list[tuple[str, str]], list[tuple[str, str]]]) -> None:
        units, uses = choices
        for code, name in units:
            self.unit.addItem(name, code)
        self.use.addItem(tr("不限"), "")
        for key, title in uses:
            self.use.addItem(title, key)
        self.use.setCurrentIndex(max(self.use.findData("industrial"), 0))

    def match(self) -> None:
        """Look for what fits, in the background."""
        picked = self.day.date()
        day, unit = dt.date(picked.year(), picked.month(), picked.day()), str(self.unit.currentData() or "")
        if self.kind.currentIndex() == 0:
            area, height, load = self.floor_area.value(), self.clear_height.value(), self.floor_load.value()

            def work(project: Project, _progress: Progress) -> list[Match]:
                from layers.matching import FloorWish, floors_for

                return floors_for(project, FloorWish(day, area, height, load, unit))
        else:
            area = convert(self.site_area.value(), "mu", "m2")
            use, road = str(self.use.currentData() or ""), self.road.value()
            asked = tuple(name for name, box in self.utilities.items() if box.isChecked())

            def work(project: Project, _progress: Progress) -> list[Match]:
                from layers.matching import SiteWish, sites_for

                return sites_for(project, SiteWish(day, area, use, asked, road, unit))

        self.search.setEnabled(False)
        self._session.read(work, self._arrived, title=tr("盘活调剂匹配"), owner=self, failed=self._failed)

    def _arrived(self, found: list[Match]) -> None:
        self.search.setEnabled(True)
        whole = sum(not item.count_missed and not item.count_unknown for item in found)
        text = tr("{count} 个可用，其中 {whole} 个完全符合", count=len(found), whole=whole)
        self._show(found, text if found else tr("没有可用的。"))

    def _failed(self, error: Exception) -> None:
        self.search.setEnabled(True)
        self._session.tasks.failed.emit(error)

    def _show(self, found: list[Match], text: str) -> None:
        self.found = found
        self.answer.setText(text)
        self.export.setEnabled(bool(found))
        self.model.fill([(_cells(rank, item), item) for rank, item in enumerate(found, 1)])
        fit_columns(self.view, most=240)
        self.view.horizontalHeader().setStretchLastSection(True)

    def _activate(self, index: QModelIndex) -> None:
        item: Match = self.model.item(index.row())
        self.row_activated.emit(item.table, item.uuid)

    def _export(self) -> None:
        start = str(Path(self._session.settings.folder) / tr("盘活调剂匹配.xlsx"))
        path, _ = QFileDialog.getSaveFileName(self, tr("导出"), start, "Excel (*.xlsx)")
        if not path:
            return
        target = Path(path) if path.lower().endswith(".xlsx") else Path(path + ".xlsx")
        found = self.found

        def work(_project: Project, progress: Progress) -> Path:
            from layers.export_ledger import write_xlsx
            from layers.matching import match_frame
            from layers.output_files import ready_target, write_whole

            frame, title = match_frame(found), tr("盘活调剂匹配")
            write_whole(
                ready_target(target, (".xlsx",)),
                lambda part: write_xlsx(frame, part, title=title, progress=progress),
            )
            return target

        def done(written: Path) -> None:
            self.answer.setText(tr("已写到：{path}", path=written))

        self._session.read(work, done, title=tr("导出"), owner=self)


def _choices(project: Project, _progress: Progress) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Units and classes of land use, each as key and title."""
    from layers.codes import land_use_classes

    units = project.units()
    return (
        list(zip(units.codes, units.names, strict=True)),
        [(key, item.title) for key, item in land_use_classes().items()],
    )


def _amount(most: float, digits: int, unit: str, value: float) -> QDoubleSpinBox:
    """A number with its unit; the least one says that nothing is demanded."""
    box = QDoubleSpinBox()
    box.setRange(0.0, most)
    box.setDecimals(digits)
    box.setSuffix(f" {unit}")
    box.setSpecialValueText(tr("不限"))
    box.setGroupSeparatorShown(True)
    box.setValue(value)
    return box


def _cells(rank: int, item: Match) -> list[Cell]:
    kept = len(item.reasons) - item.count_missed - item.count_unknown
    numbers: list[Any] = [kept, item.count_unknown, item.count_missed]
    return [
        Cell(str(rank), rank, right=True),
        Cell(item.label),
        Cell(item.unit_name),
        Cell(item.park),
        Cell(f"{item.area:,.2f}", item.area, right=True),
        *(Cell(str(number), number, right=True) for number in numbers),
        Cell(item.text),
    ]
