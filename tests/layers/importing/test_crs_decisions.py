"""Which system a file is in: declared and borne out, else asked with candidates from the coordinates."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from gis.errors import ParkLineError
from layers.importing.plan import propose
from layers.importing.run import run
from layers.new_project import UnitSource, new_project
from layers.project import Project
from tests.layers.importing.world import ledger, lots, send, squares, take


def landed(project: Project) -> np.ndarray:
    """Geometries of the parcels in the order of their numbers."""
    frame = project.read("parcel").sort_values("parcel_no")
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def distance(project: Project, expected: list[shapely.Polygon]) -> float:
    """By how many metres any vertex is off."""
    return float(shapely.hausdorff_distance(landed(project), np.array(expected, dtype=object)).max())


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("epsg", [4545, 4524, 4490])
def test_a_file_without_prj_is_placed_by_its_coordinates_in_either_order(
    project: Project, tmp_path: Path, epsg: int, swap: bool
) -> None:
    """Six digits in the city's own zone, eight digits with prefix 36, degrees; X/Y as they come."""
    path = send(tmp_path / "a.shp", lots().to_crs(epsg), prj=False, swap=swap)
    plan, report = take(project, "parcel", path)
    assert (plan.epsg, plan.swapped) == (epsg, swap)
    assert "由坐标推断" in plan.crs_reason
    assert (report.taken, report.refused) == (5, [])
    assert distance(project, squares()) < 1e-6
    assert set(project.read("parcel")["source_crs"]) == {f"EPSG:{epsg}"}


def test_six_digits_of_the_neighbouring_zone_land_in_the_city_too(project: Project, tmp_path: Path) -> None:
    """白河 lies in zone 37: read in zone 36 its eastings would lie west of the city (domain reference §1)."""
    place = gpd.GeoDataFrame(
        {"地块编号": ["示例-1"]}, geometry=[shapely.box(405_000, 3_630_000, 405_100, 3_630_100)], crs=4546
    )
    path = send(tmp_path / "a.shp", place, prj=False)
    plan, _report = take(project, "parcel", path)
    assert plan.epsg == 4546
    expected = pyproj.Transformer.from_crs(4546, 4545, always_xy=True).transform(405_050, 3_630_050)
    centre = landed(project)[0].centroid
    assert (centre.x, centre.y) == pytest.approx(expected, abs=0.01)


def test_a_place_outside_the_city_is_asked_about_with_candidates(project: Project, tmp_path: Path) -> None:
    """36 candidates of six digits, none in the city: the person decides, the sample of candidates helps."""
    path = send(tmp_path / "a.shp", lots().set_geometry([shapely.box(500_000, 2_500_000, 500_100, 2_500_100)] * 5), prj=False)  # fmt: skip
    plan = propose(project, "parcel", path)
    assert plan.epsg is None
    assert "没有声明坐标系" in plan.crs_reason
    assert any("坐标系未知" in question for question in plan.open_questions())
    assert {4545, 4546} <= {item.epsg for item in plan.candidates}
    assert not any(item.plausible for item in plan.candidates)
    with pytest.raises(ParkLineError, match="坐标系未知"):
        run(project, plan)
    plan.epsg = 4545
    assert plan.open_questions() == []


def test_one_stray_row_does_not_hide_where_the_others_lie(project: Project, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"地块编号": [f"示例-{i}" for i in range(100)]},
        geometry=[*squares(99), shapely.box(0, 0, 1, 1)],
        crs=4545,
    )
    plan = propose(project, "parcel", send(tmp_path / "a.shp", frame, prj=False))
    assert (plan.epsg, plan.swapped) == (4545, False)


@pytest.mark.parametrize("epsg", [4524, 4490, 4326])
def test_a_swap_is_found_under_a_declared_system_too(project: Project, tmp_path: Path, epsg: int) -> None:
    path = send(tmp_path / "a.shp", lots().to_crs(epsg), swap=True)
    plan, report = take(project, "parcel", path)
    assert (plan.epsg, plan.swapped) == (epsg, True)
    assert "互换" in plan.crs_reason
    assert report.taken == 5
    assert distance(project, squares()) < 1e-3


def test_a_declaration_that_the_coordinates_contradict_is_asked_about(
    project: Project, tmp_path: Path
) -> None:
    """A .prj without zone prefix over coordinates with one: a common slip of exports."""
    path = send(tmp_path / "a.shp", lots().to_crs(4524).set_crs(4545, allow_override=True))
    plan = propose(project, "parcel", path)
    assert plan.epsg is None
    assert "EPSG:4545" in plan.crs_reason
    assert "不符" in plan.crs_reason
    assert "第36带" in plan.crs_reason
    assert plan.candidates[0].epsg == 4524
    plan.epsg = 4524
    run(project, plan)
    assert distance(project, squares()) < 1e-6


def test_data_of_another_place_in_a_declared_system_are_taken_with_a_remark(
    project: Project, tmp_path: Path
) -> None:
    beijing = gpd.GeoDataFrame(
        {"地块编号": ["示例-1"]}, geometry=[shapely.box(116.3, 39.9, 116.31, 39.91)], crs=4490
    )
    plan, report = take(project, "parcel", send(tmp_path / "a.shp", beijing))
    assert report.taken == 1
    assert any("不在本项目各单元的范围内" in note for note in plan.notes)


