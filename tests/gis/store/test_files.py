"""The file itself: untouched by reading, locked by one writer, whole after a kill, refused when strange."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from pathlib import Path

import pytest

from gis.errors import ParkLineError
from gis.progress import Cancelled
from gis.store import connection, network
from gis.store.connection import Connections
from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import EPSG, TABLES, add, ask, assert_sound, content, names, parcels

ROOT = Path(__file__).resolve().parents[3]


def state(path: Path) -> tuple[bytes, int, list[str]]:
    return path.read_bytes(), path.stat().st_mtime_ns, names(path.parent)


def test_opening_and_reading_changes_nothing(path: Path, store: GeoPackageStore) -> None:
    add(store, parcels(20))
    store.close()
    before = state(path)
    with GeoPackageStore.open(path) as again:
        content(again)
        again.bounds("parcel")
        again.journal()
        again.quarantined()
        again.redo()
        assert state(path) == before
    assert state(path) == before
    assert before[2] == [path.name]


def test_a_file_that_may_not_be_written_is_readable_and_says_so_on_edit(
    path: Path, store: GeoPackageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests may run as root, whom file modes do not stop: SQLite is told instead to open without writing."""
    add(store, parcels(3))
    store.close()
    real = connection.connect
    monkeypatch.setattr(
        connection, "connect", lambda file, mode, *rest: real(file, "ro" if mode == "rw" else mode, *rest)
    )
    with GeoPackageStore.open(path) as again:
        assert again.count("parcel") == 3
        with pytest.raises(ParkLineError, match="只读") as caught:
            add(again, parcels(1))
        assert caught.value.file == path
        assert "另存" in caught.value.hint
        assert again.count("parcel") == 3


def test_a_second_writer_gets_a_clear_message(
    path: Path, store: GeoPackageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WRITE_WAIT", 0.05)
    add(store, parcels(2))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store._connections._writer.execute("PRAGMA busy_timeout=50")  # type: ignore[union-attr]
        with pytest.raises(ParkLineError, match="另一个程序"):
            add(store, parcels(1))
        assert store.count("parcel") == 2
        other.execute("ROLLBACK")
    add(store, parcels(1))
    assert store.count("parcel") == 3


def test_a_full_disk_is_said_and_nothing_is_written(path: Path, store: GeoPackageStore) -> None:
    """SQLite reports a limit on the number of pages as it reports a full disk (SQLITE_FULL)."""
    add(store, parcels(10))
    before = content(store)
    writer = store._connections._writer
    assert writer is not None
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count={pages + 2}")
    for count in (500, 5_000):
        with pytest.raises(ParkLineError, match="磁盘已满"):
            add(store, parcels(count, start=10))
    assert content(store) == before
    writer.execute(f"PRAGMA max_page_count={pages * 100}")
    add(store, parcels(5, start=10))
    store.close()
    assert_sound(path)


def test_closing_ends_a_read_under_way(store: GeoPackageStore) -> None:
    """The read waits inside SQLite (a query that would run for ages); closing interrupts it."""
    ended: list[BaseException] = []
    begun = threading.Event()

    def endless() -> None:
        statement = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        try:
            with store._connections.reading() as reader:
                begun.set()
                reader.execute(statement).fetchone()
        except Cancelled as stopped:
            ended.append(stopped)

    thread = threading.Thread(target=endless)
    thread.start()
    begun.wait(5)
    while thread.is_alive():
        store._connections.close()
        for reader in list(store._connections._busy):
            reader.interrupt()
        thread.join(0.05)
    assert len(ended) == 1


def test_write_ahead_log_on_local_disks_only_and_gone_after_closing(
    path: Path, store: GeoPackageStore
) -> None:
    add(store, parcels(2))
    assert ask(path, "PRAGMA journal_mode") == [("wal",)]
    store.close()
    assert ask(path, "PRAGMA journal_mode") == [("delete",)]
    assert names(path.parent) == [path.name]


def test_no_write_ahead_log_on_a_network_path(
    path: Path, store: GeoPackageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    place = str(path.parent.resolve()).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/share {place} nfs4 rw 0 0\n", "utf-8")
    monkeypatch.setattr(network, "_MOUNTS", mounts)
    with store.transaction("on the share") as transaction:
        transaction.insert("parcel", parcels(30_000))
        assert store._connections._writer is not None
        assert store._connections._writer.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert ask(path, "PRAGMA journal_mode") == [("delete",)]
    store.close()
    assert_sound(path)


@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        ("//server/share /mnt/数据 cifs rw 0 0", True),
        ("server:/x /mnt/数据 nfs rw 0 0", True),
        ("x /mnt/数据 fuse.sshfs rw 0 0", True),
        ("x /mnt/数据 9p rw 0 0", True),
        ("/dev/sdb1 /mnt/数据 ntfs3 rw 0 0", False),
        ("server:/x /mnt/其他 nfs rw 0 0", False),
    ],
)
def test_network_file_systems_are_known_by_their_mount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mount: str, expected: bool
) -> None:
    table = tmp_path / "mounts"
    table.write_text(f"/dev/sda1 / ext4 rw 0 0\n{mount}\n", "utf-8")
    monkeypatch.setattr(network, "_MOUNTS", table)
    assert network.is_network_path(Path("/mnt/数据/a.gpkg")) is expected


