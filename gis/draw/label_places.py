"""Where in a polygon its label stands: in the middle of the widest stretch that a horizontal line finds inside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gis.draw.flat import FlatLayer
from gis.draw.label_kernels import find
from gis.draw.view import View

__all__ = ["label_places", "steady_places"]

_SHARES = (0.5, 0.35, 0.65)  # heights tried, as shares of the part in view
_MOST_CROSSINGS = 512
_BEYOND = 1000  # views on every side in which a whole feature lies


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


def steady_places(layer: FlatLayer, index: NDArray[np.int64], view: View) -> NDArray[np.float64]:
    """(n, 5): x, y and free width as in :func:`label_places`, height and size of the features in pixels.

    A label keeps its place in the land while one pans: that of the whole feature, whatever part of it is seen. Only
    of a feature larger than the view whose place is out of sight, the part in view has a place of its own. The
    size, by which labels take precedence, is the same wherever one looks.
    """
    if view.plane is not None:
        return _bent_places(layer, index, view)
    beyond = _BEYOND * max(view.width, view.height)
    whole = replace(view, width=view.width + 2 * beyond, height=view.height + 2 * beyond)
    found = label_places(layer, index, whole)
    found[:, :2] -= beyond
    box = layer.boxes[index].astype(np.float64) * 0.001 / view.resolution
    wide, high = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    places = np.column_stack([found, high, np.where(layer.areal[index], np.hypot(wide, high), np.inf)])
    x, y = found[:, 0], found[:, 1]
    out = (x < 0) | (y < 0) | (x > view.width) | (y > view.height)
    parts = np.flatnonzero(out & layer.areal[index] & ((wide > view.width) | (high > view.height)))
    if len(parts):
        places[parts, :3] = label_places(layer, index[parts], view)
    return places


def _bent_places(layer: FlatLayer, index: NDArray[np.int64], view: View) -> NDArray[np.float64]:
    """Places found in the project's plane, which lies nearly as the map does, and drawn where they belong."""
    flat = View(view.x, view.y, view.resolution, view.width * view.stretch, view.height)
    places = steady_places(layer, index, flat)
    west, _south, _east, north = flat.extent
    there = np.array([west, north]) + places[:, :2] * (flat.resolution, -flat.resolution)
    places[:, :2] = view.to_screen(there)
    return places
