"""A scenario: a name and planned changes; and how it is written down."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from gis.errors import ParkLineError
from gis.text import tr
from layers.codes import LandUseCodes
from layers.scenarios.changes import KINDS, Change, RowChange

__all__ = ["Scenario", "changes_from_text", "changes_to_text"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Planned changes, in the order in which they are laid over the project; ``uuid`` "" until it is stored."""

    name: str
    changes: tuple[Change, ...] = ()
    note: str = ""
    uuid: str = ""

    def rows(self, codes: LandUseCodes) -> list[RowChange]:
        """All row changes, in order."""
        return [row for change in self.changes for row in change.rows(codes)]

    def with_change(self, change: Change) -> Scenario:
        """With a change in the place of that of the same id, or at the end."""
        ids = [item.id for item in self.changes]
        if change.id in ids:
            return self.with_changes(change if item.id == change.id else item for item in self.changes)
        return self.with_changes((*self.changes, change))

    def without(self, ids: Iterable[str]) -> Scenario:
        """Without some changes."""
        gone = set(ids)
        return self.with_changes(item for item in self.changes if item.id not in gone)

    def with_changes(self, changes: Iterable[Change]) -> Scenario:
        """With other changes."""
        return replace(self, changes=tuple(changes))

    @property
    def last_day(self) -> dt.date | None:
        """The day from which every change counts; None if all count at once."""
        return max((item.day for item in self.changes if item.day is not None), default=None)

    def pending(self, day: dt.date) -> tuple[Change, ...]:
        """Changes that do not count yet on a day."""
        return tuple(item for item in self.changes if item.day is not None and item.day > day)


def changes_to_text(changes: Iterable[Change]) -> str:
    """Changes as a JSON array."""
    return json.dumps([item.as_record() for item in changes], ensure_ascii=False)


def changes_from_text(text: str, name: str = "") -> tuple[Change, ...]:
    """Changes of a JSON array. ``ParkLineError`` where it cannot be read; ``name`` is the scenario's."""
    try:
        return tuple(_change(record) for record in json.loads(text or "[]"))
    except (KeyError, TypeError, ValueError) as error:
        raise ParkLineError(
            tr("情景“{name}”的内容无法读取：{reason}", name=name, reason=error),
            hint=tr("它可能由较新版本的程序写成；请更新程序，或删除这个情景。"),
        ) from error


def _change(record: dict[str, Any]) -> Change:
    kind = KINDS[record["kind"]]
    values: dict[str, Any] = {}
    for item in fields(kind):
        if item.name not in record:
            continue
        value = record[item.name]
        # Annotations are texts; only days are written in another form than they have here.
        days = str(item.type).startswith("dt.date")
        if days and value is not None:
            value = dt.date.fromisoformat(value)
        values[item.name] = tuple(map(tuple, value)) if isinstance(value, list) else value
    return kind(**values)
