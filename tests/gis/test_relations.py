"""Relations to the millimetre: worked out by hand, and against shapely's exact predicates."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from gis.relations import Relation, Relations
from tests.strategies import star_polygons

X, Y = 596_600.0, 3_618_800.0


def place(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: points + np.array([X, Y]))


# Ten by ten metres from the origin, and what lies round it.
REFERENCE = place(box(0, 0, 10, 10))
CASES = {
    "in the middle": (box(2, 2, 4, 4), {"inside", "overlaps"}),
    "the same": (box(0, 0, 10, 10), {"inside", "overlaps"}),
    "along an edge inside": (box(0, 2, 3, 4), {"inside", "overlaps"}),
    "sticking out by half a millimetre": (box(-0.0005, 2, 3, 4), {"inside", "overlaps"}),
    "sticking out by two millimetres": (box(-0.002, 2, 3, 4), {"overlaps"}),
    "half in": (box(5, 5, 15, 15), {"overlaps"}),
    "round it": (box(-5, -5, 15, 15), {"overlaps"}),
    "neighbour": (box(10, 0, 20, 10), {"touches"}),
    "neighbour overlapping by half a millimetre": (box(9.9995, 0, 20, 10), {"touches"}),
    "neighbour half a millimetre away": (box(10.0005, 0, 20, 10), {"touches"}),
    "neighbour overlapping by two millimetres": (box(9.998, 0, 20, 10), {"overlaps"}),
    "at a corner": (box(10, 10, 20, 20), {"touches"}),
    "two millimetres away": (box(10.002, 0, 20, 10), set()),
    "far": (box(60, 0, 70, 10), set()),
    "a point inside": (Point(5, 5), {"inside", "overlaps"}),
    "a point on the boundary": (Point(0, 5), {"inside", "overlaps"}),
    "a point outside": (Point(30, 5), set()),
    "a road through": (LineString([(-5, 5), (15, 5)]), {"overlaps"}),
    "a road along": (LineString([(-5, 10), (15, 10)]), {"touches"}),
}


@pytest.mark.parametrize("name", CASES)
def test_each_case_stands_in_the_relations_that_a_surveyor_would_name(name: str) -> None:
    shape, expected = CASES[name]
    lefts, others = np.array([place(shape)], dtype=object), np.array([REFERENCE], dtype=object)
    held = {
        relation.value
        for relation in (Relation.INSIDE, Relation.OVERLAPS, Relation.TOUCHES)
        if Relations(others, relation).hold(lefts)[0]
    }
    assert held == expected


def test_the_distance_counts_from_edge_to_edge() -> None:
    shapes = np.array([place(box(60, 0, 70, 10)), place(box(5, 5, 6, 6)), None, Point()], dtype=object)
    others = np.array([REFERENCE], dtype=object)
    assert Relations(others, Relation.WITHIN_DISTANCE, 50.0).hold(shapes).tolist() == [
        True,
        True,
        False,
        False,
    ]
    assert Relations(others, Relation.WITHIN_DISTANCE, 49.9).hold(shapes).tolist() == [
        False,
        True,
        False,
        False,
    ]


def test_nothing_is_its_own_neighbour() -> None:
    row = np.array([place(box(x, 0, x + 10, 10)) for x in (0, 10, 40)], dtype=object)
    same = np.arange(3)
    assert Relations(row, Relation.TOUCHES).hold(row, same).tolist() == [True, True, False]
    assert Relations(row, Relation.OVERLAPS).hold(row, same).tolist() == [False, False, False]
    assert Relations(row, Relation.OVERLAPS).hold(row).all()


def test_an_outline_that_crosses_itself_is_asked_as_the_land_that_it_holds() -> None:
    bow = place(shapely.Polygon([(1, 1), (4, 4), (4, 1), (1, 4)]))
    lefts, others = np.array([bow], dtype=object), np.array([REFERENCE], dtype=object)
    assert Relations(others, Relation.INSIDE).hold(lefts).all()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(star_polygons(), min_size=1, max_size=3), st.lists(star_polygons(), min_size=1, max_size=3))
def test_off_the_last_millimetre_the_answers_are_shapelys(
    lefts: list[shapely.Polygon], others: list[shapely.Polygon]
) -> None:
    """Pairs whose common land or rest is slighter than a centimetre are left aside."""
    first, second = np.array(lefts, dtype=object), np.array(others, dtype=object)
    pairs = [(one, other) for one in lefts for other in others]
    if any(
        0 < part.area < 0.01 * part.length
        for one, other in pairs
        for part in (shapely.intersection(one, other), shapely.difference(one, other))
    ):
        return
    overlapping = [any(one.intersection(other).area > 0 for other in others) for one in lefts]
    inside = [any(one.covered_by(other) for other in others) for one in lefts]
    assert Relations(second, Relation.OVERLAPS).hold(first).tolist() == overlapping
    assert Relations(second, Relation.INSIDE).hold(first).tolist() == inside
