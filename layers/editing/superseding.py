"""Layers whose boundaries are never changed in place: a new version takes over from a day on.

A block line that is moved, split, merged or deleted stays in the project with the day as its end; what comes
instead is in force from that day (half-open). A version that would have had no day at all is retired.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.editing.result import JOINT
from gis.errors import ParkLineError
from gis.store.row_ids import new_uuids
from gis.text import tr
from layers.editing.edit import Descent, LayerEdit
from layers.editing.rows import cell, frame_of, row_label
from layers.spec import LayerSpec, OnSplit

__all__ = ["only_points_added", "superseded"]

_FROM, _TO, _SUPERSEDES = "valid_from", "valid_to", "supersedes"


@dataclass
class _Rows:
    """The layer's rows while versions are sorted out: which stay before, which come after."""

    before: list[str]
    after: dict[str, tuple[Mapping[str, Any], shapely.Geometry]]


def superseded(
    edit: LayerEdit, descents: Sequence[Descent], day: dt.date, epsg: int
) -> tuple[LayerEdit | None, list[Descent]]:
    """The edit of a layer with versions, so that no boundary changes in place; None if nothing is left.

    A line that only receives a point on its boundary stays as it is. ``ParkLineError`` where ``day`` is
    before the line came into force, or not before its end.
    """
    spec, today = edit.spec, pd.Timestamp(day)
    moved = dict(zip(edit.changed, edit.moved, strict=True))
    rows = _Rows([], {})
    made: list[Descent] = []
    for uuid in edit.changed:
        old, new = edit.before.loc[uuid], edit.after.loc[uuid]
        if not moved[uuid]:
            rows.before.append(uuid)
            rows.after[uuid] = (_values(spec, new), new["geometry"])
        elif not only_points_added(old["geometry"], new["geometry"]):
            child = new_uuids(1)[0]
            rows.after[child] = (_new_version(spec, [old], new, today), new["geometry"])
            _end(spec, rows, uuid, old, today)
            made.append(Descent(spec.name, child, (uuid,), "version"))
    for uuid in edit.retired:
        _end(spec, rows, uuid, edit.before.loc[uuid], today)
    parents = {item.child: item for item in descents if item.layer == spec.name}
    for uuid in edit.born:
        new = edit.after.loc[uuid]
        descent = parents.get(uuid)
        old_rows = [] if descent is None else [edit.before.loc[parent] for parent in descent.parents]
        rows.after[uuid] = (_new_version(spec, old_rows, new, today), new["geometry"])
        if descent is not None:
            made.append(descent)
    if not rows.before and not rows.after:
        return None, []
    uuids = list(rows.after)
    shapes = np.empty(len(uuids), dtype=object)
    shapes[:] = [geometry for _values, geometry in rows.after.values()]
    after = frame_of(spec, uuids, [values for values, _geometry in rows.after.values()], shapes, epsg)
    before: gpd.GeoDataFrame = edit.before.loc[rows.before]
    return LayerEdit(spec, before, after), made


def _values(spec: LayerSpec, row: pd.Series[Any]) -> dict[str, Any]:
    return {name: cell(row[name]) for name in (*(item.name for item in spec.fields), "source_crs", "source")}


def _new_version(
    spec: LayerSpec, old: Sequence[pd.Series[Any]], new: pd.Series[Any], today: pd.Timestamp
) -> dict[str, Any]:
    """Values in force from today; without the papers of the old boundary, up to the day the old one would end."""
    values = _values(spec, new)
    if old:
        values |= {item.name: None for item in spec.fields if item.on_split is OnSplit.CLEAR}
        values[_SUPERSEDES] = (
            tr("；").join(filter(None, (_superseded(spec, row, today) for row in old))) or None
        )
        ends = [cell(row[_TO]) for row in old if cell(row[_TO]) is not None and row[_TO] > today]
        values[_TO] = min(ends) if ends else None
    if values[_FROM] is None or old:
        values[_FROM] = today
    return values


def _superseded(spec: LayerSpec, row: pd.Series[Any], today: pd.Timestamp) -> str | None:
    """What is superseded by what supersedes a row: the row, or what it stood for if it began on that very day."""
    start = cell(row[_FROM])
    if start == today:
        return cell(row[_SUPERSEDES])  # type: ignore[no-any-return]
    return f"{row_label(spec, row)} {start.date().isoformat() if start is not None else '–'}"


def _end(spec: LayerSpec, rows: _Rows, uuid: str, old: pd.Series[Any], today: pd.Timestamp) -> None:
    """Let a version end on the day, or not have been at all if it began on it."""
    start, end = cell(old[_FROM]), cell(old[_TO])
    if start is not None and start > today:
        raise ParkLineError(
            tr("“{line}”自 {start} 起生效，不能从更早的 {day} 起被取代。",
               line=row_label(spec, old), start=start.date(), day=today.date()),
            hint=tr("请把生效日期改为该日或以后。"),
        )  # fmt: skip
    if end is not None and end <= today:
        raise ParkLineError(
            tr("“{line}”已于 {end} 失效，不能再编辑。", line=row_label(spec, old), end=end.date()),
            hint=tr("请编辑现行版本。"),
        )
    rows.before.append(uuid)
    if start is None or start < today:
        rows.after[uuid] = ({**_values(spec, old), _TO: today}, old["geometry"])


def only_points_added(old: shapely.Geometry, new: shapely.Geometry) -> bool:
    """Whether the boundary is where it was, to the millimetre; a neighbour's new point may lie on it."""
    if shapely.area(shapely.symmetric_difference(old, new)) > JOINT * shapely.length(old):
        return False
    return bool(shapely.hausdorff_distance(shapely.boundary(old), shapely.boundary(new)) <= JOINT)
