"""One damaged record costs its row, not the file; a damaged file is a clear error."""

from __future__ import annotations

import copy
import json
import sqlite3
import struct
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gis.errors import ParkLineError
from gis.formats import SourceTable, inspect, read
from gis.formats.one_by_one import BadGeometryError, read_one_by_one, strict_shape
from gis.progress import silent
from tests.gis.formats.samples import SQUARES, feature_collection, frame

RING = [[109.0, 32.7], [109.01, 32.7], [109.01, 32.71], [109.0, 32.71], [109.0, 32.7]]
GOOD = {"type": "Polygon", "coordinates": [RING]}


def faults(table: SourceTable) -> dict[int, str]:
    return {problem.row: problem.reason for problem in table.problems}


def shapefile(folder: Path, encoding: str = "gbk") -> Path:
    path = folder / "县 图斑.shp"
    frame().to_file(path, encoding=encoding)
    return path


def test_a_record_with_a_damaged_shape_is_told_apart_from_one_without_shape(tmp_path: Path) -> None:
    """A polygon record is 8 bytes of header and 128 of content; bytes 36 to 40 of it count the rings."""
    shapes = frame()
    shapes.loc[1, "geometry"] = None
    path = tmp_path / "a.shp"
    shapes.to_file(path, encoding="gbk")
    content = bytearray(path.read_bytes())
    third = 100 + 136 + (8 + 4)  # after one polygon and one null shape
    struct.pack_into("<i", content, third + 8 + 36, 999_999)
    path.write_bytes(content)
    table = read(path)
    assert faults(table) == {3: "图形记录已损坏"}
    assert table.problems[0].values["编号"] == "丙"
    assert table.rows.tolist() == [1, 2, 4, 5]
    assert shapely.is_missing(table.geometry).tolist() == [False, True, False, False]


def test_a_shapefile_that_ends_too_early_gives_what_it_has(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.write_bytes(path.read_bytes()[:-60])
    table = read(path)
    assert faults(table) == {5: "图形记录已损坏"}
    assert table.frame["编号"].tolist() == ["甲", "乙", "丙", "丁"]


def test_attributes_that_end_too_early_are_missed_row_by_row(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    dbf = path.with_suffix(".dbf")
    header, length = struct.unpack_from("<HH", dbf.read_bytes(), 8)
    dbf.write_bytes(dbf.read_bytes()[: header + 3 * length])
    table = read(path)
    assert table.rows.tolist() == [1, 2, 3]
    assert list(faults(table)) == [4, 5]


def test_a_shapefile_without_index_is_read_by_its_records_and_nothing_is_written_beside_it(
    tmp_path: Path,
) -> None:
    path = shapefile(tmp_path)
    whole = read(path)
    path.with_suffix(".shx").unlink()
    before = sorted(tmp_path.iterdir())
    table = read(path)
    assert sorted(tmp_path.iterdir()) == before
    assert any(".shx" in note for note in table.info.notes)
    assert table.frame.equals(whole.frame)
    assert shapely.equals_exact(table.geometry, whole.geometry).all()
    assert table.info.layers == ("县 图斑",)


def test_side_files_in_capitals_belong_to_a_shapefile(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    for suffix in (".dbf", ".shx", ".prj", ".cpg"):
        path.with_suffix(suffix).rename(path.with_suffix(suffix.upper()))
    info = inspect(path)
    assert info.notes == ()
    assert info.crs == "EPSG:4545"
    assert (info.encoding, info.sample[0]["编号"]) == ("gb18030", "甲")


def test_a_shapefile_without_attributes_says_so(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(".dbf").unlink()
    table = read(path)
    assert len(table.rows) == 5
    assert any(".dbf" in note for note in table.info.notes)


def damaged_geopackage(folder: Path, statement: str, rows: gpd.GeoDataFrame | None = None) -> Path:
    path = folder / "a.gpkg"
    (frame() if rows is None else rows).to_file(path, layer="a")
    with sqlite3.connect(path) as connection:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            connection.create_function(name, 1, lambda _blob: 0)
        connection.execute(statement)
    connection.close()
    return path


def test_a_cut_geometry_in_a_geopackage_costs_its_row(tmp_path: Path) -> None:
    table = read(damaged_geopackage(tmp_path, "UPDATE a SET geom = substr(geom, 1, 60) WHERE fid = 3"))
    assert faults(table) == {3: "图形记录已损坏"}
    assert table.rows.tolist() == [1, 2, 4, 5]


def test_a_text_that_is_none_costs_its_row_and_its_other_values_are_kept(tmp_path: Path) -> None:
    """Arrow gives up on the whole column; halves are read until the row stands alone, fiona shows what is left."""
    path = damaged_geopackage(tmp_path, "UPDATE a SET 编号 = CAST(x'fffe80' AS TEXT) WHERE fid = 3")
    table = read(path)
    assert faults(table) == {3: "文字的编码已损坏"}
    assert table.problems[0].values == {"编号": None, "序号": 3}
    assert table.frame["编号"].tolist() == ["甲", "乙", "丁", "戊"]
    assert table.geometry is not None
    assert shapely.equals(table.geometry, [SQUARES[i] for i in (0, 1, 3, 4)]).all()


def test_damaged_records_among_many_are_all_found(tmp_path: Path) -> None:
    many = gpd.GeoDataFrame(
        {"编号": [f"示例-{i}" for i in range(1, 9_001)]},
        geometry=[SQUARES[i % 5] for i in range(9_000)],
        crs=4545,
    )
    bad = [1, 4_096, 4_097, 9_000]
    path = damaged_geopackage(
        tmp_path, f"UPDATE a SET 编号 = CAST(x'ff' AS TEXT) WHERE fid IN {tuple(bad)}", many
    )
    table = read(path)
    assert list(faults(table)) == bad
    assert len(table.rows) == 9_000 - len(bad)
    assert table.frame["编号"].tolist() == [f"示例-{row}" for row in table.rows]


def test_row_by_row_reads_what_bulk_reads(tmp_path: Path) -> None:
    """Fids of a GeoPackage begin at 1 and may have gaps: no first and no last row is lost by the slow way."""
    path = damaged_geopackage(tmp_path, "DELETE FROM a WHERE fid IN (2, 3)")
    whole = read(path)
    info = inspect(path)
    slow = read_one_by_one(info, str(path), None, silent)
    assert slow.frame.equals(whole.frame)
    assert slow.rows.tolist() == [1, 2, 3]
    assert shapely.equals(slow.geometry, whole.geometry).all()


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"type": "Polygon", "coordinates": [RING[:-1]]}, "边界环不闭合"),
        ({"type": "MultiPolygon", "coordinates": [[RING], [RING[:-1]]]}, "边界环不闭合"),
        (
            {"type": "Polygon", "coordinates": [[["x", 1], [2, 3], [4, 5], ["x", 1]]]},
            "图形的坐标不完整或不是数字",
        ),
        ({"type": "Polygon"}, "图形的坐标不完整或不是数字"),
        ({"type": "Curvy", "coordinates": []}, "图形的坐标不完整或不是数字"),
        ({"type": "Polygon", "coordinates": None}, "图形的坐标不完整或不是数字"),
        (17, "图形的坐标不完整或不是数字"),
    ],
)
def test_a_geojson_feature_that_is_none_costs_itself(tmp_path: Path, geometry: Any, reason: str) -> None:
    table = read(feature_collection(tmp_path / "a.geojson", [GOOD, geometry, GOOD]))
    assert faults(table) == {2: reason}
    assert table.problems[0].values["编号"] == "示例-2"
    assert table.rows.tolist() == [1, 3]
    assert shapely.is_valid(table.geometry).all()


