"""What other programs do to a project file that is open: noticed, and never written past."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gis.store.failures import MovedError
from gis.store.geopackage import GeoPackageStore
from gis.store.spatial_index import register_functions
from tests.gis.store.samples import EPSG, TABLES, add, content, parcels


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with GeoPackageStore.create(tmp_path / "项目.gpkg", EPSG, TABLES, meta={"name": "示例"}) as store:
        add(store, parcels(3))
    return tmp_path / "项目.gpkg"


def rename(path: Path, name: str) -> None:
    """As QGIS stores a changed cell: in place, with no journal of ours."""
    with closing(sqlite3.connect(path)) as other, other:
        register_functions(other)
        other.execute("UPDATE parcel SET number = ? WHERE fid = 1", (name,))


def test_a_change_by_another_program_is_noticed_once_and_our_own_are_not(path: Path) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        assert not store.changed_outside()
        assert not store.changed_outside()
        rename(path, "甲")
        assert store.changed_outside()
        assert not store.changed_outside()
        add(store, parcels(1, start=10))
        assert not store.changed_outside()
        rename(path, "乙")
        add(store, parcels(1, start=20))
        assert store.changed_outside()
        assert not store.changed_outside()
        store.undo()
        assert not store.changed_outside()


def test_a_change_just_before_our_first_transaction_is_not_missed(path: Path) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        store.changed_outside()
        rename(path, "甲")
        add(store, parcels(1, start=10))
        assert store.changed_outside()
        assert not store.changed_outside()


def test_while_a_transaction_is_being_written_nothing_is_said(path: Path) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        store.changed_outside()
        with store.transaction("long") as transaction:
            transaction.insert("parcel", parcels(1, start=10))
            assert not store.changed_outside()
        assert not store.changed_outside()


@pytest.mark.parametrize("written", [False, True])
def test_nothing_is_written_to_a_file_that_is_gone_and_what_is_open_can_be_kept(
    path: Path, tmp_path: Path, written: bool
) -> None:
    """Deleted while open: an edit would go into a file without a name and vanish with the program."""
    with GeoPackageStore.open(path, TABLES) as store:
        if written:
            add(store, parcels(1, start=10))
        before = content(store)
        path.rename(tmp_path / "moved.gpkg")
        with pytest.raises(MovedError, match="不在原处") as caught:
            store.changed_outside()
        assert "另存副本" in caught.value.hint
        with pytest.raises(MovedError):
            add(store, parcels(1, start=20))
        with pytest.raises(MovedError):
            store.undo()
        assert content(store) == before
        store.save_copy(tmp_path / "副本.gpkg")
        with GeoPackageStore.open(tmp_path / "副本.gpkg", TABLES) as copy:
            assert content(copy) == before
        (tmp_path / "moved.gpkg").rename(path)  # put back: it is the same file
        add(store, parcels(1, start=20))
        assert store.count("parcel") == 4 + written


def test_nothing_is_written_over_a_file_that_was_put_in_its_place(path: Path, tmp_path: Path) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        other = tmp_path / "other.gpkg"
        shutil.copy(path, other)
        rename(other, "别处")
        other.replace(path)
        with pytest.raises(MovedError, match="替换"):
            add(store, parcels(1, start=10))
        assert "别处" not in set(store.read("parcel")["number"])
    with GeoPackageStore.open(path, TABLES) as store:
        assert store.count("parcel") == 3
        assert "别处" in set(store.read("parcel")["number"])
