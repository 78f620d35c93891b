"""Bounds of graduated classes against the published examples of mapclassify and R, and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.class_breaks import class_bounds, equal_interval, natural_breaks, pretty_breaks, quantiles

# Employees per sq. km of the 58 counties of California: the example data of mapclassify (BSD-3-Clause,
# mapclassify/datasets/calemp), whose README gives the bounds below (mean 125.92810344827588).
CALIFORNIA = [
    329.92, 0.42, 5.9, 14.03, 2.78, 1.34, 181.27, 1.65, 10.03, 16.7, 1.32, 3.99, 3.16, 0.22, 8.7, 6.56, 3.27, 0.33,
    370.5, 4.51, 75.29, 0.99, 2.74, 8.68, 0.14, 0.92, 12.63, 28.7, 12.02, 722.85, 36.68, 0.74, 29.82, 192.05, 3.38,
    11.15, 110.74, 4111.45, 49.47, 10.33, 317.11, 20.47, 264.93, 66.26, 5.39, 0.13, 0.61, 50.65, 40.48, 36.67, 13.09,
    1.81, 0.2, 7.6, 2.51, 57.26, 24.32, 6.97,
]  # fmt: skip


def counted(bounds: list[float]) -> list[int]:
    upper = np.searchsorted(bounds[1:], CALIFORNIA, side="left")
    return np.bincount(upper, minlength=len(bounds) - 1).tolist()


def test_the_example_data_are_those_of_the_published_examples() -> None:
    assert len(CALIFORNIA) == 58
    assert np.mean(CALIFORNIA) == pytest.approx(125.92810344827588, abs=1e-12)


@pytest.mark.parametrize(
    ("method", "upper", "counts"),
    [
        ("natural", [75.29, 192.05, 370.50, 722.85, 4111.45], [49, 3, 4, 1, 1]),
        ("equal", [822.39, 1644.66, 2466.92, 3289.19, 4111.45], [57, 0, 0, 0, 1]),
        ("quantile", [1.46, 5.80, 13.28, 54.62, 4111.45], [12, 11, 12, 11, 12]),
    ],
)
def test_bounds_and_counts_are_those_that_mapclassify_publishes(
    method: str, upper: list[float], counts: list[int]
) -> None:
    bounds = class_bounds(CALIFORNIA, method, 5)
    assert bounds[0] == 0.13
    assert bounds[1:] == pytest.approx(upper, abs=0.006)  # published to two decimals
    assert counted(bounds) == counts


@pytest.mark.parametrize(
    ("low", "high", "count", "bounds"),
    [  # R: pretty(c(low, high), count)
        (1, 10, 5, [0, 2, 4, 6, 8, 10]),
        (0, 97, 5, [0, 20, 40, 60, 80, 100]),
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0, 4111.45, 5, [0, 1000, 2000, 3000, 4000, 5000]),
        (-3, 3, 5, [-3, -2, -1, 0, 1, 2, 3]),
    ],
)
def test_pretty_bounds_are_round_as_in_r(low: float, high: float, count: int, bounds: list[float]) -> None:
    assert pretty_breaks([low, high], count) == bounds


def test_equal_classes_and_quantiles_by_hand() -> None:
    assert equal_interval([2, 10, 4], 4) == [2, 4, 6, 8, 10]
    assert quantiles(range(1, 10), 4) == [1, 3, 5, 7, 9]


def test_many_equal_values_make_a_class_of_their_own() -> None:
    assert quantiles([0, 0, 0, 0, 0, 0, 5, 9], 4) == [0, 0, 1.25, 9]
    assert natural_breaks([0, 0, 0, 0, 7, 8], 2) == [0, 0, 8]


def test_natural_breaks_fall_into_the_gaps() -> None:
    assert natural_breaks([1, 2, 3, 50, 51, 52, 900, 901], 3) == [1, 3, 52, 901]


@pytest.mark.parametrize("method", ["equal", "quantile", "natural", "pretty"])
def test_missing_equal_and_few_values_give_what_can_be_given(method: str) -> None:
    assert class_bounds([], method, 5) == []
    assert class_bounds([np.nan, np.inf], method, 5) == []
    assert class_bounds([7.0, 7.0, np.nan], method, 5) == [7.0, 7.0]
    bounds = class_bounds([1.0, 2.0], method, 5)
    assert bounds[0] <= 1.0
    assert bounds[-1] >= 2.0
    with pytest.raises(ValueError, match="class"):
        class_bounds([1.0], method, 0)


def _spread(values: list[float], cuts: tuple[int, ...]) -> float:
    edges = [0, *cuts, len(values)]
    parts = [np.array(values[a:b]) for a, b in itertools.pairwise(edges)]
    return sum(float(((part - part.mean()) ** 2).sum()) for part in parts)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=4, max_size=9, unique=True), st.integers(2, 4))
def test_no_other_division_has_less_spread_than_natural_breaks(values: list[int], count: int) -> None:
    """Against every division there is."""
    ordered = [float(value) for value in sorted(values)]
    bounds = natural_breaks(values, count)
    cuts = tuple(int(np.searchsorted(ordered, bound, side="right")) for bound in bounds[1:-1])
    least = min(
        _spread(ordered, chosen) for chosen in itertools.combinations(range(1, len(ordered)), count - 1)
    )
    assert _spread(ordered, cuts) == pytest.approx(least, abs=1e-6)


def test_a_million_values_are_divided_nearly_as_well_as_their_groups_allow() -> None:
    numbers = np.random.default_rng(7).lognormal(3, 1, 1_000_000)
    bounds = natural_breaks(numbers, 5)
    assert len(bounds) == 6
    assert bounds[0] == numbers.min()
    assert bounds[-1] == numbers.max()
