"""Undo and redo, as reverse transactions that survive a restart."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import EPSG, TABLES, add, assert_sound, content, parcels


def test_undo_to_the_start_and_redo_to_the_end(path: Path, store: GeoPackageStore) -> None:
    states = [content(store)]
    uuids = add(store, parcels(5))
    states.append(content(store))
    with store.transaction("edit") as transaction:
        transaction.update("parcel", pd.DataFrame({"uuid": uuids[:2], "floors": [8, 9]}))
        transaction.set_meta("name", "改名")
    states.append(content(store))
    with store.transaction("split") as transaction:
        transaction.retire("parcel", uuids[:1])
        transaction.insert("parcel", parcels(2, start=50))
    states.append(content(store))
    for expected in states[-2::-1]:
        assert store.undo() is not None
        assert content(store) == expected
    assert store.undo() is None
    for expected in states[1:]:
        assert store.redo() is not None
        assert content(store) == expected
    assert store.redo() is None
    store.close()
    assert_sound(path)


def test_undo_survives_a_restart_and_the_journal_keeps_everything(path: Path, store: GeoPackageStore) -> None:
    add(store, parcels(3))
    add(store, parcels(2, start=3))
    store.close()
    with GeoPackageStore.open(path) as again:
        reverse = again.undo()
        assert reverse is not None
        assert (reverse.kind, reverse.reverses, reverse.counts) == ("undo", 3, {"parcel": (0, 2)})
        assert reverse.why == "撤销：add"
        assert again.count("parcel") == 3
        assert again.count("parcel", as_of=3) == 5
    with GeoPackageStore.open(path) as third:
        assert [entry.undone for entry in third.journal()] == [False, True, False, False]
        redoable = third.redoable()
        assert redoable is not None
        assert redoable.id == reverse.id
        redone = third.redo()
        assert redone is not None
        assert redone.why == "重做：add"
        assert third.count("parcel") == 5
        assert [entry.undone for entry in third.journal()] == [False, True, False, False, False]


def test_a_new_edit_clears_what_could_be_redone(store: GeoPackageStore) -> None:
    add(store, parcels(1))
    store.undo()
    add(store, parcels(2))
    assert store.redoable() is None
    assert store.redo() is None
    assert store.count("parcel") == 2


def test_an_import_in_bulk_is_undone_and_redone(path: Path, store: GeoPackageStore) -> None:
    add(store, parcels(5_000))
    full = content(store)
    bounds = store.bounds("parcel")
    store.undo()
    assert store.count("parcel") == 0
    assert store.bounds("parcel") is None
    store.redo()
    assert content(store) == full
    assert store.bounds("parcel") == bounds
    store.close()
    assert_sound(path)


actions = st.lists(st.tuples(st.sampled_from("iurUR"), st.integers(0, 99)), max_size=14)


@settings(max_examples=25, deadline=None)
@given(actions=actions)
def test_any_sequence_of_edits_can_be_taken_back_to_the_start(tmp_path_factory, actions) -> None:  # type: ignore[no-untyped-def]
    """Insert, update, retire, Undo, Redo in any order: a model of two lists says which state must show."""
    path = tmp_path_factory.mktemp("history") / "p.gpkg"
    with GeoPackageStore.create(path, EPSG, TABLES, meta={"name": "示例"}) as store:
        done, undone = [content(store)], []
        for action, number in actions:
            uuids = list(store.read("parcel")["uuid"])
            if action == "U":
                assert (store.undo() is not None) == (len(done) > 1)
                if len(done) > 1:
                    undone.append(done.pop())
            elif action == "R":
                assert (store.redo() is not None) == bool(undone)
                if undone:
                    done.append(undone.pop())
            elif action == "i" or not uuids:
                add(store, parcels(1 + number % 3, start=number))
                done.append(content(store))
                undone.clear()
            else:
                chosen = [uuids[number % len(uuids)]]
                with store.transaction("edit") as transaction:
                    if action == "u":
                        transaction.update(
                            "parcel", pd.DataFrame({"uuid": chosen, "floors": [1000 + number]})
                        )
                    else:
                        transaction.retire("parcel", chosen)
                done.append(content(store))
                undone.clear()
            assert content(store) == done[-1]
        while store.undo():
            done.pop()
            assert content(store) == done[-1]
        assert len(done) == 1
    assert_sound(path)


def test_every_version_of_a_row_is_told_with_the_transactions_that_bore_and_ended_it(
    store: GeoPackageStore,
) -> None:
    uuid = add(store, parcels(2))[0]
    with store.transaction("edit") as transaction:
        transaction.update("parcel", pd.DataFrame({"uuid": [uuid], "floors": [7]}))
    store.undo()
    versions = store.row_versions("parcel", uuid)
    born, edited, undone = (entry.id for entry in reversed(store.journal(limit=3)))
    assert [(item.born, item.retired) for item in versions] == [
        (born, edited),
        (edited, undone),
        (undone, None),
    ]
    assert [item.values["floors"] for item in versions] == [0, 7, 0]
    assert versions[0].values == versions[2].values
    assert [entry.id for entry in store.journal(ids=[edited, born])] == [edited, born]
    assert store.journal(ids=[edited])[0].undone
