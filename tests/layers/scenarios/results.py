"""Whether two runs of the checks came to the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import pytest

from layers.checks.result import CheckResult, UnitResult

__all__ = ["assert_same"]


def assert_same(
    first: Sequence[CheckResult], second: Sequence[CheckResult], *, answered: bool = False
) -> None:
    """Verdicts, figures, explanations and evidence; the evidence in any order.

    ``answered`` leaves out what a user said to a warning, which a scenario has not been asked.
    """
    assert [item.id for item in first] == [item.id for item in second]
    for one, other in zip(first, second, strict=True):
        places = [[*item.units, *([item.city] if item.city else [])] for item in (one, other)]
        for left, right in zip(*places, strict=True):
            assert (left.code, left.verdict, left.explanation) == (
                right.code,
                right.verdict,
                right.explanation,
            )
            assert list(left.figures) == list(right.figures)
            assert _numbers(left) == pytest.approx(_numbers(right), rel=1e-9, abs=1e-6, nan_ok=True)
        pd.testing.assert_frame_equal(_sorted(one, answered), _sorted(other, answered), check_dtype=False)


def _numbers(result: UnitResult) -> list[float]:
    return [math.nan if value is None else value for value in result.figures.values()]


def _sorted(result: CheckResult, answered: bool) -> pd.DataFrame:
    table = pd.DataFrame(result.evidence)
    table = table.assign(
        geometry=[None if shape is None else shape.normalize().wkt for shape in table["geometry"]]
    )
    if answered:
        table = table.drop(
            columns=[name for name in ("state", "reason") if name in table and result.id == "rezoning"]
        )
    names = [name for name in ("uuid", "after_uuid", "way", "geometry") if name in table]
    # Amounts are sums of areas cut in another order: compared to the square millimetre.
    rounded = table.apply(lambda column: column.round(6) if column.dtype.kind == "f" else column)
    return rounded.sort_values(names, kind="stable").reset_index(drop=True)
