"""GeoPackage binary geometry: a header with the bounding box, then WKB (OGC 12-128r18, clause 2.1.3)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["HEADER", "OWN_FLAGS", "bare_wkb", "decode", "encode", "envelope", "is_empty"]

HEADER = 40  # length in bytes of the header this program writes: 8 fixed and an x/y envelope
OWN_FLAGS = 0b0000_0011  # little-endian, not empty, envelope of x and y
_EMPTY = 0b0001_0000
# Multi-part type → type id of its parts (shapely), and the WKB that stands before a lone part: little-endian, type, 1.
_COLLECTION_OF_ONE = {
    "MULTIPOINT": (0, b"\x01\x04\x00\x00\x00\x01\x00\x00\x00"),
    "MULTILINESTRING": (1, b"\x01\x05\x00\x00\x00\x01\x00\x00\x00"),
    "MULTIPOLYGON": (3, b"\x01\x06\x00\x00\x00\x01\x00\x00\x00"),
}
# Length of the envelope by its code in the flags (bits 1 to 3).
_ENVELOPE_LENGTHS = (0, 32, 48, 48, 64)
_PORTION = 500


def encode(geometries: NDArray[np.object_], epsg: int, wanted: str = "GEOMETRY") -> list[bytes | None]:
    """Blobs of geometries; missing and empty ones become None, third dimensions are dropped.

    Where a multi-part type is ``wanted``, a single part is written as a collection of one.
    """
    geometries = np.asarray(geometries, dtype=object)
    present = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    blobs: list[bytes | None] = [None] * len(geometries)
    if not present.any():
        return blobs
    kept = geometries[present]
    start = b"GP\x00" + bytes([OWN_FLAGS]) + struct.pack("<i", epsg)
    boxes = shapely.bounds(kept)[:, [0, 2, 1, 3]].astype("<f8").tobytes()
    bodies = shapely.to_wkb(kept, byte_order=1, output_dimension=2)
    single, prefix = _COLLECTION_OF_ONE.get(wanted, (None, b""))
    heads = np.where(shapely.get_type_id(kept) == single, 1, 0).tolist()
    starts = (b"", prefix)
    # One pass that glues bytes objects; there is no array form of a list of blobs.
    places = np.flatnonzero(present).tolist()
    for count, (position, body, head) in enumerate(zip(places, bodies, heads, strict=True)):
        blobs[position] = start + boxes[count * 32 : count * 32 + 32] + starts[head] + body
    return blobs


def bare_wkb(blobs: Sequence[bytes | None]) -> list[bytes | None]:
    """The WKB behind each header. Headers of other programs may be shorter or longer than ours."""
    return [
        None if blob is None else blob[HEADER:] if blob[3] == OWN_FLAGS else blob[_header_length(blob) :]
        for blob in blobs
    ]


def decode(blobs: Sequence[bytes | None]) -> NDArray[np.object_]:
    """Geometries of blobs; None stays None."""
    bodies = np.array(bare_wkb(blobs), dtype=object)
    shapes = np.empty(len(bodies), dtype=object)
    # In portions: GEOS parses under Python's lock, and a window in another thread would stand still meanwhile.
    for start in range(0, len(bodies), _PORTION):
        shapes[start : start + _PORTION] = shapely.from_wkb(bodies[start : start + _PORTION])
    return shapes


def _header_length(blob: bytes) -> int:
    if blob[:2] != b"GP":
        raise ValueError("not a GeoPackage geometry")
    return 8 + _ENVELOPE_LENGTHS[(blob[3] >> 1) & 0b111]


def is_empty(blob: bytes | None) -> int | None:
    """SQL function ST_IsEmpty, from the flag in the header."""
    return None if blob is None else int(bool(blob[3] & _EMPTY))


def envelope(blob: bytes | None) -> tuple[float, float, float, float] | None:
    """(min x, max x, min y, max y) from the header, or from the geometry where the header has none."""
    if blob is None or blob[3] & _EMPTY:
        return None
    order = "<" if blob[3] & 1 else ">"
    if (blob[3] >> 1) & 0b111:
        return struct.unpack_from(f"{order}4d", blob, 8)
    west, south, east, north = shapely.bounds(shapely.from_wkb(blob[_header_length(blob) :]))
    return float(west), float(east), float(south), float(north)
