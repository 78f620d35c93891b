"""Print a parcel map: scale, paper, and a preview that is the very page that is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app import theme
from app.dialogs.messages import show_error
from app.dialogs.page_preview import PagePreview
from app.panels.widgets import label
from app.session import Session
from gis.draw.paper import PAPERS, STANDARD_SCALES
from gis.errors import ParkLineError
from gis.progress import Cancelled, Progress
from gis.text import tr

if TYPE_CHECKING:
    from layers.project import Project
    from layers.sheets.parcel_map import ParcelMap

__all__ = ["PrintMapDialog"]

_ICON = 16
_PANEL_WIDTH = 270


class PrintMapDialog(QDialog):
    """One parcel; composing, drawing and writing run in workers."""

    def __init__(self, session: Session, parcel: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._parcel = session, parcel
        self._asked = 0
        self._drawn = 0
        self.map: ParcelMap | None = None
        self.setWindowTitle(tr("打印宗地图"))
        self.resize(980, 820)
        self._make_choices()
        self.message = label("", wrap=True)
        self.notes = label("", "muted", wrap=True)
        self.problem_icon = QLabel()
        self.problem_icon.setPixmap(theme.pixmap("warning", theme.current().caution, _ICON))
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.save = QPushButton(theme.icon("print", theme.current().on_accent), tr("保存 PDF…"))
        self.save.setDefault(True)
        self.save.clicked.connect(self._choose_file)
        close = QPushButton(tr("关闭"))
        close.clicked.connect(self.reject)
        self.preview = PagePreview()
        self.preview.wanted.connect(self._draw)
        self.preview.zoomed.connect(self._say_zoom)
        layout = QHBoxLayout(self)
        layout.addWidget(self.preview, 1)
        layout.addWidget(self._side_panel(close))
        self.compose()

    def _make_choices(self) -> None:
        self.scale, self.paper, self.orientation = QComboBox(), QComboBox(), QComboBox()
        self.scale.addItem(tr("自动（能放下的最大比例）"), None)
        for scale in STANDARD_SCALES:
            self.scale.addItem(f"1:{scale}", scale)
        self.paper.addItems(list(PAPERS))
        for title, landscape in ((tr("自动"), None), (tr("纵向"), False), (tr("横向"), True)):
            self.orientation.addItem(title, landscape)
        self.page = QSpinBox()
        self.page.setRange(1, 1)
        self.zoom = QComboBox()
        for title, factor in ((tr("适合窗口"), None), ("100 %", 1.0), ("150 %", 1.5), ("200 %", 2.0)):
            self.zoom.addItem(title, factor)
        for box in (self.scale, self.paper, self.orientation):
            box.currentIndexChanged.connect(self.compose)
        self.page.valueChanged.connect(lambda: self._draw(self.preview.dpi))
        self.zoom.currentIndexChanged.connect(lambda: self.preview.set_zoom(self.zoom.currentData()))

    def _side_panel(self, close: QPushButton) -> QWidget:
        form = QFormLayout()
        form.addRow(tr("比例尺"), self.scale)
        form.addRow(tr("纸张"), self.paper)
        form.addRow(tr("方向"), self.orientation)
        form.addRow(tr("页"), self.page)
        form.addRow(tr("预览"), self.zoom)
        said = QHBoxLayout()
        said.addWidget(self.problem_icon)
        said.addWidget(self.message, 1)
        side = QVBoxLayout()
        side.addLayout(form)
        side.addSpacing(8)
        side.addLayout(said)
        side.addWidget(self.notes)
        side.addWidget(self.busy)
        side.addStretch(1)
        side.addWidget(self.save)
        side.addWidget(close)
        panel = QWidget()
        panel.setLayout(side)
        panel.setFixedWidth(_PANEL_WIDTH)
        return panel

    def compose(self, *_: object) -> None:
        """Lay the page out anew; an answer that a later choice has overtaken is dropped."""
        self._asked += 1
        asked, dpi = self._asked, self.preview.dpi
        scale, paper = self.scale.currentData(), self.paper.currentText()
        landscape, as_of = self.orientation.currentData(), self._session.map_day
        self.save.setEnabled(False)
        self.busy.show()
        self.problem_icon.hide()

        def work(project: Project, progress: Progress) -> tuple[ParcelMap, QImage]:
            progress(0.1, tr("排版宗地图"))
            from layers.sheets.parcel_map import compose

            composed = compose(
                project, self._parcel, scale=scale, paper=paper, landscape=landscape, as_of=as_of
            )
            progress(0.6, tr("绘制预览"))
            return composed, _image(composed, 0, dpi)

        def done(result: tuple[ParcelMap, QImage]) -> None:
            if asked == self._asked:
                self._arrived(*result)

        def failed(error: Exception) -> None:
            if asked == self._asked:
                self._refused(error)

        self._session.read(work, done, title=tr("排版宗地图"), failed=failed, owner=self)

    def _arrived(self, composed: ParcelMap, picture: QImage) -> None:
        self.map = composed
        self.busy.hide()
        self.save.setEnabled(True)
        count = len(composed.pages)
        self.page.blockSignals(True)
        self.page.setRange(1, count)
        self.page.setValue(1)
        self.page.blockSignals(False)
        self.page.setEnabled(count > 1)
        self.setWindowTitle(tr("打印宗地图 {parcel}", parcel=composed.sheet.parcel_no))
        lying = tr("横向") if composed.landscape else tr("纵向")
        self.message.setText(
            tr(
                "1:{scale}，{paper} {orientation}，共 {count} 页",
                scale=composed.scale,
                paper=composed.paper,
                orientation=lying,
                count=count,
            )
        )
        self.notes.setText("\n".join(composed.notes))
        self._show(picture, 0)

    def _refused(self, error: Exception) -> None:
        """No page: the preview never shows one that the choices do not stand for."""
        self.map = None
        self.busy.hide()
        self.page.setEnabled(False)
        if isinstance(error, ParkLineError):
            self.problem_icon.show()
            self.message.setText(error.message)
            self.notes.setText(error.hint or "")
            self.preview.show_text(f"{error.message}\n{error.hint}".strip())
        elif not isinstance(error, Cancelled):
            show_error(self, error)

    def _draw(self, dpi: float) -> None:
        """Draw the chosen page at that resolution and show it, unless another has been asked for meanwhile."""
        composed, number = self.map, self.page.value() - 1
        if composed is None:
            return
        self._drawn += 1
        drawn = self._drawn

        def done(picture: QImage) -> None:
            if drawn == self._drawn and composed is self.map:
                self._show(picture, number)

        self._session.read(
            lambda _project, _progress: _image(composed, number, dpi), done, quiet=True, owner=self
        )

    def _show(self, picture: QImage, number: int) -> None:
        if self.map is not None:
            page = self.map.pages[number]
            self.preview.show_page(picture, (page.width, page.height))

    def _say_zoom(self, zoom: float) -> None:
        """The wheel reaches sizes that the list does not have."""
        self.zoom.blockSignals(True)
        self.zoom.setCurrentIndex(self.zoom.findData(zoom))
        self.zoom.setPlaceholderText(f"{round(100 * zoom)} %")
        self.zoom.blockSignals(False)

    def _choose_file(self) -> None:
        if self.map is None:
            return
        name = "".join(c if c.isalnum() or c in "-_（）" else "_" for c in self.map.sheet.parcel_no)  # data
        start = str(Path(self._session.settings.folder) / f"{name or 'parcel'}.pdf")
        path, _ = QFileDialog.getSaveFileName(self, tr("保存 PDF"), start, tr("PDF 文件 (*.pdf)"))
        if path:
            chosen = Path(path)
            self.write(chosen if chosen.suffix.lower() == ".pdf" else Path(f"{path}.pdf"))

    def write(self, path: Path) -> None:
        """Write the pages that are previewed."""
        composed = self.map
        if composed is None:
            return
        self._session.settings.folder = str(path.parent)
        self.busy.show()

        def done(_: object) -> None:
            if isValid(self):
                self.busy.hide()
                self.notes.setText(tr("已保存 {file}", file=path.name))

        def failed(error: Exception) -> None:
            if isValid(self):
                self.busy.hide()
                show_error(self, error)
            else:  # the dialog was closed over it; that the file is not there must be said all the same
                self._session.tasks.failed.emit(error)

        self._session.tasks.run(
            lambda _progress: composed.write_pdf(path), done, title=tr("保存 PDF"), failed=failed, writes=True
        )

    def reject(self) -> None:
        """Close; a page still under way is dropped."""
        self._asked += 1
        super().reject()


def _image(composed: ParcelMap, number: int, dpi: float) -> QImage:
    pixels = composed.image(dpi, number)
    height, width, _ = pixels.shape
    picture = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return picture.copy()  # the bytes above go away with this function
