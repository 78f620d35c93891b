"""Acknowledge warnings: why they may stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.panels.widgets import label
from gis.text import tr

if TYPE_CHECKING:
    from layers.kept_warnings import KeptWarning

__all__ = ["AcknowledgeDialog"]

_LISTED = 4


class AcknowledgeDialog(QDialog):
    """Names the warnings and asks for the reason, without which nothing is acknowledged."""

    def __init__(self, warnings: Sequence[KeptWarning], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("确认预警"))
        self.resize(460, 300)
        self.reason = QPlainTextEdit()
        self.reason.setPlaceholderText(tr("理由，例如批准文号、处理情况"))
        self.reason.setTabChangesFocus(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("确认"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._count = len(warnings)
        if warnings:
            about = tr("确认下列 {count} 条预警，理由与确认人记入台账：", count=len(warnings))
        else:
            about = tr("先在预警列表中选中要确认的预警。")
        lines = [f"· {item.row.text}" for item in warnings[:_LISTED]]
        if len(warnings) > _LISTED:
            lines.append(tr("…… 另有 {count} 条", count=len(warnings) - _LISTED))
        layout = QVBoxLayout(self)
        layout.addWidget(label(about, wrap=True))
        layout.addWidget(label("\n".join(lines), "muted", wrap=True))
        layout.addWidget(self.reason, 1)
        layout.addWidget(self.buttons)
        self.reason.textChanged.connect(self._look)
        self._look()

    def _look(self) -> None:
        ready = bool(self._count and self.reason.toPlainText().strip())
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(ready)
