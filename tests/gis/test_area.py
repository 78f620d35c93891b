from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.area import ellipsoidal_area, ellipsoidal_ring_area, plane_area
from gis.areal_scale import areal_scale
from gis.errors import ParkLineError
from tests.gis.official_area import by_geod, by_official_formula, by_scale_quadrature
from tests.strategies import multipolygons, polygons, star_polygons

V1 = [
    (36596600.000, 3618900.000),
    (36596900.000, 3618905.500),
    (36596893.250, 3618700.250),
    (36596610.500, 3618695.750),
]
HOLE = [(36596700, 3618820), (36596700, 3618790), (36596740, 3618790), (36596740, 3618820)]


def tolerance(area: float) -> float:
    """1e-8 or 0.001 m², whichever is larger, up to 100 ha; 1e-7 beyond."""
    return max(1e-3, area * (1e-8 if area <= 1e6 else 1e-7))


def one(geometry: object, crs: int | pyproj.CRS = 4545) -> float:
    return float(ellipsoidal_area([geometry], crs)[0])


def rectangle(
    easting: float, northing: float, width: float, height: float, turn: float = 0.0
) -> shapely.Polygon:
    box = shapely.box(easting - width / 2, northing - height / 2, easting + width / 2, northing + height / 2)
    return shapely.affinity.rotate(box, turn)


def test_the_test_vectors_of_the_domain_reference_hold() -> None:
    """Domain reference §9.3, column of pyproj Geod on edges of at most 10 m, plane EPSG:4524."""
    assert one(shapely.Polygon(V1), 4524) == pytest.approx(59654.6398, abs=1e-4)
    assert one(shapely.Polygon(V1, [HOLE]), 4524) == pytest.approx(58454.9165, abs=2e-4)
    block = shapely.box(36596594.0, 3618837.0 - 1000.0, 36596594.0 + 2000.0, 3618837.0)
    assert one(block, 4524) == pytest.approx(1999530.4788, abs=1e-3)


def test_the_plane_with_zone_prefix_gives_the_same_area() -> None:
    without = shapely.affinity.translate(shapely.Polygon(V1, [HOLE]), -36_000_000)
    assert one(without, 4545) == pytest.approx(one(shapely.Polygon(V1, [HOLE]), 4524), abs=1e-6)


@pytest.mark.parametrize("offset", [0.0, 55_000.0, 140_000.0, 280_000.0])
@pytest.mark.parametrize(
    "size",
    [(20.0, 30.0), (100.0, 100.0), (1000.0, 1000.0), (200.0, 5000.0), (100.0, 10_000.0), (12_000.0, 9_000.0)],
)
def test_area_agrees_with_the_inverse_areal_scale_of_proj(offset: float, size: tuple[float, float]) -> None:
    """Oracle: quadrature of 1/areal_scale of pyproj.Proj.get_factors."""
    plot = rectangle(500_000 - offset, 3_610_000, *size, turn=25)
    expected = by_scale_quadrature(plot, 4545)
    assert one(plot) == pytest.approx(expected, rel=1e-9, abs=1e-4)


@pytest.mark.parametrize("offset", [-280_000.0, -60_000.0, 0.0, 96_000.0, 250_000.0])
@pytest.mark.parametrize("size", [(60.0, 40.0), (900.0, 1100.0), (3000.0, 330.0)])
def test_area_agrees_with_geod_and_with_the_official_formula(
    offset: float, size: tuple[float, float]
) -> None:
    """Oracles: pyproj.Geod and 国土调查办发〔2008〕32号, both on edges of at most 10 m."""
    plot = rectangle(500_000 + offset, 3_640_000, *size, turn=-15)
    area = one(plot)
    assert area == pytest.approx(by_geod(plot, 4545), abs=tolerance(area))
    assert area == pytest.approx(by_official_formula(plot, 4545), abs=tolerance(area))