def test_a_windows_share_is_a_network_path() -> None:
    assert network.is_network_path(Path("\\\\server\\share\\a.gpkg"))


_KILLED = """
    import os, sys
    from pathlib import Path
    from gis.store.geopackage import GeoPackageStore
    from gis.store import network
    from tests.gis.store.samples import parcels
    if sys.argv[2] == "network":
        network.NETWORK_FILE_SYSTEMS = {network._mounted_type(Path(sys.argv[1]))}
    store = GeoPackageStore.open(Path(sys.argv[1]))
    with store.transaction("killed") as transaction:
        transaction.insert("parcel", parcels(5000, start=100))
        connection = store._connections._writer
        if sys.argv[2] == "network":
            connection.execute("PRAGMA cache_spill=ON")
        connection.execute("PRAGMA cache_size=10")
        transaction.insert("parcel", parcels(5000, start=6000))
        os._exit(9)
"""


@pytest.mark.parametrize("where", ["local", "network"])
def test_a_kill_inside_a_transaction_leaves_the_last_state(
    path: Path, store: GeoPackageStore, where: str
) -> None:
    """In WAL mode the log is passed over; in rollback mode the half-written file is restored from its journal."""
    add(store, parcels(10))
    before = content(store)
    store.close()
    script = textwrap.dedent(_KILLED)
    done = subprocess.run([sys.executable, "-c", script, str(path), where], cwd=ROOT, check=False)
    assert done.returncode == 9
    assert len(names(path.parent)) > 1
    with GeoPackageStore.open(path) as again:
        assert content(again) == before
        add(again, parcels(1, start=10))
    assert_sound(path)
    assert names(path.parent) == [path.name]


def test_a_killed_create_leaves_no_project(path: Path) -> None:
    script = textwrap.dedent("""
        import os, sys
        from pathlib import Path
        from gis.store import styles
        from gis.store.geopackage import GeoPackageStore
        from tests.gis.store.samples import EPSG, TABLES
        styles.create_styles = lambda *_: os._exit(9)
        GeoPackageStore.create(Path(sys.argv[1]), EPSG, TABLES, meta={})
    """)
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)
    assert done.returncode == 9
    assert not path.exists()
    GeoPackageStore.create(path, EPSG, TABLES, meta={}).close()
    assert names(path.parent) == [path.name]


def test_create_overwrites_nothing_and_cleans_up_after_a_failure(path: Path, store: GeoPackageStore) -> None:
    store.close()
    before = state(path)
    with pytest.raises(ParkLineError, match="已存在"):
        GeoPackageStore.create(path, EPSG, TABLES, meta={})
    with pytest.raises(ParkLineError):
        GeoPackageStore.create(path.parent / "没有" / "a.gpkg", EPSG, TABLES, meta={})
    with pytest.raises(sqlite3.OperationalError):
        GeoPackageStore.create(path.with_name("twice.gpkg"), EPSG, (*TABLES, *TABLES), meta={})
    assert state(path) == before


