"""Tables read as joined rows: the same rows, in the same order, as when they are read one by one, in both ways."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.draw.flat import FlatBuilder, FlatLayer
from gis.store.base import JoinedRows
from gis.store.blob import encode
from gis.store.geopackage import GeoPackageStore
from gis.store.joined_rows import joined_rows
from gis.store.native_connection import NativeConnection, available
from gis.store.schema import ColumnType, StoredColumn, TableSchema
from gis.store.spatial_index import register_functions
from tests.gis.store.samples import add, parcels

COLUMNS = ("number", "floors", "area", "built")
KINDS = {"t": ColumnType.TEXT, "r": ColumnType.REAL, "i": ColumnType.INTEGER}
SCHEMA = TableSchema(
    "rows", "行", tuple(StoredColumn(name, kind, name) for name, kind in KINDS.items()), "GEOMETRY"
)
SHAPES: tuple[Any, ...] = (
    None,
    shapely.Point(),
    shapely.Point(1, 2),
    shapely.MultiPoint([(1, 2), (3, 4.5)]),
    shapely.LineString([(0, 0), (5, 5), (9, 1)]),
    shapely.Polygon(),
    shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 3, 3)),
    shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 8, 9)]),
    shapely.Polygon([(0, 0, 7), (4, 0, 7), (4, 4, 7)]),
    shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(1, 1, 2, 2)]),
)
needs_native = pytest.mark.skipif(not available(), reason="SQLite's functions cannot be reached here")


def by_row(store: GeoPackageStore) -> list[tuple[int, bytes, tuple[object, ...]]]:
    found = [
        (fid, blob or b"", tuple(values))
        for fids, blobs, rows in store.portions("parcel", COLUMNS)
        for fid, blob, values in zip(fids, blobs, rows, strict=True)
    ]
    return sorted(found)


def split(portions: Iterator[JoinedRows]) -> list[tuple[int, bytes, tuple[object, ...]]]:
    """What was laid end to end, row by row."""
    found: list[tuple[int, bytes, tuple[object, ...]]] = []
    for some in portions:
        ends = np.cumsum(some.sizes)
        assert ends[-1] == len(some.blobs)
        found += [
            (int(fid), some.blobs[end - size : end].tobytes(), some.keys[number])
            for fid, size, end, number in zip(some.fids, some.sizes, ends, some.classes, strict=True)
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
    assert split(store.joined("parcel", COLUMNS)) == rows
    schema = next(schema for schema in store.tables() if schema.name == "parcel")
    with closing(sqlite3.connect(store.path)) as connection:
        assert split(joined_rows(connection, None, schema, COLUMNS)) == rows


def test_rows_of_its_own_transaction_and_of_one_state_are_what_a_thread_sees(store: GeoPackageStore) -> None:
    uuids = add(store, parcels(3))
    with store.transaction("more") as transaction:
        transaction.insert("parcel", parcels(2, start=3))
        assert len(split(store.joined("parcel", COLUMNS))) == 5
    with store.steady():
        assert len(split(store.joined("parcel", COLUMNS))) == 5
        with closing(sqlite3.connect(store.path)) as connection, connection:
            register_functions(connection)  # the triggers of the spatial index call them
            connection.execute("UPDATE parcel SET retired = 2 WHERE uuid = ?", (uuids[0],))
        assert len(split(store.joined("parcel", COLUMNS))) == 5
    assert len(split(store.joined("parcel", COLUMNS))) == 4


def _file(path: Path, rows: list[tuple[Any, ...]]) -> str:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE rows (fid INTEGER PRIMARY KEY, geom BLOB, t TEXT, r REAL, i INTEGER, retired INTEGER)"
        )
        connection.executemany("INSERT INTO rows (geom, t, r, i) VALUES (?, ?, ?, ?)", rows)
        connection.commit()
    return f"{path.as_uri()}?mode=ro"


def _both(path: Path, rows: list[tuple[Any, ...]], portion: int) -> list[tuple[FlatLayer, list[object]]]:
    """The map's arrays and its classes, read in both ways."""
    native = NativeConnection(_file(path, rows), 1.0)
    native.portion = portion
    found = []
    with closing(sqlite3.connect(path)) as connection, closing(native):
        for way in (native, None):
            builder, keys = FlatBuilder((0.0, 0.0)), ()
            for some in joined_rows(connection, way, SCHEMA, list(KINDS)):
                builder.add_joined(some.blobs, some.sizes, some.fids, some.classes)
                keys = some.keys
            found.append((builder.finish(), [list(key) for key in keys]))
    return found


