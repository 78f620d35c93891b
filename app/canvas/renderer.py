"""Pictures made off the UI thread: the newest request is drawn next, one of another scale gives way at once."""

from __future__ import annotations

import logging
import math
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QColor, QFont, QImage

from app.canvas.source import LayerContent, LayerSource, LayerState
from gis.give_way import give_way
from gis.progress import Cancelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.canvas.labels import Stamps
    from gis.draw.looks import Kept
    from gis.draw.raster import Look, Stop
    from gis.draw.symbols import Symbol
    from gis.draw.view import View

__all__ = ["Picture", "Renderer", "SelectedRows"]

_log = logging.getLogger("parkline")

_TURN = 0.0005  # seconds
_PAUSE = 0.05  # seconds between what is seen and the land around it
# Like the outlines of the overlay: logical pixels, and the share of the colour that fills.
_SELECTED_FILL, _SELECTED_WIDTH, _SELECTED_POINT = 0.18, 2.5, 18.0

Underlay = Callable[[QImage, "View", float, QColor], bool | None]


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished image, the view it shows, the layers in it, and whether all that were asked for are."""

    image: QImage
    view: View
    drawn: tuple[str, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class SelectedRows:
    """Rows of a table to be highlighted in the picture, by their row ids."""

    table: str
    ids: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Request:
    view: View
    layers: tuple[LayerState, ...]
    style: str
    fills: Mapping[str, str]
    ratio: float
    dpi: float
    font: QFont
    selected: SelectedRows | None = None
    first: View | None = None

    def resembles(self, other: _Request) -> bool:
        """Whether the two pictures differ by a pan only."""
        one, two = self.view, other.view
        same = (one.resolution, one.plane) == (two.resolution, two.plane) and self.selected is other.selected
        return same and (self.layers, self.style, self.ratio) == (
            other.layers,
            other.style,
            other.ratio,
        )


class Renderer(QObject):
    """Owns one worker thread. ``finished`` carries a ``Picture``; ``failed`` the text of an error.

    ``more`` says that the source has more to draw than it had before.
    """

    finished = Signal(object)
    failed = Signal(str)
    more = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # The window's thread asks for Python's lock at each of its slots; with the usual 5 ms a turn, an event
        # with several of them would wait longer than a frame while a worker is busy.
        sys.setswitchinterval(_TURN)
        self._source: LayerSource | None = None
        self._wanted: _Request | None = None
        self._current: _Request | None = None
        self._stop: Stop | None = None  # of the picture under way
        self._around = False  # whether what is under way only adds the land around what is seen
        self._stamps: Stamps | None = None
        self._kept: Kept | None = None
        self._underlay: Underlay | None = None
        self._ended = False
        self._wake = threading.Condition()
        self._drawing = threading.Lock()
        self._thread = _Loop(self)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a picture is wanted or under way."""
        return self._wanted is not None or self._current is not None

    def set_underlay(self, paint: Underlay) -> None:
        """What is drawn under all layers; called with the picture, its view, device pixels a pixel and the sheet's colour.

        If it draws, it fills the picture with that colour first and says whether pictures of the ground are shown; no
        layer's paper covers them then. None: it has not touched the picture.
        """
        self._underlay = paint

    def set_source(self, source: LayerSource | None) -> None:
        """Draw from another source. A picture under way is given up, and the old source is closed."""
        with self._wake:
            old, self._source = self._source, source
            self._wanted = None
            self._give_up()
        with self._drawing:
            pass
        if old is not None:
            old.close()
        if source is not None:
            self._open(source)

    def _open(self, source: LayerSource) -> None:
        """Counting rows may take a moment: not on the window's thread."""
        threading.Thread(target=self._opened, args=(source,), name="map source", daemon=True).start()

    def _opened(self, source: LayerSource) -> None:
        try:
            with self._drawing:
                if self._source is source:
                    source.open(self.more.emit)
        except Exception:
            _log.exception("the map's tables could not be read")

    def request(
        self,
        view: View,
        layers: Sequence[LayerState],
        style: str,
        fills: Mapping[str, str],
        ratio: float,
        dpi: float,
        font: QFont,
        selected: SelectedRows | None = None,
        first: View | None = None,
    ) -> None:
        """Ask for a picture. One under way is given up unless it will do meanwhile: a pan, moved along.

        ``first`` is the part of the view that somebody looks at: it comes as a picture of its own, the same as it
        is in the whole, and the whole after it if nothing else is asked for.
        """
        with self._wake:
            wanted = _Request(view, tuple(layers), style, dict(fills), ratio, dpi, font, selected, first)
            self._wanted = wanted
            spare = self._around and first is not None
            if self._current is not None and (spare or not wanted.resembles(self._current)):
                self._give_up()
            self._wake.notify()

    def _give_up(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def shut_down(self) -> None:
        """End the worker thread and wait for it; the source is closed."""
        with self._wake:
            self._ended = True
            self._give_up()
            self._wake.notify()
        self._thread.wait()
        if self._source is not None:
            self._source.close()

    def loop(self) -> None:
        """Body of the worker thread."""
        give_way()
        while True:
            with self._wake:
                self._current = self._stop = None
                self._around = False
                while self._wanted is None and not self._ended:
                    self._wake.wait()
                if self._ended:
                    return
            from gis.draw.raster import Stop  # the compiled loops take a moment to load

            with self._wake:
                request, source = self._wanted, self._source
                self._wanted = None
                stop = Stop()
                self._current, self._stop = request, stop
            if request is None or source is None:
                continue
            try:
                self._work(request, source, stop)
            except Cancelled:  # the project is being closed
                continue
            except Exception as error:
                _log.exception("drawing failed")
                self.failed.emit(str(error))

    def _work(self, request: _Request, source: LayerSource, stop: Stop) -> None:
        """The picture, or the part that is seen first and then the whole."""
        for view in (request.view,) if request.first is None else (request.first, request.view):
            with self._drawing:
                picture = None if stop.wanted else self._draw(request, view, source, stop)
            if picture is None:
                return
            self.finished.emit(picture)
            with self._wake:
                self._around = True
                # The window puts the picture on the screen meanwhile, and a wheel that still turns asks for another.
                if view is not request.view and self._wake.wait_for(self._called, _PAUSE):
                    return

    def _called(self) -> bool:
        return self._wanted is not None or self._ended

    def _draw(self, request: _Request, view: View, source: LayerSource, stop: Stop) -> Picture | None:
        from app.canvas.labels import Labels, Stamps
        from gis.draw.looks import Kept
        from gis.draw.symbols import symbol_set
        from layers.styling.symbols import class_symbols, in_range, styled_symbol

        symbols = symbol_set(request.style)
        # Opaque: such a picture is copied to the screen, one with an alpha channel would be mixed with it.
        image = QImage(
            round(view.width * request.ratio),
            round(view.height * request.ratio),
            QImage.Format.Format_RGB32,
        )
        image.setDevicePixelRatio(request.ratio)
        sheet = QColor(symbols.background)
        under = None if self._underlay is None else self._underlay(image, view, request.ratio, sheet)
        blank = under is None  # until the first layer is drawn
        scale = view.scale(request.dpi)
        loaded: list[_Drawn] = []
        complete = True
        kept = self._kept = self._kept or Kept()
        for state in request.layers:
            if stop.wanted:
                return None
            standard = symbols.symbol(state.name)
            if under and standard.paper:
                standard = replace(standard, fill="")
            symbol = kept.of(f"symbol {state.name}", styled_symbol, state.style, standard)
            if not state.visible or not in_range(scale, symbol.nearest, symbol.farthest):
                continue
            content = source.load(state.name, request.view.extent, state.style)
            if content is None:
                complete = False
                continue
            classes = class_symbols(state.style, standard, scale) if state.style.by_field else None
            look = _look(kept, content, request, state, symbol, classes)
            _paint(image, view, content, look, stop, sheet if blank else None)
            blank = blank and not content.layers
            shown = content.shown if classes is None else tuple(one is not None for one in classes)
            loaded.append(_Drawn(state, content, symbol, shown))
        if blank:
            image.fill(sheet)
        if request.selected is not None:
            self._highlight(image, view, request, request.selected, source, loaded, kept, stop)
        if self._stamps is None:
            self._stamps = Stamps()
        labels = Labels(image, view, symbols, request.font, self._stamps, request.view)
        # Names of the larger things, written from farther off, come first and stay as one comes nearer.
        order = loaded[::-1]
        order.sort(key=lambda one: -(one.symbol.label_scale or math.inf))
        for one in order:
            if stop.wanted:
                return None
            nearest, farthest = one.symbol.label_nearest, one.symbol.label_scale
            if one.symbol.label_colour and in_range(scale, nearest, farthest):
                texts = partial(source.labels, one.state.name, one.state.style.label.template)
                labels.write(one.content, one.shown, one.symbol, texts)
        drawn = tuple(one.state.name for one in loaded if len(one.content))
        return None if stop.wanted else Picture(image, view, drawn, complete)

    def _highlight(
        self,
        image: QImage,
        view: View,
        request: _Request,
        selected: SelectedRows,
        source: LayerSource,
        loaded: Sequence[_Drawn],
        kept: Kept,
        stop: Stop,
    ) -> None:
        """Selected rows over all layers, whether or not their own layer is switched on."""
        import numpy as np

        from gis.draw.symbols import Symbol, symbol_set

        content = next((one.content for one in loaded if one.state.name == selected.table), None)
        state = next((one for one in request.layers if one.name == selected.table), None)
        if content is None and state is not None:
            content = source.load(selected.table, request.view.extent, state.style)
        if content is None or state is None:
            return
        colour = symbol_set(request.style).selection
        symbol = Symbol(
            fill=colour,
            opacity=_SELECTED_FILL,
            line=colour,
            width=_SELECTED_WIDTH,
            point_size=_SELECTED_POINT,
        )
        hidden = tuple(
            mask | ~np.isin(layer.ids, selected.ids)
            for layer, mask in zip(content.layers, content.hidden, strict=True)
        )
        plain = replace(state, name="selected", style=replace(state.style, opacity=1.0))
        look = _look(kept, content, request, plain, symbol, [symbol] * len(content.class_names))
        _paint(image, view, replace(content, hidden=hidden), look, stop)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A layer of the picture: what of it there is, its symbol as a whole, and which classes are drawn."""

    state: LayerState
    content: LayerContent
    symbol: Symbol
    shown: tuple[bool, ...]


def _look(
    kept: Kept,
    content: LayerContent,
    request: _Request,
    state: LayerState,
    symbol: Symbol,
    classes: Sequence[Symbol | None] | None,
) -> Look:
    """How the rows of a layer are drawn in device pixels. ``classes`` are those of a style by field."""
    from gis.draw.looks import look_of, look_of_symbols

    name, size = f"look {state.name}", (state.style.opacity, request.ratio)
    if classes is not None:
        return kept.of(name, look_of_symbols, classes, *size)
    return kept.of(name, look_of, symbol, content.class_names, content.shown, request.fills, *size)


def _paint(
    image: QImage, view: View, content: LayerContent, look: Look, stop: Stop, sheet: QColor | None = None
) -> None:
    """Draw the rows of a layer onto the image, in its device pixels, and the ``sheet`` below the first of them."""
    import numpy as np

    from gis.draw.raster import draw

    pixels = np.frombuffer(image.bits(), dtype=np.uint32).reshape(image.height(), image.width())
    resolution = view.resolution / image.devicePixelRatio()
    view = replace(view, width=image.width(), height=image.height(), resolution=resolution)
    for layer, hidden in zip(content.layers, content.hidden, strict=True):
        draw(pixels, layer, view, look, hidden, stop, None if sheet is None else sheet.rgb())
        sheet = None


class _Loop(QThread):
    def __init__(self, renderer: Renderer) -> None:
        super().__init__(renderer)
        self._renderer = renderer

    def run(self) -> None:
        self._renderer.loop()
