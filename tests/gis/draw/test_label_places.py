"""Labels stand inside their polygon, where there is most room; the oracle is shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.draw.flat import FlatBuilder, FlatLayer
from gis.draw.label_places import label_places
from gis.draw.view import View
from gis.store.blob import encode

_VIEW = View(50.0, 50.0, 0.5, 200, 200)  # 0..100 m, two pixels a metre


def _layer(shape: shapely.Geometry) -> FlatLayer:
    builder = FlatBuilder((0.0, 0.0))
    builder.add(encode(np.array([shape], dtype=object), 4545), [1], [0])
    return builder.finish()


def _place(shape: shapely.Geometry) -> tuple[float, float, float]:
    """East, north and free width in metres."""
    x, y, width = label_places(_layer(shape), np.array([0]), _VIEW)[0]
    return x / 2, 100 - y / 2, width / 2


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(-40, 140), st.integers(-40, 140)), min_size=4, max_size=9, unique=True))
def test_the_place_is_inside_and_its_width_is_free(corners: list[tuple[int, int]]) -> None:
    shape = shapely.make_valid(shapely.Polygon(corners))
    seen = shapely.intersection(shape, shapely.box(0, 0, 100, 100))
    if shape.geom_type != "Polygon" or seen.area < 200:
        return
    x, y, width = _place(shape)
    if width == 0.0:  # none of the lines tried meets the part in view
        return
    assert seen.buffer(0.01).contains(
        shapely.LineString([(x - width / 2 + 0.01, y), (x + width / 2 - 0.01, y)])
    )


def test_an_l_is_labelled_in_its_arm_and_not_in_the_empty_middle_of_its_box() -> None:
    """An L of arms 20 wide: the middle of its box (50, 50) lies outside; the upright arm is free from 10 to 30."""
    shape = shapely.Polygon([(10, 10), (90, 10), (90, 30), (30, 30), (30, 90), (10, 90)])
    assert _place(shape) == pytest.approx((20, 50, 20))


def test_a_polygon_larger_than_the_view_is_labelled_in_what_is_seen_of_it() -> None:
    assert _place(shapely.box(-500, 40, 60, 700)) == pytest.approx((30, 70, 60))


def test_a_hole_is_no_room() -> None:
    """A square with a large hole in its middle: left and right of it 20 are free."""
    square = shapely.box(0, 0, 100, 100)
    x, _y, width = _place(square.difference(shapely.box(20, 10, 80, 90)))
    assert width == pytest.approx(20)
    assert abs(x - 50) == pytest.approx(40)
