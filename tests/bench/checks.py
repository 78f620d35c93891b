"""All checks of the policy on the demo project: reading, seconds of each check, peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.timing import Memory

__all__ = ["run"]


def run(size: int) -> dict[str, Any]:
    """``seconds`` is the whole: open, read the tables, judge every target that the policy has a check for.

    ``PARKLINE_BENCH_PROJECT`` names projects (separated as in PATH): the first that has so many parcels, to one in a
    hundred, is judged; else a demo is made first.
    """
    for given in filter(None, os.environ.get("PARKLINE_BENCH_PROJECT", "").split(os.pathsep)):
        if abs(parcels_of(Path(given)) - size) <= size / 100:
            return judged(Path(given))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例 项目.gpkg"
        # In a process of its own, or its memory would be counted.
        command = [sys.executable, "-m", "app", "demo", str(path), "--parcels", str(size)]
        subprocess.run(command, cwd=Path(__file__).resolve().parents[2], check=True, capture_output=True)
        return judged(path)


def parcels_of(path: Path) -> int:
    """How many parcels a project has."""
    from layers.project import Project

    with Project.open(path) as project:
        return project.store.count("parcel")


def judged(path: Path) -> dict[str, Any]:
    """Judge a project as the window does, two checks at a time; the loops are compiled or loaded before.

    Then read it once more and judge one check after the other: ``reading_seconds``, and the ``seconds_of_each``. What
    several share is worked out by the first.
    """
    from gis import quick_clip
    from gis.store import native_frames
    from layers.checks.registry import CHECKS
    from layers.project import Project

    quick_clip.warm_up()
    native_frames.warm_up()
    memory = Memory()
    started, processor = time.perf_counter(), time.process_time()
    with Project.open(path) as project:
        results = project.check()
        seconds, spent = time.perf_counter() - started, time.process_time() - processor
        figures = memory.figures()
        parcels, plan = project.store.count("parcel"), project.store.count("land_use")
        del results[:]
        checks = [check for check in CHECKS if project.policy.has(check.id)]
        with project.store.steady():
            begun = time.perf_counter()
            tables, units = project.check_tables(checks), project.units()
        marks = [time.perf_counter()]
        for check in checks:
            check.run(tables, units, project.policy, project.codes, project.as_of, None)
            marks.append(time.perf_counter())
    each = {
        check.id: round(end - begin, 3)
        for check, begin, end in zip(checks, marks[:-1], marks[1:], strict=True)
    }
    return {
        "parcels": parcels,
        "land_use": plan,
        "checks": len(checks),
        "seconds": round(seconds, 3),
        "processor_seconds": round(spent, 3),
        "reading_seconds": round(marks[0] - begun, 3),
        "seconds_of_each": each,
        **figures,
    }
