"""Street blocks and lots: quadrangles split again and again by slightly skewed lines, all at once.

A quadrangle is four corners counter-clockwise, ``(N, 4, 2)``; edge ``k`` runs from corner ``k`` to corner
``k + 1`` and carries a number, ``(N, 4)``: the half width of the road along it, 0 where there is none.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = [
    "area",
    "chamfered",
    "depth",
    "inset",
    "odd_corners",
    "ring_polygons",
    "slice_off",
    "split",
    "to_polygons",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def area(quads: Floats) -> Floats:
    """Plane area of each quadrangle (shoelace), m²."""
    x, y = quads[..., 0], quads[..., 1]
    return np.asarray(0.5 * np.sum(x * np.roll(y, -1, 1) - np.roll(x, -1, 1) * y, axis=1))


def split(
    quads: Floats,
    edges: Floats,
    target: Floats,
    rng: np.random.Generator,
    *,
    new_edge: float,
    skew: float = 0.06,
    levels: int = 16,
) -> tuple[Floats, Floats, Integers]:
    """Split every quadrangle across its long side until it is smaller than about ``target`` m².

    Returns the pieces, their edge numbers and the index of the quadrangle each came from. A piece's limit
    is drawn anew at each step, so that sizes vary by a factor of three or so.
    """
    owner = np.arange(len(quads), dtype=np.int64)
    done: list[tuple[Floats, Floats, Integers]] = []
    for _ in range(levels):
        limit = target[owner] * rng.uniform(0.7, 2.1, len(quads))
        small = area(quads) <= limit
        done.append((quads[small], edges[small], owner[small]))
        quads, edges, owner = quads[~small], edges[~small], owner[~small]
        if not len(quads):
            break
        quads, edges, owner = _halve(quads, edges, owner, rng, new_edge, skew)
    done.append((quads, edges, owner))
    quads = np.concatenate([part[0] for part in done])
    edges = np.concatenate([part[1] for part in done])
    owner = np.concatenate([part[2] for part in done])
    order = np.argsort(owner, kind="stable")
    return quads[order], edges[order], owner[order]


def _halve(
    quads: Floats, edges: Floats, owner: Integers, rng: np.random.Generator, new_edge: float, skew: float
) -> tuple[Floats, Floats, Integers]:
    sides = np.hypot(*(np.roll(quads, -1, 1) - quads).transpose(2, 0, 1))
    tall = sides[:, 1] + sides[:, 3] > sides[:, 0] + sides[:, 2]
    turn = (np.arange(4)[None, :] + tall[:, None]) % 4
    quads = np.take_along_axis(quads, turn[..., None], axis=1)
    edges = np.take_along_axis(edges, turn, axis=1)
    first = rng.uniform(0.36, 0.64, len(quads))
    second = np.clip(first + rng.uniform(-skew, skew, len(quads)), 0.3, 0.7)
    corner = quads.transpose(1, 0, 2)
    low = corner[0] + (corner[1] - corner[0]) * first[:, None]
    high = corner[3] + (corner[2] - corner[3]) * second[:, None]
    fresh = np.full(len(quads), new_edge)
    left = np.stack([corner[0], low, high, corner[3]], axis=1)
    right = np.stack([low, corner[1], corner[2], high], axis=1)
    left_edges = np.column_stack([edges[:, 0], fresh, edges[:, 2], edges[:, 3]])
    right_edges = np.column_stack([edges[:, 0], edges[:, 1], edges[:, 2], fresh])
    return (
        np.concatenate([left, right]),
        np.concatenate([left_edges, right_edges]),
        np.concatenate([owner, owner]),
    )


def inset(quads: Floats, widths: Floats) -> Floats:
    """Move each edge inwards by its width (m) and give the corners where the moved edges meet."""
    direction = np.roll(quads, -1, 1) - quads
    direction /= np.hypot(direction[..., 0], direction[..., 1])[..., None]
    normal = np.stack([-direction[..., 1], direction[..., 0]], axis=-1)  # inwards: counter-clockwise rings
    start = quads + normal * widths[..., None]
    before, before_direction = np.roll(start, 1, 1), np.roll(direction, 1, 1)
    gap = start - before
    cross = before_direction[..., 0] * direction[..., 1] - before_direction[..., 1] * direction[..., 0]
    along = (gap[..., 0] * direction[..., 1] - gap[..., 1] * direction[..., 0]) / cross
    return np.asarray(before + before_direction * along[..., None])


def to_polygons(quads: Floats) -> NDArray[np.object_]:
    """The quadrangles as polygons."""
    return np.asarray(shapely.polygons(np.concatenate([quads, quads[:, :1]], axis=1)))


def ring_polygons(outer: Floats, inner: NDArray[np.object_]) -> NDArray[np.object_]:
    """Outer quadrangles with the given polygons as holes: the streets round a block."""
    shells = shapely.linearrings(np.concatenate([outer, outer[:, :1]], axis=1))
    holes = shapely.get_exterior_ring(inner)
    return np.asarray(shapely.polygons(shells, holes=holes[:, None]))


def chamfered(
    quads: Floats, cut: Floats, *, ahead: Floats | None = None, notch: NDArray[np.bool_] | None = None
) -> NDArray[np.object_]:
    """Polygons of quadrangles with corner ``k`` cut off at ``cut[:, k]`` metres along both edges (0: kept).

    ``ahead`` is the cut along the edge that begins at the corner, where it differs. Where ``notch`` holds, the
    corner is taken out along lines parallel to the edges instead of straight across.
    """
    ahead = cut if ahead is None else ahead
    notch = np.zeros(cut.shape, dtype=bool) if notch is None else notch
    forward = np.roll(quads, -1, 1) - quads
    forward /= np.hypot(forward[..., 0], forward[..., 1])[..., None]
    backward = -np.roll(forward, 1, 1)
    first = quads + backward * cut[..., None]
    second = quads + forward * ahead[..., None]
    points = np.stack([first, first + second - quads, second], axis=2).reshape(len(quads), 12, 2)
    off = cut > 0
    keep = np.stack([np.ones_like(off), off & notch, off], axis=2).reshape(len(quads), 12)
    indices = np.repeat(np.arange(len(quads)), 12)[keep.ravel()]
    return np.asarray(
        shapely.polygons(shapely.linearrings(points.reshape(-1, 2)[keep.ravel()], indices=indices))
    )


def odd_corners(
    quads: Floats, share: float, rng: np.random.Generator
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """``cut``, ``ahead`` and ``notch`` of :func:`chamfered` that give a share of the quadrangles an odd shape.

    One corner of each is cut off slantwise (by a railway, a slope) or taken out (a substation, an old house), by a
    fifth to two fifths of the edges; quadrangles with an edge below 40 m stay as they are.
    """
    count = len(quads)
    sides = np.hypot(*(np.roll(quads, -1, 1) - quads).transpose(2, 0, 1))
    odd = (rng.random(count) < share) & (sides.min(axis=1, initial=np.inf) > 40.0)
    at = (np.arange(count), rng.integers(0, 4, count))
    cut, ahead = np.zeros((count, 4)), np.zeros((count, 4))
    notch = np.zeros((count, 4), dtype=bool)
    cut[at] = np.where(odd, np.roll(sides, 1, 1)[at] * rng.uniform(0.2, 0.4, count), 0.0)
    ahead[at] = np.where(odd, sides[at] * rng.uniform(0.2, 0.4, count), 0.0)
    notch[at] = odd & (rng.random(count) < 0.45)
    return cut, ahead, notch


def slice_off(quads: Floats, fraction: Floats) -> tuple[Floats, Floats]:
    """Cut each quadrangle parallel to its first edge: the strip along it (``fraction`` of the depth) and the rest."""
    corner = quads.transpose(1, 0, 2)
    left = corner[0] + (corner[3] - corner[0]) * fraction[:, None]
    right = corner[1] + (corner[2] - corner[1]) * fraction[:, None]
    strip = np.stack([corner[0], corner[1], right, left], axis=1)
    rest = np.stack([left, right, corner[2], corner[3]], axis=1)
    return strip, rest


def depth(quads: Floats) -> Floats:
    """Mean distance (m) from the first edge to the third, along the second and fourth."""
    corner = quads.transpose(1, 0, 2)
    left, right = corner[3] - corner[0], corner[2] - corner[1]
    return np.asarray((np.hypot(left[:, 0], left[:, 1]) + np.hypot(right[:, 0], right[:, 1])) / 2)
