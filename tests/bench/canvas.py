"""The map on the demo project: first picture, repaints at several extents, panning, longest event of the window.

The picture is that of the program: all layers that are visible at first (land use, lines, parks, parcels, units,
factories), and ``parcels_only`` for the parcel layer alone.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from tests.bench.timing import Memory

__all__ = ["run"]

_WIDTH, _HEIGHT = 1600, 1000
_REPEATS = 7
_HIDDEN = ("transfer", "investment", "observation")
_PATIENCE = 180.0


class _Timed(QApplication):
    """Notes how long each event of the window's thread takes."""

    longest = 0.0

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        started = time.perf_counter()
        try:
            return bool(super().notify(receiver, event))
        finally:
            self.longest = max(self.longest, time.perf_counter() - started)


def run(size: int) -> dict[str, Any]:
    """Seconds of each step on a demo project of ``size`` parcels; ``seconds`` is the full-extent repaint."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例 项目.gpkg"
        started = time.perf_counter()
        # In a process of its own, or its memory would be counted.
        command = [sys.executable, "-m", "app", "demo", str(path), "--parcels", str(size)]
        subprocess.run(command, cwd=Path(__file__).resolve().parents[2], check=True, capture_output=True)
        seconds = round(time.perf_counter() - started, 1)
        return {"generate_seconds": seconds, **measured(path)}


def measured(path: Path) -> dict[str, Any]:
    """The same on a project that is there and has no map cache yet."""
    application = _Timed([])
    result: dict[str, Any] = {}
    memory = Memory()
    result["first_picture_cold_seconds"] = _session(application, path, None)
    result["first_picture_warm_seconds"] = _session(application, path, result)
    result.update(memory.figures())
    return result


def _session(application: _Timed, path: Path, result: dict[str, Any] | None) -> float:
    """Open the project in a canvas of its own; measure into ``result``, if there is one."""
    from app.canvas.map_canvas import MapCanvas
    from app.canvas.source import LayerState, ProjectSource
    from app.canvas.tools.navigate import Navigate
    from app.folders import map_cache
    from layers.land_use_codes import land_use_classes
    from layers.project import Project
    from layers.registry import LAYERS

    canvas = MapCanvas()
    canvas.set_tool(Navigate(canvas))
    canvas.resize(_WIDTH, _HEIGHT)
    canvas.show()
    _until(application, canvas.isVisible)
    every = [LayerState(spec.name, spec.name not in _HIDDEN) for spec in LAYERS]
    started = time.perf_counter()
    project = Project.open(path)
    source = ProjectSource(project, map_cache(path))
    source.snapshot = project.snapshots()[-1].name
    canvas.set_source(source, {key: item.colour for key, item in land_use_classes().items()})
    canvas.set_layers(every)
    canvas.zoom_full()
    _until(application, lambda: _shows(canvas))
    first = round(time.perf_counter() - started, 3)
    if result is not None:
        result["parcels"] = project.store.count("parcel")
        result["land_use"] = project.store.count("land_use")
        _measure(application, canvas, result, "")
        canvas.set_layers([LayerState(spec.name, spec.name == "parcel") for spec in LAYERS])
        alone: dict[str, Any] = {}
        _measure(application, canvas, alone, "")
        result["parcels_only"] = alone
        result["seconds"] = alone["full_extent_seconds"]
    else:
        _until(application, lambda: not source.reading)  # the cache file is written after the first picture
    canvas.shut_down()
    canvas.close()
    project.close()
    return first


def _measure(application: _Timed, canvas: Any, result: dict[str, Any], prefix: str) -> None:
    west, south, east, north = canvas._source.extent()
    box = canvas._source._project.store.bounds("parcel")
    x, y = _densest(canvas, box)
    for name, share in (("full_extent", 1.0), ("ten_percent", 0.1), ("one_percent", 0.01)):
        half = [(east - west) / 2 * share**0.5, (north - south) / 2 * share**0.5]
        middle = ((west + east) / 2, (south + north) / 2) if share == 1.0 else (x, y)
        view = (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])
        result[f"{prefix}{name}_seconds"] = _repaint(application, canvas, view)
        result[f"{prefix}{name}_parcels"] = _parcels_in(canvas)
    for name, pixels in (("parcels_of_20_pixels", 20.0), ("parcels_of_6_pixels", 6.0)):
        metres = _typical_size(canvas) / pixels
        half_x, half_y = metres * _WIDTH / 2, metres * _HEIGHT / 2
        result[f"{prefix}{name}_seconds"] = _repaint(
            application, canvas, (x - half_x, y - half_y, x + half_x, y + half_y)
        )
        result[f"{prefix}{name}_parcels"] = _parcels_in(canvas)
    result[f"{prefix}pan_step_seconds"], result[f"{prefix}longest_event_seconds"] = _pan(application, canvas)


def _repaint(application: _Timed, canvas: Any, box: tuple[float, float, float, float]) -> float:
    """Median time from asking for a picture to its being painted, without the short wait for the hand to settle."""
    canvas.zoom_to(box, 0.0)
    times = []
    for _ in range(_REPEATS):
        _until(application, lambda: _shows(canvas) and not canvas.drawing)
        application.processEvents()
        arrival = QEventLoop()
        canvas.picture_ready.connect(arrival.quit)
        started = time.perf_counter()
        canvas._request()
        arrival.exec()
        canvas.repaint()
        times.append(time.perf_counter() - started)
        canvas.picture_ready.disconnect(arrival.quit)
    return round(statistics.median(times), 4)


def _pan(application: _Timed, canvas: Any) -> tuple[float, float]:
    """A drag of 90 steps at 60 Hz: longest time until a step is on screen, and the longest event of all."""
    application.longest = 0.0
    place = QPointF(_WIDTH / 2, _HEIGHT / 2)
    _mouse(canvas, QEvent.Type.MouseButtonPress, place, Qt.MouseButton.LeftButton)
    steps = []
    for number in range(90):
        place = QPointF(_WIDTH / 2 + 5.0 * number % 400, _HEIGHT / 2 + 3.0 * number % 250)
        started = time.perf_counter()
        _mouse(canvas, QEvent.Type.MouseMove, place, Qt.MouseButton.LeftButton)
        canvas.repaint()
        steps.append(time.perf_counter() - started)
        _until(application, lambda started=started: time.perf_counter() - started > 1 / 60)
    _mouse(canvas, QEvent.Type.MouseButtonRelease, place, Qt.MouseButton.NoButton)
    _until(application, lambda: _shows(canvas))
    return round(max(steps), 4), round(application.longest, 4)


def _mouse(canvas: Any, kind: QEvent.Type, place: QPointF, buttons: Qt.MouseButton) -> None:
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    where = QPointF(canvas.mapToGlobal(QPoint(int(place.x()), int(place.y()))))
    event = QMouseEvent(kind, place, where, button, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def _densest(canvas: Any, box: tuple[float, float, float, float]) -> tuple[float, float]:
    """A place where the parcels lie thickest: the demo's land is in towns."""
    import numpy as np

    layer = _parcel_layers(canvas, box)[0]
    centres = layer.boxes[:, :2].astype(np.float64)
    counts, xs, ys = np.histogram2d(centres[:, 0], centres[:, 1], bins=200)
    column, row = np.unravel_index(int(counts.argmax()), counts.shape)
    x, y = (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2
    return layer.origin[0] + x / 1000, layer.origin[1] + y / 1000


def _typical_size(canvas: Any) -> float:
    """Half of the parcels are wider, in metres."""
    import numpy as np

    layer = _parcel_layers(canvas, canvas.extent())[0]
    return float(np.median(layer.boxes[:, 2] - layer.boxes[:, 0])) / 1000


def _parcels_in(canvas: Any) -> int:
    extent = canvas.extent()
    return sum(len(layer.features_in_view(extent)) for layer in _parcel_layers(canvas, extent))


def _parcel_layers(canvas: Any, box: tuple[float, float, float, float]) -> Any:
    from app.canvas.source import LayerState

    return canvas._source.load("parcel", box, LayerState("parcel").style).layers


def _shows(canvas: Any) -> bool:
    picture = canvas.picture()
    if picture is None or not picture.complete or canvas._settle.isActive():
        return False
    return (picture.view.x, picture.view.y, picture.view.resolution) == (
        canvas.view().x, canvas.view().y, canvas.view().resolution,
    )  # fmt: skip


def _until(application: QApplication, condition: Callable[[], bool]) -> None:
    end = time.perf_counter() + _PATIENCE
    while not condition():
        application.processEvents()
        if time.perf_counter() > end:
            raise TimeoutError("the canvas did not get there")
        time.sleep(0.003)
