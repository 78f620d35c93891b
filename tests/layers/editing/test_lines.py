"""Block lines are never changed in place: versions that end and versions that begin."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from gis.editing.merge import merge
from gis.editing.shared_vertices import move_vertices
from gis.editing.split import split
from gis.errors import ParkLineError
from layers.editing.edit import Edit
from layers.editing.neighbourhood import neighbourhood
from layers.editing.prepare import attribute_edit, retirement
from layers.editing.reshaping import geometry_edit
from layers.editing.save import save
from layers.project import Project
from tests.layers.editing.city import DAY, at, content, uuid_of

AROUND = (*at(-10, -10), *at(1010, 1010))
REASON = "示例理由"


def moved(project: Project, metres: float, day: dt.date | None = None) -> Edit:
    """The east side of the line, goes west by some metres."""
    near = neighbourhood(project, ["block_line"], AROUND, day=day)
    corners = [at(1000, 0), at(1000, 1000)]
    goals = [at(1000 - metres, 0), at(1000 - metres, 1000)]
    return geometry_edit(project, near, move_vertices(near.geometries, corners, goals), why="调整区块线")


def versions(project: Project) -> pd.DataFrame:
    frame = project.read("block_line").sort_values("valid_from", kind="stable")
    return pd.DataFrame(frame.assign(area=frame.area)).reset_index(drop=True)


def test_a_moved_line_is_a_new_version_without_the_papers_of_the_old(project: Project) -> None:
    before = content(project)
    old = uuid_of(project, "block_line", "L1")
    save(project, moved(project, 5.0), reason=REASON)
    first, second = (row for _number, row in versions(project).iterrows())
    assert (first["uuid"], first["area"], first["valid_to"]) == (old, 1_000_000.0, pd.Timestamp(DAY))
    assert first["doc_no"] == "示例文号1"
    assert second["area"] == pytest.approx(995_000.0)
    assert second["area_plane"] == pytest.approx(995_000.0)
    assert (second["code"], second["name"], second["level"]) == ("L1", "示例区块", "first")
    assert second["valid_from"] == pd.Timestamp(DAY)
    assert second["supersedes"] == "L1 2023-01-01"
    assert second[["valid_to", "doc_title", "doc_no", "approved_by", "approved_on"]].isna().all()
    assert list(project.lines(DAY)["uuid"]) == [second["uuid"]]
    assert list(project.lines(DAY - dt.timedelta(days=1))["uuid"]) == [old]
    lineage = project.read("lineage", geometry=False)
    assert list(lineage[["parent", "child", "operation"]].iloc[0]) == [old, second["uuid"], "version"]
    project.store.undo()
    assert content(project) == before


def test_a_version_corrected_on_its_own_first_day_takes_the_place_of_that_day(project: Project) -> None:
    save(project, moved(project, 5.0), reason=REASON)
    near = neighbourhood(project, ["block_line"], AROUND)
    corners, goals = [at(995, 0), at(995, 1000)], [at(990, 0), at(990, 1000)]
    save(project, geometry_edit(project, near, move_vertices(near.geometries, corners, goals)), reason=REASON)
    found = versions(project)
    assert found["area"].tolist() == pytest.approx([1_000_000.0, 990_000.0])
    assert found["valid_from"].tolist() == [pd.Timestamp("2023-01-01"), pd.Timestamp(DAY)]
    assert found["supersedes"].tolist()[1] == "L1 2023-01-01"


def test_a_version_may_begin_later_but_not_before_the_one_it_supersedes(project: Project) -> None:
    later = DAY + dt.timedelta(days=30)
    save(project, moved(project, 5.0, later), reason=REASON)
    assert project.lines(DAY).area.tolist() == [1_000_000.0]
    assert project.lines(later).area.tolist() == pytest.approx([995_000.0])
    near = neighbourhood(project, ["block_line"], AROUND, day=later)
    result = move_vertices(near.geometries, [at(995, 0)], [at(900, 0)])
    with pytest.raises(ParkLineError, match="更早"):
        geometry_edit(project, near, result, day=DAY)


def test_a_line_that_is_deleted_ends(project: Project) -> None:
    save(project, retirement(project, "block_line", [uuid_of(project, "block_line", "L1")]), reason=REASON)
    assert versions(project)["valid_to"].tolist() == [pd.Timestamp(DAY)]
    assert project.lines(DAY).empty


def test_a_line_split_and_merged_again_keeps_every_version(project: Project) -> None:
    near = neighbourhood(project, ["block_line"], AROUND)
    edit = geometry_edit(project, near, split(near.geometries, np.array([at(400, -5), at(400, 1005)])))
    save(project, edit)
    found = project.lines(DAY)
    assert sorted(found["code"]) == ["L1-1", "L1-2"]
    assert sorted(found.area) == pytest.approx([400_000.0, 600_000.0])
    assert found["supersedes"].unique().tolist() == ["L1 2023-01-01"]
    assert found["doc_no"].isna().all()
    near = neighbourhood(project, ["block_line"], AROUND)
    whole = geometry_edit(project, near, merge(near.geometries, [0, 1]))
    asked = [question.field for question in whole.questions]
    assert asked == ["code"]
    uuid = whole.questions[0].uuid
    save(project, whole.with_values("block_line", [uuid], {"code": "L1"}))
    assert project.lines(DAY)["code"].tolist() == ["L1"]
    assert project.lines(DAY).area.tolist() == pytest.approx([1_000_000.0])
    assert len(versions(project)) == 2


def test_the_papers_of_a_version_are_entered_in_place(project: Project) -> None:
    save(project, moved(project, 5.0), reason=REASON)
    new = project.lines(DAY)["uuid"].iloc[0]
    save(
        project,
        attribute_edit(project, "block_line", [new], {"doc_no": "示例文号2", "approved_on": "2024-06-30"}),
    )
    assert project.lines(DAY)["doc_no"].tolist() == ["示例文号2"]
    assert len(versions(project)) == 2
