from __future__ import annotations

import numpy as np
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis import clipping
from gis.outline_tree import simple_rings
from gis.quick_clip import outlines_of, settle_plain_pairs, surely_inside
from tests.strategies import CENTRE, multipolygons, polygons, star_polygons


def clip(left, right):
    return settle_plain_pairs(np.array([left]), np.array([right]), np.zeros(1, np.int64))


def hold(plain, left, right) -> None:
    """What is said of the pairs ``left[i]``, ``right[i]`` agrees with GEOS."""
    assert (plain.inside.astype(int) + plain.apart + plain.crossing <= 1).all()
    shared = shapely.intersection(left, right)
    assert shapely.contains_properly(right[plain.inside], left[plain.inside]).all()
    assert shapely.disjoint(right[plain.apart], left[plain.apart]).all()
    done = plain.crossing
    assert shapely.is_valid(plain.geometry[done]).all()
    assert (shapely.area(shapely.symmetric_difference(plain.geometry[done], shared[done])) < 1e-5).all()
    assert shapely.is_missing(plain.geometry[~done]).all()


@settings(max_examples=300, deadline=None)
@given(star_polygons(spread=150.0), star_polygons(spread=150.0, vertices=40), st.booleans(), st.booleans())
def test_plain_pairs_are_cut_as_by_geos(left, right, turn_left, turn_right) -> None:
    left = left.reverse() if turn_left else left
    right = right.reverse() if turn_right else right
    hold(clip(left, right), np.array([left]), np.array([right]))


@settings(max_examples=150, deadline=None)
@given(star_polygons(spread=60.0, vertices=90), polygons(spread=60.0) | multipolygons(), st.floats(0.5, 5.0))
def test_dense_outlines_holes_and_parts_are_cut_as_by_geos(left, right, step) -> None:
    """Trees of several levels on both sides, and pieces in several parts."""
    right = shapely.segmentize(right, step)
    hold(clip(left, right), np.array([left]), np.array([right]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(polygons(spread=200.0), min_size=1, max_size=12), st.lists(polygons(spread=200.0), min_size=1)
)
def test_pairs_do_not_get_mixed_up(left, right) -> None:
    lefts, rights = np.array(left), np.array(right)
    position = np.arange(len(lefts)) % len(rights)
    hold(settle_plain_pairs(lefts, rights, position), lefts, rights[position])


@settings(max_examples=40, deadline=None)
@given(polygons(spread=10.0), st.floats(0.3, 200.0), st.integers(0, 2**32 - 1))
def test_a_box_is_never_placed_wrongly_and_only_left_open_near_the_outline(polygon, step, seed: int) -> None:
    polygon, random = shapely.segmentize(polygon, step), np.random.default_rng(seed)
    x0, y0, x1, y1 = polygon.bounds
    low = random.uniform((x0 - 20, y0 - 20), (x1 + 10, y1 + 10), (200, 2))
    boxes = shapely.box(*low.T, *(low + random.uniform(0.1, 30, (200, 2))).T)
    plain = settle_plain_pairs(boxes, np.array([polygon]), np.zeros(200, np.int64))
    assert (plain.inside == shapely.contains_properly(polygon, boxes)).all()
    assert (plain.apart == shapely.disjoint(polygon, boxes))[~shapely.covers(boxes, polygon)].all()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=30), st.booleans())
def test_a_ring_called_simple_is_valid(corners, dense: bool) -> None:
    """Corners on a coarse lattice: repeated points, spikes, touching and crossing edges are common."""
    polygon = shapely.Polygon(np.array(corners) + np.array(CENTRE))
    polygon = shapely.segmentize(polygon, 0.3) if dense and polygon.area else polygon
    if simple_rings(*outlines_of(np.array([polygon])))[0]:
        assert polygon.is_valid


def test_ordinary_outlines_are_called_simple() -> None:
    """GEOS need not be asked: neither of a square nor of an outline of 2,000 vertices."""
    shapes = np.array([shapely.box(0, 0, 10, 10), shapely.Point(0, 0).buffer(100, quad_segs=500)])
    assert simple_rings(*outlines_of(shapes)).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 399), st.integers(0, 399), st.booleans())
def test_a_dense_outline_bent_onto_itself_is_never_called_simple(seed, vertex, edge, beyond: bool) -> None:
    """Long runs of edges are told apart by their direction: a vertex drawn onto any edge is still found."""
    random, angle = np.random.default_rng(seed), np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = 100 + 20 * np.cos(3 * angle + random.uniform(0, 6)) + random.uniform(-0.5, 0.5, 400)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    following = (edge + 1) % 400
    assume(vertex not in (edge, following))
    assert simple_rings(*outlines_of(np.array([shapely.Polygon(ring + CENTRE)])))[0]
    ring[vertex] = (ring[edge] + ring[following]) / 2 * (1.01 if beyond else 1.0)
    polygon = shapely.Polygon(ring + CENTRE)
    assert not simple_rings(*outlines_of(np.array([polygon])))[0] or (beyond and polygon.is_valid)


def test_a_corner_cut_off_through_one_edge_of_the_other_outline() -> None:
    """Both crossings on one edge of the right outline, and on one edge of the left: 10·10/2 and 4·5."""
    piece = clip(shapely.Polygon([(0, 0), (10, 0), (0, 10)]), shapely.box(-20, -20, 4, 50)).geometry[0]
    # Below x = 4 the triangle has ∫ (10 - x) dx = 40 - 8 = 32.
    assert abs(piece.area - 32) < 1e-9
    square, tongue = shapely.box(0, 0, 10, 10), shapely.box(8, 3, 30, 7)
    for left, right in ((square, tongue), (tongue, square)):
        assert clip(left, right).geometry[0].equals(shapely.box(8, 3, 10, 7))


