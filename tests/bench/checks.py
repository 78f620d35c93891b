"""All checks of the policy on the demo project: reading and judging, seconds of each, peak memory."""

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

    ``PARKLINE_BENCH_PROJECT`` names a project to be judged instead of a demo that is made first.
    """
    given = os.environ.get("PARKLINE_BENCH_PROJECT")
    if given:
        return judged(Path(given))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例 项目.gpkg"
        # In a process of its own, or its memory would be counted.
        command = [sys.executable, "-m", "app", "demo", str(path), "--parcels", str(size)]
        subprocess.run(command, cwd=Path(__file__).resolve().parents[2], check=True, capture_output=True)
        return judged(path)


def judged(path: Path) -> dict[str, Any]:
    """Judge a project; the loops are compiled or loaded before."""
    from gis import quick_clip
    from layers.project import Project

    quick_clip.warm_up()
    memory = Memory()
    started, processor = time.perf_counter(), time.process_time()
    with Project.open(path) as project:
        results = project.check()
        seconds, spent = time.perf_counter() - started, time.process_time() - processor
        figures = memory.figures()
        parcels, plan = project.store.count("parcel"), project.store.count("land_use")
        each = {}
        for result in results:
            begun = time.perf_counter()
            project.check([result.id])
            each[result.id] = round(time.perf_counter() - begun, 3)
    return {
        "parcels": parcels,
        "land_use": plan,
        "checks": len(results),
        "seconds": round(seconds, 3),
        "processor_seconds": round(spent, 3),
        "seconds_of_each_alone": each,
        **figures,
    }
