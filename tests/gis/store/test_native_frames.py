"""Frames read by compiled loops: the same, to the last bit, as those read through Python's own sqlite3."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.store.base import Condition
from gis.store.blob import encode
from gis.store.frames import read_frame
from gis.store.geopackage import GeoPackageStore
from gis.store.native_connection import NativeConnection, available
from gis.store.native_frames import native_frame
from gis.store.one_state import begun_together
from gis.store.query import Selection
from gis.store.schema import ColumnType, StoredColumn, TableSchema
from gis.store.spatial_index import register_functions
from tests.gis.store.samples import EPSG, add, parcels
from tests.strategies import multipolygons

KINDS = {
    "t": ColumnType.TEXT,
    "r": ColumnType.REAL,
    "i": ColumnType.INTEGER,
    "d": ColumnType.DATE,
    "b": ColumnType.BOOLEAN,
}
SCHEMA = TableSchema(
    "rows", "行", tuple(StoredColumn(name, kind, name) for name, kind in KINDS.items()), "MULTIPOLYGON"
)
HEAD = b"GP\x00\x01" + struct.pack("<i", EPSG)  # without an envelope
SQUARE = shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])
ODD_BLOBS = [
    HEAD + shapely.to_wkb(shapely.MultiPolygon([shapely.Polygon([(0, 0, 7), (4, 0, 7), (4, 4, 7)])])),
    HEAD + shapely.to_wkb(SQUARE, byte_order=0),
    HEAD + shapely.to_wkb(SQUARE, byte_order=1),
    HEAD + shapely.to_wkb(shapely.MultiPolygon()),
    HEAD + shapely.to_wkb(shapely.box(2, 2, 3, 3)),
    HEAD + shapely.to_wkb(shapely.GeometryCollection([shapely.Point(0, 0), SQUARE])),
    b"GP\x00\x05" + struct.pack("<i6d", EPSG, 0, 1, 0, 1, 0, 0) + shapely.to_wkb(SQUARE),
    HEAD
    + shapely.to_wkb(SQUARE, byte_order=1)[:38]
    + struct.pack("<d", np.nan)
    + shapely.to_wkb(SQUARE)[46:],
    *(some for some in encode(np.array([shapely.Point(1, 2), shapely.LineString([(0, 0), (5, 5)])]), EPSG)),
]
BLOBS = st.none() | st.sampled_from(ODD_BLOBS) | multipolygons().map(lambda shape: encode([shape], EPSG)[0])
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
DAYS = st.none() | st.just("") | st.dates().map(str)
ROWS = st.tuples(
    BLOBS,
    TEXTS,
    st.none() | st.floats(allow_nan=False) | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    DAYS,
    st.none() | st.integers(-1, 2),
)
# What other programs may have written. Python's own reading refuses some of it; then so must the loops.
FOREIGN = st.tuples(
    BLOBS | st.just("text") | st.just(b"no geometry"),
    TEXTS | st.just(5) | st.just(b"\xe5\x9c") | st.just(1.5),
    st.none() | st.floats(0, 1) | st.just("ten"),
    st.none() | st.integers(0, 9) | st.just(1.5) | st.just("3"),
    DAYS
    | st.sampled_from(["2024-2-3", "20240203", "2024-02-30", "20x4-01-01", "0000-01-01", "2024-01-01T10:00"])
    | st.just(0),
    st.none() | st.integers(0, 1) | st.just(0.5),
)

pytestmark = pytest.mark.skipif(not available(), reason="SQLite's functions cannot be reached here")


def _file(path: Path, rows: Sequence[tuple[Any, ...]]) -> None:
    """A table whose columns have no affinity: it keeps whatever is written."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE rows (fid INTEGER PRIMARY KEY, geom BLOB, t BLOB, r BLOB, i BLOB, d BLOB, b BLOB, retired)"
        )
        connection.executemany("INSERT INTO rows (geom, t, r, i, d, b) VALUES (?, ?, ?, ?, ?, ?)", rows)


