"""Columns of texts as the checks read them: the same whether a table keeps them in Arrow or as Python's objects."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from layers.checks import tables as read

CELLS = st.one_of(st.none(), st.text(alphabet="a1 \t\x1c\x85\xa0\u3000地", max_size=4))
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=12)


def frames(rows: list[tuple[str | None, str | None]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same two columns as the store gives them and as objects."""
    columns = {"one": [one for one, _ in rows], "two": [two for _, two in rows]}
    kind = pd.StringDtype(na_value=np.nan)
    stored = pd.DataFrame({name: pd.array(values, dtype=kind) for name, values in columns.items()})
    plain = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    return stored, plain


@given(ROWS)
def test_texts_are_stripped_as_python_strips_them(rows: list[tuple[str | None, str | None]]) -> None:
    wanted = [(one or "").strip() for one, _ in rows]
    for frame in frames(rows):
        assert read.texts(frame, "one") == wanted


@given(ROWS)
def test_distinct_combinations_give_every_row_back(rows: list[tuple[str | None, str | None]]) -> None:
    wanted = [((one or "").strip(), (two or "").strip(), "") for one, two in rows]
    for frame in frames(rows):
        keys, row = read.distinct(frame, "one", "two", "missing")
        assert [keys[at] for at in row.tolist()] == wanted
        assert len(keys) == len(set(wanted))


@given(ROWS)
def test_rows_with_a_text_are_found_whatever_stands_around_it(
    rows: list[tuple[str | None, str | None]],
) -> None:
    for frame in frames(rows):
        assert read.rows_with(frame, "one", {"a", "地"}).tolist() == [
            (one or "").strip() in {"a", "地"} for one, _ in rows
        ]
        assert read.rows_with(frame, "missing", {""}).tolist() == [True] * len(rows)
