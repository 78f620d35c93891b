"""Print a parcel map: scale, paper, and a preview that is the very page that is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
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

from app import theme
from app.dialogs.messages import show_error
from app.panels.widgets import label
from app.session import Session
from gis.errors import ParkLineError
from gis.progress import Cancelled, Progress
from gis.text import tr

if TYPE_CHECKING:
    from layers.project import Project
    from layers.sheets.parcel_map import ParcelMap

__all__ = ["PrintMapDialog"]

_PREVIEW_DPI = 110.0
_SCALES = (500, 1000, 2000, 5000, 10_000)


class PrintMapDialog(QDialog):
    """One parcel; composing and writing run in workers."""

    def __init__(self, session: Session, parcel: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._parcel = session, parcel
        self._asked = 0
        self.map: ParcelMap | None = None
        self._picture = QPixmap()
        self.setWindowTitle(tr("打印宗地图"))
        self.resize(860, 760)
        self.scale = QComboBox()
        self.scale.addItem(tr("自动"), None)
        for scale in _SCALES:
            self.scale.addItem(f"1:{scale:,}", scale)
        self.paper = QComboBox()
        self.paper.addItems(["A4", "A3"])
        self.page = QSpinBox()
        self.page.setRange(1, 1)
        self.message = label("", "muted", wrap=True)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.save = QPushButton(theme.icon("print", theme.current().on_accent), tr("保存 PDF…"))
        self.save.setDefault(True)
        self.save.clicked.connect(self._choose_file)
        close = QPushButton(tr("关闭"))
        close.clicked.connect(self.reject)
        form = QFormLayout()
        form.addRow(tr("比例尺"), self.scale)
        form.addRow(tr("纸张"), self.paper)
        form.addRow(tr("页"), self.page)
        side = QVBoxLayout()
        side.addLayout(form)
        side.addWidget(self.message)
        side.addWidget(self.busy)
        side.addStretch(1)
        side.addWidget(self.save)
        side.addWidget(close)
        panel = QWidget()
        panel.setLayout(side)
        panel.setFixedWidth(230)
        self.preview = QLabel()
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setMinimumSize(QSize(320, 420))
        self.preview.setStyleSheet(f"background: {theme.current().track};")
        layout = QHBoxLayout(self)
        layout.addWidget(self.preview, 1)
        layout.addWidget(panel)
        self.scale.currentIndexChanged.connect(self.compose)
        self.paper.currentIndexChanged.connect(self.compose)
        self.page.valueChanged.connect(self._show_page)
        self.compose()

    def compose(self, *_: object) -> None:
        """Lay the page out anew; an answer that a later choice has overtaken is dropped."""
        self._asked += 1
        asked, scale, paper = self._asked, self.scale.currentData(), self.paper.currentText()
        self.save.setEnabled(False)
        self.busy.show()

        def work(project: Project, progress: Progress) -> tuple[ParcelMap, list[QImage]]:
            progress(0.1, tr("排版宗地图"))
            from layers.sheets.parcel_map import compose

            composed = compose(project, self._parcel, scale=scale, paper=paper)
            images = []
            for number in range(len(composed.pages)):
                progress(0.5, tr("绘制预览"))
                images.append(_image(composed, number))
            return composed, images

        def done(result: tuple[ParcelMap, list[QImage]]) -> None:
            if asked == self._asked:
                self._arrived(*result)

        def failed(error: Exception) -> None:
            if asked == self._asked:
                self.busy.hide()
                if isinstance(error, ParkLineError):
                    self.message.setText(f"{error.message}\n{error.hint}")
                elif not isinstance(error, Cancelled):
                    show_error(self, error)

        self._session.read(work, done, title=tr("排版宗地图"), failed=failed)

    def _arrived(self, composed: ParcelMap, images: list[QImage]) -> None:
        self.map, self._images = composed, images
        self.busy.hide()
        self.save.setEnabled(True)
        self.page.setRange(1, len(images))
        self.page.setEnabled(len(images) > 1)
        self.setWindowTitle(tr("打印宗地图 {parcel}", parcel=composed.sheet.parcel_no))
        self.message.setText(
            tr(
                "1:{scale}，{paper}，共 {count} 页",
                scale=f"{composed.scale:,}",
                paper=composed.paper,
                count=len(images),
            )
        )
        self._show_page()

    def _show_page(self, *_: object) -> None:
        if self.map is not None:
            self._picture = QPixmap.fromImage(self._images[self.page.value() - 1])
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit the page to the room."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        if not self._picture.isNull():
            ratio = self.devicePixelRatioF()
            room = (self.preview.size() - QSize(24, 24)) * ratio
            fitted = self._picture.scaled(
                room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            fitted.setDevicePixelRatio(ratio)
            self.preview.setPixmap(fitted)

    def _choose_file(self) -> None:
        if self.map is None:
            return
        name = "".join(c if c.isalnum() or c in "-_（）" else "_" for c in self.map.sheet.parcel_no)  # data
        start = str(Path(self._session.settings.folder) / f"{name or 'parcel'}.pdf")
        path, _ = QFileDialog.getSaveFileName(self, tr("保存 PDF"), start, tr("PDF 文件 (*.pdf)"))
        if path:
            self.write(Path(path))

    def write(self, path: Path) -> None:
        """Write the pages that are previewed."""
        composed = self.map
        if composed is None:
            return
        self._session.settings.folder = str(path.parent)
        self.busy.show()

        def done(_: object) -> None:
            self.busy.hide()
            self.message.setText(tr("已保存 {file}", file=path.name))

        def failed(error: Exception) -> None:
            self.busy.hide()
            show_error(self, error)

        self._session.tasks.run(
            lambda _progress: composed.write_pdf(path), done, title=tr("保存 PDF"), failed=failed
        )

    def reject(self) -> None:
        """Close; a page still under way is dropped."""
        self._asked += 1
        super().reject()


def _image(composed: ParcelMap, number: int) -> QImage:
    pixels = composed.image(_PREVIEW_DPI, number)
    height, width, _ = pixels.shape
    picture = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return picture.copy()  # the bytes above go away with this function
