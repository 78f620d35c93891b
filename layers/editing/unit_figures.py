"""Quota and reserve of the units that an edit touches, before and after it: the checks on the tables as they will be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from gis.store.base import Condition
from layers.checks import factory_reserve, industrial_quota
from layers.checks import tables as read
from layers.checks.registry import check_named
from layers.checks.result import CheckResult, Clause, UnitResult
from layers.editing.edit import Edit, LayerEdit
from layers.units import UnitTree

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["UnitFigures", "unit_figures"]

_CHECKS = (industrial_quota.TARGET, factory_reserve.TARGET)


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """What one check says of one unit (``before.code``; "" is the city) before and after the edit.

    ``judged`` is the key of the figure that is held against the threshold.
    """

    check: str
    title: str
    clause: Clause
    figure_units: Mapping[str, tuple[str, str]]
    judged: str
    before: UnitResult
    after: UnitResult

    @property
    def changed(self) -> bool:
        """Whether the edit changes anything about the unit."""
        return self.before != self.after


def unit_figures(
    project: Project,
    edit: Edit,
    units: Iterable[str] = (),
    *,
    day: dt.date | None = None,
    known: Iterable[CheckResult] = (),
) -> list[UnitFigures]:
    """Quota and reserve of the units that rows of the edit belong to, of ``units``, and of the city.

    ``known`` are results of these checks for the same day and the tables as they are, which then need not run
    again. Checks whose tables the edit does not touch run once at most; of the transfers only those of the year
    are read.
    """
    today = day or project.as_of
    tree = project.units()
    new_tree = _tree_after(project, edit, tree)
    wanted = {*units, *_units_of(project, edit, tree), *_units_of(project, edit, new_tree)}
    found: list[UnitFigures] = []
    for check_id in _CHECKS:
        if not project.policy.has(check_id):
            continue
        check = check_named(check_id)
        before = next((item for item in known if item.id == check_id and _same_time(item, today)), None)
        touched = "unit" in edit.layers or any(name in edit.layers for name in check.tables)
        tables = (
            {name: _table(project, name, today) for name in check.tables} if touched or before is None else {}
        )
        if before is None:
            before = check.run(tables, tree, project.policy, project.codes, today, None)
        after = before
        if touched:
            laid = {name: edit.layers[name].laid_over(table) if name in edit.layers else table
                    for name, table in tables.items()}  # fmt: skip
            after = check.run(laid, new_tree, project.policy, project.codes, today, None)
        found += _compared(before, after, wanted)
    return found


def _same_time(result: CheckResult, day: dt.date) -> bool:
    return result.as_of == day and result.parameters.get("year", day.year) == day.year


def _compared(before: CheckResult, after: CheckResult, wanted: set[str]) -> list[UnitFigures]:
    def places(result: CheckResult) -> dict[str, UnitResult]:
        city = [] if result.city is None else [result.city]
        return {item.code: item for item in (*result.units, *city)}

    old, new = places(before), places(after)
    judged = before.clause.figure
    return [
        UnitFigures(before.id, before.title, before.clause, before.figure_units, judged, old[code], new[code])
        for code in old
        if code in new and (code in wanted or not code)
    ]


def _table(project: Project, name: str, day: dt.date) -> gpd.GeoDataFrame:
    """A table as its check reads it; of contracts only those that can count in the year of the day."""
    by_contract = project.policy.has(industrial_quota.TARGET) and (
        project.policy.target(industrial_quota.TARGET).parameters["year_by"] == "contract"
    )
    if name != "transfer" or not by_contract:
        return project.read(name)
    year = [
        Condition("contract_on", ">=", dt.date(day.year, 1, 1)),
        Condition("contract_on", "<=", dt.date(day.year, 12, 31)),
    ]
    parts = [project.read(name, where=where) for where in (year, [Condition("contract_on", "isnull")])]
    kept = [part for part in parts if len(part)] or parts[:1]
    return gpd.GeoDataFrame(pd.concat(kept), geometry="geometry", crs=project.epsg)


def _tree_after(project: Project, edit: Edit, tree: UnitTree) -> UnitTree:
    changed = edit.layers.get("unit")
    return (
        tree
        if changed is None
        else UnitTree.from_frame(changed.laid_over(project.read("unit")), project.epsg)
    )


def _units_of(project: Project, edit: Edit, tree: UnitTree) -> set[str]:
    """Units of every row before and after, and the units around them; a lease is where its building is."""
    found: set[str] = set()
    for item in edit.layers.values():
        if item.spec.name == "unit":
            found |= {str(code) for frame in (item.before, item.after) for code in frame["code"]}
            continue
        frames = [_owners(project, item)] if item.spec.parent else [item.before, item.after]
        for frame in frames:
            shapes = read.geometries(frame)
            placed = tree.by_geometry(shapes)
            texts = read.texts(frame, "unit")
            for code, text in zip(placed, texts, strict=True):
                found.add(code or tree.resolve(text) or "")
    found.discard("")
    return found | {outer for code in found if code in tree.codes for outer in tree.ancestors(code)}


def _owners(project: Project, item: LayerEdit) -> gpd.GeoDataFrame:
    """Rows of the layer that the rows of a ledger belong to."""
    for field in item.spec.fields:
        layer, _dot, name = (field.refers or "").partition(".")
        if layer == item.spec.parent:
            numbers = {
                str(value) for frame in (item.before, item.after) for value in frame[field.name].dropna()
            }
            where = [Condition(name, "in", sorted(numbers))]
            return project.read(layer, columns=["unit"], where=where)
    return item.after
