"""What a column holds, in a few figures: counts, sum, mean, extremes, the most frequent values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ColumnStatistics", "column_statistics"]

_FREQUENT = 8


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """Figures of one column. ``total`` and ``mean`` are None unless it holds numbers.

    ``least`` and ``most`` are stored values (days and texts as texts); ``frequent`` are the values that occur most
    often with their counts, the commonest first, equally common ones in their own order; what occurs once is not
    among them.
    """

    rows: int
    filled: int
    distinct: int
    total: float | None
    mean: float | None
    least: Any
    most: Any
    frequent: tuple[tuple[Any, int], ...]

    @property
    def empty(self) -> int:
        """Rows without a value."""
        return self.rows - self.filled


def column_statistics(column: Any, *, summed: bool) -> ColumnStatistics:
    """Figures of an Arrow array as `gis.store.row_lists.RowLists.values` gives it.

    ``summed`` asks for sum and mean, which numbers that are no amounts (a year, a yes or no) do not have.
    """
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    known, places = coded.dictionary, coded.indices
    if pa.types.is_floating(known.type):
        number = pc.if_else(pc.is_nan(known), pa.scalar(None, known.type), known)
        coded = pa.DictionaryArray.from_arrays(places, number)
        known = number
    counts = np.bincount(np.asarray(places.drop_null()), minlength=len(known))
    used = np.flatnonzero((counts > 0) & np.asarray(known.is_valid()))
    distinct, counts = known.take(pa.array(used)), counts[used]
    if not len(distinct):
        return ColumnStatistics(len(column), 0, 0, None, None, None, None, ())
    ends = pc.min_max(distinct)
    # Only values as common as the last that is shown are put in order, not a million different ones.
    least_count = np.partition(counts, max(len(counts) - _FREQUENT, 0))[max(len(counts) - _FREQUENT, 0)]
    common = pa.array(np.flatnonzero(counts >= max(least_count, 2)))
    often = pa.table({"value": distinct.take(common), "count": pa.array(counts).take(common)})
    often = often.sort_by([("count", "descending"), ("value", "ascending")]).slice(0, _FREQUENT).to_pydict()
    values = coded.dictionary_decode() if summed else None
    return ColumnStatistics(
        rows=len(column),
        filled=int(counts.sum()),
        distinct=len(distinct),
        total=float(pc.sum(values).as_py()) if summed else None,
        mean=float(pc.mean(values).as_py()) if summed else None,
        least=ends["min"].as_py(),
        most=ends["max"].as_py(),
        frequent=tuple(zip(often["value"], often["count"], strict=True)),
    )
