"""Sentences of many rows at once, against the same sentences made one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.checks import wording

FIGURES = st.floats(allow_nan=True, allow_infinity=False, width=32) | st.integers(0, 9).map(float)
TEXTS = st.text("亩均ab{}·", max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(FIGURES, FIGURES, TEXTS), max_size=12), TEXTS)
def test_messages_are_filled_as_python_fills_them(rows: list[tuple[float, float, str]], name: str) -> None:
    template = "{name}：{actual}，要求 {wanted}（{note}），{actual}。"
    actual, wanted = (np.array([row[at] for row in rows]) for at in range(2))
    notes = [row[2] for row in rows]
    found = wording.filled(
        template,
        len(rows),
        name=name,
        actual=wording.formatted(actual, "{:g}".format),
        wanted=wording.formatted(wanted, "{:.1f}".format),
        note=wording.each(notes, np.arange(len(notes))),
    )
    assert found.to_pylist() == [
        template.format(name=name, actual=f"{a:g}", wanted=f"{w:.1f}", note=note) for a, w, note in rows
    ]


def test_a_message_without_places_of_rows_is_the_same_in_all() -> None:
    assert wording.filled("已签约，没有承诺值", 2).to_pylist() == ["已签约，没有承诺值"] * 2
    assert wording.filled("{name}：没有", 2, name="税收").to_pylist() == ["税收：没有"] * 2
    assert wording.filled("{name}：没有", 0, name="税收").to_pylist() == []


def test_rows_are_put_together() -> None:
    a, b = wording.runs(["甲", "乙"], [1, 2]), wording.each(["x", "y"], np.array([1, 1, 0]))
    assert a.to_pylist() == ["甲", "乙", "乙"]
    assert wording.joined([a, b], "、").to_pylist() == ["甲、y", "乙、y", "乙、x"]
    assert wording.either(np.array([True, False, True]), a, b).to_pylist() == ["甲", "y", "乙"]
    assert wording.one_of([a, b], np.array([1, 0, 1])).to_pylist() == ["y", "乙", "x"]
    assert wording.stacked([a, b]).to_pylist() == ["甲", "乙", "乙", "y", "y", "x"]
    assert wording.stacked([]).to_pylist() == wording.runs([], []).to_pylist() == []


def test_a_column_is_kept_as_pandas_keeps_a_list_of_texts() -> None:
    for values in (["甲", None, "乙"], ["甲"], [None, None], []):
        plain = pd.DataFrame({"text": values})
        ours = pd.DataFrame({"text": wording.column(wording.each(values, np.arange(len(values))))})
        pd.testing.assert_frame_equal(ours, plain)
