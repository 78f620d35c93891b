"""Two snapshots of the plan on one map: the earlier left of a handle, the later right of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from app import theme
from app.canvas.map_canvas import MapCanvas
from app.canvas.renderer import Picture, Renderer
from app.canvas.source import LayerSource
from gis.draw.view import View
from gis.text import tr

__all__ = ["Swipe"]

_SETTLE = 40  # ms, as the canvas waits
_BEYOND = 1.3
_GRIP = 18  # pixels in which the handle can be taken hold of
_TOP = 52.0  # where the names of the two sides stand
_KEY_STEP = 0.02


class Swipe(QObject):
    """The left side has a renderer of its own; the right side is the canvas's own picture."""

    def __init__(self, canvas: MapCanvas, left: LayerSource, titles: tuple[str, str]) -> None:
        super().__init__(canvas)
        self._canvas, self.titles = canvas, titles
        self.share = 0.5  # of the width that the left side takes
        self._picture: Picture | None = None
        self._renderer = Renderer(self)
        self._renderer.finished.connect(self._arrived)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self._ask)
        canvas.extent_changed.connect(self._soon)
        canvas.contents_changed.connect(self._soon)
        self.handle = _Handle(canvas)
        self.handle.moved.connect(self._moved)
        self.show_left(left, titles)
        canvas.curtain = self.paint
        self._place()

    def show_left(self, left: LayerSource, titles: tuple[str, str]) -> None:
        """Another snapshot on the left."""
        self.titles = titles
        self._picture = None
        self._renderer.set_source(left)
        self._ask()

    @property
    def complete(self) -> bool:
        """Whether the left side shows a whole picture of the present view."""
        view = self._canvas.view()
        made = None if self._picture is None else self._picture.view
        return (
            made is not None
            and self._picture is not None
            and self._picture.complete
            and not self._settle.isActive()
            and not self._renderer.busy
            and made.resized(view.width, view.height) == view
        )

    def stop(self) -> None:
        """One map again; the worker ends."""
        self._settle.stop()
        self._canvas.curtain = None
        self._canvas.extent_changed.disconnect(self._soon)
        self._canvas.contents_changed.disconnect(self._soon)
        self.handle.hide()
        self.handle.deleteLater()
        self._renderer.shut_down()
        self._canvas.update()
        self.deleteLater()

    def _soon(self) -> None:
        self._place()
        if not self._settle.isActive():
            self._settle.start()

    def _ask(self) -> None:
        view = self._canvas.view()
        larger = view.resized(round(view.width * _BEYOND), round(view.height * _BEYOND))
        self._canvas.draw_with(self._renderer, larger, self._canvas.devicePixelRatioF())

    def _arrived(self, picture: Picture) -> None:
        self._picture = picture
        self._canvas.update()

    def _moved(self, x: float) -> None:
        self.share = min(max(x / max(self._canvas.width(), 1), 0.0), 1.0)
        self._place()
        self._canvas.update()

    def _place(self) -> None:
        middle = round(self.share * self._canvas.width())
        self.handle.setGeometry(middle - _GRIP // 2, 0, _GRIP, self._canvas.height())

    def paint(self, painter: QPainter, view: View) -> None:
        """The left side over the canvas's picture, and the names of both."""
        edge = self.share * view.width
        painter.save()
        painter.setClipRect(QRectF(0, 0, edge, view.height))
        painter.fillRect(QRectF(0, 0, edge, view.height), self._canvas.overlay.background())
        if self._picture is not None:
            self._canvas.draw_picture(painter, self._picture)
        painter.restore()
        self._name(painter, self.titles[0], edge - 14, right=True)
        self._name(painter, self.titles[1], edge + 14, right=False)

    def _name(self, painter: QPainter, text: str, x: float, *, right: bool) -> None:
        colours = theme.current()
        font = QFont(self._canvas.font())
        font.setBold(True)
        width = QFontMetricsF(font).horizontalAdvance(text) + 18
        place = QRectF(x - width if right else x, _TOP, width, 24)
        painter.setFont(font)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(place, 4, 4)
        painter.setPen(QColor(colours.on_accent))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


class _Handle(QWidget):
    """A line from top to bottom with a grip in the middle; dragged by mouse, moved by the arrow keys."""

    moved = Signal(float)  # pixels from the left edge of the map

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("卷帘分界线"))
        self.setToolTip(tr("拖动，比较左右两版规划；方向键微调"))
        canvas.installEventFilter(self)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Line and grip."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, half = self.width() / 2, self.height() / 2
        painter.setPen(QPen(QColor(colours.accent), 2.0))
        painter.drawLine(QPointF(middle, 0), QPointF(middle, self.height()))
        painter.setBrush(QColor(colours.base))
        painter.drawEllipse(QPointF(middle, half), 8, 8)
        painter.setBrush(QColor(colours.accent))
        painter.setPen(Qt.PenStyle.NoPen)
        for way in (-1, 1):
            points = [
                QPointF(middle + way * 6, half),
                QPointF(middle + way * 2, half - 3.5),
                QPointF(middle + way * 2, half + 3.5),
            ]
            painter.drawPolygon(QPolygonF(points))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold."""
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Move along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self.mapToParent(event.position().toPoint()).x())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The arrow keys move a little."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self.moved.emit(self.geometry().center().x() + 1 + step * _KEY_STEP * self._canvas.width())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """As high as the map."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.resize(self.width(), watched.height())
        return super().eventFilter(watched, event)
