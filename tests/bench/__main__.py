"""``python3 start.py bench NAME [--sizes 10k,100k,1M]``: one JSON document on stdout.

Each size runs in a process of its own, so that its peak memory is its own. A bench module has
``run(size) -> dict`` with ``seconds`` (the best of several runs), ``reference_seconds`` (the plain way,
measured in the same process), ``peak_memory_mb`` (of our part, before the reference ran) and what else
it has to say. From the second size on, ``growth`` is how much longer it took than the size before, divided by how much
larger the city is: 1.0 is in proportion to its size. A slow reference may be measured on a smaller city and scaled by the number of features;
the result then carries ``reference_sampled`` with the size of that city.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import itertools
import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

MODULES = {
    "area": "tests.bench.area",
    "overlay": "tests.bench.overlay",
    "rezoning": "tests.bench.rezoning",
    "import": "tests.bench.import_rows",
    "open": "tests.bench.open_project",
    "canvas": "tests.bench.canvas",
    "edit": "tests.bench.edit",
    "table": "tests.bench.table",
    "background": "tests.bench.background",
    "checks": "tests.bench.checks",
    "scenarios": "tests.bench.scenarios",
}
DEFAULT_SIZES = "10k,100k,1M"
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}


def measure(name: str, size: int) -> dict[str, Any]:
    """Run one bench at one size in this process and add the ratio to the reference."""
    module = importlib.import_module(MODULES[name])
    started = time.perf_counter()
    result: dict[str, Any] = {"size": size, **module.run(size)}
    result["wall_seconds"] = round(time.perf_counter() - started, 3)
    seconds, reference = result.get("seconds"), result.get("reference_seconds")
    if seconds and reference:
        result["ratio"] = round(reference / seconds, 1)
    return result


def size_of(text: str) -> int:
    """``10k`` is 10,000, ``1M`` is 1,000,000, ``250_000`` and ``250000`` are what they say."""
    found = re.fullmatch(r"([\d_]+(?:\.\d+)?)([km]?)", text.strip().lower())
    size = (
        round(float(found[1].replace("_", "")) * _FACTORS[found[2]]) if found and found[1].strip("_") else 0
    )
    if size < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of parcels; write for example 10k or 1M")
    return size


def sizes_of(text: str) -> list[int]:
    """Sizes separated by commas."""
    return [size_of(part) for part in text.split(",") if part.strip()]


def machine() -> dict[str, Any]:
    """What a figure depends on beside the program."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "date": time.strftime("%Y-%m-%d"),
    }


def main(argv: list[str] | None = None) -> int:
    """Measure each size in a fresh process and print the JSON; 1 when a size failed."""
    parser = argparse.ArgumentParser(
        prog="python3 start.py bench",
        description=__doc__.split("\n\n", 1)[1] if __doc__ else None,
    )
    known = sorted(name for name, module in MODULES.items() if importlib.util.find_spec(module))
    parser.add_argument("name", choices=known)
    parser.add_argument(
        "--sizes",
        type=sizes_of,
        default=sizes_of(DEFAULT_SIZES),
        metavar="N[,N…]",
        help=f"numbers of parcels, k and M allowed (default {DEFAULT_SIZES})",
    )
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.one is not None:
        json.dump(measure(options.name, options.one), sys.stdout)
        return 0
    results, failed = [], False
    for size in options.sizes:
        print(f"{options.name}: {size:,} …", file=sys.stderr, flush=True)
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
    for before, result in itertools.pairwise(results):
        if before.get("seconds") and result.get("seconds"):
            growth = result["seconds"] / before["seconds"] / (result["size"] / before["size"])
            result["growth"] = round(growth, 2)
    json.dump({"name": options.name, "machine": machine(), "results": results}, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
