"""Rows that were written after a list of them was made: new versions in the place of the old, new rows at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.store.base import Condition, Store

__all__ = ["RowPatch"]


class RowPatch:
    """A list of row ids brought up to date; the attribute ``fids`` holds them.

    Read are only the rows that transactions after ``since`` bore, with ``columns``, and those they retired.
    """

    def __init__(
        self, store: Store, table: str, fids: NDArray[np.int64], columns: Sequence[str], since: int
    ) -> None:
        gone = np.array(store.retired_since(table, since), dtype=np.int64)
        places = np.flatnonzero(np.isin(fids, gone))
        known = store.read(
            table,
            columns=[],
            where=[Condition("fid", "in", fids[places].tolist())],
            geometry=False,
            as_of=since,
        )
        self._names = list(columns)
        new: list[int] = []
        uuids: list[str] = []
        self._rows: list[tuple[Any, ...]] = []
        for some, _blobs, values in store.portions(table, ["uuid", *columns], since=since):
            new += some
            uuids += [str(row[0]) for row in values]
            self._rows += [row[1:] for row in values]
        place_of = {
            str(known.at[fid, "uuid"]): int(place)
            for fid, place in zip(fids[places].tolist(), places.tolist(), strict=True)
            if fid in known.index
        }
        # Rows that were written between two readings are there already.
        fresh = np.flatnonzero(~np.isin(np.array(new, dtype=np.int64), fids))
        order = np.arange(len(fids))
        kept = ~np.isin(np.arange(len(fids)), places)
        added = []
        for row in fresh:
            place = place_of.get(uuids[row])
            if place is None:
                added.append(len(fids) + row)
            else:
                order[place], kept[place] = len(fids) + row, True
        self._order = np.concatenate([order[kept], np.array(added, dtype=np.int64)])
        self.fids: NDArray[np.int64] = np.concatenate([fids, np.array(new, dtype=np.int64)])[self._order]

    def column(self, name: str, kept: Any) -> Any:
        """A column that was kept (Arrow), for the rows as they are now."""
        from gis.store import arrow_columns

        at = self._names.index(name)
        return arrow_columns.patched(kept, [row[at] for row in self._rows], self._order)
