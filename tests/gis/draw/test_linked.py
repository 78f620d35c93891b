"""Compiled loops take what they were compiled for, and the way to the first picture stays light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gis.draw import decode_kernels, label_kernels

_ROOT = Path(__file__).resolve().parents[3]

_WARM_UP = "from gis.draw.raster import warm_up; from gis.store import joined_rows"
_FIRST_PICTURE = """
import sys
import layers.project, layers.registry, gis.draw.drawn_table, gis.draw.looks, gis.draw.symbols
from gis.draw.raster import warm_up
from gis.store import joined_rows
warm_up()
joined_rows.warm_up()
print(*sorted({"numba", "pandas", "geopandas", "pyarrow", "pyproj"} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    "offsets",
    [
        np.zeros(1, dtype=np.int32),
        np.zeros((1, 1), dtype=np.int64),
        np.zeros(8, dtype=np.int64)[::2],
    ],
    ids=["other dtype", "other dimensions", "with gaps"],
)
def test_an_array_of_another_kind_is_refused_before_its_memory_is_read(offsets: object) -> None:
    with pytest.raises(TypeError, match="int64"):
        decode_kernels.measure(np.zeros(1, dtype=np.uint8), offsets, np.zeros((0, 3), dtype=np.int64))


def test_an_argument_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        label_kernels.find(np.zeros((0, 2), dtype=np.int32))


def test_the_first_picture_needs_neither_the_compiler_nor_pandas() -> None:
    """Each of them takes longer to load than a picture takes to draw; the loops of this test run are compiled."""
    command = [sys.executable, "-c", f"{_WARM_UP}; warm_up(); joined_rows.warm_up()"]
    subprocess.run(command, cwd=_ROOT, check=True)
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_PICTURE], cwd=_ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []
