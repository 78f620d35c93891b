"""Other systems for places of a project: against PROJ's own factors of scale."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from gis.shown_plane import shown_plane, zone_at, zones


def test_every_zone_of_china_is_offered_once() -> None:
    assert len(zones()) == 21
    assert dict(zones())[108] == 4545
    assert dict(zones())[111] == 4546


def test_a_place_is_that_of_proj_in_the_other_zone() -> None:
    x, y = pyproj.Transformer.from_crs(4545, 4546, always_xy=True).transform(596_594.20, 3_618_837.47)
    assert shown_plane(4545, 4546).place(596_594.20, 3_618_837.47) == pytest.approx((x, y))


def test_a_metre_drawn_is_one_of_the_plane_and_in_degrees_less_along_the_parallel() -> None:
    """A plate carrée stretches the parallel as PROJ's Mercator does, on the ellipsoid of CGCS2000."""
    x, y = 596_594.20, 3_618_837.47
    longitude, latitude = pyproj.Transformer.from_crs(4545, 4490, always_xy=True).transform(x, y)
    mercator = pyproj.Proj("+proj=merc +a=6378137 +rf=298.257222101")
    factor = mercator.get_factors(longitude, latitude).parallel_scale
    assert shown_plane(4545, 4546).stretch(x, y) == 1.0
    assert shown_plane(4545, 4490).stretch(x, y) == pytest.approx(1 / factor, rel=1e-6)


@pytest.mark.parametrize("epsg", [4543, 4546, 4490])
def test_what_is_drawn_there_and_back_is_the_same_to_a_thousandth_of_a_millimetre(epsg: int) -> None:
    places = np.array([[596_594.20, 3_618_837.47], [410_000.0, 3_500_000.0], [700_000.0, 3_800_000.0]])
    plane = shown_plane(4545, epsg)
    east, north = pyproj.Transformer.from_crs(4545, epsg, always_xy=True).transform(*places.T)
    assert np.abs(plane.drawn(places) / plane.unit - np.column_stack([east, north])).max() < 1e-6
    assert np.abs(plane.own(plane.drawn(places)) - places).max() < 1e-6


def test_places_beyond_all_land_are_put_on_its_edge() -> None:
    plane = shown_plane(4545, 4546)
    far = np.array([[9e9, -9e9], [-9e9, 9e9], [np.nan, np.inf]])
    assert np.isfinite(plane.drawn(far)).all()
    assert np.isfinite(plane.own(far)).all()


def test_the_zone_of_a_place_is_that_of_its_nearest_meridian() -> None:
    for longitude, expected in ((109.0, 4545), (109.49, 4545), (109.51, 4546), (112.0, 4546)):
        x, y = pyproj.Transformer.from_crs(4490, 4545, always_xy=True).transform(longitude, 32.7)
        assert zone_at(4545, x, y) == expected
