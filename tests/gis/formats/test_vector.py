"""GeoPackage, GeoJSON, KML, File Geodatabase, GML, MapInfo, FlatGeobuf: what they hold comes out as it is."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gis.errors import ParkLineError
from gis.formats import SUPPORTED, inspect, read
from gis.progress import Cancelled
from tests.gis.formats.samples import SQUARES, feature_collection, frame

SQUARE = {"type": "Polygon", "coordinates": [[[109, 32.7], [109.01, 32.7], [109.01, 32.71], [109, 32.7]]]}


@pytest.mark.parametrize(
    ("suffix", "driver", "options"),
    [
        (".gpkg", None, {}),
        (".geojson", None, {}),
        (".shp", None, {"encoding": "gbk"}),
        (".fgb", None, {}),
        (".gml", "GML", {}),
        (".gdb", "OpenFileGDB", {}),
        (".tab", "MapInfo File", {"ENCODING": "UTF-8"}),
        (".mif", "MapInfo File", {"ENCODING": "UTF-8"}),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_format_gives_the_same_rows(
    tmp_path: Path, suffix: str, driver: str | None, options: dict[str, str]
) -> None:
    """FlatGeobuf orders its rows by place, MapInfo keeps centimetres."""
    assert suffix in SUPPORTED
    path = tmp_path / f"县 地块{suffix}"
    frame().to_file(path, driver=driver, **options)
    table = read(path)
    assert (table.rows.tolist(), table.problems) == ([1, 2, 3, 4, 5], [])
    assert table.info.crs is not None
    name = next(column for column in table.frame.columns if "编" in column)
    assert sorted(table.frame[name]) == sorted("甲乙丙丁戊")
    expected = [SQUARES["甲乙丙丁戊".index(text)] for text in table.frame[name]]
    assert shapely.hausdorff_distance(table.geometry, expected).max() < 0.02


def test_long_numbers_keep_their_digits_beside_missing_ones(tmp_path: Path) -> None:
    """610902000000000001 is no float: 610902000000000000 would be another parcel."""
    path = tmp_path / "a.gpkg"
    rows = frame(("甲", "乙"))
    rows["BSM"] = pd.array([610902000000000001, None], dtype="Int64")
    rows.to_file(path)
    assert read(path).frame["BSM"].tolist() == [610902000000000001, pd.NA]


def test_lists_and_bytes_become_text(tmp_path: Path, shared_data: Path) -> None:
    path = feature_collection(tmp_path / "a.geojson", [SQUARE])
    document = json.loads(path.read_text("utf-8"))
    document["features"][0]["properties"]["列表"] = [1.5, 2.5]
    path.write_text(json.dumps(document), "utf-8")
    assert read(path).frame["列表"].tolist() == ["[1.5, 2.5]"]
    table = read(shared_data / "messy/gdb/testopenfilegdb.gdb.zip", layer="point")
    assert table.frame["binary"].iloc[0] == "00ff7f"
    assert (
        inspect(shared_data / "messy/gdb/testopenfilegdb.gdb.zip", layer="point").sample[0]["binary"]
        == "00ff7f"
    )


def test_layers_are_listed_and_the_one_with_geometry_is_proposed(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"x": [1]}), path, layer="附表")
    frame().to_file(path, layer="地块", mode="a")
    info = inspect(path)
    assert set(info.layers) == {"附表", "地块"}
    assert info.layer == "地块"
    table = read(path, layer="附表")
    assert (table.geometry, table.frame["x"].tolist()) == (None, [1])


def test_reading_reports_progress_and_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    size = 50_000
    gpd.GeoDataFrame({"n": range(size)}, geometry=shapely.points(np.arange(size), 0), crs=4545).to_file(path)
    seen: list[float] = []
    read(path, progress=lambda fraction, _message: seen.append(fraction))
    assert seen == sorted(seen)
    assert len(seen) >= 4
    assert seen[-1] == 1.0

    def cancel(fraction: float, _message: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        read(path, progress=cancel)


# --- GeoJSON: degrees unless it says otherwise --------------------------------------------------------


def test_a_geojson_without_system_is_in_degrees_by_rule_and_says_so(tmp_path: Path) -> None:
    info = inspect(feature_collection(tmp_path / "a.geojson", [SQUARE]))
    assert info.crs == "EPSG:4326"
    assert any("RFC 7946" in note for note in info.notes)


def test_a_geojson_in_metres_without_system_has_none(tmp_path: Path) -> None:
    info = inspect(feature_collection(tmp_path / "a.geojson", [shapely.geometry.mapping(SQUARES[0])]))
    assert info.crs is None
    assert any("不是经纬度" in note for note in info.notes)


def test_a_geojson_that_states_its_system_is_believed(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4545"}}
    for number, members in enumerate(({"crs": crs}, {"name": "x" * 100_000, "crs": crs})):
        path = feature_collection(
            tmp_path / f"{number}.geojson", [shapely.geometry.mapping(SQUARES[0])], **members
        )
        info = inspect(path)
        assert info.crs == "EPSG:4545"
        assert info.notes == ()


def test_json_of_features_is_told_from_json_of_records(tmp_path: Path) -> None:
    assert inspect(feature_collection(tmp_path / "a.json", [SQUARE])).format == "GeoJSON"
    (tmp_path / "b.json").write_text('[{"编号": "a"}]', "utf-8")
    assert inspect(tmp_path / "b.json").format == "JSON"
    (tmp_path / "c.json").write_text(json.dumps({"data": [{"编号": "a"}]}), "utf-8")
    assert inspect(tmp_path / "c.json").columns == ("编号",)


# --- KML and KMZ --------------------------------------------------------------------------------------


def placemark(name: str, body: str = "") -> str:
    ring = "109,32.7 109.01,32.7 109.01,32.71 109,32.7"
    polygon = f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    return f"<Placemark><name>{name}</name>{body or polygon}</Placemark>"


def kml(*body: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        + "".join(body) + "</Document></kml>"
    )  # fmt: skip


def test_folders_of_the_same_name_are_layers_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    folders = [f"<Folder><name>地块</name>{placemark(name)}</Folder>" for name in "甲乙"]
    path.write_text(kml(*folders), "utf-8")
    info = inspect(path)
    assert len(set(info.layers)) == 2
    found = [read(path, layer=layer).frame["Name"].tolist() for layer in info.layers]
    assert found == [["甲"], ["乙"]]


def test_collections_are_taken_apart_and_heights_are_no_matter(tmp_path: Path) -> None:
    part = "<Polygon><outerBoundaryIs><LinearRing><coordinates>{0},32.7,400 {0}.5,32.7,400 {0}.5,32.8,400 {0},32.7,400</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    point = "<Point><coordinates>109,32</coordinates></Point>"
    body = f"<MultiGeometry>{point}{part.format(108)}<MultiGeometry>{part.format(109)}</MultiGeometry></MultiGeometry>"
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", kml(placemark("甲", body)))
    table = read(path)
    assert table.info.format == "KMZ"
    assert table.geometry is not None
    assert table.geometry[0].geom_type == "MultiPolygon"
    assert len(table.geometry[0].geoms) == 2


def test_a_kml_says_that_its_places_may_be_shifted_and_claims_no_more(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text(kml(placemark("甲")), "utf-8")
    info = inspect(path)
    assert (info.crs, info.encoding) == ("EPSG:4326", "utf-8")
    (note,) = info.notes
    assert "GCJ-02" in note
    assert "可能" in note


def test_a_kml_without_placemarks_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text(kml(), "utf-8")
    with pytest.raises(ParkLineError):
        read(path)


def test_a_real_image_pyramid_is_refused_with_a_word_on_what_to_ask_for(shared_data: Path) -> None:
    with pytest.raises(ParkLineError, match="影像瓦片") as error:
        inspect(shared_data / "messy/kml/kaysville_future_land_use_2022.kmz")
    assert "矢量" in (error.value.hint or "")


def test_every_folder_of_a_real_kml_can_be_looked_at(shared_data: Path) -> None:
    """Parent folders hold no placemarks of their own, one placemark has no geometry (data/SOURCES.md)."""
    path = shared_data / "messy/kml/KML_Samples.kml"
    layers = inspect(path).layers
    counts = {layer: len(read(path, layer=layer).rows) for layer in layers}
    assert len(layers) == 10
    assert sum(counts.values()) == 21
    assert (counts["Paths"], counts["Google Campus"], counts["Polygons"]) == (6, 4, 0)


def test_the_states_of_a_real_kml_of_collections_are_multipolygons(shared_data: Path) -> None:
    table = read(shared_data / "messy/kml/states.kml")
    assert (len(table.rows), table.problems) == (49, [])
    assert table.geometry is not None
    assert set(shapely.get_type_id(table.geometry).tolist()) == {6}


# --- File Geodatabase ---------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("inner", ["县.gdb/", "交来/2024/县.gdb/", ""])
def test_a_geodatabase_is_found_wherever_it_lies_in_its_archive(tmp_path: Path, inner: str) -> None:
    folder = tmp_path / "县.gdb"
    frame().to_file(folder, driver="OpenFileGDB", layer="地块")
    path = tmp_path / ("县 (1).gdb.zip" if not inner else "交 来!.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.iterdir():
            archive.write(part, inner + part.name)
    assert read(folder).frame["编号"].tolist() == ["甲", "乙", "丙", "丁", "戊"]
    table = read(path)
    assert table.frame["编号"].tolist() == ["甲", "乙", "丙", "丁", "戊"]
    assert table.info.layers == ("地块",)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_archive_packed_by_windows_in_gbk_is_read(tmp_path: Path) -> None:
    """The names of such an archive are GBK bytes without the flag of UTF-8."""
    folder = tmp_path / "x.gdb"
    frame().to_file(folder, driver="OpenFileGDB", layer="地块")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.iterdir():
            archive.write(part, f"####.gdb/{part.name}")
    path.write_bytes(path.read_bytes().replace(b"####.gdb/", "安康".encode("gbk") + b".gdb/"))
    assert read(path).frame["编号"].tolist() == ["甲", "乙", "丙", "丁", "戊"]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_second_geodatabase_of_an_archive_is_mentioned(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "x.gdb", driver="OpenFileGDB", layer="地块")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.gdb", "b.gdb"):
            for part in (tmp_path / "x.gdb").iterdir():
                archive.write(part, f"{name}/{part.name}")
    info = inspect(path)
    assert any("2 个" in note for note in info.notes)
    assert any("2 个" in note for note in read(path).info.notes)


@pytest.mark.parametrize(
    ("file", "rows"),
    [("test_gdb", {"polys": 2, "lines": 3, "points": 5}),
     ("featuredataset_empty", {"fd1_lyr1": 0, "fd1_lyr2": 0, "standalone": 0, "fd2_lyr": 0})],
)  # fmt: skip
def test_real_geodatabases_list_all_layers_the_empty_ones_too(
    shared_data: Path, file: str, rows: dict[str, int]
) -> None:
    path = shared_data / f"messy/gdb/{file}.gdb.zip"
    assert {layer: len(read(path, layer=layer).rows) for layer in inspect(path).layers} == rows


def test_every_layer_of_a_real_geodatabase_of_all_types_is_read_or_told(shared_data: Path) -> None:
    """37 layers; multipatches are solids, which no layer of land holds (data/SOURCES.md)."""
    path = shared_data / "messy/gdb/testopenfilegdb.gdb.zip"
    info = inspect(path)
    assert len(info.layers) == 37
    for layer in info.layers:
        table = read(path, layer=layer)
        looked = inspect(path, layer=layer)
        assert len(table.rows) + len(table.problems) == looked.row_count
        assert {problem.reason for problem in table.problems} <= {"不支持的图形类型（三维体、曲面）"}
        assert bool(table.problems) == (layer == "multipatch")


# --- other real files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "rows", "crs"),
    [
        ("boundaries/ankang_counties.geojson", 10, "EPSG:4326"),
        ("boundaries/ankang_city.geojson", 1, "EPSG:4326"),
        ("boundaries/ankang_counties_gcj02.geojson", 10, "EPSG:4326"),
        ("boundaries/datav_610900_full_2021_gcj02.json", 10, "EPSG:4326"),
        ("zoning_forest_city_nc/parcels_2020.gpkg", 7_234, "EPSG:4326"),
        ("zoning_forest_city_nc/zoning_2020_epsg2264.geojson", 608, "EPSG:2264"),
        ("zoning_forest_city_nc/zoning_etj_2019.geojson", 7, "EPSG:4326"),
        ("zoning_victoria_bc/zoning_2016.geojson", 2_471, "EPSG:4326"),
        ("zoning_tahoe/zoning_2020.geojson", 270, "EPSG:4326"),
        ("landuse_kenton_ky/landuse_industrial_and_open.geojson", 220, "EPSG:4326"),
        ("messy/format/layton_general_plan.geojson", 217, "EPSG:4326"),
        ("messy/format/utah_parcels.geojson", 1_000, "EPSG:4326"),
        ("messy/format/bug_21100-wierd_field_names.gpkg", 3, "EPSG:4326"),
        ("messy/format/EXTRACT_POLYGON.mif", 1, "EPSG:3111"),
        ("messy/crs/null_crs_gdal.gpkg", 1, None),
        ("messy/crs/mixed_crs.gpkg", 1, "EPSG:2269"),
        ("messy/crs/missing_crs_mixed_ranges.gpkg", 1, None),
        ("messy/invalid/polygon_layer.shp", 25, "EPSG:4326"),
        ("messy/invalid/gap_layer.shp", 6, "EPSG:4326"),
        ("messy/invalid/missing_vertex.gpkg", 6, "EPSG:4326"),
        ("messy/invalid/polys_overlapping.shp", 11, "EPSG:4326"),
        ("messy/invalid/holeTouchEdge.shp", 1, None),
        ("messy/invalid/ex1_invalid_rings.json", 1, "EPSG:4326"),
        ("messy/invalid/mixed_geometry_types.json", 3, "EPSG:4326"),
        ("messy/invalid/poly_ring_self_intersection.gml", 1, "EPSG:28356"),
        ("messy/invalid/multi_polygons_with_duplicate_nodes_per_part.gml", 1, "EPSG:3116"),
    ],
)
def test_real_files_are_read_whole_with_the_system_they_state(
    shared_data: Path, file: str, rows: int, crs: str | None
) -> None:
    """Counts and systems as data/SOURCES.md gives them; invalid geometry is read as it is, for a repair to be proposed."""
    info = inspect(shared_data / file)
    table = read(shared_data / file)
    assert (len(table.rows), table.problems) == (rows, [])
    assert (info.row_count, info.crs) == (rows, crs)
    assert len(info.sample) == min(rows, 5) or not info.columns
    assert table.geometry is not None
    reference = gpd.read_file(shared_data / file, layer=info.layer).geometry.to_numpy()
    there = ~(shapely.is_missing(reference) | shapely.is_empty(reference))
    assert (shapely.to_wkb(table.geometry[there]) == shapely.to_wkb(reference[there])).all()
    assert (shapely.is_missing(table.geometry[~there]) | shapely.is_empty(table.geometry[~there])).all()


def test_both_layers_of_a_real_file_in_two_systems_are_read_in_their_own(shared_data: Path) -> None:
    path = shared_data / "messy/crs/mixed_crs.gpkg"
    assert [read(path, layer=layer).info.crs for layer in inspect(path).layers] == ["EPSG:2269", "EPSG:4326"]


def test_real_curves_are_read_as_lines_and_said_to_be(shared_data: Path) -> None:
    table = read(shared_data / "messy/format/curved_polys.gpkg")
    assert (len(table.rows), table.problems) == (4, [])
    assert any("曲线" in note for note in table.info.notes)
    assert table.geometry is not None
    assert shapely.get_num_coordinates(table.geometry).min() > 20


def test_odd_field_names_stay_as_they_are(shared_data: Path) -> None:
    path = shared_data / "messy/format/bug_21100-wierd_field_names.gpkg"
    assert inspect(path).columns == ("campo_d", "campo e", "campo-f")
    assert list(read(path).frame.columns) == ["campo_d", "campo e", "campo-f"]
