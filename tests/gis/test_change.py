from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis.change import TwoStates, compare, width
from gis.progress import Cancelled
from tests.bench.synthetic import snapshots
from tests.strategies import coverages, polygons

SQUARES = [shapely.box(10 * i, 0, 10 * i + 10, 10) for i in range(4)]


def rows(change) -> list[tuple[int, int, float]]:
    areas = shapely.area(change.geometry).round(6).tolist()
    return list(zip(change.before.tolist(), change.after.tolist(), areas, strict=True))


def test_nothing_changed_gives_nothing() -> None:
    assert rows(compare(SQUARES, SQUARES[::-1], [1, 2, 3, 4], [4, 3, 2, 1])) == []


def test_a_new_key_on_the_same_land_is_the_whole_polygon() -> None:
    change = compare(SQUARES, SQUARES, ["1001", "1001", "0601", None], ["1001", "0701", "0601", "0701"])
    assert rows(change) == [(1, 1, 100.0), (3, 3, 100.0)]
    assert change.geometry[0].equals(SQUARES[1])


def test_missing_keys_are_equal_to_each_other_only() -> None:
    keys_before, keys_after = np.array([1.0, np.nan, np.nan, 2.0]), np.array([1.0, np.nan, 3.0, np.nan])
    assert rows(compare(SQUARES, SQUARES, keys_before, keys_after)) == [(2, 2, 100.0), (3, 3, 100.0)]


def test_a_split_polygon_changes_where_its_part_has_another_key() -> None:
    parts = [shapely.box(0, 0, 4, 10), shapely.box(4, 0, 10, 10), *SQUARES[1:]]
    change = compare(SQUARES, parts, [1, 2, 3, 4], [1, 7, 2, 3, 4])
    assert rows(change) == [(0, 1, 60.0)]
    assert change.geometry[0].equals(shapely.box(4, 0, 10, 10))


def test_land_no_longer_covered_is_a_piece_without_after() -> None:
    shrunk = [shapely.box(0, 0, 7, 10), *SQUARES[2:]]
    assert rows(compare(SQUARES, shrunk, [1, 2, 3, 4], [1, 3, 4])) == [(0, -1, 30.0), (1, -1, 100.0)]


def test_land_that_only_the_second_snapshot_covers_is_no_piece() -> None:
    assert rows(compare(SQUARES[:2], SQUARES, [1, 2], [1, 2, 3, 4])) == []


def test_a_new_polygon_drawn_over_unchanged_ones_is_found() -> None:
    """The second snapshot overlaps itself: the old polygons stay, a road is laid over them."""
    road = shapely.box(5, 4, 25, 6)
    change = compare(SQUARES, [*SQUARES, road], [1, 1, 1, 1], [1, 1, 1, 1, 9])
    assert rows(change) == [(0, 4, 10.0), (1, 4, 20.0), (2, 4, 10.0)]


def test_an_overlap_that_was_there_before_is_no_change_until_its_key_changes() -> None:
    road = shapely.box(5, 4, 25, 6)
    both = [*SQUARES, road]
    assert rows(compare(both, both, [1, 1, 1, 1, 9], [1, 1, 1, 1, 9])) == []
    change = compare(both, both, [1, 1, 1, 1, 1], [1, 1, 1, 1, 9])
    assert rows(change) == [(0, 4, 10.0), (1, 4, 20.0), (2, 4, 10.0), (4, 4, 40.0)]


def test_duplicates_do_not_hide_lost_land() -> None:
    """Two copies of one half add up to the area of the whole, yet the other half is gone."""
    half = shapely.box(0, 0, 5, 10)
    change = compare(SQUARES[:1], [half, half], [1], [1, 1])
    assert rows(change) == [(0, -1, 50.0)]
    assert change.geometry[0].equals(shapely.box(5, 0, 10, 10))


