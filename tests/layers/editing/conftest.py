from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.project import Project
from tests.layers.editing.city import build


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "安康 项目"
    folder.mkdir()
    with build(folder / "示例 1.gpkg") as opened:
        yield opened
