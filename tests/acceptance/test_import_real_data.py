"""Real files as they are, through the real command line and the real import dialog (data/SOURCES.md says what each is).

References are computed by other means: pyproj for places, ``pyproj.Geod`` for areas, ``json`` and ``csv`` for records.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pyproj
import pytest
import shapely
from pytestqt.qtbot import QtBot

from app.dialogs.import_data import ImportDialog
from app.session import Session
from app.settings import Settings
from app.tasks import Tasks
from layers.codes import code_table
from layers.importing.plan import propose
from layers.importing.report import ImportReport
from layers.importing.run import run as carry_out
from layers.new_project import new_project
from layers.project import Project
from tests.acceptance.command import run

HECTARE = 10_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "安康 数据"
    made.mkdir()
    return made


def outlines(shared_data: Path) -> gpd.GeoDataFrame:
    """The ten counties in the plane of the project, taken there by geopandas."""
    return gpd.read_file(shared_data / "boundaries/ankang_counties.geojson").to_crs(4545).set_index("adcode")


def apart(project: Project, shared_data: Path) -> float:
    """By how many metres any county's outline lies off."""
    stored, expected = project.read("unit").set_index("code"), outlines(shared_data)
    assert sorted(stored.index) == sorted(expected.index)
    expected = expected.loc[stored.index]
    return float(shapely.hausdorff_distance(stored.geometry.to_numpy(), expected.geometry.to_numpy()).max())


@pytest.mark.parametrize(
    ("file", "crs", "evidence"),
    [
        ("ankang_counties_gbk_epsg4524.shp", "EPSG:4524", "严格解码成功"),
        ("ankang_counties_gbk_cpg.shp", "EPSG:4490", ".cpg"),
    ],
)
def test_the_counties_in_gbk_land_in_the_right_place(
    folder: Path, shared_data: Path, file: str, crs: str, evidence: str
) -> None:
    """One without .prj and .cpg, zone-36 eastings; the other with both. The copies keep six decimals of a degree."""
    run("new", "安康.gpkg", cwd=folder)
    told = run("import", "安康.gpkg", "unit", shared_data / "messy/gbk" / file, "--json", cwd=folder).json(
        "import"
    )
    plan, report = told["plan"], told["report"]
    assert (plan["crs"], plan["encoding"], plan["axes_swapped"]) == (crs, "gb18030", False)
    assert evidence in plan["encoding_evidence"]
    assert {name: source["column"] for name, source in plan["mapping"].items()} == {
        "code": "XZQDM",
        "name": "XZQMC",
    }
    assert (report["taken"], report["refused"]) == (10, [])
    with Project.open(folder / "安康.gpkg") as project:
        assert apart(project, shared_data) < 0.5
        stored = project.read("unit")
        assert set(stored["source_crs"]) == {crs}
        assert {"汉滨区", "旬阳市", "宁陕县"} <= set(stored["name"])