def test_the_five_ways_in_which_snapshots_differ() -> None:
    """Squares of 100 m²; by hand: equal, moved by 3 m to the right, split at 4 m, merged, one drawn over."""
    one, two = SQUARES[:2]
    moved = shapely.box(3, 0, 13, 10)
    halves = [shapely.box(0, 0, 4, 10), shapely.box(4, 0, 10, 10)]
    both = shapely.box(0, 0, 20, 10)
    pond = shapely.box(8, 8, 12, 12)
    cases = [
        ([one, two], [two, one], "ab", "ba", []),
        ([one, two], [moved, shapely.box(13, 0, 20, 10)], "ab", "ab", [(0, -1, 30.0), (1, 0, 30.0)]),
        ([one], halves, "a", "ac", [(0, 1, 60.0)]),
        ([one, two], [both], "ab", "a", [(1, 0, 100.0)]),
        ([one, two], [both], "aa", "a", []),
        ([one, two], [one, two, pond], "ab", "abc", [(0, 2, 4.0), (1, 2, 4.0)]),
    ]
    for before, after, old, new, expected in cases:
        assert rows(compare(before, after, list(old), list(new))) == expected


@settings(max_examples=40, deadline=None)
@given(
    st.lists(polygons(spread=150.0), min_size=1, max_size=5),
    st.lists(polygons(spread=150.0), max_size=3),
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.randoms(use_true_random=False),
)
def test_snapshots_that_overlap_themselves_are_compared_as_every_pair_alone(
    before, fresh, kept, random
) -> None:
    """Oracle: GEOS intersection of every pair with different keys, and the difference from the union.

    The one pair left out is that of two unchanged polygons that overlapped before and overlap still.
    """
    # A fresh polygon that stood there before would be an unchanged one that ``quiet`` does not know.
    assume(not any(one.equals(two) for one in before for two in fresh))
    stays = [index for index, keep in enumerate(kept[: len(before)]) if keep]
    after = [before[index] for index in stays] + fresh
    old = [random.randrange(3) for _ in before]
    new = [old[i] if random.random() < 0.7 else 9 for i in stays] + [random.randrange(3) for _ in fresh]
    quiet = {i: j for j, i in enumerate(stays) if old[i] == new[j]}
    change = compare(before, after, old, new)
    found = {(i, j): area for i, j, area in rows(change)}
    expected = {}
    for i, one in enumerate(before):
        for j, two in enumerate(after):
            if old[i] != new[j] and not (i in quiet and j in quiet.values()):
                expected[i, j] = shapely.intersection(one, two).area
        expected[i, -1] = shapely.difference(one, shapely.union_all(after)).area
    for key in found.keys() | expected.keys():
        assert found.get(key, 0.0) == pytest.approx(expected.get(key, 0.0), abs=2e-3)


def test_a_large_polygon_in_many_pieces_loses_only_what_no_piece_covers() -> None:
    """400 m × 10 m, later 40 lots less the last one, of which every second has another key; a lot drawn twice."""
    lots = [shapely.box(10 * i, 0, 10 * i + 10, 10) for i in range(39)]
    keys = [i % 2 for i in range(39)]
    change = compare([shapely.box(0, 0, 400, 10)], [*lots, lots[0]], [0], [*keys, 0])
    assert rows(change) == [(0, -1, 100.0), *((0, i, 100.0) for i in range(1, 39, 2))]


def test_a_strip_two_metres_wide_along_three_kilometres_is_land_and_a_digitising_sliver_is_not() -> None:
    """The boundary of two uses redrawn: 2 m over 3 km is 6,000 m² of land, 5 cm over 3 km 150 m² of noise."""
    for shift, wide in ((2.0, True), (0.05, False)):
        before = [shapely.box(0, 0, 3000, 500), shapely.box(0, 500, 3000, 900)]
        after = [shapely.box(0, 0, 3000, 500 - shift), shapely.box(0, 500 - shift, 3000, 900)]
        change = compare(before, after, ["1001", "0701"], ["1001", "0701"])
        assert rows(change) == [(0, 1, 3000 * shift)]
        assert width(change.geometry) == pytest.approx([shift], rel=1e-3)
        assert (width(change.geometry, limit=0.5) >= 0.5).tolist() == [wide]


