"""Ledgers as people keep them: titles, merged two-row headers, units, totals, coordinates, WKT."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import ParkLineError
from gis.formats import inspect, read
from gis.formats.ledger import parse_grid
from gis.formats.tables import decode_text


def workbook(
    path: Path, rows: Sequence[Sequence[Any]], merged: Sequence[str] = (), title: str = "台账"
) -> Path:
    """A workbook of one sheet with these cells and merged areas."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merged:
        sheet.merge_cells(area)
    book.save(path)
    return path


def rewrite_sheet(path: Path, pattern: bytes, new: bytes) -> None:
    """Change the XML of the first sheet where no library would write it so."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet], count = re.subn(pattern, new, parts[sheet])
    assert count == 1
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


COUNTY = [
    ["2024年汉滨区标准地台账", None, None, None, None],
    ["填报单位：汉滨区自然资源局", None, None, "填报日期：2024年6月30日", None],
    ["地块编号", "所在县区", "面积", None, "成交价"],
    [None, None, "公顷", "亩", "万元"],
    ["示例-1", "汉滨区", 1.5, 22.5, "1,234.5"],
    ["示例-2", None, 2, 30, "９８７"],
    ["小计", None, 3.5, 52.5, None],
    ["示例-3", "旬阳市", 0.5, 7.5, 100],
    [None, None, None, None, None],
    ["合　计", None, 4.0, 60, 2321.5],
]
MERGED = ["A1:E1", "A3:A4", "B3:B4", "C3:D3", "B5:B6"]


def test_a_county_ledger_is_read_below_its_title_under_both_rows_of_its_header(tmp_path: Path) -> None:
    """Two title rows, a header merged over two rows with units below, "same as above" merged, a subtotal, a total."""
    table = read(workbook(tmp_path / "台账 2024.xlsx", COUNTY, MERGED))
    assert list(table.frame.columns) == ["地块编号", "所在县区", "面积(公顷)", "面积(亩)", "成交价(万元)"]
    assert table.frame["地块编号"].tolist() == ["示例-1", "示例-2", "示例-3"]
    assert table.frame["所在县区"].tolist() == ["汉滨区", "汉滨区", "旬阳市"]
    assert table.rows.tolist() == [5, 6, 8]
    assert table.info.format == "Excel"
    assert table.info.sample[0]["面积(亩)"] == "22.5"
    notes = " ".join(table.info.notes)
    assert "第 3 行" in notes
    assert "2024年汉滨区标准地台账" in notes
    assert "第 7、10 行" in notes
    assert "不符" not in notes


def test_the_same_ledger_as_csv_reads_the_same_without_the_merges(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    lines = [",".join("" if cell is None else f'"{cell}"' for cell in row) for row in COUNTY]
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    table = read(path)
    assert list(table.frame.columns) == ["地块编号", "所在县区", "面积(公顷)", "面积(亩)", "成交价(万元)"]
    assert table.rows.tolist() == [5, 6, 8]
    assert table.info.encoding == "gb18030"
    assert table.frame["成交价(万元)"].tolist() == ["1,234.5", "９８７", "100"]


def test_a_total_that_is_not_the_sum_of_its_rows_is_told(tmp_path: Path) -> None:
    """1.23 + 2.34 = 3.57; 3.6 is that rounded, 4.57 is not."""
    rows = [["编号", "面积(公顷)", "价款"], ["a", 1.23, 10], ["b", 2.34, 20], ["合计", 3.6, 31]]
    (note,) = [note for note in read(workbook(tmp_path / "a.xlsx", rows)).info.notes if "不符" in note]
    assert "价款 合计 31，各行之和 30" in note


@pytest.mark.parametrize(
    "label", ["合计", "合 计", "总计：", "小计", "汉滨区小计", "全市合计", "合计（公顷）", "共计:"]
)
def test_rows_that_add_up_are_left_out(label: str) -> None:
    ledger = parse_grid([["编号", "面积"], ["a", 1.0], [label, 1.0]])
    assert ledger.rows.tolist() == [2]


@pytest.mark.parametrize("row", [["合计源科技有限公司", 1.0], ["a", "两宗地合计"], [1, "合计"]])
def test_rows_that_merely_mention_a_total_are_kept(row: list[object]) -> None:
    assert len(parse_grid([["编号", "面积"], ["a", 1.0], row]).rows) == 2


@pytest.mark.parametrize(
    ("grid", "columns", "rows"),
    [
        # texts only: the header is the first row, not one with more texts in it
        ([["编号", "用途", None], ["a", "工业", "备注"], ["b", "住宅", None]], ["编号", "用途", "第3列"], [2, 3]),
        # a first row with a gap is no second header
        ([["编号", "用途", "说明"], ["a", None, "甲"]], ["编号", "用途", "说明"], [2]),
        ([["编号", "用途", None], ["a", None, "甲"], ["b", "乙", None]], ["编号", "用途", "第3列"], [2, 3]),
        # units in a row of their own, in brackets and without
        ([["编号", "面积", "价款"], [None, "（公顷）", "单位：万元"], ["a", 1, 2]], ["编号", "面积(公顷)", "价款(万元)"], [3]),
        # an upper header whose merges a CSV has lost, with more texts in the lower row
        (
            [["序号", "企业", "要求", None, "实际", None], [None, None, "容积率", "建筑系数", "容积率", "建筑系数"],
             [1, "甲", 1.0, 40, 1.1, 41]],
            ["序号", "企业", "要求容积率", "要求建筑系数", "实际容积率", "实际建筑系数"], [3],
        ),
        # years are headers too
        ([["企业", 2022, 2023], ["甲", 1.5, 2.5]], ["企业", "2022", "2023"], [2]),
        ([["单位：公顷"], ["编号", "面积"], ["a", 1]], ["编号", "面积"], [3]),
        ([["编号"], ["a"], ["b"]], ["编号"], [2, 3]),
        ([["面积", "面积", "面积_2"], [1, 2, 3]], ["面积", "面积_2", "面积_2_2"], [2]),
        ([], [], []),
        ([[None, None], [None]], [], []),
        ([[1, 2], [3, 4]], [], []),
    ],
)  # fmt: skip
def test_headers_are_found_and_no_row_is_swallowed(
    grid: list[list[object]], columns: list[str], rows: list[int]
) -> None:
    ledger = parse_grid(grid)
    assert list(ledger.frame.columns) == columns
    assert ledger.rows.tolist() == rows


@given(
    st.integers(0, 4),
    st.integers(2, 8),
    st.lists(st.lists(st.one_of(st.none(), st.floats(0, 9e9), st.text("abc 工业", max_size=4)), min_size=8, max_size=8), max_size=12),
)  # fmt: skip
def test_every_row_below_a_header_comes_once_or_is_empty_or_a_total(
    titles: int, width: int, body: list[list[Any]]
) -> None:
    header = [f"列{'甲乙丙丁戊己庚辛'[i]}" for i in range(width)]
    body = [["a", 1.0, *row[2:width]] for row in body]
    grid = [["示例台账标题"]] * titles + [header, *body]
    ledger = parse_grid(grid)
    assert list(ledger.frame.columns) == header
    assert ledger.rows.tolist() == [titles + 2 + i for i in range(len(body))]


# --- geometry in cells --------------------------------------------------------------------------------


def csv_file(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("经度,纬度", "109.03,32.69"),
        ("东经,北纬", "109°01′48″,32°41′24″"),
        ("lng,lat", "１０９．０３,３２．６９"),
        ("X,Y", '"109.03","32.69"'),
        ("横坐标Y(米),纵坐标X(米)", "109.03,32.69"),
        ("WKT", "POINT (109.03 32.69)"),
        ("图形", "SRID=4490;POINT (109.03 32.69)"),
    ],
)
def test_a_place_in_cells_becomes_a_point(tmp_path: Path, header: str, cells: str) -> None:
    table = read(csv_file(tmp_path / "a.csv", f"编号,{header}", f"a,{cells}"))
    assert table.geometry is not None
    assert shapely.equals_exact(table.geometry[0], shapely.Point(109.03, 32.69), 1e-12)
    assert table.info.geometry_types == ("Point",)
    assert table.info.crs == ("EPSG:4490" if "SRID" in cells else None)


def test_thousands_in_coordinates_are_read(tmp_path: Path) -> None:
    table = read(csv_file(tmp_path / "a.csv", "编号,东坐标,北坐标", 'a,"596,600.5","3,618,900"'))
    assert table.geometry is not None
    assert table.geometry[0].equals(shapely.Point(596_600.5, 3_618_900))


def test_cells_that_are_no_place_cost_their_row_with_the_reason(tmp_path: Path) -> None:
    table = read(
        csv_file(
            tmp_path / "a.csv", "编号,经度,纬度", "a,109,32", "b,见附图,32", "c,109,", "d,,", "e,109°70′,32"
        )
    )
    assert table.frame["编号"].tolist() == ["a", "d"]
    assert {problem.row: problem.reason for problem in table.problems} == {
        3: "坐标“见附图，32”不是一对数字",
        4: "坐标“109，”不是一对数字",
        6: "坐标“109°70′，32”不是一对数字",
    }


def test_wkt_that_is_none_costs_its_row_with_the_reason(tmp_path: Path) -> None:
    good = "POLYGON ((0 0, 1 0, 1 1, 0 0))"
    rows = [
        ["编号", "图形"],
        ["a", good],
        ["b", "POLYGON ((0 0, 1 0, 1 1))"],
        ["c", "详见图纸"],
        ["d", None],
        ["e", f"SRID=4545;{good}"],
    ]
    table = read(workbook(tmp_path / "a.xlsx", rows))
    assert table.frame["编号"].tolist() == ["a", "d", "e"]
    assert {problem.row: problem.reason for problem in table.problems} == {
        3: "WKT 图形无法读取：边界环不闭合",
        4: "“详见图纸”不是 WKT 图形",
    }
    assert table.info.crs == "EPSG:4545"
    assert table.info.geometry_types == ("Polygon",)


def test_wkt_longer_than_csv_expects_is_read(tmp_path: Path) -> None:
    ring = shapely.Point(109, 32.7).buffer(0.1, quad_segs=2_000)
    assert len(ring.wkt) > 200_000
    table = read(csv_file(tmp_path / "a.csv", "编号,WKT", f'a,"{ring.wkt}"'))
    assert table.geometry is not None
    assert table.geometry[0].equals(ring)


def test_a_ledger_without_places_has_no_geometry(tmp_path: Path) -> None:
    assert read(csv_file(tmp_path / "a.csv", "编号,面积", "a,1")).geometry is None


# --- files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_a_csv_is_cut_at_its_own_mark_whatever_its_title_holds(tmp_path: Path, mark: str) -> None:
    lines = [
        "标准地台账，2024年，汉滨区",
        mark.join(["编号", "面积", "备注"]),
        mark.join(["a", "1", "甲、乙"]),
    ]
    table = read(csv_file(tmp_path / "a.csv", *lines))
    assert list(table.frame.columns) == ["编号", "面积", "备注"]
    assert table.rows.tolist() == [3]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_the_encoding_of_a_csv_is_found_and_said(tmp_path: Path, encoding: str, found: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("编号,名称\na,汉滨区".encode(encoding))
    info = inspect(path)
    assert info.encoding == found
    assert info.encoding_evidence
    assert info.sample == ({"编号": "a", "名称": "汉滨区"},)
    assert decode_text(path, None)[0] == "编号,名称\na,汉滨区"


def test_damaged_bytes_in_a_csv_cost_their_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("编号,名称\na,汉滨区\nb,".encode("gb18030") + b"\xff\xff\nc,x")
    table = read(path)
    assert table.frame["编号"].tolist() == ["a", "c"]
    assert table.problems[0].row == 3
    with pytest.raises(ParkLineError):
        read(path, encoding="no such")


def test_a_boundary_point_file_is_not_taken_for_a_ledger(tmp_path: Path, shared_data: Path) -> None:
    path = tmp_path / "界址点.txt"
    path.write_bytes("［属性描述］\r\n坐标系=2000国家大地坐标系\r\n".encode("gb18030"))
    for file in (path, shared_data / "messy/txt/derived_jzd_gbk_zone36.txt"):
        with pytest.raises(ParkLineError, match="界址点"):
            read(file)


def test_the_sheet_that_is_shown_first_and_filled_is_proposed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["编号"], ["a"]], title="数据")
    book = openpyxl.load_workbook(path)
    hidden = book.create_sheet("选项", 0)
    hidden.append(["用途"])
    hidden.sheet_state = "hidden"
    book.create_sheet("空", 1)
    book.save(path)
    info = inspect(path)
    assert (info.layers, info.layer) == (("选项", "空", "数据"), "数据")
    assert inspect(path, layer="选项").columns == ("用途",)
    with pytest.raises(ParkLineError, match="没有名为"):
        inspect(path, layer="无")


def test_cells_keep_their_dates_and_stored_results_of_formulas(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["编号", "日期", "和"], ["a", dt.date(2024, 3, 5), "=1+1"]])
    rewrite_sheet(path, rb"<f>1\+1</f><v ?(/>|></v>)", b"<f>1+1</f><v>2</v>")
    frame = read(path).frame
    assert frame["日期"].tolist() == [dt.date(2024, 3, 5)]
    assert frame["和"].tolist() == [2.0]


def test_a_mark_in_the_last_corner_of_a_sheet_does_not_end_the_program(tmp_path: Path) -> None:
    """The reader would ask for 17 thousand million cells and abort; the process must live and say what is wrong."""
    path = workbook(tmp_path / "a.xlsx", [["编号"], ["a"]])
    book = openpyxl.load_workbook(path)
    assert book.active is not None
    book.active["XFD1048576"] = "x"
    book.save(path)
    code = (
        "import sys; from pathlib import Path; from gis.formats import read; from gis.errors import ParkLineError\n"
        "try: read(Path(sys.argv[1]))\n"
        "except ParkLineError as error: print('told', '1048576' in error.message)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "told True"


def test_merges_that_cover_the_whole_sheet_again_and_again_are_not_followed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["编号", "面积"], ["a", 1], ["b", 2]], ["A3:A4"])
    rewrite_sheet(path, rb'<mergeCell ref="A3:A4" ?/>', b'<mergeCell ref="B1:XFD1048576"/>' * 20_000)
    frame = read(path).frame
    assert frame["编号"].tolist() == ["a", "b"]


def test_json_records_keep_long_numbers_and_say_what_follows_the_array(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(
        '[{"编号": 610902000000000001, "点": [1, 2]}, {"用途": "工业"}][{"x": 1}]'.encode("gb18030")
    )
    table = read(path)
    assert table.frame["编号"].tolist() == [610902000000000001, None]
    assert table.frame["点"].tolist() == ["[1, 2]", None]
    assert table.info.encoding == "gb18030"
    assert any("未读取" in note for note in table.info.notes)


@pytest.mark.parametrize("content", ["[]", "{}", "[1, 2]", "[" * 200_000, '"text"', ""])
def test_json_that_holds_no_records_is_told_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(ParkLineError):
        read(path)


# --- real files ---------------------------------------------------------------------------------------


def test_real_land_supply_records_are_read_as_they_are(shared_data: Path) -> None:
    """203 records of GB18030 JSON, followed by a second array (data/formats/SOURCES.md)."""
    table = read(shared_data / "formats/landchina_results_2018.json")
    assert (len(table.rows), table.info.encoding, table.problems) == (203, "gb18030", [])
    assert table.frame["idnumber"].iloc[0] == "1306262018B00730"
    assert any("第一个数组之后" in note for note in table.info.notes)


@pytest.mark.parametrize(
    ("file", "rows", "columns"),
    [("landchina_2007-01_industrial.csv", 60, 21), ("landchina_2007-0102_mixed_uses.csv", 135, 24)],
)
def test_real_land_supply_ledgers_are_read_whole(
    shared_data: Path, file: str, rows: int, columns: int
) -> None:
    """Rows and columns as data/SOURCES.md counts them; cells hold line breaks."""
    table = read(shared_data / "land_transfer" / file)
    assert (len(table.rows), len(table.frame.columns), table.problems) == (rows, columns, [])
    assert table.info.encoding == "utf-8-sig"
    assert "面积(公顷)" in table.frame.columns


def test_real_points_with_north_first_are_points(shared_data: Path) -> None:
    """429 points (data/formats/SOURCES.md); which of x and y is north is found with the system."""
    table = read(shared_data / "formats/survey_points_TEST1.txt")
    assert (len(table.rows), table.problems) == (429, [])
    assert table.info.geometry_types == ("Point",)


@pytest.mark.parametrize(
    ("file", "rows"),
    [("formats/landchina_district_tree.csv", 3463), ("zoning_tahoe/permitted_uses.csv", 10_931)],
)
def test_real_tables_of_codes_are_read_whole(shared_data: Path, file: str, rows: int) -> None:
    assert len(read(shared_data / file).rows) == rows
