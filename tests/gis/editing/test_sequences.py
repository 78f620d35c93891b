"""Any sequence of edits leaves a tessellation joined: JTS's coverage checker and a look at every vertex."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.editing.holes import cut_hole
from gis.editing.merge import merge
from gis.editing.reshape import reshape
from gis.editing.result import EditError, EditResult, applied
from gis.editing.shared_vertices import add_vertex, move_vertex, remove_vertex
from gis.editing.split import split
from tests.tessellations import LAND, as_array, assert_joined, tessellations

Pick = tuple[int, int, float, float]

KEEPS_AREA = {"add", "split", "split at corners", "merge", "hole"}


def corner(land: np.ndarray, number: int) -> np.ndarray:
    points = np.unique(shapely.get_coordinates(land), axis=0)
    return points[number % len(points)]


def on_edge(land: np.ndarray, number: int, share: float) -> np.ndarray:
    part = shapely.get_parts(land[number % len(land)])[0]
    ring = shapely.get_coordinates(part.exterior)
    edge = (number // len(land)) % (len(ring) - 1)
    return ring[edge] + share * (ring[edge + 1] - ring[edge])


def across(land: np.ndarray, pick: Pick) -> EditResult:
    """From a point on one edge to a point on another, by the middle of the land."""
    number, other, share, bend = pick
    middle = np.array(shapely.union_all(land).centroid.coords[0]) + bend
    return split(land, [on_edge(land, number, share), middle, on_edge(land, other, 1 - share)])


def line_between_corners(land: np.ndarray, pick: Pick) -> list[np.ndarray]:
    number, other, _, bend = pick
    first, last = corner(land, number), corner(land, other)
    way = last - first
    return [first - way * 0.01, (first + last) / 2 + bend, last + way * 0.01]


def between_corners(land: np.ndarray, pick: Pick) -> EditResult:
    return split(land, line_between_corners(land, pick))


def merged(land: np.ndarray, pick: Pick) -> EditResult:
    target = pick[0] % len(land)
    beside = [index for index in range(len(land)) if index != target]
    shared = shapely.length(shapely.intersection(shapely.boundary(land[beside]), land[target].boundary))
    order = np.argsort(-shared)
    return merge(land, [target, *(beside[i] for i in order[: 1 + pick[1] % 2])], drop_straight=pick[3] > 0)


def bulged(land: np.ndarray, pick: Pick) -> EditResult:
    number, other, share, bend = pick
    p, q = on_edge(land, number, share / 2), on_edge(land, number, 0.5 + share / 2)
    out = np.array([q[1] - p[1], p[0] - q[0]]) * bend / 50
    return reshape(
        land, number % len(land), [p, p + out, q + out * (other % 3), q], coverage=range(len(land))
    )


def hollowed(land: np.ndarray, pick: Pick) -> EditResult:
    target = pick[0] % len(land)
    middle = land[target].representative_point()
    room = middle.distance(land[target].boundary)
    return cut_hole(land, target, middle.buffer(pick[2] * room, quad_segs=2), fill=True)


EDITS = {
    "move": lambda land, pick: move_vertex(
        land, corner(land, pick[0]), corner(land, pick[0]) + np.array([pick[2] * 20 - 10, pick[3]])
    ),
    "move onto": lambda land, pick: move_vertex(land, corner(land, pick[0]), corner(land, pick[1])),
    "move onto edge": lambda land, pick: move_vertex(
        land, corner(land, pick[0]), on_edge(land, pick[1], pick[2])
    ),
    "drag out": lambda land, pick: move_vertex(
        land, on_edge(land, pick[0], pick[2]), on_edge(land, pick[0], pick[2]) + pick[3]
    ),
    "add": lambda land, pick: add_vertex(land, on_edge(land, pick[0], pick[2])),
    "remove": lambda land, pick: remove_vertex(land, corner(land, pick[0])),
    "split": across,
    "split at corners": between_corners,
    "merge": merged,
    "bulge": bulged,
    "hole": hollowed,
}

picks = st.tuples(
    st.sampled_from(sorted(EDITS)),
    st.tuples(st.integers(0, 999), st.integers(0, 999), st.floats(0.1, 0.9), st.floats(-15, 15)),
)


@LAND
@given(tessellations(), st.lists(picks, min_size=1, max_size=8))
def test_after_any_sequence_of_edits_neighbours_share_their_vertices(
    land: np.ndarray, edits: list[tuple[str, Pick]]
) -> None:
    for name, pick in edits:
        try:
            edit = EDITS[name](land, pick)
        except EditError:
            continue
        after = applied(land, edit)
        after = after[~shapely.is_missing(after)]
        assert shapely.is_valid(after).all()
        assert np.isfinite(shapely.get_coordinates(after)).all()
        assert_joined(after)
        if name.startswith(("move", "drag", "remove")) and not shapely.coverage_is_valid(after):
            continue  # pulled over a neighbour: shown as an overlap, and not kept here
        assert shapely.coverage_is_valid(after), name
        if name in KEEPS_AREA:
            assert shapely.area(after).sum() == pytest.approx(shapely.area(land).sum(), abs=1e-6)
            whole, was = shapely.coverage_union_all(after), shapely.coverage_union_all(land)
            assert whole.symmetric_difference(was).area < 1e-6
        land = after


IN_LAYERS = ("add", "drag out", "move", "move onto", "move onto edge", "remove", "split at corners")


@LAND
@given(
    tessellations(),
    st.sets(st.integers(0, 11), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from(IN_LAYERS), picks.map(lambda item: item[1])), min_size=1, max_size=6),
)
def test_a_block_of_another_layer_goes_on_being_the_union_of_its_parcels(
    land: np.ndarray, members: set[int], edits: list[tuple[str, Pick]]
) -> None:
    """The block was drawn along its parcels; whatever moves or splits them moves it along."""
    chosen = sorted({number % len(land) for number in members})
    everything = np.append(land, as_array([shapely.coverage_union_all(land[chosen])]))
    block = len(land)
    inside = {index: index in chosen for index in range(len(land))}
    for name, pick in edits:
        try:
            if name.startswith("split"):
                present = [i for i in inside if everything[i] is not None]
                edit = split(everything, line_between_corners(land, pick), present)
            else:
                edit = EDITS[name](everything[~shapely.is_missing(everything)], pick)
        except EditError:
            continue
        if not name.startswith("split"):
            edit = spread(edit, np.flatnonzero(~shapely.is_missing(everything)))
        after = applied(everything, edit)
        parcels = after[[i for i in range(len(after)) if i != block]]
        if not shapely.coverage_is_valid(parcels[~shapely.is_missing(parcels)]):
            continue
        for offset, piece in enumerate(edit.born):
            inside[len(everything) + offset] = inside[piece.origins[0]]
        everything = after
        assert_joined(everything)
        mine = shapely.coverage_union_all([everything[i] for i in inside if inside[i]])
        assert everything[block].symmetric_difference(mine).area < 1e-6, name


def spread(edit: EditResult, positions: np.ndarray) -> EditResult:
    """An edit of some geometries as one of the array they were taken from."""
    return EditResult({int(positions[i]): geometry for i, geometry in edit.changed.items()})
