"""What lies at a place: the rows of the layers shown, the one that is meant first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.store.base import Condition
from layers.registry import layer

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["Hit", "identify"]

# A click means the parcel or the building first, and what it lies in only where there is neither.
_CONTAINERS = ("land_use", "block_line", "park", "unit")
_MOST = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """A row found at a place; ``label`` is what it is called by."""

    table: str
    uuid: str
    label: str


def identify(
    project: Project, names: Sequence[str], snapshot: str, x: float, y: float, tolerance: float
) -> list[Hit]:
    """Rows within ``tolerance`` (m) of a place in the project's plane, the one that is meant first.

    ``names`` are the layers shown, topmost first; of the plan only ``snapshot`` counts (all if empty), of block
    lines those in force on the project's day. Of one layer the nearest comes first, of equally near ones the smallest.
    """
    ordered = [name for name in names if name not in _CONTAINERS]
    ordered += [name for name in _CONTAINERS if name in names]
    point = shapely.Point(x, y)
    box = (x - tolerance, y - tolerance, x + tolerance, y + tolerance)
    hits: list[Hit] = []
    for name in ordered:
        spec = layer(name)
        if not spec.geometry:
            continue
        frame = _rows(project, name, [spec.label] if spec.label else [], snapshot, box)
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


def _rows(project: Project, name: str, columns: list[str], snapshot: str, box: Any) -> Any:
    where = [Condition("snapshot", "=", snapshot)] if name == "land_use" and snapshot else []
    frame = project.read(name, bbox=box, where=where, columns=columns)
    if name == "block_line" and len(frame):
        return frame[frame["uuid"].isin(project.lines(project.as_of)["uuid"])]
    return frame
