"""Boundaries moved, split and merged among neighbours of all layers, with what the rows inherit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.editing.draw_polygon import draw_polygon
from gis.editing.holes import cut_hole, fill_hole
from gis.editing.merge import merge
from gis.editing.result import EditResult
from gis.editing.shared_vertices import move_vertex
from gis.editing.split import split
from gis.errors import ParkLineError
from layers.editing.edit import Edit
from layers.editing.inheritance import merged_values, shared, split_values, suffixed
from layers.editing.neighbourhood import JOINED, Neighbourhood, neighbourhood
from layers.editing.reshaping import geometry_edit
from layers.editing.save import save
from layers.editing.validation import check_edit
from layers.editing.values import FieldError
from layers.parcel import PARCEL_LAYER
from layers.project import Project
from tests.layers.checks.test_rezoning import geod_area
from tests.layers.checks.world import EPSG, rectangle
from tests.layers.editing.city import at, content, read, uuid_of

WHOLE = (*at(-100, -100), *at(2000, 1100))


def around(project: Project) -> Neighbourhood:
    return neighbourhood(project, JOINED, WHOLE)


def edited(project: Project, change: Callable[[Neighbourhood], EditResult], **more: object) -> Edit:
    near = around(project)
    return geometry_edit(project, near, change(near), **more)  # type: ignore[arg-type]


def split_at(project: Project, number: str, east: float) -> Edit:
    """Cut a parcel by a north-south line."""
    uuid = uuid_of(project, "parcel", number)
    line = np.array([at(east, 50), at(east, 650)])
    return edited(project, lambda near: split(near.geometries, line, [near.position("parcel", uuid)]))


def merged(project: Project, *numbers: str) -> Edit:
    uuids = [uuid_of(project, "parcel", number) for number in numbers]
    return edited(
        project,
        lambda near: merge(
            near.geometries, [near.position("parcel", uuid) for uuid in uuids], drop_straight=True
        ),
    )


def test_a_neighbourhood_holds_the_polygons_of_the_joined_layers_and_leads_back_to_rows(
    project: Project,
) -> None:
    near = neighbourhood(project, JOINED, (*at(290, 90), *at(310, 110)))
    assert sorted(zip(near.layers, shapely.area(near.geometries).round(), strict=True)) == [
        ("block_line", 1_000_000.0),
        ("factory", 10_000.0),
        ("parcel", 100_000.0),
        ("parcel", 100_000.0),
        ("park", 300_000.0),
    ]
    a = uuid_of(project, "parcel", "A")
    assert near.row(near.position("parcel", a)) == ("parcel", a)
    assert [near.row(position)[0] for position in near.positions("park")] == ["park"]
    with pytest.raises(ParkLineError, match="只读"):
        neighbourhood(project, ["land_use"], WHOLE)


def test_a_shared_corner_moves_in_every_layer_and_areas_are_measured_anew(project: Project) -> None:
    """The south end of the border A|B goes 10 m west. The corner of the factory holds the border 50 m north of
    it, so A loses a triangle of 50 × 10 / 2 = 250 m² to B.
    """
    before = content(project)
    old = read(project, "parcel")
    edit = edited(project, lambda near: move_vertex(near.geometries, at(300, 100), at(290, 100)), why="移界")
    assert save(project, edit) is not None
    new = read(project, "parcel")
    assert new.area["A"] == pytest.approx(99_750.0)
    assert new.area["B"] == pytest.approx(100_250.0)
    assert new.loc["A", "area_plane"] == pytest.approx(99_750.0)
    for number in "AB":
        assert new.loc[number, "area_ellipsoid"] == pytest.approx(geod_area(new.geometry[number]), abs=0.001)
    assert new["area_certified"].dropna().to_dict() == old["area_certified"].dropna().to_dict()
    corner = shapely.Point(*at(290, 100))
    factory, park = read(project, "factory").geometry["F1"], read(project, "park").geometry["P1"]
    assert all(shape.boundary.distance(corner) == 0.0 for shape in (factory, park, *new.geometry[["A", "B"]]))
    assert new["uuid"].to_dict() == old["uuid"].to_dict()
    project.store.undo()
    assert content(project) == before


def test_the_block_line_keeps_its_boundary_when_a_neighbour_gets_a_point_on_it(project: Project) -> None:
    """A parcel is cut along the line's edge at 1 000 m: the new points lie on the line, which stays the version it was."""
    edit = split_at(project, "H", 1000)
    assert "block_line" not in edit.layers
    assert sorted(read_after(edit, "parcel").area.round()) == [50_000.0, 50_000.0]


