"""Figures of the checks as the window writes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.panels.evidence import floor_area
from gis.text import set_language


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    set_language("zh_CN")


def test_a_floor_area_is_told_in_ten_thousands_in_chinese_and_in_square_metres_in_english() -> None:
    """42 300 m² = 4.23 万㎡; the threshold of 30 000 m² is "3 万㎡" in the policy's own words."""
    assert (floor_area(42_300.0), floor_area(30_000.0, "g")) == ("4.23 万㎡", "3 万㎡")
    set_language("en")
    assert (floor_area(42_300.0), floor_area(30_000.0, "g")) == ("42,300 m²", "30,000 m²")
