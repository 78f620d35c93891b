"""Labels of a view: written over the finished picture, never over each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

if TYPE_CHECKING:
    from app.canvas.source import LayerContent
    from gis.draw.flat import FlatLayer
    from gis.draw.symbols import Symbol, SymbolSet
    from gis.draw.view import View

__all__ = ["Labels"]

_MOST = 400  # labels of one layer in one picture
_GAP = 3.0


class Labels:
    """Places labels one layer after the other; what has been placed keeps its room."""

    def __init__(self, image: QImage, view: View, symbols: SymbolSet, font: QFont) -> None:
        self._image = image
        self._view = view
        self._symbols = symbols
        self._font = font
        self._taken: list[QRectF] = []

    def write(
        self, content: LayerContent, symbol: Symbol, texts_of: Callable[[Sequence[int]], Sequence[str]]
    ) -> None:
        """Write the labels of a layer, largest features first, so that they stay while one pans.

        ``texts_of`` gives the text of each of some rows.
        """
        view = self._view
        candidates = [_candidates(*pair, content.shown, view) for pair in _layers(content)]
        ids, seen, areal = (np.concatenate(part) for part in zip(*candidates, strict=True))
        size = np.minimum(seen[:, 2] - seen[:, 0], (seen[:, 3] - seen[:, 1]) * 4) / view.resolution
        chosen = np.argsort(-size, kind="stable")[:_MOST]
        chosen = chosen[
            (size[chosen] >= symbol.label_size) | ~areal[chosen]
        ]  # no word is narrower than a letter
        texts = texts_of(ids[chosen].tolist())
        centres = view.to_screen(
            np.column_stack([seen[:, 0] + seen[:, 2], seen[:, 1] + seen[:, 3]])[chosen] / 2
        )
        font = QFont(self._font)
        font.setPixelSize(symbol.label_size)
        metrics = QFontMetricsF(font)
        painter = QPainter(self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        halo = QPen(QColor(self._symbols.halo), 3.0)
        ink = QColor(symbol.label_colour)
        try:
            for index, text, (x, y) in zip(chosen.tolist(), texts, centres.tolist(), strict=True):
                width = metrics.horizontalAdvance(text)
                if not text or (areal[index] and width > size[index] * 1.15):
                    continue
                room = QRectF(
                    x - width / 2 - _GAP, y - metrics.height() / 2, width + 2 * _GAP, metrics.height()
                )
                if any(room.intersects(other) for other in self._taken):
                    continue
                self._taken.append(room)
                path = QPainterPath()
                path.addText(QPointF(x - width / 2, y + metrics.ascent() / 2 - 1), font, text)
                painter.strokePath(path, halo)
                painter.fillPath(path, ink)
        finally:
            painter.end()


def _layers(content: LayerContent) -> list[tuple[FlatLayer, NDArray[np.bool_]]]:
    return list(zip(content.drawn.layers, content.drawn.hidden, strict=True))


def _candidates(
    layer: FlatLayer, hidden: NDArray[np.bool_], shown: Sequence[bool], view: View
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Row ids, the part of each box that is seen, and whether it is a polygon, of the features in view."""
    index = layer.features_in_view(view.extent)
    wanted = ~hidden[index] & np.array([*shown, False], dtype=bool)[layer.classes[index]]
    index = index[wanted]
    west, south, east, north = view.extent
    seen = np.clip(layer.box_in_plane(index), [west, south, west, south], [east, north, east, north])
    return layer.ids[index], seen, layer.areal[index]
