"""Figures of columns, worked out by pandas and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.store.base import Condition
from gis.store.column_statistics import column_statistics
from gis.store.geopackage import GeoPackageStore
from gis.store.row_lists import RowLists
from tests.gis.store.samples import add, parcels

pa = pytest.importorskip("pyarrow")


@given(st.lists(st.none() | st.integers(-50, 50).map(lambda n: n / 4), max_size=60))
def test_figures_of_numbers_are_those_of_pandas(values: list[float | None]) -> None:
    found = column_statistics(pa.array(values, type=pa.float64()), summed=True)
    series = pd.Series(values, dtype="float64").dropna()
    assert (found.rows, found.filled, found.empty) == (len(values), len(series), len(values) - len(series))
    assert found.distinct == series.nunique()
    counts = series.value_counts()
    repeated = sorted(((-n, v) for v, n in counts.items() if n > 1))[:8]
    assert found.frequent == tuple((v, -n) for n, v in repeated)
    if len(series):
        assert found.total == pytest.approx(series.sum())
        assert found.mean == pytest.approx(series.mean())
        assert (found.least, found.most) == (series.min(), series.max())
    else:
        assert (found.total, found.mean, found.least, found.most) == (None, None, None, None)


def test_texts_have_no_sum_and_a_nan_is_no_value() -> None:
    texts = column_statistics(pa.array(["乙", "甲", "乙", None], type=pa.large_string()), summed=False)
    assert (texts.filled, texts.empty, texts.distinct, texts.total, texts.mean) == (3, 1, 2, None, None)
    assert texts.frequent == (("乙", 2),)
    assert column_statistics(pa.array([1.0, np.nan, None]), summed=True).filled == 1


def test_only_rows_under_the_filter_or_of_the_ids_are_counted(store: GeoPackageStore) -> None:
    frame = parcels(10)
    frame["area"] = np.arange(10, dtype=float)
    add(store, frame)
    lists = RowLists(store)
    where = [Condition("area", ">=", 4.0)]
    assert (
        column_statistics(lists.values("parcel", "area", where), summed=True).total == 4 + 5 + 6 + 7 + 8 + 9
    )
    some = lists.values("parcel", "area", where, only=np.array([1, 5, 10]))
    assert sorted(some.to_pylist()) == [4.0, 9.0]
