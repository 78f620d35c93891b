"""A person's styles in the project file: they come back, QGIS draws by them, and undo passes them over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest

from layers.project import Project
from layers.qgis_styles import class_filter, label_expression, layer_qml, qgis_styles
from layers.registry import layer
from layers.styling.stored import read_styles, write_styles
from layers.styling.style import STANDARD, LabelStyle, LayerStyle, Renderer, Sign, StyleClass
from layers.styling.template import Template
from tests.gis.store.qml import colour, drawn, evaluate, parsed, properties
from tests.layers.checks.world import EPSG, rectangle

PARCEL = layer("parcel")
BY_STAGE = LayerStyle(
    Renderer.CATEGORIES,
    "stage",
    (
        StyleClass(
            "一",
            ("standard_set", "announced"),
            sign=Sign(fill="#112233", hatch="dots", hatch_colour="#445566"),
        ),
        StyleClass("不看", ("sold",), visible=False),
        StyleClass("空", ("",), sign=Sign(fill="#AA0000")),
        StyleClass("其他", other=True),
    ),
    opacity=0.5,
    farthest=50000,
    label=LabelStyle(template="{parcel_no}\n{area_certified:mu.1} 亩", colour="#00FF00", farthest=9000),
)
GRADED = LayerStyle(
    Renderer.GRADUATED,
    "area_certified",
    (
        StyleClass("小", low=None, high=10.0, sign=Sign(fill="#000001")),
        StyleClass("中", low=10.0, high=20.0, sign=Sign(fill="#000002")),
        StyleClass("大", low=20.0, high=None, sign=Sign(fill="#000003")),
    ),
)
ROWS = [
    ("standard_set", 5.0, "一"), ("announced", 10.0, "一"), ("sold", 15.0, None), (None, None, "空"), ("strange", 25.0, "其他"),
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Iterator[tuple[Project, list[str]]]:
    with Project.create(tmp_path / "样式 项目.gpkg", epsg=EPSG, name="示例") as opened:
        rows = [
            {"parcel_no": str(number), "stage": stage, "area_certified": area}
            for number, (stage, area, _) in enumerate(ROWS)
        ]
        shapes = [rectangle(40 * number, 0, 30, 30) for number in range(len(rows))]
        with opened.transaction("insert") as transaction:
            uuids = transaction.insert("parcel", gpd.GeoDataFrame(rows, geometry=shapes, crs=EPSG))
        yield opened, uuids


def stored_qml(project: Project, table: str) -> str:
    with closing(sqlite3.connect(project.path)) as connection:
        found = connection.execute(
            "SELECT styleQML FROM layer_styles WHERE f_table_name = ?", (table,)
        ).fetchall()
    assert len(found) == 1
    return str(found[0][0])


def test_styles_come_back_from_the_project_file_and_qgis_draws_by_them(
    project: tuple[Project, list[str]],
) -> None:
    opened, uuids = project
    assert read_styles(opened) is None
    assert write_styles(opened, {"parcel": BY_STAGE, "park": STANDARD})
    assert not write_styles(opened, {"parcel": BY_STAGE})
    assert read_styles(opened) == {"parcel": BY_STAGE}
    assert opened.store.journal(limit=1)[0].why == "图层样式：地块"
    text = stored_qml(opened, "parcel")
    shown = drawn(opened.path, "parcel", text)
    assert {uuid: shown.get(uuid, [None])[0] for uuid in uuids} == {
        uuid: title for uuid, (_, _, title) in zip(uuids, ROWS, strict=True)
    }
    root = parsed(text)
    assert root.attrib["minScale"] == "50000"
    assert root.attrib["hasScaleBasedVisibilityFlag"] == "1"
    assert root.findtext("layerOpacity") == "0.5"
    first = next(root.iter("symbol"))
    assert colour(properties(first)["color"])[0] == "#112233"
    assert len(first.findall("layer")) == 2  # the fill and its dots
    assert write_styles(opened, {})
    assert stored_qml(opened, "parcel") == qgis_styles(opened.codes)["parcel"]


def test_undo_passes_styles_over(project: tuple[Project, list[str]]) -> None:
    opened, _ = project
    before = opened.store.undoable()
    write_styles(opened, {"parcel": BY_STAGE})
    assert opened.store.undoable() == before
    opened.store.undo()
    assert read_styles(opened) == {"parcel": BY_STAGE}
    assert opened.store.redoable() is not None
    write_styles(opened, {})
    assert opened.store.redoable() is not None


def test_strange_styles_in_a_file_are_passed_over(project: tuple[Project, list[str]]) -> None:
    opened, _ = project
    write_styles(opened, {"parcel": BY_STAGE, "park": LayerStyle(opacity=0.3)})
    text = opened.store.meta("map_styles")
    assert text is not None
    with opened.transaction("spoil") as transaction:
        transaction.set_meta("map_styles", text.replace("#112233", "javascript:"))
    assert read_styles(opened) == {"park": LayerStyle(opacity=0.3)}
    with opened.transaction("spoil") as transaction:
        transaction.set_meta("map_styles", "[1")
    assert read_styles(opened) is None


def test_graduated_classes_are_ranges_of_qgis(project: tuple[Project, list[str]]) -> None:
    opened, _ = project
    root = parsed(layer_qml(PARCEL, GRADED, opened.codes))
    renderer = root.find("renderer-v2")
    assert renderer is not None
    assert renderer.attrib["type"] == "graduatedSymbol"
    ranges = [
        (float(item.attrib["lower"]), float(item.attrib["upper"]), item.attrib["label"])
        for item in root.iter("range")
    ]
    assert ranges == [(-1e300, 10.0, "小"), (10.0, 20.0, "中"), (20.0, 1e300, "大")]
    assert [colour(properties(symbol)["color"])[0] for symbol in root.iter("symbol")] == [
        "#000001",
        "#000002",
        "#000003",
    ]
    values = [evaluate(renderer.attrib["attr"], area_certified=7.5, retired=gone) for gone in (None, 3)]
    assert values == [7.5, None]


@pytest.mark.parametrize(
    "style",
    [
        LayerStyle(
            Renderer.GRADUATED, "area_certified", (*GRADED.classes[:2], StyleClass("其他", other=True))
        ),
        LayerStyle(
            Renderer.CATEGORIES,
            "stage",
            (StyleClass("一", ("standard_set",), farthest=900), StyleClass("空", ("",))),
        ),
    ],
)
def test_what_those_renderers_cannot_say_is_said_by_rules(
    style: LayerStyle, project: tuple[Project, list[str]]
) -> None:
    opened, uuids = project
    text = layer_qml(PARCEL, style, opened.codes)
    shown = drawn(opened.path, "parcel", text)
    if style.renderer is Renderer.GRADUATED:
        assert [shown[uuid][0] for uuid in uuids] == ["小", "小", "中", "其他", "其他"]
    else:
        assert {uuid: titles[0] for uuid, titles in shown.items()} == {uuids[0]: "一", uuids[3]: "空"}
        assert [rule.get("scalemaxdenom") for rule in parsed(text).iter("rule") if rule.get("symbol")] == [
            "900",
            None,
        ]


def test_layers_of_mixed_geometry_have_rules_for_each_kind(project: tuple[Project, list[str]]) -> None:
    style = LayerStyle(
        Renderer.CATEGORIES, "state", (StyleClass("x", ("open",)), StyleClass("y", other=True))
    )
    root = parsed(layer_qml(layer("observation"), style, project[0].codes))
    kinds = [symbol.attrib["type"] for symbol in root.iter("symbol")]
    assert sorted(set(kinds)) == ["fill", "line", "marker"]
    assert len(kinds) == 6


def test_a_filter_quotes_whatever_the_value_is() -> None:
    item = StyleClass(values=("a'b\\", ""))
    wanted = class_filter(PARCEL.field("holder"), item)
    assert [evaluate(wanted, holder=value) for value in ("a'b\\", None, "a")] == [1, 1, 0]


def test_a_template_says_in_qgis_what_it_says_on_our_map() -> None:
    expression = label_expression(Template.parse("{parcel_no}：{stage}\n{holder}\n甲 {{}}", PARCEL))
    sql = expression.replace("\\n", "|")
    title = Template.parse("{stage}", PARCEL).render({"stage": "standard_set"})
    assert evaluate(sql, parcel_no="7", stage="standard_set", holder=None) == f"7：{title}|甲 {{}}|"
    assert evaluate(sql, parcel_no=None, stage=None, holder="丙") == "丙|甲 {}|"
