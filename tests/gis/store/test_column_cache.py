"""Columns kept beside the project: used while the file is as we left it, brought up to date by what was written since."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from gis.store.base import Condition
from gis.store.column_cache import ColumnCache
from gis.store.geopackage import GeoPackageStore
from gis.store.row_lists import RowLists
from tests.gis.store.samples import EPSG, TABLES, add, parcels

COLUMNS = ["number", "floors", "area", "signed", "built"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Sixty parcels whose columns were read ahead in an earlier session."""
    path = tmp_path / "列 缓存.gpkg"
    with GeoPackageStore.create(path, EPSG, TABLES, meta={}) as store:
        frame = parcels(60)
        frame["area"] = np.arange(60) * 37 % 11
        add(store, frame)
    store, cache, lists = _opened(path)
    lists.warm("parcel", COLUMNS, least=1)
    cache.close()
    return path


def _opened(path: Path) -> tuple[GeoPackageStore, ColumnCache, RowLists]:
    store = GeoPackageStore.open(path)
    store.changed_outside()
    cache = ColumnCache(store, path.parent / "cache")
    return store, cache, RowLists(store, cache)


def _right(store: GeoPackageStore, lists: RowLists) -> bool:
    return all(
        sorted(lists.values("parcel", name).dictionary_decode().to_pylist(), key=str)
        == sorted(RowLists(store).values("parcel", name).dictionary_decode().to_pylist(), key=str)
        and lists.rows("parcel", order_by=name, descending=True).tolist()
        == RowLists(store).rows("parcel", order_by=name, descending=True).tolist()
        for name in COLUMNS
    )


def test_columns_are_there_at_the_next_opening(project: Path) -> None:
    store, cache, lists = _opened(project)
    assert sorted(cache.load("parcel")) == sorted(COLUMNS)
    assert _right(store, lists)
    cache.close()


def test_rows_written_since_are_put_among_them(project: Path) -> None:
    """In the session that writes, and in the next, whose file is of the rows before."""
    store, cache, lists = _opened(project)
    assert _right(store, lists)
    uuids = list(store.read("parcel", columns=[], geometry=False)["uuid"])
    with store.transaction("edit") as transaction:
        transaction.update("parcel", parcels(2, start=200).assign(uuid=uuids[5:7]))
        transaction.retire("parcel", uuids[20:23])
        transaction.insert("parcel", parcels(4, start=300))
    found = lists.rows("parcel", [Condition("number", "=", "示例-200")])
    assert store.read("parcel", where=[Condition("fid", "in", found.tolist())], geometry=False)[
        "uuid"
    ].tolist() == [uuids[5]]
    lists.warm("parcel", COLUMNS, least=1)
    cache.close()
    store, cache, lists = _opened(project)
    assert sorted(cache.load("parcel")) == sorted(COLUMNS)
    assert _right(store, lists)
    store.undo()
    assert len(lists.rows("parcel", order_by="number")) == 60
    cache.close()


def test_what_another_program_wrote_makes_them_worthless(project: Path) -> None:
    with closing(sqlite3.connect(project)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE parcel SET number = 'outside' WHERE fid = 7")
        connection.commit()
    _store, cache, lists = _opened(project)
    assert cache.load("parcel") == {}
    assert lists.rows("parcel", [Condition("number", "=", "outside")]).tolist() == [7]
    lists.warm("parcel", COLUMNS, least=1)
    assert lists.rows("parcel", [Condition("number", "=", "outside")]).tolist() == [7]
    with closing(sqlite3.connect(project)) as connection:  # and while we have it open
        connection.execute("UPDATE parcel SET number = 'again' WHERE fid = 8")
        connection.commit()
    cache.close()
    _store, cache, lists = _opened(project)
    assert cache.load("parcel") == {}
    assert lists.rows("parcel", [Condition("number", "=", "again")]).tolist() == [8]
    cache.close()


def test_a_session_that_was_killed_leaves_nothing_that_is_relied_on(project: Path) -> None:
    store, cache, _lists = _opened(project)
    cache.load("parcel")
    with store.transaction("edit") as transaction:
        transaction.insert("parcel", parcels(1, start=300))
    store.close()  # without the word of the cache
    store, cache, lists = _opened(project)
    assert cache.load("parcel") == {}
    assert _right(store, lists)
    cache.close()


@pytest.mark.parametrize("damage", ["cut", "ranks", "text", "head", "another project"])
def test_a_file_that_is_damaged_or_of_something_else_is_not_used(
    project: Path, damage: str, tmp_path: Path
) -> None:
    file = tmp_path / "cache" / "parcel.columns"
    data = bytearray(file.read_bytes())
    if damage == "cut":
        file.write_bytes(data[:-64])
    elif damage == "another project":
        project = tmp_path / "other.gpkg"
        with GeoPackageStore.create(project, EPSG, TABLES, meta={}) as store:
            add(store, parcels(3))
    else:
        at = {"ranks": -1, "text": data.index("示例".encode()), "head": data.index(b'"columns"')}[damage]
        if damage == "ranks":  # every byte of numbers: ranks and ends of texts lead anywhere
            data[4096:] = b"\xff" * (len(data) - 4096)
        else:
            data[at] = 0xFF
        file.write_bytes(data)
    store, cache, lists = _opened(project)
    assert cache.load("parcel") == {}
    assert _right(store, lists)
    cache.close()


def test_small_tables_and_projects_without_a_folder_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "small.gpkg"
    with GeoPackageStore.create(path, EPSG, TABLES, meta={}) as store:
        add(store, parcels(5))
        RowLists(store).warm("parcel", COLUMNS, least=1)
        RowLists(store, ColumnCache(store, tmp_path / "cache")).warm("parcel", COLUMNS)
    assert not (tmp_path / "cache").exists()
