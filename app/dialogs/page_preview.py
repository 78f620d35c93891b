"""The picture of a page: fitted to the room, or enlarged to read the small print."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from app import theme

__all__ = ["PagePreview"]

_MARGIN = 12  # pixels of ground left round a fitted page
_LEAST_ZOOM, _MOST_ZOOM = 0.25, 4.0
_STEP = 1.25
_BLUR = 2  # pixels of width by which a picture may be off without looking it
_SETTLE = 120  # ms without another change before the page is drawn anew


class PagePreview(QScrollArea):
    """Shows one page; asks for its picture at the resolution of the screen whenever size or zoom have changed."""

    wanted = Signal(float)  # dots per inch at which the page would be sharp
    zoomed = Signal(float)  # by the wheel, to this share of the paper's size

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size_mm = (210.0, 297.0)
        self._picture = QPixmap()
        self._grip: QPoint | None = None
        self.zoom: float | None = None  # None fits the page into the window
        self._page = QLabel()
        self._page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._page.setWordWrap(True)
        self.setWidget(self._page)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(QSize(320, 420))
        self.setStyleSheet(f"QScrollArea, QLabel {{ background: {theme.current().track}; }}")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE)
        self._timer.timeout.connect(lambda: self.wanted.emit(self.dpi))

    @property
    def dpi(self) -> float:
        """Dots per inch of the screen at which the page is shown now."""
        width, _height = self._shown_size()
        return width * self.devicePixelRatioF() / (self._size_mm[0] / 25.4)

    def show_page(self, picture: QImage, size_mm: tuple[float, float]) -> None:
        """Show the picture of a page of that size."""
        self._size_mm, self._picture = size_mm, QPixmap.fromImage(picture)
        self._fit()
        # Drawn for another size of the window, or for a sheet that stood where this one lies.
        sharp = self._shown_size()[0] * self.devicePixelRatioF()
        if abs(picture.width() - sharp) > _BLUR:
            self._timer.start()

    def show_text(self, text: str) -> None:
        """Show a sentence instead of a page."""
        self._picture = QPixmap()
        self._page.setPixmap(self._picture)
        self._page.setText(text)
        self._page.resize(self.viewport().size())

    def set_zoom(self, zoom: float | None) -> None:
        """1 is the size of the paper on a screen of 96 dots per inch; None fits the page into the window."""
        self.zoom = None if zoom is None else min(max(zoom, _LEAST_ZOOM), _MOST_ZOOM)
        self._fit()
        self._timer.start()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit the page to the room and have it drawn sharp again."""
        super().resizeEvent(event)
        self._fit()
        if self.zoom is None:
            self._timer.start()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Ctrl and the wheel zoom."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            now = self._shown_size()[0] / (self._size_mm[0] / 25.4 * 96.0)
            self.set_zoom(now * (_STEP if event.angleDelta().y() > 0 else 1.0 / _STEP))
            self.zoomed.emit(self.zoom)
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold of the page."""
        self._grip = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Drag the page."""
        if self._grip is not None:
            moved = self._grip - event.position().toPoint()
            self._grip = event.position().toPoint()
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + moved.x())
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Let go."""
        self._grip = None

    def _shown_size(self) -> tuple[float, float]:
        """Width and height in logical pixels."""
        width, height = (side / 25.4 * 96.0 for side in self._size_mm)
        if self.zoom is not None:
            return width * self.zoom, height * self.zoom
        room = self.maximumViewportSize() - QSize(2 * _MARGIN, 2 * _MARGIN)
        fitted = max(0.05, min(room.width() / width, room.height() / height))
        return width * fitted, height * fitted

    def _fit(self) -> None:
        if self._picture.isNull():
            self._page.resize(self.viewport().size())
            return
        width, height = self._shown_size()
        ratio = self.devicePixelRatioF()
        wanted = QSize(round(width * ratio), round(height * ratio))
        picture = self._picture
        off = max(abs(picture.width() - wanted.width()), abs(picture.height() - wanted.height()))
        if off > _BLUR:
            smooth = Qt.TransformationMode.SmoothTransformation
            picture = picture.scaled(wanted, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        picture.setDevicePixelRatio(ratio)
        self._page.setPixmap(picture)
        self._page.resize(picture.deviceIndependentSize().toSize())
