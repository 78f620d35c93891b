"""四至: who is named on which side. All parcels are drawn by hand round the square from (0, 0) to (100, 100)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import Polygon

from layers.sheets.adjoining import adjoining_sides

SQUARE = shapely.box(0, 0, 100, 100)
ACROSS = 60.0


def sides(neighbours: dict[str, Polygon], parcel: Polygon = SQUARE) -> dict[str, str]:
    shapes = np.array(list(neighbours.values()), dtype=object)
    found = adjoining_sides(parcel, shapes, list(neighbours), ACROSS)
    return dict(zip("NESW", found, strict=True))


def test_a_neighbour_that_shares_an_edge_is_named_on_its_side() -> None:
    found = sides(
        {
            "north": shapely.box(0, 100, 100, 150),
            "east": shapely.box(100, 0, 150, 100),
            "south": shapely.box(0, -50, 100, 0),
            "west": shapely.box(-50, 0, 0, 100),
        }
    )
    assert found == {"N": "north", "E": "east", "S": "south", "W": "west"}


def test_two_neighbours_on_a_side_are_named_by_the_length_of_the_common_boundary() -> None:
    found = sides({"short": shapely.box(0, 100, 30, 150), "long": shapely.box(30, 100, 100, 150)})
    assert found == {"N": "long、short", "E": "", "S": "", "W": ""}


def test_a_neighbour_round_the_corner_is_named_on_both_sides_but_one_that_touches_the_corner_on_none() -> (
    None
):
    hook = shapely.union(shapely.box(0, 100, 150, 150), shapely.box(100, 0, 150, 150))
    assert sides({"hook": hook}) == {"N": "hook", "E": "hook", "S": "", "W": ""}
    assert sides({"corner": shapely.box(100, 100, 150, 150)}) == dict.fromkeys("NESW", "")


def test_a_gap_of_digitising_still_counts_as_a_common_boundary() -> None:
    assert sides({"near": shapely.box(100.3, 0, 150, 100)})["E"] == "near"


def test_what_lies_across_a_road_is_named_with_the_gap_and_what_lies_further_is_not() -> None:
    across = {"over the road": shapely.box(0, 118, 100, 200), "far away": shapely.box(161, 0, 200, 100)}
    assert sides(across) == {"N": "over the road（相距 18.0 m）", "E": "", "S": "", "W": ""}


def test_an_adjoining_neighbour_wins_over_one_across_the_road() -> None:
    both = {"across": shapely.box(50, 110, 100, 150), "touching": shapely.box(0, 100, 40, 150)}
    assert sides(both)["N"] == "touching"


def test_many_neighbours_on_a_side_are_counted() -> None:
    row = {f"no. {i}": shapely.box(i * 20, 100, i * 20 + 20 - i, 150) for i in range(5)}
    assert sides(row)["N"] == "no. 0、no. 1、no. 2等 5 宗"


@pytest.mark.parametrize("hole", [False, True])
def test_the_direction_in_which_the_outline_was_drawn_does_not_matter(hole: bool) -> None:
    holes = [[(40, 40), (60, 40), (60, 60), (40, 60)]] if hole else []
    for ring in (SQUARE.exterior.coords[:], SQUARE.exterior.coords[::-1]):
        found = sides({"north": shapely.box(0, 100, 100, 150)}, Polygon(ring, holes))
        assert found == {"N": "north", "E": "", "S": "", "W": ""}


def test_a_parcel_inside_a_hole_is_named_on_no_side() -> None:
    ring = Polygon(SQUARE.exterior.coords[:], [[(40, 40), (60, 40), (60, 60), (40, 60)]])
    assert sides({"inside": shapely.box(40, 40, 60, 60)}, ring) == dict.fromkeys("NESW", "")


def test_alone_in_the_fields_there_is_nobody_on_any_side() -> None:
    assert adjoining_sides(SQUARE, np.empty(0, dtype=object), [], ACROSS) == ("", "", "", "")