@contextmanager
def _natives(path: Path, portion: int, room: int) -> Iterator[list[NativeConnection]]:
    with ExitStack() as stack:
        natives = [
            stack.enter_context(closing(NativeConnection(f"{path.as_uri()}?mode=ro", 1.0))) for _ in range(2)
        ]
        for native in natives:
            native.portion, native.room = portion, room
        yield natives


def _both(
    path: Path, selection: Selection, portion: int, room: int, *, geometry: bool = True
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    names = list(KINDS)
    with closing(sqlite3.connect(path)) as connection, _natives(path, portion, room) as natives:
        plain = None
        try:
            cursor = connection.execute(*selection.select(["fid", *names], geometry=geometry))
            plain = read_frame(cursor, SCHEMA, names, EPSG, geometry)
        except (ValueError, TypeError, sqlite3.Error, AttributeError) as error:
            with pytest.raises(type(error)):
                native_frame(connection, natives, selection, names, EPSG, geometry, 3)
            return gpd.GeoDataFrame(), gpd.GeoDataFrame()
        return native_frame(connection, natives, selection, names, EPSG, geometry, 3), plain


def _assert_same(native: gpd.GeoDataFrame, plain: gpd.GeoDataFrame) -> None:
    pd.testing.assert_frame_equal(pd.DataFrame(native), pd.DataFrame(plain))
    assert [type(native[name].array) for name in native] == [type(plain[name].array) for name in plain]
    if "geometry" in plain:
        assert native.crs == plain.crs
        for one, other in zip(native.geometry.array, plain.geometry.array, strict=True):
            assert (one is None) == (other is None)
            assert one is None or shapely.to_wkb(one) == shapely.to_wkb(other)


@pytest.mark.filterwarnings("ignore:invalid value")  # of the coordinate that is no number
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(ROWS, max_size=12) | st.lists(FOREIGN, max_size=4),
    gone=st.sets(st.integers(1, 12)),
    portion=st.integers(1, 5),
    room=st.integers(0, 9),
    geometry=st.booleans(),
)
def test_frames_are_those_of_pythons_own_module(
    tmp_path: Path, rows: list[tuple[Any, ...]], gone: set[int], portion: int, room: int, geometry: bool
) -> None:
    """Whatever the portions, the order of pieces and the room; with retired rows and with conditions."""
    path = tmp_path / "行 a.db"
    _file(path, rows)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("UPDATE rows SET retired = 1 WHERE fid = ?", [(fid,) for fid in gone])
    for where in (
        [],
        [Condition("i", ">=", 0)],
        [Condition("t", "in", ["a", "地"]), Condition("r", "<", 0.5)],
    ):
        _assert_same(*_both(path, Selection(SCHEMA, where), portion, room, geometry=geometry))


def test_rows_of_one_blob_share_a_geometry_and_others_do_not(tmp_path: Path) -> None:
    """Also across portions; a blob that differs only in its header is another one."""
    path = tmp_path / "shared.db"
    shapes = [shapely.MultiPolygon([shapely.box(x, 0, x + 1, 1)]) for x in range(40)]
    blobs = encode(np.array(shapes), EPSG)
    bare = HEAD + shapely.to_wkb(shapes[0], byte_order=1)
    _file(path, [(some, None, None, None, None, None) for some in [*blobs, None, *reversed(blobs), bare]])
    frame, plain = _both(path, Selection(SCHEMA), 7, 1)
    _assert_same(frame, plain)
    found = list(frame.geometry.array)
    assert all(one is other for one, other in zip(found[:40], reversed(found[41:81]), strict=True))
    assert len({id(shape) for shape in found}) == 42
    assert found[40] is None
    assert found[81].equals(found[0])


def test_ids_with_wide_gaps_cost_no_more(tmp_path: Path) -> None:
    path = tmp_path / "gaps.db"
    _file(path, [(None, str(n), None, None, None, None) for n in range(9)])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE rows SET fid = fid * fid * 1000000000000 WHERE fid > 2")
        connection.execute("UPDATE rows SET fid = -7 WHERE fid = 1")
    frame, plain = _both(path, Selection(SCHEMA), 3, 4)
    _assert_same(frame, plain)
    assert list(frame["t"]) == ["0", "1", *map(str, range(2, 9))]