def test_a_polygon_with_a_coordinate_that_is_no_number_is_left_out_and_keys_must_fit() -> None:
    with np.errstate(invalid="ignore"):
        strange = shapely.Polygon([(0, 0), (10, np.nan), (10, 10)])
    assert rows(compare([strange, SQUARES[0]], [SQUARES[0], strange], [1, 1], [2, 2])) == [(1, 0, 100.0)]
    with pytest.raises(ValueError, match="keys"):
        compare(SQUARES, SQUARES, [1, 2, 3, 4], [1, 2, 3])


def test_an_extra_vertex_on_a_shared_edge_is_no_change() -> None:
    denser = [shapely.segmentize(square, 3.0) for square in SQUARES]
    assert rows(compare(SQUARES, denser, [1, 2, 3, 4], [1, 2, 3, 4])) == []


def test_an_invalid_polygon_is_compared_by_what_it_covers() -> None:
    """A bow tie of two triangles of 25 m² over a square with another key, and one that gets a new key."""
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert rows(compare([bow_tie], SQUARES[:1], [1], [2])) == [(0, 0, 50.0)]
    assert rows(compare([bow_tie], [bow_tie], [1], [2])) == [(0, 0, 50.0)]
    assert rows(compare(SQUARES[:1], [bow_tie], [1], [1])) == [(0, -1, 50.0)]


def test_odd_geometries_keep_their_place() -> None:
    before = [None, SQUARES[0], shapely.Polygon(), shapely.Point(1, 1)]
    change = compare(
        before, [shapely.LineString([(0, 0), (1, 1)]), None, SQUARES[0]], [1, 1, 1, 1], [1, 1, 2]
    )
    assert rows(change) == [(1, 2, 100.0)]
    assert rows(compare([], SQUARES, [], [1, 2, 3, 4])) == []
    assert rows(compare(SQUARES[:1], [], [1], [])) == [(0, -1, 100.0)]


@settings(max_examples=40, deadline=None)
@given(coverages(), coverages(), st.randoms(use_true_random=False))
def test_changed_same_and_lost_land_is_all_the_land(before, after, random) -> None:
    """Oracle for the balance: plain GEOS intersections of all pairs; two unrelated coverages."""
    old, new = [random.randrange(2) for _ in before], [random.randrange(2) for _ in after]
    change = compare(before, after, old, new)
    same = sum(
        shapely.intersection(one, two).area
        for i, one in enumerate(before)
        for j, two in enumerate(after)
        if old[i] == new[j]
    )
    assert shapely.area(change.geometry).sum() + same == pytest.approx(shapely.area(before).sum(), abs=0.02)
    lost = shapely.difference(shapely.union_all(before), shapely.union_all(after)).area
    assert shapely.area(change.geometry[change.after < 0]).sum() == pytest.approx(lost, abs=0.01)


def test_two_synthetic_snapshots_differ_as_by_the_plain_way() -> None:
    """Oracle: GEOS intersection of all pairs that meet, and the difference of the unions."""
    plan = snapshots(2500)
    change = compare(plan.before, plan.after, plan.before_key, plan.after_key)
    first, second = shapely.STRtree(plan.after).query(plan.before, predicate="intersects")
    area = shapely.area(shapely.intersection(plan.before[first], plan.after[second]))
    differs = (plan.before_key[first] != plan.after_key[second]) & (area > 1e-4)
    kept = change.after >= 0
    assert sorted(zip(first[differs], second[differs], strict=True)) == sorted(
        zip(change.before[kept], change.after[kept], strict=True)
    )
    assert shapely.area(change.geometry[kept]).sum() == pytest.approx(area[differs].sum(), abs=1e-5)
    lost = shapely.difference(shapely.union_all(plan.before), shapely.union_all(plan.after)).area
    assert shapely.area(change.geometry[~kept]).sum() == pytest.approx(lost, abs=1e-4)


