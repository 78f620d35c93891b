"""Ranks of values: the order of Python's own sort, and a column carried on equal to one made anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.store.base import Condition

pa = pytest.importorskip("pyarrow")

from gis.store.ranked_column import GatheredColumn, RankedColumn  # noqa: E402 - needs Arrow

TEXTS = st.lists(
    st.none() | st.sampled_from(["", "a", "B", "b", "乙", "甲", "𠀀", "示例-10", "示例-9"]), max_size=30
)
NUMBERS = st.lists(st.none() | st.sampled_from([-1.5, 0.0, 2.0, 2.25, 1e300, float("nan")]), max_size=30)


def _column(values: list[Any], kind: Any) -> RankedColumn:
    return RankedColumn.of(np.arange(len(values)), pa.array(values, type=kind))


def _sorted(values: list[Any], descending: bool) -> list[int]:
    there = [place for place, value in enumerate(values) if value is not None and value == value]
    missing = [place for place in range(len(values)) if place not in there]
    return sorted(there, key=lambda place: values[place], reverse=descending) + missing


@given(st.one_of(TEXTS, NUMBERS), st.booleans())
def test_order_is_that_of_a_stable_sort_with_missing_values_last(values: list[Any], descending: bool) -> None:
    kind = pa.float64() if any(isinstance(value, float) for value in values) else pa.large_string()
    column = _column(values, kind)
    if descending:  # equal ones stay as they were: Python's own reverse sort keeps them, too
        assert column.order(np.arange(len(values)), descending=True).tolist() == _sorted(values, True)
    else:
        assert column.order(np.arange(len(values)), descending=False).tolist() == _sorted(values, False)


def test_more_different_values_than_16_bits_hold_are_in_order_too() -> None:
    numbers = np.random.default_rng(1).permutation(200_000).astype(float)
    numbers[::7] = np.nan
    column = RankedColumn.of(np.arange(len(numbers)), pa.array(numbers))
    for descending in (False, True):
        expected = np.argsort(-numbers if descending else numbers, kind="stable")  # numpy puts NaN last
        assert np.array_equal(column.order(np.arange(len(numbers)), descending), expected)


@given(st.data(), st.one_of(TEXTS, NUMBERS), st.booleans())
def test_a_column_carried_on_is_the_one_made_anew(
    data: st.DataObject, values: list[Any], ordered: bool
) -> None:
    real = any(isinstance(value, float) for value in values)
    kind = pa.float64() if real else pa.large_string()
    old = RankedColumn.of(np.arange(len(values)), pa.array(values, type=kind), ordered=ordered)
    new = data.draw(NUMBERS if real else st.lists(st.none() | st.text("aAbz乙丙 ", max_size=2), max_size=12))
    kept = data.draw(st.lists(st.integers(0, len(values) - 1), unique=True) if values else st.just([]))
    places = data.draw(st.permutations([*kept, *[-1] * len(new)]))
    left = iter(new)
    expected = [values[place] if place >= 0 else next(left) for place in places]
    moved = old.moved(np.arange(len(places)), np.array(places, dtype=np.int64), new)
    anew = _column(expected, kind)
    assert moved.plain().to_pylist() == anew.plain().to_pylist()
    every = np.arange(len(places))
    assert moved.order(every, True).tolist() == anew.order(every, True).tolist()
    assert moved.different(99) == anew.different(99)
    for operator, value in (("notnull", None), ("isnull", None), ("<", 2.0 if real else "b"), ("=", "a")):
        condition = Condition("x", operator, value)
        assert moved.holds(condition).tolist() == anew.holds(condition).tolist()


def test_many_new_values_are_put_in_order_at_once() -> None:
    old = _column([f"示例-{n}" for n in range(100)], pa.large_string())
    new = [f"新-{n}" for n in range(3000)]
    moved = old.moved(np.arange(3100), np.r_[np.arange(100), np.full(3000, -1)], new)
    every = [f"示例-{n}" for n in range(100)] + new
    assert moved.order(np.arange(3100), descending=False).tolist() == _sorted(every, False)


@given(st.lists(st.lists(st.none() | st.sampled_from("abcdefgh"), max_size=9), max_size=6))
def test_portions_make_the_column_that_the_whole_makes(portions: list[list[str | None]]) -> None:
    """Portions without a value, with repeated ones and with different ones."""
    gathered = GatheredColumn(pa.large_string())
    for portion in portions:
        gathered.add(pa.array(portion, type=pa.large_string()))
    whole = [value for portion in portions for value in portion]
    ranked = gathered.ranked(np.arange(len(whole)), ordered=True)
    assert ranked.plain().to_pylist() == whole
    assert ranked.values.to_pylist() == sorted({value for value in whole if value is not None})
