"""Styles as plain values and as TOML files: nothing is lost, and nothing strange comes in."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.draw.patterns import HATCHES, PENS
from gis.errors import ParkLineError
from layers.registry import layer
from layers.styling.data import style_data, style_from_data
from layers.styling.style import NONE, LabelStyle, LayerStyle, Renderer, Sign, StyleClass
from layers.styling.style_file import read_style, style_text, write_style

PARCEL = layer("parcel")
FULL = LayerStyle(
    renderer=Renderer.CATEGORIES,
    field="stage",
    classes=(
        StyleClass(
            "定标 “一”\n\\", ("standard_set", "announced"), sign=Sign(fill="#11AA22", hatch="dots", width=2.5)
        ),
        StyleClass(
            "空", ("",), visible=False, nearest=500.0, farthest=20000.0, sign=Sign(fill=NONE, line=NONE)
        ),
        StyleClass("其他值", other=True),
    ),
    ramp="tol_bright",
    sign=Sign(line="#010203", line_style="dash_dot"),
    opacity=0.7,
    nearest=100.0,
    farthest=50000.0,
    label=LabelStyle(
        template="{parcel_no}\n{area_ellipsoid:mu.1} 亩",
        size=14,
        colour="#FF0000",
        halo="#FFFFFF",
        farthest=9000.0,
    ),
)
GRADED = LayerStyle(
    renderer=Renderer.GRADUATED,
    field="area_ellipsoid",
    classes=(StyleClass("少", low=None, high=10.5), StyleClass("多", low=10.5, high=None)),
    method="natural",
    ramp="blues",
)


@pytest.mark.parametrize("style", [LayerStyle(), FULL, GRADED, LayerStyle(label=LabelStyle(shown=False))])
def test_a_style_comes_back_from_its_file_as_it_was(style: LayerStyle, tmp_path: Path) -> None:
    path = tmp_path / "样式 一.toml"
    write_style(path, style, PARCEL)
    assert read_style(path, PARCEL) == style
    assert tomllib.loads(path.read_text("utf-8"))["layer"] == "parcel"
    assert style_from_data(style_data(style), PARCEL) == style


colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")
signs = st.builds(
    Sign,
    fill=st.one_of(st.just(""), st.just(NONE), colours),
    hatch=st.sampled_from([NONE, *HATCHES]),
    hatch_colour=st.one_of(st.just(""), colours),
    line=st.one_of(st.just(""), st.just(NONE), colours),
    line_style=st.sampled_from(["", *PENS]),
    width=st.floats(0, 6),
    size=st.floats(0, 30),
)
texts = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=40)
classes = st.builds(
    StyleClass,
    title=texts,
    values=st.lists(texts, min_size=1, max_size=4).map(tuple),
    sign=signs,
    visible=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(classes, min_size=1, max_size=5).map(tuple), signs, st.floats(0.1, 1))
def test_any_style_survives_as_text(items: tuple[StyleClass, ...], sign: Sign, opacity: float) -> None:
    style = LayerStyle(Renderer.CATEGORIES, "name", items, sign=sign, opacity=opacity)
    assert (
        style_from_data(tomllib.loads(style_text(style, PARCEL)), PARCEL, skip=("parkline_style", "layer"))
        == style
    )


HEAD = 'parkline_style = 1\nlayer = "parcel"\n'
CATEGORIES = HEAD + 'renderer = "categories"\nfield = "stage"\n\n[[classes]]\nvalues = ["a"]\n\n[[classes]]\n'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEAD + "opacity = 7\n", 3, "opacity：7 不在 0.1 至 1 之间"),
        (HEAD + "opacity = nan\n", 3, "opacity：这里应是数字"),
        (HEAD + 'opacity = "half"\n', 3, "opacity：这里应是数字"),
        (HEAD + "farthest = true\n", 3, "farthest：这里应是数字"),
        (HEAD + "strange = 1\n", 3, "strange：不认识的键"),
        (HEAD + 'renderer = "heatmap"\n', 3, "renderer：不认识的值“heatmap”"),
        (HEAD + '\n[sign]\nline = "red"\n', 5, "sign.line：“red”不是颜色"),
        (HEAD + '\n[sign]\nwidth = 1\nline_style = "wavy"\n', 6, "sign.line_style：不认识的值"),
        (HEAD + '\n[label]\ntemplate = "{holder.__class__}"\n', 5, "label.template：图层“地块”没有字段"),
        (HEAD + '\n[label]\ntemplate = "{parcel_no"\n', 5, "label.template：标注模板中的花括号不成对"),
        (HEAD + 'renderer = "categories"\nfield = "area_plane"\n\n[[classes]]\nvalues = ["a"]\n', 4, "field：图层"),
        (HEAD + 'renderer = "graduated"\nfield = "no such field"\n', 4, "field：图层"),
        (HEAD + 'renderer = "categories"\nfield = "stage"\nclasses = []\n', 5, "classes：没有类别"),
        (CATEGORIES + 'title = "b"\n', 9, "classes[2].values：类别没有值"),
        (CATEGORIES + 'values = ["b"]\nsign.fill = "#12345"\n', 11, "classes[2].sign.fill：“#12345”不是颜色"),
        (CATEGORIES + "values = [1]\n", 10, "classes[2].values[1]：这里应是文字"),
        (
            HEAD + 'renderer = "graduated"\nfield = "area_plane"\n[[classes]]\nlow = 2\nhigh = 1\n', 7,
            "classes[1].high：上限小于下限",
        ),
        (HEAD + "opacity = \n", 3, "样式文件不是有效的 TOML"),
        ("a = 1\n", 1, "这不是本程序可读的样式文件"),
        (HEAD + "classes = 5\n", 3, "classes：这里应是一个列表"),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_named_with_line_and_key(
    text: str, line: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "style.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ParkLineError) as caught:
        read_style(path, PARCEL)
    assert caught.value.message.startswith(words), caught.value.message
    assert (caught.value.row, caught.value.file) == (line, path)


def test_too_much_and_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "style.toml"
    path.write_text(HEAD + "# " + "x" * 1_000_001, "utf-8")
    with pytest.raises(ParkLineError, match="过大"):
        read_style(path, PARCEL)
    path.write_bytes(b"a = 1\nb = \xff")
    with pytest.raises(ParkLineError, match="UTF-8") as caught:
        read_style(path, PARCEL)
    assert caught.value.row == 2
    with pytest.raises(ParkLineError, match="无法读取"):
        read_style(tmp_path / "none.toml", PARCEL)
    many = HEAD + 'renderer = "categories"\nfield = "stage"\n' + '[[classes]]\nvalues = ["a"]\n' * 201
    path.write_text(many, "utf-8")
    with pytest.raises(ParkLineError, match="最多 200 项"):
        read_style(path, PARCEL)
    path.write_text("[" * 100_000, "utf-8")
    with pytest.raises(ParkLineError):
        read_style(path, PARCEL)
