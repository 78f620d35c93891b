"""A layer as flat arrays: all rings one after the other, ready to be transformed at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["LayerBuffers", "from_geometries", "from_wkb"]


@dataclass(frozen=True, slots=True)
class LayerBuffers:
    """Paths of the features of one layer.

    ``coordinates`` is (n, 2) in the plane; path ``i`` is ``coordinates[starts[i]:starts[i + 1]]`` and
    belongs to feature ``features[i]``. Rings of polygons are closed paths. ``boxes`` is (m, 4) per
    feature: west, south, east, north. ``dimensions`` is 0, 1 or 2 per feature. ``classes`` indexes
    ``class_names``; ``labels`` are the texts to write, ``ids`` what the caller knows features by.
    """

    coordinates: NDArray[np.float64]
    starts: NDArray[np.int64]
    features: NDArray[np.int64]
    boxes: NDArray[np.float64]
    dimensions: NDArray[np.int8]
    classes: NDArray[np.int32]
    class_names: tuple[str, ...]
    labels: Sequence[str]
    ids: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        """Memory held by the coordinate arrays."""
        return int(self.coordinates.nbytes + self.starts.nbytes + self.features.nbytes + self.boxes.nbytes)

    def __len__(self) -> int:
        return len(self.boxes)


def from_wkb(
    bodies: Sequence[bytes],
    ids: Sequence[int],
    classes: Sequence[str] | None = None,
    labels: Sequence[str] = (),
) -> LayerBuffers:
    """Buffers of WKB geometries; ``classes`` and ``labels`` are one text a feature."""
    return from_geometries(np.asarray(shapely.from_wkb(np.array(bodies, dtype=object))), ids, classes, labels)


def from_geometries(
    geometries: NDArray[np.object_],
    ids: Sequence[int],
    classes: Sequence[str] | None = None,
    labels: Sequence[str] = (),
) -> LayerBuffers:
    """Buffers of geometries; missing and empty ones stay as features without paths."""
    count = len(geometries)
    dimensions = shapely.get_dimensions(geometries).astype(np.int8)
    parts, part_feature = shapely.get_parts(geometries, return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    rings, ring_part = shapely.get_rings(parts[areal], return_index=True)
    paths = np.concatenate([rings, parts[~areal]])
    features = np.concatenate([part_feature[areal][ring_part], part_feature[~areal]]).astype(np.int64)
    order = np.argsort(features, kind="stable")
    paths, features = paths[order], features[order]
    coordinates = shapely.get_coordinates(paths)
    starts = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(paths))]).astype(np.int64)
    if classes is None:
        names: tuple[str, ...] = ("",)
        indices = np.zeros(count, dtype=np.int32)
    else:
        unique, inverse = np.unique(np.asarray(classes, dtype=object).astype(str), return_inverse=True)
        names, indices = tuple(str(name) for name in unique) or ("",), inverse.astype(np.int32)
    return LayerBuffers(
        coordinates, starts, features, shapely.bounds(geometries), dimensions, indices, names, labels,
        np.asarray(ids, dtype=np.int64),
    )  # fmt: skip
