"""规划快照: dated, named states of the plan, and the record of where rows came from."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest

from gis.errors import ParkLineError
from layers.project import Project
from layers.snapshots import add_dataset, add_snapshot, file_sha256
from tests.layers.checks.world import EPSG, rectangle

OLDER, NEWER = dt.date(2023, 3, 31), dt.date(2024, 5, 31)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "项目.gpkg", epsg=EPSG, name="x") as made:
        yield made


def plan(snapshot: str, count: int) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": ["1001"] * count, "scheme": "guide2023", "snapshot": snapshot},
        geometry=[rectangle(50 * n, 0, 40, 40) for n in range(count)],
        crs=EPSG,
    )


def test_snapshots_come_by_date_then_name_with_the_number_of_their_rows(project: Project) -> None:
    project.add_snapshot("乙", NEWER, scheme="guide2023", source="b.gpkg", note="n")
    project.add_snapshot("丙", OLDER)
    project.add_snapshot("甲", OLDER)
    with project.transaction("rows") as transaction:
        transaction.insert("land_use", plan("乙", 3))
        transaction.insert("land_use", plan("甲", 1))
    found = project.snapshots()
    assert [(item.name, item.date, item.count) for item in found] == [
        ("丙", OLDER, 0), ("甲", OLDER, 1), ("乙", NEWER, 3),
    ]  # fmt: skip
    last = found[-1]
    assert (last.scheme, last.source, last.note) == ("guide2023", "b.gpkg", "n")
    assert (found[0].scheme, found[0].source, found[0].note) == (None, "", "")


def test_a_name_is_given_once(project: Project) -> None:
    project.add_snapshot("甲", OLDER)
    with pytest.raises(ParkLineError, match="甲"):
        project.add_snapshot("甲", NEWER)
    assert [(item.name, item.date) for item in project.snapshots()] == [("甲", OLDER)]


@pytest.mark.parametrize("name", ["", "  ", "\t\u3000"])
def test_a_snapshot_needs_a_name(project: Project, name: str) -> None:
    with pytest.raises(ParkLineError, match="名称"):
        project.add_snapshot(name, OLDER)
    assert project.snapshots() == []


def test_a_snapshot_and_its_rows_are_one_action_and_one_undo(project: Project) -> None:
    with project.transaction("import", kind="import") as transaction:
        project.add_snapshot("甲", OLDER, transaction=transaction)
        transaction.insert("land_use", plan("甲", 2))
    assert len(project.store.journal()) == 2
    project.store.undo()
    assert project.snapshots() == []
    assert project.store.count("land_use") == 0
    project.store.redo()
    assert project.snapshot("甲").count == 2


def test_a_missing_snapshot_is_named_with_those_there_are(project: Project) -> None:
    with pytest.raises(ParkLineError, match="乙") as caught:
        project.snapshot("乙")
    assert "--snapshot" in caught.value.hint
    project.add_snapshot("甲", OLDER)
    with pytest.raises(ParkLineError, match="乙") as caught:
        project.compare("甲", "乙")
    assert "甲" in caught.value.hint


def test_names_from_outside_are_only_text(project: Project) -> None:
    hostile = "'; DROP TABLE land_use; --\"{0}%s"
    with project.transaction("x") as transaction:
        add_snapshot(transaction, hostile, OLDER, note=hostile)
        transaction.insert("land_use", plan(hostile, 2))
    assert project.snapshot(hostile).count == 2
    assert project.snapshot(hostile).note == hostile


def test_a_dataset_keeps_the_files_name_but_not_its_folder(project: Project, tmp_path: Path) -> None:
    with project.transaction("import", kind="import") as transaction:
        add_dataset(
            transaction,
            tmp_path / "汉阴 2024.gpkg",
            "land_use",
            7,
            sha256="ab",
            imported_on=NEWER,
            snapshot="甲",
        )
    [row] = project.read("dataset", geometry=False).to_dict("records")
    assert (row["file"], row["layer"], row["row_count"], row["sha256"], row["snapshot"]) == (
        "汉阴 2024.gpkg", "land_use", 7, "ab", "甲",
    )  # fmt: skip
    assert row["imported_on"].date() == NEWER


def test_the_hash_of_a_file_is_sha256_also_over_more_than_one_block(tmp_path: Path) -> None:
    content = b"ParkLine" * 300_000  # 2.4 MB
    (tmp_path / "a").write_bytes(content)
    assert file_sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_the_hash_of_a_folder_depends_on_names_and_contents_not_on_where_it_lies(tmp_path: Path) -> None:
    def folder(name: str, files: dict[str, bytes]) -> str:
        for path, content in files.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return file_sha256(tmp_path / name)

    first = folder("a.gdb", {"x": b"1", "sub/y": b"2"})
    assert first == folder("b.gdb", {"sub/y": b"2", "x": b"1"})
    assert first != folder("c.gdb", {"x": b"1", "sub/y": b"3"})
    assert first != folder("d.gdb", {"z": b"1", "sub/y": b"2"})
    assert folder("e.gdb", {"a": b"bc"}) != folder("f.gdb", {"ab": b"c"})
