"""Export the map as a picture: how many pixels, and how many of them to a point of the screen."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.canvas.map_canvas import MapCanvas
from app.panels.widgets import label
from gis.text import tr

__all__ = ["ExportPictureDialog"]

_LEAST, _MOST = 200, 8000  # pixels; 8,000 × 8,000 are 256 MB while it is drawn


class ExportPictureDialog(QDialog):
    """The picture shows at least what the window shows. ``pixels`` and ``ratio`` say what was chosen."""

    def __init__(self, canvas: MapCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.setWindowTitle(tr("导出地图图片"))
        self.setMinimumWidth(400)
        self.width_box, self.height_box = QSpinBox(), QSpinBox()
        for box in (self.width_box, self.height_box):
            box.setRange(_LEAST, _MOST)
            box.setSingleStep(100)
            box.setSuffix(" " + tr("像素"))
        self.ratio_box = QComboBox()
        for ratio, title in (
            (1.0, tr("1 倍：如屏幕")),
            (2.0, tr("2 倍：用于文档和幻灯片")),
            (3.0, tr("3 倍：用于印刷")),
        ):
            self.ratio_box.addItem(title, ratio)
        size = QHBoxLayout()
        size.addWidget(self.width_box, 1)
        size.addWidget(label("×"))
        size.addWidget(self.height_box, 1)
        form = QFormLayout()
        form.addRow(tr("清晰度"), self.ratio_box)
        form.addRow(tr("宽 × 高"), size)
        self.about = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("导出…"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.about)
        layout.addWidget(self.buttons)
        self.ratio_box.currentIndexChanged.connect(self._as_the_window)
        self.width_box.valueChanged.connect(self._describe)
        self.height_box.valueChanged.connect(self._describe)
        self.ratio_box.setCurrentIndex(1)

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.width_box.value(), self.height_box.value()

    @property
    def ratio(self) -> float:
        """Pixels of the picture to a logical one: how thick lines and how large letters are."""
        return float(self.ratio_box.currentData())

    def _as_the_window(self) -> None:
        self.width_box.setValue(round(self._canvas.width() * self.ratio))
        self.height_box.setValue(round(self._canvas.height() * self.ratio))
        self._describe()

    def _describe(self) -> None:
        width, height = self.pixels
        view = self._canvas.view().filling(width / self.ratio, height / self.ratio)
        metres = view.true_resolution
        self.about.setText(
            tr(
                "PNG，带比例尺、指北针和示例数据标识；范围 {across} × {down} 公里，每像素 {metres} 米。",
                across=f"{view.width * metres / 1000:,.3f}",
                down=f"{view.height * view.resolution / 1000:,.3f}",
                metres=f"{metres / self.ratio:,.3g}",
            )
        )
