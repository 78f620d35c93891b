"""Writing: whole or not at all, with a journal row, in bulk and one by one."""

from __future__ import annotations

import threading
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from gis.errors import ParkLineError
from gis.progress import Cancelled
from gis.store import bulk
from gis.store.base import Condition, QuarantinedRow
from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import EPSG, ORIGIN, add, assert_sound, content, parcels


def test_a_transaction_writes_its_journal_row(store: GeoPackageStore) -> None:
    store.user = "示例用户"
    with store.transaction("导入示例", kind="import") as transaction:
        uuids = transaction.insert("parcel", parcels(3))
        transaction.insert("note", pd.DataFrame({"text": ["a"]}))
    entry = store.journal(1)[0]
    assert (entry.id, entry.who, entry.why, entry.kind) == (transaction.id, "示例用户", "导入示例", "import")
    assert entry.counts == {"parcel": (3, 0), "note": (1, 0)}
    assert entry.at.endswith("Z")
    assert list(store.read("parcel")["uuid"]) == uuids


def test_changes_tell_before_and_after(store: GeoPackageStore) -> None:
    uuids = add(store, parcels(3))
    moved = gpd.GeoDataFrame({"uuid": uuids[:1]}, geometry=[shapely.box(0, 0, 1, 1)], crs=EPSG)
    with store.transaction("edit") as transaction:
        transaction.update("parcel", pd.DataFrame({"uuid": uuids[:1], "floors": [9]}))
        transaction.update("parcel", moved)
        transaction.retire("parcel", uuids[1:2])
        new = transaction.insert("parcel", parcels(1, start=7))
    found = {change.uuid: change for change in store.changes(transaction.id)}
    assert set(found) == {*uuids[:2], *new}
    edited = found[uuids[0]]
    assert edited.before is not None
    assert edited.after is not None
    assert (edited.before["floors"], edited.after["floors"]) == (0, 9)
    assert (edited.before["signed"], edited.before["built"]) == ("2024-03-01", True)
    assert shapely.from_wkb(edited.after["geometry"]).bounds == (0, 0, 1, 1)
    assert found[uuids[1]].after is None
    assert found[new[0]].before is None


def test_an_update_touches_only_the_columns_it_brings(store: GeoPackageStore) -> None:
    uuids = add(store, parcels(2))
    before = store.read("parcel", where=[Condition("uuid", "=", uuids[0])]).iloc[0]
    with store.transaction("edit") as transaction:
        assert transaction.update("parcel", pd.DataFrame({"uuid": uuids[:1], "area": [1.5]})) == 1
    after = store.read("parcel", where=[Condition("uuid", "=", uuids[0])]).iloc[0]
    assert after["area"] == 1.5
    same = ["uuid", "number", "floors", "signed", "built", "geometry"]
    assert after[same].tolist() == before[same].tolist()


def test_what_is_added_and_removed_in_one_transaction_leaves_no_version(store: GeoPackageStore) -> None:
    with store.transaction("nothing left") as transaction:
        uuids = transaction.insert("parcel", parcels(2))
        transaction.update("parcel", pd.DataFrame({"uuid": uuids[:1], "floors": [3]}))
        transaction.retire("parcel", uuids)
    assert store.count("parcel", as_of=transaction.id) == 0
    assert store.journal(1)[0].kind == "create"


def test_an_empty_transaction_leaves_no_journal_row(store: GeoPackageStore) -> None:
    with store.transaction("nothing"):
        pass
    assert [entry.kind for entry in store.journal()] == ["create"]


def test_an_exception_rolls_back_rows_meta_and_journal(store: GeoPackageStore) -> None:
    before = content(store)

    def fail() -> None:
        with store.transaction("fails") as transaction:
            transaction.insert("parcel", parcels(2 * bulk.BULK))
            transaction.set_meta("name", "other")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert content(store) == before
    assert len(store.journal()) == 1
    store.close()
    assert_sound(store.path)


def test_cancelling_a_bulk_insert_leaves_the_project_as_it_was(store: GeoPackageStore) -> None:
    add(store, parcels(10))
    before = content(store)

    def cancel(fraction: float, message: str) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled), store.transaction("import", kind="import") as transaction:
        transaction.insert("parcel", parcels(50_000), progress=cancel)
    assert content(store) == before
    add(store, parcels(1))
    store.close()
    assert_sound(store.path)


@pytest.mark.parametrize(("already", "more"), [(0, 3_000), (10, 3_000), (20_000, 2_500)])
def test_bulk_and_single_inserts_give_the_same_file(
    path: Path, store: GeoPackageStore, already: int, more: int
) -> None:
    """Into an empty index, one that is written anew, and one that is added to."""
    if already:
        add(store, parcels(already))
    frame = parcels(more, start=already)
    frame.loc[5, "geometry"] = None
    frame.loc[6, "geometry"] = shapely.Polygon()
    add(store, frame)
    add(store, parcels(3, start=already + more))
    assert store.count("parcel") == already + more + 3
    everything = store.read("parcel")
    box = (ORIGIN[0] + 30, ORIGIN[1] + 200, ORIGIN[0] + 90, ORIGIN[1] + 900)
    expected = everything[everything.intersects(shapely.box(*box))]["number"]
    assert set(store.read("parcel", bbox=box)["number"]) == set(expected)
    assert list(store.read("parcel", where=[Condition("number", "=", "示例-7")])["number"]) == ["示例-7"]
    store.close()
    assert_sound(path)


