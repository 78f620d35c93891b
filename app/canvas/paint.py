"""Buffers to pixels: one layer at a time onto a QImage, on a worker thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen

from gis.draw import lod

if TYPE_CHECKING:
    from gis.draw.buffers import LayerBuffers
    from gis.draw.lod import ScreenPaths
    from gis.draw.symbols import Symbol
    from gis.draw.view import View

__all__ = ["paint_layer", "path_of"]

# Painting cost of one path grows faster than its length (measured: 1 000 features 22 ms antialiased).
_FEATURES_A_PATH = 1000
_SMOOTH_BELOW = 4000  # more features than that are painted without antialiasing
_PATH_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MOVE, _LINE = 0, 1


def path_of(points: NDArray[np.float64], starts: NDArray[np.int64]) -> QPainterPath:
    """One painter path of many subpaths, handed over in one piece instead of point by point."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    count = len(points)
    if not count:
        return path
    elements = np.empty(count, dtype=_PATH_ELEMENT)
    elements["kind"] = _LINE
    elements["kind"][starts[:-1]] = _MOVE
    elements["x"], elements["y"] = points[:, 0], points[:, 1]
    head = np.array([count], dtype=">i4").tobytes()
    tail = np.array([int(starts[-2]), int(Qt.FillRule.OddEvenFill.value)], dtype=">i4").tobytes()
    stream = QDataStream(QByteArray(head + elements.tobytes() + tail))
    stream >> path
    return path


def paint_layer(
    image: QImage,
    buffers: LayerBuffers,
    view: View,
    symbol: Symbol,
    fills: Mapping[str, str],
    *,
    opacity: float = 1.0,
    colour: str = "",
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Paint the features of a layer. ``fills`` gives the colour of a class; ``stopped`` ends it early."""
    drawn = lod.paths(buffers, view)
    smooth = len(drawn.features) < _SMOOTH_BELOW
    areal = buffers.dimensions[drawn.features] == 2
    _paint_dots(image, buffers, view, symbol, fills, colour, opacity)
    painter = QPainter(image)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        painter.setOpacity(opacity)
        for index, name in enumerate(buffers.class_names):
            of_class = buffers.classes[drawn.features] == index
            pen = _pen(symbol, name, colour)
            brush = _brush(symbol, name, fills, colour)
            for selected, filled in (
                (of_class & areal, brush),
                (of_class & ~areal, QBrush(Qt.BrushStyle.NoBrush)),
            ):
                for path in _chunks(drawn, np.flatnonzero(selected)):
                    if stopped():
                        return
                    painter.setBrush(filled)
                    painter.setPen(pen)
                    painter.drawPath(path)
        _paint_points(painter, buffers, view, symbol, colour)
    finally:
        painter.end()


def _chunks(drawn: ScreenPaths, chosen: NDArray[np.int64]) -> list[QPainterPath]:
    paths = []
    lengths = drawn.starts[1:] - drawn.starts[:-1]
    for start in range(0, len(chosen), _FEATURES_A_PATH):
        part = chosen[start : start + _FEATURES_A_PATH]
        count = lengths[part]
        first = np.cumsum(count) - count
        index = np.arange(int(count.sum())) - np.repeat(first, count) + np.repeat(drawn.starts[part], count)
        paths.append(path_of(drawn.points[index], np.concatenate([first, [int(count.sum())]])))
    return paths


def _fill_colour(symbol: Symbol, name: str, fills: Mapping[str, str], colour: str) -> str:
    if colour:
        return colour
    return fills.get(name, "#C9C9C9") if symbol.by_land_use else symbol.fill


def _brush(symbol: Symbol, name: str, fills: Mapping[str, str], colour: str) -> QBrush:
    if symbol.hatch:
        hatch = QColor(colour or symbol.hatch)
        hatch.setAlphaF(0.35)
        return QBrush(hatch, Qt.BrushStyle.BDiagPattern)
    fill = _fill_colour(symbol, name, fills, colour if symbol.fill or symbol.by_land_use else "")
    if not fill:
        return QBrush(Qt.BrushStyle.NoBrush)
    shade = QColor(fill)
    shade.setAlphaF(symbol.opacity)
    return QBrush(shade)


def _pen(symbol: Symbol, name: str, colour: str) -> QPen:
    if not symbol.line:
        return QPen(Qt.PenStyle.NoPen)
    own = colour if colour and not (symbol.fill or symbol.by_land_use) else symbol.line
    pen = QPen(QColor(own), symbol.width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCosmetic(True)
    if symbol.dash or symbol.class_dashes.get(name, False):
        pen.setDashPattern([5.0, 3.0])
    return pen


def _paint_dots(
    image: QImage,
    buffers: LayerBuffers,
    view: View,
    symbol: Symbol,
    fills: Mapping[str, str],
    colour: str,
    opacity: float,
) -> None:
    """Features of a pixel or two, written straight into the image."""
    if image.devicePixelRatio() != 1.0:
        from dataclasses import replace

        ratio = image.devicePixelRatio()
        view = replace(view, width=image.width(), height=image.height(), resolution=view.resolution / ratio)
    chosen, places = lod.dots(buffers, view)
    if not len(chosen) or opacity < 0.05:
        return
    pixels = np.frombuffer(image.bits(), dtype=np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    table = np.array(
        [
            QColor(_fill_colour(symbol, name, fills, colour) or symbol.line or "#808080").rgba()
            for name in buffers.class_names
        ],
        dtype=np.uint32,
    )
    rows, columns = np.divmod(places, int(view.width))
    pixels[rows, columns] = table[buffers.classes[chosen]]


def _paint_points(painter: QPainter, buffers: LayerBuffers, view: View, symbol: Symbol, colour: str) -> None:
    points = np.flatnonzero(buffers.dimensions == 0)
    if not len(points):
        return
    places = view.to_screen(buffers.boxes[points][:, :2])
    inside = (places > -20).all(axis=1) & (places[:, 0] < view.width + 20) & (places[:, 1] < view.height + 20)
    painter.setPen(QPen(QColor(symbol.line or "#000000"), symbol.width))
    painter.setBrush(QColor(colour or symbol.fill or symbol.line))
    half = symbol.point_size / 2
    # One call each: points on a screen are few, and each is a shape of its own.
    for x, y in places[inside].tolist():
        painter.drawEllipse(QRectF(x - half, y - half, symbol.point_size, symbol.point_size))
