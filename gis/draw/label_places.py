"""Where in a polygon its label stands: in the middle of the widest stretch that a horizontal line finds inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.draw.flat import FlatLayer
from gis.draw.label_kernels import find
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
    find(
        layer.coordinates, layer.rings, layer.features, layer.boxes, layer.areal, index, np.array(_SHARES),
        scale, tx, ty, float(view.width), float(view.height), np.empty(_MOST_CROSSINGS), places,
    )  # fmt: skip
    return places
