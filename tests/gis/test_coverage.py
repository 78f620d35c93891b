"""Overlaps and gaps of a layer, with figures worked out by hand and held against GEOS."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.affinity import rotate
from shapely.geometry import Point, Polygon, box

from gis.coverage import Neighbours

E, N = 596_600.0, 3_618_700.0


def square(east: float, north: float, width: float = 10.0, height: float = 10.0) -> Polygon:
    return box(E + east, N + north, E + east + width, N + north + height)


def layer(*shapes: object) -> NDArray[np.object_]:
    return np.array([*shapes, None], dtype=object)[:-1]


def test_a_strip_that_two_parcels_share_is_found_and_one_below_the_width_is_not() -> None:
    """0.2 m × 10 m shared with the second, 0.04 m × 10 m with the third."""
    found = Neighbours(layer(square(0, 0), square(9.8, 0), square(0, 9.96)), 1.0).overlaps(0.05)
    assert (found.first.tolist(), found.second.tolist()) == ([0], [1])
    assert shapely.area(found.geometry[0]) == pytest.approx(2.0)


def test_a_parcel_within_another_overlaps_by_all_of_it_and_a_twin_too() -> None:
    found = Neighbours(layer(square(0, 0), square(2, 2, 3, 3), square(0, 0)), 1.0).overlaps(0.05)
    areas = dict(zip(zip(found.first.tolist(), found.second.tolist(), strict=True), shapely.area(found.geometry), strict=True))  # fmt: skip
    assert areas == pytest.approx({(0, 1): 9.0, (0, 2): 100.0, (1, 2): 9.0})


def test_neighbours_that_touch_along_an_edge_in_a_corner_or_around_a_bend_do_not_overlap() -> None:
    bent = Polygon([(E + x, N + y) for x, y in [(10, 0), (20, 0), (20, 20), (0, 20), (0, 10), (10, 10)]])
    for shapes in (
        layer(square(0, 0), square(10, 0)),
        layer(square(0, 0), square(10, 10)),
        layer(square(0, 0), bent),
    ):
        neighbours = Neighbours(shapes, 1.0)
        assert len(neighbours.overlaps(0.05).first) == 0
        assert len(neighbours.gaps(0.05, 1.0).first) == 0


def test_a_strip_between_two_parcels_is_a_gap_and_a_lane_is_none() -> None:
    """0.4 m × 10 m = 4 m²; 1.2 m is wider than asked for; 0.03 m narrower."""
    found = Neighbours(layer(square(0, 0), square(10.4, 0)), 1.0).gaps(0.05, 1.0)
    assert (found.first.tolist(), found.second.tolist()) == ([0], [1])
    assert shapely.area(found.geometry[0]) == pytest.approx(4.0)
    for apart in (1.2, 0.03):
        assert len(Neighbours(layer(square(0, 0), square(10 + apart, 0)), 1.0).gaps(0.05, 1.0).first) == 0


def test_a_wedge_and_a_gap_along_a_bend_are_found_whole() -> None:
    """From 0 to 0.6 m over 10 m: 3 m².

    Along the bend 0.5 m wide: 10.5 × 10.5 − 10 × 10 = 10.25 m², less the 0.5 m square at the corner, which lies
    before no edge.
    """
    wedge = Polygon([(E + 10, N), (E + 20, N), (E + 20, N + 10), (E + 10.6, N + 10)])
    found = Neighbours(layer(square(0, 0), wedge), 1.0).gaps(0.05, 1.0)
    assert shapely.area(found.geometry[0]) == pytest.approx(3.0)
    around = Polygon(
        [(E + x, N + y) for x, y in [(10.5, 0), (20, 0), (20, 20), (0, 20), (0, 10.5), (10.5, 10.5)]]
    )
    found = Neighbours(layer(square(0, 0), around), 1.0).gaps(0.05, 1.0)
    assert shapely.area(found.geometry).sum() == pytest.approx(10.0, abs=0.3)


def test_a_gap_that_a_third_parcel_fills_is_none_and_what_it_leaves_is() -> None:
    left, right = square(0, 0), square(10.8, 0)
    assert len(Neighbours(layer(left, right, square(10, 0, 0.8)), 1.0).gaps(0.05, 1.0).first) == 0
    found = Neighbours(layer(left, right, square(10, 0, 0.8, 4)), 1.0).gaps(0.05, 1.0)
    assert shapely.area(found.geometry).sum() == pytest.approx(0.8 * 6)


def test_a_street_corner_cut_off_and_the_mouth_of_a_notch_are_no_gaps() -> None:
    chamfered = Polygon([(E + x, N + y) for x, y in [(10, 0), (20, 0), (20, 10), (13, 10), (10, 7)]])
    assert len(Neighbours(layer(square(0, 0), chamfered), 1.0).gaps(0.05, 1.0).first) == 0


def test_missing_empty_and_other_geometries_are_nobody_s_neighbours() -> None:
    shapes = layer(None, square(0, 0), Point(E + 5, N + 5), Polygon(), square(9, 0))
    neighbours = Neighbours(shapes, 1.0)
    assert (neighbours.first.tolist(), neighbours.second.tolist()) == ([1], [4])
    assert shapely.area(neighbours.overlaps(0.05).geometry[0]) == pytest.approx(10.0)
    with pytest.raises(ValueError, match="asked for"):
        neighbours.gaps(0.05, 2.0)
    assert len(Neighbours(layer(), 1.0).overlaps(0.05).first) == 0


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0, 40), st.floats(0, 40), st.floats(3, 15), st.floats(3, 15), st.floats(0, 3.1)),
        min_size=2,
        max_size=7,
    )
)
def test_overlaps_are_those_that_geos_finds_pair_by_pair(
    boxes: list[tuple[float, float, float, float, float]],
) -> None:
    """Rectangles turned about their middles; a piece near the least width may fall on either side."""
    shapes = layer(*(rotate(square(x, y, w, h), angle, use_radians=True) for x, y, w, h, angle in boxes))
    found = Neighbours(shapes, 1.0).overlaps(0.05)
    mine = {(a, b): shapely.area(g) for a, b, g in zip(found.first.tolist(), found.second.tolist(), found.geometry, strict=True)}  # fmt: skip
    for a in range(len(shapes)):
        for b in range(a + 1, len(shapes)):
            whole = shapely.area(shapely.intersection(shapes[a], shapes[b]))
            if (a, b) in mine:
                assert mine[a, b] == pytest.approx(whole, abs=1e-6)
            else:
                assert whole < 0.06 * 25
