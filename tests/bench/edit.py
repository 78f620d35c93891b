"""One boundary point moved by hand in the real window on the demo project: from the release of the mouse to saved
and to redrawn.

Everything is open and at rest before each release: the map has all layers, the checks have run, the preview of the
move stands, and the hand has held still for a fifth of a second. After it, ``shown_seconds`` is when the map is painted
with the moved boundary over the old picture, marked as being saved; ``saved_seconds`` is when the transaction is
committed and the window knows, ``seconds`` when the picture with the new boundary is on the screen. ``steps`` are the
parts of the worker's job, each timed by itself, on the clock and (``_cpu``) in time that the processor gave to it,
which says more where other work keeps it busy; ``edit`` is made while the hand holds still.
``move_event`` is what one movement of the mouse with a boundary point in hand costs the window's thread.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.bench.timing import Memory

__all__ = ["measure", "run"]

_REPEATS = 5
_PATIENCE = 900.0
_REST = 200  # ms that the hand holds still before it lets go


def run(size: int) -> dict[str, Any]:
    """Median and best of moving a boundary point in a demo project of ``size`` parcels."""
    from layers.demo import generate

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例 项目.gpkg"
        generate(path, parcels=size, seed=1).close()
        return measure(path, Path(folder))


def measure(path: Path, folder: Path) -> dict[str, Any]:
    """Open a project in the window and move boundary points of it; they are moved back at the end."""
    os.environ["PARKLINE_HOME"] = str(folder / "home")
    from app.settings import Settings
    from app.shell import Shell

    shell = Shell(Settings(folder / "settings.ini"))
    shell.session.pause = _PATIENCE  # no move here is followed by a pause after which the project is checked
    shell.window.resize(1440, 900)
    shell.window.show()
    memory = Memory()
    shell.start(path)
    _until(lambda: bool(shell.session.results) and not shell.tasks.running)
    source = shell.window.map.canvas._source
    _until(lambda: source is not None and not source.reading)
    project = shell.session.project
    assert project is not None
    result: dict[str, Any] = {"parcels": project.store.count("parcel")}
    corners = _shared_corners(project)
    timed = [_move(shell, place) for place in corners[:_REPEATS]]
    for name in ("shown", "saved", "redrawn", "longest_event"):
        values = [one[name] for one in timed]
        result[f"{name}_seconds"] = round(min(values), 4)
        result[f"{name}_seconds_median"] = round(statistics.median(values), 4)
    result["seconds"] = result["redrawn_seconds"]
    result["move_event_cpu_seconds"] = _moving(shell, corners[2 * _REPEATS])
    result["steps"] = _steps(project, corners)
    result.update(memory.figures())
    for _ in timed:
        project.store.undo()
    shell.window.close()
    shell.shut_down()
    return result


def _shared_corners(project: Any) -> list[tuple[float, float]]:
    """Boundary points of two parcels and more inside the town, some parcels apart."""
    box = project.store.bounds("parcel")
    frame = project.read("parcel", columns=[], limit=4000)
    points = np.round(shapely.get_coordinates(frame.geometry.to_numpy()), 3)
    unique, count = np.unique(points, axis=0, return_counts=True)
    shared = unique[count >= 3]
    assert len(shared) > 50, box
    return [(float(x), float(y)) for x, y in shared[:: max(1, len(shared) // 40)]]


def _move(shell: Any, place: tuple[float, float]) -> dict[str, float]:
    """Move one point by two metres with the mouse."""
    canvas, mode, session = shell.window.map.canvas, shell.window.editing, shell.session
    x, y = place
    canvas.look_at(x, y, 0.5)
    mode.start()
    shell.window.edit_bar.actions_["vertex"].trigger()
    mode.snapping.set_on(False)
    _until(lambda: _at_rest(shell))
    _mouse(canvas, QEvent.Type.MouseMove, x, y, Qt.MouseButton.NoButton)
    _until(lambda: _at_rest(shell) and mode.near is not None)
    _mouse(canvas, QEvent.Type.MouseButtonPress, x, y, Qt.MouseButton.LeftButton)
    for share in (0.3, 0.6, 1.0):
        _mouse(canvas, QEvent.Type.MouseMove, x + 1.6 * share, y + 1.2 * share, Qt.MouseButton.LeftButton)
        _until(lambda: _at_rest(shell))
    QTest.qWait(_REST)
    _until(lambda: _at_rest(shell))
    assert mode.tool is not None
    assert mode.tool.found, mode.tool.problem
    marks: dict[str, float] = {}

    def saved(_edit: object) -> None:
        marks["saved"] = time.perf_counter() - started

    def pictured() -> None:
        if "saved" in marks and canvas.picture().complete:
            marks.setdefault("redrawn", time.perf_counter() - started)

    class Painted(QObject):
        """Hears when the canvas is painted with the outlines of the move."""

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
            if event.type() == QEvent.Type.Paint and started and (mode.tool.found or mode.tool.stored):
                marks.setdefault("shown", time.perf_counter() - started)
            return False

    started = 0.0
    painted = Painted()
    canvas.installEventFilter(painted)
    session.editor.saved.connect(saved)
    canvas.picture_ready.connect(pictured)
    longest = 0.0
    started = time.perf_counter()
    _mouse(canvas, QEvent.Type.MouseButtonRelease, x + 1.6, y + 1.2, Qt.MouseButton.NoButton)
    while "redrawn" not in marks:
        begun = time.perf_counter()
        QApplication.processEvents()
        longest = max(longest, time.perf_counter() - begun)
        if begun - started > _PATIENCE:
            raise TimeoutError("the edit was not saved")
    canvas.removeEventFilter(painted)
    session.editor.saved.disconnect(saved)
    canvas.picture_ready.disconnect(pictured)
    _until(lambda: _at_rest(shell))
    return {**marks, "longest_event": longest}


def _moving(shell: Any, place: tuple[float, float]) -> float:
    """Longest of a hundred movements with a boundary point in hand, snapping on, in processor time."""
    canvas, mode = shell.window.map.canvas, shell.window.editing
    x, y = place
    canvas.look_at(x, y, 0.5)
    mode.snapping.set_on(True)
    _until(lambda: _at_rest(shell))
    _mouse(canvas, QEvent.Type.MouseMove, x, y, Qt.MouseButton.NoButton)
    _until(lambda: _at_rest(shell) and mode.near is not None)
    _mouse(canvas, QEvent.Type.MouseButtonPress, x, y, Qt.MouseButton.LeftButton)
    longest = 0.0
    for number in range(100):
        began = time.thread_time()
        _mouse(canvas, QEvent.Type.MouseMove, x + 0.3 * number, y + 0.2 * number, Qt.MouseButton.LeftButton)
        canvas.repaint()
        longest = max(longest, time.thread_time() - began)
        QApplication.processEvents()
        time.sleep(0.01)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    _mouse(canvas, QEvent.Type.MouseButtonRelease, x, y, Qt.MouseButton.NoButton)
    return round(longest, 4)


def _steps(project: Any, corners: list[tuple[float, float]]) -> dict[str, float]:
    """What the worker does, part by part, on points that were not moved yet."""
    from layers.editing.nearby import read_nearby
    from layers.editing.operations import move_point
    from layers.editing.save import save
    from layers.editing.validation import check_edit
    from layers.editing.warnings import warnings_of

    found: dict[str, list[float]] = {}
    for x, y in corners[_REPEATS : 2 * _REPEATS]:
        near = read_nearby(project, "parcel", (x - 50, y - 50, x + 50, y + 50))
        marks = [(time.perf_counter(), time.thread_time())]
        edit = move_point("parcel", (x, y), (x + 1.6, y + 1.2), near.edges_at(x, y, 0.001)).edit(project)
        marks.append((time.perf_counter(), time.thread_time()))
        check_edit(project, edit)
        marks.append((time.perf_counter(), time.thread_time()))
        warnings = warnings_of(project, edit)
        marks.append((time.perf_counter(), time.thread_time()))
        save(project, edit, warnings=warnings, reason="示例", checked=True)
        marks.append((time.perf_counter(), time.thread_time()))
        project.store.undo()
        for name, (wall, own) in zip(
            ("edit", "check", "warnings", "save"), np.diff(np.array(marks), axis=0), strict=True
        ):
            found.setdefault(name, []).append(float(wall))
            found.setdefault(f"{name}_cpu", []).append(float(own))
    return {name: round(statistics.median(values), 4) for name, values in found.items()}


def _at_rest(shell: Any) -> bool:
    canvas = shell.window.map.canvas
    picture = canvas.picture()
    working = any(not task.waiting for task in shell.tasks.running)
    busy = working or shell.window.editing.latest.busy or shell.session.editor.busy
    return not busy and not canvas.drawing and picture is not None and bool(picture.complete)


def _mouse(canvas: Any, kind: QEvent.Type, x: float, y: float, held: Qt.MouseButton) -> None:
    view = canvas.view()
    west, _, _, north = view.extent
    place = QPointF((x - west) / view.resolution, (north - y) / view.resolution)
    moves = kind is QEvent.Type.MouseMove
    button = Qt.MouseButton.NoButton if moves else Qt.MouseButton.LeftButton
    where = QPointF(canvas.mapToGlobal(place.toPoint()))
    event = QMouseEvent(kind, place, where, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def _until(condition: Callable[[], bool]) -> None:
    end = time.perf_counter() + _PATIENCE
    while not condition():
        QApplication.processEvents()
        if time.perf_counter() > end:
            raise TimeoutError("the window did not get there")
        time.sleep(0.002)
