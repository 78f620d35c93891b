"""Why the map is still blank: on a machine's first run its drawing loops are compiled, which takes half a minute."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel

from app import theme
from app.canvas.map_canvas import MapCanvas
from gis.draw.compiling import compiling
from gis.text import tr

__all__ = ["FirstNote"]

_LOOK_EVERY = 250  # ms


class FirstNote(QLabel):
    """In the middle of the canvas from when compiling is found under way until the first picture with something on it; else never seen."""

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(tr("首次运行，正在准备绘图（约半分钟）…"), canvas)
        self._canvas = canvas
        colours = theme.current()
        self.setObjectName("first_note")
        self.setStyleSheet(
            f"#first_note {{ background: {colours.base}; color: {colours.text}; padding: 10px 18px; "
            f"border: 1px solid {colours.border}; border-radius: 5px; }}"
        )
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        canvas.picture_ready.connect(self._drawn)
        canvas.source_changed.connect(self._begin)
        canvas.installEventFilter(self)
        self._begin()

    def _begin(self) -> None:
        if self._canvas.picture() is None:
            self._timer.start()

    def _look(self) -> None:
        if compiling():
            self.show()

    def _drawn(self) -> None:
        picture = self._canvas.picture()
        if picture is None or picture.complete or picture.drawn:
            self._timer.stop()
            self.hide()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Stand in the middle."""
        super().showEvent(event)
        self._place()

    def _place(self) -> None:
        self.adjustSize()
        self.move((self._canvas.width() - self.width()) // 2, (self._canvas.height() - self.height()) // 2)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay in the middle of the map, whatever its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)
