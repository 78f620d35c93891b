"""Start of the program and its first picture, in a process of its own: ``python -m tests.bench.window_start``.

The window's platform is whatever ``QT_QPA_PLATFORM`` says; ``start.py bench`` sets it to offscreen.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.shell import Shell

__all__ = ["start_and_open"]

_PATIENCE = 120.0
_STARTS = 5


def start_and_open(project: Path) -> dict[str, float]:
    """Best and median of five starts, in seconds; the folder of the project also takes the map's cache.

    - ``window_seconds``: from the start of Python to a window that answers;
    - ``first_picture_cold_seconds``: the very first opening, modules to be loaded and no cache of the map yet;
    - ``first_picture_after_start_seconds``: the first opening of a later start, modules to be loaded;
    - ``first_picture_seconds``: opening in the running program.
    """
    with tempfile.TemporaryDirectory() as home:
        runs = [_run(project, Path(home)) for _ in range(_STARTS)]
    window, after_start, picture = (list(column) for column in zip(*runs, strict=True))
    result = {"first_picture_cold_seconds": round(after_start.pop(0), 3)}
    for name, seconds in (
        ("window", window),
        ("first_picture_after_start", after_start),
        ("first_picture", picture),
    ):
        result[f"{name}_seconds"] = round(min(seconds), 3)
        result[f"{name}_seconds_median"] = round(statistics.median(seconds), 3)
    return result


def _run(project: Path, home: Path) -> tuple[float, float, float]:
    environment = {**os.environ, "PARKLINE_HOME": str(home), "PARKLINE_SETTINGS": str(home / "settings.ini")}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as set up: with the program's modules compiled
    started = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.window_start", str(project), repr(started)],
        env=environment,
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    window, after_start, picture = json.loads(done.stdout.splitlines()[-1])
    return float(window), float(after_start), float(picture)


def _measure(project: Path, started: float) -> tuple[float, float, float]:
    """In the new process: the same steps as ``python -m app PROJECT``."""
    from app.shell import Shell

    shell = Shell()
    shell.window.resize(1600, 1000)
    shell.window.show()
    _until(shell.application.processEvents, shell.window.isVisible)
    shell.application.processEvents()  # the first paint and whatever was queued
    window = time.time() - started
    pictures = []
    for _ in range(2):
        opened = time.perf_counter()
        shell.start(project)
        _until(shell.application.processEvents, lambda: _drawn(shell))
        pictures.append(time.perf_counter() - opened)
        # The map's cache is written after the first picture.
        _until(shell.application.processEvents, lambda: not shell.window.map._source.reading)
        shell.session.close()
        _until(shell.application.processEvents, lambda: not shell.tasks.running)
    shell.window.close()
    shell.shut_down()
    return window, pictures[0], pictures[1]


def _drawn(shell: Shell) -> bool:
    """Whether the map shows all that lies in its view."""
    if shell.window.map._source is None:
        return False
    shown, view = shell.window.map.canvas.picture(), shell.window.map.canvas.view()
    if shown is None or not shown.complete:
        return False
    # The picture is larger than the view, for the hand to pan.
    return (shown.view.x, shown.view.y, shown.view.resolution) == (view.x, view.y, view.resolution)


def _until(process_events: Callable[[], None], condition: Callable[[], Any]) -> None:
    end = time.perf_counter() + _PATIENCE
    while not condition():
        process_events()
        if time.perf_counter() > end:
            raise TimeoutError("the window did not get there")
        time.sleep(0.002)


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), float(sys.argv[2]))))
