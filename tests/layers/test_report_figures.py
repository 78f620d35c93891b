"""The check report holds the results' own figures, unrounded, under Chinese titles, and runs no formula."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from gis.errors import ParkLineError
from gis.text import set_language
from layers.checks.result import CheckResult, Clause, Finding, UnitResult, Verdict
from layers.project import Project
from layers.report import write_report
from tests.layers.checks.world import EPSG, rectangle
from tests.layers.report_book import Page, read_report

DAY = dt.date(2024, 6, 30)
RESERVE = "标准化厂房动态储备"
HOSTILE = '=HYPERLINK("http://x","点我")'


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """汉滨区 with 31 234.5 m² vacant of 40 000, 石泉县 with 12 000 m²: one meets 30 000 m², one falls 18 000 short."""
    with Project.create(tmp_path / "项目.gpkg", epsg=EPSG, name="安康市工业用地") as made:
        with made.transaction("rows") as transaction:
            transaction.insert(
                "unit",
                gpd.GeoDataFrame(
                    {"code": ["610902", "610922"], "name": ["汉滨区", "石泉县"]},
                    geometry=[
                        rectangle(-5000, -5000, 10_000, 10_000),
                        rectangle(5000, -5000, 10_000, 10_000),
                    ],
                    crs=EPSG,
                ),
            )
            transaction.insert(
                "factory",
                gpd.GeoDataFrame(
                    {
                        "building_id": ["F1", "F2"], "name": [HOSTILE, "二号"], "state": "completed",
                        "gross_floor_area": [40_000.0, 12_000.0], "accepted_on": pd.Timestamp("2020-01-01"),
                    },
                    geometry=[rectangle(0, 0, 50, 50), rectangle(6000, 0, 50, 50)], crs=EPSG,
                ),
            )  # fmt: skip
            lease = {
                "building_id": ["F1"], "kind": ["lease"], "area": [8_765.5],
                "from_date": [pd.Timestamp("2024-01-01")],
            }  # fmt: skip
            transaction.insert("lease", pd.DataFrame(lease))
        yield made


def report(project: Project, tmp_path: Path, results: list[CheckResult] | None = None) -> dict[str, Page]:
    path = tmp_path / "报告.xlsx"
    write_report(project.check(as_of=DAY) if results is None else results, path, project)
    return read_report(path)


def test_the_overview_names_project_policy_and_the_outcome_of_each_check(
    project: Project, tmp_path: Path
) -> None:
    page = report(project, tmp_path)["总览"]
    assert page.rows[0][0] == "工业用地检查报告"
    assert page.line("项目") == "安康市工业用地"
    assert page.line("政策文件 SHA-256") == project.policy.sha256
    rows = {row["检查"]: row for row in page.table("检查")}
    assert list(rows) == [result.title for result in project.check(as_of=DAY)]
    assert rows[RESERVE]["结论"] == "未达标"
    assert (rows[RESERVE]["达标单元"], rows[RESERVE]["未达标单元"]) == (1, 1)
    assert rows[RESERVE]["条款"] == "第八条"
    assert "30000" in str(rows[RESERVE]["要求"]) or "3万" in str(rows[RESERVE]["要求"])


def test_the_units_figures_are_those_worked_out_by_hand(project: Project, tmp_path: Path) -> None:
    """40 000 - 8 765.5 = 31 234.5 and 1 234.5 above the 30 000; 12 000 is 18 000 below."""
    rows = {row["单元"]: row for row in report(project, tmp_path)[RESERVE].table("单元代码")}
    assert rows["汉滨区"]["结论"] == "达标"
    assert rows["汉滨区"]["可用储备（㎡）"] == 31_234.5
    assert rows["汉滨区"]["余缺（正为余）（㎡）"] == 1_234.5
    assert rows["石泉县"]["结论"] == "未达标"
    assert rows["石泉县"]["可用储备（㎡）"] == 12_000
    assert rows["石泉县"]["余缺（正为余）（㎡）"] == -18_000


def test_every_figure_of_every_check_stands_in_the_report_unrounded(project: Project, tmp_path: Path) -> None:
    results = project.check(as_of=DAY)
    pages = report(project, tmp_path, results)
    for result in results:
        rows = {row["单元代码"]: row for row in pages[result.title].table("单元代码")}
        for unit in result.units:
            shown = [
                value
                for key, value in rows[unit.code].items()
                if key not in ("单元代码", "单元", "结论", "解释")
            ]
            assert shown == [unit.figures.get(key) for key in result.figure_units]
            assert rows[unit.code]["解释"] == (unit.explanation or None)


def test_titles_name_each_unit_once(project: Project, tmp_path: Path) -> None:
    for page in report(project, tmp_path).values():
        for row in page.rows:
            assert not [
                text for text in row if isinstance(text, str) and "）（亩）" in text and "（亩）（" in text
            ]


def test_the_threshold_is_said_as_the_policy_says_it(project: Project, tmp_path: Path) -> None:
    pages = report(project, tmp_path)
    assert pages[RESERVE].line("阈值") == "≥ 30,000 ㎡"
    assert pages["年度工业用地出让比例"].line("阈值") == "≥ 30 %"


def test_the_evidence_lists_the_rows_behind_the_figures(project: Project, tmp_path: Path) -> None:
    rows = report(project, tmp_path)[RESERVE].table("单元代码", row_of="依据（逐行）")
    counted = {row["对象"]: row["计入数量"] for row in rows}
    assert sum(float(str(value)) for value in counted.values()) == pytest.approx(31_234.5 + 12_000)
    stored = {*project.read("factory")["uuid"], *project.read("lease")["uuid"]}
    assert {row["行标识"] for row in rows} <= stored


def test_no_cell_is_a_formula_whatever_the_project_holds(project: Project, tmp_path: Path) -> None:
    pages = report(project, tmp_path)
    assert any(HOSTILE in str(value) for row in pages[RESERVE].rows for value in row)
    with zipfile.ZipFile(tmp_path / "报告.xlsx") as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(pages)
        assert all(b"<f>" not in archive.read(name) for name in sheets)


def test_shown_decimals_are_those_of_papers_and_counts_have_none(project: Project, tmp_path: Path) -> None:
    report(project, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "报告.xlsx")
    overview = book["总览"]
    counts = [cell for row in overview.iter_rows() for cell in row if isinstance(cell.value, int)]
    assert counts
    assert {cell.number_format for cell in counts} == {"#,##0"}
    areas = [cell for row in book[RESERVE].iter_rows() for cell in row if cell.value == 31_234.5]
    assert {cell.number_format for cell in areas} == {"#,##0.00"}


def test_demo_data_are_marked_on_every_sheet(tmp_path: Path) -> None:
    with Project.create(tmp_path / "a.gpkg", epsg=EPSG, name="x", demo=True) as made:
        pages = report(made, tmp_path)
    assert all("示例数据" in str(page.rows[1][0]) for page in pages.values())


def test_other_projects_are_not_marked(project: Project, tmp_path: Path) -> None:
    assert not [
        value for page in report(project, tmp_path).values() for row in page.rows for value in row
        if "示例数据" in str(value)
    ]  # fmt: skip


def made_up(
    title: str, figures: dict[str, float | None], verdict: Verdict = Verdict.NOT_JUDGED
) -> CheckResult:
    return CheckResult(
        id="x", title=title, clause=Clause("p", "第一条", "原文", ">=", 0.3, "one"), as_of=DAY, period="2024",
        units=(UnitResult("1", "甲", verdict, figures, HOSTILE),),
        city=UnitResult("", "全市", verdict, figures, ""), evidence=gpd.GeoDataFrame({"geometry": []}),
        figure_units={key: (key, "") for key in figures}, findings=(Finding("error", HOSTILE, "parcel", "u"),),
    )  # fmt: skip


def test_missing_and_infinite_figures_leave_their_cells_empty(project: Project, tmp_path: Path) -> None:
    figures = {"a": None, "b": float("nan"), "c": float("inf"), "d": 1.5}
    [row, city] = report(project, tmp_path, [made_up("检查", figures)])["检查"].table("单元代码")[:2]
    assert [row[key] for key in "abcd"] == [None, None, None, 1.5]
    assert city["单元"] == "全市"


def test_checks_of_one_title_get_sheets_of_their_own(project: Project, tmp_path: Path) -> None:
    pages = report(project, tmp_path, [made_up("甲/乙", {"a": 1.0}), made_up("甲/乙", {"a": 2.0})])
    assert list(pages) == ["总览", "甲·乙", "甲·乙 2"]
    assert pages["甲·乙 2"].table("单元代码")[0]["a"] == 2


def test_findings_say_what_is_wrong_and_with_which_row(project: Project, tmp_path: Path) -> None:
    [finding] = report(project, tmp_path, [made_up("检查", {"a": 1.0})])["检查"].table("级别")
    assert finding == {"级别": "错误", "数据问题与说明": HOSTILE, "图层": "地块", "行标识": "u"}


def test_the_report_reads_english_in_the_english_window(project: Project, tmp_path: Path) -> None:
    set_language("en")
    try:
        pages = report(project, tmp_path)
    finally:
        set_language("zh_CN")
    assert "总览" not in pages
    headers = [row for page in pages.values() for row in page.rows if row[0] in ("Unit code", "Check")]
    assert len(headers) >= 4
    units = ("m²", "10⁴", "10⁸")
    assert all(
        str(text).isascii() or any(unit in str(text) for unit in units)
        for row in headers
        for text in row
        if text
    )


def test_a_file_that_cannot_be_written_is_said_and_nothing_is_left(project: Project, tmp_path: Path) -> None:
    target = tmp_path / "taken.xlsx"
    target.mkdir()
    with pytest.raises(ParkLineError, match="报告") as caught:
        write_report([], target, project)
    assert caught.value.file == target
    assert not [item.name for item in tmp_path.iterdir() if item.name.endswith(".part")]


def test_an_older_report_is_replaced_whole(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "报告.xlsx"
    path.write_bytes(b"older")
    write_report(project.check(as_of=DAY), path, project)
    assert read_report(path)["总览"].rows[0][0] == "工业用地检查报告"
    assert not path.with_name("报告.xlsx.part").exists()


def test_the_reserve_stands_month_by_month_with_the_forecast_apart(project: Project, tmp_path: Path) -> None:
    """30 June 2024 ends the 24 months past; what is vacant then is the judged figure."""
    rows = report(project, tmp_path)[RESERVE].table("日期", row_of="可用储备（㎡）：随时间变化")
    assert [row["性质"] for row in rows] == ["实际"] * 24 + ["预测"] * 12
    [today] = [row for row in rows if str(row["日期"]).startswith("2024-06-30")]
    assert today["汉滨区"] == 31_234.5
    assert today["石泉县"] == 12_000
    assert today["全市"] == 31_234.5 + 12_000
