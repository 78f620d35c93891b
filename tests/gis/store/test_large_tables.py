"""A million rows open without being read: SQLite's own plan of every read that a window makes at once.

A plan is the same for ten rows as for a million; what it must never say is that a table is looked through.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gis.store.base import Condition
from gis.store.geopackage import GeoPackageStore
from gis.store.query import Selection
from tests.gis.store.samples import ORIGIN, PARCEL, add, parcels

_READ_BYTES = Path("/proc/self/io")  # first line: rchar
BOX = (ORIGIN[0], ORIGIN[1], ORIGIN[0] + 50, ORIGIN[1] + 50)


@pytest.fixture
def plan(store: GeoPackageStore) -> Callable[[str, list[object]], str]:
    """SQLite's plan of a statement over a table with current and past rows."""
    uuids = add(store, parcels(200))
    with store.transaction("retire") as transaction:
        transaction.retire("parcel", uuids[:20])

    def explain(statement: str, values: list[object]) -> str:
        with closing(sqlite3.connect(store.path)) as connection:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
        return " | ".join(row[3] for row in rows)

    return explain


@pytest.mark.parametrize("where", [(), (Condition("floors", ">", 2),), (Condition("number", "=", "示例-7"),)])
def test_a_box_goes_through_the_spatial_index(
    plan: Callable[[str, list[object]], str], where: tuple[Condition, ...]
) -> None:
    steps = plan(*Selection(PARCEL, where, BOX).select(["fid", "number"], geometry=True))
    assert "VIRTUAL TABLE INDEX" in steps
    assert "SEARCH t USING INTEGER PRIMARY KEY" in steps
    assert "SCAN t" not in steps


def test_rows_are_counted_in_an_index(plan: Callable[[str, list[object]], str]) -> None:
    steps = plan(*Selection(PARCEL).count())
    assert (
        "USING INDEX parcel_current" in steps
    )  # its rows are those wanted: the table itself is not looked at


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        (Condition("number", "=", "示例-7"), "parcel_by_number"),
        (Condition("uuid", "in", ["a", "b"]), "parcel_uuid"),
        (Condition("born", ">", 1), "parcel_current"),
    ],
)
def test_a_row_is_looked_up_by_its_key(
    plan: Callable[[str, list[object]], str], condition: Condition, index: str
) -> None:
    steps = plan(*Selection(PARCEL, (condition,)).select(["fid"]))
    assert f"USING INDEX {index}" in steps or f"USING COVERING INDEX {index}" in steps
    assert "SCAN t" not in steps


def test_a_page_of_the_table_is_read_from_where_it_begins(plan: Callable[[str, list[object]], str]) -> None:
    steps = plan(*Selection(PARCEL).select(["fid", "number"], limit=50))
    assert "USE TEMP B-TREE" not in steps  # nothing is sorted: rows lie in the order of fid


def test_opening_the_extent_and_a_box_read_a_small_part_of_the_file(store: GeoPackageStore) -> None:
    """Bytes that the process reads, as the kernel counts them, against the size of the file."""
    if not _READ_BYTES.is_file():
        pytest.skip("the kernel does not count what a process reads")
    add(store, parcels(60_000))
    store.close()
    before = bytes_read()
    with GeoPackageStore.open(store.path) as again:
        assert again.count("parcel") == 60_000
        assert again.bounds("parcel") is not None
        assert len(again.read("parcel", bbox=BOX)) == 9
        assert len(again.read_wkb("parcel", BOX, ["number"])[0]) == 9
    assert bytes_read() - before < store.path.stat().st_size / 10
    # Reading everything does read it: the counter counts.
    before = bytes_read()
    with GeoPackageStore.open(store.path) as again:
        assert len(again.read("parcel")) == 60_000
    assert bytes_read() - before > store.path.stat().st_size / 3


def test_changing_a_row_reads_a_small_part_of_the_file(store: GeoPackageStore) -> None:
    """Not even the whole of an index: a boundary point that is moved in a million parcels has to be stored at once."""
    if not _READ_BYTES.is_file():
        pytest.skip("the kernel does not count what a process reads")
    uuids = add(store, parcels(60_000))
    store.close()
    with GeoPackageStore.open(store.path) as again:
        row = again.read("parcel", where=[Condition("uuid", "=", uuids[30_000])], columns=["uuid", "area"])
        before = bytes_read()
        with again.transaction("change") as transaction:
            transaction.update("parcel", row.assign(area=1.0))
        assert bytes_read() - before < store.path.stat().st_size / 50


def bytes_read() -> int:
    return int(_READ_BYTES.read_text().split()[1])