def read_after(edit: Edit, layer: str) -> pd.DataFrame:
    return edit.layers[layer].after


def test_a_split_parcel_is_retired_and_its_pieces_inherit(project: Project) -> None:
    """A is cut at 250 m: 150 m and 50 m of 200 m, so three quarters and one quarter of 100 050 m² certified."""
    before = content(project)
    edit = split_at(project, "A", 250)
    parcels = edit.layers["parcel"]
    assert (len(parcels.born), parcels.retired, parcels.changed) == (2, [uuid_of(project, "parcel", "A")], [])
    save(project, edit)
    new = read(project, "parcel")
    assert sorted(new.index) == ["A-1", "A-2", "B", "C", "H"]
    assert list(new.loc[["A-1", "A-2"], "area_certified"]) == pytest.approx([75_037.5, 25_012.5], abs=0.01)
    assert new.loc[["A-1", "A-2"], "area_certified"].sum() == 100_050.0
    for number in ("A-1", "A-2"):
        row = new.loc[number]
        assert (row["holder"], row["land_use_code"], row["contract_no"]) == ("示例企业 1", "100101", "HT-1")
        assert row["contract_on"] == pd.Timestamp("2023-05-01")
        assert pd.isna(row["certificate_no"])
        assert (row["source"], row["source_crs"]) == ("甲县.shp", "EPSG:4546")
        assert row["area_ellipsoid"] == pytest.approx(geod_area(row["geometry"]), abs=0.001)
    lineage = project.read("lineage", geometry=False)
    assert sorted(zip(lineage["parent_no"], lineage["child_no"], lineage["operation"], strict=True)) == [
        ("A", "A-1", "split"),
        ("A", "A-2", "split"),
    ]
    assert project.store.journal(limit=1)[0].counts["parcel"] == (2, 1)
    project.store.undo()
    assert content(project) == before


def test_the_factory_and_the_park_get_the_points_of_a_split_of_their_parcel(project: Project) -> None:
    save(project, split_at(project, "A", 250))
    for layer, number in (("factory", "F1"), ("park", "P1")):
        points = shapely.get_coordinates(read(project, layer).geometry[number])
        assert (np.hypot(*(points - np.array(at(250, 100))).T) < 1e-6).any(), layer


def test_numbers_that_are_taken_are_left_out(project: Project) -> None:
    with project.transaction("改号") as t:
        t.update("parcel", pd.DataFrame({"uuid": [uuid_of(project, "parcel", "C")], "parcel_no": ["A-1"]}))
    assert sorted(read_after(split_at(project, "A", 250), "parcel")["parcel_no"]) == ["A-2", "A-3"]


def test_two_parcels_split_by_one_line_share_no_number(project: Project) -> None:
    line = np.array([at(50, 300), at(520, 300)])
    edit = edited(project, lambda near: split(near.geometries, line, near.positions("parcel")))
    numbers = [number for number in read_after(edit, "parcel")["parcel_no"] if "-" in number]
    assert sorted(numbers) == ["A-1", "A-2", "B-1", "B-2"]
    check_edit(project, edit)