@settings(max_examples=80, deadline=None)
@given(
    central_meridian=st.integers(25, 45).map(lambda zone: 3 * zone),
    longitude=st.floats(-3, 3),
    latitude=st.floats(18, 54),
    size=st.floats(1, 9.7).map(lambda power: 10**power),
    slender=st.floats(1, 30),
    turn=st.floats(0, 180),
)
def test_area_holds_anywhere_in_china_from_a_lot_to_a_county(
    central_meridian: int, longitude: float, latitude: float, size: float, slender: float, turn: float
) -> None:
    """Oracle: 1/areal_scale of pyproj.Proj.get_factors by 400 Gauss points on each of two triangles.

    All 3-degree planes of CGCS2000 (EPSG:4534 to 4554), 10 m² to 5,000 km², square to 1:30.
    """
    epsg = 4534 + (central_meridian - 75) // 3
    easting, northing = pyproj.Proj(epsg)(central_meridian + longitude, latitude)
    plot = rectangle(easting, northing, (size * slender) ** 0.5, (size / slender) ** 0.5, turn)
    area = one(plot, epsg)
    assert area == pytest.approx(by_scale_quadrature(plot, epsg, nodes=20), abs=tolerance(area))


@settings(max_examples=25, deadline=None)
@given(
    longitude=st.floats(-3, 3),
    latitude=st.floats(18, 54),
    size=st.floats(1, 6).map(lambda power: 10**power),
    slender=st.floats(1, 10),
    turn=st.floats(0, 180),
)
def test_up_to_a_hundred_hectares_geod_and_the_official_formula_agree_everywhere(
    longitude: float, latitude: float, size: float, slender: float, turn: float
) -> None:
    """Oracles: pyproj.Geod and 国土调查办发〔2008〕32号, both on edges of at most 10 m."""
    easting, northing = pyproj.Proj(4545)(108 + longitude, latitude)
    plot = rectangle(easting, northing, (size * slender) ** 0.5, (size / slender) ** 0.5, turn)
    area = one(plot)
    assert area == pytest.approx(by_geod(plot, 4545), abs=tolerance(area))
    assert area == pytest.approx(by_official_formula(plot, 4545), abs=tolerance(area))


@pytest.mark.parametrize("latitude", [1.0, 20.0, 33.0, 53.0])
def test_area_holds_3_degrees_off_the_central_meridian_at_any_latitude(latitude: float) -> None:
    easting, northing = pyproj.Proj(4545)(111.0, latitude)
    for size in (100.0, 1000.0, 70_000.0):
        plot = rectangle(easting, northing, size, size, turn=10)
        area = one(plot)
        assert area == pytest.approx(by_geod(plot, 4545, step=max(10.0, size / 300)), abs=tolerance(area))


def test_a_whole_county_agrees_with_geod(shared_data) -> None:
    """Oracle: pyproj.Geod on edges of at most 10 m; the smallest and the largest county of Ankang."""
    import json

    features = json.loads((shared_data / "boundaries" / "ankang_counties.geojson").read_text("utf-8"))[
        "features"
    ]
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    to_plane = pyproj.Transformer.from_crs(4490, 4545, always_xy=True)
    planes = np.array([shapely.transform(s, to_plane.transform, interleaved=False) for s in shapes])
    areas = ellipsoidal_area(planes, 4545)
    assert areas.sum() / 1e6 == pytest.approx(23_512.8, abs=5)
    for index in (int(np.argmin(areas)), int(np.argmax(areas))):
        expected = sum(by_geod(part, 4545) for part in shapely.get_parts(planes[index]))
        assert areas[index] == pytest.approx(expected, rel=1e-8)