def test_many_rows_can_be_updated_and_retired_at_once(path: Path, store: GeoPackageStore) -> None:
    uuids = add(store, parcels(6_000))
    before = content(store)
    with store.transaction("areas") as transaction:
        transaction.update("parcel", pd.DataFrame({"uuid": uuids, "area": np.arange(6_000.0)}))
        transaction.retire("parcel", uuids[3_000:])
    assert store.count("parcel") == 3_000
    assert store.journal(1)[0].counts == {"parcel": (3_000, 6_000)}
    store.undo()
    assert content(store) == before
    store.close()
    assert_sound(path)


@pytest.mark.parametrize("count", [10, 30_000])
@pytest.mark.parametrize("failure", ["value", "cancelled"])
def test_a_failed_step_that_the_caller_survives_leaves_nothing_of_itself(
    path: Path, store: GeoPackageStore, count: int, failure: str
) -> None:
    """A bad value in the last row, or Cancel on the way; the same transaction goes on and is committed."""
    frame = parcels(count)
    frame["area"] = frame["area"].astype(object)
    frame.loc[count - 1, "area"] = "zwölf" if failure == "value" else 12.0

    def stop(_fraction: float, _message: str) -> None:
        if failure == "cancelled":
            raise Cancelled

    with store.transaction("x") as transaction:
        kept = transaction.insert("parcel", parcels(3, start=count))
        with pytest.raises((ValueError, Cancelled)):
            transaction.insert("parcel", frame, progress=stop)
        transaction.insert("parcel", parcels(2, start=count + 3))
        with pytest.raises(ValueError, match="twice"):
            transaction.retire("parcel", [*kept, kept[0]])
        with pytest.raises(ParkLineError, match="1 行"):
            transaction.update("parcel", pd.DataFrame({"uuid": [*kept, "no"], "floors": 1}))
    assert store.count("parcel") == 5
    assert store.journal(1)[0].counts == {"parcel": (5, 0)}
    assert set(store.read("parcel")["floors"]) == {n % 5 for n in range(count, count + 5)}
    store.close()
    assert_sound(path)


def test_rows_changed_elsewhere_are_not_overwritten(store: GeoPackageStore) -> None:
    uuids = add(store, parcels(2))
    with store.transaction("drop") as transaction:
        transaction.retire("parcel", uuids[:1])
    late = pd.DataFrame({"uuid": uuids, "floors": [1, 1]})
    with pytest.raises(ParkLineError, match="1 行"), store.transaction("late") as transaction:
        transaction.update("parcel", late)
    with pytest.raises(ParkLineError, match="1 行"), store.transaction("late") as transaction:
        transaction.retire("parcel", uuids)
    assert store.count("parcel") == 1


def test_foreign_geometry_is_refused(store: GeoPackageStore) -> None:
    with pytest.raises(ValueError, match="EPSG:4326"), store.transaction("x") as transaction:
        transaction.insert("parcel", parcels(1).to_crs(4326))
    points = gpd.GeoDataFrame({"number": ["a"]}, geometry=[shapely.Point(0, 0)], crs=EPSG)
    with pytest.raises(ValueError, match="Point"), store.transaction("x") as transaction:
        transaction.insert("parcel", points)
    with pytest.raises(ValueError, match="no columns"), store.transaction("x") as transaction:
        transaction.insert("parcel", pd.DataFrame({"nope": [1]}))
    assert CRS(store.read("parcel").crs).to_epsg() == EPSG


def test_a_transaction_reads_what_it_has_written_and_others_do_not(store: GeoPackageStore) -> None:
    seen: list[int] = []
    with store.transaction("x") as transaction:
        transaction.insert("parcel", parcels(4))
        transaction.set_meta("name", "new")
        other = threading.Thread(target=lambda: seen.append(store.count("parcel")))
        other.start()
        other.join()
        assert store.count("parcel") == 4
        assert store.meta("name") == "new"
    assert seen == [0]


def test_threads_read_while_one_writes(store: GeoPackageStore) -> None:
    counts: list[int] = []

    def look() -> None:
        counts.extend(len(store.read("parcel")) for _ in range(20))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for start in range(0, 100, 10):
        add(store, parcels(10, start))
    for thread in threads:
        thread.join()
    assert len(counts) == 60
    assert all(count % 10 == 0 for count in counts)


def test_rows_in_quarantine_are_kept_with_reason_and_values(store: GeoPackageStore) -> None:
    rows = [
        QuarantinedRow(
            3, "日期无效", {"编号": "a", "面积": np.float64("nan"), "日": pd.Timestamp("2024-01-02")}
        ),
        QuarantinedRow(None, "无图形", {}),
    ]
    with store.transaction("导入", kind="import") as transaction:
        transaction.quarantine("parcel", "示例.shp", rows)
    found = store.quarantined("parcel")
    assert found[["source", "row", "reason"]].iloc[0].tolist() == ["示例.shp", 3, "日期无效"]
    assert found["values"].iloc[0] == {"编号": "a", "面积": None, "日": "2024-01-02"}
    assert pd.isna(found["row"].iloc[1])
    assert store.quarantined("note").empty
    with store.transaction("mended") as transaction:
        assert transaction.release(list(found["uuid"][:1])) == 1
    assert len(store.quarantined()) == 1
    store.undo()
    store.undo()
    assert store.quarantined().empty


def test_mappings_are_remembered_by_signature(store: GeoPackageStore) -> None:
    for text in ("{}", '{"number": "编号"}'):
        with store.transaction("mapping") as transaction:
            transaction.remember_mapping("parcel", "编号|面积", text)
    assert store.mappings("parcel") == {"编号|面积": '{"number": "编号"}'}
    assert store.undoable() is None


def test_the_stores_own_values_are_not_for_sale(store: GeoPackageStore) -> None:
    with pytest.raises(ValueError, match="belongs"), store.transaction("x") as transaction:
        transaction.set_meta("schema_version", "99")