def test_degrees_beyond_the_globe_are_no_degrees(project: Project, shared_data: Path) -> None:
    """ldid_chinese.shp declares degrees for −248.7, 625.6 (data/SOURCES.md)."""
    plan = propose(project, "observation", shared_data / "messy/gbk/ldid_chinese.shp")
    assert plan.epsg is None
    assert "不符" in plan.crs_reason


@pytest.mark.parametrize("system", [4545, 4524, 4546, 4490])
def test_esri_and_other_dialects_of_a_prj_are_recognised(
    project: Project, tmp_path: Path, system: int
) -> None:
    path = send(tmp_path / "a.shp", lots().to_crs(system))
    for dialect in ("WKT1_ESRI", "WKT1_GDAL"):
        path.with_suffix(".prj").write_text(pyproj.CRS.from_epsg(system).to_wkt(dialect), "utf-8")
        plan = propose(project, "parcel", path)
        assert (plan.epsg, plan.swapped) == (system, False)


def test_a_given_system_wins_and_its_order_is_still_found(project: Project, tmp_path: Path) -> None:
    path = send(tmp_path / "a.shp", lots(), prj=False, swap=True)
    plan, report = take(project, "parcel", path, epsg=4545)
    assert (plan.epsg, plan.swapped, report.taken) == (4545, True, 5)
    assert distance(project, squares()) < 1e-6
    with pytest.raises(ParkLineError, match="999999"):
        propose(project, "parcel", path, epsg=999999)


def test_an_old_system_is_taken_with_a_word_on_its_uncertainty(project: Project, tmp_path: Path) -> None:
    """Xi'an 80, zone 36 (EPSG:2360): the parameters between it and CGCS2000 are not public."""
    path = send(tmp_path / "a.shp", lots().to_crs(2360))
    plan = propose(project, "parcel", path)
    assert plan.epsg == 2360
    assert any("未公开" in note for note in plan.notes)
    plain = propose(project, "parcel", send(tmp_path / "b.shp", lots().to_crs(4326)))
    assert not any("未公开" in note for note in plain.notes)


def test_shifted_degrees_from_the_web_are_not_claimed_to_be_found(
    project: Project, shared_data: Path
) -> None:
    """Nobody can tell GCJ-02 from the numbers: both files are taken as what they state, with the same remark."""
    remarks = []
    for file in ("ankang_counties.geojson", "ankang_counties_gcj02.geojson"):
        plan = propose(project, "unit", shared_data / "boundaries" / file)
        assert plan.epsg == 4326
        remarks.append([note for note in (*plan.info.notes, *plan.notes) if "GCJ-02" in note])
    assert remarks[0] == remarks[1]
    (note,) = remarks[0]
    assert "无法判断" in note


def test_no_remark_on_shifted_degrees_where_they_are_not_used(project: Project, shared_data: Path) -> None:
    plan = propose(project, "land_use", shared_data / "zoning_victoria_bc/zoning_2016.geojson")
    assert not any("GCJ-02" in note for note in (*plan.info.notes, *plan.notes))


def test_wkt_that_names_its_system_is_believed(project: Project, tmp_path: Path) -> None:
    prefixed = lots(1).to_crs(4524).geometry[0]
    path = ledger(tmp_path / "a.xlsx", [["地块编号", "图形"], ["示例-1", f"SRID=4524;{prefixed.wkt}"]])
    plan, report = take(project, "parcel", path)
    assert (plan.epsg, report.taken) == (4524, 1)
    assert distance(project, squares(1)) < 1e-6


def test_surveyors_points_with_x_north_are_put_right(project: Project, shared_data: Path) -> None:
    """429 points, x = north, six-digit eastings (data/formats/SOURCES.md), of a place east of the city: asked."""
    plan = propose(project, "observation", shared_data / "formats/survey_points_TEST1.txt")
    assert plan.epsg is None
    assert plan.candidates
    assert {item.swapped for item in plan.candidates} == {True}


@pytest.mark.parametrize(
    ("file", "layer"),
    [("missing_crs_mixed_ranges.gpkg", "OR_land_2269"), ("missing_crs_mixed_ranges.gpkg", "OR_land_4326"), ("null_crs_gdal.gpkg", "land")],
)  # fmt: skip
def test_real_files_without_a_system_are_asked_about(
    project: Project, shared_data: Path, file: str, layer: str
) -> None:
    plan = propose(project, "unit", shared_data / "messy/crs" / file, source_layer=layer)
    assert plan.epsg is None
    assert any("坐标系未知" in question for question in plan.open_questions())
    # Oregon in degrees is offered as degrees, in feet as nothing this program knows.
    assert [item.epsg for item in plan.candidates] == ([] if layer == "OR_land_2269" else [4490])


def test_both_systems_of_a_real_file_land_in_the_same_place(shared_data: Path, tmp_path: Path) -> None:
    """Oregon in feet (2269) and in degrees (4326): its centre must agree within the rounding of the degrees."""
    source = shared_data / "messy/crs/mixed_crs.gpkg"
    centres = []
    for layer in ("oregon_2269", "oregon_4326"):
        units = UnitSource(source, layer=layer, code="ST", name="NAME")
        with new_project(tmp_path / f"{layer}.gpkg", units=units, epsg=32611).project as made:
            assert set(made.read("unit")["source_crs"]) == {f"EPSG:{layer[-4:]}"}
            centres.append(made.read("unit").geometry.iloc[0].centroid)
    assert centres[0].distance(centres[1]) < 200.0
