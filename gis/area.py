"""Area of land: the only place where square metres come from.

The ellipsoidal area of a ring drawn in a Gauss-Krüger plane is ∬ w dE dN, w the inverse areal scale
(:mod:`gis.areal_scale`). By Green's theorem that is ∮ F dN with ∂F/∂E = w. Edges are straight in the
plane, as surveyed; no densifying is needed, the edge integrals of a polynomial F are exact.

- Rings up to some kilometres: w is expanded about the ring's first vertex to the second order in E and
  the first in N; the next terms stay below 2e-10.
- Larger rings and rings far off the meridian: the whole series, by Gauss-Legendre points on each edge.

Reference: pyproj.Geod on densified edges and the official formula of 国土调查办发〔2008〕32号.
"""

from __future__ import annotations

import itertools

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.areal_scale import ArealScale, areal_scale
from gis.ragged import rings_of

__all__ = ["ellipsoidal_area", "ellipsoidal_ring_area", "plane_area"]

Floats = NDArray[np.float64]

# Vertices handled at once: the dozen temporary arrays of a block stay in the processor's cache.
_BLOCK = 65_536
# Geometries taken apart at once.
_FEATURES = 4_096
# Largest distance of a vertex from the ring's first one, in metres, for the local expansion.
_LOCAL = 6_000.0
# Edges longer than this are cut before the quadrature; three points are then good to 1e-14.
_EDGE = 20_000.0
_NODES, _WEIGHTS = (
    0.5 + 0.5 * np.polynomial.legendre.leggauss(3)[0],
    0.5 * np.polynomial.legendre.leggauss(3)[1],
)


def plane_area(geometries: ArrayLike) -> Floats:
    """Area in the drawing plane, for display beside the ellipsoidal one; 0.0 without polygons."""
    return np.nan_to_num(shapely.area(np.asarray(geometries, dtype=object)), nan=0.0)


