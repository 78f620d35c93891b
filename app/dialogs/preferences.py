"""Settings: language and theme."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from app.settings import Settings
from gis.text import language, mark, tr

__all__ = ["LANGUAGE_TITLES", "PreferencesDialog"]

LANGUAGE_TITLES = {"zh_CN": mark("中文"), "en": "English"}  # shown as it is: each in its own language


class PreferencesDialog(QDialog):
    """Writes the settings when accepted; the caller applies them."""

    applied = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle(tr("设置"))
        self.setMinimumWidth(340)
        self.language = QComboBox()
        for name, title in LANGUAGE_TITLES.items():
            self.language.addItem(title, name)
        self.language.setCurrentIndex(self.language.findData(language()))
        self.theme = QComboBox()
        for name, title in (("system", tr("跟随系统")), ("light", tr("浅色")), ("dark", tr("深色"))):
            self.theme.addItem(title, name)
        self.theme.setCurrentIndex(self.theme.findData(settings.theme))
        form = QFormLayout()
        form.addRow(tr("语言"), self.language)
        form.addRow(tr("外观"), self.theme)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("确定"))
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(buttons)

    def accept(self) -> None:
        """Store the choices."""
        self._settings.language = str(self.language.currentData())
        self._settings.theme = str(self.theme.currentData())
        super().accept()
        self.applied.emit()
