"""When a row stands: the fields that say from which day and until which, half-open, open where not stated.

Parcels, parks and projects carry no such days (their dates are stages): they stand on every day. What was stored on a
day is another question, answered by the journal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gis.store.base import Store

if TYPE_CHECKING:
    from layers.snapshots import Snapshot

__all__ = ["VALIDITY", "Validity", "day_number", "plan_on"]

# Layer → first day, and the day from which it stands no more ("" where that is not recorded).
VALIDITY: Mapping[str, tuple[str, str]] = {
    "unit": ("valid_from", "valid_to"),
    "block_line": ("valid_from", "valid_to"),
    "transfer": ("contract_on", "cancelled_on"),
    "factory": ("started_on", "demolished_on"),
    "observation": ("observed_on", ""),
    "lease": ("from_date", "to_date"),
}
_EVER, _NEVER = np.iinfo(np.int32).min, np.iinfo(np.int32).max


def day_number(day: dt.date) -> int:
    """Days since 1970."""
    return (day - dt.date(1970, 1, 1)).days


def plan_on(snapshots: list[Snapshot], day: dt.date) -> str:
    """Name of the newest snapshot of the plan on a day; "" before the first."""
    known = [item.name for item in snapshots if item.date <= day]
    return known[-1] if known else ""


@dataclass(frozen=True, slots=True)
class Validity:
    """Of the current rows of a layer: ids, ascending, and days since 1970 from and until which each stands."""

    ids: NDArray[np.int64]
    begin: NDArray[np.int32]
    end: NDArray[np.int32]

    @classmethod
    def read(cls, store: Store, layer: str) -> Validity | None:
        """From the store; None for a layer whose rows stand on every day."""
        names = VALIDITY.get(layer)
        if names is None:
            return None
        ids = store.fids(layer)
        begin = _days(store, layer, names[0], ids, _EVER)
        end = _days(store, layer, names[1], ids, _NEVER) if names[1] else np.full(len(ids), _NEVER, np.int32)
        return cls(ids, begin, end)

    def stands(self, rows: NDArray[np.int64], day: dt.date) -> NDArray[np.bool_]:
        """Which rows stand on a day; one that is not known counts as standing."""
        number = day_number(day)
        if not len(self.ids):
            return np.ones(len(rows), dtype=np.bool_)
        place = np.minimum(np.searchsorted(self.ids, rows), len(self.ids) - 1)
        standing = (self.begin[place] <= number) & (number < self.end[place])
        return np.asarray(standing | (self.ids[place] != rows))


def _days(store: Store, layer: str, name: str, ids: NDArray[np.int64], missing: int) -> NDArray[np.int32]:
    import pandas as pd

    days = np.full(len(ids), missing, dtype=np.int32)
    for some, values in store.column(layer, name):
        moments = pd.to_datetime(pd.Series(list(values), dtype=object), errors="coerce", format="ISO8601")
        numbers = moments.to_numpy(dtype="datetime64[D]")
        place = np.searchsorted(ids, np.array(some, dtype=np.int64))
        known = ~np.isnat(numbers) & (place < len(ids))
        days[place[known]] = numbers[known].astype(np.int64)
    return days
