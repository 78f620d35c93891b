"""A project file made before warnings and lineage were kept: read as it is, brought forward by the first edit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gis.editing.split import split
from gis.store.creation import create_file
from gis.store.geopackage import GeoPackageStore
from layers.editing.history import history_of
from layers.editing.neighbourhood import neighbourhood
from layers.editing.prepare import attribute_edit
from layers.editing.reshaping import geometry_edit
from layers.editing.save import save
from layers.editing.warnings import warnings_of
from layers.project import Project, project_tables
from layers.registry import RECORDS
from tests.gis.store.samples import ask
from tests.layers.checks.world import EPSG
from tests.layers.editing.city import at, build, content, uuid_of

NEW = {spec.name for spec in RECORDS}


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The project of the other tests in a file that has no record tables."""
    path = tmp_path / "旧项目.gpkg"
    with build(tmp_path / "new.gpkg") as fresh:
        tables = [schema for schema in project_tables() if schema.name not in NEW]
        meta = {
            key: fresh.store.meta(key) or ""
            for key in ("name", "policy", "policy_name", "as_of", "known_units")
        }
        create_file(path, EPSG, tables, who="示例用户", meta=meta)
        with GeoPackageStore.open(path) as store, store.transaction("示例数据", kind="import") as t:
            for schema in tables:
                if fresh.store.count(schema.name):
                    t.insert(schema.name, fresh.read(schema.name).drop(columns=["born", "retired"]))
    return path


def names(path: Path) -> set[object]:
    return {row[0] for row in ask(path, "SELECT table_name FROM gpkg_contents")}


def test_an_older_project_is_checked_and_warned_about_without_being_touched(older: Path) -> None:
    before = older.read_bytes()
    with Project.open(older) as project:
        assert project.read("warning").empty
        assert {len(result.units) for result in project.check()} == {3}
        edit = attribute_edit(project, "parcel", [uuid_of(project, "parcel", "A")], {"land_use_code": "0701"})
        assert [item.way for item in warnings_of(project, edit)] == ["parcel"]
        assert history_of(project, "parcel", uuid_of(project, "parcel", "A")).ancestors == ()
    assert older.read_bytes() == before
    assert not NEW & names(older)


def test_the_first_edit_brings_the_tables_and_undo_gives_the_old_content(older: Path) -> None:
    with Project.open(older) as project:
        before = content(project)
        edit = attribute_edit(project, "parcel", [uuid_of(project, "parcel", "A")], {"land_use_code": "0701"})
        save(project, edit, reason="示例理由")
        near = neighbourhood(project, ["parcel"], (*at(290, 90), *at(510, 610)))
        target = near.position("parcel", uuid_of(project, "parcel", "B"))
        line = np.array([at(400, 50), at(400, 650)])
        save(project, geometry_edit(project, near, split(near.geometries, line, [target])))
        assert (len(project.read("warning")), len(project.read("lineage"))) == (1, 2)
        assert [entry.kind for entry in project.store.journal()] == [
            "edit",
            "edit",
            "migrate",
            "import",
            "create",
        ]
        project.store.undo()
        project.store.undo()
        assert content(project) == before
        assert project.store.undo() is not None  # the import
    assert names(older) >= NEW
    assert ask(older, "PRAGMA integrity_check") == [("ok",)]
