"""Which rows of a layer a map shows: of the plan one snapshot, of block lines those in force on the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.store.base import Box, Condition

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["shown_portions", "shown_rows", "shown_uuids"]


def shown_rows(
    project: Project, name: str, snapshot: str, columns: Sequence[str] = (), box: Box | None = None
) -> Any:
    """The rows as a GeoDataFrame, those near a box only if one is given. ``snapshot`` "" means every one."""
    frame = project.read(name, bbox=box, where=_where(name, snapshot), columns=list(columns))
    if name == "block_line" and len(frame):
        return frame[frame["uuid"].isin(_in_force(project))]
    return frame


def shown_uuids(project: Project, name: str, snapshot: str) -> list[str]:
    """The rows without their geometry."""
    frame = project.read(name, where=_where(name, snapshot), columns=[], geometry=False)
    uuids = frame["uuid"].tolist()
    if name == "block_line":
        known = _in_force(project)
        return [uuid for uuid in uuids if uuid in known]
    return [str(uuid) for uuid in uuids]


def shown_portions(
    project: Project, name: str, snapshot: str, box: Box
) -> Iterator[tuple[list[str], NDArray[np.object_]]]:
    """UUIDs and geometries (m,) of the rows near a box, some thousands at a time; those without one are left out."""
    from gis.store.blob import decode

    of_plan = name == "land_use" and bool(snapshot)
    known = _in_force(project) if name == "block_line" else None
    columns = ["uuid", "snapshot"] if of_plan else ["uuid"]
    for _, blobs, rows in project.store.portions(name, columns, bbox=box):
        kept = [
            position
            for position, row in enumerate(rows)
            if blobs[position] and (not of_plan or row[1] == snapshot) and (known is None or row[0] in known)
        ]
        if kept:
            yield [str(rows[at][0]) for at in kept], decode([blobs[at] for at in kept])


def _where(name: str, snapshot: str) -> list[Condition]:
    return [Condition("snapshot", "=", snapshot)] if name == "land_use" and snapshot else []


def _in_force(project: Project) -> set[str]:
    return set(project.lines(project.as_of)["uuid"])
