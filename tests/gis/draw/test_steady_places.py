"""Labels keep their place in the land while one pans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.draw.flat import FlatBuilder, FlatLayer
from gis.draw.label_places import steady_places
from gis.draw.view import View
from gis.store.blob import encode

_VIEW = View(50.0, 50.0, 0.5, 200, 200)  # 0..100 m, two pixels a metre


def _layer(*shapes: shapely.Geometry) -> FlatLayer:
    builder = FlatBuilder((0.0, 0.0))
    builder.add(
        encode(np.array([*shapes, None], dtype=object)[:-1], 4545), range(len(shapes)), [0] * len(shapes)
    )
    return builder.finish()


def _in_land(layer: FlatLayer, view: View) -> tuple[float, float, float]:
    """East, north and size of the label of the first feature, in metres."""
    x, y, _free, _high, size = steady_places(layer, np.array([0]), view)[0]
    west, _, _, north = view.extent
    return west + x * view.resolution, north - y * view.resolution, size * view.resolution


@settings(max_examples=60, deadline=None)
@given(st.integers(5, 70), st.integers(5, 70), st.integers(-80, 80), st.integers(-80, 80))
def test_the_label_of_a_feature_smaller_than_the_view_never_moves(
    wide: int, high: int, dx: int, dy: int
) -> None:
    layer = _layer(shapely.box(20, 20, 20 + wide, 20 + high))
    moved = replace(_VIEW, x=_VIEW.x + dx, y=_VIEW.y + dy)
    assert _in_land(layer, moved) == pytest.approx(_in_land(layer, _VIEW), abs=1e-6)
    assert _in_land(layer, _VIEW)[:2] == pytest.approx((20 + wide / 2, 20 + high / 2), abs=1e-6)


def test_a_feature_larger_than_the_view_is_labelled_at_its_place_or_in_what_is_seen() -> None:
    layer = _layer(shapely.box(-500, -300, 600, 400))
    assert _in_land(layer, _VIEW)[:2] == pytest.approx((50, 50))  # its middle is in view
    far = replace(_VIEW, x=500.0)  # sees 450 to 550
    east, north, size = _in_land(layer, far)
    assert (east, north) == pytest.approx((500, 50))
    assert size == pytest.approx(_in_land(layer, _VIEW)[2])  # precedence does not change


def test_points_have_endless_room() -> None:
    found = steady_places(_layer(shapely.Point(10, 20)), np.array([0]), _VIEW)[0]
    assert found[:3].tolist() == [20.0, 160.0, np.inf]