def test_the_person_sees_the_text_and_the_place_before_anything_is_taken(
    qtbot: QtBot, folder: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same file in the import dialog: wrong encoding shows in the sample and is put right, then all ten are taken."""
    monkeypatch.setenv("PARKLINE_HOME", str(folder / "home"))
    tasks = Tasks()
    session = Session(tasks, Settings(folder / "s.ini"))
    project = new_project(folder / "安康.gpkg").project
    session.project, session.as_of, session.year = project, project.as_of, project.as_of.year
    try:
        dialog = ImportDialog(session)
        qtbot.addWidget(dialog)
        dialog.layer.setCurrentIndex(dialog.layer.findData("unit"))

        def settled() -> None:
            qtbot.waitUntil(lambda: dialog.plan is not None and not tasks.running, timeout=20_000)

        dialog.set_file(shared_data / "messy/gbk/ankang_counties_gbk_epsg4524.shp")
        settled()
        assert "严格解码成功" in dialog.evidence.text()
        assert dialog.sample.rowCount() == 5
        assert "汉滨区" in texts(dialog)
        dialog.encoding.setCurrentIndex(dialog.encoding.findData("latin-1"))
        settled()
        assert "汉滨区" not in texts(dialog)
        dialog.encoding.setCurrentIndex(dialog.encoding.findData("gb18030"))
        settled()
        assert "汉滨区" in texts(dialog)
        assert "EPSG:4524" in dialog.crs.currentText() or "36" in dialog.crs.currentText()
        assert project.store.count("unit") == 0
        with qtbot.waitSignal(session.project_changed, timeout=20_000):
            dialog.go.click()
        qtbot.waitUntil(lambda: not tasks.running, timeout=20_000)
        assert apart(project, shared_data) < 0.5
    finally:
        tasks.shutdown()
        project.close()


def texts(dialog: ImportDialog) -> set[str]:
    model = dialog.sample
    return {
        str(model.index(row, column).data())
        for row in range(model.rowCount())
        for column in range(model.columnCount())
    }


# --- land supply ----------------------------------------------------------------------------------------


def test_real_land_supply_records_go_in_as_they_are(folder: Path, shared_data: Path) -> None:
    """203 records: industrial land sold is 48.2 % of what is sold (出让) and 19.6 % of all that is supplied (domain reference §0)."""
    source = shared_data / "formats/landchina_results_2018.json"
    records, _end = json.JSONDecoder().raw_decode(source.read_bytes().decode("gb18030"))
    run("new", "安康.gpkg", cwd=folder)
    told = run("import", "安康.gpkg", "transfer", source, "--json", cwd=folder).json("import")
    assert (told["report"]["taken"], told["report"]["refused"]) == (203, [])
    with Project.open(folder / "安康.gpkg") as project:
        stored = project.read("transfer").set_index("supervision_no")
    hectares = {record["idnumber"]: Decimal(record["area"]) for record in records}
    assert stored["area"].to_dict() == pytest.approx(
        {key: float(value) * HECTARE for key, value in hectares.items()}
    )
    sold = code_table("supply_mode").having("conveyance")
    industrial = (stored["use_name"] == "工业用地").to_numpy()
    conveyed = stored["mode"].isin(sold).to_numpy()
    area = stored["area"].to_numpy()
    assert round(100 * area[conveyed & industrial].sum() / area[conveyed].sum(), 1) == 48.2
    assert round(100 * area[conveyed & industrial].sum() / area.sum(), 1) == 19.6
    days = {record["idnumber"]: record["date4sign"] for record in records}
    shown = {key: f"{day:%Y年%m月%d日}" for key, day in stored["contract_on"].dropna().items()}
    assert shown == {key: day for key, day in days.items() if not day.startswith("1901")}


@pytest.mark.parametrize(
    ("file", "refused"),
    [
        ("landchina_2007-01_industrial.csv", {}),
        ("landchina_2007-0102_mixed_uses.csv", {2: "缺少 土地用途", 37: "缺少 土地用途"}),
    ],
)
def test_real_land_supply_ledgers_go_in_with_their_gaps(
    folder: Path, shared_data: Path, file: str, refused: dict[int, str]
) -> None:
    """Sentinels (Nah, 1901), line breaks in cells, areas in hectares; rows that name no use go back in a workbook."""
    source = shared_data / "land_transfer" / file
    with source.open(encoding="utf-8-sig", newline="") as stream:
        records = list(csv.DictReader(stream))
    run("new", "安康.gpkg", cwd=folder)
    told = run("import", "安康.gpkg", "transfer", source, "--json", cwd=folder).json("import")
    assert {row["row"]: row["reason"] for row in told["report"]["refused"]} == refused
    kept = [record for number, record in enumerate(records, start=2) if number not in refused]
    with Project.open(folder / "安康.gpkg") as project:
        stored = project.read("transfer")
    assert len(stored) == len(kept)
    assert stored["area"].sum() == pytest.approx(
        sum(float(record["面积(公顷)"]) for record in kept) * HECTARE
    )
    money = [record["成交价格(万元)"] for record in kept]
    assert stored["price"].sum() == pytest.approx(
        sum(float(text) for text in money if text not in ("", "Nah"))
    )
    if refused:
        book = openpyxl.load_workbook(folder / told["refused_file"])
        assert book.active is not None
        assert [book.active.cell(row, 1).value for row in (3, 4)] == list(refused)


# --- zoning of strangers' cities ------------------------------------------------------------------------

PARCELS = [
    ("zoning_forest_city_nc/parcels_2020.gpkg", "OBJECTID", 32617),
    ("zoning_forest_city_nc/zoning_2020_epsg2264.geojson", "fid", 32617),
    ("zoning_victoria_bc/zoning_2016.geojson", "OBJECTID", 32610),
    ("zoning_tahoe/zoning_2020.geojson", "id", 32610),
    ("landuse_kenton_ky/landuse_industrial_and_open.geojson", "FID", 32616),
    ("messy/format/utah_parcels.geojson", "apn", 32612),
    ("messy/format/layton_general_plan.geojson", "OBJECTID", 32612),
    ("messy/invalid/ex1_invalid_rings.json", "id", 32615),
]


def taken(
    folder: Path, source: Path, epsg: int, *mapping: str, layer: str | None = None
) -> tuple[Project, ImportReport]:
    """The rows of a file in a new project in that plane."""
    project = new_project(folder / f"{source.stem}.gpkg", epsg=epsg).project
    plan = propose(project, "parcel", source, source_layer=layer, mapping=list(mapping))
    return project, carry_out(project, plan)


def planned(
    folder: Path, source: Path, epsg: int, system: int | None = None, **options: Any
) -> tuple[Project, ImportReport]:
    """The rows of a file as a plan whose land is all industrial, so that no number is asked for."""
    project = new_project(folder / f"{source.stem}.gpkg", epsg=epsg).project
    plan = propose(
        project, "land_use", source, epsg=system, snapshot="示例", date=dt.date(2024, 1, 1),
        mapping=["code==1001", "scheme==guide2023"], **options,
    )  # fmt: skip
    return project, carry_out(project, plan)


@pytest.mark.parametrize(("file", "number", "epsg"), PARCELS)
def test_strangers_land_keeps_its_area_and_every_row_is_accounted_for(
    folder: Path, shared_data: Path, file: str, number: str, epsg: int
) -> None:
    """Rows without outline and repeated numbers are refused; of the rest, what was valid has the area Geod finds in degrees."""
    source = shared_data / file
    frame = gpd.read_file(source)
    project, report = taken(folder, source, epsg, f"parcel_no={number}")
    with project:
        stored = project.read("parcel")
    assert report.taken + len(report.refused) == report.total == len(frame)
    assert stored.geometry.is_valid.all()
    empty = frame.geometry.isna() | frame.geometry.is_empty
    repeated = frame[~empty][number].duplicated().sum()
    assert len(report.refused) == empty.sum() + repeated
    assert {item.reason for item in report.refused if item.reason == "没有图形"} == (
        {"没有图形"} if empty.any() else set()
    )
    degrees = frame[~empty].drop_duplicates(number).to_crs(4326)
    assert len(report.repairs) == (~frame[~empty].drop_duplicates(number).geometry.is_valid).sum()
    valid = degrees[degrees.geometry.is_valid]
    geod = pyproj.Geod(ellps="WGS84")
    areas = {
        str(key).removesuffix(".0"): abs(geod.geometry_area_perimeter(shape)[0])
        for key, shape in zip(valid[number], valid.geometry, strict=True)
    }
    found = stored.set_index("parcel_no")["area_ellipsoid"]
    ours, theirs = math.fsum(found[key] for key in areas), math.fsum(areas.values())
    # An edge is straight in the plane here, a geodesic there: metres apart over the longest edges.
    assert ours == pytest.approx(theirs, rel=1e-5)
    for repair in report.repairs:
        assert repair.accepted
        assert repair.area_after > 0.0


def test_every_invalid_district_of_lake_tahoe_gets_a_repair_with_both_areas(
    folder: Path, shared_data: Path
) -> None:
    """37 of 270 (data/SOURCES.md). What is left of each is made of whole faces that its crossing lines enclose."""
    source = shared_data / "zoning_tahoe/zoning_2020.geojson"
    project, report = taken(folder, source, 32610, "parcel_no=id")
    with project:
        stored = project.read("parcel").set_index("parcel_no").geometry
    frame = gpd.read_file(source).to_crs(32610)
    broken = frame[~frame.geometry.is_valid]
    assert len(broken) == 37
    seen = {repair.row - 1: repair for repair in report.repairs}
    refused = {item.row - 1 for item in report.refused}
    assert set(seen) == set(broken.index) - refused
    for row, repair in seen.items():
        faces = shapely.get_parts(shapely.polygonize([shapely.node(broken.geometry[row].boundary)]))
        kept = stored[broken["id"][row]]
        inside = shapely.area(shapely.intersection(faces, kept)) / shapely.area(faces)
        assert ((inside < 1e-6) | (inside > 1 - 1e-6) | (shapely.area(faces) < 0.01)).all()
        assert repair.area_after == pytest.approx(kept.area, rel=1e-9)
        assert kept.area == pytest.approx(shapely.area(faces[inside > 0.5]).sum(), rel=1e-6)
        assert repair.reason


# --- invalid, damaged and odd files ---------------------------------------------------------------------


def refused(report: ImportReport) -> dict[int, str]:
    return {item.row: item.reason for item in report.refused}


@pytest.mark.parametrize(
    ("file", "rows", "invalid", "hopeless"),
    [
        ("polygon_layer.shp", 25, 3, 1),
        ("gap_layer.shp", 6, 0, 0),
        ("polys_overlapping.shp", 11, 0, 0),
        ("missing_vertex.gpkg", 6, 0, 0),
        ("poly_ring_self_intersection.gml", 1, 1, 0),
        ("multi_polygons_with_duplicate_nodes_per_part.gml", 1, 0, 0),
    ],
)
def test_invalid_outlines_are_repaired_on_proposal_and_valid_ones_are_left_alone(
    folder: Path, shared_data: Path, file: str, rows: int, invalid: int, hopeless: int
) -> None:
    """Counts of invalid rows as in data/SOURCES.md; one of them is a ring of two points. Degrees go to UTM, where a
    needle may cross itself that did not before: what is invalid there is what a repair is proposed for.
    """
    source = shared_data / "messy/invalid" / file
    frame = gpd.read_file(source)
    assert (~frame.geometry.is_valid).sum() == invalid
    epsg = frame.crs.to_epsg() if frame.crs.is_projected else 32631
    project, report = planned(folder, source, epsg, frame.crs.to_epsg())
    with project:
        stored = project.read("land_use")
    assert stored.geometry.is_valid.all()
    there = frame.to_crs(epsg)
    broken = np.flatnonzero(~there.geometry.is_valid)
    assert [repair.row - 1 for repair in report.repairs] == broken.tolist()
    assert (report.total, report.taken, len(report.refused)) == (rows, rows - hopeless, hopeless)
    for repair in report.repairs:
        assert repair.area_before >= 0.0
        assert repair.accepted == (repair.area_after > 0.0)
    after = sum(repair.area_after for repair in report.repairs)
    assert stored.area.sum() == pytest.approx(there[there.geometry.is_valid].area.sum() + after, rel=1e-9)


def test_rows_of_the_wrong_kind_are_refused_and_the_polygon_is_taken(folder: Path, shared_data: Path) -> None:
    project, report = taken(
        folder, shared_data / "messy/invalid/mixed_geometry_types.json", 32631, "parcel_no=name"
    )
    project.close()
    assert report.taken == 1
    assert sorted(reason.split("，")[0] for reason in refused(report).values()) == [
        "图形类型为多点", "图形类型为线",
    ]  # fmt: skip


def test_the_open_ring_refuses_its_row_and_says_why(folder: Path, shared_data: Path) -> None:
    run("new", "安康.gpkg", cwd=folder)
    answer = run("import", "安康.gpkg", "parcel", shared_data / "messy/invalid/openring.json", "--map", "parcel_no==示例-1",
                 cwd=folder, code=3)  # fmt: skip
    assert "边界环不闭合" in answer.out
    assert "退回 1 行" in answer.out


def test_the_image_pyramid_is_refused_and_nothing_is_written(folder: Path, shared_data: Path) -> None:
    run("new", "安康.gpkg", cwd=folder)
    before = (folder / "安康.gpkg").read_bytes()
    pyramid = shared_data / "messy/kml/kaysville_future_land_use_2022.kmz"
    answer = run("import", "安康.gpkg", "parcel", pyramid, cwd=folder, code=3)
    assert "影像瓦片" in answer.err
    assert "矢量" in answer.err
    assert (folder / "安康.gpkg").read_bytes() == before


def test_the_states_of_a_kml_are_taken_with_the_warning(folder: Path, shared_data: Path) -> None:
    project, report = taken(folder, shared_data / "messy/kml/states.kml", 32614, "parcel_no=Name")
    with project:
        stored = project.read("parcel")
    assert (report.taken, len(stored)) == (49, 49)
    assert {"Illinois", "District of Columbia"} <= set(
        stored["parcel_no"]
    )  # line ends behind the names are gone
    assert any("GCJ-02" in note for note in report.notes)


def test_a_hole_that_touches_its_outline_is_asked_for_its_system_only(
    folder: Path, shared_data: Path
) -> None:
    """holeTouchEdge.shp has no .prj and coordinates of nowhere in China: asked, and taken once told."""
    project = new_project(folder / "a.gpkg", epsg=32610).project
    with project:
        source = shared_data / "messy/invalid/holeTouchEdge.shp"
        plan = propose(project, "parcel", source, mapping=["parcel_no=ID"])
        assert [question for question in plan.open_questions() if "坐标系未知" in question]
        plan = propose(
            project, "parcel", source, epsg=2285, mapping=["parcel_no=ID", "area_certified=AREA[m2]"]
        )
        report = carry_out(project, plan)
        assert report.taken == 1
        assert project.read("parcel").geometry.is_valid.all()


def test_polygons_of_a_zipped_geodatabase_are_taken_layer_by_layer(folder: Path, shared_data: Path) -> None:
    source = shared_data / "messy/gdb/test_gdb.gdb.zip"
    project, report = taken(folder, source, 32756, "parcel_no=text", layer="polys")
    with project:
        stored = project.read("parcel")
        expected = gpd.read_file(f"/vsizip/{source}/test_gdb.gdb", layer="polys").to_crs(32756)
    assert report.taken == 2
    assert stored["source"].tolist() == ["test_gdb.gdb.zip#polys"] * 2
    assert sorted(stored["parcel_no"]) == ["poly 1", "poly 2"]
    assert (
        shapely.union_all(stored.geometry).symmetric_difference(shapely.union_all(expected.geometry)).area
        < 1e-3
    )


def test_an_empty_layer_of_a_geodatabase_is_nothing_and_no_error(folder: Path, shared_data: Path) -> None:
    source = shared_data / "messy/gdb/featuredataset_empty.gdb.zip"
    project, report = planned(folder, source, 32631, source_layer="standalone")
    with project:
        assert (report.total, report.taken, report.refused) == (0, 0, [])


def test_the_unofficial_outline_of_the_country_is_read_in_utf8(folder: Path, shared_data: Path) -> None:
    """No .cpg, LDID 0, and yet UTF-8: the counter-example to "no declaration means GBK"."""
    project = new_project(folder / "a.gpkg").project
    with project:
        plan = propose(
            project,
            "park",
            shared_data / "formats/simplied_china_country.shp",
            mapping=["name=FCNAME", "park_id=COUNT_ID"],
        )
        assert (plan.info.encoding, plan.epsg) == ("utf-8", 4326)
        report = carry_out(project, plan)
        assert report.taken == 1
        assert project.read("park")["name"].tolist() == ["中国"]


@pytest.fixture(scope="module")
def counties(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with new_project(tmp_path_factory.mktemp("gcj") / "a.gpkg").project as project:
        carry_out(project, propose(project, "unit", shared_data / "boundaries/ankang_counties.geojson"))
        yield project


@pytest.mark.parametrize("file", ["ankang_counties_gcj02.geojson", "datav_610900_full_2021_gcj02.json"])
def test_shifted_outlines_are_taken_as_stated_with_a_remark_and_no_claim(
    counties: Project, shared_data: Path, tmp_path: Path, file: str
) -> None:
    """The shift of GCJ-02 here is some 440 m to the east (data/SOURCES.md): nothing but another map could show it."""
    plan = propose(counties, "unit", shared_data / "boundaries" / file)
    assert plan.epsg == 4326
    told = " ".join((plan.crs_reason, *plan.info.notes, *plan.notes))
    assert "GCJ-02" in told
    assert "无法判断" in told
    with new_project(tmp_path / "b.gpkg").project as other:
        again = propose(other, "unit", shared_data / "boundaries" / file)
        assert carry_out(other, again).taken == 10
        assert 300.0 < apart_by_centre(other, counties) < 900.0


def apart_by_centre(first: Project, second: Project) -> float:
    one, other = (project.read("unit").dissolve().geometry.iloc[0].centroid for project in (first, second))
    return float(one.distance(other))
