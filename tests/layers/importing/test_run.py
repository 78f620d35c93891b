"""Good rows are taken, bad ones refused with number and reason, all of it in one transaction."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from gis.errors import ParkLineError
from gis.progress import Cancelled
from layers.importing.plan import propose
from layers.importing.report import ImportReport
from layers.importing.run import run
from layers.importing.workbook import write_refused
from layers.project import Project
from tests.layers.importing.world import contents, ledger, lots, send, squares, take

BOWTIE = shapely.Polygon(
    [(596_000, 3_618_000), (596_100, 3_618_100), (596_100, 3_618_000), (596_000, 3_618_100)]
)


def reasons(report: ImportReport) -> dict[int, str]:
    return {item.row: item.reason for item in report.refused}


def quarantined(path: Path) -> list[tuple[str, int, str, dict[str, object]]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT source, row, reason, row_values FROM parkline_quarantine WHERE retired IS NULL ORDER BY row"
        ).fetchall()
    return [(source, row, reason, json.loads(values)) for source, row, reason, values in rows]


def test_each_kind_of_bad_row_is_refused_with_its_number_and_reason_and_the_rest_is_taken(
    project: Project, tmp_path: Path
) -> None:
    frame = gpd.GeoDataFrame(
        {
            "地块编号": [
                "示例-1",
                "示例-2",
                "示例-3",
                "示例-1",
                None,
                "示例-6",
                "示例-7",
                "4.3E+15",
                "示例-9",
            ],
            "阶段": ["定标", None, None, None, None, "说不清", None, None, "对标"],
            "签订日期": ["2024.3.5", None, "20240305", None, None, None, "2024年2月30日", None, ""],
            "面积(亩)": ["15", "3", "1", "1", "1", "1", "1", "1", "一亩三分"],
        },
        geometry=[squares()[0], None, shapely.Point(596_000, 3_618_000), *squares(6)],
        crs=4545,
    )
    path = tmp_path / "汉滨区 2024.gpkg"
    frame.to_file(path, layer="地块")
    plan, report = take(project, "parcel", path)
    assert reasons(report) == {
        2: "没有图形",
        3: "图形类型为点，本图层只收面",
        4: "地块编号 重复：与第 1 行相同",
        5: "缺少 地块编号",
        6: "“说不清”不是 标准地阶段 的已知代码",
        7: "“2024年2月30日”不是日期（合同签订日期）",
        8: "“4.3E+15”被 Excel 截成科学计数法，编号已失真（地块编号）",
        9: "“一亩三分”不是数字（证载面积）",
    }
    assert (report.total, report.taken) == (9, 1)
    stored = project.read("parcel")
    assert stored["parcel_no"].tolist() == ["示例-1"]
    assert stored["area_certified"].tolist() == pytest.approx([10_000.0])
    assert stored["contract_on"].tolist() == [pd.Timestamp("2024-03-05")]
    assert stored["source"].tolist() == ["汉滨区 2024.gpkg#地块"]
    assert stored["source_crs"].tolist() == ["EPSG:4545"]
    kept = quarantined(project.path)
    assert [(source, row, reason) for source, row, reason, _values in kept] == [
        ("汉滨区 2024.gpkg", row, reason) for row, reason in reasons(report).items()
    ]
    outline = kept[4][3].pop("WKT")
    assert kept[4][3] == {"地块编号": "示例-6", "阶段": "说不清", "签订日期": None, "面积(亩)": "1"}
    assert str(outline).startswith("SRID=4545;POLYGON ((")
    assert "WKT" not in kept[0][3]
    del plan


def test_a_land_use_row_with_a_code_of_no_scheme_is_refused(project: Project, tmp_path: Path) -> None:
    frame = lots(4, 用地代码=["1001", "9999", None, "100101"])
    path = send(tmp_path / "规划.shp", frame)
    plan = propose(
        project, "land_use", path, snapshot="2024", date=dt.date(2024, 5, 31), mapping=["scheme==guide2023"]
    )
    report = run(project, plan)
    assert reasons(report) == {2: "用地代码 9999 不在分类标准 guide2023 中", 3: "缺少用地代码"}
    assert report.taken == 2


def test_a_number_that_the_project_has_is_refused_and_stays_as_it_was(
    project: Project, tmp_path: Path
) -> None:
    take(project, "parcel", send(tmp_path / "a.shp", lots(2, 备注="先来")))
    _plan, report = take(project, "parcel", send(tmp_path / "b.shp", lots(3, 备注="后到", 名称="x")))
    assert reasons(report) == {1: "地块编号 重复：项目中已有", 2: "地块编号 重复：项目中已有"}
    assert project.read("parcel")["note"].tolist() == ["先来", "先来", "后到"]


def test_the_first_good_one_of_two_equal_numbers_is_taken(project: Project, tmp_path: Path) -> None:
    frame = lots(3, 地块编号=["示例-1", "示例-1", "示例-1"], 签订日期=["某日", "2024-1-1", "2024-1-2"])
    _plan, report = take(project, "parcel", send(tmp_path / "a.shp", frame))
    assert reasons(report) == {1: "“某日”不是日期（合同签订日期）", 3: "地块编号 重复：与第 2 行相同"}


def test_rows_that_could_not_be_read_are_refused_beside_the_others(project: Project, tmp_path: Path) -> None:
    """An open ring is a matter of its row (GeoJSON row 2); its number and its values reach the county."""
    ring = [[109.0, 32.7], [109.01, 32.7], [109.01, 32.71], [109.0, 32.7]]
    features = [
        {"type": "Feature", "properties": {"地块编号": f"示例-{i}"}, "geometry": {"type": "Polygon", "coordinates": [coordinates]}}
        for i, coordinates in enumerate((ring, ring[:-1], [[x + 0.1, y] for x, y in ring]), start=1)
    ]  # fmt: skip
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    _plan, report = take(project, "parcel", path)
    assert (report.total, report.taken, reasons(report)) == (3, 2, {2: "边界环不闭合"})
    assert quarantined(project.path)[0][3] == {"地块编号": "示例-2"}


def test_coordinates_out_of_the_range_of_their_system_cost_their_row(
    project: Project, tmp_path: Path
) -> None:
    frame = lots(3).to_crs(4490)
    frame.loc[1, "geometry"] = shapely.box(109, 95, 109.1, 96)
    frame.to_file(tmp_path / "a.gpkg")
    _plan, report = take(project, "parcel", tmp_path / "a.gpkg", epsg=4490)
    (reason,) = reasons(report).items()
    assert reason[0] == 2
    assert "有效范围" in reason[1]
    assert report.taken == 2


# --- repairs ------------------------------------------------------------------------------------------


def test_an_invalid_outline_gets_a_proposal_with_both_areas(project: Project, tmp_path: Path) -> None:
    """A bow tie of 100 m: its two triangles are 2,500 m² each, and turn against each other, so the rings add up to 0."""
    frame = lots(2).set_geometry([BOWTIE, squares(2)[1]])
    frame.to_file(tmp_path / "a.gpkg")
    plan, report = take(project, "parcel", tmp_path / "a.gpkg")
    (repair,) = report.repairs
    assert (repair.row, repair.accepted) == (1, True)
    assert "自相交" in repair.reason
    assert "596050" in repair.reason
    assert (repair.area_before, repair.area_after) == pytest.approx((0.0, 5_000.0))
    stored = project.read("parcel").sort_values("parcel_no")
    assert stored.geometry.is_valid.all()
    assert stored["area_plane"].tolist() == pytest.approx([5_000.0, 10_000.0])
    assert set(stored.geometry.geom_type) == {"MultiPolygon"}
    del plan


def test_a_repair_that_is_declined_refuses_its_row_and_says_what_was_proposed(
    project: Project, tmp_path: Path
) -> None:
    lots(2).set_geometry([BOWTIE, squares(2)[1]]).to_file(tmp_path / "a.gpkg")
    plan = propose(project, "parcel", tmp_path / "a.gpkg")
    plan.accept_repairs = False
    report = run(project, plan)
    assert report.taken == 1
    assert "0.00 → 5000.00 ㎡" in reasons(report)[1]
    assert [item.accepted for item in report.repairs] == [False]


def test_an_outline_that_nothing_is_left_of_is_refused(project: Project, tmp_path: Path) -> None:
    flat = shapely.Polygon([(596_000, 3_618_000), (596_100, 3_618_000), (596_200, 3_618_000)])
    lots(2).set_geometry([flat, squares(2)[1]]).to_file(tmp_path / "a.gpkg")
    _plan, report = take(project, "parcel", tmp_path / "a.gpkg")
    assert report.taken == 1
    assert "无法修复" in reasons(report)[1]


def test_several_points_in_a_row_of_single_points_are_refused_and_one_is_taken(
    project: Project, tmp_path: Path
) -> None:
    frame = gpd.GeoDataFrame(
        {"项目代码": ["甲", "乙", "丙"], "项目名称": ["示例"] * 3},
        geometry=[shapely.MultiPoint([(596_000, 3_618_000)]), shapely.MultiPoint([(596_000, 3_618_000), (1, 1)]), shapely.Point(596_001, 3_618_001)],
        crs=4545,
    )  # fmt: skip
    frame.to_file(tmp_path / "a.gpkg")
    _plan, report = take(project, "investment", tmp_path / "a.gpkg")
    assert reasons(report) == {2: "有 2 个点，本图层一行一个点"}
    assert set(project.read("investment").geometry.geom_type) == {"Point"}


# --- joining a ledger ---------------------------------------------------------------------------------


def test_a_ledger_without_places_is_joined_to_the_outlines_by_parcel_number(
    project: Project, tmp_path: Path
) -> None:
    take(project, "parcel", send(tmp_path / "a.shp", lots(3, 备注="图")))
    rows = [
        ["2024年台账", None, None],
        ["宗地编号", "证载面积（公顷）", "使用权人"],
        ["示例－1", 1.02, "示例企业甲"],  # full-width hyphen
        ["示例-2", None, "示例企业乙"],
        ["示例-9", 1, "示例企业丙"],
        ["示例-2", 1, "又来"],
        [None, 1, "无号"],
        ["合计", 3.02, None],
    ]
    plan, report = take(project, "parcel", ledger(tmp_path / "台账.xlsx", rows))
    assert plan.joins
    assert (report.taken, report.updated, report.total) == (0, 2, 5)
    assert reasons(report) == {
        5: "项目中没有 地块编号 为 示例-9 的图形",
        6: "地块编号 示例-2 在文件中重复",
        7: "缺少 地块编号",
    }
    stored = project.read("parcel").sort_values("parcel_no").reset_index(drop=True)
    assert stored["holder"].tolist()[:2] == ["示例企业甲", "示例企业乙"]
    assert stored["area_certified"].tolist()[0] == pytest.approx(10_200.0)
    assert stored["note"].tolist() == ["图"] * 3
    assert shapely.equals(stored.geometry.to_numpy(), np.array(squares(3), dtype=object)).all()


def test_an_empty_cell_of_a_joined_ledger_does_not_wipe_out_what_is_known(
    project: Project, tmp_path: Path
) -> None:
    take(project, "parcel", send(tmp_path / "a.shp", lots(2, 备注=["甲", "乙"])))
    take(
        project,
        "parcel",
        ledger(
            tmp_path / "b.xlsx",
            [["地块编号", "备注", "坐落"], ["示例-1", None, "某镇"], ["示例-2", "新", None]],
        ),
    )
    stored = project.read("parcel").sort_values("parcel_no")
    assert stored["note"].tolist() == ["甲", "新"]
    assert stored["location"].tolist()[0] == "某镇"


def test_a_ledger_with_places_becomes_rows_of_its_own(project: Project, tmp_path: Path) -> None:
    rows = [
        ["项目代码", "项目名称", "经度", "纬度"],
        ["甲", "示例", 109.03, 32.69],
        ["乙", "示例", None, None],
    ]
    plan, report = take(project, "investment", ledger(tmp_path / "a.xlsx", rows))
    assert (plan.joins, plan.epsg, report.taken) == (False, 4490, 2)
    stored = project.read("investment")
    placed = stored[~stored.geometry.isna()]
    # (109.03, 32.69) is (596594.20, 3618837.47) in EPSG:4545, domain reference §9.1
    assert (placed.geometry.iloc[0].x, placed.geometry.iloc[0].y) == pytest.approx(
        (596594.20, 3618837.47), abs=0.01
    )
    assert placed["source_crs"].tolist() == ["EPSG:4490"]
    assert stored[stored.geometry.isna()]["source_crs"].isna().all()


# --- one transaction ----------------------------------------------------------------------------------


def big_file(folder: Path) -> Path:
    """Enough rows for several portions, with refused ones, a repair and a mapping to remember."""
    count = 45_000
    x = 596_000 + 10.0 * np.arange(count)
    frame = gpd.GeoDataFrame(
        {"地块编号": [f"大-{i}" for i in range(count)], "签订日期": ["某日" if i % 1000 == 0 else "2024-1-1" for i in range(count)]},
        geometry=shapely.box(x % 50_000 + 560_000, 3_618_000, x % 50_000 + 560_005, 3_618_005),
        crs=4545,
    )  # fmt: skip
    path = folder / "大.gpkg"
    frame.to_file(path)
    return path


@pytest.mark.parametrize("stop_at", [0.05, 0.35, 0.7, 0.95])
def test_a_cancel_in_the_middle_leaves_the_project_as_it_was(
    project: Project, tmp_path: Path, stop_at: float
) -> None:
    take(project, "parcel", send(tmp_path / "vorher.shp", lots(2)))
    plan = propose(project, "parcel", big_file(tmp_path))
    before = contents(project.path)
    seen: list[float] = []

    def cancel(fraction: float, _message: str) -> None:
        seen.append(fraction)
        if fraction >= stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(project, plan, progress=cancel)
    assert contents(project.path) == before
    assert len(seen) > 1
    report = run(project, plan)  # and the same plan can still be carried out
    assert (report.taken, len(report.refused)) == (44_955, 45)


def test_an_error_while_writing_leaves_the_project_as_it_was(project: Project, tmp_path: Path) -> None:
    plan = propose(project, "parcel", send(tmp_path / "a.shp", lots(3)))
    before = contents(project.path)
    with sqlite3.connect(project.path) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON dataset BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
    other.close()
    with pytest.raises((ParkLineError, sqlite3.DatabaseError)):
        run(project, plan)
    with sqlite3.connect(project.path) as other:
        other.execute("DROP TRIGGER full")
    other.close()
    assert contents(project.path) == before


def test_a_dry_run_writes_nothing_and_reports_the_same(project: Project, tmp_path: Path) -> None:
    frame = lots(3, 地块编号=["示例-1", "示例-1", None])
    plan = propose(project, "parcel", send(tmp_path / "a.shp", frame))
    before = contents(project.path)
    tried = run(project, plan, dry_run=True)
    assert contents(project.path) == before
    done = run(project, plan)
    assert tried.refused == done.refused
    assert (tried.taken, tried.dry_run, done.dry_run) == (done.taken, True, False)


def test_one_undo_takes_the_whole_import_back(project: Project, tmp_path: Path) -> None:
    take(project, "parcel", send(tmp_path / "a.shp", lots(2)))
    _plan, report = take(
        project, "parcel", send(tmp_path / "b.shp", lots(3, 地块编号=["示例-7", "示例-8", None]))
    )
    assert project.store.count("parcel") == 4
    assert len(quarantined(project.path)) == 1
    undone = project.store.undo()
    assert undone is not None
    assert project.store.count("parcel") == 2
    assert quarantined(project.path) == []
    assert len(project.read("dataset")) == 1
    assert report.transaction_id is not None


def test_an_import_is_booked_with_file_hash_and_count(project: Project, tmp_path: Path) -> None:
    plan, _report = take(project, "parcel", send(tmp_path / "a.shp", lots(3)))
    (entry,) = project.read("dataset").to_dict("records")
    assert (entry["file"], entry["layer"], entry["row_count"], entry["sha256"]) == (
        "a.shp",
        "parcel",
        3,
        plan.sha256,
    )
    again = propose(project, "parcel", tmp_path / "a.shp")
    assert any("已导入过" in note for note in again.notes)
    entries = project.store.journal(limit=1)
    assert "a.shp" in entries[0].why
    assert entries[0].kind == "import"


def test_a_file_without_a_good_row_leaves_no_snapshot_behind(project: Project, tmp_path: Path) -> None:
    path = send(tmp_path / "a.shp", lots(2, 用地代码=["9998", "9999"]))
    plan = propose(
        project, "land_use", path, snapshot="2024", date=dt.date(2024, 5, 31), mapping=["scheme==guide2023"]
    )
    assert run(project, plan).taken == 0
    assert project.snapshots() == []
    good = send(tmp_path / "b.shp", lots(2, 用地代码=["1001", "0701"]))
    plan = propose(
        project, "land_use", good, snapshot="2024", date=dt.date(2024, 5, 31), mapping=["scheme==guide2023"]
    )
    assert run(project, plan).taken == 2
    assert [item.name for item in project.snapshots()] == ["2024"]


# --- what goes back to the county ---------------------------------------------------------------------


def test_refused_rows_go_to_the_county_in_a_workbook_in_which_nothing_runs(
    project: Project, tmp_path: Path
) -> None:
    evil = '=HYPERLINK("http://x","y")'
    frame = lots(
        3,
        地块编号=[evil, evil, None],
        备注=["+1", "@SUM(A1)", "-2+3"],
        BSM=pd.array([610902000000000001, None, 3], dtype="Int64"),
    )
    frame.to_file(tmp_path / "a.gpkg")
    _plan, report = take(project, "parcel", tmp_path / "a.gpkg")
    path = write_refused(report.refused, tmp_path / "退回 数据.xlsx", file=report.file, layer="地块")
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    header = [cell.value for cell in sheet[2]]
    assert header[:2] == ["原行号", "退回原因"]
    assert set(header[2:]) == {"地块编号", "备注", "BSM", "WKT"}
    assert [[cell.value for cell in row][:2] for row in sheet.iter_rows(min_row=3)] == [
        [2, "地块编号 重复：与第 1 行相同"], [3, "缺少 地块编号"],
    ]  # fmt: skip
    cells = [cell for row in sheet.iter_rows(min_row=3) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert evil in {cell.value for cell in cells}
    assert [item.name for item in tmp_path.iterdir() if ".part" in item.name] == []


def test_a_workbook_that_was_sent_back_mended_is_taken(project: Project, tmp_path: Path) -> None:
    """The county mends the number in the workbook; the row joins its outline."""
    take(project, "parcel", send(tmp_path / "a.shp", lots(2)))
    rows = [["地块编号", "备注"], ["示例-1", "好"], ["示例-22", "错号"]]
    _plan, report = take(project, "parcel", ledger(tmp_path / "b.xlsx", rows))
    path = write_refused(report.refused, tmp_path / "退回.xlsx", file=report.file, layer="地块")
    book = openpyxl.load_workbook(path)
    assert book.active is not None
    number = [cell.value for cell in book.active[2]].index("地块编号") + 1
    book.active.cell(3, number).value = "示例-2"
    book.save(path)
    plan, again = take(project, "parcel", path)
    assert (again.updated, again.refused) == (1, [])
    assert plan.table.rows.tolist() == [3]
    assert project.read("parcel").sort_values("parcel_no")["note"].tolist() == ["好", "错号"]


@pytest.mark.parametrize("epsg", [4545, 4524, 4490])
def test_an_outline_goes_to_the_county_with_its_row_and_comes_back_mended(
    project: Project, tmp_path: Path, epsg: int
) -> None:
    """A wrong day is put right in the workbook alone; the outline comes back to the last digit, in its own system."""
    frame = lots(3, 签订日期=["2024-1-1", "二〇二四年", "2024-1-3"], 面积=[1.0, 1.0, 1.0]).to_crs(epsg)
    frame.to_file(tmp_path / "a.gpkg")
    _plan, report = take(project, "parcel", tmp_path / "a.gpkg", mapping=["area_certified=面积[ha]"])
    assert list(reasons(report)) == [2]
    path = write_refused(report.refused, tmp_path / "退回.xlsx", file=report.file, layer="地块")
    book = openpyxl.load_workbook(path)
    assert book.active is not None
    book.active.cell(3, [cell.value for cell in book.active[2]].index("签订日期") + 1).value = "2024年1月2日"
    book.save(path)
    plan, again = take(project, "parcel", path, mapping=["area_certified=面积[ha]"])
    assert (plan.joins, plan.epsg, again.taken, again.refused) == (False, epsg, 1, [])
    stored = project.read("parcel").sort_values("parcel_no")
    assert stored["contract_on"].dt.day.tolist() == [1, 2, 3]
    assert (
        shapely.hausdorff_distance(stored.geometry.to_numpy(), np.array(squares(3), dtype=object)).max()
        < 1e-6
    )


def test_an_outline_too_long_for_a_cell_is_not_cut_into_another_one(project: Project, tmp_path: Path) -> None:
    x, y = 596_000.0, 3_618_000.0
    round_one = shapely.Point(x, y).buffer(100, quad_segs=400)
    assert len(round_one.wkt) > 32_000
    lots(1, 签订日期=["某日"]).set_geometry([round_one]).to_file(tmp_path / "a.gpkg")
    _plan, report = take(project, "parcel", tmp_path / "a.gpkg")
    path = write_refused(report.refused, tmp_path / "退回.xlsx", file=report.file, layer="地块")
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert "未写入" in str(sheet.cell(3, [cell.value for cell in sheet[2]].index("WKT") + 1).value)
    _plan, again = take(project, "parcel", path)
    assert again.taken == 0
