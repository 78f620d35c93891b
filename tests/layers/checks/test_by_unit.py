"""In which unit each of many rows lies, against the pieces of every row in every unit."""

from __future__ import annotations

import numpy as np
import shapely

from gis.overlay import overlay
from layers.checks.by_unit import homes, placed
from tests.layers.checks.world import POLICY, rectangle, table, units


def test_most_rows_are_placed_without_a_piece_and_all_as_their_pieces_say() -> None:
    """3 000 rectangles over the three units, on their borders and beside them; one without land, one a point."""
    random = np.random.default_rng(5)
    east, north, wide = (
        random.uniform(-6000, 16_000, 3000),
        random.uniform(-6000, 6000, 3000),
        random.uniform(1, 900, 3000),
    )
    shapes = [rectangle(*row, 100.0) for row in zip(east, north, wide, strict=True)]
    shapes += [None, shapely.centroid(shapes[0]), rectangle(2000, 0, 2000, 2000)]
    frame, tree = table([{"geometry": shape} for shape in shapes]), units()
    home, pieces = homes(frame, tree)

    every = overlay(np.array(shapes, dtype=object), tree.net)
    shared = np.zeros((len(shapes), len(tree)))
    shared[every.left, every.right] = shapely.area(every.geometry)
    expected = np.where(shared.max(axis=1) > 0, shared.argmax(axis=1), -1)
    assert home.tolist() == expected.tolist()
    # What lies across a border or outside has its pieces, and only few others have.
    split = (shared > 0).sum(axis=1) > 1
    assert set(np.flatnonzero(split)) <= set(pieces.left.tolist())
    assert len(set(pieces.left.tolist())) < 0.3 * len(shapes)
    mine = np.isin(every.left, pieces.left)
    assert pieces.left.tolist() == every.left[mine].tolist()
    assert pieces.right.tolist() == every.right[mine].tolist()
    np.testing.assert_allclose(shapely.area(pieces.geometry), shapely.area(every.geometry[mine]))


def test_rows_have_the_same_units_whether_all_or_some_were_asked_for() -> None:
    shapes = [rectangle(500 * at, -200 * at, 300, 300) for at in range(24)]
    rows = [{"geometry": shape, "unit": "石泉县"} for shape in [*shapes, None]]
    target = POLICY.target("standard_land_indicators")
    every = np.ones(len(rows), dtype=bool)
    some = placed("parcel", table(rows), every, units(), target, ("unit",))
    frame, tree = table(rows), units()
    homes(frame, tree)
    known = placed("parcel", frame, every, tree, target, ("unit",))
    assert known.unit.tolist() == some.unit.tolist()
    assert known.unit[-1] == tree.codes.index("610922")  # without an outline what it says counts
    assert list(known.frame.columns) == ["unit"]
