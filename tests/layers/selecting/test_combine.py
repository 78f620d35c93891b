"""What becomes of rows found and rows selected before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.selecting.combine import Combine, combined

BEFORE, FOUND = ["a", "b", "c"], ["d", "b", "b"]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (Combine.NEW, ["d", "b"]),
        (Combine.ADD, ["a", "b", "c", "d"]),
        (Combine.REMOVE, ["a", "c"]),
        (Combine.WITHIN, ["b"]),
        (Combine.TOGGLE, ["a", "c", "d"]),
    ],
)
def test_each_way_of_combining(how: Combine, expected: list[str]) -> None:
    assert combined(BEFORE, FOUND, how) == expected


@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcdef")))
def test_they_are_the_operations_of_sets_and_hold_no_doubles(before: list[str], found: list[str]) -> None:
    one, other = set(before), set(found)
    expected = {
        Combine.NEW: other,
        Combine.ADD: one | other,
        Combine.REMOVE: one - other,
        Combine.WITHIN: one & other,
        Combine.TOGGLE: one ^ other,
    }
    for how, rows in expected.items():
        assert sorted(combined(before, found, how)) == sorted(rows)
