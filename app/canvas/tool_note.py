"""A note at the foot of the map: how the tool in hand is used, and what it has measured, to be copied."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QToolButton, QVBoxLayout

from app import theme
from app.canvas.map_canvas import MapCanvas
from app.canvas.tools.base import Tool
from app.panels.widgets import label
from gis.text import tr

__all__ = ["ToolNote"]

_ABOVE = 14  # pixels from the lower edge of the map
_SCALE_BAR = (190, 36)  # room that the scale bar takes in the lower left corner


class ToolNote(QFrame):
    """Follows the canvas's tool; hidden for tools that need no word."""

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        colours = theme.current()
        self.setObjectName("tool_note")
        self.setStyleSheet(
            f"#tool_note {{ background: {colours.base}; border: 1px solid {colours.border}; border-radius: 5px; }}"
        )
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.result = QLabel()
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        self.result.setProperty("role", "heading")
        self.result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint = label("", "muted")
        self.copy_button = QToolButton()
        self.copy_button.setIcon(theme.icon("copy"))
        self.copy_button.setToolTip(tr("复制结果"))
        self.copy_button.setAutoRaise(True)
        self.copy_button.clicked.connect(self.copy)
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addWidget(self.result)
        lines.addWidget(self.hint)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 5, 8, 5)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        layout.addLayout(lines, 1)
        layout.addWidget(self.copy_button)
        canvas.tool_changed.connect(self.show_tool)
        canvas.measured.connect(self.show_result)
        canvas.installEventFilter(self)
        self.show_tool(canvas.tool())

    def show_tool(self, tool: Tool) -> None:
        """Say how a tool is used."""
        self.hint.setText(tool.hint())
        self.setVisible(bool(tool.hint()))
        self.show_result("")

    def show_result(self, text: str) -> None:
        """Say what has been measured so far."""
        self.result.setText(text.replace("\n", "    "))
        self.result.setVisible(bool(text))
        self.copy_button.setVisible(bool(text))

    def copy(self) -> None:
        """Put the measure on the clipboard."""
        QGuiApplication.clipboard().setText(self.result.text())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Another text: stay in the middle."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        canvas = self._canvas
        left = (canvas.width() - self.width()) // 2
        above = (
            _ABOVE if left >= _SCALE_BAR[0] else _ABOVE + _SCALE_BAR[1]
        )  # a long one stands over the scale bar
        self.move(left, canvas.height() - self.height() - above)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay at the foot of the map, whatever its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
