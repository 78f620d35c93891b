"""Other systems for places of a project: against PROJ's own factors of scale."""

from __future__ import annotations

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


@pytest.mark.parametrize("epsg", [4545, 4546, 4547])
def test_the_stretch_is_the_quotient_of_the_two_planes_scales(epsg: int) -> None:
    """PROJ's point scale (metres of the plane for one on the ellipsoid) of either plane at that place."""
    x, y = 596_594.20, 3_618_837.47
    longitude, latitude = pyproj.Transformer.from_crs(4545, 4490, always_xy=True).transform(x, y)

    def scale(code: int) -> float:
        return float(
            pyproj.Proj(pyproj.CRS.from_epsg(code)).get_factors(longitude, latitude).meridional_scale
        )

    assert shown_plane(4545, epsg).stretch(x, y) == pytest.approx(scale(epsg) / scale(4545), abs=1e-9)
    assert shown_plane(4545, 4490).stretch(x, y) == pytest.approx(1 / scale(4545), abs=1e-8)


def test_the_zone_of_a_place_is_that_of_its_nearest_meridian() -> None:
    for longitude, expected in ((109.0, 4545), (109.49, 4545), (109.51, 4546), (112.0, 4546)):
        x, y = pyproj.Transformer.from_crs(4490, 4545, always_xy=True).transform(longitude, 32.7)
        assert zone_at(4545, x, y) == expected
