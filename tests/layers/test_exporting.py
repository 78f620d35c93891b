"""A layer as a file: what goes out comes back, nothing runs, nothing of value is overwritten."""

from __future__ import annotations

import csv
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from gis.errors import ParkLineError
from layers import exporting
from layers.demo import generate
from layers.exporting import FORMATS, export_layer
from layers.importing.plan import propose
from layers.importing.run import run
from layers.new_project import new_project
from layers.output_files import is_project, write_whole
from layers.project import Project
from layers.registry import layer
from layers.short_names import short_name, short_names


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with generate(tmp_path_factory.mktemp("export") / "示例.gpkg", parcels=200, seed=3) as project:
        yield project


def add_parcel(project: Project, **values: object) -> None:
    """One more parcel, a square of 100 m, with these values."""
    square = shapely.box(600_000.0, 3_600_000.0, 600_100.0, 3_600_100.0)
    row = gpd.GeoDataFrame(
        {name: [value] for name, value in values.items()}, geometry=[square], crs=project.epsg
    )
    with project.transaction("test") as transaction:
        transaction.insert("parcel", row)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path / "安 康.gpkg").project as project:
        yield project


def plain(frame: pd.DataFrame) -> list[list[Any]]:
    """Rows for comparison: missing is None, dates are days, numbers keep nine figures."""
    shown = frame.astype(object).where(frame.notna(), None)
    return [
        [
            value.date() if isinstance(value, pd.Timestamp) else f"{value:.9g}" if isinstance(value, float) else value
            for value in row
        ]
        for row in shown.to_numpy().tolist()
    ]  # fmt: skip


# A sheet has no geometry, so of these layers only land supply comes back from one.
ROUND_TRIPS = [(name, suffix) for name in ("parcel", "transfer", "block_line") for suffix in FORMATS
               if suffix != ".xlsx" or not layer(name).geometry_required]  # fmt: skip


@pytest.mark.parametrize(("name", "suffix"), ROUND_TRIPS)
def test_what_goes_out_comes_back_the_same(
    demo: Project, small: Project, tmp_path: Path, name: str, suffix: str
) -> None:
    """Every declared value and the millimetre of every vertex, through each format.

    The import writes a unit's name as its code and full-width letters and brackets as plain ones (NFKC).
    """
    file = tmp_path / f"导出 {name}{suffix}"
    exported = export_layer(demo, name, file)
    assert exported.rows == demo.store.count(name)
    spec = layer(name)
    plan = propose(small, name, file, epsg=demo.epsg if suffix == ".csv" else None)
    report = run(small, plan)
    assert (report.taken, report.refused) == (exported.rows, [])
    fields = [item.name for item in spec.fields if not item.computed]
    before, after = (
        project.read(name, columns=fields).sort_values(list(spec.key)).reset_index(drop=True)
        for project in (demo, small)
    )
    before["unit"] = before["unit"].map(demo.units().resolve)
    assert plain(after[fields]) == [
        [unicodedata.normalize("NFKC", value) if isinstance(value, str) else value for value in row]
        for row in plain(before[fields])
    ]
    if suffix != ".xlsx":
        shapes = [shapely.set_precision(frame.geometry.to_numpy(), 0.001) for frame in (before, after)]
        there = ~shapely.is_missing(shapes[0])
        assert (shapely.is_missing(shapes[1]) == ~there).all()
        apart = shapely.hausdorff_distance(shapes[0][there], shapes[1][there])
        assert not len(apart) or apart.max() <= 0.0015


def test_a_shapefile_holds_chinese_in_utf8_and_says_so(demo: Project, tmp_path: Path) -> None:
    export_layer(demo, "parcel", tmp_path / "地块.shp")
    assert (tmp_path / "地块.cpg").read_text() == "UTF-8"
    info = pyogrio.read_info(tmp_path / "地块.shp")
    assert all(len(field.encode()) <= 10 for field in info["fields"])
    assert len({field.lower() for field in info["fields"]}) == len(info["fields"])
    frame = pyogrio.read_dataframe(tmp_path / "地块.shp")
    stored = demo.read("parcel", columns=["parcel_no", "holder", "permit_on"], geometry=False)
    texts = dict(zip(stored["parcel_no"], stored["holder"].astype(object), strict=True))
    read = dict(zip(frame["parcel_no"], frame["holder"].astype(object), strict=True))
    assert {key: value if value == value else None for key, value in read.items()} == {
        key: value if value == value else None for key, value in texts.items()
    }
    assert any("字段名最长" in note for note in export_layer(demo, "parcel", tmp_path / "地块.shp").notes)


