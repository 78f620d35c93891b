"""The file is a GeoPackage to others: checked by the standard's own words (SQL on the closed file) and by GDAL."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gis.store.geopackage import GeoPackageStore
from tests.gis.store.samples import EPSG, ORIGIN, TABLES, add, ask, assert_sound, parcels


@pytest.fixture
def filled(path: Path) -> Path:
    with GeoPackageStore.create(path, EPSG, TABLES, meta={}, styles={"parcel": "<qgis/>"}) as store:
        uuids = add(store, parcels(30))
        with store.transaction("retire") as transaction:
            transaction.retire("parcel", uuids[:5])
    return path


def test_the_header_says_geopackage_1_4(filled: Path) -> None:
    """Clauses 1.1.1.1.1: "GPKG" as ASCII and the version as an integer."""
    header = filled.read_bytes()[:100]
    assert header[68:72] == b"GPKG"
    assert int.from_bytes(header[60:64], "big") == 10400


def test_required_reference_systems_are_there(filled: Path) -> None:
    assert {row[0] for row in ask(filled, "SELECT srs_id FROM gpkg_spatial_ref_sys")} == {
        -1,
        0,
        4326,
        4490,
        EPSG,
    }


def test_r_tree_triggers_are_those_of_version_1_4(filled: Path) -> None:
    """Annex F.3: insert, update2, 4, 5, 6, 7, delete; update1 and update3 are withdrawn."""
    names = ask(
        filled, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'rtree%' ORDER BY name"
    )
    suffixes = ["delete", "insert", "update2", "update4", "update5", "update6", "update7"]
    assert [name for (name,) in names] == [f"rtree_parcel_geom_{suffix}" for suffix in suffixes]
    assert ask(filled, "SELECT scope FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'") == [
        ("write-only",)
    ]


def test_triggers_are_word_for_word_those_that_gdal_writes(filled: Path) -> None:
    """GDAL 3.12 as the independent writer of version 1.4; only quotation marks and blanks may differ."""
    theirs = filled.with_name("gdal.gpkg")
    pyogrio.write_dataframe(
        parcels(1),
        theirs,
        layer="parcel",
        driver="GPKG",
        promote_to_multi=True,
        dataset_options={"VERSION": "1.4"},
        layer_options={"GEOMETRY_NAME": "geom", "FID": "fid"},
    )
    statement = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'parcel' ORDER BY name"
    )

    def normal(path: Path) -> list[tuple[object, str]]:
        return [(name, re.sub(r"[\s\"']+", "", str(sql)).lower()) for name, sql in ask(path, statement)]

    assert normal(filled) == normal(theirs)


def test_every_table_is_registered(filled: Path) -> None:
    """Annex B: what is neither in gpkg_contents nor of the standard is an extension and must be named as one."""
    named = {
        row[0]
        for row in ask(
            filled, "SELECT table_name FROM gpkg_contents UNION SELECT table_name FROM gpkg_extensions"
        )
    }
    tables = {
        str(row[0])
        for row in ask(filled, "SELECT name FROM sqlite_master WHERE type = 'table'")
        if not str(row[0]).startswith(("gpkg_", "sqlite_", "rtree_"))
    }
    assert tables - named == set()


def test_contents_geometry_columns_and_reference_systems_agree(filled: Path) -> None:
    """Clauses 1.1.3, 2.1.5: features have a row in gpkg_geometry_columns of the same reference system, others none."""
    assert ask(filled, "SELECT table_name, data_type, srs_id FROM gpkg_contents ORDER BY rowid") == [
        ("parcel", "features", EPSG), ("note", "attributes", None), ("layer_styles", "attributes", None),
    ]  # fmt: skip
    assert ask(filled, "SELECT * FROM gpkg_geometry_columns") == [
        ("parcel", "geom", "MULTIPOLYGON", EPSG, 0, 0)
    ]
    assert ask(filled, "PRAGMA foreign_key_check") == []
    definitions = dict(ask(filled, "SELECT srs_id, definition FROM gpkg_spatial_ref_sys"))
    assert (definitions[-1], definitions[0]) == ("undefined", "undefined")  # clause 1.1.2.1.2
    assert "CGCS2000" in str(definitions[EPSG]) or "China_2000" in str(definitions[EPSG])


def test_last_change_is_iso_8601_in_utc_and_moves_with_an_edit(filled: Path) -> None:
    """Clause 1.1.3.1.1, table 4: strftime('%Y-%m-%dT%H:%M:%fZ')."""
    statement = "SELECT last_change FROM gpkg_contents WHERE table_name = 'parcel'"
    [(before,)] = ask(filled, statement)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(before))
    with GeoPackageStore.open(filled) as store:
        add(store, parcels(1, start=500))
    [(after,)] = ask(filled, statement)
    assert str(after) > str(before)


def test_geometries_are_stored_as_the_standard_lays_them_out(filled: Path) -> None:
    """Clause 2.1.3: magic GP, version 0, flags (little-endian, box of x and y, not empty), srs_id, box, WKB."""
    [(blob,)] = ask(filled, "SELECT geom FROM parcel WHERE fid = 6")
    assert isinstance(blob, bytes)
    assert blob[:4] == b"GP\x00\x03"
    assert int.from_bytes(blob[4:8], "little") == EPSG
    west, east, south, north = struct.unpack_from("<4d", blob, 8)
    shape = shapely.from_wkb(blob[40:])
    assert shape.geom_type == "MultiPolygon"
    assert shape.bounds == (west, south, east, north)


def test_other_programs_see_layers_and_ledgers_but_not_the_journal(filled: Path) -> None:
    assert {name for name, _kind in pyogrio.list_layers(filled)} == {"parcel", "note", "layer_styles"}


def test_extent_holds_the_features(filled: Path) -> None:
    [(west, south, east, north)] = ask(
        filled, "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = 'parcel'"
    )
    assert west == pytest.approx(ORIGIN[0], abs=0.5)
    assert south == pytest.approx(ORIGIN[1], abs=0.5)
    assert east == pytest.approx(ORIGIN[0] + 190, abs=0.5)
    assert north == pytest.approx(ORIGIN[1] + 50, abs=0.5)


def test_qgis_finds_a_default_style_and_column_titles(filled: Path) -> None:
    assert ask(filled, "SELECT f_table_name, styleQML, useAsDefault FROM layer_styles") == [
        ("parcel", "<qgis/>", 1)
    ]
    titles = dict(ask(filled, "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = 'parcel'"))
    assert titles["number"] == "地块编号"


def test_without_a_given_style_retired_rows_are_hidden(path: Path) -> None:
    with GeoPackageStore.create(path, EPSG, TABLES, meta={}):
        pass
    [(qml,)] = ask(path, "SELECT styleQML FROM layer_styles")
    assert 'filter="&quot;retired&quot; IS NULL"' in qml or "filter='\"retired\" IS NULL'" in qml


def test_gdal_reads_type_crs_and_count(filled: Path) -> None:
    info = pyogrio.read_info(filled, layer="parcel", force_feature_count=True)
    assert info["crs"] == f"EPSG:{EPSG}"
    assert info["geometry_type"] == "MultiPolygon"
    assert info["features"] == 30
    assert info["capabilities"]["fast_spatial_filter"]


def test_gdal_finds_rows_through_our_index(filled: Path) -> None:
    """A box around the second column of the row of ten holds parcels 1, 11 and 21."""
    box = (ORIGIN[0] + 21, ORIGIN[1], ORIGIN[0] + 29, ORIGIN[1] + 60)
    found = gpd.read_file(filled, layer="parcel", bbox=box)
    assert list(found["number"]) == ["示例-1", "示例-11", "示例-21"]


def test_what_gdal_writes_into_the_file_keeps_index_and_count_right(filled: Path) -> None:
    """The triggers run in GDAL with GDAL's functions; uuid and born are required columns, so they are given."""
    more = parcels(3, start=100)
    more["uuid"], more["born"] = ["x1", "x2", "x3"], 1
    pyogrio.write_dataframe(more, filled, layer="parcel", append=True, promote_to_multi=True)
    assert_sound(filled)
    with GeoPackageStore.open(filled) as store:
        assert store.count("parcel") == 28
        assert len(store.read("parcel", bbox=tuple(more.total_bounds))) == 3
