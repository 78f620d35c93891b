"""How editing looks on the map: outlines that are not stored yet, their points, areas and lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from app.canvas.notes import note
from gis.units import convert, unit_title

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gis.draw.view import View
    from layers.editing.preview import Outcome

__all__ = [
    "area_text",
    "length_text",
    "paint_areas",
    "paint_points",
    "paint_shape",
    "path_of",
    "screen_points",
    "stroke",
    "traced_points",
    "write",
]

Place = tuple[float, float]

_LINES = {False: Qt.PenStyle.SolidLine, True: Qt.PenStyle.DashLine}
_POINT = 3.5
_LEAST_LABEL = 46.0  # pixels: narrower outlines have their area in the note only


def screen_points(view: View, places: Sequence[Place] | NDArray[np.float64]) -> list[QPointF]:
    """Places of the plane as pixels."""
    import numpy as np

    if not len(places):
        return []
    return [QPointF(x, y) for x, y in view.to_screen(np.array(places, dtype=float).reshape(-1, 2)).tolist()]


def traced_points(view: View, places: Sequence[Place] | NDArray[np.float64]) -> QPolygonF:
    """A line through places of the plane as it runs on the screen."""
    import numpy as np

    line = np.array(places, dtype=float).reshape(-1, 2)
    return QPolygonF([QPointF(x, y) for x, y in view.traced(line).tolist()] if len(line) else [])


def path_of(view: View, shape: Any) -> QPainterPath:
    """A polygon or line as a path on the screen, holes left out."""
    import shapely

    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    parts = shapely.get_parts(shape)
    curves = shapely.get_rings(parts) if "Polygon" in shape.geom_type else parts
    for curve in curves:
        path.addPolygon(traced_points(view, shapely.get_coordinates(curve)))
    return path


def paint_shape(
    painter: QPainter,
    view: View,
    shape: Any,
    colour: QColor,
    *,
    halo: QColor | None = None,
    strength: float = 0.15,
    width: float = 1.8,
    dash: bool = False,
) -> None:
    """An outline with a thin fill; a halo keeps it apart from whatever is below."""
    fill = QColor(colour)
    fill.setAlphaF(strength)
    brush = fill if strength and "Polygon" in shape.geom_type else QColor(Qt.GlobalColor.transparent)
    stroke(painter, path_of(view, shape), QPen(colour, width, _LINES[dash]), halo, brush)


def stroke(
    painter: QPainter, path: QPainterPath, pen: QPen, halo: QColor | None, fill: QColor | None = None
) -> None:
    """Draw a path over its own halo."""
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if halo is not None:
        painter.strokePath(path, QPen(halo, pen.widthF() + 2.4, pen.style(), j=pen.joinStyle()))
    if fill is not None:
        painter.fillPath(path, fill)
    painter.strokePath(path, pen)


def write(painter: QPainter, font: QFont, text: str, at: QPointF, ink: QColor, halo: QColor) -> None:
    """A short text with its middle above a place."""
    width = QFontMetricsF(font).horizontalAdvance(text)
    path = QPainterPath()
    path.addText(QPointF(at.x() - width / 2, at.y() - 5), font, text)
    painter.strokePath(path, QPen(halo, 3.5, j=Qt.PenJoinStyle.RoundJoin))
    painter.fillPath(path, ink)


def paint_points(painter: QPainter, places: Sequence[QPointF], colour: QColor, inside: QColor) -> None:
    """Boundary points as small squares."""
    painter.setPen(QPen(colour, 1.4))
    painter.setBrush(inside)
    for place in places:
        painter.drawRect(QRectF(place.x() - _POINT, place.y() - _POINT, 2 * _POINT, 2 * _POINT))


def paint_areas(
    painter: QPainter, font: QFont, view: View, found: Sequence[Outcome], colour: QColor, style: str
) -> None:
    """The area of each outline, or how it changes, in its middle."""
    import shapely

    for outcome in found:
        if not outcome.grows:
            continue
        west, south, east, north = shapely.bounds(outcome.shape).tolist()
        if min(east - west, north - south) / view.resolution < _LEAST_LABEL:
            continue
        text = area_text(outcome.area, between="\n")
        if outcome.before is not None:
            text = f"{outcome.before:,.2f} →\n{text}"
        note(painter, font, text, screen_points(view, [outcome.place])[0], colour, style, centred=True)


def area_text(area: float, between: str = "  ") -> str:
    """Square metres and mu."""
    return f"{area:,.2f} {unit_title('m2')}{between}{convert(area, 'm2', 'mu'):,.3f} {unit_title('mu')}"


def length_text(length: float) -> str:
    """Metres to the centimetre."""
    return f"{length:,.2f} {unit_title('m')}"
