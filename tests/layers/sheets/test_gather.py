"""What is gathered from a project for a parcel map: the surveyed zone again, the surroundings, the block line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from shapely import Polygon

from gis.crs import to_plane
from gis.errors import ParkLineError
from gis.map_sheet_number import sheet_numbers_10000
from layers.project import Project
from layers.sheets.parcel_map import compose
from layers.sheets.parcel_sheet import gather, look_around
from tests.layers.sheets.sheets import HOLE, V1

DAY = dt.date(2024, 6, 30)
# A parcel of 白河 (zone 37, 109.9°E), as surveyed there to the millimetre; the project lies in zone 36.
ZONE_37 = [(37397123.456, 3625001.001), (37397223.457, 3625003.999), (37397220.123, 3624900.555), (37397125.0, 3624898.0)]  # fmt: skip


def row(number: str, geometry: object, **fields: object) -> dict[str, object]:
    return {"parcel_no": number, "geometry": geometry, "source_crs": None, "holder": None, **fields}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "城 市.gpkg", epsg=4545, name="某市") as project:
        yield project


def store(project: Project, table: str, rows: list[dict[str, object]]) -> None:
    with project.transaction("测试", kind="import") as transaction:
        transaction.insert(table, gpd.GeoDataFrame(rows, geometry="geometry", crs=project.epsg))


def moved(ring: list[tuple[float, float]], source: int, target: int = 4545) -> Polygon:
    return to_plane(np.array([Polygon(ring)], dtype=object), source, target)[0]


def test_a_parcel_is_printed_in_the_zone_it_was_surveyed_in_to_the_millimetre(
    project: Project, tmp_path: Path
) -> None:
    store(project, "parcel", [row("BH-1", moved(ZONE_37, 4525), source_crs="EPSG:4525")])
    composed = compose(project, "BH-1", printed_on=DAY)
    assert composed.sheet.epsg == 4525
    text = PdfReader(composed.write_pdf(tmp_path / "zone.pdf")).pages[0].extract_text()
    for east, north in ZONE_37:
        assert f"{east:.3f}" in text
        assert f"{north:.3f}" in text
    assert "中央子午线 111°（EPSG:4525）" in text
    expected = np.hypot(*(np.diff(np.array([*ZONE_37, ZONE_37[0]]), axis=0)).T)
    assert sorted(composed.sheet.points.length) == pytest.approx(sorted(expected), abs=1e-6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([4524, 4525, 4545, 4546, 4509]),
    st.floats(108.05, 110.2),
    st.floats(31.7, 33.8),
    st.lists(st.integers(-300_000, 300_000), min_size=6, max_size=6),
)
def test_millimetres_survive_the_way_into_the_project_and_back(
    project: Project, epsg: int, longitude: float, latitude: float, offsets: list[int]
) -> None:
    """Any corner in millimetres, in 3-degree zones with and without prefix and in the 6-degree zone of 111°E."""
    x, y = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform(longitude, latitude)
    corners = np.round([[x, y]] + np.array(offsets).reshape(3, 2) / 1000.0, 3)
    if shapely.area(Polygon(corners)) < 1.0:
        return
    number = f"{epsg}-{longitude}-{latitude}-{offsets}"
    store(project, "parcel", [row(number, moved(corners.tolist(), epsg), source_crs=f"EPSG:{epsg}")])
    points = gather(project, number).points
    printed = {(f"{east:.3f}", f"{north:.3f}") for east, north in zip(points.east, points.north, strict=True)}
    assert printed == {(f"{east:.3f}", f"{north:.3f}") for east, north in corners}


@pytest.mark.parametrize("source", [None, "EPSG:4490", "EPSG:4326", "EPSG:2385", "LOCAL_CS"])
def test_what_was_not_surveyed_in_a_plane_of_cgcs2000_is_printed_in_the_project_s(
    project: Project, source: str | None
) -> None:
    store(project, "parcel", [row("A", moved(V1, 4524), source_crs=source)])
    sheet = gather(project, "A")
    assert sheet.epsg == 4545
    assert sheet.plane == "2000国家大地坐标系，3度带，中央子午线 108°（EPSG:4545）"


def test_the_map_shows_all_parcels_in_its_frame_however_small_the_scale(project: Project) -> None:
    """A 40 m parcel at 1:5000: the frame is 850 m wide, and a neighbour 300 m away must be on it."""
    east, north = 500000.0, 3600000.0
    store(
        project,
        "parcel",
        [
            row("A", shapely.box(east, north, east + 40, north + 40)),
            row("B", shapely.box(east + 300, north, east + 340, north + 40)),
        ],
    )
    near = compose(project, "A", printed_on=DAY)
    assert list(near.sheet.neighbours["parcel_no"]) == []
    wide = compose(project, "A", scale=5000, printed_on=DAY)
    assert list(wide.sheet.neighbours["parcel_no"]) == ["B"]
    assert wide.sheet.adjoining == ("", "", "", "")


def test_surroundings_come_in_the_plane_of_the_page(project: Project) -> None:
    """The parcel once more 120 m to the east. From its corner (…243.456, …001.001) the eastern edge of the first, x =
    …223.360 at that height and leaning 1.85°, is 20.096 · cos 1.85° = 20.09 m away.
    """
    store(
        project,
        "parcel",
        [
            row("BH-1", moved(ZONE_37, 4525), source_crs="EPSG:4525"),
            row("BH-2", moved([(x + 120, y) for x, y in ZONE_37], 4525), holder="示例企业"),
        ],
    )
    sheet = gather(project, "BH-1", printed_on=DAY)
    wider = look_around(project, sheet, (37397000.0, 3624800.0, 37397400.0, 3625100.0))
    found = wider.neighbours.geometry.iloc[0]
    assert shapely.hausdorff_distance(found, Polygon([(x + 120, y) for x, y in ZONE_37])) < 1e-4
    assert sheet.adjoining[1] == "示例企业（相距 20.1 m）"


def test_the_share_inside_a_block_line_valid_on_the_day_is_said(project: Project) -> None:
    """The line takes the western 60 m of a parcel of 100 m by 50 m: 60.0 %. One that ended that day does not count."""
    east, north = 500000.0, 3600000.0
    store(project, "parcel", [row("A", shapely.box(east, north, east + 100, north + 50))])
    line = shapely.box(east - 200, north - 200, east + 60, north + 200)
    lines = [
        {"code": "1", "name": "示例区块", "level": "first", "valid_to": None, "geometry": line},
        {"code": "2", "name": "旧区块", "level": "first", "valid_to": DAY, "geometry": line},
    ]
    for item in lines:
        store(project, "block_line", [item])
    sheet = gather(project, "A", printed_on=DAY)
    assert [share.name for share in sheet.line_shares] == ["示例区块"]
    assert sheet.line_shares[0].area / sheet.ellipsoidal_area == pytest.approx(0.6, abs=1e-6)


def test_areas_are_those_of_the_reference(project: Project) -> None:
    """V1 less its hole: 58 468.4062 m² in the plane, 58 454.9165 m² on the ellipsoid (domain reference §9.3)."""
    parcel = to_plane(np.array([Polygon(V1, [HOLE])], dtype=object), 4524, 4545)[0]
    store(project, "parcel", [row("V1", parcel, source_crs="EPSG:4524")])
    sheet = gather(project, "V1")
    assert sheet.plane_area == pytest.approx(58468.4062, abs=1e-3)
    assert sheet.ellipsoidal_area == pytest.approx(58454.9165, abs=2e-3)
    assert sheet.certified_area is None


def test_an_unknown_number_names_similar_ones(project: Project) -> None:
    store(project, "parcel", [row("HB-0001", moved(V1, 4524))])
    with pytest.raises(ParkLineError) as caught:
        compose(project, "HB-0002")
    assert "HB-0001" in caught.value.hint


def test_the_map_sheets_of_a_parcel_are_all_those_it_lies_on() -> None:
    """1:10 000 sheets are 3′45″ wide and 2′30″ high; a sheet line runs along 109.0° E and along 32.7083…° N."""
    corners = np.array([[108.99, 32.70], [109.01, 32.70], [109.01, 32.715], [108.99, 32.715]])
    assert sheet_numbers_10000(corners) == ("I49G079016", "I49G079017", "I49G080016", "I49G080017")
    assert sheet_numbers_10000(np.array([[-81.9, 35.3]])) == ()
