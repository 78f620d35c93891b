"""UUIDs of rows: version 7 of RFC 9562, ascending, never twice."""

from __future__ import annotations

import time
import uuid

import pandas as pd
import pytest

from gis.store.geopackage import GeoPackageStore
from gis.store.row_ids import new_uuids
from tests.gis.store.samples import add, parcels


def test_they_are_uuids_of_version_7_with_the_time_in_front() -> None:
    """RFC 9562, 5.7: 48 bits of milliseconds since 1970, version 7, variant 10."""
    before = time.time_ns() // 1_000_000
    made = [uuid.UUID(text) for text in new_uuids(3)]
    after = time.time_ns() // 1_000_000
    for item in made:
        assert (item.version, item.variant) == (7, uuid.RFC_4122)
        assert before <= item.int >> 80 <= after


def test_they_ascend_within_a_batch_and_differ_between_batches() -> None:
    """70 000 pass the 16 bits where the counter goes from one field of the UUID into the next."""
    first, second = new_uuids(70_000), new_uuids(70_000)
    assert first == sorted(first)
    assert len({*first, *second}) == 140_000
    assert all(str(uuid.UUID(text)) == text for text in first[::1000])


def test_none_is_none_and_too_many_are_refused() -> None:
    assert new_uuids(0) == []
    with pytest.raises(ValueError, match="at once"):
        new_uuids(1 << 26)


def test_every_row_of_every_table_has_one_of_its_own(store: GeoPackageStore) -> None:
    given = "01890a5d-ac96-774b-bcce-b302099a8057"
    frame = parcels(3).assign(uuid=[given, None, None])
    uuids = add(store, frame)
    assert uuids[0] == given
    notes = add(store, pd.DataFrame({"text": ["a", "b"]}), "note")
    assert len({*uuids, *notes}) == 5
    assert store.read("parcel")["uuid"].tolist() == uuids