def test_merged_parcels_answer_for_what_they_agree_on_and_ask_for_the_rest(project: Project) -> None:
    """A and B: certified 100 050 + 100 000 m²; contracts of May and August 2023; notes 甲 and 乙."""
    before = content(project)
    edit = merged(project, "A", "B")
    row = read_after(edit, "parcel").iloc[0]
    assert row["area_certified"] == 200_050.0
    assert (row["contract_no"], row["note"]) == ("HT-1；HT-2", "甲；乙")
    assert row["contract_on"] == pd.Timestamp("2023-08-01")
    assert row["agreed_start"] == pd.Timestamp("2023-12-01")
    assert pd.isna(row["certificate_no"])
    assert (row["holder"], row["far_required"], row["land_use_code"]) == ("示例企业 1", 1.0, "100101")
    assert pd.isna(row["source_crs"])
    assert row["source"] == "甲县.shp"
    assert [question.field for question in edit.questions] == ["parcel_no"]
    assert sorted(choice.label for choice in edit.questions[0].choices) == ["A", "B"]
    with pytest.raises(FieldError, match="请选定") as caught:
        save(project, edit)
    assert caught.value.field == "parcel_no"
    save(project, edit.with_values("parcel", [edit.questions[0].uuid], {"parcel_no": "AB"}))
    parcels = read(project, "parcel")
    assert sorted(parcels.index) == ["AB", "C", "H"]
    assert parcels.area["AB"] == pytest.approx(200_000.0)
    lineage = project.read("lineage", geometry=False)
    assert list(lineage["operation"]) == ["merge", "merge"]
    project.store.undo()
    assert content(project) == before


def test_a_sum_with_an_unknown_part_is_unknown(project: Project) -> None:
    """C has no certified area: B and C together have none that anybody certified."""
    edit = merged(project, "B", "C")
    assert pd.isna(read_after(edit, "parcel").iloc[0]["area_certified"])
    assert {"parcel_no", "holder", "land_use_code", "land_use_name", "far_required"} <= {
        question.field for question in edit.questions
    }
    check_edit(project, edit.with_proposals())


def test_parcels_and_parks_are_not_merged(project: Project) -> None:
    a, p = uuid_of(project, "parcel", "A"), uuid_of(project, "park", "P1")
    with pytest.raises(ParkLineError, match="不同图层"):
        edited(
            project,
            lambda near: merge(near.geometries, [near.position("parcel", a), near.position("park", p)]),
        )


def test_land_cut_out_of_a_parcel_takes_its_share_and_leaves_the_number(project: Project) -> None:
    """100 m × 100 m of 200 m × 500 m: a tenth of 100 000 m² certified goes with it."""
    uuid = uuid_of(project, "parcel", "B")
    ring = rectangle(350, 200, 100, 100)
    edit = edited(
        project, lambda near: cut_hole(near.geometries, near.position("parcel", uuid), ring, fill=True)
    )
    save(project, edit)
    parcels = read(project, "parcel")
    assert parcels.loc["B", "uuid"] == uuid
    assert parcels.loc["B", "area_certified"] == pytest.approx(90_000.0, abs=0.01)
    assert parcels.loc["B-1", "area_certified"] == pytest.approx(10_000.0, abs=0.01)
    assert parcels.area[["B", "B-1"]].tolist() == pytest.approx([90_000.0, 10_000.0])
    assert project.read("lineage", geometry=False)["parent"].tolist() == [uuid]


def test_what_fills_a_hole_that_was_always_there_has_no_share_in_the_certificate(project: Project) -> None:
    uuid = uuid_of(project, "parcel", "B")
    hole = rectangle(350, 200, 100, 100)
    save(
        project, edited(project, lambda near: cut_hole(near.geometries, near.position("parcel", uuid), hole))
    )
    edit = edited(
        project,
        lambda near: fill_hole(near.geometries, near.position("parcel", uuid), at(400, 250), as_new=True),
    )
    row = read_after(edit, "parcel").loc[edit.layers["parcel"].born[0]]
    assert row["parcel_no"] == "B-1"
    assert pd.isna(row["area_certified"])
    assert edit.descents == ()
    save(project, edit)
    assert read(project, "parcel").loc["B", "area_certified"] == 100_000.0


def test_a_polygon_drawn_among_neighbours_gets_its_values_and_they_their_points(project: Project) -> None:
    shape = rectangle(700, 100, 100, 200)
    edit = edited(
        project,
        lambda near: draw_polygon(near.geometries, shape, give_way=near.positions("parcel")),
        layer="parcel",
        values={"parcel_no": "N", "land_use_code": "100101", "land_use_scheme": "guide2023"},
    )
    save(project, edit)
    parcels = read(project, "parcel")
    assert parcels.area["N"] == pytest.approx(20_000.0)
    corner = shapely.get_coordinates(parcels.geometry["C"])
    assert (np.hypot(*(corner - np.array(at(700, 300))).T) < 1e-6).any()


