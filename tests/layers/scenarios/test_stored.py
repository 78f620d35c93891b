"""Scenarios in the project file: kept as they are, renamed, copied, deleted, taken back; older files get the table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gis.errors import ParkLineError
from layers.project import Project
from layers.scenarios.changes import Build, EndLease, Rezone, SetValue, StartLease, Transfer
from layers.scenarios.scenario import Scenario, changes_from_text, changes_to_text
from layers.scenarios.stored import copy_name, delete_scenario, read_scenario, read_scenarios, save_scenario
from tests.layers.editing.city import DAY, build

ALL = Scenario(
    "三季度计划",
    (
        Transfer(
            project="示例", unit="610902", area=12345.678901, scheme="guide2023", code="1001", mode="23", contract_on=DAY
        ),
        Rezone(table="parcel", uuid="u", label="A", scheme="guide2023", code="0901"),
        Build(building_id="F9", unit="610922", area=0.1 + 0.2, accepted_on=DAY),
        EndLease(uuid="u", label="F1", last_day=dt.date(2024, 5, 31)),
        StartLease(building_id="F9", lease_kind="lease", area=700.0, from_date=DAY),
        StartLease(building_id="F9", lease_kind="lease", area=700.0, from_date=DAY, to_date=dt.date(2030, 1, 1)),
        SetValue(table="investment", uuid="u", label="项目", name="x", value=None),
    ),
    "备注",
)  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build(tmp_path / "示例.gpkg") as made:
        yield made


def test_changes_come_back_as_they_were_written() -> None:
    assert changes_from_text(changes_to_text(ALL.changes)) == ALL.changes


def test_a_scenario_is_kept_changed_renamed_copied_deleted_and_brought_back(
    project: Project, tmp_path: Path
) -> None:
    stored = save_scenario(project, ALL)
    assert stored == replace(ALL, uuid=stored.uuid)
    with Project.open(tmp_path / "示例.gpkg") as again:
        assert read_scenarios(again) == [stored]
    fewer = save_scenario(project, replace(stored.without([ALL.changes[0].id]), name="四季度"))
    assert read_scenarios(project) == [fewer]
    copied = save_scenario(project, replace(fewer, name=copy_name("四季度", {"四季度"}), uuid=""))
    assert [item.name for item in read_scenarios(project)] == ["四季度", "四季度（2）"]
    delete_scenario(project, fewer)
    assert read_scenarios(project) == [copied]
    project.store.undo()
    assert read_scenario(project, "四季度") == fewer
    assert [entry.why for entry in project.store.journal(limit=3)][1] == "删除情景“四季度”"


def test_names_are_needed_and_stand_for_one_scenario(project: Project) -> None:
    save_scenario(project, Scenario("甲"))
    for name in ("甲", " 甲 ", "", "  "):
        with pytest.raises(ParkLineError):
            save_scenario(project, Scenario(name))
    with pytest.raises(ParkLineError, match="甲"):
        read_scenario(project, "乙")


@pytest.mark.parametrize("text", ["[", '[{"kind": "nothing"}]', '[{"kind": "build"}]', "[1]"])
def test_what_cannot_be_read_is_said_with_the_name(project: Project, text: str) -> None:
    stored = save_scenario(project, Scenario("甲"))
    import pandas as pd

    with project.transaction("示例") as transaction:
        transaction.update("scenario", pd.DataFrame({"uuid": [stored.uuid], "changes": [text]}))
    with pytest.raises(ParkLineError, match="甲"):
        read_scenarios(project)


def test_changes_are_put_in_their_place_by_id() -> None:
    first = ALL.changes[2]
    other = replace(first, area=5.0)  # type: ignore[call-arg]
    changed = ALL.with_change(other)
    assert changed.changes[2] == other
    assert len(changed.changes) == len(ALL.changes)
    assert ALL.without([first.id]).with_change(other).changes[-1] == other
