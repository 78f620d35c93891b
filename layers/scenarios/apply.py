"""A scenario turned into one normal edit: warned about, given a reason for and undone like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import ParkLineError
from gis.store.base import Condition
from gis.text import tr
from layers.editing.edit import Edit, LayerEdit
from layers.editing.prepare import edit_of
from layers.editing.rows import frame_of, read_rows
from layers.editing.use_fields import completed, with_followers
from layers.editing.values import checked_frame
from layers.registry import layer as layer_spec
from layers.scenarios.changes import Change, RowChange
from layers.scenarios.overlay import merged
from layers.scenarios.scenario import Scenario
from layers.spec import Editing

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["applicable", "scenario_edit", "splits"]


def applicable(change: Change, project: Project) -> bool:
    """Whether a change can be written into the project: the plan is read-only, it comes with a new snapshot."""
    return all(layer_spec(row.table).editing is Editing.ROWS for row in change.rows(project.codes))


def splits(scenario: Scenario, project: Project) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """The changes that can be applied and those that cannot."""
    fit = [applicable(item, project) for item in scenario.changes]
    return (
        tuple(item for item, good in zip(scenario.changes, fit, strict=True) if good),
        tuple(item for item, good in zip(scenario.changes, fit, strict=True) if not good),
    )


def scenario_edit(project: Project, scenario: Scenario) -> Edit:
    """The edit that makes the changes of a scenario; it is saved by `layers.editing.save.save`, warnings and all.

    Rows it adds get the ids of their changes, so that a scenario that was applied counts nothing twice. Raises
    `layers.editing.values.FieldError` for values, ``ParkLineError`` for rows that are gone and where nothing can be
    applied.
    """
    fit, _others = splits(scenario, project)
    if not fit:
        raise ParkLineError(
            tr("情景“{name}”中没有可以应用的变更。", name=scenario.name),
            hint=tr("规划用地是只读的：请导入新一期规划快照。"),
        )
    by_table: dict[str, list[RowChange]] = {}
    for row in merged(row for item in fit for row in item.rows(project.codes)).values():
        by_table.setdefault(row.table, []).append(row)
    layers = [_layer_edit(project, name, rows) for name, rows in by_table.items()]
    return edit_of(project, layers, why=tr("应用情景“{name}”", name=scenario.name))


def _layer_edit(project: Project, name: str, rows: list[RowChange]) -> LayerEdit:
    spec = layer_spec(name)
    there = _stored(project, name, [row.uuid for row in rows if row.born])
    changed = [row for row in rows if not row.born or row.uuid in there]
    born = [row for row in rows if row.born and row.uuid not in there]
    before = read_rows(project, name, [row.uuid for row in changed])
    after = before.drop(columns="born").copy()
    for row in changed:
        cells = pd.DataFrame(
            {field: pd.Series([value], index=[row.uuid], dtype=object) for field, value in row.values.items()}
        )
        checked = with_followers(spec, project.codes, before.loc[[row.uuid]], checked_frame(spec, cells))
        for field in checked.columns:
            column = after[field].copy()
            column.loc[row.uuid] = checked[field].iloc[0]
            after[field] = column
    if born:
        records: list[dict[str, Any]] = [
            completed(spec, project.codes, {k: v for k, v in row.values.items() if v is not None})
            for row in born
        ]
        nowhere = np.full(len(born), None, dtype=object)
        fresh = frame_of(spec, [row.uuid for row in born], records, nowhere, project.epsg)
        kept = fresh[list(after.columns)]
        after = (
            gpd.GeoDataFrame(pd.concat([after, kept]), geometry="geometry", crs=project.epsg)
            if len(after)
            else kept
        )
    return LayerEdit(spec, before, after)


def _stored(project: Project, name: str, uuids: list[str]) -> set[str]:
    if not uuids:
        return set()
    table = project.read(name, where=[Condition("uuid", "in", uuids)], columns=[], geometry=False)
    return set(table["uuid"])
