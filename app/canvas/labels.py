"""Labels of a view: written over the finished picture, never over each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

if TYPE_CHECKING:
    from app.canvas.source import LayerContent
    from gis.draw.flat import FlatLayer
    from gis.draw.symbols import Symbol, SymbolSet
    from gis.draw.view import View

__all__ = ["Labels", "Stamps"]

_MOST = 1500  # labels of one layer that are tried in one picture
_GAP = 3.0
_OVER = 1.15  # how much wider than the free width a word may be
_STAMPS = 5_000
_ROUND = 160  # pixels round the view in which labels count, so that none changes as it comes in
_CELL = 96.0


class Labels:
    """Places labels one layer after the other; what has been placed keeps its room."""

    def __init__(
        self,
        image: QImage,
        view: View,
        symbols: SymbolSet,
        font: QFont,
        stamps: Stamps,
        whole: View | None = None,
    ) -> None:
        """``whole`` is the larger view, about the same centre, of which the image shows a part."""
        self._image = image
        self._part = view
        self._view = whole or view
        self._symbols = symbols
        self._font = font
        self._stamps = stamps
        self._taken = _Room()

    def write(
        self,
        content: LayerContent,
        shown: Sequence[bool],
        symbol: Symbol,
        texts_of: Callable[[Sequence[int]], Sequence[str]],
    ) -> None:
        """Write the labels of a layer, largest features first, so that they stay while one pans.

        ``texts_of`` gives the text of each of some rows. Where not all lines of a text have room, its first
        line is written alone.
        """
        layers = zip(content.layers, content.hidden, strict=True)
        candidates = [_candidates(*pair, shown, self._view, symbol.label_size) for pair in layers]
        ids, places = (np.concatenate(part) for part in zip(*candidates, strict=True))
        chosen = np.lexsort((ids, -places[:, 4]))[:_MOST]
        texts = texts_of(ids[chosen].tolist())
        font = QFont(self._font)
        font.setPixelSize(symbol.label_size)
        metrics = QFontMetricsF(font)
        halo, ratio = symbol.label_halo or self._symbols.halo, self._image.devicePixelRatio()
        part, whole = self._part, self._view
        left, top = (whole.width - part.width) / 2, (whole.height - part.height) / 2
        sheet = QRectF(left, top, part.width, part.height)
        painter = QPainter(self._image)
        painter.translate(-left, -top)
        try:
            for text, (x, y, free, high, _) in zip(texts, places[chosen].tolist(), strict=True):
                found = self._place(text, metrics, x, y, free, high)
                if found is None:
                    continue
                lines, room = found
                if room.intersects(sheet):
                    stamp = self._stamps.of(lines, font, symbol.label_colour, halo, ratio)
                    painter.drawImage(room.topLeft(), stamp)
        finally:
            painter.end()

    def _place(
        self, text: str, metrics: QFontMetricsF, x: float, y: float, free: float, high: float
    ) -> tuple[str, QRectF] | None:
        """What of a text has room at a place, and the room it takes."""
        first = text.partition("\n")[0]
        for lines in dict.fromkeys((text, first)):
            size = _size(lines, metrics)
            if not lines or size.width() - 2 * _GAP > free * _OVER:
                continue
            if "\n" in lines and np.isfinite(free) and size.height() > high * _OVER:
                continue
            room = QRectF(x - size.width() / 2, y - size.height() / 2, size.width(), size.height())
            if self._taken.take(room):
                return lines, room
        return None


class _Room:
    """Rectangles that do not touch, found again by the squares of the picture that they reach into."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[QRectF]] = {}

    def take(self, room: QRectF) -> bool:
        """Take a rectangle if nothing is there yet."""
        columns = range(math.floor(room.left() / _CELL), math.floor(room.right() / _CELL) + 1)
        rows = range(math.floor(room.top() / _CELL), math.floor(room.bottom() / _CELL) + 1)
        cells = [(column, row) for column in columns for row in rows]
        if any(room.intersects(other) for cell in cells for other in self._cells.get(cell, ())):
            return False
        for cell in cells:
            self._cells.setdefault(cell, []).append(room)
        return True


class Stamps:
    """Written words as small pictures, kept from one map picture to the next: outlining text is slow."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], QImage] = {}

    def of(self, text: str, font: QFont, ink: str, halo: str, ratio: float) -> QImage:
        """The words, line below line, with a halo and a margin of ``_GAP`` logical pixels."""
        key = (text, font.pixelSize(), font.family(), ink, halo, ratio)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _STAMPS:
                self._kept.clear()
            found = self._kept[key] = _stamp(text, font, QColor(ink), QColor(halo), ratio)
        return found


def _size(text: str, metrics: QFontMetricsF) -> QSizeF:
    """Size of lines with the margin of ``_GAP`` on either side."""
    lines = text.split("\n")
    widest = max(metrics.horizontalAdvance(line) for line in lines)
    return QSizeF(widest + 2 * _GAP, metrics.height() + (len(lines) - 1) * metrics.lineSpacing())


def _stamp(text: str, font: QFont, ink: QColor, halo: QColor, ratio: float) -> QImage:
    metrics = QFontMetricsF(font)
    size = _size(text, metrics)
    image = QImage(
        math.ceil(size.width() * ratio),
        math.ceil(size.height() * ratio),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    for number, line in enumerate(text.split("\n")):
        left = (size.width() - metrics.horizontalAdvance(line)) / 2
        path.addText(QPointF(left, metrics.ascent() + number * metrics.lineSpacing()), font, line)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(
        path, QPen(halo, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.fillPath(path, ink)
    painter.end()
    return image


def _candidates(
    layer: FlatLayer, hidden: NDArray[np.bool_], shown: Sequence[bool], view: View, smallest: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Row ids and steady places of the features in and round the view that have room for a letter."""
    from gis.draw.label_places import steady_places

    west, south, east, north = view.extent
    room = _ROUND * view.resolution
    index = layer.features_in_view((west - room, south - room, east + room, north + room))
    index = index[~hidden[index] & np.array([*shown, False], dtype=bool)[layer.classes[index]]]
    wide = (layer.boxes[index, 2] - layer.boxes[index, 0]) * 0.001 / view.resolution
    index = index[(wide > smallest) | ~layer.areal[index]]
    return layer.ids[index], steady_places(layer, index, view)
