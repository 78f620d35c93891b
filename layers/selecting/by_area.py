"""Rows that an area drawn on the map touches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.progress import Progress, silent
from gis.text import tr
from layers.registry import layer
from layers.shown_rows import shown_portions

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["extent_of", "rows_in_area"]

_MANY = 900  # UUIDs asked for at a time


def rows_in_area(
    project: Project,
    names: Sequence[str],
    snapshot: str,
    area: BaseGeometry,
    progress: Progress = silent,
    *,
    day: dt.date | None = None,
) -> tuple[str, list[str]]:
    """Layer and UUIDs of the rows that share a point with ``area``, a polygon in the project's plane.

    ``names`` are the layers that may be meant: the first in which anything is found. ``snapshot`` and ``day`` as in
    :func:`layers.shown_rows.shown_rows`. ("", []) where there is nothing. The spatial index gives the candidates,
    the geometry itself decides. ``Cancelled`` from ``progress`` stops between two portions.
    """
    shapely.prepare(area)
    for number, name in enumerate(names):
        if not layer(name).geometry:
            continue
        found: list[str] = []
        seen = 0
        for uuids, shapes in shown_portions(project, name, snapshot, area.bounds, day):
            hits = np.flatnonzero(shapely.intersects(area, shapes))
            found += [uuids[at] for at in hits.tolist()]
            seen += len(uuids)
            progress(number / len(names), tr("查找要素：{count}", count=f"{seen:,}"))
        if found:
            return name, found
    return "", []


def extent_of(
    project: Project, table: str, uuids: Sequence[str], progress: Progress = silent
) -> tuple[float, float, float, float] | None:
    """The box round some rows in the project's plane; None if none of them has a geometry."""
    from gis.store.base import Condition

    boxes = []
    for start in range(0, len(uuids), _MANY):
        some = list(uuids[start : start + _MANY])
        frame = project.read(table, where=[Condition("uuid", "in", some)], columns=[])
        if len(frame):
            boxes.append(frame.total_bounds)
        progress(start / len(uuids), tr("查找要素：{count}", count=f"{start:,}"))
    whole = np.array([box for box in boxes if np.isfinite(box).all()])
    if not len(whole):
        return None
    low, high = whole[:, :2].min(axis=0), whole[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
