"""The printed parcel map, read back from the PDF that a clerk would print.

The parcel is V1 with its hole of the domain reference §9.3: plane 58 468.4062 m², ellipsoidal 58 454.9165 m²
(pyproj.Geod on edges densified to 10 m) = 5.8455 公顷 = 87.68 亩; edges 300.05, 205.36, 282.79, 204.52 m.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pypdf import PdfReader
from shapely import Polygon

from gis.area import ellipsoidal_area, plane_area
from gis.boundary_points import boundary_points
from gis.crs import describe
from gis.errors import ParkLineError
from layers.sheets.parcel_map import compose_sheet
from layers.sheets.parcel_sheet import LineShare, ParcelSheet

V1 = [(36596600.0, 3618900.0), (36596900.0, 3618905.5), (36596893.25, 3618700.25), (36596610.5, 3618695.75)]
HOLE = [(36596700.0, 3618820.0), (36596700.0, 3618790.0), (36596740.0, 3618790.0), (36596740.0, 3618820.0)]
POINT = 25.4 / 72.0


def sheet_of(polygon: Polygon, **changes: object) -> ParcelSheet:
    array = np.array([polygon], dtype=object)
    neighbours = gpd.GeoDataFrame(
        {
            "parcel_no": ["610902-2024-002", "610902-2024-003"],
            "holder": ["示例企业 2", ""],
            "land_use_name": ["工业用地"] * 2,
        },
        geometry=[
            shapely.box(36596905, 3618690, 36597100, 3618905),
            shapely.box(36596600, 3618910, 36596900, 3619000),
        ],
        crs=4524,
    )
    sheet = ParcelSheet(
        epsg=4524,
        plane_title=describe(4524),
        meridian=108.0,
        parcel_no="610902-2024-001",
        parcel_code="6109020010010000001",
        holder="示例企业 1",
        location="示例地址：高新区示例路北侧",
        land_use="工业用地",
        land_use_code="100101",
        unit_name="汉滨区",
        park="示例园区",
        sheet_number="I49G080017",
        geometry=polygon,
        points=boundary_points(polygon),
        plane_area=float(plane_area(array)[0]),
        ellipsoidal_area=float(ellipsoidal_area(array, 4524)[0]),
        certified_area=58468.41,
        neighbours=neighbours,
        factories=gpd.GeoDataFrame(
            {"name": ["1#"], "floors": [3]},
            geometry=[shapely.box(36596800, 3618730, 36596870, 3618760)],
            crs=4524,
        ),
        lines=gpd.GeoDataFrame(
            {"name": ["示例区块"], "level": ["first"]},
            geometry=[shapely.box(36596500, 3618600, 36596850, 3618950)],
            crs=4524,
        ),
        line_shares=(LineShare("示例区块", "first", 48000.0),),
        adjoining=("610902-2024-003", "示例企业 2", "", ""),
        printed_on=dt.date(2024, 6, 30),
        is_demo=True,
    )
    return replace(sheet, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PdfReader]:
    path = tmp_path_factory.mktemp("宗地 图") / "地块 一.pdf"
    compose_sheet(sheet_of(Polygon(V1, [HOLE])), scale=2000).write_pdf(path)
    return path, PdfReader(path)


def test_the_page_is_a4_and_small(reference: tuple[Path, PdfReader]) -> None:
    path, reader = reference
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (float(box.width) * POINT, float(box.height) * POINT) == pytest.approx((210.0, 297.0), abs=0.01)
    assert path.stat().st_size < 300_000


@pytest.mark.parametrize(
    "text",
    [
        "宗 地 图", "610902-2024-001", "6109020010010000001", "示例企业 1", "I49G080017", "示例数据", "1:2000",
        "300.05", "205.36", "282.79", "204.52", "J1", "J8", "3618900.000", "36596600.000",
        "58468.41 ㎡ = 5.8468 公顷 = 87.70 亩", "58454.92 ㎡ = 5.8455 公顷 = 87.68 亩",
        "东至：示例企业 2", "北至：610902-2024-003", "示例区块，线内 82.1%", "2024-06-30", "中央子午线 108°",
    ],
)  # fmt: skip
def test_everything_the_meeting_needs_can_be_read_and_searched(
    reference: tuple[Path, PdfReader], text: str
) -> None:
    assert text in reference[1].pages[0].extract_text()


def test_the_first_edge_has_its_true_length_on_paper(reference: tuple[Path, PdfReader]) -> None:
    """300.0504 m at 1:2000 are 150.025 mm; read from the red path commands of the page."""
    content = reference[1].pages[0].get_contents()
    assert content is not None
    lengths = []
    for path in re.findall(rb"([\d.]+ [\d.]+ m\n(?:[\d.]+ [\d.]+ l\n)+)", content.get_data()):
        points = np.array([[float(v) for v in row.split()[:2]] for row in path.decode().strip().splitlines()])
        lengths += (np.hypot(*np.diff(points, axis=0).T) * POINT).tolist()
    assert any(length == pytest.approx(150.0252, abs=0.01) for length in lengths)


def test_a_parcel_with_many_points_gets_continuation_sheets_with_every_point(tmp_path: Path) -> None:
    angles = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    ring = np.column_stack([36596700 + 150 * np.cos(angles), 3618800 + 100 * np.sin(angles)])
    path = tmp_path / "many.pdf"
    compose_sheet(sheet_of(Polygon(ring))).write_pdf(path)
    reader = PdfReader(path)
    assert len(reader.pages) > 1
    text = "".join(page.extract_text() for page in reader.pages[1:])
    numbers = {int(number) for number in re.findall(r"J(\d+)", text)}
    assert numbers == set(range(1, 241))


def test_a_scale_at_which_the_parcel_does_not_fit_is_refused_with_one_that_does() -> None:
    with pytest.raises(ParkLineError, match="1:2500"):
        compose_sheet(sheet_of(Polygon(V1)), scale=500)


def test_without_a_scale_the_parcel_fills_the_frame_as_the_rule_says() -> None:
    """300 m wide in a frame 170 mm wide: 80 % are 136 mm, so 1:2500 (120 mm) is the largest that fits."""
    assert compose_sheet(sheet_of(Polygon(V1))).scale == 2500
    assert compose_sheet(sheet_of(Polygon(V1)), paper="A3").scale == 1500


def test_the_preview_shows_the_page_in_its_proportions() -> None:
    pixels = compose_sheet(sheet_of(Polygon(V1))).image(dpi=60.0)
    assert pixels.shape[0] / pixels.shape[1] == pytest.approx(297 / 210, abs=0.01)
    assert (pixels[..., :3] < 128).any()


def test_text_from_outside_is_never_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "dollar.pdf"
    compose_sheet(sheet_of(Polygon(V1), holder="$\\frac{1}{2}$ & <b>企业</b>")).write_pdf(path)
    assert "<b>企业</b>" in PdfReader(path).pages[0].extract_text()
