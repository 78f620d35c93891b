"""Pictures made off the UI thread: the newest request wins, older ones end as soon as they notice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QColor, QFont, QImage

from app.canvas.source import LayerSource, LayerState

if TYPE_CHECKING:
    from gis.draw.view import View

__all__ = ["Picture", "Renderer"]

_log = logging.getLogger("parkline")


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished image and the view it shows."""

    image: QImage
    view: View
    drawn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Request:
    number: int
    view: View
    layers: tuple[LayerState, ...]
    style: str
    fills: Mapping[str, str]
    ratio: float
    dpi: float
    font: QFont


class Renderer(QObject):
    """Owns one worker thread. ``finished`` carries a ``Picture``; ``failed`` the text of an error."""

    finished = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source: LayerSource | None = None
        self._wanted: _Request | None = None
        self._number = 0
        self._stop = False
        self._wake = threading.Condition()
        self._drawing = threading.Lock()
        self._thread = _Loop(self)
        self._thread.start()

    def set_source(self, source: LayerSource | None) -> None:
        """Draw from another source. A picture under way is given up, and the old source is no longer read."""
        with self._wake:
            self._source = source
            self._wanted = None
            self._number += 1
        with self._drawing:
            pass

    def request(
        self,
        view: View,
        layers: Sequence[LayerState],
        style: str,
        fills: Mapping[str, str],
        ratio: float,
        dpi: float,
        font: QFont,
    ) -> None:
        """Ask for a picture; the one under way, if any, is given up."""
        with self._wake:
            self._number += 1
            self._wanted = _Request(self._number, view, tuple(layers), style, dict(fills), ratio, dpi, font)
            self._wake.notify()

    def shut_down(self) -> None:
        """End the worker thread and wait for it."""
        with self._wake:
            self._stop = True
            self._number += 1
            self._wake.notify()
        self._thread.wait()

    def loop(self) -> None:
        """Body of the worker thread."""
        while True:
            with self._wake:
                while self._wanted is None and not self._stop:
                    self._wake.wait()
                if self._stop:
                    return
                request, source = self._wanted, self._source
                self._wanted = None
            if request is None or source is None:
                continue
            try:
                with self._drawing:
                    picture = self._draw(request, source) if request.number == self._number else None
            except Exception as error:
                _log.exception("drawing failed")
                self.failed.emit(str(error))
                continue
            if picture is not None and request.number == self._number:
                self.finished.emit(picture)

    def _draw(self, request: _Request, source: LayerSource) -> Picture | None:
        from app.canvas.labels import Labels
        from app.canvas.paint import paint_layer
        from gis.draw.symbols import symbol_set

        def stopped() -> bool:
            return request.number != self._number

        symbols, view = symbol_set(request.style), request.view
        image = QImage(
            round(view.width * request.ratio),
            round(view.height * request.ratio),
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        image.setDevicePixelRatio(request.ratio)
        image.fill(QColor(symbols.background))
        loaded = []
        for state in request.layers:
            if stopped():
                return None
            buffers = source.load(state.name, view.extent) if state.visible else None
            if buffers is None or not len(buffers):
                continue
            symbol = symbols.symbol(state.name)
            paint_layer(
                image,
                buffers,
                view,
                symbol,
                request.fills,
                opacity=state.opacity,
                colour=state.colour,
                stopped=stopped,
            )
            loaded.append((state.name, buffers, symbol))
        labels = Labels(image, view, symbols, request.font)
        scale = view.scale(request.dpi)
        for _, buffers, symbol in reversed(loaded):
            if stopped():
                return None
            if symbol.label_colour and scale <= symbol.label_scale:
                labels.write(buffers, symbol)
        return Picture(image, view, tuple(name for name, _, _ in loaded))


class _Loop(QThread):
    def __init__(self, renderer: Renderer) -> None:
        super().__init__(renderer)
        self._renderer = renderer

    def run(self) -> None:
        self._renderer.loop()
