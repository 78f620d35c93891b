"""Choose two snapshots of the plan to compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from app.panels.widgets import label
from gis.text import tr

if TYPE_CHECKING:
    from layers.snapshots import Snapshot

__all__ = ["CompareDialog"]


class CompareDialog(QDialog):
    """Earlier and later snapshot; preset to the two newest."""

    def __init__(self, snapshots: Sequence[Snapshot], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("比较规划快照"))
        self.setMinimumWidth(440)
        self.before, self.after = QComboBox(), QComboBox()
        for snapshot in snapshots:
            text = tr(
                "{name}（{date}，{count} 块）",
                name=snapshot.name,
                date=snapshot.date,
                count=f"{snapshot.count:,}",
            )
            self.before.addItem(text, snapshot.name)
            self.after.addItem(text, snapshot.name)
        self.before.setCurrentIndex(max(len(snapshots) - 2, 0))
        self.after.setCurrentIndex(len(snapshots) - 1)
        form = QFormLayout()
        form.addRow(tr("较早的快照"), self.before)
        form.addRow(tr("较晚的快照"), self.after)
        about = tr(
            "找出工业区块线内由工业用地改为其他用途的每一块，以及因区块线调整而落到线外的工业用地；结果列在预警面板中。"
        )
        self.hint = label("", "muted", wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("比较"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("取消"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(label(about, "muted", wrap=True))
        layout.addLayout(form)
        layout.addWidget(self.hint)
        layout.addWidget(self.buttons)
        self.before.currentIndexChanged.connect(self._judge)
        self.after.currentIndexChanged.connect(self._judge)
        self._enough = len(snapshots) >= 2
        self._judge()

    @property
    def chosen(self) -> tuple[str, str]:
        """Names of the earlier and the later snapshot."""
        return str(self.before.currentData()), str(self.after.currentData())

    def _judge(self) -> None:
        different = self.before.currentIndex() != self.after.currentIndex()
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(self._enough and different)
        if not self._enough:
            self.hint.setText(tr("至少需要两个规划快照；导入规划用地时为每一版命名。"))
        else:
            self.hint.setText("" if different else tr("请选择两个不同的快照。"))
