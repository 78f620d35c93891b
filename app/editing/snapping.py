"""Snapping as the person has set it: on or off, what to, how near; and the mark that shows what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from gis.text import mark

if TYPE_CHECKING:
    from app.settings import Settings
    from gis.draw.view import View
    from gis.editing.snapping import Segments

__all__ = ["KINDS", "Marker", "Snapping"]

Place = tuple[float, float]

# Kinds of `gis.editing.snapping.SnapKind` by value, the preferred first; that module is loaded in a worker.
KINDS = {
    "vertex": mark("界址点"),
    "intersection": mark("交点"),
    "edge": mark("边"),
    "extension": mark("延长线"),
    "right angle": mark("直角"),
}
TOLERANCES = (6, 10, 15, 20)
_SIZE = 6.0


@dataclass(frozen=True, slots=True)
class Marker:
    """A point that the pointer was drawn to: its kind, and the lines (from, to) that led there."""

    point: Place
    kind: str
    guides: tuple[tuple[Place, Place], ...] = ()

    def paint(self, painter: QPainter, view: View, colour: QColor, halo: QColor) -> None:
        """A square for a vertex, a cross for an edge, a ring with a cross for a crossing, an angle for an angle."""
        import numpy as np

        at = _on_screen(view, self.point)
        if self.kind != "extension":
            self._mark(painter, at, QPen(halo, 5.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.guides:
            painter.setPen(QPen(colour, 1.2, Qt.PenStyle.DashLine))
            for guide in self.guides:
                start, end = (QPointF(x, y) for x, y in view.to_screen(np.array(guide)).tolist())
                painter.drawLine(start, end)
        self._mark(painter, at, QPen(colour, 2.0))

    def _mark(self, painter: QPainter, at: QPointF, pen: QPen) -> None:
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = QRectF(at.x() - _SIZE, at.y() - _SIZE, 2 * _SIZE, 2 * _SIZE)
        if self.kind == "vertex":
            painter.drawRect(box)
        elif self.kind == "right angle":
            painter.drawPolyline([box.topLeft(), box.bottomLeft(), box.bottomRight()])
            painter.drawPolyline([QPointF(box.left(), at.y()), at, QPointF(at.x(), box.bottom())])
        else:
            if self.kind == "intersection":
                painter.drawEllipse(box)
            if self.kind == "extension":
                painter.drawEllipse(at, 3.0, 3.0)
            else:
                painter.drawLine(box.topLeft(), box.bottomRight())
                painter.drawLine(box.topRight(), box.bottomLeft())


class Snapping(QObject):
    """The settings, kept for the next start."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.on = settings.snapping_on
        self.tolerance = settings.snapping_tolerance  # pixels
        self.kinds = frozenset(settings.snapping_kinds(tuple(KINDS)))

    def set_on(self, on: bool) -> None:
        """Switch snapping on or off."""
        self.on = self._settings.snapping_on = on
        self.changed.emit()

    def set_tolerance(self, pixels: int) -> None:
        """How near the pointer has to come."""
        self.tolerance = self._settings.snapping_tolerance = pixels
        self.changed.emit()

    def set_kind(self, kind: str, wanted: bool) -> None:
        """Snap to things of a kind or not."""
        self.kinds = self.kinds | {kind} if wanted else self.kinds - {kind}
        self._settings.set_snapping_kinds([name for name in KINDS if name in self.kinds])
        self.changed.emit()

    def find(
        self,
        place: Place,
        segments: Segments,
        resolution: float,
        previous: tuple[Place, Place] | None = None,
        avoid: Place | None = None,
    ) -> Marker | None:
        """What the pointer is drawn to. ``avoid`` is a vertex whose own edges do not count."""
        if not self.on or not self.kinds:
            return None
        import numpy as np

        from gis.editing.snapping import Segments as Chosen
        from gis.editing.snapping import SnapKind, snap

        if avoid is not None:
            ends = segments.ends
            kept = np.any(ends[:, :2] != avoid, axis=1) & np.any(ends[:, 2:] != avoid, axis=1)
            segments = Chosen(ends[kept], segments.source[kept])
        kinds = frozenset(SnapKind(name) for name in self.kinds)
        found = snap(place, segments, tolerance=self.tolerance * resolution, previous=previous, kinds=kinds)
        if found is None:
            return None
        guides: list[tuple[Place, Place]] = []
        if found.kind is SnapKind.EXTENSION:
            for number in (found.segment, found.other):
                if number is not None:
                    x0, y0, x1, y1 = (float(value) for value in segments.ends[number])
                    ends_of = sorted(((x0, y0), (x1, y1)), key=lambda end: _squared(end, found.point))
                    guides.append((ends_of[0], found.point))
        if found.kind is SnapKind.RIGHT_ANGLE and previous is not None:
            guides.append((previous[1], found.point))
        return Marker(found.point, found.kind.value, tuple(guides))


def _squared(one: Place, other: Place) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def _on_screen(view: View, place: Place) -> QPointF:
    import numpy as np

    return QPointF(*view.to_screen(np.array([place]))[0].tolist())
