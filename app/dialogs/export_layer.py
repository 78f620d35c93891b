"""Export a layer: which one, as what, in which reference system, which plan snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.widgets import label
from app.settings import Settings
from gis.crs import GEOGRAPHIC, describe
from gis.text import tr
from layers.exporting import FORMATS
from layers.registry import TABLES, layer

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["ExportDialog"]

_WITHOUT_GEOMETRY = (".xlsx", ".csv", ".gpkg", ".geojson")
_WGS84 = 4326


class ExportDialog(QDialog):
    """Asks; the caller writes. Suffixes and reference systems follow from the layer and the format."""

    def __init__(
        self,
        settings: Settings,
        project: Project,
        name: str | None,
        snapshots: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings, self._project = settings, project
        self.setWindowTitle(tr("导出图层"))
        self.setMinimumWidth(520)
        self.layer, self.format, self.crs, self.snapshot = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        for spec in TABLES:
            self.layer.addItem(spec.title, spec.name)
        self.layer.setCurrentIndex(max(self.layer.findData(name or "parcel"), 0))
        self.snapshot.addItem(tr("全部快照"), None)
        for text in snapshots:
            self.snapshot.addItem(text, text)
        for epsg in dict.fromkeys((project.epsg, GEOGRAPHIC, _WGS84)):
            self.crs.addItem(describe(epsg), epsg)
        self.file = QLineEdit()
        browse = QPushButton(tr("浏览…"))
        browse.clicked.connect(self._choose)
        place = QHBoxLayout()
        place.addWidget(self.file, 1)
        place.addWidget(browse)
        self.hint = label("", "muted", wrap=True)
        self._form = QFormLayout()
        self._form.addRow(tr("图层"), self.layer)
        self._form.addRow(tr("规划快照"), self.snapshot)
        self._form.addRow(tr("格式"), self.format)
        self._form.addRow(tr("坐标系"), self.crs)
        self._form.addRow(tr("文件"), place)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("导出"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addWidget(self.hint)
        layout.addWidget(self.buttons)
        self.layer.currentIndexChanged.connect(self._layer_chosen)
        self.format.currentIndexChanged.connect(self._format_chosen)
        self.file.textChanged.connect(self._judge)
        self._layer_chosen()

    def _layer_chosen(self) -> None:
        spec = layer(self.layer.currentData())
        self._form.setRowVisible(self.snapshot, spec.name == "land_use")
        chosen = self.format.currentData()
        self.format.blockSignals(True)
        self.format.clear()
        for suffix, title in FORMATS.items():
            if spec.geometry or suffix in _WITHOUT_GEOMETRY:
                self.format.addItem(f"{title} (*{suffix})", suffix)
        self.format.setCurrentIndex(max(self.format.findData(chosen), 0))
        self.format.blockSignals(False)
        self._format_chosen()

    def _format_chosen(self) -> None:
        spec, suffix = layer(self.layer.currentData()), str(self.format.currentData())
        # GeoJSON is in degrees (RFC 7946); a ledger without geometry has no reference system.
        self._form.setRowVisible(self.crs, bool(spec.geometry) and suffix not in (".geojson", ".xlsx"))
        folder = Path(self.file.text()).parent if self.file.text() else Path(self._settings.folder)
        self.file.setText(str(folder / f"{self._project.path.stem}-{spec.name}{suffix}"))

    def _choose(self) -> None:
        suffix = str(self.format.currentData())
        pattern = f"{FORMATS[suffix]} (*{suffix})"
        path, _ = QFileDialog.getSaveFileName(
            self, tr("导出图层"), self.file.text(), pattern, options=QFileDialog.Option.DontConfirmOverwrite
        )
        if path:
            self.file.setText(path if Path(path).suffix else path + suffix)

    def _judge(self) -> None:
        text = self.file.text().strip()
        path = Path(text)
        problem, remark = "", ""
        if not text or path.suffix.lower() != self.format.currentData():
            problem = tr("文件名须以 {suffix} 结尾。", suffix=self.format.currentData())
        elif not path.absolute().parent.is_dir():
            problem = tr("文件夹不存在。")
        elif path.exists():
            remark = tr("文件已存在，将被替换。")
        self.hint.setText(problem or remark)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)

    def values(self) -> tuple[str, Path, int | None, str | None]:
        """Layer, file, EPSG (None: what the format stands in) and plan snapshot (None: all)."""
        name, path = str(self.layer.currentData()), Path(self.file.text().strip()).absolute()
        self._settings.folder = str(path.parent)
        epsg = int(self.crs.currentData()) if self._form.isRowVisible(self.crs) else None
        return name, path, epsg, self.snapshot.currentData() if name == "land_use" else None
