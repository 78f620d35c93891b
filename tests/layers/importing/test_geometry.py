"""Geometry on its way into the plane: every row comes out valid and of the layer's kind, or with a reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.progress import Cancelled
from layers.importing.geometry import Landed, land
from layers.registry import layer
from layers.spec import LayerSpec
from tests.strategies import CENTRE, millimetre_floats, multipolygons, polygons

PARCEL = layer("parcel")


@st.composite
def scribbles(draw: st.DrawFn) -> shapely.Polygon:
    """A ring through any points: mostly crossing itself, now and then flat."""
    count = draw(st.integers(3, 8))
    points = [
        (CENTRE[0] + draw(millimetre_floats(-100, 100)), CENTRE[1] + draw(millimetre_floats(-100, 100)))
        for _ in range(count)
    ]
    return shapely.Polygon(points)


ANYTHING = st.one_of(
    polygons(), multipolygons(), scribbles(), st.none(),
    st.sampled_from([shapely.Point(*CENTRE), shapely.LineString([CENTRE, (1, 1)]), shapely.Polygon(),
                     shapely.GeometryCollection([shapely.Point(*CENTRE)])]),
)  # fmt: skip


def array(shapes: list[shapely.Geometry | None]) -> np.ndarray:
    result = np.empty(len(shapes), dtype=object)
    result[:] = shapes
    return result


def landed(
    shapes: list[shapely.Geometry | None], spec: LayerSpec = PARCEL, source: int = 4524, **options: Any
) -> Landed:
    """Geometries of the plane of EPSG:4545 handed over with zone prefix."""
    given_ = shapely.transform(array(shapes), lambda points: points + np.array([36_000_000.0, 0.0]))
    return land(given_, spec, source, 4545, **{"swapped": False, "accept_repairs": True, **options})


@given(st.lists(ANYTHING, max_size=8))
def test_every_row_comes_out_valid_and_of_its_kind_or_with_a_reason(
    shapes: list[shapely.Geometry | None],
) -> None:
    result = landed(shapes)
    for before, after, reason in zip(shapes, result.geometry, result.reasons, strict=True):
        if reason:
            continue
        assert after.is_valid
        assert after.geom_type in {"Polygon", "MultiPolygon"}
        if before.is_valid:
            assert after.equals_exact(before, 1e-6)
    proposed = {proposal.index for proposal in result.repairs}
    assert proposed == {i for i, shape in enumerate(shapes) if shape is not None and not shape.is_valid}


@given(st.lists(ANYTHING, max_size=8), st.integers(1, 3), st.booleans())
def test_portions_make_no_difference(
    shapes: list[shapely.Geometry | None], portion: int, accept: bool
) -> None:
    whole = landed(shapes, accept_repairs=accept)
    parts = landed(shapes, accept_repairs=accept, portion=portion)
    assert parts.reasons.tolist() == whole.reasons.tolist()
    assert [(item.index, item.area_after) for item in parts.repairs] == [
        (item.index, item.area_after) for item in whole.repairs
    ]
    assert (shapely.to_wkb(parts.geometry) == shapely.to_wkb(whole.geometry)).all()


@given(st.lists(scribbles(), min_size=1, max_size=4))
def test_a_declined_repair_takes_nothing_that_was_not_sent(shapes: list[shapely.Polygon]) -> None:
    result = landed(list(shapes), accept_repairs=False)
    for before, reason in zip(shapes, result.reasons, strict=True):
        assert bool(reason) == (not before.is_valid)


def test_a_cancel_between_portions_is_heard() -> None:
    seen: list[float] = []

    def progress(fraction: float, _message: str) -> None:
        seen.append(fraction)
        if len(seen) == 3:
            raise Cancelled

    points = array([shapely.Point(*CENTRE)] * 5)
    with pytest.raises(Cancelled):
        land(points, PARCEL, 4545, 4545, swapped=False, accept_repairs=True, progress=progress, portion=1)
    assert seen == pytest.approx([0.0, 0.2, 0.4])


def test_a_coordinate_that_is_no_number_costs_its_row_in_words() -> None:
    broken = shapely.from_wkt("POLYGON ((0 0, NaN 1, 1 1, 0 0))")
    result = landed([broken, shapely.box(*CENTRE, CENTRE[0] + 1, CENTRE[1] + 1)])
    assert "坐标不是数字" in result.reasons[0]
    assert result.reasons[1] == ""


def test_what_leaves_the_range_of_its_system_is_told_and_the_rest_lands() -> None:
    result = land(array([shapely.Point(109, 95), shapely.Point(109.03, 32.69)]), layer("observation"), 4490, 4545,
                  swapped=False, accept_repairs=True)  # fmt: skip
    assert "有效范围" in result.reasons[0]
    assert result.reasons[1] == ""
    assert (result.geometry[1].x, result.geometry[1].y) == pytest.approx((596594.20, 3618837.47), abs=0.01)