def test_outlines_that_cross_more_than_twice_give_all_pieces() -> None:
    """A band across the square; a comb of three teeth 2 m wide that reach 4 m in: 3 · 8 m² in three parts."""
    square = shapely.box(0, 0, 10, 10)
    assert clip(square, shapely.box(-5, 4, 15, 6)).geometry[0].equals(shapely.box(0, 4, 10, 6))
    comb = [(-5, 12)]
    for x in (1, 4, 7):
        comb += [(x, 12), (x, 6), (x + 2, 6), (x + 2, 12)]
    pair = clip(square, shapely.Polygon([*comb, (15, 12), (15, 14), (-5, 14)]))
    assert pair.crossing[0]
    assert pair.geometry[0].equals(shapely.union_all([shapely.box(x, 6, x + 2, 10) for x in (1, 4, 7)]))


def test_a_hole_that_cuts_a_corner_off_is_left_out() -> None:
    """The hole takes 2 · 3 m² of the square; where the square holds the whole hole, GEOS is asked."""
    frame, square = shapely.box(-50, -50, 50, 50), shapely.box(0, 0, 10, 10)
    holed = shapely.Polygon(frame.exterior, [shapely.box(8, 7, 20, 20).exterior])
    assert abs(clip(square, holed).geometry[0].area - 94) < 1e-9
    pair = clip(square, shapely.Polygon(frame.exterior, [shapely.box(2, 2, 3, 3).exterior]))
    assert not any((pair.inside[0], pair.apart[0], pair.crossing[0]))


def test_what_touches_is_left_to_the_caller() -> None:
    """Inside and beside are settled; a shared edge, a common corner and a near miss of 1 µm are not."""
    square = shapely.box(0, 0, 10, 10)
    near = [shapely.box(10, 0, 20, 10), shapely.box(10, 10, 20, 20), shapely.box(10 + 1e-6, 2, 20, 8)]
    rights = np.array([shapely.box(-5, -5, 15, 15), shapely.box(11, 0, 20, 10), *near], dtype=object)
    pairs = settle_plain_pairs(np.full(len(rights), square), rights, np.arange(len(rights)))
    assert pairs.inside.tolist() == [True] + [False] * 4
    assert pairs.apart.tolist() == [False, True] + [False] * 3
    assert not pairs.crossing.any()


def test_what_is_not_plain_is_left_to_the_caller() -> None:
    """Shared edges, corner on an edge, a line inside, a left that crosses itself or has a hole."""
    square = shapely.box(0, 0, 10, 10)
    others = [shapely.box(5, 0, 20, 10), shapely.Polygon([(5, 5), (10, 0), (20, 5)]), shapely.box(4, 4, 6, 6)]
    rights = np.array(others, dtype=object)
    pairs = settle_plain_pairs(np.full(len(rights), square), rights, np.arange(len(rights)))
    assert not (pairs.inside | pairs.apart | pairs.crossing).any()
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    holed = shapely.Polygon(square.exterior, [shapely.box(6, 1, 7, 2).exterior])
    for left in (bow_tie, holed):
        pair = clip(left, shapely.box(-5, -5, 4, 20))
        assert not any((pair.inside[0], pair.apart[0], pair.crossing[0]))


def test_a_right_polygon_that_crosses_itself_is_made_valid() -> None:
    """A bow tie of two triangles: of a lot between them nothing, of one in a triangle all."""
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    lots = np.array([shapely.box(4, 1, 6, 2), shapely.box(1, 4, 2, 6), shapely.box(1, 4, 2, 30)])
    pairs = settle_plain_pairs(lots, np.array([bow_tie]), np.zeros(3, np.int64))
    assert pairs.apart.tolist() == [True, False, False]
    assert pairs.inside.tolist() == [False, True, False]
    # Between x = 1 and 2, from y = 4 to the upper edge y = 10 - x: 6 - 1.5.
    assert abs(pairs.geometry[2].area - 4.5) < 1e-9


def test_nothing_and_empty_polygons_are_apart() -> None:
    rights = np.array([shapely.Polygon(), None], dtype=object)
    pairs = settle_plain_pairs(np.full(2, shapely.box(0, 0, 10, 10)), rights, np.arange(2))
    assert pairs.apart.all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(polygons(spread=150.0), min_size=1, max_size=4),
    st.lists(
        st.tuples(*(st.floats(-300, 300) for _ in range(2)), *(st.floats(0, 60) for _ in range(2))),
        max_size=20,
    ),
)
def test_a_box_that_is_surely_inside_an_area_lies_in_it_and_in_no_other(
    areas: list[shapely.Polygon], rows: list[tuple[float, float, float, float]]
) -> None:
    array = clipping.valid(np.array([*areas, None], dtype=object)[:-1])
    middle = np.asarray(array[0].centroid.coords[0])
    boxes = np.array([[*(middle + row[:2]), *(middle + row[:2] + row[2:])] for row in rows]).reshape(-1, 4)
    found = surely_inside(np.concatenate([boxes, np.full((1, 4), np.nan)]), array)
    assert found[-1] == -1
    for box, area in zip(shapely.box(*boxes.T), found[:-1].tolist(), strict=True):
        if area >= 0:
            assert array[area].contains(box)
            assert not any(shapely.intersects(other, box) for at, other in enumerate(array) if at != area)
        else:
            # Nothing is said only where an outline is near, or where areas lie on each other.
            near = any(shapely.distance(shapely.boundary(item), box) < 1e-4 for item in array if item)
            assert near or sum(item is not None and item.intersects(box) for item in array) != 1
