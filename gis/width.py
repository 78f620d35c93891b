"""Effective width of polygons: tells digitising slivers from real strips of land."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.ragged import polygon_parts

__all__ = ["width"]

Floats = NDArray[np.float64]

# Inscribed circles are found to this share of their size.
_PRECISION = 0.02


def width(geometries: ArrayLike, *, limit: float | None = None) -> Floats:
    """Effective width in metres, (n,) float64; of several parts the widest counts; 0.0 without polygons.

    Two figures, the larger of which counts:

    - the short side of the rectangle with the same area A and perimeter P, (P − √(P² − 16 A)) / 4: a
      strip of 2 m × 3 km has 2.0, straight or bent; a shape rounder than a square has √A;
    - the diameter of the largest circle that fits inside, to 2 %, so that a real piece of land with a
      thin tail is not taken for a sliver. It is sought (by shrinking the polygon) only where it can be
      more than half above the first figure.

    With ``limit`` the circle is only sought where it decides whether the width reaches the limit; other
    widths stay lower bounds on the same side of the limit.
    """
    array = np.asarray(geometries, dtype=object)
    parts, owner = polygon_parts(array)
    area, half = shapely.area(parts), shapely.length(parts) / 2
    root = np.sqrt(np.maximum(half**2 - 4 * area, 0.0))
    # 2A / (P/2 + √…) is the same figure without cancellation for long strips.
    widths = np.divide(2 * area, half + root, out=np.zeros_like(area), where=half > 0)
    most = np.sqrt(4 * area / np.pi)
    undecided = most > 1.5 * widths
    if limit is not None:
        undecided &= (widths < limit) & (most >= limit)
    chosen = np.flatnonzero(undecided)
    if len(chosen):
        start = np.full(len(chosen), limit) if limit is not None else 1.1 * widths[chosen]
        widths[chosen] = np.maximum(widths[chosen], _inscribed(parts[chosen], start, most[chosen]))
    result = np.zeros(len(array))
    np.maximum.at(result, owner, widths)
    return result


def _inscribed(polygons: NDArray[np.object_], start: Floats, most: Floats) -> Floats:
    """Diameter of the largest inscribed circle where it is at least ``start``, else 0.0."""
    fits = ~shapely.is_empty(shapely.buffer(polygons, -start / 2, quad_segs=2, join_style="mitre"))
    low, high = start[fits], most[fits]
    open_shapes = polygons[fits]
    while len(low) and np.any(high > low * (1 + _PRECISION)):
        middle = np.sqrt(low * high)
        holds = ~shapely.is_empty(shapely.buffer(open_shapes, -middle / 2, quad_segs=2, join_style="mitre"))
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    result = np.zeros(len(polygons))
    result[fits] = low
    return result
