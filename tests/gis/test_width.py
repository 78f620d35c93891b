"""The width of land as a property; figures of single shapes stand beside the comparison of snapshots."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.width import width
from tests.strategies import multipolygons, polygons, star_polygons


def test_rectangles_and_round_shapes() -> None:
    """A rectangle has its short side; a circle, rounder than a square, √(area) at least and its diameter at most."""
    circle = shapely.buffer(shapely.Point(0, 0), 50, quad_segs=64)
    found = width([shapely.box(0, 0, 12, 700), shapely.box(0, 0, 5, 5), circle])
    assert found[:2] == pytest.approx([12.0, 5.0])
    assert math.sqrt(math.pi) * 50 - 0.1 <= found[2] <= 100


def test_a_hole_makes_a_ring_a_strip() -> None:
    """A frame 1 m wide round 98 m × 98 m: A = 100² - 98² = 396, P/2 = 2·(100 + 98) = 396, so it is 1.0 m wide."""
    frame = shapely.box(0, 0, 100, 100).difference(shapely.box(1, 1, 99, 99))
    assert width([frame]) == pytest.approx([1.0], rel=0.01)


@settings(max_examples=40, deadline=None)
@given(star_polygons(), st.floats(0.01, 100), st.floats(0, 360))
def test_width_grows_with_the_shape_and_does_not_turn_with_it(
    shape: shapely.Polygon, scale: float, angle: float
) -> None:
    here = shapely.affinity.translate(shape, -shape.centroid.x, -shape.centroid.y)
    other = shapely.affinity.rotate(
        shapely.affinity.scale(here, scale, scale, origin=(0, 0)), angle, origin=(0, 0)
    )
    first, second = width([here, other])
    assert second == pytest.approx(first * scale, rel=0.05)  # inscribed circles are found to 2 %


@settings(max_examples=40, deadline=None)
@given(st.lists(polygons() | multipolygons(), min_size=1, max_size=5), st.floats(0.5, 120))
def test_a_limit_decides_as_the_full_width_does(shapes: list[shapely.Geometry], limit: float) -> None:
    full, decided = width(shapes), width(shapes, limit=limit)
    clear = np.abs(full / limit - 1) > 0.03  # within the precision of the circle, either answer is right
    assert ((full >= limit) == (decided >= limit))[clear].all()
    assert (decided <= full * 1.03).all()


@settings(max_examples=40, deadline=None)
@given(polygons())
def test_width_lies_between_the_strip_and_the_circle_of_the_same_area(shape: shapely.Polygon) -> None:
    found = width([shape])[0]
    assert 2 * shape.area / shape.length <= found <= 2 * math.sqrt(shape.area / math.pi) * 1.001
