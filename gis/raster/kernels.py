"""Compiled loop of the backgrounds: pixels of one system put where another system has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.compiled import compiled

__all__ = ["warp"]


@compiled
def warp(
    target: Any,
    source: Any,
    columns: Any,
    rows: Any,
    step: int,
    limit_left: float,
    limit_top: float,
    limit_right: float,
    limit_bottom: float,
) -> None:
    """Fill ``target`` (h, w, 4) from ``source`` (rows, columns, 4), both premultiplied RGBA, bilinearly.

    ``columns`` and ``rows`` say at every ``step``-th corner of target pixels where that is in the source, in pixels
    counted from its upper left corner; between them they are taken as linear. What lies outside the limits (the
    picture's edge, in the same count) or has no place (NaN) stays as it is.
    """
    height, width = target.shape[0], target.shape[1]
    last_row, last_column = source.shape[0] - 1, source.shape[1] - 1
    for row in range(height):
        down = (row + 0.5) / step
        band = int(down)
        down -= band
        for cell in range((width + step - 1) // step):
            left_u = columns[band, cell] * (1.0 - down) + columns[band + 1, cell] * down
            left_v = rows[band, cell] * (1.0 - down) + rows[band + 1, cell] * down
            right_u = columns[band, cell + 1] * (1.0 - down) + columns[band + 1, cell + 1] * down
            right_v = rows[band, cell + 1] * (1.0 - down) + rows[band + 1, cell + 1] * down
            if not np.isfinite(left_u + left_v + right_u + right_v):
                continue
            for column in range(cell * step, min((cell + 1) * step, width)):
                across = (column + 0.5 - cell * step) / step
                u = left_u + (right_u - left_u) * across
                v = left_v + (right_v - left_v) * across
                if u < limit_left or v < limit_top or u >= limit_right or v >= limit_bottom:
                    continue
                u = min(max(u - 0.5, 0.0), float(last_column))
                v = min(max(v - 0.5, 0.0), float(last_row))
                first_u, first_v = int(u), int(v)
                next_u, next_v = min(first_u + 1, last_column), min(first_v + 1, last_row)
                share_u, share_v = u - first_u, v - first_v
                for band_of in range(4):
                    above = source[first_v, first_u, band_of] * (1.0 - share_u)
                    above += source[first_v, next_u, band_of] * share_u
                    below = source[next_v, first_u, band_of] * (1.0 - share_u)
                    below += source[next_v, next_u, band_of] * share_u
                    target[row, column, band_of] = np.uint8(above + (below - above) * share_v + 0.5)
