"""A spatial index that another program removed or left behind: read without it, made anew by the first write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import EPSG, ORIGIN, TABLES, add, ask, assert_sound, content, parcels

RTREE = "rtree_parcel_geom"
BOX = (ORIGIN[0] + 15, ORIGIN[1] - 5, ORIGIN[0] + 55, ORIGIN[1] + 5)  # the second and the third square


def drop_all(connection: sqlite3.Connection) -> None:
    """As ``DisableSpatialIndex`` of GDAL does it."""
    for suffix in ("insert", "update2", "update4", "update5", "update6", "update7", "delete"):
        connection.execute(f"DROP TRIGGER {RTREE}_{suffix}")
    connection.execute(f"DROP TABLE {RTREE}")
    connection.execute("DELETE FROM gpkg_extensions WHERE table_name = 'parcel'")


def drop_table(connection: sqlite3.Connection) -> None:
    connection.execute(f"DROP TABLE {RTREE}")


def drop_triggers_and_write(connection: sqlite3.Connection) -> None:
    """A program without the functions of the triggers takes them away to be able to write."""
    for suffix in ("insert", "update6"):
        connection.execute(f"DROP TRIGGER {RTREE}_{suffix}")
    connection.execute(
        "INSERT INTO parcel (uuid, number, born, geom) SELECT 'from outside', 'Q', born, geom FROM parcel LIMIT 1"
    )


def break_root(connection: sqlite3.Connection) -> None:
    connection.execute(f"UPDATE {RTREE}_node SET data = x'00' WHERE nodeno = 1")


def drop_shadow(connection: sqlite3.Connection) -> None:
    connection.execute(f"DROP TABLE {RTREE}_node")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with GeoPackageStore.create(tmp_path / "a.gpkg", EPSG, TABLES, meta={"name": "示例"}) as store:
        uuids = add(store, parcels(200))
        with store.transaction("retire") as transaction:
            transaction.retire("parcel", uuids[150:])
    return tmp_path / "a.gpkg"


@pytest.mark.parametrize("harm", [drop_all, drop_table, drop_triggers_and_write, break_root, drop_shadow])
def test_reads_by_box_are_right_without_the_index_and_a_write_makes_it_again(
    path: Path, harm: Callable[[sqlite3.Connection], None]
) -> None:
    with GeoPackageStore.open(path) as store:
        assert store.unindexed == frozenset()
        bounds = store.bounds("parcel")
    with closing(sqlite3.connect(path)) as other, other:
        harm(other)
    with GeoPackageStore.open(path) as store:
        assert store.unindexed == {"parcel"}
        assert {"示例-1", "示例-2"} == set(store.read("parcel", bbox=BOX)["number"])
        assert len(store.read_wkb("parcel", BOX)[0]) == 2
        assert store.bounds("parcel") == pytest.approx(bounds, abs=0.5)
        before = content(store)
        added = add(store, parcels(1, start=1_000))
        assert store.unindexed == frozenset()
        assert "重建空间索引" in store.journal(limit=2)[1].why
        assert {"示例-1", "示例-2"} == set(store.read("parcel", bbox=BOX)["number"])
        store.undo()
        assert content(store) == before
        assert added
    assert_sound(path)
    assert ask(path, "SELECT count(*) FROM gpkg_extensions WHERE table_name = 'parcel'") == [(1,)]


def test_an_index_is_made_again_on_demand(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        drop_all(other)
    with GeoPackageStore.open(path) as store:
        assert store.repair_indexes() == ("parcel",)
        assert store.repair_indexes() == ()
    assert_sound(path)
