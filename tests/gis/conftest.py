"""A small project in a folder whose name has a blank and Chinese characters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import EPSG, TABLES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "安康 项目"
    folder.mkdir()
    return folder / "示例 1.gpkg"


@pytest.fixture
def store(path: Path) -> Iterator[GeoPackageStore]:
    with GeoPackageStore.create(path, EPSG, TABLES, meta={"name": "示例"}) as opened:
        yield opened