def ellipsoidal_area(geometries: ArrayLike, crs: int | pyproj.CRS | None) -> Floats:
    """Area on the ellipsoid in m² of polygons given in a Gauss-Krüger plane: (n,) float64.

    ``crs`` is the plane, transverse Mercator in metres, as EPSG number or pyproj CRS; its own ellipsoid
    is taken. ``None``, empty geometries, points and lines have 0.0; of a collection the polygons count.
    Holes are taken off, whatever the direction of the rings; heights do not matter. Accurate to 1e-9 or
    1e-4 m² within 3° of the central meridian. Where the place cannot be right (farther off than 8.6°,
    beyond the pole, a coordinate that is no number) the area is NaN. Of outlines that cross themselves
    the loops of the other direction are taken off: repair them first.

    Raises ``ParkLineError`` when ``crs`` is not a transverse Mercator plane in metres.
    """
    array = np.atleast_1d(np.asarray(geometries, dtype=object))
    scale = areal_scale(crs)
    # Taken apart and measured by the thousand: the coordinates are still in the cache when they are used,
    # and a million parcels need no second copy in memory.
    parts = [
        _geometry_area(array[start : start + _FEATURES], scale) for start in range(0, len(array), _FEATURES)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _geometry_area(array: NDArray[np.object_], scale: ArealScale) -> Floats:
    total = np.zeros(len(array))
    for rings in rings_of(array):
        area = _ring_area(rings.coordinates, rings.offsets, scale)
        if len(rings.owner) == len(total) and not rings.hole.any():
            total += area
        else:
            total += np.bincount(rings.owner, np.where(rings.hole, -area, area), minlength=len(total))
    return total


def ellipsoidal_ring_area(
    coordinates: NDArray[np.float64], offsets: NDArray[np.int64], crs: int | pyproj.CRS
) -> Floats:
    """Unsigned area in m² of closed rings held in one buffer, for callers who keep their coordinates.

    ``coordinates`` is (V, 2) float64 as (E, N); ring ``i`` is ``coordinates[offsets[i]:offsets[i + 1]]``
    with its first vertex repeated at the end. See :func:`ellipsoidal_area` for ``crs`` and accuracy.
    """
    return _ring_area(coordinates, np.asarray(offsets, dtype=np.int64), areal_scale(crs))


def _ring_area(coordinates: Floats, offsets: NDArray[np.int64], scale: ArealScale) -> Floats:
    area = np.zeros(len(offsets) - 1)
    filled = np.flatnonzero(np.diff(offsets) > 0)
    if len(filled) < len(area):
        starts = np.append(offsets[filled], offsets[-1])
        if len(filled):
            area[filled] = _ring_area(coordinates, starts, scale)
        return area
    cuts = _blocks(offsets)
    # A loop over cache-sized blocks of rings, not over rings.
    with np.errstate(invalid="ignore"):  # infinite coordinates give NaN
        for first, last in itertools.pairwise(cuts):
            base, end = offsets[first], offsets[last]
            area[first:last] = _block_area(coordinates[base:end], offsets[first : last + 1] - base, scale)
    return np.abs(area)


def _blocks(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    targets = np.arange(0, offsets[-1], _BLOCK)
    starts = np.searchsorted(offsets, targets, side="left")
    return np.unique(np.append(starts, [0, len(offsets) - 1]))


def _block_area(coordinates: Floats, offsets: NDArray[np.int64], scale: ArealScale) -> Floats:
    """Signed areas of the rings of one block."""
    starts = offsets[:-1]
    counts = np.diff(offsets)
    east0, north0 = coordinates[starts, 0], coordinates[starts, 1]
    # Relative to the ring's first vertex: no digits are lost, and the step from the end of one ring to
    # the start of the next is a step from (0, 0) to (0, 0), which adds nothing.
    east = coordinates[:, 0] - np.repeat(east0, counts)
    north = coordinates[:, 1] - np.repeat(north0, counts)
    rise = np.empty_like(north)
    np.subtract(north[1:], north[:-1], out=rise[:-1])
    rise[-1] = 0.0
    after = np.empty_like(east)
    after[:-1] = east[1:]
    after[-1] = 0.0
    total = east + after
    product = east * after
    square = total * total
    zero = np.add.reduceat(total * rise, starts)
    east_moment = np.add.reduceat((square - product) * rise, starts)
    # ∮ E·N dN over an edge is rise·(E₀(2N₀ + N₁) + E₁(N₀ + 2N₁))/6 = rise·(3·total·N₀ + rise·(E₀ + 2E₁))/6.
    north_moment = np.add.reduceat(rise * (3 * total * north + rise * (total + after)), starts)
    product *= 2
    square -= product
    square *= total
    square *= rise
    second_moment = np.add.reduceat(square, starts)
    weight, across, bend, along = scale.expansion(east0, north0)
    area = (
        weight * zero * (1 / 2)
        + across * east_moment * (1 / 6)
        + bend * second_moment * (1 / 12)
        + along * north_moment * (1 / 6)
    )
    np.abs(east, out=east)
    np.abs(north, out=north)
    offset, from_equator = np.abs(east0 - scale.false_easting), np.abs(north0 - scale.false_northing)
    farthest = max(east.max(), north.max())
    if (
        farthest <= _LOCAL
        and offset.max() + farthest <= scale.expansion_reach
        and from_equator.max() + farthest <= scale.pole
    ):
        return area
    reach = np.maximum(np.maximum.reduceat(east, starts), np.maximum.reduceat(north, starts))
    impossible = (offset + reach > scale.reach) | (from_equator + reach > scale.pole)
    area[impossible] = np.nan
    large = ((reach > _LOCAL) | (offset + reach > scale.expansion_reach)) & ~impossible
    for ring in np.flatnonzero(large):
        # Few rings are that large, and each of them is array work.
        area[ring] = _large_ring_area(coordinates[offsets[ring] : offsets[ring + 1]], scale)
    return area


def _large_ring_area(coordinates: Floats, scale: ArealScale) -> float:
    """Signed area of one ring by quadrature of ∮ F dN along its edges."""
    step = np.diff(coordinates, axis=0)
    pieces = np.ceil(np.hypot(step[:, 0], step[:, 1]) / _EDGE).astype(np.int64).clip(min=1)
    edge = np.repeat(np.arange(len(step)), pieces)
    part = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    total = 0.0
    # F is counted from the ring's first vertex, so that its size is that of the ring.
    base = float(scale.integral(coordinates[:1, 0], coordinates[:1, 1])[0])
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        along = (part + node) / pieces[edge]
        east = coordinates[edge, 0] + along * step[edge, 0]
        north = coordinates[edge, 1] + along * step[edge, 1]
        total += weight * float(np.sum((scale.integral(east, north) - base) * step[edge, 1] / pieces[edge]))
    return total
