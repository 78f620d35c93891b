"""What the editing tools have in common: the snapped pointer, previews, storing, and their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter

from app.canvas.map_canvas import MapCanvas
from app.canvas.notes import note
from app.canvas.tools.base import MapPoint, Tool
from app.editing.painting import paint_areas, paint_shape, screen_points
from app.editing.snapping import Marker
from gis.draw.symbols import symbol_set
from gis.errors import ParkLineError
from gis.text import tr

if TYPE_CHECKING:
    from app.editing.mode import EditMode
    from gis.draw.view import View
    from layers.editing.operations import Operation
    from layers.editing.preview import Outcome

__all__ = ["EditTool", "Place"]

Place = tuple[float, float]

_DRAWING_KEYS = {
    Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace, Qt.Key.Key_Delete,
}  # fmt: skip
_REST = 60  # ms
_GOOD, _BAD = "#E8590C", "#C62828"  # what is being drawn, and what is wrong with it; on both sheets


class EditTool(Tool):
    """``words`` say at the foot of the map what a click and the keys do."""

    words: ClassVar[str] = ""
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: MapCanvas, mode: EditMode) -> None:
        super().__init__(canvas)
        self.mode = mode
        self.marker: Marker | None = None
        self.pointer: Place | None = None
        self.found: list[Outcome] = []
        self.problem = ""
        self.saving = False
        self.stored: list[Outcome] = []  # what was just stored, until the picture shows it
        self._rest = QTimer(canvas)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._rested)
        self._wait = QTimer(canvas)
        self._wait.setInterval(_REST)
        self._wait.timeout.connect(self._pictured)
        self._shown: Operation | None = None  # of the newest preview
        self._followed: tuple[MapPoint, tuple[Place, Place] | None, Place | None] | None = None
        mode.rows_near.connect(self._rows_came)
        canvas.picture_ready.connect(self._pictured)

    # --- for the mode --------------------------------------------------------------------------------

    @property
    def drawing(self) -> bool:
        """Whether something is half done."""
        return False

    def hint(self) -> str:
        """How the tool is used."""
        return tr(self.words)

    def reset(self) -> None:
        """Give up what is half done, and look at nothing any more."""
        self.found, self.problem, self.marker, self._followed = [], "", None, None
        self.stored, self._shown = [], None
        self._rest.stop()
        self._wait.stop()
        self.mode.forget_preview()
        self.changed()

    def deactivate(self) -> None:
        """Another tool is taken up."""
        self.reset()

    def changed(self) -> None:
        """Draw anew and say what to do now."""
        self.mode.tell()
        self.canvas.update()

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key is meant for the drawing rather than for a command of the window."""
        if event.key() == Qt.Key.Key_S and not event.modifiers():
            return True
        undo = event.matches(QKeySequence.StandardKey.Undo)
        return self.drawing and (undo or event.key() in _DRAWING_KEYS)

    def key(self, event: QKeyEvent) -> bool:
        """S switches snapping on and off."""
        if event.key() == Qt.Key.Key_S and not event.modifiers():
            self.mode.snapping.set_on(not self.mode.snapping.on)
            self.marker = None
            self.canvas.update()
            return True
        return False

    # --- the pointer ---------------------------------------------------------------------------------

    def follow(
        self, at: MapPoint, previous: tuple[Place, Place] | None = None, avoid: Place | None = None
    ) -> Place:
        """The place that is meant: what the pointer is drawn to, or where it is. Alt takes it as it is."""
        self._followed = (at, previous, avoid)
        self.mode.move_to(at.x, at.y, self.canvas.view().resolution)
        return self._snapped(at, previous, avoid)

    def _snapped(self, at: MapPoint, previous: tuple[Place, Place] | None, avoid: Place | None) -> Place:
        free = bool(at.modifiers & Qt.KeyboardModifier.AltModifier)
        self.marker = None if free else self.mode.snap((at.x, at.y), previous, avoid)
        self.pointer = self.marker.point if self.marker is not None else (at.x, at.y)
        return self.pointer

    def _rows_came(self) -> None:
        """What is near is known only now: look again at where the pointer is."""
        if self.mode.tool is self and self._followed is not None and not self.saving:
            self._snapped(*self._followed)
            self.canvas.update()

    # --- previews and storing ------------------------------------------------------------------------

    def preview(self, operation: Operation) -> None:
        """Show what it would come to, as soon as that is known."""
        if operation is not self._shown:
            self._shown = operation
            self._rest.start()
        self.mode.preview(operation, self._previewed, self._impossible)

    def _rested(self) -> None:
        """The drawing rests, and may be let go next: then it has only to be stored."""
        if self._shown is not None and not self.saving:
            self.mode.prepare(self._shown)

    def _previewed(self, found: list[Outcome]) -> None:
        self.found, self.problem = found, ""
        self.canvas.update()

    def _impossible(self, error: Exception) -> None:
        self.found, self.problem = [], error.message if isinstance(error, ParkLineError) else ""
        self.canvas.update()

    def submit(self, operation: Operation) -> None:
        """Store it; the drawing stands until it is stored, and stays if it is not."""
        self.saving = True
        self._rest.stop()
        self.mode.forget_preview()
        self.changed()
        self.mode.submit(operation, self._stored, self._refused)

    def _stored(self) -> None:
        self.saving, stored = False, self.found
        if self.mode.tool is self:
            self.reset()
            self.stored = stored  # or the old boundaries would come back for a moment
            self._pictured()

    def _pictured(self) -> None:
        """The new boundaries are in the picture once none is under way."""
        if self.stored and self.canvas.drawing:
            self._wait.start()
        elif self.stored:
            self.stored = []
            self._wait.stop()
            self.canvas.update()

    def _refused(self) -> None:
        self.saving = False
        if self.mode.tool is self:
            self.changed()

    # --- drawing -------------------------------------------------------------------------------------

    def colour(self) -> QColor:
        """What is being drawn."""
        return QColor(_GOOD)

    def bad_colour(self) -> QColor:
        """What is wrong with it."""
        return QColor(_BAD)

    def ink(self) -> QColor:
        """Figures on the map."""
        return QColor(symbol_set(self.canvas.style_name()).text)

    def sheet_colour(self) -> QColor:
        """The inside of boundary points, and the halo of lines."""
        return QColor(symbol_set(self.canvas.style_name()).halo)

    def paint_found(self, painter: QPainter, view: View) -> None:
        """The outlines as they would be; those of other layers thinner."""
        colour = self.colour()
        for outcome in [*self.stored, *self.found]:
            own = outcome.layer == self.mode.layer and outcome.grows
            paint_shape(
                painter, view, outcome.shape, colour, halo=self.sheet_colour() if own else None,
                strength=0.16 if own else 0.0, width=2.0 if own else 1.0, dash=not own,
            )  # fmt: skip
        own_rows = [outcome for outcome in self.found if outcome.layer == self.mode.layer]
        paint_areas(painter, self.canvas.font(), view, own_rows, colour, self.canvas.style_name())

    def paint_marker(self, painter: QPainter, view: View) -> None:
        """What the pointer is drawn to."""
        if self.marker is not None:
            self.marker.paint(painter, view, self.bad_colour(), self.sheet_colour())

    def paint_note(self, painter: QPainter, view: View, text: str, at: Place | None = None) -> None:
        """A sign beside the pointer, in the colour of a problem if there is one."""
        place = at or self.pointer
        if text and place is not None:
            colour = self.bad_colour() if self.problem else self.colour()
            where = screen_points(view, [place])[0]
            self._put(painter, text, where, colour)

    def _put(self, painter: QPainter, text: str, where: QPointF, colour: QColor) -> None:
        note(painter, self.canvas.font(), text, where, colour, self.canvas.style_name())


def is_undo(event: QKeyEvent) -> bool:
    """Whether a key is that of undo, which takes back a point inside a drawing."""
    return event.type() == QEvent.Type.KeyPress and event.matches(QKeySequence.StandardKey.Undo)
