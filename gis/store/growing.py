"""Arrays that are appended to: a million rows come in portions, and their number is only guessed beforehand."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Growing", "estimated"]

_Item = TypeVar("_Item", bound=np.generic)


class Growing(Generic[_Item]):
    """Room for ``expected`` items at first. Room that is not used costs nothing: no page of it is ever touched."""

    def __init__(self, dtype: DTypeLike, expected: int) -> None:
        self._array: NDArray[_Item] = np.empty(max(expected, 1), dtype=dtype)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def add(self, values: NDArray[_Item]) -> None:
        """Append."""
        end = self._used + len(values)
        self.whole(end)[self._used : end] = values
        self._used = end

    def whole(self, room: int) -> NDArray[_Item]:
        """All of the array, with room for at least so many items; what is written there is not counted as added."""
        if room > len(self._array):
            larger: NDArray[_Item] = np.empty(max(room, 2 * len(self._array)), dtype=self._array.dtype)
            larger[: self._used] = self._array[: self._used]
            self._array = larger
        return self._array

    def count(self, used: int) -> None:
        """Count what was written into ``whole`` up to there as added."""
        self._used = used

    def taken(self) -> NDArray[_Item]:
        """The items, without the room behind them. Nothing can be added any more."""
        array = self._array
        if self._used < len(array):
            array.resize(self._used, refcheck=False)
        return array


def estimated(size: int, rows: int, expected: int) -> int:
    """Bytes that all rows may take, and some more, when so many of them take ``size``."""
    return size * max(expected, rows) // max(rows, 1) * 9 // 8 + 64
