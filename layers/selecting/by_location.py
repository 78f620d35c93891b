"""Rows of one layer by where they lie to the rows of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gis.progress import Progress, scaled, silent
from gis.relations import Relation, Relations
from gis.text import tr
from layers.shown_rows import shown_portions

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["Relation", "rows_by_location"]

_EVERYWHERE = (-1e9, -1e9, 1e9, 1e9)
_READING = 0.3  # share of the progress


def rows_by_location(
    project: Project,
    table: str,
    relation: Relation,
    other: str,
    chosen: Sequence[str] | None = None,
    *,
    distance: float = 0.0,
    snapshot: str = "",
    progress: Progress = silent,
) -> list[str]:
    """UUIDs of the rows of ``table`` that stand in a relation to any row of ``other``.

    ``chosen`` keeps to those rows of ``other``; None means all that the map shows. ``distance`` is in metres of the
    project's plane. Rows of one and the same layer are not their own neighbours. ``Cancelled`` from ``progress``
    stops between two portions.
    """
    wanted = None if chosen is None else set(chosen)
    names: list[str] = []
    parts = []
    reading = scaled(progress, 0.0, _READING)
    for uuids, shapes in shown_portions(project, other, snapshot, _EVERYWHERE):
        kept = [at for at, uuid in enumerate(uuids) if wanted is None or uuid in wanted]
        names += [uuids[at] for at in kept]
        parts.append(shapes[kept])
        reading(0.0, tr("读取参照要素：{count}", count=f"{len(names):,}"))
    if not names:
        return []
    others = np.concatenate(parts)
    relations = Relations(others, relation, distance)
    place = {uuid: at for at, uuid in enumerate(names)} if other == table else {}
    found: list[str] = []
    seen, total = 0, max(1, project.store.count(table))
    judging = scaled(progress, _READING, 1.0)
    for uuids, shapes in shown_portions(project, table, snapshot, _round(others, distance)):
        same = np.array([place.get(uuid, -1) for uuid in uuids]) if place else None
        found += [uuids[at] for at in np.flatnonzero(relations.hold(shapes, same)).tolist()]
        seen += len(uuids)
        judging(min(seen / total, 1.0), tr("判断位置：{count}", count=f"{seen:,}"))
    return found


def _round(shapes: NDArray[np.object_], distance: float) -> tuple[float, float, float, float]:
    import shapely

    west, south, east, north = shapely.total_bounds(shapes).tolist()
    reach = max(distance, 0.0) + 1.0
    return west - reach, south - reach, east + reach, north + reach
