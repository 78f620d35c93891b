"""Loops over GeoPackage blobs: which of them are alike, and the coordinates of multipolygons as flat arrays.

Layout: OGC 12-128r18, clause 2.1.3 (header) and ISO WKB (body). Blobs lie in one uint8 array, each beginning where
eight bytes of it do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled, inlined
from gis.store.c_calls import copied

__all__ = ["GENERAL", "MULTIPOLYGON", "number_blobs", "place_again", "read_multipolygons"]

GENERAL, MULTIPOLYGON = 0, 1  # who reads a blob: a general reader, or the loop here
_POLYGON, _COLLECTION = 3, 6  # of WKB
_PRIME = 1099511628211


@inlined
def _whole(data: NDArray[np.uint8], at: int) -> int:
    """Four bytes, the lowest first."""
    low = np.int64(data[at]) | np.int64(data[at + 1]) << 8
    return int(low | np.int64(data[at + 2]) << 16 | np.int64(data[at + 3]) << 24)


@compiled
def _mixed(data: NDArray[np.uint8], words: NDArray[np.int64], begin: int, size: int) -> int:
    """A hash of a blob."""
    mixed = np.int64(size)
    for k in range(begin >> 3, (begin + size) >> 3):
        mixed = (mixed ^ words[k]) * _PRIME
        mixed ^= mixed >> 32
    for k in range(begin + (size & ~7), begin + size):
        mixed = (mixed ^ np.int64(data[k])) * _PRIME
    return int(mixed ^ (mixed >> 29))


@compiled
def place_again(hashes: NDArray[np.int64], slots: NDArray[np.int64]) -> None:
    """Fill an empty hash table (-1 where free, a power of two) with blobs of those hashes."""
    for number in range(len(hashes)):
        slot = hashes[number] & (len(slots) - 1)
        while slots[slot] >= 0:
            slot = (slot + 1) & (len(slots) - 1)
        slots[slot] = number


@compiled
def number_blobs(
    data: NDArray[np.uint8],
    begins: NDArray[np.int64],
    sizes: NDArray[np.int64],
    filled: NDArray[np.bool_],
    slots: NDArray[np.int64],
    hashes: NDArray[np.int64],
    kept: NDArray[np.uint8],
    kept_ends: NDArray[np.int64],
    kept_sizes: NDArray[np.int64],
    known: int,
    numbers: NDArray[np.int64],
    fresh: NDArray[np.int64],
) -> int:
    """Number the different blobs in the order in which they come; returns how many there are then.

    ``known`` of them are there before: their bytes lie in ``kept`` up to ``kept_ends``, their hashes and
    sizes in ``hashes`` and ``kept_sizes``, their numbers in the hash table ``slots``. All of these have room for the
    blobs of this call. ``numbers`` (rows,) gets the number of each row's blob, -1 where it has none; ``fresh`` the
    row where each new one first occurs.
    """
    words, kept_words = data.view(np.int64), kept.view(np.int64)
    made = known
    for row in range(len(begins)):
        numbers[row] = -1
        if not filled[row]:
            continue
        begin, size = begins[row], sizes[row]
        mixed = _mixed(data, words, begin, size)
        slot = mixed & (len(slots) - 1)
        while True:
            found = slots[slot]
            if found < 0:
                end = kept_ends[made]
                copied(kept.ctypes.data + end, data.ctypes.data + begin, size)
                slots[slot], hashes[made], kept_sizes[made] = made, mixed, size
                kept_ends[made + 1] = (end + size + 7) & ~7
                fresh[made - known] = row
                found = made
                made += 1
                break
            if hashes[found] == mixed and kept_sizes[found] == size:
                first = kept_ends[found]
                same = True
                for k in range(size >> 3):
                    same &= kept_words[(first >> 3) + k] == words[(begin >> 3) + k]
                for k in range(size & ~7, size):
                    same &= kept[first + k] == data[begin + k]
                if same:
                    break
            slot = (slot + 1) & (len(slots) - 1)
        numbers[row] = found
    return made


@compiled
def read_multipolygons(
    data: NDArray[np.uint8],
    begins: NDArray[np.int64],
    sizes: NDArray[np.int64],
    readers: NDArray[np.uint8],
    coordinates: NDArray[np.float64],
    rings: NDArray[np.int64],
    polygons: NDArray[np.int64],
    wholes: NDArray[np.int64],
) -> int:
    """Coordinates and ends of the multipolygons among blobs, one behind the other; returns how many there are.

    ``readers`` says for each blob whether it is ``MULTIPOLYGON``, or ``GENERAL``: one of another type or byte order,
    with Z or M, empty, cut short, or with a ring that has less than four vertices or does not close.
    ``coordinates`` is (V, 2), ``rings``, ``polygons`` and ``wholes`` are the offsets of vertices, rings and polygons, from 0
    on; of each there is room for what the blobs could hold.
    """
    taken, vertex, ring, polygon = 0, 0, 0, 0
    rings[0], polygons[0], wholes[0] = 0, 0, 0
    address = data.ctypes.data
    target = coordinates.ctypes.data
    for i in range(len(begins)):
        readers[i] = GENERAL
        at, end = begins[i], begins[i] + sizes[i]
        if end - at < 8 or data[at] != 71 or data[at + 1] != 80:
            continue
        envelope = (data[at + 3] >> 1) & 0b111
        if envelope > 4:
            continue
        at += 8 + (0 if envelope == 0 else 32 if envelope == 1 else 64 if envelope == 4 else 48)
        if end - at < 9 or data[at] != 1 or _whole(data, at + 1) != _COLLECTION:
            continue
        parts = _whole(data, at + 5)
        at += 9
        good = parts > 0
        v, r, p = vertex, ring, polygon
        while good and parts > 0:
            parts -= 1
            if end - at < 9 or data[at] != 1 or _whole(data, at + 1) != _POLYGON:
                good = False
                break
            lines = _whole(data, at + 5)
            at += 9
            good = lines > 0
            while good and lines > 0:
                lines -= 1
                number = _whole(data, at) if end - at >= 4 else 0
                at += 4
                good = number >= 4 and end - at >= 16 * number
                if good:
                    copied(target + 16 * v, address + at, 16 * number)
                    last = v + number - 1
                    good = (
                        coordinates[v, 0] == coordinates[last, 0]
                        and coordinates[v, 1] == coordinates[last, 1]
                    )
                    at += 16 * number
                    v += number
                    r += 1
                    rings[r] = v
            p += 1
            polygons[p] = r
        if not good or at != end:
            continue
        vertex, ring, polygon = v, r, p
        taken += 1
        wholes[taken] = polygon
        readers[i] = MULTIPOLYGON
    return taken
