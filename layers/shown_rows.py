"""Which rows of a layer a map shows: of the plan one snapshot, of block lines those in force on the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.store.base import Box, Condition
from layers.validity import VALIDITY

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["shown_portions", "shown_rows", "shown_uuids"]


def shown_rows(
    project: Project,
    name: str,
    snapshot: str,
    columns: Sequence[str] = (),
    box: Box | None = None,
    day: dt.date | None = None,
) -> Any:
    """The rows as a GeoDataFrame, those near a box only if one is given.

    ``snapshot`` "" means every one. With a ``day`` only rows that stand on it (:mod:`layers.validity`); without one
    all, of block lines those in force on the project's own day.
    """
    asked = [*columns, *_days_of(name, day)]
    frame = project.read(name, bbox=box, where=_where(name, snapshot), columns=list(dict.fromkeys(asked)))
    return frame[_standing(project, name, day, frame)] if len(frame) else frame


def shown_uuids(project: Project, name: str, snapshot: str, day: dt.date | None = None) -> list[str]:
    """The rows without their geometry."""
    frame = project.read(
        name, where=_where(name, snapshot), columns=list(_days_of(name, day)), geometry=False
    )
    return (
        [str(uuid) for uuid in frame.loc[_standing(project, name, day, frame), "uuid"]] if len(frame) else []
    )


def shown_portions(
    project: Project, name: str, snapshot: str, box: Box, day: dt.date | None = None
) -> Iterator[tuple[list[str], NDArray[np.object_]]]:
    """UUIDs and geometries (m,) of the rows near a box, some thousands at a time; those without one are left out."""
    from gis.store.blob import decode

    of_plan = name == "land_use" and bool(snapshot)
    known = _in_force(project, day) if name == "block_line" else None
    fields = _days_of(name, day)
    columns = ["uuid", *(["snapshot"] if of_plan else fields)]
    today = "" if day is None else day.isoformat()
    for _, blobs, rows in project.store.portions(name, columns, bbox=box):
        kept = [
            position
            for position, row in enumerate(rows)
            if blobs[position]
            and (not of_plan or row[1] == snapshot)
            and (known is None or row[0] in known)
            and (not fields or of_plan or _within(row[1:], today))
        ]
        if kept:
            yield [str(rows[at][0]) for at in kept], decode([blobs[at] for at in kept])


def _days_of(name: str, day: dt.date | None) -> list[str]:
    """The fields that say when rows stand, if it matters."""
    if (
        day is None or name == "block_line"
    ):  # of one block's versions only the newest counts: asked as a whole
        return []
    return [field for field in VALIDITY.get(name, ()) if field]


def _within(days: Sequence[object], today: str) -> bool:
    begin, end = (str(item)[:10] if item else "" for item in (*days, None)[:2])
    return begin <= today and (not end or today < end)


def _standing(project: Project, name: str, day: dt.date | None, frame: Any) -> Any:
    if name == "block_line":
        return frame["uuid"].isin(_in_force(project, day)).to_numpy()
    fields = _days_of(name, day)
    if not fields:
        return np.ones(len(frame), dtype=bool)
    moment = np.datetime64(day, "s")
    begin = frame[fields[0]].to_numpy(dtype="datetime64[s]")
    stands = np.isnat(begin) | (begin <= moment)
    if len(fields) > 1:
        end = frame[fields[1]].to_numpy(dtype="datetime64[s]")
        stands &= np.isnat(end) | (moment < end)
    return stands


def _where(name: str, snapshot: str) -> list[Condition]:
    return [Condition("snapshot", "=", snapshot)] if name == "land_use" and snapshot else []


def _in_force(project: Project, day: dt.date | None) -> set[str]:
    return set(project.lines(day or project.as_of)["uuid"])
