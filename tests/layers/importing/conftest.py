"""An empty project of Ankang, in a folder with a blank and Chinese characters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.new_project import new_project
from layers.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "安康 项目"
    folder.mkdir()
    with new_project(folder / "示例 1.gpkg").project as opened:
        yield opened