def test_a_feature_without_geometry_is_no_damage(tmp_path: Path) -> None:
    table = read(feature_collection(tmp_path / "a.geojson", [GOOD, None]))
    assert (faults(table), table.rows.tolist()) == ({}, [1, 2])


def test_rows_behind_a_null_feature_of_a_geojson_keep_their_numbers(tmp_path: Path) -> None:
    """The null and a ring that is too short are told under the numbers a person counts in the file."""
    short = {"type": "Polygon", "coordinates": [RING[:2]]}
    path = feature_collection(tmp_path / "a.geojson", [GOOD, GOOD, short, GOOD])
    document = json.loads(path.read_text("utf-8"))
    document["features"].insert(1, None)
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    table = read(path)
    assert table.rows.tolist() == [1, 3, 5]
    assert table.frame["编号"].tolist() == ["示例-1", "示例-2", "示例-4"]
    assert faults(table) == {2: "记录缺失。", 4: "边界环不闭合"}


def test_a_geojson_that_gdal_refuses_is_read_feature_by_feature(tmp_path: Path) -> None:
    """A type GDAL does not know, with features all the same."""
    path = feature_collection(
        tmp_path / "a.json", [GOOD, {"type": "Polygon", "coordinates": [RING[:-1]]}, GOOD]
    )
    document = json.loads(path.read_text("utf-8"))
    document["type"] = "featurecollection"
    document["features"].append(None)
    document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(pyogrio.errors.DataSourceError):
        pyogrio.read_info(path)
    table = read(path)
    assert faults(table) == {2: "边界环不闭合", 4: "记录缺失。"}
    assert table.rows.tolist() == [1, 3]
    assert table.info.crs == "urn:ogc:def:crs:EPSG::4490"
    assert table.info.sample[0] == {"编号": "示例-1"}


def test_strict_shapes_neither_close_nor_mend() -> None:
    assert strict_shape(GOOD).equals(shapely.Polygon(RING))
    assert (
        strict_shape({"type": "GeometryCollection", "geometries": [GOOD]}).geom_type == "GeometryCollection"
    )
    assert strict_shape({"type": "Point", "coordinates": [1, 2]}).equals(shapely.Point(1, 2))
    with pytest.raises(BadGeometryError):
        strict_shape({"type": "Polygon", "coordinates": [RING[:2]]})


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".kml", ".kmz", ".xlsx", ".fgb", ".gdb.zip", ".shp"])
def test_a_file_of_noise_is_a_clear_error(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"坏文件{suffix}"
    path.write_bytes(bytes(range(256)) * 8)
    with pytest.raises(ParkLineError) as error:
        read(path)
    assert error.value.hint
    assert "坏文件" in str(error.value)
    path.write_bytes(b"")
    with pytest.raises(ParkLineError):
        read(path)


def test_a_geojson_cut_short_is_a_clear_error(tmp_path: Path) -> None:
    path = feature_collection(tmp_path / "a.geojson", [GOOD, copy.deepcopy(GOOD)])
    path.write_text(path.read_text("utf-8")[:-40], "utf-8")
    with pytest.raises(ParkLineError, match="GeoJSON"):
        read(path)


def test_the_open_ring_of_a_real_file_refuses_its_row_and_not_the_file(shared_data: Path) -> None:
    table = read(shared_data / "messy/invalid/openring.json")
    assert faults(table) == {1: "边界环不闭合"}
    assert len(table.rows) == 0
