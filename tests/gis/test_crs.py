"""Reference systems against the table of the domain reference (§9.1, computed with pyproj) and real files."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import (
    candidates,
    central_meridian,
    choose_plane,
    describe,
    identify,
    to_plane,
    zone_epsg,
)
from gis.errors import ParkLineError

ANKANG = (108.02, 31.70, 110.21, 33.85)


def one(
    epsg_or_place: tuple[float, float], source: int, target: int, *, swapped: bool = False
) -> tuple[float, float]:
    moved = to_plane(
        np.array([shapely.Point(*epsg_or_place)], dtype=object), source, target, swapped=swapped
    )[0]
    return moved.x, moved.y


def test_the_reference_place_comes_east_first() -> None:
    """(109.03, 32.69) → (36596594.20, 3618837.47), domain reference §9.1."""
    assert one((109.03, 32.69), 4490, 4524) == pytest.approx((36596594.20, 3618837.47), abs=0.005)
    assert one((109.03, 32.69), 4490, 4545) == pytest.approx((596594.20, 3618837.47), abs=0.005)


@pytest.mark.parametrize(
    ("points", "epsg", "swapped"),
    [
        ([(36596600.0, 3618900.0), (36596900.0, 3618905.5)], 4524, False),
        ([(3618900.0, 36596600.0), (3618905.5, 36596900.0)], 4524, True),
        ([(37405000.0, 3630000.0)], 4525, False),
        ([(596600.0, 3618900.0)], 4545, False),
        ([(3618900.0, 596600.0)], 4545, True),
        ([(405000.0, 3630000.0)], 4546, False),  # 白河 in zone 37: CM 108 would be west of the city
        ([(109.03, 32.69)], 4490, False),
        ([(32.69, 109.03)], 4490, True),
    ],
)
def test_bare_coordinates_of_the_city_name_their_system(
    points: list[tuple[float, float]], epsg: int, swapped: bool
) -> None:
    best = candidates(np.array(points), ANKANG)[0]
    assert (best.epsg, best.swapped, best.plausible) == (epsg, swapped, True)


def test_coordinates_of_no_known_system_have_no_candidate() -> None:
    assert candidates(np.array([[1e9, 1e9]]), ANKANG) == []
    assert candidates(np.array([[np.nan, np.nan]]), ANKANG) == []


def test_coordinates_outside_the_region_are_offered_but_not_plausible() -> None:
    found = candidates(np.array([[500000.0, 2500000.0]]), ANKANG)
    assert found
    assert not any(candidate.plausible for candidate in found)


@pytest.mark.parametrize("epsg", [4524, 4525, 4545, 4546, 4490, 4326, 32617])
@pytest.mark.parametrize("dialect", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_a_declared_system_is_recognised_in_every_dialect(epsg: int, dialect: str) -> None:
    assert identify(pyproj.CRS.from_epsg(epsg).to_wkt(dialect))[0] == epsg


def test_an_undeclared_or_unknown_system_is_not_guessed() -> None:
    assert identify(None)[0] is None
    assert identify("nonsense")[0] is None
    local = "+proj=tmerc +lat_0=0 +lon_0=109.5 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m"
    assert identify(pyproj.CRS.from_proj4(local).to_wkt())[0] is None


def test_twins_and_meridians() -> None:
    assert (zone_epsg(4545), zone_epsg(4524), zone_epsg(4326)) == (4524, 4545, None)
    assert (central_meridian(4524), central_meridian(4546)) == (108.0, 111.0)
    with pytest.raises(ParkLineError):
        central_meridian(4490)
    assert "108" in describe(4545)


@pytest.mark.parametrize(
    ("box", "epsg"),
    [
        (ANKANG, 4545),
        ((110.0, 32.0, 111.0, 33.0), 4546),
        ((-81.92, 35.29, -81.81, 35.38), 32617),
        ((151.0, -34.0, 151.5, -33.5), 32756),
    ],
)
def test_the_plane_follows_from_the_place(box: tuple[float, float, float, float], epsg: int) -> None:
    assert choose_plane(box) == epsg


@given(st.floats(106.5, 111.0), st.floats(31.0, 34.0), st.sampled_from([4524, 4545, 4546, 4525]))
def test_there_and_back_is_the_same_place_to_the_hundredth_of_a_millimetre(
    longitude: float, latitude: float, epsg: int
) -> None:
    there = one((longitude, latitude), 4490, epsg)
    other = one(there, epsg, 4545)
    back = one(other, 4545, epsg)
    assert back == pytest.approx(there, abs=1e-5)


@given(st.floats(400000.0, 700000.0), st.floats(3500000.0, 3750000.0))
def test_the_zone_prefix_is_shifted_exactly(east: float, north: float) -> None:
    assert one((east, north), 4545, 4524) == (east + 36_000_000.0, north)
    assert one((north, east), 4545, 4524, swapped=True) == (east + 36_000_000.0, north)


def test_missing_geometry_stays_missing_and_height_is_dropped() -> None:
    given_ = np.array([None, shapely.Point(109.03, 32.69, 400.0)], dtype=object)
    moved = to_plane(given_, 4490, 4545)
    assert moved[0] is None
    assert not shapely.has_z(moved[1])
