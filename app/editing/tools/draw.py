"""Drawing a new polygon among its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QPainter

from app.editing.painting import area_text, paint_shape
from app.editing.tools.base import Place
from app.editing.tools.sketch import SketchTool
from gis.text import mark, tr

if TYPE_CHECKING:
    from app.canvas.map_canvas import MapCanvas
    from app.editing.mode import EditMode
    from gis.draw.view import View
    from gis.editing.conflicts import Conflict

__all__ = ["DrawTool"]

_AROUND = 5.0  # metres beyond the drawing within which gaps are looked for
_OPENING = 1.0  # metres: narrower openings beside the drawing are gaps


class DrawTool(SketchTool):
    """Area, sides, overlaps and gaps are shown while it is drawn; then the attributes are asked for."""

    words = mark("单击画界址点，点回首点或双击/Enter 完成 · Backspace/Ctrl+Z 退一点 · Alt 不捕捉 · Esc 放弃")
    closed = True
    least = 3

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas, mode)
        self.conflicts: list[Conflict] = []
        self._area: tuple[list[Place], float] = ([], 0.0)

    def reset(self) -> None:
        """Give the drawing up."""
        self.conflicts = []
        super().reset()

    def look(self) -> None:
        """Ask what the drawing lies on, and what it leaves open."""
        points = self.sketch()
        if len(points) < 3:
            self.conflicts = []
            return
        import shapely

        from layers.editing.operations import box_around

        drawn, name = shapely.Polygon(points), self.mode.layer

        def work(around: Any) -> list[Conflict]:
            from gis.editing.conflicts import conflicts

            near = around.geometries[around.positions(name)]
            return conflicts(drawn, near, sliver_width=0.0, opening=_OPENING)

        self.mode.ask_around(box_around(points, margin=_AROUND), work, self._judged)

    def _judged(self, found: list[Conflict]) -> None:
        self.conflicts = found
        self.canvas.update()

    def area(self) -> float:
        """Of the drawing, on the ellipsoid, m²; 0 before it encloses anything or where it crosses itself."""
        points = self.sketch()
        if len(points) < 3:
            return 0.0
        if self._area[0] != points:
            import numpy as np
            import shapely

            from gis.area import ellipsoidal_area

            polygon = shapely.Polygon(points)
            valid = bool(shapely.is_valid(polygon))
            area = (
                float(ellipsoidal_area(np.array([polygon], dtype=object), self.mode.epsg)[0])
                if valid
                else 0.0
            )
            self.problem = "" if valid else tr("边界自相交")
            self._area = (points, area)
        return self._area[1]

    def text(self) -> str:
        """What there is to say of the drawing."""
        area = self.area()
        if self.problem:
            return self.problem
        lines = [area_text(area)] if area else []
        for kind, words in (
            ("overlap", mark("与已有图形重叠 {area}")),
            ("gap", mark("与相邻图形之间有缝隙 {area}")),
        ):
            found = [one for one in self.conflicts if one.kind.value == kind]
            if found:
                lines.append(tr(words, area=area_text(sum(one.area for one in found))))
        return "\n".join(lines)

    def end(self) -> None:
        """Ask for the attributes, then store the polygon."""
        if not self.area():
            self.changed()
            return
        from app.dialogs.new_row import NewRowDialog

        overlaps = any(one.kind.value == "overlap" for one in self.conflicts)
        dialog = NewRowDialog(self.mode.layer, self.text(), overlaps=overlaps, parent=self.canvas.window())
        dialog.accepted.connect(lambda: self._store(dialog))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _store(self, dialog: Any) -> None:
        if self.mode.tool is not self or len(self.points) < self.least:
            return
        from layers.editing.operations import drawn

        self.submit(drawn(self.mode.layer, self.points, dialog.values(), gives_way=dialog.gives_way()))

    def paint(self, painter: QPainter, view: View) -> None:
        """The polygon with its sides, what it overlaps and leaves open, and its area."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self.text()
        self.paint_sketch(painter, view)
        for conflict in self.conflicts:
            overlap = conflict.kind.value == "overlap"
            paint_shape(
                painter,
                view,
                conflict.geometry,
                self.bad_colour(),
                halo=self.sheet_colour(),
                strength=0.45,
                dash=not overlap,
            )
        self.paint_marker(painter, view)
        last = self.points[-1] if self.pointer is None and self.points else None
        self.paint_note(painter, view, text, last)
