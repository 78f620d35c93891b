"""Backups: made before the first write, pruned, brought back, and never at the cost of the present state."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gis.errors import ParkLineError
from gis.progress import Cancelled
from gis.store.backups import KEPT, BackupKeeper, back_up, backups_of, beside, entries_since, restore
from gis.store.geopackage import GeoPackageStore
from gis.store.ownership import LockedError
from tests.gis.store.samples import EPSG, TABLES, add, ask, assert_sound, content, names, parcels
from tests.gis.store.test_ownership import other_program


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with GeoPackageStore.create(tmp_path / "项目.gpkg", EPSG, TABLES, meta={"name": "示例"}) as store:
        add(store, parcels(3))
    return tmp_path / "项目.gpkg"


def numbers(path: Path) -> set[object]:
    with GeoPackageStore.open(path, TABLES) as store:
        return set(store.read("parcel")["number"])


def test_the_state_before_the_first_write_of_a_session_is_kept_once(path: Path) -> None:
    keeper = BackupKeeper()
    with GeoPackageStore.open(path, TABLES) as store:
        before = content(store)
        for start in (10, 20):
            keeper.before_write(store)
            add(store, parcels(1, start=start))
        [made] = backups_of(path)
        assert made.transaction == 2  # creation and the first three rows
        assert [entry.why for entry in entries_since(store, made)] == ["add", "add"]
    with GeoPackageStore.open(made.path, TABLES) as kept:
        assert content(kept) == before
    with GeoPackageStore.open(path, TABLES) as store:  # the next session
        keeper = BackupKeeper(every=0.0)
        keeper.before_write(store)
        assert len(backups_of(path)) == 2
        keeper.before_write(store)  # nothing was written since
        assert len(backups_of(path)) == 2
        add(store, parcels(1, start=30))
        keeper.before_write(store)
        assert len(backups_of(path)) == 3


def test_a_state_kept_ahead_is_the_one_before_the_first_write(path: Path) -> None:
    keeper = BackupKeeper()
    with GeoPackageStore.open(path, TABLES) as store:
        before = content(store)
        keeper.ahead(store)
        keeper.before_write(store)
        add(store, parcels(1, start=10))
        keeper.ahead(store)  # the session has written already
        [made] = backups_of(path)
    with GeoPackageStore.open(made.path, TABLES) as kept:
        assert content(kept) == before


def test_what_another_program_writes_after_a_state_was_kept_ahead_is_kept_too(path: Path) -> None:
    keeper = BackupKeeper()
    with GeoPackageStore.open(path, TABLES) as store:
        keeper.ahead(store)
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("UPDATE gpkg_contents SET description = 'QGIS'")
        keeper.before_write(store)
        newest, _ahead = backups_of(path)
    with closing(sqlite3.connect(newest.path)) as kept:
        assert ("QGIS",) in kept.execute("SELECT description FROM gpkg_contents").fetchall()


def test_a_state_that_another_program_made_is_kept_too(path: Path) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        assert back_up(store) is not None
        assert back_up(store) is None
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE gpkg_contents SET description = 'QGIS'")
    with GeoPackageStore.open(path, TABLES) as store:
        assert back_up(store) is not None


def test_an_empty_project_is_not_kept(tmp_path: Path) -> None:
    with GeoPackageStore.create(tmp_path / "a.gpkg", EPSG, TABLES, meta={"name": "示例"}) as store:
        BackupKeeper().before_write(store)
    assert names(tmp_path) == ["a.gpkg"]


def test_the_newest_and_the_last_of_earlier_days_stay(path: Path) -> None:
    """Thirty of yesterday, three of each of five days before, a new one: it, four of yesterday, one of each day."""
    folder = beside(path)
    folder.mkdir()
    now = dt.datetime.now(dt.UTC).replace(hour=12, minute=0, second=0) - dt.timedelta(days=1)
    moments = [now - dt.timedelta(minutes=n + 1) for n in range(30)]
    moments += [now - dt.timedelta(days=day, hours=hour) for day in range(1, 6) for hour in range(3)]
    for moment in moments:
        (folder / f"{moment:%Y%m%d-%H%M%S}-2.gpkg").write_bytes(b"old")
    (folder / "不是备份.gpkg").write_bytes(b"mine")
    with GeoPackageStore.open(path, TABLES) as store:
        back_up(store, even_if_kept=True)
    kept = backups_of(path)
    days = [now.date() - item.at.date() for item in kept]
    assert len(kept) == KEPT
    assert [item.days for item in days] == [-1, 0, 0, 0, 0, 1, 2, 3, 4, 5]
    assert all(item.at.hour == 12 for item in kept[5:])
    assert (folder / "不是备份.gpkg").exists()


def test_a_folder_that_cannot_be_used_gives_way_to_another_one(path: Path, tmp_path: Path) -> None:
    beside(path).write_bytes(b"a file of this name stands in the way")
    with GeoPackageStore.open(path, TABLES) as store:
        with pytest.raises(ParkLineError, match="备份"):
            back_up(store)
        made = back_up(store, tmp_path / "user" / "backups")
        assert made is not None
        assert made.path.parent == tmp_path / "user" / "backups"
        keeper = BackupKeeper()
        keeper.before_write(store)  # tells and lets the edit go on
        assert keeper.problem is not None


def test_restoring_brings_the_state_back_and_keeps_the_present_one(path: Path) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        before = content(store)
        made = back_up(store)
        assert made is not None
        add(store, parcels(2, start=10))
        after = content(store)
    present = restore(path, made)
    with GeoPackageStore.open(path, TABLES) as store:
        assert content(store) == before
        assert "从备份恢复" in store.journal(limit=1)[0].why
        assert {item.path for item in backups_of(path)} == {made.path, present}
        add(store, parcels(1, start=50))
        store.undo()
        assert content(store) == before
    assert_sound(path)
    [newer] = [item for item in backups_of(path) if item.path == present]
    restore(path, newer)
    with GeoPackageStore.open(path, TABLES) as store:
        assert content(store) == after


@pytest.mark.parametrize("moment", [0.0, 0.6, 0.9])
def test_a_restore_that_is_cancelled_leaves_the_present_state(path: Path, moment: float) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        add(store, parcels(6_000, start=10_000))  # some megabytes: more than one step
        made = back_up(store)
        assert made is not None
        add(store, parcels(20, start=10))
        after = content(store)

    def stop(fraction: float, _message: str) -> None:
        if fraction >= moment:
            raise Cancelled

    with pytest.raises(Cancelled):
        restore(path, made, progress=stop)
    with GeoPackageStore.open(path, TABLES) as store:
        assert content(store) == after
        add(store, parcels(1, start=900))
    assert_sound(path)


def test_a_reader_sees_the_restored_state_and_a_writer_is_not_pushed_aside(path: Path) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        made = back_up(store)
        assert made is not None
        add(store, parcels(1, start=10))
    with GeoPackageStore.open(path, TABLES) as reader:
        assert reader.count("parcel") == 4
        reader.changed_outside()
        restore(path, made)
        assert reader.changed_outside()
        assert reader.count("parcel") == 3
    with other_program(path):
        with pytest.raises(LockedError):
            restore(path, made)
        assert len(numbers(path)) == 3


@pytest.mark.parametrize("harm", ["header", "middle", "gone"])
def test_a_damaged_project_is_kept_as_it_is_and_replaced(path: Path, harm: str) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        before = content(store)
        made = back_up(store)
        assert made is not None
    whole = path.read_bytes()
    spoilt = (
        b"not a database" + whole[14:] if harm == "header" else whole[:4096] + bytes(8192) + whole[12288:]
    )
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(spoilt)
    present = restore(path, made)
    with GeoPackageStore.open(path, TABLES) as store:
        assert content(store) == before
    assert_sound(path)
    if harm == "header":
        assert present.read_bytes() == spoilt
        assert any(item.damaged for item in backups_of(path))


def test_a_damaged_backup_is_refused_and_the_project_stays(path: Path) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        made = back_up(store)
        assert made is not None
        before = content(store)
    whole = made.path.read_bytes()
    made.path.write_bytes(whole[:8192] + bytes(len(whole) - 8192))
    with pytest.raises(ParkLineError, match="损坏"):
        restore(path, made)
    with GeoPackageStore.open(path, TABLES) as store:
        assert content(store) == before


KILLED = """
import os, sys
from pathlib import Path
from gis.store.backups import backups_of, restore
path = Path(sys.argv[1])
calls = 0
def progress(fraction, message):
    global calls
    calls += 1
    if fraction >= float(sys.argv[2]):
        os.kill(os.getpid(), 9)
restore(path, backups_of(path)[-1], progress=progress)
"""


@pytest.mark.parametrize("moment", [0.0, 0.7, 1.0])
def test_a_restore_that_is_killed_leaves_one_state_or_the_other(path: Path, moment: float) -> None:
    with GeoPackageStore.open(path, TABLES) as store:
        made = back_up(store)
        assert made is not None
        add(store, parcels(200, start=10))
    subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(moment)],
        cwd=Path(__file__).resolve().parents[3],
        check=False,
    )
    with GeoPackageStore.open(path, TABLES) as store:
        assert store.count("parcel") in (3, 203)
        add(store, parcels(1, start=900))
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
