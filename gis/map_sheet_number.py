"""图幅号: number of the 1:10 000 national map sheet that covers a place (GB/T 13989)."""

from __future__ import annotations

__all__ = ["sheet_number_10000"]

_SHEET_HEIGHT = 2.5 / 60.0  # 2′30″ of latitude
_SHEET_WIDTH = 3.75 / 60.0  # 3′45″ of longitude


def sheet_number_10000(longitude: float, latitude: float) -> str:
    """Number of the 1:10 000 sheet (scale letter G) at a place given in degrees, CGCS2000.

    >>> sheet_number_10000(109.03, 32.69)
    'I49G080017'
    """
    band = chr(ord("A") + int(latitude // 4))
    column = int(longitude // 6) + 31
    row_in_million = round(4 / _SHEET_HEIGHT) - int((latitude % 4) / _SHEET_HEIGHT)
    column_in_million = int((longitude % 6) / _SHEET_WIDTH) + 1
    return f"{band}{column:02d}G{row_in_million:03d}{column_in_million:03d}"
