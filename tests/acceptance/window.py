"""Driving the real window as a person would."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from app.shell import Shell

__all__ = ["at", "click", "colour_at", "dialog", "drawn", "place_of", "settled", "show", "wheel"]

_Dialog = TypeVar("_Dialog", bound=QDialog)
_LIMIT = 90_000


def settled(qtbot: QtBot, shell: Shell, condition: Callable[[], bool]) -> None:
    """Wait until something is so and no job runs any more."""
    qtbot.waitUntil(lambda: condition() and not shell.tasks.running, timeout=_LIMIT)


def drawn(qtbot: QtBot, shell: Shell) -> None:
    """Wait until the map shows a whole picture of the present view."""

    def there() -> bool:
        canvas = shell.window.map.canvas
        picture = canvas.picture()
        if picture is None or not picture.complete or canvas.drawing:
            return False
        seen, made = canvas.view(), picture.view
        return made.resized(seen.width, seen.height) == seen

    settled(qtbot, shell, there)
    QApplication.processEvents()  # a picture that was finished but not yet handed over


def show(qtbot: QtBot, shell: Shell, shape: BaseGeometry, room: float = 1.0) -> None:
    """Look at a geometry with so many times its size round it, and wait for the picture."""
    west, south, east, north = shape.bounds
    dx, dy = (east - west) * room, (north - south) * room
    shell.window.map.canvas.zoom_to((west - dx, south - dy, east + dx, north + dy))
    drawn(qtbot, shell)


def at(shell: Shell, point: Point) -> QPoint:
    """The pixel of the canvas at a place of the project's plane."""
    ((x, y),) = shell.window.map.canvas.view().to_screen(np.array([[point.x, point.y]])).tolist()
    return QPoint(round(x), round(y))


def place_of(shell: Shell, pixel: QPoint) -> tuple[float, float]:
    """The place under a pixel of the canvas."""
    return shell.window.map.canvas.view().to_plane(pixel.x(), pixel.y())


def click(qtbot: QtBot, shell: Shell, point: Point) -> None:
    """Click on a place of the map."""
    qtbot.mouseClick(shell.window.map.canvas, Qt.MouseButton.LeftButton, pos=at(shell, point))


def wheel(shell: Shell, pixel: QPoint, notches: int) -> None:
    """Turn the wheel over a pixel of the canvas; away from the hand is positive."""
    canvas = shell.window.map.canvas
    event = QWheelEvent(
        QPointF(pixel), QPointF(canvas.mapToGlobal(pixel)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def colour_at(shell: Shell, point: Point) -> QColor:
    """The colour that the map shows at a place."""
    image = shell.window.map.canvas.grab().toImage()
    ratio = image.devicePixelRatio()
    pixel = at(shell, point)
    return image.pixelColor(round(pixel.x() * ratio), round(pixel.y() * ratio))


def dialog(qtbot: QtBot, kind: type[_Dialog]) -> _Dialog:
    """The dialog of that kind that has just come up."""
    found: list[_Dialog] = []

    def there() -> bool:
        found[:] = [
            widget
            for widget in QApplication.topLevelWidgets()
            if isinstance(widget, kind) and widget.isVisible()
        ]
        return bool(found)

    qtbot.waitUntil(there, timeout=_LIMIT)
    return found[-1]
