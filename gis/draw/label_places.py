"""Where in a polygon its label stands: in the middle of the widest stretch that a horizontal line finds inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled
from gis.draw.flat import FlatLayer
from gis.draw.view import View

__all__ = ["label_places"]

_SHARES = (0.5, 0.35, 0.65)  # heights tried, as shares of the part in view
_MOST_CROSSINGS = 512


def label_places(layer: FlatLayer, index: NDArray[np.int64], view: View) -> NDArray[np.float64]:
    """(n, 3): x and y in pixels of the view and the free width there in pixels, of features that touch the view.

    Lines and points get the middle of their box and an endless width.
    """
    west, _south, _east, north = view.extent
    scale = 0.001 / view.resolution
    tx, ty = (layer.origin[0] - west) / view.resolution, (north - layer.origin[1]) / view.resolution
    places = np.empty((len(index), 3))
    _find(
        layer.coordinates, layer.rings, layer.features, layer.boxes, layer.areal, index, np.array(_SHARES),
        scale, tx, ty, float(view.width), float(view.height), np.empty(_MOST_CROSSINGS), places,
    )  # fmt: skip
    return places


@compiled
def _find(
    coordinates: Any, rings: Any, features: Any, boxes: Any, areal: Any, index: Any, shares: Any,
    scale: float, tx: float, ty: float, width: float, height: float, crossings: Any, places: Any,
) -> None:  # fmt: skip
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
            crossings[:count].sort()
            for k in range(0, count - 1, 2):
                begin, end = max(crossings[k], 0.0), min(crossings[k + 1], width)
                # The middle height is left only for a stretch that is clearly wider.
                if end - begin > places[i, 2] * 1.3:
                    places[i, 0], places[i, 1], places[i, 2] = (begin + end) / 2, y, end - begin
