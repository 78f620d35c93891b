"""Tables read as joined portions: the same rows, in the same order, as when they are read one by one."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import add, parcels

COLUMNS = ("number", "floors", "area", "built")


def by_row(store: GeoPackageStore) -> list[tuple[int, bytes, list[object]]]:
    found = [
        (fid, blob or b"", list(values))
        for fids, blobs, rows in store.portions("parcel", COLUMNS)
        for fid, blob, values in zip(fids, blobs, rows, strict=True)
    ]
    return sorted(found)


def as_joined(store: GeoPackageStore) -> list[tuple[int, bytes, list[object]]]:
    found: list[tuple[int, bytes, list[object]]] = []
    for some in store.joined("parcel", COLUMNS):
        ends = np.cumsum(some.sizes)
        assert ends[-1] == len(some.blobs)
        found += [
            (int(fid), some.blobs[end - size : end], json.loads(key))
            for fid, size, end, key in zip(some.fids, some.sizes, ends, some.keys, strict=True)
        ]
    return found


def test_joined_rows_are_the_rows(store: GeoPackageStore) -> None:
    """Missing geometries and values, quotes, line ends and other planes of Unicode, retired rows, gaps of ids."""
    frame = parcels(40)
    frame["number"] = [f"示例 '{i}'\n\"𠀀\",\t{i}" for i in range(40)]
    frame.loc[3, "number"] = None
    frame.loc[4, "floors"] = None
    frame.loc[[5, 6, 39], "geometry"] = None
    uuids = add(store, frame)
    with store.transaction("retire") as transaction:
        transaction.retire("parcel", [uuids[0], uuids[20]])
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE sqlite_sequence SET seq = 5000000000 WHERE name = 'parcel'")
    add(store, parcels(2, start=40))
    rows = by_row(store)
    assert len(rows) == 40
    assert rows[-1][0] == 5_000_000_002
    assert as_joined(store) == rows


def test_a_table_without_rows_joins_to_nothing(store: GeoPackageStore) -> None:
    assert list(store.joined("parcel")) == []


def test_joined_rows_may_have_no_columns(store: GeoPackageStore) -> None:
    add(store, parcels(3))
    assert [some.keys for some in store.joined("parcel")] == [["[]"] * 3]


def test_an_unknown_column_is_refused(store: GeoPackageStore) -> None:
    with pytest.raises(KeyError, match="no column"):
        list(store.joined("parcel", ["; drop"]))
