"""One program at a time writes a project; locks that were left behind are recognised."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gis.store.geopackage import GeoPackageStore
from gis.store.ownership import LockedError, lock_file
from tests.gis.store.samples import EPSG, TABLES, add, content, names, parcels

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys
from pathlib import Path
from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import TABLES, add, parcels
store = GeoPackageStore.open(Path(sys.argv[1]), TABLES)
if sys.argv[2] == "write":
    add(store, parcels(1, start=500))
else:
    assert store.claim() is None
print("held", flush=True)
sys.stdin.readline()
store.close()
"""


@contextmanager
def other_program(path: Path, what: str = "claim") -> Iterator[subprocess.Popen[str]]:
    """Another process that has the project until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), what], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with GeoPackageStore.create(tmp_path / "项目.gpkg", EPSG, TABLES, meta={"name": "示例"}) as store:
        add(store, parcels(3))
    assert names(tmp_path) == ["项目.gpkg"]
    return tmp_path / "项目.gpkg"


def test_the_second_program_reads_and_is_told_who_writes_until_the_first_has_closed(path: Path) -> None:
    with other_program(path) as first, GeoPackageStore.open(path, TABLES) as second:
        assert not second.read_only
        holder = second.claim()
        assert holder is not None
        assert (holder.pid, holder.host) == (first.pid, socket.gethostname())
        assert second.read_only
        assert second.count("parcel") == 3
        before = content(second)
        with pytest.raises(LockedError, match=socket.gethostname()) as caught:
            add(second, parcels(1, start=10))
        assert "重新尝试" in caught.value.hint
        assert content(second) == before
        first.communicate("\n")
        assert not lock_file(path).exists()
        assert second.claim() is None
        assert not second.read_only
        add(second, parcels(1, start=10))
        assert second.count("parcel") == 4
    assert names(path.parent) == ["项目.gpkg"]


def test_a_program_that_only_writes_once_holds_the_project_from_then_on(path: Path) -> None:
    with other_program(path, "write"), GeoPackageStore.open(path, TABLES) as second:
        with pytest.raises(LockedError):
            add(second, parcels(1, start=10))
        assert second.count("parcel") == 4  # three, and the one of the other program


def test_the_lock_of_a_killed_program_is_taken_over(path: Path) -> None:
    with other_program(path, "write") as first, GeoPackageStore.open(path, TABLES) as second:
        first.kill()
        first.wait()
        assert lock_file(path).exists()
        assert second.claim() is None
        add(second, parcels(1, start=10))
        assert json.loads(lock_file(path).read_text("utf-8"))["pid"] == os.getpid()
    assert not lock_file(path).exists()


def test_stores_of_one_program_share_the_lock_and_the_last_one_removes_it(path: Path) -> None:
    with GeoPackageStore.open(path, TABLES) as first:
        assert first.claim() is None
        with GeoPackageStore.open(path, TABLES) as second:
            assert second.claim() is None
        assert lock_file(path).exists()
    assert not lock_file(path).exists()


def lock_of(path: Path, **changes: object) -> dict[str, object]:
    """A lock as another machine writes it."""
    found: dict[str, object] = {
        "user": "李工", "host": "另一台", "pid": 4711, "since": "2026-03-02T01:30:00+00:00", "started": "x",
        "token": "abc", **changes,
    }  # fmt: skip
    lock_file(path).write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    return found


@pytest.mark.parametrize(
    ("changes", "age", "stands"),
    [
        ({}, 0.0, True),
        ({}, 120.0, True),  # six renewals were missed: a share may be slow
        ({}, 400.0, False),
        ({"host": socket.gethostname(), "pid": os.getpid(), "started": "another life"}, 0.0, False),
        (
            {"host": socket.gethostname(), "pid": 2**22 + 1},
            0.0,
            False,
        ),  # beyond the largest number of a process
        ({"token": 7, "pid": "none"}, 0.0, True),  # not to be understood: perhaps being written this moment
        ({"token": 7, "pid": "none"}, 60.0, False),
    ],
)
def test_a_lock_stands_while_its_holder_may_be_there(
    path: Path, changes: dict[str, object], age: float, stands: bool
) -> None:
    lock_of(path, **changes)
    then = time.time() - age
    os.utime(lock_file(path), (then, then))
    with GeoPackageStore.open(path, TABLES) as store:
        holder = store.claim()
        assert (holder is not None) == stands
        if holder is not None and not changes:
            assert "李工" in holder.sentence()
            assert "另一台" in holder.sentence()
        if not stands:
            add(store, parcels(1, start=10))
    assert lock_file(path).exists() == stands


def test_a_lock_that_was_taken_over_meanwhile_is_not_written_past(path: Path) -> None:
    """A laptop that slept for an hour wakes up: somebody else has the project now."""
    with GeoPackageStore.open(path, TABLES) as store:
        add(store, parcels(1, start=10))
        lock_of(path)
        with pytest.raises(LockedError, match="李工"):
            add(store, parcels(1, start=20))
        assert store.count("parcel") == 4
    assert lock_file(path).exists()  # it is not ours to remove
