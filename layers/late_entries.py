"""Late entries told apart from late events: rows about a day that were entered only after it.

Figures of a past day count every row that stood on it, whenever it was entered (`layers.validity`). What was known
on the day itself is another question: the project as it was saved then (`gis.store.earlier_state`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from gis.store.earlier_state import entered_on, last_entry_on
from layers.validity import VALIDITY

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["LateEntry", "late_entries"]


@dataclass(frozen=True, slots=True)
class LateEntry:
    """A current row that stood on the day and was unknown then. ``event`` is its own date, ``entered`` that of its entry."""

    layer: str
    uuid: str
    label: str
    event: dt.date
    entered: dt.date


def late_entries(project: Project, day: dt.date) -> list[LateEntry]:
    """Rows of the dated layers with an event on or before ``day`` that were first entered after it, newest entry last.

    Empty for a day before the project itself: all of it was entered later then.
    """
    from layers.registry import TABLES

    journal = project.store.journal(limit=None)
    last = last_entry_on(journal, day)
    if last is None:
        return []
    days = {entry.id: entered_on(entry) for entry in journal}
    specs = {spec.name: spec for spec in TABLES}
    found: list[LateEntry] = []
    for layer, (begins, _ends) in VALIDITY.items():
        label = specs[layer].label or "uuid"
        columns = sorted({begins, label} - {"uuid"})
        frame = project.read(layer, columns=columns, geometry=False)
        events = pd.to_datetime(frame[begins], errors="coerce")
        about = frame[events.notna() & (events <= pd.Timestamp(day))]
        # A row that was only edited since was known: its first version is what counts.
        known = set(project.read(layer, columns=[begins], geometry=False, as_of=last.id)["uuid"])
        unknown = about[~about["uuid"].isin(known)]
        born = project.store.born_of(layer, list(unknown["uuid"]), first=True)
        found += [
            LateEntry(
                layer, row.uuid, str(getattr(row, label)), events[row.Index].date(), days[born[row.uuid]]
            )
            for row in unknown.itertuples()
        ]
    return sorted(found, key=lambda item: (item.entered, item.layer, item.label))
