"""Lengths on the ellipsoid; the oracle is the point scale of the projection (pyproj.Proj.get_factors)."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely

from gis.length import ellipsoidal_length

_EPSG = 4545


def _by_scale(start: tuple[float, float], end: tuple[float, float]) -> float:
    """∫ ds / k along a straight line of the plane, by Simpson's rule on 200 steps."""
    crs = pyproj.CRS.from_epsg(_EPSG)
    steps = np.linspace(0, 1, 201)
    x, y = (start[i] + (end[i] - start[i]) * steps for i in (0, 1))
    back = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    factors = pyproj.Proj(crs).get_factors(*back.transform(x, y))
    weights = np.ones(201)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    mean = (weights / factors.meridional_scale).sum() / weights.sum()
    return float(np.hypot(end[0] - start[0], end[1] - start[1]) * mean)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((500_000.0, 3_600_000.0), (500_100.0, 3_600_000.0)),
        ((560_000.0, 3_600_000.0), (690_000.0, 3_670_000.0)),
        ((640_000.0, 3_700_000.0), (640_000.0, 3_500_000.0)),
    ],
)
def test_a_line_has_its_length_on_the_ellipsoid(start: tuple[float, float], end: tuple[float, float]) -> None:
    found = ellipsoidal_length([shapely.LineString([start, end])], _EPSG)[0]
    assert found == pytest.approx(_by_scale(start, end), rel=2e-8, abs=1e-4)


def test_parts_add_up_and_polygons_have_their_boundary() -> None:
    """On the central meridian the scale is 1 to 1e-12: a square of 100 m is 400 m round, a hole of 10 m adds 40."""
    square, hole = (
        shapely.box(499_950, 3_600_000, 500_050, 3_600_100),
        shapely.box(499_995, 3_600_040, 500_005, 3_600_050),
    )
    line = shapely.LineString([(500_000, 3_600_000), (500_003, 3_600_004)])
    shapes = [
        square,
        square.difference(hole),
        shapely.MultiLineString([line, line]),
        shapely.Point(1, 1),
        None,
        shapely.Polygon(),
    ]
    np.testing.assert_allclose(ellipsoidal_length(shapes, _EPSG), [400, 440, 10, 0, 0, 0], atol=1e-5)
    assert len(ellipsoidal_length([], _EPSG)) == 0
