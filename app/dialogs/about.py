"""About: what the program is and what it stands on."""

from __future__ import annotations

from importlib import metadata

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app import theme
from app.panels.widgets import label
from gis.text import tr

__all__ = ["AboutDialog"]

_LIBRARIES = ("PySide6-Essentials", "shapely", "geopandas", "pyproj", "pyogrio", "matplotlib")


class AboutDialog(QDialog):
    """Name, purpose, versions, font licence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("关于 ParkLine"))
        self.setMinimumWidth(440)
        picture = QLabel()
        picture.setPixmap(theme.pixmap("parkline", theme.current().accent, 56))
        picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        name = label(tr("ParkLine 工业用地与园区管理系统"), "heading")
        texts.addWidget(name)
        texts.addWidget(
            label(tr("离线管理工业区块线、标准地与标准化厂房，按政策逐单元给出结论与依据。"), wrap=True)
        )
        texts.addWidget(label(tr("；").join([f"Qt {qVersion()}", *_versions()]), "muted", wrap=True))
        texts.addWidget(label(tr("字体：文泉驿微米黑（Apache 2.0）。"), "muted", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(picture)
        row.addLayout(texts, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("关闭"))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(buttons)


def _versions() -> list[str]:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found