def test_a_boundary_read_before_somebody_changed_it_is_refused(project: Project) -> None:
    near = around(project)
    result = move_vertex(near.geometries, at(300, 100), at(290, 100))
    with project.transaction("别人") as t:
        t.update("parcel", pd.DataFrame({"uuid": [uuid_of(project, "parcel", "A")], "holder": ["x"]}))
    with pytest.raises(ParkLineError, match="别人改动"):
        save(project, geometry_edit(project, near, result))
    with pytest.raises(ParkLineError, match="刚被改动"):
        geometry_edit(project, near, result, whole=True)


# --- inheritance as a function of areas -------------------------------------------------------------

AREAS = st.lists(st.floats(0.01, 1e7), min_size=2, max_size=9).map(np.array)


@given(st.floats(0.0, 1e9), AREAS)
def test_shares_add_up_to_the_figure_and_follow_the_areas(value: float, areas: np.ndarray) -> None:
    parts = shared(value, areas)
    assert sum(part or 0.0 for part in parts) == pytest.approx(value, rel=1e-15, abs=1e-9)
    assert np.array(parts, dtype=float) == pytest.approx(value * areas / areas.sum(), rel=1e-9, abs=1e-9)


@given(st.floats(0.0, 1e9), AREAS)
def test_what_split_shares_merge_sums(value: float, areas: np.ndarray) -> None:
    pieces = split_values(PARCEL_LAYER, {"parcel_no": "A", "area_certified": value}, areas, [])
    assert len({piece["parcel_no"] for piece in pieces}) == len(areas)
    whole, asked = merged_values(PARCEL_LAYER, pieces, areas)
    assert whole["area_certified"] == pytest.approx(value, rel=1e-12, abs=1e-9)
    assert set(asked) == {"parcel_no"}


@given(st.integers(1, 8), st.sets(st.integers(1, 12)))
def test_suffixes_are_new_in_order_and_never_taken(count: int, taken: set[int]) -> None:
    used = {f"A-{number}" for number in taken}
    found = suffixed("A", count, set(used))
    assert len(set(found)) == count
    assert not set(found) & used
    assert found == sorted(found, key=lambda text: int(text[2:]))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(110, 290), st.floats(110, 290), st.booleans())
def test_split_and_merge_keep_areas_and_certified_areas_and_undo_keeps_everything(
    project: Project, south: float, north: float, then_merge: bool
) -> None:
    before = content(project)
    old = read(project, "parcel")
    uuid = uuid_of(project, "parcel", "A")
    line = np.array([at(south, 50), at(north, 650)])
    edit = edited(project, lambda near: split(near.geometries, line, [near.position("parcel", uuid)]))
    save(project, edit)
    steps = 1
    new = read(project, "parcel")
    pieces = new.loc[["A-1", "A-2"]]
    assert pieces.area.sum() == pytest.approx(old.area["A"], rel=1e-12)
    assert pieces["area_ellipsoid"].sum() == pytest.approx(old.loc["A", "area_ellipsoid"], abs=1e-4)
    assert pieces["area_certified"].sum() == pytest.approx(100_050.0, rel=1e-14)
    if then_merge:
        again = merged(project, "A-1", "A-2")
        save(project, again.with_values("parcel", [again.questions[0].uuid], {"parcel_no": "A"}))
        steps += 1
        whole = read(project, "parcel").loc["A"]
        assert whole["area_certified"] == pytest.approx(100_050.0, rel=1e-14)
        assert shapely.equals(shapely.normalize(whole["geometry"]), shapely.normalize(old.geometry["A"]))
    for _ in range(steps):
        project.store.undo()
    assert content(project) == before


def test_the_plane_of_the_tests_is_that_of_the_project(project: Project) -> None:
    assert project.epsg == EPSG
