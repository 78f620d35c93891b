"""A stored column as its different values in order and, of each row, the place of its value among them.

To sort is then to sort small integers, a condition is asked once of each different value, and counting is counting
integers: what takes a second with a million texts takes a few hundredths of one. Two to four bytes a row and each
different value once is also less memory than the column itself.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gis.store import arrow_columns
from gis.store.base import Condition

__all__ = ["GatheredColumn", "RankedColumn", "rank_type"]

_FEW = 2000  # values that are put among the others one by one; of more all are put in order anew


def rank_type(count: int) -> Any:
    """The dtype for ranks of so many different values and, one behind them, of what is missing."""
    return np.uint16 if count < 0xFFFF else np.int32


@dataclass(frozen=True, slots=True, eq=False)
class RankedColumn:
    """``values`` are different values, without missing ones, in ascending order where it is ``ordered``; not each need
    occur. ``ranks`` (n,) are the places of the rows' values there, ``len(values)`` where one is missing. ``fids`` (n,)
    are the ids of the rows.
    """

    fids: NDArray[np.int64]
    values: Any  # Arrow array
    ranks: NDArray[Any]
    ordered: bool = True

    @classmethod
    def of(cls, fids: NDArray[np.int64], column: Any, *, ordered: bool = True) -> RankedColumn:
        """From a value for each row, an Arrow array, a dictionary array too. NaN is no value."""
        if ordered and pa.types.is_floating(column.type):
            return cls._of_numbers(fids, column)
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        values, places = encoded.dictionary, encoded.indices
        kept = np.arange(len(values))
        if pa.types.is_floating(values.type):
            kept = kept[~np.isnan(np.asarray(values))]
        if ordered:
            kept = kept[np.asarray(pc.array_sort_indices(values.take(pa.array(kept)))).astype(np.int64)]
        # One more at the end stands for what is missing.
        rank_of = np.full(len(values) + 1, len(kept), dtype=rank_type(len(kept)))
        rank_of[kept] = np.arange(len(kept))
        filled = np.asarray(places.fill_null(len(values)))
        return cls(fids, values.take(pa.array(kept)), rank_of[filled], ordered)

    @classmethod
    def _of_numbers(cls, fids: NDArray[np.int64], column: Any) -> RankedColumn:
        """Numbers are sorted faster than looked up."""
        numbers = np.asarray(column.fill_null(np.nan))
        filled = np.flatnonzero(~np.isnan(numbers))
        order = filled[np.argsort(numbers[filled])]
        ascending = numbers[order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = ascending[1:] != ascending[:-1]
        count = int(first.sum())
        ranks = np.full(len(numbers), count, dtype=rank_type(count))
        ranks[order] = np.cumsum(first) - 1
        return cls(fids, pa.array(ascending[first]), ranks)

    @property
    def nbytes(self) -> int:
        """Memory, or mapped file, behind it, the row ids left out."""
        return int(self.values.nbytes) + self.ranks.nbytes

    def __len__(self) -> int:
        return len(self.ranks)

    def order(self, chosen: NDArray[np.int64], descending: bool) -> NDArray[np.int64]:
        """Some rows (their places) by value, missing ones last, equal ones in the order given."""
        column = self if self.ordered else RankedColumn.of(self.fids, self.plain())
        count = len(column.values)
        ranks = column.ranks[chosen]
        if descending:
            ranks = np.append(np.arange(count)[::-1], count).astype(ranks.dtype)[ranks]
        return chosen[_argsort(ranks)]

    def holds(self, condition: Condition) -> NDArray[np.bool_]:
        """Which rows satisfy a condition; see `gis.store.arrow_columns.holds`."""
        answers = np.append(
            arrow_columns.holds(condition, self.values), condition.operator.lower() == "isnull"
        )
        return np.asarray(answers[self.ranks])

    def coded(self, chosen: NDArray[np.int64] | None = None) -> Any:
        """The values of all rows, or of some places, as an Arrow dictionary array."""
        ranks = self.ranks if chosen is None else self.ranks[chosen]
        places = pa.array(ranks.astype(np.int32), mask=ranks == len(self.values))
        return pa.DictionaryArray.from_arrays(places, self.values)

    def plain(self, chosen: NDArray[np.int64] | None = None) -> Any:
        """The values of all rows, or of some places, as an Arrow array."""
        return self.coded(chosen).dictionary_decode()

    def different(self, most: int) -> list[Any]:
        """The different values that occur, in order, ``most`` of them at most."""
        column = self if self.ordered else RankedColumn.of(self.fids, self.plain())
        used = np.bincount(column.ranks, minlength=len(column.values) + 1)[: len(column.values)]
        found: list[Any] = column.values.take(pa.array(np.flatnonzero(used)[:most])).to_pylist()
        return found

    def moved(
        self, fids: NDArray[np.int64], places: NDArray[np.int64], new: Sequence[object]
    ) -> RankedColumn:
        """The column for other rows: the value of the row at each of the ``places``, -1 for the next of ``new``."""
        added = arrow_columns.array_of(new, self.values.type)
        if pa.types.is_floating(added.type):
            added = pc.if_else(pc.is_nan(added), pa.scalar(None, added.type), added)
        encoded = added.dictionary_encode()
        if not self.ordered or len(encoded.dictionary) > _FEW:
            order = np.where(places < 0, 0, places)
            order[places < 0] = len(self) + np.arange(len(added))
            whole = pa.concat_arrays([self.plain(), added])
            return RankedColumn.of(fids, whole.take(pa.array(order)), ordered=self.ordered)
        values, shift, rank_of = self._with(encoded.dictionary)
        ranks = shift[self.ranks[places]] if len(self) else np.zeros(len(places), shift.dtype)
        ranks[places < 0] = rank_of[np.asarray(encoded.indices.fill_null(len(rank_of) - 1))]
        return RankedColumn(fids, values, ranks)

    def _with(self, others: Any) -> tuple[Any, NDArray[Any], NDArray[Any]]:
        """The values with others among them, what the ranks become by that, and the ranks of the others; the last
        of both is that of what is missing.
        """
        count, texts = len(self.values), others.to_pylist()
        at = [bisect_left(range(count), text, key=lambda place: self.values[place].as_py()) for text in texts]
        new = [number for number, (place, text) in enumerate(zip(at, texts, strict=True))
               if place == count or self.values[place].as_py() != text]  # fmt: skip
        new.sort(key=lambda number: texts[number])
        pieces, last = [], 0
        for number in new:
            pieces += [self.values.slice(last, at[number] - last), others.slice(number, 1)]
            last = at[number]
        values = pa.concat_arrays([*pieces, self.values.slice(last)]) if new else self.values
        kind = rank_type(len(values))
        # Behind each place that new values were put at, ranks are higher by their number.
        before = np.bincount(np.array([at[number] for number in new], dtype=np.int64), minlength=count + 1)
        shift = np.arange(count + 1) + np.cumsum(before)
        rank_of = shift[np.array([*at, count])]
        rank_of[new] = [at[number] + turn for turn, number in enumerate(new)]
        return values, shift.astype(kind), rank_of.astype(kind)


class GatheredColumn:
    """The portions of a column that is being read, in as little memory as they allow.

    Where values repeat, each portion keeps them once; where there is none, it keeps nothing.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._pieces: list[Any] = []
        self._coded: bool | None = None  # None: nothing but missing values so far
        self._nothing: dict[int, Any] = {}

    def add(self, piece: Any) -> None:
        """The values of further rows, an Arrow array."""
        if piece.null_count == len(piece):
            piece = self._nothing.setdefault(len(piece), pa.nulls(len(piece), self._kind))
        elif self._coded is None:
            encoded = piece.dictionary_encode()
            self._coded = len(encoded.dictionary) * 2 < len(piece)
            piece = encoded if self._coded else piece
        elif self._coded:
            piece = piece.dictionary_encode()
        self._pieces.append(piece)

    def ranked(self, fids: NDArray[np.int64], *, ordered: bool) -> RankedColumn:
        """All of it; nothing is kept here."""
        pieces, self._pieces = self._pieces, []
        if not self._coded:
            whole = pa.concat_arrays([pa.array([], self._kind), *pieces])
            return RankedColumn.of(fids, whole, ordered=ordered)
        kind = pa.dictionary(pa.int32(), self._kind)
        nothing = {size: pa.DictionaryArray.from_arrays(pa.nulls(size, pa.int32()), pa.array([], self._kind))
                   for size in self._nothing}  # fmt: skip
        pieces = [piece if pa.types.is_dictionary(piece.type) else nothing[len(piece)] for piece in pieces]
        joined = pa.chunked_array(pieces, type=kind).unify_dictionaries().combine_chunks()
        if isinstance(joined, pa.ChunkedArray):
            joined = joined.chunk(0)
        return RankedColumn.of(fids, joined, ordered=ordered)


def _argsort(ranks: NDArray[Any]) -> NDArray[np.int64]:
    """Stable. numpy sorts 16 bits by counting: two of such rounds are quicker than one of 32 bits."""
    if ranks.dtype.itemsize <= 2:
        return np.argsort(ranks, kind="stable")
    low = np.argsort((ranks & 0xFFFF).astype(np.uint16), kind="stable")
    return np.asarray(low[np.argsort((ranks >> 16).astype(np.uint16)[low], kind="stable")])
