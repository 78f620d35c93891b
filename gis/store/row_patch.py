"""Rows that were written after a list of them was made: new versions in the place of the old, new rows at the end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.store.base import Condition, Store

__all__ = ["patched_rows"]


def patched_rows(store: Store, table: str, fids: NDArray[np.int64], since: int) -> NDArray[np.int64]:
    """A list of row ids, made after the transaction ``since``, brought up to date.

    Read are only the rows that later transactions bore and those that they retired.
    """
    gone = np.array(store.retired_since(table, since), dtype=np.int64)
    places = np.flatnonzero(np.isin(fids, gone))
    known = store.read(
        table,
        columns=[],
        where=[Condition("fid", "in", fids[places].tolist())],
        geometry=False,
        as_of=since,
    )
    new: list[int] = []
    uuids: list[str] = []
    for some, _blobs, values in store.portions(table, ["uuid"], since=since):
        new += some
        uuids += [str(row[0]) for row in values]
    place_of = {
        str(known.at[fid, "uuid"]): int(place)
        for fid, place in zip(fids[places].tolist(), places.tolist(), strict=True)
        if fid in known.index
    }
    # Rows that were written between two readings are there already.
    fresh = np.flatnonzero(~np.isin(np.array(new, dtype=np.int64), fids))
    order = np.arange(len(fids))
    kept = np.ones(len(fids), dtype=np.bool_)
    kept[places] = False
    added = []
    for row in fresh:
        place = place_of.get(uuids[row])
        if place is None:
            added.append(len(fids) + row)
        else:
            order[place], kept[place] = len(fids) + row, True
    order = np.concatenate([order[kept], np.array(added, dtype=np.int64)])
    return np.concatenate([fids, np.array(new, dtype=np.int64)])[order]
