"""Labels of a view: written over the finished picture, never over each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

if TYPE_CHECKING:
    from app.canvas.source import LayerContent
    from gis.draw.flat import FlatLayer
    from gis.draw.symbols import Symbol, SymbolSet
    from gis.draw.view import View

__all__ = ["Labels", "Stamps"]

_MOST = 400  # labels of one layer in one picture
_GAP = 3.0
_OVER = 1.15  # how much wider than the free width a word may be
_STAMPS = 5_000


class Labels:
    """Places labels one layer after the other; what has been placed keeps its room."""

    def __init__(self, image: QImage, view: View, symbols: SymbolSet, font: QFont, stamps: Stamps) -> None:
        self._image = image
        self._view = view
        self._symbols = symbols
        self._font = font
        self._stamps = stamps
        self._taken: list[QRectF] = []

    def write(
        self,
        content: LayerContent,
        shown: Sequence[bool],
        symbol: Symbol,
        texts_of: Callable[[Sequence[int]], Sequence[str]],
    ) -> None:
        """Write the labels of a layer, largest features first, so that they stay while one pans.

        ``texts_of`` gives the text of each of some rows.
        """
        layers = zip(content.layers, content.hidden, strict=True)
        candidates = [_candidates(*pair, shown, self._view, symbol.label_size) for pair in layers]
        ids, places = (np.concatenate(part) for part in zip(*candidates, strict=True))
        chosen = np.argsort(-places[:, 2], kind="stable")[:_MOST]
        texts = texts_of(ids[chosen].tolist())
        font = QFont(self._font)
        font.setPixelSize(symbol.label_size)
        painter = QPainter(self._image)
        try:
            for text, (x, y, free) in zip(texts, places[chosen].tolist(), strict=True):
                if not text:
                    continue
                stamp = self._stamps.of(
                    text,
                    font,
                    symbol.label_colour,
                    symbol.label_halo or self._symbols.halo,
                    self._image.devicePixelRatio(),
                )
                size = stamp.deviceIndependentSize()
                width, height = size.width(), size.height()
                if width - 2 * _GAP > free * _OVER:
                    continue
                room = QRectF(x - width / 2, y - height / 2, width, height)
                if any(room.intersects(other) for other in self._taken):
                    continue
                self._taken.append(room)
                painter.drawImage(room.topLeft(), stamp)
        finally:
            painter.end()


class Stamps:
    """Written words as small pictures, kept from one map picture to the next: outlining text is slow."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], QImage] = {}

    def of(self, text: str, font: QFont, ink: str, halo: str, ratio: float) -> QImage:
        """The word with a halo and a margin of ``_GAP`` logical pixels."""
        key = (text, font.pixelSize(), font.family(), ink, halo, ratio)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _STAMPS:
                self._kept.clear()
            found = self._kept[key] = _stamp(text, font, QColor(ink), QColor(halo), ratio)
        return found


def _stamp(text: str, font: QFont, ink: QColor, halo: QColor, ratio: float) -> QImage:
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 2 * _GAP, metrics.height()
    image = QImage(
        math.ceil(width * ratio), math.ceil(height * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    path.addText(QPointF(_GAP, metrics.ascent()), font, text)
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
    """Row ids and places (x, y, free width in pixels) of the features in view that have room for a letter."""
    from gis.draw.label_places import label_places

    index = layer.features_in_view(view.extent)
    index = index[~hidden[index] & np.array([*shown, False], dtype=bool)[layer.classes[index]]]
    wide = (layer.boxes[index, 2] - layer.boxes[index, 0]) * 0.001 / view.resolution
    index = index[(wide > smallest) | ~layer.areal[index]]
    return layer.ids[index], label_places(layer, index, view)
