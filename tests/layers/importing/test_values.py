"""Cells as counties type them, read as values of a field or refused with a sentence."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.importing.values import cell_texts, parse
from layers.registry import TABLES, layer
from layers.spec import Field, FieldType

AREA = layer("parcel").field("area_certified")  # stored in m²
PRICE = layer("transfer").field("price")  # stored in 万元
SHARE = layer("land_use").field("industrial_share")  # stored as a part of 1
NUMBER = layer("parcel").field("parcel_no")
DAY = layer("parcel").field("contract_on")
STAGE = layer("parcel").field("stage")
WHOLE = Field(name="n", type=FieldType.INTEGER, zh="层数", en="Floors")
PLAIN = Field(name="far", type=FieldType.REAL, zh="容积率", en="FAR")
ANSWER = Field(name="a", type=FieldType.BOOLEAN, zh="计划", en="Planned")


def one(field: Field, cell: Any, unit: str | None = None) -> Any:
    """The value of a single cell; the reason, as a string in a list, where it is refused."""
    values, reasons = parse(field, pd.Series([cell], dtype=object), unit)
    if reasons[0]:
        assert pd.isna(values[0])
        return [reasons[0]]
    value = values[0]
    return None if pd.isna(value) else value


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" 示例－１ ", "示例-1"),
        ("（甲）Ａ　Ｂ", "(甲)A B"),
        ("甲\r\n乙", "甲 乙"),
        ("\u2003甲\u00a0\u2028", "甲"),
        ("'=甲", "=甲"),
        ("'甲", "'甲"),
        (12.0, "12"),
        (12, "12"),
        (0.5, "0.5"),
        ("甲\x00\x07", "甲"),
        ("\ud800甲", "?甲"),
        *(
            (word, "")
            for word in ("Nah", "NULL", "/", "—", "——", "无", "未填", "N/A", "", "  ", None, np.nan, pd.NA)
        ),
    ],
)
def test_a_cell_is_plain_text_whatever_dress_it_comes_in(cell: Any, text: str) -> None:
    assert cell_texts(pd.Series([cell], dtype=object)).tolist() == [text]
    if isinstance(cell, str) and "\ud800" not in cell:
        assert cell_texts(pd.Series([cell, None], dtype="str")).tolist() == [text, ""]


def test_texts_of_every_kind_of_column_are_the_same() -> None:
    assert cell_texts(pd.Series([1, 2, None], dtype="Int64")).tolist() == ["1", "2", ""]
    assert cell_texts(pd.Series([1.0, np.nan, 2.5])).tolist() == ["1", "", "2.5"]
    assert cell_texts(pd.Series([], dtype="str")).tolist() == []
    assert cell_texts(pd.Series([], dtype=object)).tolist() == []
    assert cell_texts(pd.Series([dt.date(2024, 3, 5)], dtype=object)).tolist() == ["2024-03-05"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.5", 1234.5), ("1,234.5", 1234.5), ("１，２３４．５", 1234.5), ("1,234,567", 1_234_567.0), (" 12 ", 12.0),
        ("1.2e3", 1200.0), (".5", 0.5), ("5.", 5.0), ("+3", 3.0), (7, 7.0), (7.25, 7.25), (np.float64(2), 2.0), (None, None), ("Nah", None),
    ],
)  # fmt: skip
def test_numbers_are_read_in_full_width_and_with_thousands(cell: Any, value: float | None) -> None:
    assert one(PLAIN, cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "约12",
        "1,23",
        "1,2,3",
        "12.3.4",
        "inf",
        "-inf",
        "0x10",
        "1_000",
        "--5",
        "十二",
        "12-13",
        "3套",
        "e5",
        float("inf"),
    ],
)
def test_what_is_no_number_is_refused_with_the_cell(cell: Any) -> None:
    assert one(PLAIN, cell) == [f"“{cell}”不是数字（容积率）"]


@pytest.mark.parametrize(
    ("cell", "unit", "square_metres"),
    [
        # 1 mu = 2000/3 m², 1 ha = 10,000 m² (domain reference §5)
        (3.0, "mu", 2000.0),
        ("3", "mu", 2000.0),
        ("1.5", "ha", 15_000.0),
        ("1.5", "m2", 1.5),
        ("3亩", "ha", 2000.0),  # what stands behind the figure wins over the header
        ("1.5 公顷", "m2", 15_000.0),
        ("120㎡", "ha", 120.0),
        ("120m2", None, 120.0),
        ("1,200.5平方米", "mu", 1200.5),
        ("2万平方米", "mu", 20_000.0),
    ],
)
def test_areas_come_in_square_metres_from_whatever_unit_stands_there(
    cell: Any, unit: str | None, square_metres: float
) -> None:
    assert one(AREA, cell, unit) == pytest.approx(square_metres, rel=1e-12)


def test_money_and_shares_are_converted_too() -> None:
    assert one(PRICE, "1.5亿元", "wan_yuan") == pytest.approx(15_000.0)
    assert one(PRICE, "25000元", "wan_yuan") == pytest.approx(2.5)
    assert one(SHARE, "35%", "one") == pytest.approx(0.35)
    assert one(SHARE, "0.35", "one") == 0.35
    assert one(PLAIN, "40%") == 40.0


@pytest.mark.parametrize("cell", ["120万元", "120米"])
def test_a_figure_in_a_unit_of_another_kind_is_refused(cell: str) -> None:
    assert one(AREA, cell, "ha") == [f"“{cell}”的单位不适用于证载面积"]


def test_limits_are_those_of_the_declaration() -> None:
    assert one(AREA, "-1", "m2") == ["证载面积 为 -1，小于下限 0"]
    assert one(SHARE, "1.2", "one") == ["工业占比 为 1.2，大于上限 1"]
    assert one(SHARE, "1", "one") == 1.0


def test_a_numeric_column_is_read_as_a_whole() -> None:
    values, reasons = parse(AREA, pd.Series([3.0, np.nan, -1.0, np.inf]), "mu")
    assert values.tolist()[:1] == [2000.0]
    assert values.isna().tolist() == [False, True, True, True]
    assert reasons.tolist() == ["", "", "证载面积 为 -1，小于下限 0", "“inf”不是数字（证载面积）"]
    values, reasons = parse(AREA, pd.Series([3, None], dtype="Int64"), "mu")
    assert (values[0], reasons.tolist()) == (2000.0, ["", ""])


def test_whole_numbers_are_whole() -> None:
    assert one(WHOLE, "3层") == 3
    assert one(WHOLE, "1,000") == 1000
    assert one(WHOLE, 3.0) == 3
    assert one(WHOLE, "3.5") == ["“3.5”不是整数（层数）"]
    assert one(WHOLE, "1e20") == ["“1e20”不是整数（层数）"]


SPELLINGS = ["2024-03-05", "2024.3.5", "2024/3/5", "2024年3月5日", "20240305", 45356, "2024年3月"]


@pytest.mark.parametrize("cell", [*SPELLINGS, "２０２４年０３月０５日", "2024-03-05 10:20:30", "2024-03-05T00:00:00Z",
                                  dt.date(2024, 3, 5), dt.datetime.fromisoformat("2024-03-05T08:00"), "45356", 45356.0, "45356.75", 20240305,
                                  pd.Timestamp("2024-03-05")])  # fmt: skip
def test_days_are_read_in_all_seven_spellings(cell: Any) -> None:
    """45356 is 2024-03-05 in Excel (45292 is the first of January); a month without day is its first."""
    expected = "2024-03-01" if cell == "2024年3月" else "2024-03-05"
    assert one(DAY, cell) == pd.Timestamp(expected)


def test_a_column_of_spellings_is_read_together() -> None:
    values, reasons = parse(DAY, pd.Series([*SPELLINGS, None], dtype=object))
    assert set(reasons.tolist()) == {""}
    assert values.dt.day.tolist()[:-1] == [5, 5, 5, 5, 5, 5, 1]
    assert pd.isna(values.iloc[-1])


@pytest.mark.parametrize("cell", ["1901年01月02日", "1900-01-01", "Nah", "1899-12-30"])
def test_days_that_stand_for_none_are_none(cell: str) -> None:
    assert one(DAY, cell) is None


@pytest.mark.parametrize("cell", ["2024-02-30", "2024-13-01", "24.3.5", "明年", "2024", "202403", "3月5日", "1800-01-01", "9999-01-01", 99999, "12345"])  # fmt: skip
def test_what_is_no_day_is_refused(cell: Any) -> None:
    assert one(DAY, cell) == [f"“{cell}”不是日期（合同签订日期）"]


@given(st.dates(dt.date(1950, 1, 1), dt.date(2118, 12, 31)), st.integers(0, 5))
def test_any_day_is_read_however_it_is_spelt(day: dt.date, spelling: int) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    cells = [day.isoformat(), f"{day.year}.{day.month}.{day.day}", f"{day.year}/{day.month}/{day.day}",
             f"{day.year}年{day.month}月{day.day}日", day.strftime("%Y%m%d"), serial]  # fmt: skip
    if spelling == 5 and not 20_000 <= serial <= 80_000:
        return
    assert one(DAY, cells[spelling]) == pd.Timestamp(day)


@pytest.mark.parametrize("cell", ["4.3E+15", "6.10902E+17", "4e+15", 4.3e15, 6109020000000001.0])
@pytest.mark.parametrize("field", ["parcel_no", "contract_no", "certificate_no", "parcel_code"])
def test_a_number_that_excel_has_cut_short_is_refused(cell: Any, field: str) -> None:
    (reason,) = one(layer("parcel").field(field), cell)
    assert "编号已失真" in reason


@pytest.mark.parametrize(
    "cell", ["610902000000000001", 610902000000000001, "3E-2", "E+15", "DK4.3E+15", "610902002005GB00013"]
)
def test_a_long_number_that_is_whole_is_kept(cell: Any) -> None:
    assert one(NUMBER, cell) == str(cell)


def test_codes_are_found_by_value_title_and_synonym() -> None:
    values, reasons = parse(STAGE, pd.Series(["定标", " 定 标 ", "？", None, ""], dtype=object))
    assert values[0] == values[1] is not None
    assert values[2:].isna().all()
    assert reasons.tolist() == ["", "", "“?”不是 标准地阶段 的已知代码", "", ""]


def test_yes_and_no_are_read_and_maybe_is_refused() -> None:
    values, reasons = parse(ANSWER, pd.Series(["是", "否", "√", "×", "无", "", 1, 0, "也许"], dtype=object))
    assert values.tolist()[:5] == [True, False, True, False, False]
    assert values.tolist()[6:8] == [True, False]
    assert values.isna().tolist() == [False] * 5 + [True, False, False, True]
    assert reasons.tolist()[-1] == "“也许”不是“是/否”（计划）"


@given(
    st.sampled_from([field for spec in TABLES for field in spec.fields if not field.computed]),
    st.lists(st.one_of(st.none(), st.text(max_size=12), st.floats(), st.integers(-(10**20), 10**20), st.booleans(), st.dates()), max_size=6),
)  # fmt: skip
def test_any_cell_gives_a_value_or_a_reason_and_never_an_error(field: Field, cells: list[Any]) -> None:
    values, reasons = parse(field, pd.Series(cells, dtype=object), field.unit)
    assert len(values) == len(reasons) == len(cells)
    assert all(pd.isna(value) for value, reason in zip(values, reasons, strict=True) if reason)


def test_a_million_cells_are_worked_out_by_their_different_values() -> None:
    """As many cells as a city has parcels, some hundred different ones: refusals name the right rows."""
    cells = pd.Series(np.tile(["12.5亩", "3公顷", "说不清", None], 50_000), dtype="str")
    values, reasons = parse(AREA, cells, "m2")
    assert values[:2].tolist() == pytest.approx([12.5 * 2000 / 3, 30_000.0])
    assert np.flatnonzero(reasons != "").tolist() == list(range(2, 200_000, 4))
