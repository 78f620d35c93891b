"""A table that the program knows and an older file lacks: empty until the first edit brings it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis.store.base import Condition
from gis.store.geopackage import GeoPackageStore
from gis.store.schema import ColumnType, StoredColumn, TableSchema
from tests.gis.store.samples import (
    EPSG,
    NOTE,
    PARCEL,
    TABLES,
    add,
    ask,
    assert_sound,
    content,
    names,
    parcels,
)

ZONE = TableSchema(
    "zone",
    "分区",
    (StoredColumn("name", ColumnType.TEXT, "名称"), StoredColumn("since", ColumnType.DATE, "日期")),
    "MULTIPOLYGON",
    ("name",),
)
WANTED = (*TABLES, ZONE)


@pytest.fixture
def older(path: Path) -> Path:
    with GeoPackageStore.create(path, EPSG, TABLES, meta={"name": "旧项目"}) as store:
        add(store, parcels(3))
    return path


def test_a_table_the_file_lacks_reads_as_empty_and_the_file_stays_untouched(older: Path) -> None:
    before = older.read_bytes()
    with GeoPackageStore.open(older, WANTED) as store:
        assert [schema.name for schema in store.tables()] == ["parcel", "note", "zone"]
        frame = store.read("zone", where=[Condition("name", "=", "甲")], bbox=(0, 0, 1, 1))
        assert frame["since"].dtype.kind == "M"
        assert (len(frame), frame.crs.to_epsg()) == (0, EPSG)
        assert (store.count("zone"), store.bounds("zone"), store.read_wkb("zone")) == (0, None, ([], [], []))
        assert list(store.portions("zone")) == []
        assert store.retired_since("zone", 0) == []
        assert store.row_versions("zone", "x") == []
        assert {change.table for entry in store.journal() for change in store.changes(entry.id)} == {"parcel"}
    assert older.read_bytes() == before


def test_the_first_edit_adds_the_table_without_a_copy_and_undo_leaves_it(older: Path) -> None:
    with GeoPackageStore.open(older, WANTED) as store:
        first = content(store)
        zones = parcels(1)[["geometry"]].assign(name="甲")
        add(store, zones, "zone")
        assert list(store.read("zone")["name"]) == ["甲"]
        assert [entry.kind for entry in store.journal()] == ["edit", "migrate", "edit", "create"]
        assert "分区" in store.journal()[1].why
        store.undo()
        assert content(store) == first
    assert names(older.parent) == [older.name]
    assert_sound(older)
    assert ask(older, "SELECT rtreecheck('rtree_zone_geom')") == [("ok",)]
    assert ask(older, "SELECT f_table_name FROM layer_styles ORDER BY id") == [("parcel",), ("zone",)]


def test_two_programs_that_both_lack_a_table_add_it_once(older: Path) -> None:
    with GeoPackageStore.open(older, WANTED) as one, GeoPackageStore.open(older, WANTED) as other:
        add(one, parcels(1, start=5))
        add(other, parcels(1)[["geometry"]].assign(name="乙"), "zone")
        assert list(one.read("zone")["name"]) == ["乙"]
        assert [entry.kind for entry in one.journal()].count("migrate") == 1


def test_an_added_table_is_the_table_of_a_new_file(older: Path) -> None:
    with GeoPackageStore.open(older, WANTED) as store:
        add(store, parcels(1, start=5))
    fresh = older.with_name("new.gpkg")
    GeoPackageStore.create(fresh, EPSG, (PARCEL, NOTE, ZONE), meta={}).close()
    statement = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    assert ask(older, statement) == ask(fresh, statement)