@settings(max_examples=60, deadline=None)
@given(polygons(), st.floats(0, 180), st.floats(-150_000, 150_000))
def test_parts_of_a_cut_polygon_add_up(polygon: shapely.Polygon, angle: float, moved: float) -> None:
    polygon = shapely.affinity.translate(polygon, moved)
    middle = polygon.centroid
    knife = shapely.affinity.rotate(
        shapely.box(middle.x - 5000, middle.y, middle.x + 5000, middle.y + 5000), angle, origin=middle
    )
    parts = [polygon.intersection(knife), polygon.difference(knife)]
    assert ellipsoidal_area(parts, 4545).sum() == pytest.approx(one(polygon), abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(multipolygons(), st.booleans())
def test_direction_of_rings_and_order_of_parts_do_not_matter(
    shape: shapely.MultiPolygon, reverse: bool
) -> None:
    parts = [part.reverse() if reverse else part for part in reversed(shape.geoms)]
    assert one(shapely.MultiPolygon(parts)) == pytest.approx(one(shape), rel=1e-12)
    assert ellipsoidal_area(list(shape.geoms), 4545).sum() == pytest.approx(one(shape), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(star_polygons())
def test_land_grows_smaller_with_the_distance_from_the_central_meridian(polygon: shapely.Polygon) -> None:
    """The point scale grows with y², so the same plane figure is less land farther out."""
    offsets = np.array([-96_600.0, -60_000.0, 0.0, 80_000.0, 180_000.0])
    moved = [shapely.affinity.translate(polygon, offset) for offset in offsets]
    areas = ellipsoidal_area(moved, 4545)
    assert np.all(np.diff(areas) < 0)
    y = polygon.centroid.x + offsets - 500_000
    assert areas / plane_area(moved) == pytest.approx(1 - (y / 6.371e6) ** 2, abs=1e-5)


def test_a_hole_is_taken_off_and_an_island_in_it_counts() -> None:
    outer, hole, island = (rectangle(560_000, 3_600_000, size, size) for size in (300, 200, 100))
    ring = shapely.Polygon(outer.exterior, [hole.exterior])
    both = shapely.MultiPolygon([ring, island])
    assert one(ring) == pytest.approx(one(outer) - one(hole), abs=1e-7)
    assert one(both) == pytest.approx(one(outer) - one(hole) + one(island), abs=1e-7)


def test_what_is_no_polygon_has_no_area_and_keeps_its_place() -> None:
    square = rectangle(560_000, 3_600_000, 10, 10)
    mixed = [
        None,
        square,
        shapely.Point(1, 2),
        shapely.Polygon(),
        shapely.LineString([(0, 0), (1, 1)]),
        square,
    ]
    areas = ellipsoidal_area(mixed, 4545)
    assert areas.dtype == np.float64
    assert areas[[0, 2, 3, 4]].tolist() == [0, 0, 0, 0]
    assert areas[1] == areas[5] == pytest.approx(100, rel=1e-3)
    assert plane_area(mixed).tolist() == [0, 100, 0, 0, 0, 100]
    collection = shapely.GeometryCollection([shapely.Point(0, 0), shapely.GeometryCollection([square])])
    assert one(collection) == areas[1]
    assert ellipsoidal_area([], 4545).shape == (0,)


def test_rings_in_a_buffer_have_the_area_of_the_geometries() -> None:
    shapes = np.array([rectangle(560_000 + 50 * i, 3_600_000, 30 + i, 20, turn=i) for i in range(50)])
    offsets = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(shapes))])
    areas = ellipsoidal_ring_area(shapely.get_coordinates(shapes), offsets, 4545)
    assert areas.tolist() == ellipsoidal_area(shapes, 4545).tolist()
    empty = ellipsoidal_ring_area(shapely.get_coordinates(shapes[:1]), np.array([0, 0, 5, 5]), 4545)
    assert empty.tolist() == [0.0, areas[0], 0.0]


def test_many_polygons_have_the_area_of_each_alone() -> None:
    """More vertices than one block of the computation holds, sizes from a lot to a county in between."""
    shapes = [rectangle(480_000 + 7 * i, 3_600_000, 20 if i % 1000 else 30_000, 15) for i in range(5000)]
    together = ellipsoidal_area(shapes, 4545)
    for i in (0, 1, 999, 1000, 3333, 4999):
        assert together[i] == pytest.approx(one(shapes[i]), rel=1e-14)


