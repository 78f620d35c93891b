"""One state of the plan from several counties' files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gis.errors import ParkLineError
from layers.importing.plan import propose
from layers.importing.report import ImportReport
from layers.importing.run import run
from layers.new_project import new_project
from layers.project import Project

DAY = dt.date(2024, 5, 31)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path / "安康.gpkg").project as made:
        yield made


def plots(path: Path, east: float, layer: str | None = None) -> Path:
    """Two plots of industrial and housing land, side by side from that easting on."""
    shapes = [shapely.box(east + 200 * n, 3_600_000, east + 200 * n + 200, 3_600_200) for n in range(2)]
    frame = gpd.GeoDataFrame({"用地代码": ["100101", "070102"]}, geometry=shapes, crs=4545)
    pyogrio.write_dataframe(frame, path, layer=layer, append=path.exists())
    return path


def take(
    project: Project, path: Path, snapshot: str, day: dt.date = DAY, source_layer: str | None = None
) -> ImportReport:
    return run(
        project, propose(project, "land_use", path, snapshot=snapshot, date=day, source_layer=source_layer)
    )


def test_two_counties_make_one_snapshot(project: Project, tmp_path: Path) -> None:
    take(project, plots(tmp_path / "汉阴.gpkg", 600_000), "2024")
    take(project, plots(tmp_path / "石泉.gpkg", 610_000), "2024")
    (snapshot,) = project.snapshots()
    assert (snapshot.name, snapshot.date, snapshot.count) == ("2024", DAY, 4)
    assert set(project.read("land_use")["source"]) == {"汉阴.gpkg", "石泉.gpkg"}


def test_files_of_one_name_from_two_counties_are_two_sources(project: Project, tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        take(project, plots(tmp_path / str(number) / "规划.gpkg", 600_000 + 10_000 * number), "2024")
    assert project.snapshot("2024").count == 4


def test_two_layers_of_one_file_are_two_sources(project: Project, tmp_path: Path) -> None:
    plots(tmp_path / "规划.gpkg", 600_000, "汉阴")
    plots(tmp_path / "规划.gpkg", 610_000, "石泉")
    for name in ("汉阴", "石泉"):
        take(project, tmp_path / "规划.gpkg", "2024", source_layer=name)
    assert project.snapshot("2024").count == 4


def test_a_file_is_in_a_snapshot_once(project: Project, tmp_path: Path) -> None:
    file = plots(tmp_path / "汉阴.gpkg", 600_000)
    take(project, file, "2024")
    with pytest.raises(ParkLineError, match="不可改写"):
        take(project, file, "2024")
    take(project, file, "2025", dt.date(2025, 5, 31))
    assert [item.count for item in project.snapshots()] == [2, 2]


def test_a_file_may_come_again_when_it_was_taken_back(project: Project, tmp_path: Path) -> None:
    file = plots(tmp_path / "汉阴.gpkg", 600_000)
    take(project, file, "2024")
    project.store.undo()
    assert project.snapshots() == []
    take(project, file, "2024")
    assert project.snapshot("2024").count == 2


def test_a_snapshot_has_one_day(project: Project, tmp_path: Path) -> None:
    take(project, plots(tmp_path / "汉阴.gpkg", 600_000), "2024")
    with pytest.raises(ParkLineError, match="2024-05-31"):
        take(project, plots(tmp_path / "石泉.gpkg", 610_000), "2024", dt.date(2024, 6, 1))
    assert project.snapshot("2024").count == 2
