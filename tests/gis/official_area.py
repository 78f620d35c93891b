"""Independent ways to an ellipsoidal area, used as oracles only."""

from __future__ import annotations

import itertools

import numpy as np
import pyproj
import shapely

__all__ = ["by_geod", "by_official_formula", "by_scale_quadrature"]

_GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)


def _degrees(ring: shapely.LinearRing, epsg: int, step: float) -> tuple[np.ndarray, np.ndarray]:
    dense = shapely.segmentize(ring, step)
    inverse = pyproj.Transformer.from_crs(epsg, 4490, always_xy=True)
    return inverse.transform(*shapely.get_coordinates(dense).T)


def _signed(polygon: shapely.Polygon, ring_area) -> float:
    return ring_area(polygon.exterior) - sum(ring_area(hole) for hole in polygon.interiors)


def by_geod(polygon: shapely.Polygon, epsg: int, step: float = 10.0) -> float:
    """Geodesic polygon area (Karney 2013) after densifying the edges in the plane."""
    return _signed(polygon, lambda ring: abs(_GEOD.polygon_area_perimeter(*_degrees(ring, epsg, step))[0]))


def by_official_formula(polygon: shapely.Polygon, epsg: int, step: float = 10.0) -> float:
    """国土调查办发〔2008〕32号: the 图斑椭球面积 formula with the CGCS2000 constants of domain reference §9.2."""
    minor = 6356752.314140356
    a, b, c, d, e = (
        1.0033640898341927, 0.0011241893819271072, 1.6994594735188535e-06, 2.717857845577432e-09,
        4.358419004834252e-12,
    )  # fmt: skip

    def ring_area(ring: shapely.LinearRing) -> float:
        longitude, latitude = np.radians(_degrees(ring, epsg, step))
        # L0 = 108° keeps digits; the choice of L0 does not change a closed ring.
        mean = (longitude[1:] + longitude[:-1]) / 2 - np.radians(108.0)
        rise, middle = latitude[1:] - latitude[:-1], (latitude[1:] + latitude[:-1]) / 2
        terms = sum(
            sign * factor * np.sin((k + 0.5) * rise) * np.cos((2 * k + 1) * middle)
            for k, (sign, factor) in enumerate(zip((1, -1, 1, -1, 1), (a, b, c, d, e), strict=True))
        )
        return abs(float(np.sum(2 * minor**2 * mean * terms)))

    return _signed(polygon, ring_area)


def by_scale_quadrature(polygon: shapely.Polygon, epsg: int, nodes: int = 12) -> float:
    """∬ dE dN / areal scale of PROJ, by Gauss points on the triangles of a fan; convex polygons only."""
    corners = np.asarray(polygon.exterior.coords)[:-1]
    projection = pyproj.Proj(epsg)
    at, weight = np.polynomial.legendre.leggauss(nodes)
    at, weight = (at + 1) / 2, weight / 2
    s, t = np.meshgrid(at, at)
    scale = np.outer(weight, weight) * s.T
    s, t = s.T.ravel(), t.T.ravel()
    total = 0.0
    for one, two in itertools.pairwise(corners[1:]):
        first, second = one - corners[0], two - corners[0]
        points = corners[0] + np.outer(s * (1 - t), first) + np.outer(s * t, second)
        longitude, latitude = projection(points[:, 0], points[:, 1], inverse=True)
        factor = projection.get_factors(longitude, latitude).areal_scale
        total += abs(first[0] * second[1] - first[1] * second[0]) * float(np.sum(scale.ravel() / factor))
    return total
