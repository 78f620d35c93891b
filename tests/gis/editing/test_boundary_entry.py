"""Boundary points typed and pasted: the specimen of the domain reference (§10.1) and its dialects."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.area import ellipsoidal_area
from gis.boundary_points import boundary_points
from gis.crs import to_plane
from gis.editing.boundary_entry import polygon_of_rings, read_boundary
from gis.errors import ParkLineError
from gis.text import set_language
from tests.strategies import polygons
from tests.tessellations import LAND

PLANE = 4545  # CGCS2000, 108° E, without the number of the zone
SPECIMEN = """[属性描述]
格式版本号=1.01版本
坐标系=2000国家大地坐标系
带号=36
[地块坐标]
10,5.8455,610902-2024-001,示例一号地块,面,I49G080017,工业用地,,@
J1,1,3618900.000,36596600.000
J2,1,3618905.500,36596900.000
J3,1,3618700.250,36596893.250
J4,1,3618695.750,36596610.500
J1,1,3618900.000,36596600.000
J5,2,3618820.000,36596700.000
J6,2,3618790.000,36596700.000
J7,2,3618790.000,36596740.000
J8,2,3618820.000,36596740.000
J5,2,3618820.000,36596700.000
"""
SHELL = [(596600, 3618900), (596900, 3618905.5), (596893.25, 3618700.25), (596610.5, 3618695.75)]
HOLE = [(596700, 3618820), (596700, 3618790), (596740, 3618790), (596740, 3618820)]
EXPECTED = shapely.Polygon(SHELL, [HOLE])
BARE = "\n".join(f"{y},{x}" for x, y in SHELL)


@pytest.fixture(autouse=True)
def _chinese():
    set_language("zh_CN")


def test_the_specimen_is_its_parcel_with_its_hole() -> None:
    """5.8455 ha on the ellipsoid stand in its heading."""
    entry = read_boundary(SPECIMEN, PLANE)
    assert entry.geometry.normalize() == EXPECTED.normalize()
    assert (entry.epsg, entry.north_first) == (4524, True)
    assert "带号 36" in entry.how
    assert round(float(ellipsoidal_area([entry.geometry], PLANE)[0]) / 10_000, 4) == 5.8455
    assert [point.name for point in entry.points] == [f"J{n}" for n in range(1, 9)]
    assert [point.row for point in entry.points] == [7, 8, 9, 10, 12, 13, 14, 15]
    assert [point.ring for point in entry.points] == [1] * 4 + [2] * 4
    assert (entry.points[4].east, entry.points[4].north) == (596700, 3618820)
    assert entry.notes == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",36596", ",596").replace(",3659", ",59"),  # without the zone
        lambda text: re.sub(r"(J\d),(\d),([\d.]+),([\d.]+)", r"\1,\2,\4,\3", text),  # east first
        lambda text: text.replace(",", "，"),  # full-width
        lambda text: text.replace(",", "\t"),  # from Excel
        lambda text: re.sub(r"(J\d),(\d),", r"\1 \2   ", text).replace(",36596", "  36596"),
        lambda text: re.sub(r"J(\d),", r"\1,", text),  # numbers only
        lambda text: re.sub(r"J1,1,(.*)\nJ5", r"J5", text),  # the first ring not closed
        lambda text: re.sub(r"(J\d),\d,", r"\1,", text),  # no ring numbers
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text.replace("\n", "\n\n"),  # blank lines between all
        lambda text: re.sub(r"(J\d),(\d),([\d.]+),([\d.]+)", r"\1,\2,X=\3m,Y=\4m,300.05", text),
        lambda text: re.sub(r"(?m)^J", "J", text.replace("@", "@,")),
        lambda text: "点号 X坐标(m) Y坐标(m)\n" + text + "备注：示例\n",
    ],
)
def test_dialects_give_the_same_parcel(change) -> None:
    entry = read_boundary(change(SPECIMEN), PLANE)
    assert entry.geometry.normalize() == EXPECTED.normalize()


def test_degrees_are_projected() -> None:
    """Coordinates by PROJ, north first to nine decimals: a tenth of a millimetre."""
    (degrees,) = to_plane(np.array([shapely.Polygon(SHELL)], dtype=object), PLANE, 4490)
    text = "\n".join(f"{y:.9f}, {x:.9f}" for x, y in degrees.exterior.coords)
    entry = read_boundary(text, PLANE)
    assert (entry.epsg, entry.north_first) == (4490, True)
    assert shapely.hausdorff_distance(entry.geometry, shapely.Polygon(SHELL)) < 1e-3
    assert "已换算" in entry.notes[0]


def test_numbers_without_a_zone_are_the_project_s_own() -> None:
    """The same numbers in a project of 111° E stay what they are; with prefix 37 they come from there."""
    assert read_boundary(BARE, 4546).epsg == 4546
    assert read_boundary(BARE, 4525).geometry.bounds[0] == 37596600 - 0
    neighbour = read_boundary(BARE.replace(",", ",37"), PLANE)
    assert neighbour.epsg == 4525
    assert neighbour.geometry.bounds[0] > 800_000


def test_a_second_ring_outside_is_a_part_and_one_in_the_hole_an_island() -> None:
    rows = []
    for number, square in enumerate(
        [box(0, 0, 90, 90), box(10, 10, 80, 80), box(20, 20, 70, 70), box(100, 0, 150, 50)], 1
    ):
        rows += [
            f"J{i},{number},{3618000 + y},{596000 + x}" for i, (x, y) in enumerate(square.exterior.coords)
        ]
    geometry = read_boundary("\n".join(rows), PLANE).geometry
    assert geometry.geom_type == "MultiPolygon"
    assert sorted(part.area for part in geometry.geoms) == [2500, 2500, 90 * 90 - 70 * 70]


def test_bare_pairs_on_every_other_line_are_one_ring() -> None:
    five = [*SHELL[:3], (596700, 3618690), SHELL[3]]
    text = "\n\n".join(f"{y},{x}" for x, y in five)
    assert read_boundary(text, PLANE).geometry.normalize() == shapely.Polygon(five).normalize()


def test_bare_pairs_are_divided_by_blank_lines() -> None:
    text = BARE + "\n\n" + "\n".join(f"{y} {x}" for x, y in HOLE)
    assert read_boundary(text, PLANE).geometry.normalize() == EXPECTED.normalize()


def test_a_second_ring_that_starts_again_at_j1_is_a_ring() -> None:
    text = "\n".join(f"J{i},{y},{x}" for ring in (SHELL, HOLE) for i, (x, y) in enumerate(ring, 1))
    assert read_boundary(text, PLANE).geometry.normalize() == EXPECTED.normalize()


def test_a_running_number_is_no_ring() -> None:
    text = "\n".join(f"{i},{i},{y},{x}" for i, (x, y) in enumerate(SHELL, 1))
    entry = read_boundary(text, PLANE)
    assert entry.geometry.normalize() == shapely.Polygon(SHELL).normalize()
    assert [point.name for point in entry.points] == ["1", "2", "3", "4"]


def test_a_closing_row_with_one_number_twice_closes_and_is_noted() -> None:
    text = SPECIMEN.replace("J1,1,3618900.000,36596600.000\nJ5", "J1,1,36596600.000,36596600.000\nJ5")
    entry = read_boundary(text, PLANE)
    assert entry.geometry.normalize() == EXPECTED.normalize()
    assert entry.notes == ("第 11 行两列数字相同，按闭合到本圈第一点处理。",)


def test_a_repeated_point_is_left_out_and_noted() -> None:
    lines = BARE.splitlines()
    entry = read_boundary("\n".join([*lines[:2], lines[1], *lines[2:]]), PLANE)
    assert len(entry.points) == 4
    assert entry.notes == ("第 3 行重复上一点，已略去。",)


def test_order_and_system_can_be_settled() -> None:
    assert read_boundary(BARE, PLANE, source=4546).epsg == 4546
    with pytest.raises(ParkLineError, match="不能按所选的坐标系或列序读取"):
        read_boundary(BARE, PLANE, north_first=False)


def test_coordinates_of_another_country_are_the_project_s() -> None:
    """UTM south: nothing looks like China, the plane is taken as it is."""
    text = "A 380000.5 7800000\nB 380100 7800000\nC 380100 7800100"
    entry = read_boundary(text, 32733)
    assert entry.geometry.bounds == (380000.5, 7800000, 380100, 7800100)
    assert (entry.epsg, entry.north_first) == (32733, False)


@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        ("", None, "没有界址点坐标"),
        ("点号,X,Y\n", None, "没有界址点坐标"),
        (BARE.replace("3618905.5", "36I8905.5"), 2, "第 2 行读不出一对坐标"),
        (BARE.replace("3618905.5,596900", "3618905.5"), 2, "第 2 行读不出一对坐标"),
        (BARE.replace("3618905.5", "361890.55"), 2, "第 2 行读不出一对坐标"),
        (BARE.replace("3618905.5,596900", "596900,3618905.5"), 2, "第 2 行的坐标与其他行不是一种写法"),
        (BARE.replace("596900", "36596900"), 2, "第 2 行的坐标与其他行不是一种写法"),
        (BARE.replace("596893.25", "596893.25.1"), 3, "第 3 行读不出一对坐标"),
        ("\n".join(BARE.splitlines()[:2]), 1, "只有 2 个点"),
        (SPECIMEN + "J9,3,3618000.0,36596000.0\n", 17, "从第 17 行开始的一圈只有 1 个点"),
        ("J1,3618900,596600\nJ2,3618905,596900\nJ3,596893,596893\nJ4,3618695,596610", 3, "第 3 行读不出"),
        (
            "3618900,596600\n3618700,596900\n3618900,596900\n3618700,596600",
            1,
            r"边界自相交，位置 \(596750.000, 3618800.000\)，在第 1 行的点附近",
        ),
        (
            BARE + "\n\n" + "\n".join(f"{y},{x + 150}" for x, y in SHELL),
            6,
            "第 1 圈与第 2 圈相互重叠",
        ),
        (BARE + "\n\n" + BARE, 6, "相互重叠"),
    ],
)
def test_what_is_wrong_is_told_with_its_row(text: str, row: int | None, message: str) -> None:
    with pytest.raises(ParkLineError, match=message) as failure:
        read_boundary(text, PLANE)
    assert failure.value.row == row
    assert failure.value.hint


def test_many_wrong_rows_are_told_together() -> None:
    text = BARE + "\n" + "\n".join(f"J{i},36x18,5966y0" for i in range(8))
    with pytest.raises(ParkLineError, match="第 5、6、7、8、9 等 8 行读不出"):
        read_boundary(text, PLANE)


def test_holes_that_touch_along_an_edge_make_no_polygon() -> None:
    with pytest.raises(ParkLineError, match="合不成有效的面"):
        polygon_of_rings(
            [
                np.array(square.exterior.coords)
                for square in (box(0, 0, 9, 9), box(1, 1, 3, 3), box(3, 1, 5, 3))
            ]
        )


@LAND
@given(polygons(), st.booleans(), st.booleans(), st.booleans())
def test_a_printed_table_of_boundary_points_reads_back(
    polygon: shapely.Polygon, prefix: bool, north_first: bool, close: bool
) -> None:
    points = boundary_points(polygon)
    lines = []
    for ring in np.unique(points.ring):
        chosen = np.flatnonzero(points.ring == ring)
        for index in [*chosen, *([chosen[0]] if close else [])]:
            east, north = points.east[index] + 36_000_000 * prefix, points.north[index]
            pair = (north, east) if north_first else (east, north)
            lines.append(f"J{points.number[index]},{ring},{pair[0]:.6f},{pair[1]:.6f}")
    entry = read_boundary("\n".join(lines), PLANE)
    assert entry.north_first == north_first
    assert entry.geometry.area == pytest.approx(polygon.area, abs=1e-2)
    assert len(entry.geometry.interiors) == len(polygon.interiors)
