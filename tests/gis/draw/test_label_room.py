"""Labels neither touch each other nor the lines that matter."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.draw.label_room import LabelRoom, leader_to, segments, turned_boxes

FRAME = (0.0, 0.0, 100.0, 100.0)
NOTHING = np.empty(0, dtype=object)
NO_LEADER = np.full((1, 2), np.nan)


def test_a_turned_box_has_its_size_and_its_middle() -> None:
    box = turned_boxes(np.array([[10.0, 20.0]]), 6.0, 2.0, 30.0)[0]
    assert box.mean(axis=0).tolist() == pytest.approx([10.0, 20.0])
    assert np.hypot(*(box[1] - box[0])) == pytest.approx(6.0)
    assert np.degrees(np.arctan2(*(box[1] - box[0])[::-1])) == pytest.approx(30.0)


def test_polygons_and_lines_come_apart_into_single_segments() -> None:
    shapes = [shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (1, 0), (2, 1)]), shapely.Point(0, 0)]
    assert len(segments(np.array(shapes, dtype=object))) == 6


def test_the_cheapest_free_place_is_taken_and_then_occupied() -> None:
    room = LabelRoom(FRAME, NOTHING, NOTHING)
    boxes = turned_boxes(np.array([[20.0, 20.0], [50.0, 50.0]]), 10.0, 3.0)
    prices = np.array([1.0, 0.0])
    assert [room.place(boxes, prices) for _ in range(3)] == [1, 0, None]


def test_a_label_never_leaves_the_frame_or_stands_on_a_wall_but_may_cross_an_avoided_line() -> None:
    wall, avoided = shapely.box(40, 40, 60, 60), shapely.LineString([(0, 80), (100, 80)])
    room = LabelRoom(FRAME, np.array([wall], dtype=object), np.array([avoided], dtype=object))
    places = np.array([[2.0, 50.0], [40.0, 50.0], [20.0, 80.0], [20.0, 20.0]])
    boxes = turned_boxes(places, 10.0, 3.0)
    assert room.place(boxes, np.array([0.0, 0.1, 0.2, 0.5])) == 3
    assert room.place(boxes, np.array([0.0, 0.1, 0.2, 0.5])) == 2
    assert room.place(boxes, np.array([0.0, 0.1, 0.2, 0.5])) is None


def test_a_leader_crosses_neither_a_wall_nor_a_label() -> None:
    wall = np.array([shapely.LineString([(30, 0), (30, 100)])], dtype=object)
    start = np.array([[10.0, 50.0]])
    beyond = turned_boxes(np.array([[50.0, 50.0]]), 10.0, 3.0)
    assert LabelRoom(FRAME, wall, NOTHING).place(beyond, np.zeros(1), start) is None
    assert LabelRoom(FRAME, wall, NOTHING).place(beyond, np.zeros(1), NO_LEADER) == 0
    room = LabelRoom(FRAME, NOTHING, NOTHING)
    room.take(shapely.box(25, 45, 35, 55))
    assert room.place(beyond, np.zeros(1), start) is None


def test_a_leader_joins_its_start_to_the_nearest_side_of_the_box() -> None:
    box = turned_boxes(np.array([[50.0, 50.0]]), 10.0, 4.0)[0]
    leader = leader_to(box, np.array([50.0, 30.0]))
    assert leader[:, 0].tolist() == [50.0, 50.0]
    assert 30.0 < leader[0, 1] < 31.0
    assert 47.0 < leader[1, 1] < 48.0


@given(
    st.lists(
        st.tuples(st.floats(5, 95), st.floats(5, 95), st.floats(2, 20), st.floats(1, 6), st.floats(-90, 90)),
        min_size=2,
        max_size=25,
    )
)
def test_whatever_is_placed_never_overlaps(wanted: list[tuple[float, float, float, float, float]]) -> None:
    room = LabelRoom(FRAME, NOTHING, NOTHING)
    placed = []
    for x, y, width, height, angle in wanted:
        boxes = turned_boxes(np.array([[x, y]]), width, height, angle)
        if room.place(boxes, np.zeros(1)) is not None:
            placed.append(shapely.Polygon(boxes[0]))
    shapes = np.array([*placed, None], dtype=object)[:-1]  # an array of objects even where none had room
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (left == right).all()
    assert all(shapely.box(*FRAME).covers(shape) for shape in placed)