def test_utm_and_custom_meridians_are_measured_on_their_own_ellipsoid() -> None:
    """The same land in three planes; oracle: Geod in the first."""
    plot = rectangle(596_700, 3_618_800, 400, 300)
    custom = pyproj.CRS.from_proj4(
        "+proj=tmerc +lat_0=30 +lon_0=109.5 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m"
    )
    expected = by_geod(plot, 4545)
    dense = shapely.segmentize(plot, 1.0)
    for crs in (32649, custom):
        change = pyproj.Transformer.from_crs(4545, crs, always_xy=True)
        moved = shapely.transform(dense, change.transform, interleaved=False)
        assert one(moved, crs) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("crs", [4490, 3857, 2264, 999_999, None])
def test_other_planes_are_refused(crs: int | None) -> None:
    """Geographic, Mercator, US feet, no such number, no CRS at all."""
    with pytest.raises(ParkLineError) as refused:
        ellipsoidal_area([rectangle(560_000, 3_600_000, 10, 10)], crs)
    assert "坐标系" in str(refused.value)


SQUARE = rectangle(560_000, 3_600_000, 10, 10)


def with_vertex(x: float, y: float) -> shapely.Polygon:
    with np.errstate(invalid="ignore"):
        return shapely.Polygon([(560_000, 3_600_000), (x, y), (560_010, 3_600_010)])


@pytest.mark.parametrize(
    "strange",
    [
        shapely.Polygon(V1),
        rectangle(500_000, 12_000_000, 100, 100),
        with_vertex(np.nan, 3_600_000),
        with_vertex(560_010, np.nan),
        with_vertex(np.inf, 3_600_000),
        with_vertex(560_010, -np.inf),
    ],
    ids=[
        "zone prefix read in a plane without it",
        "beyond the pole",
        "NaN",
        "NaN north",
        "inf",
        "-inf north",
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_place_that_cannot_be_right_has_no_number_and_spoils_no_other(strange: shapely.Polygon) -> None:
    areas = ellipsoidal_area([SQUARE, strange, SQUARE], 4545)
    assert np.isnan(areas).tolist() == [False, True, False]
    assert areas[0] == areas[2] == one(SQUARE)


def test_heights_and_repeated_vertices_change_nothing_and_a_ring_without_width_has_no_area() -> None:
    corners = [(560_000, 3_600_000), (560_100, 3_600_000), (560_100, 3_600_100), (560_000, 3_600_100)]
    expected = one(shapely.Polygon(corners))
    assert one(shapely.Polygon([(x, y, 300.0 + index) for index, (x, y) in enumerate(corners)])) == expected
    assert one(shapely.Polygon([(x, y, np.nan) for x, y in corners])) == expected
    assert one(shapely.Polygon([corner for corner in corners for _ in range(3)])) == pytest.approx(
        expected, rel=1e-14
    )
    assert one(shapely.Polygon([corners[0], corners[2], corners[0]])) == 0.0
    assert one(shapely.Polygon([corners[1]] * 4)) == 0.0


def test_one_geometry_alone_is_an_array_of_one() -> None:
    assert ellipsoidal_area(SQUARE, 4545).tolist() == [one(SQUARE)]


def test_the_scale_series_agrees_with_proj() -> None:
    """Oracle: pyproj.Proj.get_factors, itself good to about 1e-10 (numerical derivatives)."""
    random = np.random.default_rng(5)
    longitude, latitude = 108 + random.uniform(-6, 6, 500), random.uniform(-60, 60, 500)
    projection = pyproj.Proj(4545)
    easting, northing = projection(longitude, latitude)
    expected = 1 / np.asarray(projection.get_factors(longitude, latitude).areal_scale)
    scale = areal_scale(4545)
    near = np.abs(easting - 500_000) < scale.reach
    assert scale.value(easting, northing)[near] == pytest.approx(expected[near], rel=1e-9)
