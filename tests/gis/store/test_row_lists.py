"""Lists of row ids: the same rows as a SELECT finds, in the order that Python's own sort gives."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.progress import Cancelled
from gis.store.base import Condition
from gis.store.geopackage import GeoPackageStore
from gis.store.row_lists import RowLists
from tests.gis.store.samples import EPSG, TABLES, add, parcels

COLUMNS = ("number", "floors", "area", "signed", "built")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> GeoPackageStore:
    """Sixty parcels with gaps of every kind: missing values, equal ones, a retired row, a changed row."""
    path = tmp_path_factory.mktemp("lists") / "列表.gpkg"
    store = GeoPackageStore.create(path, EPSG, TABLES, meta={})
    frame = parcels(60)
    frame["area"] = np.where(np.arange(60) % 7 == 0, np.nan, (np.arange(60) * 37 % 11).astype(float))
    frame.loc[frame.index % 5 == 1, "number"] = None
    frame.loc[frame.index % 6 == 1, "floors"] = pd.NA
    frame.loc[frame.index % 9 == 2, "signed"] = pd.NaT
    frame.loc[3, "number"] = "50%_off Park"
    uuids = add(store, frame)
    with store.transaction("change") as transaction:
        transaction.retire("parcel", [uuids[10]])
        transaction.update("parcel", parcels(1, start=90).assign(uuid=[uuids[20]]))
    return store


def _without_triggers(connection: sqlite3.Connection) -> None:
    """They call functions that plain SQLite does not have."""
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')


def conditions() -> st.SearchStrategy[Condition]:
    comparison = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        st.builds(Condition, st.just("area"), comparison, st.integers(-1, 12).map(float)),
        st.builds(Condition, st.just("floors"), comparison, st.integers(-1, 6)),
        st.builds(Condition, st.just("signed"), comparison, st.dates().map(str) | st.just("2024-03-15")),
        st.builds(Condition, st.just("number"), comparison, st.sampled_from(["示例-2", "示例-30", "", "x"])),
        st.builds(
            Condition,
            st.just("number"),
            st.just("contains"),
            st.sampled_from(["2", "例-1", "PARK", "%_", "%"]),
        ),
        st.builds(Condition, st.just("built"), st.just("="), st.integers(0, 1)),
        st.builds(Condition, st.just("floors"), st.just("in"), st.lists(st.integers(0, 6))),
        st.builds(Condition, st.sampled_from(COLUMNS), st.sampled_from(["isnull", "notnull"])),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(conditions(), max_size=2), st.sampled_from([None, *COLUMNS]), st.booleans())
def test_the_list_holds_what_a_select_finds_in_the_order_of_a_plain_sort(
    kept: GeoPackageStore, where: list[Condition], order: str | None, descending: bool
) -> None:
    found = RowLists(kept).rows("parcel", where, order, descending=descending).tolist()
    frame = kept.read("parcel", where=where, geometry=False).sort_index()
    assert sorted(found) == frame.index.tolist()
    if order is None:
        assert found == frame.index.tolist()
        return
    values: dict[int, Any] = {fid: None if pd.isna(v) else v for fid, v in frame[order].items()}
    present = [fid for fid in values if values[fid] is not None]
    present.sort(key=lambda fid: values[fid], reverse=descending)
    assert [values[fid] for fid in found] == [values[fid] for fid in present] + [None] * (
        len(values) - len(present)
    )
    ties = [fid for fid in found if values[fid] is None]
    assert ties == sorted(ties)


def test_a_list_is_found_anew_after_something_was_written(store: GeoPackageStore) -> None:
    lists = RowLists(store)
    assert lists.rows("parcel").tolist() == []
    uuids = add(store, parcels(12))
    assert len(lists.rows("parcel", order_by="number")) == 12
    with store.transaction("retire") as transaction:
        transaction.retire("parcel", uuids[:5])
    assert lists.rows("parcel").tolist() == list(range(6, 13))
    assert len(lists.rows("parcel", [Condition("number", "contains", "示例")], "number")) == 7


def test_a_column_that_was_kept_has_no_rows_once_all_are_retired(store: GeoPackageStore) -> None:
    lists = RowLists(store)
    uuids = add(store, parcels(4))
    assert lists.rows("parcel", [Condition("number", "contains", "示例")], "area").tolist() == [1, 2, 3, 4]
    with store.transaction("retire") as transaction:
        transaction.retire("parcel", uuids)
    assert lists.rows("parcel", [Condition("number", "contains", "示例")], "area").tolist() == []
    add(store, parcels(2, start=20))
    assert lists.rows("parcel", [Condition("number", "=", "示例-21")], "area").tolist() == [6]


def test_ids_with_gaps_are_read_from_the_index(tmp_path: Path) -> None:
    """Another program deleted a row outright: then there are fewer versions than ids between first and last."""
    store = GeoPackageStore.create(tmp_path / "gap.gpkg", EPSG, TABLES, meta={})
    add(store, parcels(6))
    store.close()
    with closing(sqlite3.connect(tmp_path / "gap.gpkg")) as connection:
        _without_triggers(connection)
        connection.execute("DELETE FROM parcel WHERE fid = 3")
        connection.commit()
    with GeoPackageStore.open(tmp_path / "gap.gpkg") as again:
        assert again.fids("parcel").tolist() == [1, 2, 4, 5, 6]
        assert RowLists(again).rows("parcel", order_by="number", descending=True).tolist() == [6, 5, 4, 2, 1]


def test_values_of_a_foreign_type_count_as_missing(tmp_path: Path) -> None:
    store = GeoPackageStore.create(tmp_path / "typed.gpkg", EPSG, TABLES, meta={})
    add(store, parcels(3))
    store.close()
    with closing(sqlite3.connect(tmp_path / "typed.gpkg")) as connection:
        _without_triggers(connection)
        connection.execute("UPDATE parcel SET area = 'about a hectare' WHERE fid = 1")
        connection.commit()
    with GeoPackageStore.open(tmp_path / "typed.gpkg") as again:
        assert RowLists(again).rows("parcel", order_by="area").tolist() == [2, 3, 1]
        assert RowLists(again).rows("parcel", [Condition("area", ">", 0)]).tolist() == [2, 3]


def test_reading_a_column_can_be_cancelled(store: GeoPackageStore) -> None:
    add(store, parcels(5))
    lists = RowLists(store)

    def stop(_fraction: float, _message: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        lists.rows("parcel", order_by="area", progress=stop)
    assert len(lists.rows("parcel", order_by="area")) == 5


def test_a_column_or_an_operator_that_is_not_there_is_refused(store: GeoPackageStore) -> None:
    add(store, parcels(2))
    with pytest.raises(KeyError):
        RowLists(store).rows("parcel", order_by="number; DROP TABLE parcel")
    with pytest.raises(ValueError, match="operator"):
        RowLists(store).rows("parcel", [Condition("area", "~", 1)])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_lists_kept_over_edits_hold_what_lists_read_anew_hold(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Edits, retirements, births, undo and redo between look-ups, each with columns read before."""
    path = tmp_path_factory.mktemp("patched") / "p.gpkg"
    with GeoPackageStore.create(path, EPSG, TABLES, meta={}) as store:
        add(store, parcels(12))
        lists = RowLists(store)
        for step in range(data.draw(st.integers(1, 6), label="steps")):
            for column in data.draw(st.lists(st.sampled_from(COLUMNS), unique=True), label="columns"):
                lists.rows("parcel", order_by=column)
            uuids = list(store.read("parcel", columns=[], geometry=False)["uuid"])
            kind = data.draw(st.sampled_from(["update", "retire", "insert", "undo", "redo", "both"]))
            if kind == "undo":
                store.undo()
            elif kind == "redo":
                store.redo()
            else:
                with store.transaction(kind) as transaction:
                    if kind in ("insert", "both"):
                        transaction.insert("parcel", parcels(2, start=40 + 10 * step))
                    if kind in ("update", "both") and uuids:
                        chosen = data.draw(st.lists(st.sampled_from(uuids), unique=True, max_size=4))
                        changed = parcels(len(chosen), start=60 + 10 * step)
                        transaction.update("parcel", changed.assign(uuid=chosen))
                    if kind == "retire" and uuids:
                        transaction.retire("parcel", [data.draw(st.sampled_from(uuids))])
            for column in COLUMNS:
                kept = lists.rows("parcel", order_by=column).tolist()
                frame = store.read("parcel", columns=[column], geometry=False)
                assert sorted(kept) == sorted(frame.index)
                anew = RowLists(store).rows("parcel", order_by=column).tolist()
                told = [[None if pd.isna(frame.at[fid, column]) else frame.at[fid, column] for fid in rows]
                        for rows in (kept, anew)]  # fmt: skip
                assert told[0] == told[1]
            assert sorted(lists.rows("parcel").tolist()) == sorted(frame.index)


def test_an_edited_row_keeps_its_place_among_the_rows_as_they_were_written(store: GeoPackageStore) -> None:
    uuids = add(store, parcels(5))
    lists = RowLists(store)
    assert lists.rows("parcel").tolist() == [1, 2, 3, 4, 5]
    with store.transaction("edit") as transaction:
        transaction.update("parcel", parcels(1, start=90).assign(uuid=[uuids[1]]))
        transaction.retire("parcel", [uuids[3]])
    assert lists.rows("parcel").tolist() == [1, 6, 3, 5]
