"""Labels of a view: written over the finished picture, never over each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

if TYPE_CHECKING:
    from gis.draw.buffers import LayerBuffers
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

    def write(self, buffers: LayerBuffers, symbol: Symbol) -> None:
        """Write the labels of a layer, largest features first, so that they stay while one pans."""
        if not buffers.labels:
            return
        view, boxes = self._view, buffers.boxes
        west, south, east, north = view.extent
        seen = np.column_stack(
            [
                np.maximum(boxes[:, 0], west),
                np.maximum(boxes[:, 1], south),
                np.minimum(boxes[:, 2], east),
                np.minimum(boxes[:, 3], north),
            ]
        )
        size = np.minimum(seen[:, 2] - seen[:, 0], (seen[:, 3] - seen[:, 1]) * 4) / view.resolution
        with np.errstate(invalid="ignore"):
            chosen = np.flatnonzero((seen[:, 2] >= seen[:, 0]) & (seen[:, 3] >= seen[:, 1]))
        chosen = chosen[np.argsort(-size[chosen], kind="stable")][:_MOST]
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
            for index, (x, y) in zip(chosen.tolist(), centres.tolist(), strict=True):
                text = buffers.labels[index]
                width = metrics.horizontalAdvance(text)
                if not text or (buffers.dimensions[index] == 2 and width > size[index] * 1.15):
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
