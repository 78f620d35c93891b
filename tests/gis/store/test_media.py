"""A full disk, a medium that cannot be written, one that fails while it is written: told, and nothing stored is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.errors import ParkLineError
from gis.store.backups import BackupKeeper
from gis.store.failures import StorageError
from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import EPSG, TABLES, add, ask, assert_sound, content, parcels

ROOT = Path(__file__).resolve().parents[3]


def fill(store: GeoPackageStore) -> int:
    """Import more and more until it no longer goes; the number of rows that were stored."""
    stored = store.count("parcel")
    for turn in range(200):
        refused: StorageError | None = None
        try:
            add(store, parcels(2_000, start=10_000 * (turn + 1)))
        except StorageError as error:
            refused = error
        stored += 0 if refused else 2_000
        assert store.count("parcel") == stored
        if refused is not None:
            assert refused.hint
            return stored
    raise AssertionError("the disk never became full")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes."""
    place = tmp_path / "U盘"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if sys.platform != "linux" or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_costs_the_import_that_does_not_fit_and_nothing_else(
    small_disk: Path, tmp_path: Path
) -> None:
    path = small_disk / "项目.gpkg"
    with GeoPackageStore.create(path, EPSG, TABLES, meta={"name": "示例"}) as store:
        first = add(store, parcels(3))
        stored = fill(store)
        before = content(store)
        keeper = BackupKeeper(lambda _project: tmp_path / "user")
        keeper.before_write(store)  # beside it there is no room
        assert keeper.problem is None
        assert len(list((tmp_path / "user").iterdir())) == 1
        store.save_copy(tmp_path / "别处.gpkg")
        with pytest.raises(ParkLineError):
            store.save_copy(small_disk / "这里.gpkg")
        assert not (small_disk / "这里.gpkg").exists()
    assert ask(path, "PRAGMA integrity_check") == [
        ("ok",)
    ]  # and its log beside it: there was no room to fold it in
    with GeoPackageStore.open(path, TABLES) as store:  # as the next start finds it
        assert content(store) == before
    with GeoPackageStore.open(tmp_path / "别处.gpkg", TABLES) as copy:
        assert content(copy) == before
        with copy.transaction("goes on") as transaction:
            transaction.retire("parcel", first)
        assert copy.count("parcel") == stored - 3


LIMITED = """
import resource, signal, sys
from pathlib import Path
from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import TABLES, add, parcels
from tests.gis.store.test_media import fill
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
with GeoPackageStore.open(Path(sys.argv[1]), TABLES) as store:
    print(fill(store))
"""


def test_a_write_that_the_system_refuses_half_way_leaves_what_was_stored(tmp_path: Path) -> None:
    """No file may grow beyond a megabyte and a half: the log of the transaction cannot be written to its end."""
    pytest.importorskip("resource")
    path = tmp_path / "a.gpkg"
    with GeoPackageStore.create(path, EPSG, TABLES, meta={"name": "示例"}) as store:
        add(store, parcels(3))
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with GeoPackageStore.open(path, TABLES) as store:
        assert store.count("parcel") == int(done.stdout)
        add(store, parcels(1, start=500))
    assert_sound(path)


READ_ONLY = """
import sys
from pathlib import Path
from gis.errors import ParkLineError
from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import TABLES, add, parcels
with GeoPackageStore.open(Path(sys.argv[1]), TABLES) as store:
    assert store.claim() is None
    assert store.count("parcel") == 3
    try:
        add(store, parcels(1, start=10))
    except ParkLineError as error:
        assert error.hint
        print("refused")
    store.save_copy(Path(sys.argv[2]))
"""


@pytest.mark.parametrize("what", ["medium", "file"])
def test_a_medium_or_file_that_cannot_be_written_is_read_and_can_be_copied(tmp_path: Path, what: str) -> None:
    """As somebody who may not write there; root may everywhere, and mounts the folder read-only instead."""
    place = tmp_path / "光盘"
    place.mkdir()
    path = place / "a.gpkg"
    with GeoPackageStore.create(path, EPSG, TABLES, meta={"name": "示例"}) as store:
        add(store, parcels(3))
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root:
        if what == "file" or sys.platform != "linux":
            pytest.skip("root may write every file")
        bound = ["mount", "--bind", str(place), str(place)]
        again = ["mount", "-o", "remount,ro,bind", str(place)]
        if any(subprocess.run(call, capture_output=True, check=False).returncode for call in (bound, again)):
            pytest.skip("a read-only mount is not possible here")
    else:
        (place if what == "medium" else path).chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(path), str(tmp_path / "copy.gpkg")],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        if root:
            subprocess.run(["umount", str(place)], check=True)
        else:
            (place if what == "medium" else path).chmod(0o755)
    assert done.stdout == "refused\n", done.stderr
    assert ask(tmp_path / "copy.gpkg", "SELECT count(*) FROM parcel") == [(3,)]
