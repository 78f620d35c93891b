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
    values = column.drop_null()
    if pa.types.is_floating(values.type):
        values = values.filter(pc.invert(pc.is_nan(values)))
    if not len(values):
        return ColumnStatistics(len(column), 0, 0, None, None, None, None, ())
    ends = pc.min_max(values)
    counted = values.value_counts()
    distinct, counts = counted.field("values"), np.asarray(counted.field("counts"))
    # Only values as common as the last that is shown are put in order, not a million different ones.
    least_count = np.partition(counts, max(len(counts) - _FREQUENT, 0))[max(len(counts) - _FREQUENT, 0)]
    common = pa.array(np.flatnonzero(counts >= max(least_count, 2)))
    often = pa.table({"value": distinct.take(common), "count": pa.array(counts).take(common)})
    often = often.sort_by([("count", "descending"), ("value", "ascending")]).slice(0, _FREQUENT).to_pydict()
    return ColumnStatistics(
        rows=len(column),
        filled=len(values),
        distinct=len(distinct),
        total=float(pc.sum(values).as_py()) if summed else None,
        mean=float(pc.mean(values).as_py()) if summed else None,
        least=ends["min"].as_py(),
        most=ends["max"].as_py(),
        frequent=tuple(zip(often["value"], often["count"], strict=True)),
    )
