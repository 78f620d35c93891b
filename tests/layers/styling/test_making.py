"""Classes made from a field, numbers of a million rows, and what becomes of merged and recoloured classes."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from gis.draw.symbols import Symbol, symbol_set
from layers.codes import code_table
from layers.land_use_colours import land_use_colour, land_use_colours
from layers.project import Project
from layers.registry import layer
from layers.styling.making import FieldSummary, categories, graduated, merged, recoloured, summary
from layers.styling.numbers import Values, class_numbers, gathered
from layers.styling.style import LayerStyle, Renderer, Sign, StyleClass
from layers.styling.symbols import class_symbols, in_range, signed, styled_symbol
from tests.layers.checks.world import EPSG, rectangle

PARCEL = layer("parcel")
SYMBOL = symbol_set("light").symbol("parcel")


def style(renderer: Renderer, *classes: StyleClass) -> LayerStyle:
    return LayerStyle(renderer, "stage" if renderer is Renderer.CATEGORIES else "area_plane", classes)


def test_rows_get_the_first_class_that_has_their_value_and_others_the_rest() -> None:
    values = gathered(["a", None, "b", "c", "a", float("nan")], numeric=False)
    some = style(Renderer.CATEGORIES, StyleClass(values=("b", "a")), StyleClass(values=("a", "")))
    assert class_numbers(some, values).tolist() == [0, 1, 0, 2, 0, 1]  # 2: of no class
    rest = style(Renderer.CATEGORIES, StyleClass(values=("c",)), StyleClass(other=True))
    assert class_numbers(rest, values).tolist() == [1, 1, 1, 0, 1, 1]


def test_a_bound_belongs_to_the_lower_class_and_open_ends_take_everything() -> None:
    numbers = Values(numbers=np.array([-5.0, 0.0, 1.0, 1.5, 2.0, 9.0, np.nan]))
    both = style(Renderer.GRADUATED, StyleClass(low=0.0, high=1.0), StyleClass(low=1.0, high=2.0))
    assert class_numbers(both, numbers).tolist() == [2, 0, 0, 1, 1, 2, 2]
    ends = style(Renderer.GRADUATED, StyleClass(high=1.0), StyleClass(low=1.0), StyleClass(other=True))
    assert class_numbers(ends, numbers).tolist() == [0, 0, 0, 1, 1, 1, 2]


def test_a_million_rows_are_numbered_as_ten_are() -> None:
    codes = np.random.default_rng(3).integers(0, 5, 1_000_000).astype(np.int32)
    many = Values(codes, ["a", "b", "c", "d", ""])
    numbers = class_numbers(
        style(Renderer.CATEGORIES, StyleClass(values=("d",)), StyleClass(values=("a",))), many
    )
    assert np.bincount(numbers).tolist() == [
        int((codes == 3).sum()), int((codes == 0).sum()), int(np.isin(codes, (1, 2, 4)).sum())
    ]  # fmt: skip


@pytest.mark.parametrize("ids", [[30, 10, 20], [30_000_000, 10, 20_000]])
def test_values_are_put_beside_rows_in_whatever_order(ids: list[int]) -> None:
    stored = gathered(["x", "y", None], numeric=False)
    wanted = np.array([ids[2], 99, ids[1], ids[0], -5])
    beside = stored.taken(np.array(ids), wanted)
    assert beside.codes is not None
    assert [beside.texts[code] for code in beside.codes] == ["", "", "y", "x", ""]
    numbers = gathered([1.5, None, "3"], numeric=True).taken(np.array(ids), wanted)
    np.testing.assert_array_equal(numbers.numbers, [3.0, np.nan, np.nan, 1.5, np.nan])
    nothing = gathered([], numeric=False).taken(np.empty(0, dtype=np.int64), wanted)
    assert nothing.codes is not None
    assert {nothing.texts[code] for code in nothing.codes} == {""}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    with Project.create(tmp_path / "样式 项目.gpkg", epsg=EPSG, name="示例") as opened:
        rows = [
            {"parcel_no": "1", "stage": "standard_set", "area_certified": 10.0, "land_use_code": "1001"},
            {"parcel_no": "2", "stage": "standard_set", "area_certified": 20.0, "land_use_code": "0701"},
            {"parcel_no": "3", "stage": None, "area_certified": None, "land_use_code": "0901"},
        ]
        shapes = [rectangle(40 * number, 0, 30, 30) for number in range(3)]
        with opened.transaction("insert") as transaction:
            transaction.insert("parcel", gpd.GeoDataFrame(rows, geometry=shapes, crs=EPSG))
        yield opened


def test_a_field_tells_its_values_or_its_numbers(project: Project) -> None:
    stage = summary(project, "parcel", PARCEL.field("stage"))
    assert stage.values == (("standard_set", 2), ("", 1))
    assert stage.numbers is None
    areas = summary(project, "parcel", PARCEL.field("area_certified")).numbers
    assert areas is not None
    assert sorted(areas[~np.isnan(areas)].tolist()) == [10.0, 20.0]


def test_a_coded_field_has_a_class_for_each_value_of_its_table_and_for_all_others(project: Project) -> None:
    found = categories(summary(project, "parcel", PARCEL.field("stage")), SYMBOL, "okabe_ito")
    table = code_table("parcel_stage").values
    assert [(item.title, item.values) for item in found[:-1]] == [
        (item.title, (item.value,)) for item in table
    ]
    assert found[-1].other
    assert found[0].sign == Sign(fill="#E69F00")


def test_land_use_codes_get_the_colours_of_the_standard(project: Project) -> None:
    found = categories(
        summary(project, "parcel", PARCEL.field("land_use_code")), SYMBOL, "land_use", "guide2023"
    )
    assert [(item.title, item.sign.fill) for item in found[:-1]] == [
        ("0701 城镇住宅用地", "#FFFF2D"),
        ("0901 商业用地", "#FF0000"),
        ("1001 工业用地", "#BB9674"),
    ]


@pytest.mark.parametrize(
    ("scheme", "code", "colour"),
    [
        ("guide2023", "100101", "#BB9674"),  # of its longest prefix, 10
        ("guide2023", "1002", "#9E6C54"),
        ("guide2023", "0902", "#C00000"),
        ("guide2020", "1101", "#8761D3"),
        ("gbt21010_2017", "0601", "#BB9674"),  # industrial there; 0601 is a rural road in the guide
        ("gb50137", "M2", "#BB9674"),
        ("guide2023", "1001/0901", "#D8B48F"),  # mixed with industry
        ("guide2023", "9999", "#FF00FF"),
    ],
)
def test_the_colour_of_a_code_goes_with_its_scheme(scheme: str, code: str, colour: str) -> None:
    assert land_use_colour(scheme, code) == colour


def test_every_main_class_of_the_guide_has_a_colour() -> None:
    assert {f"{number:02d}" for number in range(1, 25)} <= set(land_use_colours())


def test_graduated_classes_meet_at_their_bounds_and_run_along_the_ramp() -> None:
    field = PARCEL.field("area_certified")
    found = graduated(FieldSummary(field, numbers=np.arange(0.0, 101.0)), SYMBOL, "equal", 4, "blues")
    assert [(item.low, item.high, item.title) for item in found] == [
        (0, 25, "0 – 25"), (25, 50, "25 – 50"), (50, 75, "50 – 75"), (75, 100, "75 – 100")
    ]  # fmt: skip
    assert (found[0].sign.fill, found[-1].sign.fill) == ("#EFF3FF", "#08519C")
    own = graduated(
        FieldSummary(field, numbers=np.arange(3.0)), SYMBOL, "own", 9, "blues", [10, 0, 10, 3000.5]
    )
    assert [(item.low, item.high) for item in own] == [(0, 10), (10, 3000.5)]


def test_merged_classes_take_all_values_and_ranges_from_end_to_end() -> None:
    a, b, c = (StyleClass(name, (name,), sign=Sign(fill=f"#00000{n}")) for n, name in enumerate("abc"))
    one = merged(style(Renderer.CATEGORIES, a, b, c), [2, 0])
    assert [(item.title, item.values, item.sign.fill) for item in one.classes] == [
        ("a、c", ("a", "c"), "#000000"), ("b", ("b",), "#000001")
    ]  # fmt: skip
    ranges = style(
        Renderer.GRADUATED, StyleClass(high=1.0), StyleClass(low=1.0, high=2.0), StyleClass(low=2.0, high=9.0)
    )
    joined = merged(ranges, [1, 2]).classes
    assert [(item.low, item.high) for item in joined] == [(None, 1.0), (1.0, 9.0)]
    assert merged(ranges, [1]) == ranges


def test_colours_of_a_palette_come_back_hatched() -> None:
    many = tuple(StyleClass(str(number), (str(number),)) for number in range(16))
    found = recoloured(many, SYMBOL, "tol_bright")
    assert [item.sign.hatch for item in found] == [""] * 7 + ["diagonal_right"] * 7 + ["diagonal_left"] * 2
    assert found[7].sign.fill == found[0].sign.fill
    outline = recoloured(many[:1], symbol_set("light").symbol("park"), "tol_bright")
    assert outline[0].sign == Sign(line="#4477AA")


def test_a_sign_changes_what_it_names_and_leaves_the_rest() -> None:
    symbol = Symbol(fill="#111111", line="#222222", width=1.5, hatch="#333333")
    drawn = signed(symbol, Sign(fill="none", line_style="dot", hatch="none"))
    assert (drawn.fill, drawn.line, drawn.line_style, drawn.width, drawn.hatch_style) == (
        "",
        "#222222",
        "dot",
        1.5,
        "",
    )
    assert signed(symbol, Sign()) == symbol


def test_classes_follow_the_layers_sign_and_vanish_out_of_their_scales() -> None:
    wish = LayerStyle(
        Renderer.CATEGORIES,
        "stage",
        (
            StyleClass(values=("a",), sign=Sign(fill="#ABCDEF"), nearest=1000, farthest=5000),
            StyleClass(values=("b",), visible=False),
        ),
        sign=Sign(line="#010101", width=3),
    )
    first, second, rest = class_symbols(wish, SYMBOL, 2000)
    assert first is not None
    assert (first.fill, first.line, first.width) == ("#ABCDEF", "#010101", 3)
    assert (second, rest) == (None, None)
    assert class_symbols(wish, SYMBOL, 999)[0] is None
    assert class_symbols(wish, SYMBOL, 5001)[0] is None
    assert class_symbols(wish, SYMBOL)[0] is not None


def test_scale_ranges_hold_both_ends_and_nought_is_no_limit() -> None:
    assert in_range(1000, 1000, 5000)
    assert in_range(5000, 1000, 5000)
    assert not in_range(999, 1000, 0)
    assert not in_range(5001, 0, 5000)
    assert in_range(1e9, 0, 0)
    assert styled_symbol(LayerStyle(nearest=5, farthest=7), SYMBOL).farthest == 7
