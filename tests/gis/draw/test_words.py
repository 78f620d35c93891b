"""Line breaks, widths and characters of the shipped font; widths are held against fontTools' reading of the file."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTCollection
from hypothesis import given
from hypothesis import strategies as st

from gis.draw.words import FONT_FILE, MISSING_MARK, fitted_lines, text_width, unwritable, wrapped, writable

TEXTS = st.text(
    st.characters(codec="utf-8", categories=["Lu", "Ll", "Nd", "Lo", "Po", "Zs", "Cc"], max_codepoint=0x9FA5),
    max_size=60,
)


def test_widths_are_the_advances_of_the_font_file() -> None:
    font = TTCollection(str(FONT_FILE)).fonts[0]
    names, advances = font.getBestCmap(), font["hmtx"].metrics
    text = "J12 宗地图 58468.41 ㎡"
    expected = sum(advances[names[ord(c)]][0] for c in text) / font["head"].unitsPerEm * 2.5
    assert text_width(text, 2.5) == pytest.approx(expected)


@given(TEXTS, st.floats(4.0, 80.0), st.floats(1.5, 4.0))
def test_wrapping_loses_nothing_but_blanks_and_no_line_is_too_wide(
    text: str, room: float, size: float
) -> None:
    lines = wrapped(text, room, size)
    assert "".join(writable("".join(lines)).split()) == "".join(writable(text).split())
    assert all(text_width(line, size) <= room + 1e-9 or len(line) == 1 for line in lines)


@given(TEXTS, st.floats(8.0, 60.0), st.integers(1, 3))
def test_fitted_text_keeps_to_its_room_and_its_lines(text: str, room: float, lines: int) -> None:
    found, size = fitted_lines(text, room, 3.0, lines=lines)
    assert 1 <= len(found) <= lines
    assert all(text_width(line, size) <= room + 1e-9 for line in found)


def test_a_text_that_fits_is_left_alone_and_one_that_never_fits_ends_in_an_ellipsis() -> None:
    assert fitted_lines("示例企业", 50.0, 3.0) == (["示例企业"], 3.0)
    lines, size = fitted_lines("示例企业" * 40, 50.0, 3.0, lines=2)
    assert size == 1.6
    assert lines[-1].endswith("…")


def test_lines_break_between_words_and_never_before_a_closing_mark() -> None:
    assert wrapped("Industrial land, second level", 22.0, 3.0) == ["Industrial land,", "second level"]
    lines = wrapped("标准厂房建设投资（集团）有限公司，分公司", 24.0, 3.0)
    assert len(lines) > 1
    assert not any(line[0] in "，）" or line[-1] == "（" for line in lines)


def test_what_the_font_does_not_have_is_marked_and_named() -> None:
    """䶮 and 𬭎 stand in people's names and are not in the shipped font."""
    assert writable("刘䶮𬭎") == f"刘{MISSING_MARK}{MISSING_MARK}"
    assert unwritable("刘䶮𬭎䶮") == "䶮𬭎"
    assert unwritable("示例企业 J1 ㎡ Ⅱ ①") == ""


def test_line_breaks_and_invisible_marks_in_a_name_do_not_reach_the_paper() -> None:
    assert writable("示例\n企业\u200b\u202e一") == "示例 企业一"
