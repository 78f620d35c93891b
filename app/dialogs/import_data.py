"""Import: look at the file, decide encoding, plane and columns, try, then take what can be taken."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.import_form import beside, refill, system_title, typed_system
from app.dialogs.import_mapping import MappingTable
from app.dialogs.import_report import ReportView
from app.dialogs.messages import show_error
from app.panels.frame_model import Cell, ListModel
from app.panels.widgets import EmptyHint, fit_columns, label, table
from app.session import Session
from app.tasks import Task
from gis.errors import ParkLineError
from gis.progress import Cancelled, Progress
from gis.text import tr
from layers.registry import TABLES, layer

if TYPE_CHECKING:
    from layers.importing.plan import ImportPlan
    from layers.project import Project

__all__ = ["ImportDialog"]

_COMMAND_LINE = re.compile(r"\s*[（(]--[^）)]*[）)]")  # data: hints for the command line mean nothing here
_ENCODINGS = ("utf-8", "gb18030", "gbk", "big5", "latin-1")


class ImportDialog(QDialog):
    """Reading, trying and running are background jobs; the dialog only shows and changes the plan."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.plan: ImportPlan | None = None
        self._filling = False
        self._asked = 0
        self._task: Task | None = None
        self._closing = False
        self.setWindowTitle(tr("导入数据"))
        self.resize(940, 700)
        self.setAcceptDrops(True)
        self.tabs = QTabWidget()
        self.mapping = MappingTable()
        self.report = ReportView()
        self.sample = ListModel([])
        self.sample_view = table(self.sample, sortable=False)
        EmptyHint(self.sample_view, tr("选择文件，或把文件拖到这里。"))
        self.tabs.addTab(self._sample_page(), tr("文件内容"))
        self.tabs.addTab(self.mapping, tr("字段对应"))
        self.tabs.addTab(self.report, tr("试运行与结果"))
        self.questions = label("", wrap=True)
        self.busy = QProgressBar()
        self.busy.setTextVisible(False)
        self.busy.hide()
        self.stop = QPushButton(tr("取消任务"))
        self.stop.hide()
        self.dry = QPushButton(tr("试运行"))
        self.go = QPushButton(tr("导入"))
        self.go.setDefault(True)
        self.close_button = QPushButton(tr("关闭"))
        buttons = QHBoxLayout()
        buttons.addWidget(self.busy, 1)
        buttons.addWidget(self.stop)
        buttons.addStretch(1)
        for button in (self.dry, self.go, self.close_button):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        self.form = QWidget()
        rows = self._form()
        rows.setContentsMargins(0, 0, 0, 0)
        self.form.setLayout(rows)
        layout.addWidget(self.form)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.questions)
        layout.addLayout(buttons)
        self.dry.clicked.connect(lambda: self.run(dry=True))
        self.go.clicked.connect(lambda: self.run(dry=False))
        self.stop.clicked.connect(self._cancel)
        self.close_button.clicked.connect(self.reject)
        self.mapping.mapping_changed.connect(self._judge)
        self.report.export_wanted.connect(self._export)
        session.tasks.changed.connect(self._progress)
        self._judge()

    # --- building ------------------------------------------------------------------------------------

    def _form(self) -> QFormLayout:
        self.file = QLineEdit()
        self.file.setReadOnly(True)
        self.file.setPlaceholderText(tr("Shapefile、GeoPackage、GeoJSON、KML、FileGDB、Excel、CSV"))
        browse, folder = QPushButton(tr("选择文件…")), QPushButton(tr("选择 GDB 目录…"))
        browse.clicked.connect(self._choose)
        folder.clicked.connect(self._choose_folder)
        self.layer = QComboBox()
        for spec in TABLES:
            self.layer.addItem(spec.title, spec.name)
        self.layer.setCurrentIndex(self.layer.findData("parcel"))
        self.source_layer, self.encoding, self.crs = QComboBox(), QComboBox(), QComboBox()
        for box in (self.source_layer, self.encoding, self.crs):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(9 if box is self.encoding else 18)
        self.crs.setEditable(True)
        self.crs.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.crs_reason = label("", "muted", wrap=True)
        self.snapshot = QLineEdit()
        self.snapshot.setPlaceholderText(tr("例如 2024 年国土空间规划"))
        self.date = QDateEdit()
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("yyyy-MM-dd")
        day = self._session.as_of or dt.date(2024, 1, 1)
        self.date.setDate(QDate(day.year, day.month, day.day))
        self.repairs = QCheckBox(tr("接受无效图形的修复建议"))
        self.repairs.setChecked(True)
        form = QFormLayout()
        form.addRow(tr("文件"), beside(self.file, browse, folder))
        form.addRow(tr("导入到"), self.layer)
        form.addRow(tr("源图层"), beside(self.source_layer, label(tr("编码"), "muted"), self.encoding))
        form.addRow(tr("坐标系"), beside(self.crs, self.repairs))
        form.addRow("", self.crs_reason)
        self._snapshot_row = beside(self.snapshot, label(tr("日期"), "muted"), self.date)
        form.addRow(tr("规划快照"), self._snapshot_row)
        self._form_layout = form
        form.setRowVisible(self._snapshot_row, False)
        self.layer.currentIndexChanged.connect(self.look)
        self.source_layer.currentIndexChanged.connect(self._again)
        self.encoding.currentIndexChanged.connect(self._again)
        self.crs.activated.connect(self._crs_chosen)
        line = self.crs.lineEdit()
        if line is not None:
            line.editingFinished.connect(self._crs_chosen)
        self.snapshot.textChanged.connect(self._snapshot_edited)
        self.date.dateChanged.connect(self._snapshot_edited)
        self.repairs.toggled.connect(self._repairs_toggled)
        return form

    def _sample_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        self.evidence = label(
            tr("选择文件后，这里显示前几行：先看文字是否正常，再决定编码。"), "muted", wrap=True
        )
        layout.addWidget(self.evidence)
        layout.addWidget(self.sample_view, 1)
        return page

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take one file or folder."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Look at what was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if paths and self._task is None:
            self.set_file(paths[0])

    # --- looking -------------------------------------------------------------------------------------

    def _choose(self) -> None:
        patterns = "*.shp *.gpkg *.geojson *.json *.kml *.kmz *.zip *.xlsx *.xlsm *.xls *.csv *.txt *.mif *.tab *.fgb"
        path, _ = QFileDialog.getOpenFileName(
            self,
            tr("选择文件"),
            self._session.settings.folder,
            tr("可导入的文件 ({patterns})", patterns=patterns),
        )
        if path:
            self.set_file(Path(path))

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("选择 GDB 目录"), self._session.settings.folder)
        if path:
            self.set_file(Path(path))

    def set_file(self, path: Path) -> None:
        """Look at a file."""
        self._session.settings.folder = str(path.parent)
        self.file.setText(str(path))
        for box in (self.source_layer, self.encoding):
            box.blockSignals(True)
            box.clear()
            box.blockSignals(False)
        self.look()

    def _again(self) -> None:
        if not self._filling:
            self.look()

    def look(self, *_: object) -> None:
        """Read the source and propose a plan."""
        self._form_layout.setRowVisible(self._snapshot_row, self.layer.currentData() == "land_use")
        if not self.file.text():
            return
        path, name = Path(self.file.text()), str(self.layer.currentData())
        source_layer, encoding = self.source_layer.currentData(), self.encoding.currentData()

        def work(project: Project, progress: Progress) -> ImportPlan:
            from layers.importing.plan import propose

            return propose(
                project, name, path, source_layer=source_layer, encoding=encoding, progress=progress
            )

        self.plan = None
        self._start(work, self._show_plan, tr("读取 {name}", name=path.name))

    def _show_plan(self, plan: ImportPlan) -> None:
        self.plan = plan
        self._filling = True
        info = plan.info
        refill(self.source_layer, [(name, name) for name in info.layers], info.layer)
        encodings = list(dict.fromkeys([*([info.encoding] if info.encoding else []), *_ENCODINGS]))
        refill(self.encoding, [(name, name) for name in encodings] if info.encoding else [], info.encoding)
        self.encoding.setEnabled(bool(info.encoding))
        self.source_layer.setEnabled(len(info.layers) > 1)
        self.evidence.setText("\n".join(text for text in (info.encoding_evidence, *info.notes) if text))
        rows = [([Cell(str(row.get(name, ""))) for name in info.columns], row) for row in info.sample]
        self.sample.fill(rows, info.columns)
        fit_columns(self.sample_view, most=220)
        self.crs.clear()
        for candidate in plan.candidates:
            text = system_title(candidate.epsg, swapped=candidate.swapped)
            self.crs.addItem(text, (candidate.epsg, candidate.swapped))
            self.crs.setItemData(self.crs.count() - 1, candidate.reason, 3)  # Qt.ToolTipRole
        chosen = "" if plan.epsg is None else system_title(plan.epsg, swapped=plan.swapped)
        self.crs.setCurrentIndex(self.crs.findText(chosen))
        self.crs.setEditText(chosen)
        self.crs.setEnabled(plan.has_geometry)
        self.crs_reason.setText(
            plan.crs_reason if plan.has_geometry else tr("文件没有图形，按编号与已有图形关联。")
        )
        self.mapping.show_plan(plan)
        self._filling = False
        self._snapshot_edited()
        self._repairs_toggled(self.repairs.isChecked())
        self._judge()

    # --- changing the plan ---------------------------------------------------------------------------

    def _crs_chosen(self, *_: object) -> None:
        plan = self.plan
        if plan is None or self._filling:
            return
        index = self.crs.findText(self.crs.currentText())
        if index >= 0 and self.crs.itemData(index):
            plan.epsg, plan.swapped = self.crs.itemData(index)
            self.crs_reason.setText(str(self.crs.itemData(index, 3) or ""))
        else:
            self._take_typed(plan, typed_system(self.crs.currentText()))
        self._judge()

    def _take_typed(self, plan: ImportPlan, epsg: int | None) -> None:
        """Another system than those proposed; in which order the axes stand is looked for anew."""
        if epsg is not None and epsg == plan.epsg:
            return
        plan.epsg, plan.swapped = None, False
        reason = tr("请选择一项，或输入 EPSG 代码。")
        if epsg is not None:
            try:
                plan.choose_system(epsg)
                reason = plan.crs_reason
            except ParkLineError as error:
                reason = error.message
        self.crs_reason.setText(reason)

    def _snapshot_edited(self, *_: object) -> None:
        if self.plan is not None and self.plan.layer == "land_use":
            day = self.date.date()
            self.plan.snapshot = self.snapshot.text().strip() or None
            self.plan.date = dt.date(day.year(), day.month(), day.day())
            self._judge()

    def _repairs_toggled(self, on: bool) -> None:
        if self.plan is not None:
            self.plan.accept_repairs = on

    def _judge(self) -> None:
        asked = [] if self.plan is None else self.plan.open_questions()
        self.questions.setText("\n".join(f"• {_COMMAND_LINE.sub('', text)}" for text in asked))
        self.questions.setVisible(bool(asked))
        ready = self.plan is not None and not asked and not self.stop.isVisible()
        self.dry.setEnabled(ready)
        self.go.setEnabled(ready)

    # --- running -------------------------------------------------------------------------------------

    def run(self, *, dry: bool) -> None:
        """Try the plan, or carry it out."""
        plan = self.plan
        if plan is None:
            return

        def work(project: Project, progress: Progress) -> Any:
            from layers.importing.run import run

            return run(project, plan, dry_run=dry, progress=progress)

        def done(report: Any) -> None:
            self.report.show_report(report, dry=dry)
            self.tabs.setCurrentWidget(self.report)
            if not dry:
                self.plan = None  # a second click must not take the rows twice
                self._judge()

        self._start(work, done, tr("试运行") if dry else tr("导入"), writes=not dry)

    def _export(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, tr("导出拒收行"), self._session.settings.folder, tr("Excel 工作簿 (*.xlsx)")
        )
        if path:
            self.export_to(Path(path) if Path(path).suffix else Path(path).with_suffix(".xlsx"))

    def export_to(self, path: Path) -> None:
        """Write the refused rows for the county to mend."""
        report = self.report.report
        if report is None:
            return

        def work(_project: Project, progress: Progress) -> Any:
            progress(0.1, tr("导出拒收行"))
            from layers.importing.workbook import write_refused

            return write_refused(report.refused, path, file=report.file, layer=layer(report.layer).title)

        self._start(work, lambda _: self._say(tr("已保存 {file}", file=path.name)), tr("导出拒收行"))

    def _say(self, text: str) -> None:
        self.questions.setText(text)
        self.questions.show()

    def _start(self, work: Any, done: Any, title: str, *, writes: bool = False) -> None:
        self._asked += 1
        asked = self._asked
        if self._task is not None:
            self._task.cancel()  # a reading that another choice has overtaken
        self.busy.setRange(0, 0)
        self.busy.show()
        self.stop.show()
        self.form.setEnabled(False)
        self.dry.setEnabled(False)
        self.go.setEnabled(False)

        def finish() -> None:
            self._task = None
            self.busy.hide()
            self.stop.hide()
            self.form.setEnabled(True)
            self._judge()
            if self._closing:
                super(ImportDialog, self).reject()

        def arrived(result: Any) -> None:
            if asked == self._asked:
                finish()
                done(result)

        def failed(error: Exception) -> None:
            if asked == self._asked:
                finish()
                if isinstance(error, Cancelled):
                    self._say(tr("已取消，项目保持原样。"))
                else:
                    show_error(self, error)

        if writes:
            self._task = self._session.write(work, arrived, title=title, failed=failed, owner=self)
        else:
            self._task = self._session.read(work, arrived, title=title, failed=failed, owner=self)

    def _progress(self) -> None:
        if self._task is not None and not self._task.finished:
            self.busy.setRange(0, 1000 if self._task.fraction > 0 else 0)
            self.busy.setValue(round(self._task.fraction * 1000))
            self._say(self._task.message)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._say(tr("正在取消……"))

    def reject(self) -> None:
        """Close. An import under way is cancelled first, and closes the dialog once it has stopped."""
        if self._task is not None and self._task.writes:
            self._closing = True
            self._cancel()
            return
        self._asked += 1
        if self._task is not None:
            self._task.cancel()
        super().reject()
