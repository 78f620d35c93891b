"""Any sequence of edits: neighbours of all layers stay joined, areas and certified areas are kept, undo gives it all back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.editing.merge import merge
from gis.editing.result import EditError, EditResult
from gis.editing.shared_vertices import move_vertex, move_vertices
from gis.editing.split import split
from layers.editing.neighbourhood import JOINED, Neighbourhood, neighbourhood
from layers.editing.reshaping import geometry_edit
from layers.editing.save import save
from layers.editing.unit_figures import unit_figures
from layers.project import Project
from tests.layers.editing.city import at, content, read, uuid_of
from tests.strategies import millimetre_floats
from tests.tessellations import assert_joined

AROUND = (*at(-50, -50), *at(1200, 1100))
LAYERS = ("park", "parcel", "factory")
Step = Callable[[Neighbourhood], EditResult]

places = st.tuples(millimetre_floats(120, 680), millimetre_floats(120, 580))


def moving(number: int, east: float, north: float) -> Step:
    """Some vertex of some geometry goes some metres away."""

    def step(near: Neighbourhood) -> EditResult:
        points = np.unique(shapely.get_coordinates(near.geometries), axis=0)
        start = points[number % len(points)]
        goal = (float(start[0] + east), float(start[1] + north))
        return move_vertex(near.geometries, (float(start[0]), float(start[1])), goal)

    return step


def cutting(start: tuple[float, float], end: tuple[float, float]) -> Step:
    """Parcels are cut by a line through two places, drawn out to both sides."""
    one, other = np.array(at(*start)), np.array(at(*end))
    way = (other - one) / max(float(np.hypot(*(other - one))), 1.0)
    line = np.array([one - 900 * way, other + 900 * way])
    return lambda near: split(near.geometries, line, near.positions("parcel"))


def joining(number: int) -> Step:
    """Some parcel and one that touches it become one."""

    def step(near: Neighbourhood) -> EditResult:
        parcels = near.positions("parcel")
        first = parcels[number % len(parcels)]
        shapes = near.geometries
        touching = [
            other
            for other in parcels
            if other != first and shapely.relate_pattern(shapes[first], shapes[other], "****1****")
        ]
        return merge(shapes, [first, *touching[:1]])

    return step


steps = st.one_of(
    st.builds(moving, st.integers(0, 200), millimetre_floats(-15, 15), millimetre_floats(-15, 15)),
    st.builds(cutting, places, places),
    st.builds(joining, st.integers(0, 20)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=1, max_size=6))
def test_any_sequence_of_edits_can_be_taken_back_and_opens_no_gap(
    project: Project, sequence: list[Step]
) -> None:
    _joined(project)
    before = content(project)
    certified = read(project, "parcel")["area_certified"].sum()
    covered = shapely.union_all(read(project, "parcel").geometry.to_numpy()).area
    saved = 0
    for step in sequence:
        near = neighbourhood(project, LAYERS, AROUND)
        try:
            result = step(near)
        except EditError:  # the kernel refuses what would cross, swallow or divide
            continue
        edit = geometry_edit(project, near, result).with_proposals()
        for number, uuid in enumerate(edit.layers["parcel"].born if "parcel" in edit.layers else []):
            edit = edit.with_values("parcel", [uuid], {"parcel_no": f"N{saved}-{number}"})
        saved += save(project, edit, reason="示例理由") is not None
        after = neighbourhood(project, LAYERS, AROUND)
        assert shapely.is_valid(after.geometries).all()
        assert_joined(after.geometries)
        if edit.descents:
            parcels = read(project, "parcel")
            assert shapely.union_all(parcels.geometry.to_numpy()).area == pytest.approx(covered, rel=1e-9)
            assert shapely.area(parcels.geometry.to_numpy()).sum() == pytest.approx(covered, rel=1e-9)
            kinds = {descent.operation for descent in edit.descents}
            if kinds == {"split"}:
                assert parcels["area_certified"].sum() == pytest.approx(certified, rel=1e-12)
        certified = read(project, "parcel")["area_certified"].sum()
        covered = shapely.union_all(read(project, "parcel").geometry.to_numpy()).area
    for _ in range(saved):
        assert project.store.undo() is not None
    assert content(project) == before
    project.store.undo()  # the joints of the beginning


def _joined(project: Project) -> None:
    """Corners of parcels and of the factory lie on edges of the park and of each other, as imported data do."""
    near = neighbourhood(project, LAYERS, AROUND)
    points = np.unique(shapely.get_coordinates(near.geometries), axis=0)
    save(project, geometry_edit(project, near, move_vertices(near.geometries, points, points)))
    assert_joined(neighbourhood(project, LAYERS, AROUND).geometries)


def test_an_edit_of_boundaries_alone_holds_nothing_else_and_is_laid_over_whole_tables(
    project: Project,
) -> None:
    near = neighbourhood(project, JOINED, (*at(95, 95), *at(105, 105)))
    edit = geometry_edit(project, near, move_vertex(near.geometries, at(100, 100), at(90, 100)))
    factories = edit.layers["factory"]
    assert not factories.whole
    assert sorted(factories.after.columns) == ["geometry", "uuid"]
    table = project.read("factory")
    laid = factories.laid_over(table).set_index("uuid")
    uuid = uuid_of(project, "factory", "F1")
    assert laid.loc[uuid, "gross_floor_area"] == 20_000.0
    assert laid.geometry[uuid].area == pytest.approx(10_250.0)
    assert len(laid) == len(table)
    assert not any(item.changed for item in unit_figures(project, edit))
    with pytest.raises(KeyError, match="boundaries"):
        edit.with_values("factory", [uuid], {"name": "x"})
    whole = geometry_edit(project, near, move_vertex(near.geometries, at(100, 100), at(90, 100)), whole=True)
    save(project, whole.with_values("factory", [uuid], {"name": "示例厂房"}))
    row = read(project, "factory").loc["F1"]
    assert (row["name"], row["geometry"].area) == ("示例厂房", pytest.approx(10_250.0))
    assert isinstance(whole.layers["parcel"].after, pd.DataFrame)
