"""图幅号: number of the 1:10 000 national map sheet that covers a place (GB/T 13989)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["sheet_number_10000", "sheet_numbers_10000"]

_COVERED = (72.0, 0.0, 138.0, 56.0)  # degrees: where the national sheets are laid out

_SHEET_HEIGHT = 2.5 / 60.0  # 2′30″ of latitude
_SHEET_WIDTH = 3.75 / 60.0  # 3′45″ of longitude
_IN_MILLION = 96  # sheets along each side of one of 1:1 000 000 (6° × 4°)
_HAIR = 1e-9  # of a sheet: less than 0.01 mm


def sheet_number_10000(longitude: float, latitude: float) -> str:
    """Number of the 1:10 000 sheet (scale letter G) at a place given in degrees, CGCS2000.

    >>> sheet_number_10000(109.03, 32.69)
    'I49G080017'
    """
    # Counted in whole sheets, with a hair added: 32°05′ is exactly two sheets, in floating point a little less.
    rows = math.floor(latitude / _SHEET_HEIGHT + _HAIR)
    columns = math.floor(longitude / _SHEET_WIDTH + _HAIR)
    band = chr(ord("A") + rows // _IN_MILLION)
    column = columns // _IN_MILLION + 31
    row_in_million = _IN_MILLION - rows % _IN_MILLION
    column_in_million = columns % _IN_MILLION + 1
    return f"{band}{column:02d}G{row_in_million:03d}{column_in_million:03d}"


def sheet_numbers_10000(lonlat: NDArray[np.float64]) -> tuple[str, ...]:
    """Numbers of the 1:10 000 sheets on which the points (n, 2) in degrees lie, from north-west to south-east.

    Empty outside the country the sheets are made for.
    """
    west, south, east, north = _COVERED
    inside = (lonlat[:, 0] >= west) & (lonlat[:, 0] < east) & (lonlat[:, 1] >= south) & (lonlat[:, 1] < north)
    cells = np.unique(np.floor(lonlat[inside] / (_SHEET_WIDTH, _SHEET_HEIGHT)).astype(np.int64), axis=0)
    ordered = cells[np.lexsort((cells[:, 0], -cells[:, 1]))]
    return tuple(
        sheet_number_10000((column + 0.5) * _SHEET_WIDTH, (row + 0.5) * _SHEET_HEIGHT)
        for column, row in ordered.tolist()
    )
