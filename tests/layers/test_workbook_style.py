"""Cells of the program's workbooks: text from outside stays text, figures stay unrounded and are shown well."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from gis.units import UNIT_TITLES
from layers.workbook_style import fit_columns, header_row, number_format, put, sheet_title


def sheet() -> Worksheet:
    made = openpyxl.Workbook().active
    assert isinstance(made, Worksheet)
    return made


def written(path: Path, values: list[object]) -> tuple[list[object], str]:
    """Values in column A as another program reads them, and the sheet's XML."""
    page = sheet()
    for row, value in enumerate(values, start=1):
        put(page.cell(row=row, column=1), value)
    assert page.parent is not None
    page.parent.save(path)
    read = openpyxl.load_workbook(path).active
    assert isinstance(read, Worksheet)
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    return [read.cell(row=row, column=1).value for row in range(1, len(values) + 1)], xml


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")',
        "{=1}", "#REF!", "TRUE", "00123", "1e5",
    ],
)  # fmt: skip
def test_text_never_becomes_a_formula_a_number_or_an_error(tmp_path: Path, text: str) -> None:
    [value], xml = written(tmp_path / "a.xlsx", [text])
    assert str(value).strip() == text.strip()
    assert "<f>" not in xml
    assert 't="s"' in xml or 't="inlineStr"' in xml
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").active["A1"]  # type: ignore[index]
    assert cell.data_type == "s"
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        assert cell.quotePrefix  # Excel keeps it a text even when somebody edits the cell


def test_characters_that_xml_cannot_hold_are_left_out_and_long_texts_cut(tmp_path: Path) -> None:
    """Excel ends at 32 767 characters a cell."""
    values, _xml = written(tmp_path / "a.xlsx", ["a\x00b\x0bc", "字" * 40_000])
    assert values[0] == "abc"
    assert values[1] == "字" * 32_000


def test_figures_days_and_nothing_keep_their_kind(tmp_path: Path) -> None:
    values, _xml = written(
        tmp_path / "a.xlsx",
        [
            0.1 + 0.2,
            7,
            np.int64(8),
            np.float64(2.5),
            dt.date(2024, 6, 30),
            pd.Timestamp("2024-07-01"),
            None,
            "",
            True,
        ],
    )
    assert values[:4] == [pytest.approx(0.1 + 0.2, rel=1e-15), 7, 8, 2.5]
    assert [item.date() for item in values[4:6]] == [dt.date(2024, 6, 30), dt.date(2024, 7, 1)]  # type: ignore[attr-defined]
    assert values[6:8] == [None, None]


def test_a_figure_that_is_none_leaves_the_cell_empty(tmp_path: Path) -> None:
    """Excel knows neither NaN nor infinity."""
    values, xml = written(tmp_path / "a.xlsx", [float("nan"), float("inf"), float("-inf"), np.nan])
    assert values == [None] * 4
    assert "nan" not in xml.lower().replace("tenant", "")
    assert "<v>inf" not in xml


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1234.5678, "m2", "#,##0.00"),
        (0.12345, "ha", "#,##0.0000"),
        (12.3, "mu", "#,##0.00"),
        (0.3, "one", "0.00%"),
        (30.0, "percent", "0.00"),
        (3.0, "wan_m2", "#,##0.00"),
        (6, None, "#,##0"),  # "#,##0.##" would be shown as "6."
        (6.0, "", "#,##0"),
        (6.25, None, "#,##0.00"),
        (6, "buildings", "#,##0"),
    ],
)
def test_formats_are_those_of_the_papers(value: float, unit: str | None, shown: str) -> None:
    assert number_format(unit, value) == shown
    page = sheet()
    put(page["A1"], value, unit)
    assert (page["A1"].value, page["A1"].number_format) == (value, shown)


def test_every_unit_has_a_format_that_does_not_depend_on_the_value() -> None:
    for unit in set(UNIT_TITLES):
        assert number_format(unit, 6.0) == number_format(unit, 6.25)


def test_only_the_first_cell_of_a_merged_range_takes_a_value() -> None:
    page = sheet()
    page.merge_cells("A1:B1")
    put(page["A1"], "x")
    put(page["B1"], "y")
    assert [cell.value for cell in page[1]] == ["x", None]


def test_header_rows_are_bold_and_columns_wide_enough_for_chinese() -> None:
    page = sheet()
    header_row(page, 1, ["单元代码", "n"])
    page["A2"], page["B2"] = "610902", "=一" * 60
    fit_columns(page, 1)
    assert page["A1"].font.bold
    assert page.column_dimensions["A"].width == 10  # four characters count twice, and two for the edges
    assert page.column_dimensions["B"].width == 46


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_sheet_titles_are_what_excel_accepts_and_differ(titles: list[str]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title in titles:
        made = sheet_title(title, book.sheetnames)
        assert 1 <= len(made) <= 31
        assert not set(made) & set("[]:*?/\\")
        book.create_sheet(made)
    assert len({name.casefold() for name in book.sheetnames}) == len(titles)
