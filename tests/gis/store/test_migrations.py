"""Older files are brought forward by the first edit, newer ones are refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gis.errors import ParkLineError
from gis.store.base import QuarantinedRow
from gis.store.creation import create_file
from gis.store.geopackage import GeoPackageStore
from gis.store.migrations import LATEST, pending
from tests.gis.store.samples import EPSG, TABLES, add, ask, assert_sound, names, parcels


@pytest.fixture
def old(path: Path) -> Path:
    """A file of version 1: no quarantine, no mappings."""
    create_file(path, EPSG, TABLES, who="示例用户", meta={"name": "旧项目"}, version=1)
    assert (
        ask(path, "SELECT name FROM sqlite_master WHERE name IN ('parkline_quarantine', 'parkline_mapping')")
        == []
    )
    return path


def test_an_old_file_is_read_without_being_touched(old: Path) -> None:
    before = old.read_bytes()
    with GeoPackageStore.open(old) as store:
        assert store.meta("name") == "旧项目"
        assert store.meta("schema_version") == "1"
        assert store.quarantined().empty
        assert store.mappings("parcel") == {}
        assert store.count("parcel") == 0
    assert old.read_bytes() == before


def test_the_first_edit_migrates_and_keeps_a_copy(old: Path) -> None:
    before = old.read_bytes()
    with GeoPackageStore.open(old) as store:
        with store.transaction("import", kind="import") as transaction:
            transaction.insert("parcel", parcels(2))
            transaction.quarantine("parcel", "a.shp", [QuarantinedRow(1, "无图形", {})])
        assert store.meta("schema_version") == str(LATEST)
        assert len(store.quarantined()) == 1
        assert [entry.kind for entry in store.journal()] == ["import", "migrate", "create"]
        store.undo()
        assert store.undo() is None
        assert store.quarantined().empty
    copy = old.with_name("示例 1.v1.gpkg")
    assert names(old.parent) == sorted([old.name, copy.name])
    assert ask(copy, "SELECT value FROM parkline_meta WHERE key = 'schema_version'") == [("1",)]
    assert len(copy.read_bytes()) == len(before)
    assert_sound(old)
    assert_sound(copy)


def test_a_migrated_file_has_the_tables_of_a_new_one(old: Path) -> None:
    with GeoPackageStore.open(old) as store:
        add(store, parcels(1))
    fresh = old.with_name("new.gpkg")
    GeoPackageStore.create(fresh, EPSG, TABLES, meta={}).close()
    statement = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    assert ask(old, statement) == ask(fresh, statement)


def test_a_failed_migration_leaves_the_old_file(old: Path) -> None:
    with closing(sqlite3.connect(old)) as other:
        other.execute("CREATE TABLE parkline_mapping (in_the_way)")
    with GeoPackageStore.open(old) as store:
        with pytest.raises(sqlite3.OperationalError):
            add(store, parcels(1))
        assert store.meta("schema_version") == "1"
    assert ask(old, "SELECT name FROM sqlite_master WHERE name = 'parkline_quarantine'") == []


def test_a_newer_file_is_refused_by_name_and_number(path: Path, store: GeoPackageStore) -> None:
    store.close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE parkline_meta SET value = '99' WHERE key = 'schema_version'")
        other.commit()
    with pytest.raises(ParkLineError, match="99") as caught:
        GeoPackageStore.open(path)
    assert caught.value.file == path
    assert "升级" in caught.value.hint


def test_every_version_has_its_step_with_a_sentence() -> None:
    steps = pending(1)
    assert [step.version for step in steps] == list(range(2, LATEST + 1))
    assert all(step.info for step in steps)
