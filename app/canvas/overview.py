"""A small map of everything in a corner of the canvas, with the present view as a rectangle that can be dragged."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from app import theme
from app.canvas.map_canvas import MapCanvas
from app.canvas.renderer import Picture, Renderer
from gis.draw.symbols import symbol_set
from gis.draw.view import View
from gis.text import tr

__all__ = ["Overview"]

_WIDTH, _HEIGHT, _MARGIN = 200, 150, 12
_SETTLE = 300  # ms after the last change of the layers
_SMALLEST = 7.0  # pixels of the rectangle: less could not be seen or taken hold of


class Overview(QWidget):
    """Drawn once through a renderer of its own and again only when the layers or their rows change."""

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._picture: Picture | None = None
        self._renderer: Renderer | None = None
        self._stale = True
        self.drawings = 0
        self.setFixedSize(_WIDTH, _HEIGHT)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setToolTip(tr("全图；拖动方框移动地图"))
        self.setAccessibleName(tr("鹰眼图"))
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self._ask)
        canvas.extent_changed.connect(self.update)
        canvas.contents_changed.connect(self._changed)
        canvas.source_changed.connect(self._other_source)
        canvas.installEventFilter(self)
        self.hide()

    def _changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self._settle.start()

    def _other_source(self) -> None:
        self._picture = None
        if self._renderer is not None:
            self._canvas.lend_source(self._renderer, underlay=False)
        self._changed()

    def _ask(self) -> None:
        extent = self._canvas.whole()
        if extent is None:
            return
        if self._renderer is None:
            self._renderer = Renderer(self)
            self._renderer.finished.connect(self._arrived)
            self._canvas.lend_source(self._renderer, underlay=False)
        self._stale = False
        self._canvas.draw_with(
            self._renderer,
            View.showing(extent, _WIDTH, _HEIGHT, 0.03, self._canvas.view().plane),
            self.devicePixelRatioF(),
            labels=False,
        )

    def _arrived(self, picture: Picture) -> None:
        self.drawings += 1
        self._picture = picture
        self.update()

    def rectangle(self) -> QRectF | None:
        """The present view in pixels; None before there is a picture."""
        if self._picture is None:
            return None
        left, top, right, bottom = self._picture.view.place_of(self._canvas.view())
        box = QRectF(QPointF(left, top), QPointF(right, bottom))
        wide, high = max(box.width(), _SMALLEST), max(box.height(), _SMALLEST)
        middle = box.center()
        return QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """The picture, the rectangle and a frame."""
        colours, symbols = theme.current(), symbol_set(self._canvas.style_name())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(symbols.background))
        if self._picture is not None:
            painter.drawImage(QRectF(self.rect()), self._picture.image)
        box = self.rectangle()
        if box is not None:
            fill = QColor(colours.bad)
            fill.setAlphaF(0.08)
            painter.setPen(QPen(QColor(colours.bad), 1.6))
            painter.setBrush(fill)
            painter.drawRect(box.intersected(QRectF(self.rect()).adjusted(1, 1, -2, -2)))
        painter.setPen(QPen(QColor(colours.muted), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Move the map there."""
        self._move(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Move the map along."""
        self._move(event)

    def _move(self, event: QMouseEvent) -> None:
        if self._picture is not None and event.buttons() & Qt.MouseButton.LeftButton:
            x, y = self._picture.view.to_plane(event.position().x(), event.position().y())
            self._canvas.look_at(x, y, self._canvas.place()[2])
        event.accept()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Catch up with what happened while hidden."""
        super().showEvent(event)
        self._place()
        if self._stale:
            self._ask()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Rest."""
        super().hideEvent(event)
        self._settle.stop()

    def shut_down(self) -> None:
        """End the worker; called once before the window goes."""
        self._settle.stop()
        if self._renderer is not None:
            self._renderer.shut_down()
            self._renderer = None

    def _place(self) -> None:
        self.move(self._canvas.width() - _WIDTH - _MARGIN, self._canvas.height() - _HEIGHT - _MARGIN)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay in the corner, whatever the map's size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)