def test_names_are_cut_between_characters_and_never_twice_the_same() -> None:
    """规划用地分类代码 has 24 bytes in UTF-8; ten bytes hold three whole characters."""
    assert short_name("规划用地分类代码") == "规划用"
    assert short_name("规划用地分类代码", taken={"规划用"}) == "规划用2"
    assert short_name("规划用地分类代码", ["GHYDDM"]) == "GHYDDM"
    for spec_name in ("parcel", "transfer", "factory"):
        names = short_names(layer(spec_name), ("uuid", "source", "source_crs")).values()
        assert all(len(name.encode()) <= 10 for name in names)
        assert len({name.lower() for name in names}) == len(names)


def test_a_long_chinese_text_is_cut_between_characters_and_told(small: Project, tmp_path: Path) -> None:
    """100 characters have 300 bytes; 254 bytes hold 84 of them."""
    add_parcel(small, parcel_no="A-1", location="陕" * 100)
    exported = export_layer(small, "parcel", tmp_path / "x.shp")
    assert pyogrio.read_dataframe(tmp_path / "x.shp")["location"].tolist() == ["陕" * 84]
    assert any("254" in note and "location" in note for note in exported.notes)


@pytest.mark.parametrize("hostile", ["=1+1", "+86 915 3211234", "-cmd|'/c calc'!A0", "@SUM(A1)", "\t=1"])
def test_a_text_that_looks_like_a_formula_is_text_to_a_spreadsheet(
    small: Project, tmp_path: Path, hostile: str
) -> None:
    add_parcel(small, parcel_no="A-1", holder=hostile)
    export_layer(small, "parcel", tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as stream:
        row = next(csv.DictReader(stream))
    assert row["土地权利人"] == "'" + hostile
    export_layer(small, "parcel", tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0]
    column = next(cell.column for cell in sheet[1] if cell.value == "土地权利人")
    cell = sheet.cell(row=2, column=column)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert cell.value == hostile


def test_a_ledger_shows_titles_with_units_and_the_titles_of_codes(demo: Project, tmp_path: Path) -> None:
    export_layer(demo, "transfer", tmp_path / "供地.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "供地.xlsx").worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert "供地面积（㎡）" in heads
    assert "成交价格（万元）" in heads
    modes = {row[heads.index("供地方式")] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert "划拨" in modes
    assert not modes & {"1", "21", "22", "23"}


def test_another_system_is_computed_and_written_down(demo: Project, tmp_path: Path) -> None:
    """The zone with prefix lies 36 000 000 m farther east, to the nanometre."""
    export_layer(demo, "unit", tmp_path / "x.gpkg", epsg=4524)
    moved = gpd.read_file(tmp_path / "x.gpkg").sort_values("code")
    assert moved.crs.to_epsg() == 4524
    here = demo.read("unit").sort_values("code")
    assert (moved.total_bounds - here.total_bounds) == pytest.approx([36e6, 0, 36e6, 0], abs=1e-6)


def test_geojson_is_in_degrees_as_its_standard_wants(demo: Project, tmp_path: Path) -> None:
    """Ankang lies between 107.9° and 110.3° E (domain reference §1)."""
    export_layer(demo, "unit", tmp_path / "x.geojson")
    west, south, east, north = gpd.read_file(tmp_path / "x.geojson").total_bounds
    assert 107.5 < west < east < 110.5
    assert 31.0 < south < north < 34.5


def test_one_snapshot_alone_can_be_exported(demo: Project, tmp_path: Path) -> None:
    first, second = demo.snapshots()
    exported = export_layer(demo, "land_use", tmp_path / "x.gpkg", snapshot=second.name)
    assert exported.rows == second.count != first.count
    with pytest.raises(ParkLineError, match="没有名为"):
        export_layer(demo, "land_use", tmp_path / "y.gpkg", snapshot="2030")
    with pytest.raises(ParkLineError, match="快照"):
        export_layer(demo, "parcel", tmp_path / "y.gpkg", snapshot=second.name)


def test_retired_rows_stay_at_home(small: Project, tmp_path: Path) -> None:
    add_parcel(small, parcel_no="A-1")
    add_parcel(small, parcel_no="A-2")
    gone = small.read("parcel").set_index("parcel_no").loc["A-1", "uuid"]
    with small.transaction("test") as transaction:
        transaction.retire("parcel", [str(gone)])
    export_layer(small, "parcel", tmp_path / "x.gpkg")
    assert pyogrio.read_dataframe(tmp_path / "x.gpkg")["parcel_no"].tolist() == ["A-2"]


@pytest.mark.parametrize("name", ["项目.gpkg", "项目.csv"])
def test_a_project_is_never_overwritten_whatever_its_name(small: Project, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    small.store.save_copy(target)
    before = target.read_bytes()
    assert is_project(target)
    with pytest.raises(ParkLineError, match="不会覆盖"):
        export_layer(small, "parcel", target)
    assert target.read_bytes() == before


def test_an_export_that_fails_leaves_the_old_file_and_nothing_else(
    small: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_parcel(small, parcel_no="A-1")
    target = tmp_path / "out" / "x.csv"
    target.parent.mkdir()
    target.write_text("old")

    def breaks(frame: pd.DataFrame, path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "write_csv", breaks)
    with pytest.raises(ParkLineError, match="No space left"):
        export_layer(small, "parcel", target)
    assert target.read_text() == "old"
    assert list(target.parent.iterdir()) == [target]


def test_stale_indexes_of_an_old_shapefile_go(demo: Project, tmp_path: Path) -> None:
    for suffix in (".shp", ".sbn", ".qix"):
        (tmp_path / f"x{suffix}").write_bytes(b"old")
    export_layer(demo, "unit", tmp_path / "x.shp")
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".cpg", ".dbf", ".prj", ".shp", ".shx"]


def test_a_written_file_may_be_read_by_others(tmp_path: Path) -> None:
    write_whole(tmp_path / "x.txt", lambda part: part.write_text("x"))
    ordinary = tmp_path / "y.txt"
    ordinary.write_text("y")
    assert (tmp_path / "x.txt").stat().st_mode == ordinary.stat().st_mode


@pytest.mark.parametrize(
    ("name", "file", "message"),
    [
        ("lease", "x.shp", "没有图形"),
        ("parcel", "x.dwg", "不能写成"),
        ("parcel", "nowhere/x.csv", "文件夹不存在"),
        ("parcel", ".", "不能写成"),
    ],
)
def test_what_cannot_be_written_is_refused_with_a_reason(
    demo: Project, tmp_path: Path, name: str, file: str, message: str
) -> None:
    with pytest.raises(ParkLineError, match=message):
        export_layer(demo, name, tmp_path / file)


def test_a_system_that_does_not_exist_is_named(demo: Project, tmp_path: Path) -> None:
    with pytest.raises(ParkLineError, match="99999"):
        export_layer(demo, "unit", tmp_path / "x.gpkg", epsg=99_999)
    assert list(tmp_path.iterdir()) == []


def test_points_and_polygons_together_do_not_go_into_one_shapefile(small: Project, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"building_id": ["1", "2"], "gross_floor_area": [1.0, 2.0]},
        geometry=[shapely.Point(6e5, 36e5), shapely.box(6e5, 36e5, 6e5 + 9, 36e5 + 9)],
        crs=small.epsg,
    )
    with small.transaction("test") as transaction:
        transaction.insert("factory", frame)
    with pytest.raises(ParkLineError, match="一种图形"):
        export_layer(small, "factory", tmp_path / "x.shp")
    assert export_layer(small, "factory", tmp_path / "x.gpkg").rows == 2


def test_a_geopackage_says_what_its_layer_is(demo: Project, tmp_path: Path) -> None:
    export_layer(demo, "parcel", tmp_path / "x.gpkg")
    with closing(sqlite3.connect(tmp_path / "x.gpkg")) as connection:
        found = connection.execute("SELECT table_name, identifier, srs_id FROM gpkg_contents").fetchall()
        types = dict(connection.execute("SELECT name, type FROM pragma_table_info('parcel')").fetchall())
    assert found == [("parcel", "地块", demo.epsg)]
    assert (types["permit_on"], types["area_certified"], types["parcel_no"]) == ("DATE", "REAL", "TEXT")