@pytest.mark.parametrize("kind", ["missing", "text", "empty", "sqlite", "geopackage", "torn"])
def test_other_files_are_refused_with_a_reason(path: Path, store: GeoPackageStore, kind: str) -> None:
    store.close()
    strange = path.with_name("strange.gpkg")
    if kind == "text":
        strange.write_text("no database" * 100)
    elif kind == "empty":
        strange.touch()
    elif kind == "sqlite":
        with closing(sqlite3.connect(strange)) as other:
            other.execute("CREATE TABLE t (x)")
    elif kind == "geopackage":
        parcels(1).to_file(strange, layer="parcel", driver="GPKG")
    elif kind == "torn":
        data = path.read_bytes()
        strange.write_bytes(data[:4096] + b"\xff" * 8192)
    with pytest.raises(ParkLineError) as caught:
        GeoPackageStore.open(strange)
    assert caught.value.file == strange


def test_a_wal_file_without_its_log_is_read_where_nothing_can_be_written(
    path: Path, store: GeoPackageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project burnt to a disc while it was open: SQLite cannot make the shared memory that WAL needs."""
    add(store, parcels(3))
    store._connections._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    burnt = path.with_name("burnt.gpkg")
    shutil.copy(path, burnt)
    real = connection.connect

    def on_a_disc(file: Path, mode: str, *rest: float) -> sqlite3.Connection:
        if mode == "ro":
            raise sqlite3.OperationalError("unable to open database file")
        return real(file, mode, *rest)

    monkeypatch.setattr(connection, "connect", on_a_disc)
    with GeoPackageStore.open(burnt) as again:
        assert again.read_only
        assert again.count("parcel") == 3
        with pytest.raises(ParkLineError, match="只读"):
            add(again, parcels(1))


def test_a_copy_holds_everything_and_overwrites_only_when_told(path: Path, store: GeoPackageStore) -> None:
    add(store, parcels(10))
    target = path.with_name("副本.gpkg")
    store.save_copy(target)
    with GeoPackageStore.open(target) as copy:
        assert content(copy) == content(store)
        assert copy.undo() is not None
    assert_sound(target)
    with pytest.raises(ParkLineError, match="已存在"):
        store.save_copy(target)
    with pytest.raises(ParkLineError, match="它自己"):
        store.save_copy(path, overwrite=True)
    store.save_copy(target, overwrite=True)
    with GeoPackageStore.open(target) as copy:
        assert copy.count("parcel") == 10


def test_a_cancelled_copy_leaves_neither_file_nor_part(path: Path, store: GeoPackageStore) -> None:
    add(store, parcels(40_000))  # more pages than are copied between two reports of progress
    before = content(store)

    def stop(_share: float, _text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        store.save_copy(path.with_name("副本.gpkg"), progress=stop)
    assert not [name for name in names(path.parent) if "副本" in name]
    assert content(store) == before


def test_a_store_cannot_be_closed_inside_its_own_transaction(path: Path, store: GeoPackageStore) -> None:
    """It would wait for itself for ever; the transaction is unharmed."""
    with store.transaction("x") as transaction:
        transaction.insert("parcel", parcels(2))
        with pytest.raises(RuntimeError, match="transaction"):
            store.close()
    assert store.count("parcel") == 2
    store.close()
    assert_sound(path)


@pytest.mark.parametrize("value", ["abc", "", "-1"])
def test_a_project_whose_plane_is_no_number_is_refused(
    path: Path, store: GeoPackageStore, value: str
) -> None:
    store.close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE parkline_meta SET value = ? WHERE key = 'epsg'", (value,))
    with pytest.raises(ParkLineError, match="损坏") as caught:
        GeoPackageStore.open(path)
    assert caught.value.file == path


def test_closing_twice_is_harmless_and_a_closed_store_says_so(store: GeoPackageStore) -> None:
    store.close()
    store.close()
    with pytest.raises(ValueError, match="closed"):
        store.count("parcel")


def test_connections_are_reused_not_piled_up(path: Path, store: GeoPackageStore) -> None:
    pool = Connections(path)
    pool.check_readable()
    for _ in range(5):
        with pool.reading() as one, pool.reading() as two:
            assert one is not two
    assert len(pool._idle) == 2
    pool.close()
