"""A layer as flat arrays in millimetres: what the picture is drawn from, in memory or from a file on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.draw import decode_kernels

__all__ = ["CHUNK", "FlatBuilder", "FlatLayer"]

CHUNK = 512  # features whose common box is kept, so that a view passes over most of a layer at once
_PER_METRE = 1000.0
Box = tuple[float, float, float, float]
_NOWHERE = (2_147_483_647, 2_147_483_647, -2_147_483_647, -2_147_483_647)


@dataclass(frozen=True, slots=True, eq=False)
class FlatLayer:
    """Features sorted by place.

    ``coordinates`` (V, 2) int32 are millimetres from ``origin`` (metres in the layer's plane); ring ``r`` is
    ``coordinates[rings[r]:rings[r + 1]]``; feature ``f`` has the rings ``features[f]`` to ``features[f + 1]``.
    ``boxes`` (F, 4) int32 is west, south, east, north; ``areal`` tells polygons from lines; ``points`` are the
    indices of point features. ``classes`` (F,) indexes the caller's list of classes, ``ids`` are its row ids.
    ``chunks`` (K, 4) are the boxes of every ``CHUNK`` features; ``longest`` is the most vertices of a feature.
    """

    origin: tuple[float, float]
    coordinates: NDArray[np.int32]
    rings: NDArray[np.int64]
    features: NDArray[np.int64]
    boxes: NDArray[np.int32]
    areal: NDArray[np.bool_]
    points: NDArray[np.int64]
    classes: NDArray[np.uint16]
    ids: NDArray[np.int64]
    chunks: NDArray[np.int32]
    longest: int

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """Memory or mapped file behind the arrays."""
        arrays = (self.coordinates, self.rings, self.features, self.boxes, self.classes, self.ids)
        return sum(array.nbytes for array in arrays)

    @classmethod
    def joined(cls, layers: Sequence[FlatLayer], hidden: Sequence[NDArray[np.bool_]]) -> FlatLayer:
        """One layer of several with the same origin, without the features that are hidden in each."""
        vertices, rings = 0, 0
        coordinates, ring_ends, feature_ends, kept = [], [], [], []
        for layer, mask in zip(layers, hidden, strict=True):
            coordinates.append(layer.coordinates)
            ring_ends.append(layer.rings[1:] + vertices)
            feature_ends.append(layer.features[1:] + rings)
            kept.append(~mask)
            vertices += len(layer.coordinates)
            rings += len(layer.rings) - 1
        order = np.flatnonzero(np.concatenate(kept))
        boxes = np.concatenate([layer.boxes for layer in layers])
        return _assembled(
            layers[0].origin,
            _place_order(boxes, order),
            np.concatenate(coordinates),
            np.concatenate([[0], *ring_ends]).astype(np.int64),
            np.concatenate([[0], *feature_ends]).astype(np.int64),
            boxes,
            np.concatenate([_dimensions(layer) for layer in layers]),
            np.concatenate([layer.classes for layer in layers]),
            np.concatenate([layer.ids for layer in layers]),
        )

    def box_in_plane(self, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """Boxes of features in metres, (n, 4)."""
        x, y = self.origin
        boxes: NDArray[np.float64] = self.boxes[index] / _PER_METRE + np.array([x, y, x, y])
        return boxes

    def inside(self, extent: Box) -> Box:
        """A box given in metres as millimetres from the origin."""
        x, y = self.origin
        west, south, east, north = extent
        return (
            (west - x) * _PER_METRE,
            (south - y) * _PER_METRE,
            (east - x) * _PER_METRE,
            (north - y) * _PER_METRE,
        )

    def chunks_in(self, west: float, south: float, east: float, north: float) -> NDArray[np.int64]:
        """The chunks that touch a box given in millimetres from the origin."""
        chunks = self.chunks
        return np.flatnonzero(
            (chunks[:, 2] >= west)
            & (chunks[:, 0] <= east)
            & (chunks[:, 3] >= south)
            & (chunks[:, 1] <= north)
        )

    def ranges(self, chunks: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first feature of each of some chunks and the one after its last, (k, 2)."""
        starts = chunks * CHUNK
        return np.stack([starts, np.minimum(starts + CHUNK, len(self))], axis=1)

    def in_view(self, extent: Box) -> NDArray[np.int64]:
        """Ranges of features, (k, 2), of the chunks that touch a box given in metres."""
        return self.ranges(self.chunks_in(*self.inside(extent)))

    def features_in_view(self, extent: Box) -> NDArray[np.int64]:
        """Indices of the features whose box touches a box given in metres."""
        west, south, east, north = box = self.inside(extent)
        ranges = self.ranges(self.chunks_in(*box))
        if not len(ranges):
            return np.empty(0, dtype=np.int64)
        index = np.concatenate([np.arange(start, stop) for start, stop in ranges])  # by chunk, not by feature
        found = self.boxes[index]
        seen = (found[:, 2] >= west) & (found[:, 0] <= east) & (found[:, 3] >= south) & (found[:, 1] <= north)
        chosen: NDArray[np.int64] = index[seen]
        return chosen


class FlatBuilder:
    """Takes GeoPackage blobs in portions, so that a million rows are never held twice."""

    def __init__(self, origin: tuple[float, float]) -> None:
        self._origin = origin
        self._coordinates: list[NDArray[np.int32]] = []
        self._rings: list[NDArray[np.int64]] = []
        self._counts: list[NDArray[np.int64]] = []
        self._boxes: list[NDArray[np.int32]] = []
        self._ids: list[NDArray[np.int64]] = []
        self._classes: list[NDArray[np.uint16]] = []
        self._vertices = 0

    def add(self, blobs: Sequence[bytes | None], ids: Sequence[int], classes: Sequence[int]) -> None:
        """Take rows over: their blobs (None or empty: no geometry), row ids and class numbers."""
        whole = [blob or b"" for blob in blobs]
        sizes = np.fromiter(map(len, whole), dtype=np.int64, count=len(whole))
        self.add_joined(np.frombuffer(b"".join(whole), dtype=np.uint8), sizes, ids, classes)

    def add_joined(
        self, blobs: NDArray[np.uint8], sizes: NDArray[np.int64], ids: ArrayLike, classes: ArrayLike
    ) -> None:
        """As :meth:`add`, of blobs that stand end to end, ``sizes`` bytes each. Nothing of ``blobs`` is kept."""
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        data = blobs
        counts = np.empty((len(sizes), 3), dtype=np.int64)
        decode_kernels.measure(data, offsets, counts)
        strange = np.flatnonzero(counts[:, 2] == -2)
        if len(strange):  # written by another program in a form of its own: few, through the general reader
            pieces = [blobs[start:end].tobytes() for start, end in pairwise(offsets.tolist())]
            for position, blob in zip(
                strange.tolist(), _plain([pieces[i] for i in strange.tolist()]), strict=True
            ):
                pieces[position] = blob
            offsets = np.concatenate([[0], np.cumsum(list(map(len, pieces)))])
            data = np.frombuffer(b"".join(pieces), dtype=np.uint8)
            decode_kernels.measure(data, offsets, counts)
        coordinates = np.empty((int(counts[:, 1].sum()), 2), dtype=np.int32)
        rings = np.empty(int(counts[:, 0].sum()), dtype=np.int64)
        boxes = np.empty((len(sizes), 4), dtype=np.int32)
        pair = np.empty(2)
        decode_kernels.read(
            data,
            offsets,
            counts,
            *self._origin,
            _PER_METRE,
            pair,
            pair.view(np.uint8),
            coordinates,
            rings,
            boxes,
        )
        self._coordinates.append(coordinates)
        self._rings.append(rings + self._vertices)
        self._counts.append(counts)
        self._boxes.append(boxes)
        self._ids.append(np.asarray(ids, dtype=np.int64))
        self._classes.append(np.asarray(classes, dtype=np.uint16))
        self._vertices += len(coordinates)

    def finish(self) -> FlatLayer:
        """The layer, its features sorted by place; those without geometry are left out."""
        counts = _together(self._counts, (0, 3), np.int64)
        boxes = _together(self._boxes, (0, 4), np.int32)
        coordinates = _together(self._coordinates, (0, 2), np.int32)
        rings = np.concatenate([[0], *self._rings]).astype(np.int64)
        features = np.concatenate([[0], np.cumsum(counts[:, 0])]).astype(np.int64)
        order = _place_order(boxes, np.flatnonzero((counts[:, 2] >= 0) & (counts[:, 1] > 0)))
        classes = _together(self._classes, (0,), np.uint16)
        ids = _together(self._ids, (0,), np.int64)
        return _assembled(
            self._origin, order, coordinates, rings, features, boxes, counts[:, 2], classes, ids
        )


def _assembled(
    origin: tuple[float, float],
    order: NDArray[np.int64],
    coordinates: NDArray[np.int32],
    rings: NDArray[np.int64],
    features: NDArray[np.int64],
    boxes: NDArray[np.int32],
    dimensions: NDArray[np.int64],
    classes: NDArray[np.uint16],
    ids: NDArray[np.int64],
) -> FlatLayer:
    """A layer of the features in ``order``; what is not in it is left out."""
    counts = features[1:] - features[:-1]
    vertices = rings[features[1:]] - rings[features[:-1]]
    sorted_coordinates = np.empty((int(vertices[order].sum()), 2), dtype=np.int32)
    sorted_rings = np.zeros(int(counts[order].sum()) + 1, dtype=np.int64)
    sorted_features = np.zeros(len(order) + 1, dtype=np.int64)
    decode_kernels.gather(
        order, coordinates, rings, features, sorted_coordinates, sorted_rings, sorted_features
    )
    boxes, dimensions = boxes[order], dimensions[order]
    return FlatLayer(
        origin=origin,
        coordinates=sorted_coordinates,
        rings=sorted_rings,
        features=sorted_features,
        boxes=boxes,
        areal=dimensions == 2,
        points=np.flatnonzero(dimensions == 0),
        classes=classes[order],
        ids=ids[order],
        chunks=_chunk_boxes(boxes),
        longest=int(vertices[order].max(initial=0)),
    )


def _dimensions(layer: FlatLayer) -> NDArray[np.int64]:
    dimensions = np.where(layer.areal, 2, 1).astype(np.int64)
    dimensions[layer.points] = 0
    return dimensions


def _place_order(boxes: NDArray[np.int32], chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """The chosen features along strips from west to east, each strip from south to north."""
    if not len(chosen):
        return chosen
    box = boxes[chosen].astype(np.int64)
    across, up = box[:, 0] + box[:, 2], box[:, 1] + box[:, 3]
    strips = max(1, int(np.sqrt(len(chosen) / CHUNK)))
    edges = np.quantile(across, np.linspace(0, 1, strips + 1)[1:-1]) if strips > 1 else np.empty(0)
    order = np.lexsort((up, np.searchsorted(edges, across)))
    return np.asarray(chosen[order])


def _chunk_boxes(boxes: NDArray[np.int32]) -> NDArray[np.int32]:
    if not len(boxes):
        return np.empty((0, 4), dtype=np.int32)
    starts = np.arange(0, len(boxes), CHUNK)
    west, south = (np.minimum.reduceat(boxes[:, i], starts) for i in (0, 1))
    east, north = (np.maximum.reduceat(boxes[:, i], starts) for i in (2, 3))
    return np.stack([west, south, east, north], axis=1)


def _plain(blobs: Sequence[bytes | None]) -> list[bytes]:
    """Any geometry as one that the kernel reads: straight, two-dimensional, of one kind; else nothing."""
    from gis.store.blob import decode, encode

    shapes = shapely.force_2d(decode(blobs))
    kinds = shapely.get_type_id(shapes)
    for position in np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION).tolist():
        parts = shapely.get_parts(shapes[position])
        highest = parts[shapely.get_dimensions(parts) == shapely.get_dimensions(parts).max(initial=-1)]
        shapes[position] = shapely.union_all(highest) if len(highest) else None
    return [blob or b"" for blob in encode(shapes, 0)]


def _together(parts: list[NDArray], shape: tuple[int, ...], dtype: type) -> NDArray:  # type: ignore[type-arg]
    return np.concatenate(parts) if parts else np.empty(shape, dtype=dtype)