def test_a_comparison_can_be_cancelled() -> None:
    def stop(share: float, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        compare(SQUARES, SQUARES, [1, 2, 3, 4], [1, 2, 3, 4], progress=stop)


def test_the_width_of_strips_is_their_short_side_however_long_or_bent() -> None:
    """2 m × 3 km, 0.05 m × 40 m, and an L of two arms 2 m wide: P = 2·(1000 + 1000), A = 2·1000 + 2·998."""
    bent = shapely.union(shapely.box(0, 0, 1000, 2), shapely.box(0, 0, 2, 1000))
    widths = width([shapely.box(0, 0, 2, 3000), shapely.box(0, 0, 40, 0.05), bent, shapely.box(0, 0, 30, 30)])
    assert widths == pytest.approx([2.0, 0.05, 2.0, 30.0], rel=1e-3)


def test_a_turned_strip_is_as_wide_as_before() -> None:
    strip = shapely.affinity.rotate(shapely.box(596_600, 3_618_800, 596_602, 3_621_800), 33)
    assert width([strip]) == pytest.approx([2.0], rel=1e-6)


def test_a_real_lot_with_a_thin_tail_is_no_sliver() -> None:
    """50 m × 50 m with a tail of 0.2 m × 2 km: the circle of 50 m fits; area and perimeter alone say 1.4 m."""
    lot = shapely.union(shapely.box(0, 0, 50, 50), shapely.box(0, 0, 2000, 0.2))
    assert width([lot]) == pytest.approx([50.0], rel=0.03)
    assert width([lot], limit=5.0)[0] >= 5.0
    assert width([shapely.box(0, 0, 2000, 0.2)], limit=5.0)[0] == pytest.approx(0.2, rel=1e-6)


def test_the_widest_part_counts_and_nothing_has_no_width() -> None:
    parts = shapely.MultiPolygon([shapely.box(0, 0, 0.1, 50), shapely.box(10, 0, 18, 90)])
    assert width([parts, None, shapely.Polygon(), shapely.LineString([(0, 0), (1, 1)])]) == pytest.approx(
        [8.0, 0.0, 0.0, 0.0]
    )
    assert width([]).shape == (0,)


@settings(max_examples=30, deadline=None)
@given(coverages(), st.data())
def test_states_are_compared_by_any_key_and_the_other_way_round(shapes, data) -> None:
    """Twins told once give what each comparison by itself gives."""
    before = list(shapes)
    after = [shape for shape in shapes if data.draw(st.booleans())] or before[:1]
    states = TwoStates(before, after)
    for _ in range(2):
        old = data.draw(st.lists(st.integers(0, 2), min_size=len(before), max_size=len(before)))
        new = data.draw(st.lists(st.integers(0, 2), min_size=len(after), max_size=len(after)))
        assert rows(states.changes(old, new)) == rows(compare(before, after, old, new))
        assert rows(states.turned().changes(new, old)) == rows(compare(after, before, new, old))


def test_of_many_polygons_those_around_a_changed_one_are_found() -> None:
    """110 × 110 squares of 100 m²; one is moved by 3 m to the east: 30 m² of it are lost, 30 m² of its neighbour taken."""
    column, row = np.divmod(np.arange(12_100), 110)
    before = shapely.box(10 * column, 10 * row, 10 * column + 10, 10 * row + 10)
    after = before.copy()
    at = 50 * 110 + 50
    after[at] = shapely.box(503, 500, 513, 510)
    keys = np.arange(len(before))
    assert rows(compare(before, after, keys, keys)) == [(at, -1, 30.0), (at + 110, at, 30.0)]
