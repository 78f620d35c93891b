"""What is drawn follows what is stored: after any edits the same as read anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.draw import drawn_table
from gis.draw.drawn_table import DrawnTable, build, read_view, refreshed, restore, store_away
from gis.progress import Cancelled
from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import EPSG, ORIGIN, TABLES, add, parcels

_COLUMNS = ("floors",)


def _shown(drawn: DrawnTable) -> set[tuple[object, ...]]:
    """(row id, box, class values) of what would be drawn."""
    found: set[tuple[object, ...]] = set()
    for layer, hidden in zip(drawn.layers, drawn.hidden, strict=True):
        index = np.flatnonzero(~hidden)
        boxes = layer.box_in_plane(index).round(3).tolist()
        for i, box in zip(index.tolist(), boxes, strict=True):
            found.add((int(layer.ids[i]), *box, drawn.keys[layer.classes[i]]))
    return found


def _stored(store: GeoPackageStore) -> set[tuple[object, ...]]:
    frame = store.read("parcel", columns=["floors"])
    return {
        (int(fid), *geometry.bounds, (None if floors is None or floors != floors else int(floors),))
        for fid, geometry, floors in zip(
            frame.index, frame.geometry, frame["floors"].astype(object), strict=True
        )
    }


_edits = st.lists(
    st.tuples(st.sampled_from(["add", "move", "retire", "undo", "redo"]), st.integers(0, 30)), max_size=8
)


@settings(max_examples=25, deadline=None)
@given(_edits)
def test_after_any_edits_the_same_is_drawn_as_is_stored(edits: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例.gpkg"
        with GeoPackageStore.create(path, EPSG, TABLES, meta={"name": "示例"}) as store:
            uuids = add(store, parcels(12))
            drawn: DrawnTable | None = build(store, "parcel", _COLUMNS)
            assert drawn is not None
            assert _shown(drawn) == _stored(store)
            for number, (kind, which) in enumerate(edits):
                _edit(store, kind, uuids[which % len(uuids)], number)
                drawn = refreshed(drawn, store)
                assert drawn is not None
                assert _shown(drawn) == _stored(store)
                assert len(drawn) == store.count("parcel")


def _edit(store: GeoPackageStore, kind: str, uuid: str, number: int) -> None:
    if kind == "undo":
        store.undo()
    elif kind == "redo":
        store.redo()
    elif kind == "add":
        add(store, parcels(2, start=100 + 2 * number))
    else:
        current = store.read("parcel", columns=["floors"])
        current = current[current["uuid"] == uuid]
        if current.empty:
            return
        with store.transaction(kind) as transaction:
            if kind == "retire":
                transaction.retire("parcel", [uuid])
            else:
                current.geometry = current.geometry.translate(1.5 + number, 0.5)
                current["floors"] = 9 + number
                transaction.update("parcel", current)


def test_rows_that_came_while_the_table_was_being_read_are_drawn_once(
    store: GeoPackageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state is noted before the rows are read; what is committed in between is in the rows already."""
    add(store, parcels(5))
    before = drawn_table.newest_transaction(store)
    add(store, parcels(3, start=50))
    read = build(store, "parcel", _COLUMNS)
    late = DrawnTable(read.table, read.columns, read.layers, read.hidden, read.keys, before)
    found = refreshed(late, store)
    assert found is not None
    assert len(found) == 8
    assert _shown(found) == _stored(store)


def test_a_view_reads_what_lies_in_it_and_gives_up_on_too_much(store: GeoPackageStore) -> None:
    """Squares stand 20 m apart, ten in a row: a box of 25 m in the corner touches four."""
    add(store, parcels(40))
    x, y = ORIGIN
    found = read_view(store, "parcel", _COLUMNS, (x + 1, y + 1, x + 26, y + 26), most=100)
    assert found is not None
    assert len(found) == 4
    assert read_view(store, "parcel", _COLUMNS, (x, y, x + 500, y + 500), most=39) is None


def test_the_cache_serves_only_the_state_that_it_was_made_from(
    store: GeoPackageStore, tmp_path: Path
) -> None:
    add(store, parcels(20))
    drawn = build(store, "parcel", _COLUMNS)
    file = tmp_path / "parcel.map"
    store_away(drawn, file, [1, "a"], [77])
    found = restore(file, "parcel", _COLUMNS, [1, "a"])
    assert found is not None
    loaded, state = found
    assert state == [77]
    assert _shown(loaded) == _stored(store)
    add(store, parcels(3, start=60))
    newer = refreshed(loaded, store)
    assert newer is not None
    assert _shown(newer) == _stored(store)
    assert restore(file, "parcel", _COLUMNS, [2, "a"]) is None
    assert restore(file, "parcel", ("number",), [1, "a"]) is None
    assert restore(file, "factory", _COLUMNS, [1, "a"]) is None


def test_reading_stops_when_it_is_cancelled(store: GeoPackageStore) -> None:
    add(store, parcels(20))

    def stop(_fraction: float, _message: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        build(store, "parcel", _COLUMNS, stop)
    add(store, parcels(1, start=90))  # the reading connection is free again
