"""How results look on a terminal and where they go."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest

from app.cli_output import Output, Right, figure, header, table
from gis.text import set_language


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("zh_CN")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def streams(*, as_json: bool = False, terminal: bool = False) -> tuple[Output, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), Terminal() if terminal else io.StringIO()
    return Output(as_json=as_json, out=out, err=err), out, err


def test_columns_line_up_although_chinese_is_twice_as_wide() -> None:
    """A Chinese character takes two columns of a terminal; numbers stand at the right."""
    assert table([("汉滨区", 12), ("GX", 1234)], ["单元", "行数"]) == [
        "单元     行数",
        "汉滨区     12",
        "GX      1,234",
    ]


def test_a_column_of_figures_is_right_aligned_with_its_title() -> None:
    rows = [("a", figure(1.0, "ha")), ("b", figure(None, "ha"))]
    assert table(rows, ["", header("面积", "ha")])[1:] == ["a        1.0000", "b             –"]


def test_a_table_without_rows_is_its_titles() -> None:
    assert table([], ["a", "b"]) == ["a  b"]
    assert table([]) == []


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (30000.0, "m2", "30,000.00"),
        (1.23456, "ha", "1.2346"),
        (29.995, "percent", "30.00"),  # GB/T 8170: the even neighbour of a tie
        (29.985, "percent", "29.98"),
        (12.0, "", "12"),
        (-5.5, "mu", "-5.50"),
        (None, "m2", "–"),
    ],
)
def test_figures_have_the_decimals_of_their_unit(value: float | None, unit: str, shown: str) -> None:
    assert figure(value, unit) == shown
    assert isinstance(figure(value, unit), Right)


def test_titles_name_their_unit_in_the_language_in_use() -> None:
    assert header("面积", "ha") == "面积（公顷）"
    set_language("en")
    assert header("Area", "ha") == "Area (ha)"
    assert header("Pieces", "") == "Pieces"


def test_what_a_terminal_would_obey_does_not_reach_it() -> None:
    """A cell of a county's file may hold an escape sequence that changes the title or the colours."""
    output, out, err = streams()
    output.say("a\x1b]0;owned\x07b")
    output.note("c\x1b[31md")
    assert "\x1b" not in out.getvalue() + err.getvalue()
    assert "\x07" not in out.getvalue()
    assert table([("x\x1b[2Jy\nz",)])[0].count("\n") == 0
    assert "\x1b" not in table([("x\x1b[2Jy",)])[0]


def test_json_is_one_object_and_nothing_else_on_stdout() -> None:
    output, out, _err = streams(as_json=True)
    output.say("for people")
    output.result({"a": "汉滨区", "b": None})
    output.result({"second": 1})
    assert json.loads(out.getvalue()) == {"a": "汉滨区", "b": None}
    assert "汉滨区" in out.getvalue()


def test_people_get_no_json() -> None:
    output, out, _err = streams()
    output.result({"a": 1})
    assert out.getvalue() == ""


def test_progress_is_silent_in_a_pipe_until_it_lasts() -> None:
    output, out, err = streams()
    for step in range(50):
        output.progress(step / 50, "working")
    assert out.getvalue() == ""
    assert err.getvalue() == ""


def test_progress_on_a_terminal_is_one_line_that_goes_when_the_result_comes() -> None:
    output, out, err = streams(terminal=True)
    output.progress(1.0, "检查完成")
    output.say("result")
    assert "100% 检查完成" in err.getvalue()
    assert err.getvalue().endswith("\r" + " " * 13 + "\r")
    assert "\n" not in err.getvalue()
    assert out.getvalue() == "result\n"
