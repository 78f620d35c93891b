"""Boxes that meet, told by shapely's tree."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.box_tree import BoxTree

# Whole numbers: boxes that touch in a side or a corner are common.
BOXES = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 12), st.integers(0, 12)), max_size=90
)
NONE = np.full((1, 4), np.nan)


def boxes_of(rows: list[tuple[int, int, int, int]]) -> np.ndarray:
    x, y, width, height = np.array(rows, dtype=float).reshape(-1, 4).T
    return np.column_stack([x, y, x + width, y + height])


def sorted_pairs(first: np.ndarray, second: np.ndarray) -> list[tuple[int, int]]:
    return sorted(zip(first.tolist(), second.tolist(), strict=True))


def listed(pairs: tuple[np.ndarray, np.ndarray]) -> list[tuple[int, int]]:
    return list(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(BOXES, BOXES)
def test_who_meets_whom_is_what_shapely_finds(rows: list, asked: list) -> None:
    tree, others = boxes_of(rows), boxes_of(asked)
    expected = shapely.STRtree(shapely.box(*tree.T)).query(shapely.box(*others.T))
    assert listed(BoxTree(tree).meeting(others)) == sorted_pairs(*expected)


@settings(max_examples=60, deadline=None)
@given(BOXES, st.integers(0, 5))
def test_pairs_within_a_reach_are_those_that_a_wider_box_meets(rows: list, reach: int) -> None:
    boxes = boxes_of(rows)
    wider = shapely.box(*(boxes + np.array([-reach, -reach, reach, reach])).T)
    first, second = shapely.STRtree(shapely.box(*boxes.T)).query(wider)
    assert listed(BoxTree(boxes).near(reach)) == sorted_pairs(first[first < second], second[first < second])


def test_many_boxes_are_asked_in_parts() -> None:
    """400 × 400 squares of 1 m that touch: 2 · 400 · 399 neighbours across a side, 2 · 399² across a corner."""
    column, row = np.divmod(np.arange(160_000), 400)
    boxes = np.column_stack([column, row, column + 1, row + 1]).astype(float)
    tree = BoxTree(boxes)
    first, second = tree.near(0.0)
    assert len(first) == 2 * 400 * 399 + 2 * 399**2
    assert listed((first, second)) == sorted_pairs(first, second)
    asked, found = tree.meeting(boxes)
    assert len(asked) == 2 * len(first) + len(boxes)
    one = int(asked.searchsorted(401))
    assert found[one : one + 9].tolist() == [0, 1, 2, 400, 401, 402, 800, 801, 802]


def test_one_box_that_meets_all_has_them_in_order() -> None:
    boxes = boxes_of([(0, 0, 500, 9), *((499 - at, 1, 0, 1) for at in range(500))])
    assert listed(BoxTree(boxes).near(0.0)) == [(0, other) for other in range(1, 501)]


def test_what_is_no_box_meets_nothing() -> None:
    boxes = np.concatenate([NONE, boxes_of([(0, 0, 4, 4), (2, 2, 4, 4)]), NONE])
    assert listed(BoxTree(boxes).near(100.0)) == [(1, 2)]
    assert listed(BoxTree(boxes).meeting(boxes)) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    for nothing in (np.empty((0, 4)), NONE, np.concatenate([NONE, NONE])):
        assert listed(BoxTree(nothing).near(1.0)) == listed(BoxTree(nothing).meeting(boxes)) == []
        assert listed(BoxTree(boxes).meeting(nothing)) == []
