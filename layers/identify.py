"""What lies at a place: the rows of the layers shown, the one that is meant first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.registry import layer
from layers.shown_rows import shown_rows

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["Hit", "identify", "meant_first"]

# A click means the parcel or the building first, and what it lies in only where there is neither.
_CONTAINERS = ("land_use", "block_line", "park", "unit")
_MOST = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """A row found at a place; ``label`` is what it is called by."""

    table: str
    uuid: str
    label: str


def meant_first(names: Sequence[str]) -> list[str]:
    """Layers, topmost first, with those that contain others put last."""
    ordered = [name for name in names if name not in _CONTAINERS]
    return ordered + [name for name in _CONTAINERS if name in names]


def identify(
    project: Project,
    names: Sequence[str],
    snapshot: str,
    x: float,
    y: float,
    tolerance: float,
    *,
    day: dt.date | None = None,
) -> list[Hit]:
    """Rows within ``tolerance`` (m) of a place in the project's plane, the one that is meant first.

    ``names`` are the layers shown, topmost first; of the plan only ``snapshot`` counts (all if empty), of block
    lines those in force on the project's day. Of one layer the nearest comes first, of equally near ones the smallest.
    """
    point = shapely.Point(x, y)
    box = (x - tolerance, y - tolerance, x + tolerance, y + tolerance)
    hits: list[Hit] = []
    for name in meant_first(names):
        spec = layer(name)
        if not spec.geometry:
            continue
        frame = shown_rows(project, name, snapshot, [spec.label] if spec.label else [], box, day)
        if frame.empty:
            continue
        shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
        distance = shapely.distance(shapes, point)
        near = np.flatnonzero(distance <= tolerance)
        order = near[np.lexsort((shapely.area(shapes[near]), distance[near]))]
        for row in frame.iloc[order].to_dict("records"):  # the few rows at one place
            text = row.get(spec.label) if spec.label else None
            hits.append(Hit(name, str(row["uuid"]), text if isinstance(text, str) else ""))
    return hits[:_MOST]
