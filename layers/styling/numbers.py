"""Class numbers of rows from the values of a field: array work, for a million rows as for ten."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.styling.style import LayerStyle, Renderer

__all__ = ["Values", "class_numbers", "gathered"]


class Values:
    """Values of one field by row: ``codes`` (n,) index ``texts``, or ``numbers`` (n,) with NaN for none."""

    __slots__ = ("codes", "numbers", "texts")

    def __init__(
        self,
        codes: NDArray[np.int32] | None = None,
        texts: Sequence[str] = (),
        numbers: NDArray[np.float64] | None = None,
    ) -> None:
        self.codes, self.texts, self.numbers = codes, tuple(texts), numbers

    def taken(self, ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> Values:
        """The values of rows ``wanted``, the present ones being those of ``ids``; empty for rows that are not there."""
        at = _places(ids, wanted)
        there = at >= 0
        if self.numbers is not None:
            numbers = np.full(len(wanted), np.nan)
            numbers[there] = self.numbers[at[there]]
            return Values(numbers=numbers)
        codes = np.full(len(wanted), len(self.texts), dtype=np.int32)
        if self.codes is not None:
            codes[there] = self.codes[at[there]]
        return Values(codes, (*self.texts, ""))


def _places(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each wanted id stands in ``ids``, -1 for nowhere. Ids of a table have few gaps: a table is quickest."""
    places = np.full(len(wanted), -1, dtype=np.int64)
    if not len(ids):
        return places
    low, high = int(ids.min()), int(ids.max())
    if high - low > 8 * len(ids) + 1000:
        order = np.argsort(ids)
        at = np.minimum(np.searchsorted(ids[order], wanted), len(ids) - 1)
        found = ids[order][at] == wanted
        places[found] = order[at[found]]
        return places
    table = np.full(high - low + 1, -1, dtype=np.int64)
    table[ids - low] = np.arange(len(ids))
    inside = (wanted >= low) & (wanted <= high)
    places[inside] = table[wanted[inside] - low]
    return places


def gathered(values: Sequence[object], *, numeric: bool) -> Values:
    """Stored values (None for none) as arrays."""
    if numeric:
        return Values(
            numbers=pd.to_numeric(pd.Series(list(values), dtype=object), errors="coerce").to_numpy(np.float64)
        )
    column = np.empty(len(values), dtype=object)
    column[:] = values
    codes, found = pd.factorize(column, use_na_sentinel=False)
    texts = ["" if value is None or value != value else str(value) for value in found]  # NaN
    return Values(codes.astype(np.int32), texts)


def class_numbers(style: LayerStyle, values: Values) -> NDArray[np.uint16]:
    """The number of each row's class in ``style.classes``; their count for a row of no class."""
    nothing = len(style.classes)
    other = next((number for number, item in enumerate(style.classes) if item.other), nothing)
    if style.renderer is Renderer.GRADUATED:
        return _graduated(style, values, other)
    wanted = {
        value: number
        for number, item in reversed(list(enumerate(style.classes)))
        if not item.other
        for value in item.values
    }
    if values.codes is None:
        raise ValueError("categories need codes")
    table = np.array([wanted.get(text, other) for text in values.texts] or [nothing], dtype=np.uint16)
    return table[values.codes]


def _graduated(style: LayerStyle, values: Values, other: int) -> NDArray[np.uint16]:
    numbers = values.numbers
    if numbers is None:
        raise ValueError("graduated classes need numbers")
    found = np.full(len(numbers), other, dtype=np.uint16)
    for number, item in reversed(list(enumerate(style.classes))):
        if item.other:
            continue
        inside = ~np.isnan(numbers)
        if item.low is not None:
            inside &= numbers >= item.low
        if item.high is not None:
            inside &= numbers <= item.high
        found[inside] = number
    return found
