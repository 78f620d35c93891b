"""A project as it was saved on an earlier day, against copies of the file made at those times."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import ParkLineError
from gis.store.earlier_state import entered_on, last_entry_on, write_earlier
from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import EPSG, TABLES, add, content, parcels


def _step(store: GeoPackageStore, kind: str, number: int) -> None:
    """One user's action of the given kind."""
    rows = store.read("parcel")
    if kind == "undo":
        store.undo()
    elif kind == "redo":
        store.redo()
    elif kind == "add" or not len(rows):
        add(store, parcels(3, start=1000 + 3 * number))
    else:
        with store.transaction(kind) as transaction:
            if kind == "edit":
                some = rows.iloc[[number % len(rows)]].copy()
                some["floors"] = number
                some["geometry"] = some.geometry.translate(1.0, 0.0)
                transaction.update("parcel", some[["uuid", "floors", "geometry"]])
            else:
                transaction.retire("parcel", [rows["uuid"].iloc[number % len(rows)]])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(["add", "edit", "retire", "undo", "redo"]), min_size=1, max_size=7))
def test_every_earlier_state_is_the_one_that_was_saved_then(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("earlier")
    with closing(GeoPackageStore.create(folder / "项 目.gpkg", EPSG, TABLES, meta={})) as store:
        states = [(store.journal(limit=1)[0].id, content(store))]
        for number, kind in enumerate(kinds):
            _step(store, kind, number)
            states.append((store.journal(limit=1)[0].id, content(store)))
        for number, (transaction, expected) in enumerate(states):
            path = folder / f"{number}.gpkg"
            write_earlier(store, path, transaction)
            with closing(GeoPackageStore.open(path, TABLES)) as earlier:
                assert content(earlier) == expected
                assert earlier.journal(limit=1)[0].id == transaction
                assert earlier.count("parcel") == len(expected["parcel"])
                if expected["parcel"]:
                    bounds = earlier.read("parcel").total_bounds
                    assert earlier.bounds("parcel") == pytest.approx(tuple(bounds), abs=1.0)
            with closing(sqlite3.connect(path)) as raw:
                assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        assert content(store) == states[-1][1]


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    with closing(GeoPackageStore.create(tmp_path / "a.gpkg", EPSG, TABLES, meta={})) as store:
        taken = tmp_path / "b.gpkg"
        taken.write_text("mine")
        with pytest.raises(ParkLineError):
            write_earlier(store, taken, 1)
        assert taken.read_text() == "mine"


def test_the_last_entry_of_a_day_is_found_by_the_local_calendar(tmp_path: Path) -> None:
    with closing(GeoPackageStore.create(tmp_path / "a.gpkg", EPSG, TABLES, meta={})) as store:
        add(store, parcels(1))
        entries = store.journal(limit=None)
        day = entered_on(entries[0])
        found = last_entry_on(entries, day)
        assert found is not None
        assert found.id == entries[0].id
        assert last_entry_on(entries, day - dt.timedelta(days=2)) is None
