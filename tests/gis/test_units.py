"""Units: exact factors, headers of ledgers, rounding for display. Figures by hand."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.text import set_language
from gis.units import UNIT_FACTORS, UNIT_TITLES, convert, round_figure, unit_in_header, unit_title


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    set_language("zh_CN")


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (15.0, "mu", "ha", 1.0),  # 15 亩 are 1 公顷
        (1.0, "km2", "mu", 1500.0),
        (2000.0, "m2", "mu", 3.0),
        (3.0, "wan_m2", "m2", 30_000.0),  # the reserve of the policy
        (0.5, "km", "m", 500.0),
        (1.2, "yi_yuan", "wan_yuan", 12_000.0),
        (30.0, "percent", "one", 0.3),
    ],
)
def test_conversions(value: float, source: str, target: str, expected: float) -> None:
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-15)


def test_a_mu_is_two_thousand_thirds_of_a_square_metre() -> None:
    """Not 666.67, which is 5 ppm too much: 3 000 亩 are 2 000 000 m² exactly."""
    assert convert(3000.0, "mu", "m2") == 2_000_000.0


def test_different_dimensions_do_not_convert() -> None:
    with pytest.raises(ValueError, match="area"):
        convert(1.0, "m2", "m")


@given(
    st.floats(1e-3, 1e9),
    st.sampled_from(sorted(UNIT_FACTORS)),
    st.sampled_from(sorted(UNIT_FACTORS)),
)
def test_there_and_back_is_the_same(value: float, source: str, target: str) -> None:
    if UNIT_FACTORS[source][0] == UNIT_FACTORS[target][0]:
        assert convert(convert(value, source, target), target, source) == pytest.approx(value, rel=1e-14)


def test_every_unit_has_a_title_in_both_languages() -> None:
    assert set(UNIT_TITLES) == set(UNIT_FACTORS)
    assert (unit_title("mu"), unit_title("wan_m2")) == ("亩", "万㎡")
    set_language("en")
    assert unit_title("mu") == "mu"
    assert unit_title("stück") == "stück"
    assert all(english.isascii() or set(english) & set("²⁴⁸") for _, english in UNIT_TITLES.values())


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("建筑面积（万平方米）", "wan_m2"),
        ("面积(㎡)", "m2"),  # NFKC: ㎡ is m2
        ("面积（M²）", "m2"),
        ("面积/亩", "mu"),
        ("面积[公顷]", "ha"),
        ("出让面积(单位：亩)", "mu"),
        ("面积 单位:hm2", "ha"),
        ("成交价（万元）", "wan_yuan"),
        ("总投资（亿元）", "yi_yuan"),
        ("容积率（%）", "percent"),
        ("用地面积(证载)(平方米)", "m2"),  # the last bracket counts
        ("供地面积公顷", "ha"),
        ("面积", None),
        ("地块编号", None),
        ("亩", None),  # a header that is nothing but a unit names no field of that unit
        ("program", None),  # ends in m, which is too short to be told from a word
        ("", None),
    ],
)
def test_the_unit_in_a_header(header: str, unit: str | None) -> None:
    assert unit_in_header(header) == unit


@pytest.mark.parametrize(
    ("value", "digits", "even", "up"),
    [
        (2.675, 2, "2.68", "2.68"),  # as a binary number it lies below; the figure people see is a tie
        (2.665, 2, "2.66", "2.67"),  # 四舍六入五成双: to the even digit
        (0.5, 0, "0", "1"),
        (1.5, 0, "2", "2"),
        (-2.665, 2, "-2.66", "-2.67"),
        (123456.78949, 3, "123456.789", "123456.789"),
        (1e-7, 2, "0.00", "0.00"),
    ],
)
def test_rounding_for_papers(value: float, digits: int, even: str, up: str) -> None:
    assert round_figure(value, digits) == Decimal(even)
    assert str(round_figure(value, digits)) == even
    assert str(round_figure(value, digits, half_even=False)) == up
