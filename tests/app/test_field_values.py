"""Values of a field beside the rows of the map, many and few, before and after an edit."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.canvas.field_values import FieldValues
from gis.draw.drawn_table import DrawnTable, build, refreshed
from gis.draw.flat import FlatLayer
from layers.project import Project
from layers.styling.numbers import Values
from tests.layers.checks.world import EPSG

_ROWS = 20_500  # more than are read at once


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    path = tmp_path_factory.mktemp("values") / "许多 地块.gpkg"
    with Project.create(path, epsg=EPSG, name="许多") as opened:
        side = np.arange(_ROWS)
        shapes = shapely.box(
            500_000 + side % 150 * 10,
            3_600_000 + side // 150 * 10,
            500_008 + side % 150 * 10,
            3_600_008 + side // 150 * 10,
        )
        stages = np.array(["standard_set", "announced", None], dtype=object)
        frame = gpd.GeoDataFrame(
            {"parcel_no": side.astype(str), "stage": stages[side % 3], "area_certified": side * 0.5},
            geometry=shapes,
            crs=EPSG,
        )
        with opened.transaction("insert") as transaction:
            transaction.insert("parcel", frame)
        yield opened


def _ready(values: FieldValues, drawn: DrawnTable, field: str, *, numeric: bool) -> list[Values]:
    there = threading.Event()
    values.on_ready = there.set
    found = values.get(drawn, field, numeric=numeric)
    if found is None:
        assert there.wait(30)
        found = values.get(drawn, field, numeric=numeric)
    assert found is not None
    return found


def _rows(project: Project, layer: FlatLayer) -> np.ndarray:
    """Numbers of the parcels in the order of the layer."""
    found = project.store.values("parcel", "parcel_no", layer.ids.tolist())
    return np.array([int(str(found[row])) for row in layer.ids.tolist()])


def test_many_rows_are_read_in_the_background_and_stand_beside_their_shapes(project: Project) -> None:
    drawn = build(project.store, "parcel", [])
    values = FieldValues(project.store)
    assert values.get(drawn, "stage", numeric=False) is None
    [stages] = _ready(values, drawn, "stage", numeric=False)
    numbers = _rows(project, drawn.layers[0])
    assert stages.codes is not None
    texts = np.array(stages.texts, dtype=object)[stages.codes]
    assert texts.tolist() == np.array(["standard_set", "announced", ""], dtype=object)[numbers % 3].tolist()
    [areas] = _ready(values, drawn, "area_certified", numeric=True)
    assert areas.numbers is not None
    np.testing.assert_array_equal(areas.numbers, numbers * 0.5)
    values.close()


def test_after_an_edit_only_the_new_rows_are_read(project: Project) -> None:
    drawn = build(project.store, "parcel", [])
    values = FieldValues(project.store)
    [before] = _ready(values, drawn, "stage", numeric=False)
    some = project.read("parcel", limit=2)
    some["stage"] = "sold"
    with project.transaction("edit") as transaction:
        transaction.update("parcel", some[["uuid", "stage"]])
    newer = refreshed(drawn, project.store)
    assert newer is not None
    found = values.get(newer, "stage", numeric=False)
    assert found is not None  # at once
    assert found[0] is before
    assert found[1].texts == ("sold",)
    values.close()
