"""``python -m tests.bench NAME [--sizes 10000,100000,1000000]``: one JSON document on stdout.

Each size runs in a process of its own, so that its peak memory is its own. A bench module has
``run(size) -> dict`` with at least ``seconds`` and ``reference_seconds`` (measured in the same run).
A slow reference may be measured on a sample and scaled; the result then carries
``reference_sampled`` with the size of the sample.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

MODULES = {
    "area": "tests.bench.area",
    "overlay": "tests.bench.overlay",
    "rezoning": "tests.bench.rezoning",
    "import": "tests.bench.import_file",
    "open": "tests.bench.open_project",
}
DEFAULT_SIZES = (10_000, 100_000, 1_000_000)


def measure(name: str, size: int) -> dict[str, Any]:
    """Run one bench at one size in this process and add ratio and peak memory.

    ``peak_memory_mb`` is what our way needed, if the module noted it before it ran the reference
    (see :func:`peak_memory_mb`), otherwise the peak of the whole process.
    """
    module = importlib.import_module(MODULES[name])
    started = time.perf_counter()
    result: dict[str, Any] = {"size": size, **module.run(size)}
    result["wall_seconds"] = round(time.perf_counter() - started, 3)
    result.setdefault("peak_memory_mb", peak_memory_mb())
    seconds, reference = result.get("seconds"), result.get("reference_seconds")
    if seconds and reference:
        result["ratio"] = round(reference / seconds, 1)
    return result


def peak_memory_mb() -> float:
    """Peak resident memory of this process so far, in MB; ``ru_maxrss`` is in kB on Linux, bytes on macOS."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)


def main(argv: list[str] | None = None) -> int:
    """Measure each size in a fresh process and print the JSON; 1 when a size failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", choices=sorted(MODULES))
    parser.add_argument("--sizes", default=",".join(map(str, DEFAULT_SIZES)), help="comma-separated")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.one is not None:
        json.dump(measure(options.name, options.one), sys.stdout)
        return 0
    results, failed = [], False
    for size in [int(text) for text in options.sizes.split(",")]:
        process = subprocess.run(
            [sys.executable, "-m", "tests.bench", options.name, "--one", str(size)],
            capture_output=True,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
            check=False,
        )
        if process.returncode:
            failed = True
            results.append({"size": size, "error": process.stderr.strip()[-2000:]})
        else:
            results.append(json.loads(process.stdout.splitlines()[-1]))
    json.dump({"name": options.name, "results": results}, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
