"""Geometries from blobs laid end to end: one object for all rows of one blob, multipolygons without a bytes object each.

Two states of a plan hold the same outlines but for a few hundred. Geometries do not change, so the rows share them.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.store import blob
from gis.store.growing import Growing, estimated

__all__ = ["Shapes"]

_PORTION = (
    1000  # geometries made at once: shapely keeps Python's lock, and a window in another thread waits for it
)
_POLYGON_BYTES = 77  # the least that a polygon takes: 9, its number of vertices 4, four vertices of 16
_RING_BYTES = 68


class Shapes:
    """Makes the geometries of a table, portion by portion; ``expected`` is a guess of the number of rows."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._kept: Growing[np.uint8] = Growing(np.uint8, 0)
        self._ends: Growing[np.int64] = Growing(np.int64, expected + 1)
        self._ends.add(np.zeros(1, dtype=np.int64))
        self._sizes: Growing[np.int64] = Growing(np.int64, expected)
        self._hashes: Growing[np.int64] = Growing(np.int64, expected)
        self._made: Growing[np.object_] = Growing(object, 0)
        self._numbers: Growing[np.int64] = Growing(np.int64, expected)
        self._slots = np.full(1, -1, dtype=np.int64)

    def add(
        self,
        data: NDArray[np.uint8],
        begins: NDArray[np.int64],
        sizes: NDArray[np.int64],
        filled: NDArray[np.bool_],
    ) -> None:
        """Append rows; those that are not ``filled`` have no geometry.

        Blob ``i`` is the ``sizes[i]`` bytes of ``data`` from ``begins[i]``, a multiple of 8, as is the length of ``data``.
        """
        from gis.store.shape_kernels import number_blobs

        rows, known = len(begins), len(self._made)
        if not known and rows:
            self._kept = Growing(np.uint8, estimated(len(data), rows, self._expected) & ~7)
        most = known + rows
        self._make_slots(most)
        numbers, fresh = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64)
        kept, ends = self._kept.whole(len(self._kept) + len(data)), self._ends.whole(most + 1)
        made = number_blobs(
            data, begins, sizes, filled, self._slots, self._hashes.whole(most), kept, ends,
            self._sizes.whole(most), known, numbers, fresh,
        )  # fmt: skip
        self._kept.count(int(ends[made]))
        self._ends.count(made + 1)
        self._sizes.count(made)
        self._hashes.count(made)
        self._numbers.add(numbers)
        first = fresh[: made - known]
        self._made.add(_decoded(data, begins[first], sizes[first]))

    def made(self) -> NDArray[np.object_]:
        """Geometries of all rows, None where a row has none."""
        self._made.add(np.array([None], dtype=object))  # the last one is that of the number -1
        return self._made.taken()[self._numbers.taken()]

    def _make_slots(self, most: int) -> None:
        from gis.store.shape_kernels import place_again

        if 2 * most <= len(self._slots):
            return
        self._slots = np.full(1 << (4 * most).bit_length(), -1, dtype=np.int64)
        place_again(self._hashes.whole(0)[: len(self._hashes)], self._slots)


def _decoded(
    data: NDArray[np.uint8], begins: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Geometries of blobs."""
    from gis.store.shape_kernels import GENERAL, read_multipolygons

    room = int(sizes.sum())
    readers = np.empty(len(begins), dtype=np.uint8)
    coordinates = np.empty((room // 16 + 1, 2))
    rings, polygons, wholes = (
        np.empty(count + 1, dtype=np.int64)
        for count in (room // _RING_BYTES, room // _POLYGON_BYTES, len(begins))
    )
    count = read_multipolygons(data, begins, sizes, readers, coordinates, rings, polygons, wholes)
    shapes = np.empty(len(begins), dtype=object)
    plain = np.flatnonzero(readers != GENERAL)
    for first in range(0, count, _PORTION):
        last = min(first + _PORTION, count)
        offsets = []
        low, high = first, last
        for ends in (wholes, polygons, rings):
            offsets.append(ends[low : high + 1] - ends[low])
            low, high = int(ends[low]), int(ends[high])
        shapes[plain[first:last]] = shapely.from_ragged_array(
            shapely.GeometryType.MULTIPOLYGON, coordinates[low:high], tuple(reversed(offsets))
        )
    rest = np.flatnonzero(readers == GENERAL)
    shapes[rest] = blob.decode(
        [data[begin : begin + size].tobytes() for begin, size in zip(begins[rest], sizes[rest], strict=True)]
    )
    return shapes
