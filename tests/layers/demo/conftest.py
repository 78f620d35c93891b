"""The demo once: its frames in memory, and a project written from another seed."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from layers.demo import generate
from layers.demo.build import demo_frames
from layers.project import Project

Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="session")
def frames() -> Frames:
    """The demo as it is made when nobody asks for another."""
    return demo_frames(3000, 1)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with generate(tmp_path_factory.mktemp("demo") / "示例 项目.gpkg", parcels=3000, seed=1) as made:
        yield made
