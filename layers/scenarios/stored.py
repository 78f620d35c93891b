"""Scenarios in the project file: a table of their own, written by journalled transactions, undone like any edit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gis.errors import ParkLineError
from gis.store.row_ids import new_uuids
from gis.text import tr
from layers.editing.rows import cell
from layers.records import SCENARIO_TABLE
from layers.scenarios.scenario import Scenario, changes_from_text, changes_to_text

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["copy_name", "delete_scenario", "read_scenario", "read_scenarios", "save_scenario"]

_TABLE = SCENARIO_TABLE.name


def read_scenarios(project: Project) -> list[Scenario]:
    """All scenarios, the oldest first. ``ParkLineError`` if one cannot be read."""
    table = project.read(_TABLE, geometry=False)
    return [
        Scenario(
            name=str(row["name"]),
            changes=changes_from_text(str(row["changes"]), str(row["name"])),
            note=str(cell(row["note"]) or ""),
            uuid=str(row["uuid"]),
        )
        for row in sorted(table.to_dict("records"), key=lambda row: str(row["uuid"]))
    ]


def read_scenario(project: Project, name: str) -> Scenario:
    """The scenario of a name. ``ParkLineError`` if there is none."""
    known = read_scenarios(project)
    for item in known:
        if item.name == name:
            return item
    raise ParkLineError(
        tr("没有名为“{name}”的情景。", name=name),
        hint=tr("现有情景：{names}。", names=tr("、").join(item.name for item in known) or tr("（无）")),
    )


def save_scenario(project: Project, scenario: Scenario) -> Scenario:
    """Store a new scenario, or the new state of one; gives it with its uuid.

    ``ParkLineError`` for an empty name and one that another scenario has.
    """
    name = scenario.name.strip()
    if not name:
        raise ParkLineError(tr("情景须有名称。"))
    known = {item.name: item.uuid for item in read_scenarios(project)}
    if known.get(name, scenario.uuid) != scenario.uuid:
        raise ParkLineError(tr("已有名为“{name}”的情景。", name=name), hint=tr("请换一个名称。"))
    fresh = not scenario.uuid or scenario.uuid not in known.values()
    stored = replace(scenario, name=name, uuid=scenario.uuid or new_uuids(1)[0])
    row = pd.DataFrame(
        {
            "uuid": [stored.uuid],
            "name": [stored.name],
            "changes": [changes_to_text(stored.changes)],
            "note": np.array([stored.note or None], dtype=object),
        }
    )
    with project.transaction(tr("保存情景“{name}”", name=name)) as transaction:
        if fresh:
            transaction.insert(_TABLE, row)
        else:
            transaction.update(_TABLE, row)
    return stored


def delete_scenario(project: Project, scenario: Scenario) -> None:
    """Take a stored scenario away; undo brings it back."""
    with project.transaction(tr("删除情景“{name}”", name=scenario.name)) as transaction:
        transaction.retire(_TABLE, [scenario.uuid])


def copy_name(name: str, taken: set[str]) -> str:
    """A name for a copy that is not taken."""
    number = 2
    while (proposal := tr("{name}（{number}）", name=name, number=number)) in taken:
        number += 1
    return proposal
