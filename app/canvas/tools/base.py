"""What every tool of the map is: an object that the canvas hands the mouse and the keys to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPainter

    from app.canvas.map_canvas import MapCanvas
    from gis.draw.view import View

__all__ = ["CLICK_TOLERANCE", "MapPoint", "Tool"]

CLICK_TOLERANCE = 5  # pixels


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A place on the screen and on the plane. ``tolerance`` is the click's, in metres."""

    screen: QPointF
    x: float
    y: float
    tolerance: float
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier


class Tool:
    """Does nothing with the left button; the canvas itself pans with the middle one and zooms with the wheel.

    A tool draws what it is about in ``paint``, over the picture; after a change it calls ``canvas.update()``.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, canvas: MapCanvas) -> None:
        self.canvas = canvas

    def hint(self) -> str:
        """How the tool is used, in one line; empty for the tools that need no word."""
        return ""

    def activate(self) -> None:
        """The tool has been taken up."""

    def deactivate(self) -> None:
        """Another tool is taken up: what is half done is given up."""

    def press(self, at: MapPoint) -> None:
        """The left button goes down."""

    def move(self, at: MapPoint, *, held: bool) -> None:
        """The mouse moves, with the left button held or not."""

    def release(self, at: MapPoint) -> None:
        """The left button comes up."""

    def double_click(self, at: MapPoint) -> None:
        """The left button goes down for the second time."""

    def menu(self, at: MapPoint) -> bool:  # noqa: ARG002 - for the tools that have one
        """The right button: True if the tool has used it."""
        return False

    def wants(self, event: QKeyEvent) -> bool:  # noqa: ARG002 - for the tools that know keys
        """Whether a key that is also a command of the window (Escape, Ctrl+C) is meant for the tool now."""
        return False

    def key(self, event: QKeyEvent) -> bool:  # noqa: ARG002 - for the tools that know keys
        """A key goes down: True if the tool has used it; Escape should give up what is half done."""
        return False

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw over the picture, in logical pixels."""
