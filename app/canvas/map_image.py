"""The map as a picture of any size, drawn by a renderer of its own, with scale bar, north arrow and remark."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QImage, QPainter

from app.canvas.map_canvas import MapCanvas
from app.canvas.renderer import Picture, Renderer

__all__ = ["MapImage", "picture_of"]


def picture_of(canvas: MapCanvas) -> QImage:
    """What the canvas shows now, with selection and measures, in the pixels of the screen."""
    ratio = canvas.devicePixelRatioF()
    image = QImage(
        round(canvas.width() * ratio),
        round(canvas.height() * ratio),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    canvas.paint_map(painter, QRectF(0, 0, canvas.width(), canvas.height()))
    painter.end()
    return image


class MapImage(QObject):
    """Draws what a canvas shows, ``ratio`` device pixels to a logical one; ``made`` carries the image.

    ``failed`` carries the text of an error. Call ``shut_down`` once when it is not wanted any more.
    """

    made = Signal(object)
    failed = Signal(str)

    def __init__(self, canvas: MapCanvas, width: int, height: int, ratio: float) -> None:
        super().__init__(canvas)
        self._canvas, self._ratio = canvas, ratio
        self.view = canvas.view().filling(width / ratio, height / ratio)
        self._renderer = Renderer(self)
        self._renderer.finished.connect(self._arrived)
        self._renderer.failed.connect(self.failed)
        canvas.contents_changed.connect(self._ask)
        canvas.lend_source(self._renderer)
        self._ask()

    def _ask(self) -> None:
        self._canvas.draw_with(self._renderer, self.view, self._ratio)

    def _arrived(self, picture: Picture) -> None:
        if not picture.complete:  # tables are still being read: asked again when there is more
            return
        image = picture.image
        image.setDevicePixelRatio(self._ratio)
        painter = QPainter(image)
        self._canvas.overlay.paint(painter, self.view, self._canvas.scale_of(self.view))
        painter.end()
        self.shut_down()
        self.made.emit(image)

    def shut_down(self) -> None:
        """End the worker; the image is not made any more if it is not there yet."""
        self._canvas.contents_changed.disconnect(self._ask)
        self._renderer.shut_down()