@needs_native
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([encode([shape], 4545)[0] for shape in SHAPES] + [b""]),
            st.none()
            | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9),
            st.none() | st.sampled_from([0.0, 1.0, -2.5, 1e300]),
            st.none() | st.sampled_from([0, 1, -1, 2**62, -(2**63)]),
        ),
        max_size=24,
    ),
    portion=st.integers(1, 5),
)
def test_the_map_is_the_same_in_both_ways(tmp_path: Path, rows: list[tuple[Any, ...]], portion: int) -> None:
    """Every kind of geometry, none, and an empty one; values of every kind, and missing ones."""
    (native, native_keys), (plain, plain_keys) = _both(tmp_path / "图 a.db", rows, portion)
    assert native_keys == plain_keys
    assert native_keys == [list(key) for key in dict.fromkeys(row[1:] for row in rows)]
    for name in FlatLayer.__slots__:
        left, right = getattr(native, name), getattr(plain, name)
        assert np.array_equal(left, right), name
        assert getattr(left, "dtype", None) == getattr(right, "dtype", None)


@needs_native
def test_more_classes_and_larger_rows_than_there_is_room_for_at_first(tmp_path: Path) -> None:
    """2,000 different values, one of them 90,000 bytes long, and a boundary of 5,000 corners among points."""
    circle = shapely.Point(0, 0).buffer(50, quad_segs=1250)
    blobs = encode(np.array([circle if i == 700 else shapely.Point(i, i) for i in range(4000)]), 4545)
    rows = [(blob, "长" * 30_000 if i == 1500 else f"类 {i % 2000}", 0.5, 7) for i, blob in enumerate(blobs)]
    native = NativeConnection(_file(tmp_path / "many.db", rows), 1.0)
    native.portion = 300
    with closing(sqlite3.connect(tmp_path / "many.db")) as connection, closing(native):
        found = split(joined_rows(connection, native, SCHEMA, list(KINDS)))
    assert found == [(i + 1, blob, (text, 0.5, 7)) for i, (blob, text, _, _) in enumerate(rows)]


@needs_native
def test_what_another_program_wrote_in_a_foreign_type(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are shown as such; a BLOB is no value and a text no geometry; 1.0 is the class of 1."""
    path = tmp_path / "foreign.db"
    address = _file(
        path, [(None, "a", 1.0, 1), ("POINT(1 2)", "a", 1.0, 1), (None, "b", "ten", b"x"), (None,) * 4]
    )
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE rows SET t = CAST(x'e59cb0ff' AS TEXT) WHERE fid = 4")
        connection.execute("CREATE TABLE other (fid INTEGER PRIMARY KEY, geom, t, r, i, retired)")
        connection.execute("INSERT INTO other SELECT * FROM rows")
        connection.execute("INSERT INTO other (t, r, i) VALUES ('a', 1, 1.0)")
    native = NativeConnection(address, 1.0)
    with closing(sqlite3.connect(path)) as connection, closing(native):
        found = split(joined_rows(connection, native, SCHEMA, list(KINDS)))
        other = TableSchema("other", "另", SCHEMA.columns, "GEOMETRY")
        [some] = joined_rows(connection, native, other, list(KINDS))
    assert [blob for _, blob, _ in found] == [b""] * 4
    assert [key for _, _, key in found] == [
        ("a", 1.0, 1), ("a", 1.0, 1), ("b", "ten", None), ("地\ufffd", None, None)
    ]  # fmt: skip
    assert some.classes.tolist() == [0, 0, 1, 2, 0]


@needs_native
def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    rows = [(encode([shapely.Point(i, i)], 4545)[0], f"{i}" * 50, 1.0, i) for i in range(2000)]
    address = _file(path, rows)
    with path.open("r+b") as file:
        page = struct.unpack(">H", path.read_bytes()[16:18])[0]
        for number in range(3, path.stat().st_size // page, 2):
            file.seek(number * page)
            file.write(b"\xff" * page)
    native = NativeConnection(address, 1.0)
    with (
        closing(sqlite3.connect(path)) as connection,
        closing(native),
        pytest.raises(sqlite3.DatabaseError, match="malformed"),
    ):
        list(joined_rows(connection, native, SCHEMA, list(KINDS)))


def test_a_table_without_rows_joins_to_nothing(store: GeoPackageStore) -> None:
    assert list(store.joined("parcel")) == []


def test_joined_rows_may_have_no_columns(store: GeoPackageStore) -> None:
    add(store, parcels(3))
    assert [(some.classes.tolist(), some.keys) for some in store.joined("parcel")] == [([0] * 3, ((),))]


def test_an_unknown_column_is_refused(store: GeoPackageStore) -> None:
    with pytest.raises(KeyError, match="no column"):
        list(store.joined("parcel", ["; drop"]))
