"""The table of units by targets: figures in words people use, on screen and on paper."""

from __future__ import annotations

import datetime as dt
import subprocess
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest

from gis.text import set_language
from layers.checks.result import CheckResult, Clause, UnitResult, Verdict
from layers.indicator_matrix import Matrix, demand_text, matrix
from layers.policy import load_policy
from layers.sheets.indicator_page import compose_indicators

DAY = dt.date(2024, 6, 30)


def result(
    check: str, clause: Clause, unit: str, figures: list[float | None], *, city: float | None = None
) -> CheckResult:
    verdicts = [
        Verdict.NOT_JUDGED if value is None else Verdict.MET if value >= clause.threshold else Verdict.SHORT
        for value in figures
    ]
    units = tuple(
        UnitResult(f"61{number:02}", f"示例县{number}", verdict, {clause.figure: value}, "说明")
        for number, (verdict, value) in enumerate(zip(verdicts, figures, strict=True), 1)
    )
    whole = None if city is None else UnitResult("", "全市", Verdict.MET, {clause.figure: city}, "全市说明")
    return CheckResult(
        check, check, clause, DAY, "", units, whole, gpd.GeoDataFrame(), {clause.figure: ("数", unit)}
    )


FLOOR = Clause("政策", "第八条", "3万平方米以上", ">=", 30_000.0, "m2", "vacant")
SHARE = Clause("政策", "第七条", "不低于30%", ">=", 0.30, "one", "share")


@pytest.fixture
def table() -> Matrix:
    return matrix(
        [
            result("储备", FLOOR, "m2", [42_300.0, 9_999.5, None]),
            result("占比", SHARE, "percent", [31.256, 29.99, 50.0], city=40.87),
        ]
    )


def test_figures_and_demands_are_in_words(table: Matrix) -> None:
    """42,300 m² = 4.23 万㎡; below a 万㎡ as square metres; a share of 0.30 as 30 %."""
    assert [column.demand for column in table.columns] == ["≥ 3 万㎡", "≥ 30 %"]
    assert table.rows == (("", "全市"), ("6101", "示例县1"), ("6102", "示例县2"), ("6103", "示例县3"))
    assert [table.cells[code, 0].figure for code in ("6101", "6102", "6103")] == [
        "4.23 万㎡",
        "9,999.50 ㎡",
        "",
    ]
    assert [table.cells[code, 1].figure for code in ("", "6101")] == ["40.87 %", "31.26 %"]
    # Of three units one is not judged; of the other two one meets the target: the whole falls short.
    assert (table.cells["", 0].figure, table.cells["", 0].verdict) == ("1/2 达标", Verdict.SHORT)
    assert table.count(0, Verdict.SHORT) == 1
    assert demand_text(load_policy().target("approval_days")) == "≤ 70 个工作日"


def test_the_page_holds_every_cell_and_clause_as_searchable_text(table: Matrix, tmp_path: Path) -> None:
    """Read back by pdftotext (poppler), an independent reader."""
    composed = compose_indicators(table, load_policy(), project="示例市", day=DAY, demo=True)
    path = composed.write_pdf(tmp_path / "总表.pdf")
    text = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout
    for part in (
        "4.23 万㎡",
        "× 9,999.5",
        "40.87 %",
        "? 无法判定",
        "第八条",
        "示例数据",
        "2024-06-30",
        load_policy().sha256[:12],
    ):
        assert part in text, part
    assert all(page.missing == "" for page in composed.pages)


def test_more_than_fits_goes_on_further_sheets(table: Matrix) -> None:
    """20 targets at nine a sheet make 3, 50 units at 22 a sheet make 3: nine sheets."""
    many = replace(table, columns=table.columns * 10, rows=tuple((str(n), f"县{n}") for n in range(50)))
    assert len(compose_indicators(many, load_policy(), project="p", day=DAY, demo=False).pages) == 9


def test_english_measures_have_no_letters_that_the_page_lacks() -> None:
    set_language("en")
    try:
        clause = Clause("policy", "1", "", ">=", 450.0, "yi_yuan", "investment")
        english = matrix([result("investment", clause, "yi_yuan", [407.05, 68.26])])
        composed = compose_indicators(english, load_policy(), project="p", day=DAY, demo=True)
    finally:
        set_language("zh_CN")
    assert "10⁸ yuan" in english.columns[0].demand
    assert all(page.missing == "" for page in composed.pages)
