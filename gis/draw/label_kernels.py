"""Compiled search for the widest stretch inside a polygon on a horizontal line."""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.draw.linked import entry, linked

__all__ = ["find"]


@linked
def _sort(values: Any, count: int) -> None:
    """Few values, in place."""
    for i in range(1, count):
        value, at = values[i], i
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@entry(
    "i4:2", "i8:1", "i8:1", "i4:2", "?:1", "i8:1", "f8:1", "f", "f", "f", "f", "f", "f8:1", "f8:2",
)  # fmt: skip
def find(
    coordinates: Any, rings: Any, features: Any, boxes: Any, areal: Any, index: Any, shares: Any,
    scale: float, tx: float, ty: float, width: float, height: float, crossings: Any, places: Any,
) -> None:  # fmt: skip
    """The door is ``gis.draw.label_places``; ``crossings`` is room to work in, ``places`` takes the answer."""
    for i in range(len(index)):
        f = index[i]
        left, right = max(boxes[f, 0] * scale + tx, 0.0), min(boxes[f, 2] * scale + tx, width)
        top, bottom = max(ty - boxes[f, 3] * scale, 0.0), min(ty - boxes[f, 1] * scale, height)
        places[i, 0], places[i, 1], places[i, 2] = (left + right) / 2, (top + bottom) / 2, np.inf
        if not areal[f]:
            continue
        places[i, 2] = 0.0
        for share in shares:
            y = top + (bottom - top) * share
            count = 0
            for ring in range(features[f], features[f + 1]):
                for v in range(rings[ring], rings[ring + 1] - 1):
                    ya, yb = ty - coordinates[v, 1] * scale, ty - coordinates[v + 1, 1] * scale
                    if (ya <= y) != (yb <= y) and count < len(crossings):
                        xa, xb = coordinates[v, 0] * scale + tx, coordinates[v + 1, 0] * scale + tx
                        crossings[count] = xa + (xb - xa) * (y - ya) / (yb - ya)
                        count += 1
            _sort(crossings, count)
            for k in range(0, count - 1, 2):
                begin, end = max(crossings[k], 0.0), min(crossings[k + 1], width)
                # The middle height is left only for a stretch that is clearly wider.
                if end - begin > places[i, 2] * 1.3:
                    places[i, 0], places[i, 1], places[i, 2] = (begin + end) / 2, y, end - begin
