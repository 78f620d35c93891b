"""History of a row and of those it came from and that came of it, through splits, merges, undo and redo."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.editing.merge import merge
from gis.editing.shared_vertices import move_vertex
from gis.editing.split import split
from layers.editing.history import GEOMETRY, history_of
from layers.editing.neighbourhood import neighbourhood
from layers.editing.prepare import attribute_edit
from layers.editing.reshaping import geometry_edit
from layers.editing.save import save
from layers.project import Project
from tests.layers.editing.city import at, read, uuid_of

AROUND = (*at(0, 0), *at(1000, 1000))


def split_parcel(project: Project, number: str, east: float) -> None:
    near = neighbourhood(project, ["parcel"], AROUND)
    target = near.position("parcel", uuid_of(project, "parcel", number))
    result = split(near.geometries, np.array([at(east, 50), at(east, 650)]), [target])
    save(project, geometry_edit(project, near, result, why=f"分割 {number}"))


def merge_parcels(project: Project, number: str, *numbers: str) -> None:
    near = neighbourhood(project, ["parcel"], AROUND)
    targets = [near.position("parcel", uuid_of(project, "parcel", item)) for item in numbers]
    edit = geometry_edit(project, near, merge(near.geometries, targets)).with_proposals()
    born = edit.layers["parcel"].born
    save(project, edit.with_values("parcel", born, {"parcel_no": number}))


def test_every_step_says_who_when_why_before_and_after(project: Project) -> None:
    a = uuid_of(project, "parcel", "A")
    save(project, attribute_edit(project, "parcel", [a], {"holder": "示例企业 5"}, why="过户（示例）"))
    near = neighbourhood(project, ["parcel"], AROUND)
    save(
        project,
        geometry_edit(project, near, move_vertex(near.geometries, at(100, 600), at(90, 600)), why="移界"),
    )
    project.store.undo()
    undone, moved, sold, born = history_of(project, "parcel", a).steps
    assert (born.before, born.changed, born.entry.kind) == (None, (), "import")
    assert (sold.entry.why, sold.entry.who, sold.changed) == ("过户（示例）", project.store.user, ("holder",))
    assert sold.before is not None and sold.after is not None  # noqa: PT018 - for the types below
    assert (sold.before["holder"], sold.after["holder"]) == ("示例企业 1", "示例企业 5")
    assert sold.entry.at.endswith("Z")
    assert set(moved.changed) == {GEOMETRY, "area_plane", "area_ellipsoid"}
    assert moved.after is not None
    assert moved.after[GEOMETRY].area == pytest.approx(102_500.0)
    assert (undone.entry.kind, undone.entry.reverses, moved.entry.undone) == ("undo", moved.entry.id, True)
    assert undone.after is not None
    assert undone.after[GEOMETRY].area == pytest.approx(100_000.0)


def test_pieces_know_their_parent_and_the_parent_its_pieces(project: Project) -> None:
    """A → A-1, A-2; A-2 → A-2-1, A-2-2; A-2-2 and B → AB."""
    a = uuid_of(project, "parcel", "A")
    split_parcel(project, "A", 200)
    split_parcel(project, "A-2", 250)
    assert sorted(history_numbers(project, a)) == [
        ("A-1", "split", 1, True), ("A-2", "split", 1, False), ("A-2-1", "split", 2, True), ("A-2-2", "split", 2, True),
    ]  # fmt: skip
    east = max(("A-2-1", "A-2-2"), key=lambda number: shape_of(project, number).bounds[0])
    merge_parcels(project, "AB", east, "B")
    merged = history_of(project, "parcel", uuid_of(project, "parcel", "AB"))
    assert {(item.number, item.operation, item.generation) for item in merged.ancestors} == {
        (east, "merge", 1), ("B", "merge", 1), ("A-2", "split", 2), ("A", "split", 3),
    }  # fmt: skip
    assert [item.generation for item in merged.ancestors] == [1, 1, 2, 3]
    assert ("AB", "merge", 3, True) in history_numbers(project, a)
    retired = history_of(project, "parcel", a).steps[0]
    assert (retired.after, retired.entry.why) == (None, "分割 A")


def shape_of(project: Project, number: str) -> shapely.Geometry:
    return read(project, "parcel").geometry[number]


def history_numbers(project: Project, uuid: str) -> list[tuple[str, str, int, bool]]:
    found = history_of(project, "parcel", uuid).descendants
    return [(item.number, item.operation, item.generation, item.current) for item in found]


def test_an_undone_split_leaves_no_descendants_and_redo_brings_them_back(project: Project) -> None:
    a = uuid_of(project, "parcel", "A")
    split_parcel(project, "A", 200)
    project.store.undo()
    assert history_numbers(project, a) == []
    assert history_of(project, "parcel", a).steps[0].before is None
    project.store.redo()
    assert len(history_numbers(project, a)) == 2


def test_a_uuid_that_never_was_has_no_history(project: Project) -> None:
    found = history_of(project, "parcel", "nobody")
    assert (found.steps, found.ancestors, found.descendants) == ((), (), ())
