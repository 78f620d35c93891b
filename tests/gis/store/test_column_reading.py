"""Columns read through SQLite's own functions: the same as what Python's sqlite3 reads."""

from __future__ import annotations

import math
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.store.columns import arrow_columns_of
from gis.store.native_connection import NativeConnection, available
from gis.store.native_rows import native_columns
from gis.store.schema import ColumnType, StoredColumn, TableSchema

KINDS = {"t": ColumnType.TEXT, "r": ColumnType.REAL, "i": ColumnType.INTEGER, "d": ColumnType.DATE}
SCHEMA = TableSchema(
    "rows", "行", tuple(StoredColumn(name, kind, name) for name, kind in KINDS.items()), None
)
CELLS = st.tuples(
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.dates().map(str),
)

pytestmark = pytest.mark.skipif(not available(), reason="SQLite's functions cannot be reached here")


def _file(path: Path, rows: list[tuple[Any, ...]]) -> str:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE rows (fid INTEGER PRIMARY KEY, t TEXT, r REAL, i INTEGER, d DATE, retired INT)"
        )
        connection.executemany("INSERT INTO rows (t, r, i, d) VALUES (?, ?, ?, ?)", rows)
        connection.commit()
    return f"{path.as_uri()}?mode=ro"


def _both(path: Path, address: str, portion: int, room: int) -> list[dict[int, tuple[Any, ...]]]:
    native = NativeConnection(address, 1.0)
    native.portion, native.room = portion, room
    found = []
    try:
        with closing(sqlite3.connect(path)) as connection:
            for way in (native, None):
                rows: dict[int, tuple[Any, ...]] = {}
                for fids, columns in arrow_columns_of(connection, way, SCHEMA, list(KINDS)):
                    values = zip(*[column.to_pylist() for column in columns], strict=True)
                    rows |= dict(zip(fids.tolist(), values, strict=True))
                found.append(rows)
    finally:
        native.close()
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(CELLS, max_size=12), portion=st.integers(1, 5), room=st.integers(0, 9))
def test_every_cell_is_what_pythons_own_module_reads(
    tmp_path: Path, rows: list[tuple[Any, ...]], portion: int, room: int
) -> None:
    """Whatever the portions, and where texts are longer than the room that is left for them."""
    path = tmp_path / "列 a.db"
    native, plain = _both(path, _file(path, rows), portion, max(room, 1))
    assert native == plain
    assert list(native.values()) == rows
    for fid, (_text, real, _whole, _day) in native.items():
        # SQLite keeps -0.0 in a column of REAL as 0: what Python's own module reads is the measure.
        assert real is None or math.copysign(1.0, real) == math.copysign(1.0, plain[fid][1])


def test_values_of_a_foreign_type_are_missing_and_bad_utf8_is_shown_as_such(tmp_path: Path) -> None:
    path = tmp_path / "foreign.db"
    address = _file(path, [("a", "ten", "x", None), (None, 1.5, 2, "2024-01-01"), ("b", 2.0, 3, None)])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE rows SET t = CAST(x'e59cb0ff' AS TEXT) WHERE fid = 3")
        connection.commit()
    native = NativeConnection(address, 1.0)
    statement = "SELECT fid, t, r, i FROM rows"
    kinds = [KINDS[name] for name in "tri"]
    [(fids, columns)] = native_columns(native, statement, kinds)
    native.close()
    assert fids.tolist() == [1, 2, 3]
    assert [column.to_pylist() for column in columns] == [
        ["a", None, "地\ufffd"],
        [None, 1.5, 2.0],
        [None, 2, 3],
    ]


def test_a_reading_can_be_interrupted_and_a_bad_statement_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "stop.db"
    native = NativeConnection(_file(path, [("a", 1.0, 1, None)] * 2000), 1.0)
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        list(native_columns(native, "SELECT fid, no_column FROM rows", [ColumnType.TEXT]))
    endless = "SELECT a.fid, a.i FROM rows a, rows b, rows c WHERE a.i + b.i + c.i < 0"
    timer = threading.Timer(0.2, native.interrupt)
    timer.start()
    with pytest.raises(sqlite3.OperationalError) as caught:
        list(native_columns(native, endless, [ColumnType.INTEGER]))
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
    native.close()
    native.interrupt()
    with pytest.raises(sqlite3.OperationalError):
        NativeConnection((tmp_path / "none.db").as_uri() + "?mode=ro", 1.0)