def test_a_store_reads_many_rows_as_it_reads_few(store: GeoPackageStore) -> None:
    """Whole, by box, by condition, as of a moment; with a limit all rows are read by Python's own module."""
    uuids = add(store, parcels(12_000))
    with store.transaction("retire") as transaction:
        transaction.retire("parcel", uuids[:3])
    box = (-1e9, -1e9, 1e9, 1e9)
    for options in (
        {},
        {"columns": ["built", "signed"]},
        {"geometry": False},
        {"as_of": 2},
        {"where": [Condition("floors", "<=", 4)]},
        {"bbox": box},
        {"bbox": box, "where": [Condition("number", "!=", "示例-7")]},
    ):
        many = store.read("parcel", **options)
        _assert_same(many.sort_index(), store.read("parcel", **options, limit=1_000_000))
        assert len(many) >= 11_996
    assert list(store.read("parcel", where=[Condition("number", "=", "示例-77")])["number"]) == ["示例-77"]
    with store.transaction("more") as transaction:
        transaction.insert("parcel", parcels(1, 12_000))
        assert len(store.read("parcel")) == 11_998  # what the transaction itself has written
    with store.steady():
        before = store.read("parcel", columns=["number"])
        with closing(sqlite3.connect(store.path)) as connection, connection:
            register_functions(connection)  # the triggers of the spatial index call them
            connection.execute("UPDATE parcel SET number = 'other' WHERE fid = 12001")
        assert before.equals(store.read("parcel", columns=["number"]))
    assert list(store.read("parcel", columns=["number"])["number"][-1:]) == ["other"]


@pytest.mark.parametrize("where", [(), (Condition("i", "notnull"),)])
def test_an_interruption_between_two_portions_ends_the_reading(
    tmp_path: Path, where: Sequence[Condition]
) -> None:
    """No statement is being stepped then, and SQLite itself would forget it."""
    path = tmp_path / "stop.db"
    _file(path, [(None, None, None, n, None, None) for n in range(9)])
    selection = Selection(SCHEMA, where)
    with closing(sqlite3.connect(path)) as connection, _natives(path, 4, 1) as natives:
        for native in natives:
            native.interrupt()
        with pytest.raises(sqlite3.OperationalError) as caught:
            native_frame(connection, natives, selection, ["i"], EPSG, geometry=False, expected=9)
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT


class _Overtaken(NativeConnection):
    """Somebody else does something just before it begins."""

    writer: sqlite3.Connection
    meanwhile = "INSERT INTO rows (t) VALUES ('more')"

    def execute(self, statement: str) -> None:
        self.writer.execute(self.meanwhile)
        super().execute(statement)


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_connections_that_may_see_different_states_do_not_begin_together(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "states.db"
    _file(path, [])
    address = f"{path.as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as writer,
        closing(sqlite3.connect(path, isolation_level=None)) as reader,
        closing(NativeConnection(address, 0.0)) as native,
        closing(_Overtaken(address, 0.0)) as late,
    ):
        writer.execute(f"PRAGMA journal_mode={mode}")
        late.writer = writer
        assert not begun_together(reader, [native, late] if mode == "wal" else [late], 1.0)
        assert not reader.in_transaction
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as writer,
        closing(sqlite3.connect(path, isolation_level=None)) as reader,
        closing(NativeConnection(address, 0.0)) as native,
        closing(_Overtaken(address, 0.0)) as locked,
    ):
        locked.writer, locked.meanwhile = writer, "BEGIN EXCLUSIVE"
        # In WAL mode who writes keeps nobody from reading, and has committed nothing yet.
        assert begun_together(reader, [locked], 1.0) == (mode == "wal")
        assert reader.in_transaction == (mode == "wal")
        writer.execute("ROLLBACK")
        if mode == "delete":
            assert begun_together(reader, [native], 1.0)
        assert reader.execute("SELECT count(*) FROM rows").fetchone() == (1,)
