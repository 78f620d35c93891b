"""Status bar parts: progress with Cancel, what is selected, and the scale box."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QStatusBar,
    QToolButton,
    QWidget,
)

from app import theme
from app.panels.widgets import ElidedLabel, plain_tip
from app.session import Session
from app.tasks import Task, Tasks
from gis.text import tr
from layers.registry import layer

if TYPE_CHECKING:
    from gis.shown_plane import ShownPlane

__all__ = ["MessageBar", "ProgressPart", "ScaleBox", "SelectionPart"]

_MESSAGE_MARGIN = 16  # px between a message and the first part
_SHOW_AFTER = 400  # ms: quicker jobs show no bar
_SCALES = (500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)


class MessageBar(QStatusBar):
    """A status bar that ends a message with "…" before the parts on its right, and keeps all of it as a tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.messageChanged.connect(self._changed)

    def showMessage(self, text: str, timeout: int | None = 0) -> None:  # noqa: N802 - Qt's name
        """Show a message as far as there is room for it, for so many milliseconds (0: until the next one)."""
        parts = [
            part
            for part in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
            if part.isVisible()
        ]
        room = min((part.x() for part in parts), default=self.width()) - _MESSAGE_MARGIN
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room) if parts else text
        super().showMessage(shown, timeout or 0)
        self.setToolTip(plain_tip(text))

    def _changed(self, text: str) -> None:
        if not text:
            self.setToolTip("")


class ProgressPart(QWidget):
    """The oldest running job: what it does, how far it is, and Cancel."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: Task | None = None
        self.text = ElidedLabel()
        self.text.setFixedWidth(190)
        self.bar = QProgressBar()
        self.bar.setFixedWidth(110)
        self.bar.setTextVisible(False)
        self.cancel = QToolButton()
        self.cancel.setIcon(theme.icon("close", size=14))
        self.cancel.setText(tr("取消"))
        self.cancel.setToolTip(tr("取消当前任务；项目保持原样"))
        self.cancel.setAutoRaise(True)
        self.cancel.clicked.connect(self._cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 0)
        layout.addWidget(self.text)
        layout.addWidget(self.bar)
        layout.addWidget(self.cancel)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_SHOW_AFTER)
        self._delay.timeout.connect(self.show)
        tasks.changed.connect(self._refresh)
        self.hide()

    def _refresh(self) -> None:
        running = [task for task in self._tasks.running if not (task.quiet or task.waiting)]
        if not running:
            self._task = None
            self._delay.stop()
            self.hide()
            return
        if not self.isVisible() and not self._delay.isActive():
            self._delay.start()
        self._task = running[0]
        more = "" if len(running) == 1 else tr("（另有 {count} 项）", count=len(running) - 1)
        self.text.setText(f"{self._task.message}{more}")
        self.bar.setRange(0, 1000 if self._task.fraction > 0 else 0)
        self.bar.setValue(round(self._task.fraction * 1000))
        self.cancel.setEnabled(not self._task.cancelled)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._refresh()


class SelectionPart(QToolButton):
    """How many rows of which layer are selected, with what can be done about them; hidden while none is."""

    def __init__(self, session: Session, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolTip(tr("当前选择；点开可缩放、反选或清除"))
        menu = QMenu(self)
        menu.addActions(actions)
        self.setMenu(menu)
        session.selection_changed.connect(self.show_count)
        session.project_closed.connect(self.hide)
        self.show_count(*session.selected)

    def show_count(self, table: str, uuids: Sequence[str]) -> None:
        """Show another selection."""
        self.setVisible(bool(uuids))
        if uuids:
            self.setText(tr("{layer}：已选 {count}", layer=layer(table).title, count=f"{len(uuids):,}"))


class ScaleBox(QComboBox):
    """1:n, chosen or typed."""

    scale_wanted = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItems([f"1:{scale:,}" for scale in _SCALES])
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("1:10,000,000") + 46)
        self.setToolTip(tr("地图比例尺"))
        self._shown = ""
        self.activated.connect(lambda _index: self._ask())
        line = self.lineEdit()
        if line is not None:
            line.editingFinished.connect(self._ask)

    def show_in(self, plane: ShownPlane | None) -> None:
        """Say of which direction the scale is that of a map drawn in a system; None for the project's plane."""
        degrees = plane is not None and plane.geographic
        self.setToolTip(tr("地图比例尺（经纬度图：图中心处东西向）") if degrees else tr("地图比例尺"))

    def show_scale(self, denominator: float) -> None:
        """Show the map's scale unless the user is typing."""
        line = self.lineEdit()
        self._shown = f"1:{round(denominator):,}"
        if line is not None and not line.hasFocus():
            self.setEditText(self._shown)

    def _ask(self) -> None:
        text = self.currentText()
        if text == self._shown:
            return
        # Typed with Chinese or other punctuation. # data
        digits = re.sub(r"[,，\s]", "", text).rpartition(":")[2].rpartition("：")[2]
        try:
            denominator = float(digits)
        except ValueError:
            self.setEditText(self._shown)
            return
        if 1 <= denominator <= 1e8:
            self.scale_wanted.emit(denominator)
        else:
            self.setEditText(self._shown)
