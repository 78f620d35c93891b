"""The styles inside a project file draw in QGIS what our own map draws: colours, classes, rows, labels."""

from __future__ import annotations

import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gis.draw.looks import argb, look_of
from gis.draw.symbols import symbol_set
from layers.codes import LandUseCodes, code_table, land_use_classes
from layers.map_classes import CLASS_FIELDS
from layers.project import Project
from layers.qgis_styles import class_expression, qgis_styles
from layers.registry import LAYERS, RECORDS
from layers.spec import LayerSpec
from tests.gis.store.qml import colour, drawn, evaluate, labelled, layer_properties, parsed, properties
from tests.layers.checks.world import EPSG, rectangle

ROOT = Path(__file__).resolve().parents[2]
LIGHT = tomllib.loads((ROOT / "resources" / "styles" / "light.toml").read_text("utf-8"))
CLASSES = tomllib.loads((ROOT / "resources" / "codes" / "land_use_classes.toml").read_text("utf-8"))
STYLES = qgis_styles(LandUseCodes.standard())
WITH_GEOMETRY = [spec for spec in (*LAYERS, *RECORDS) if spec.geometry]


# Numbers of hatches and outlines on our map → the words of QGIS.
_BRUSHES = ("solid", "b_diagonal", "f_diagonal", "diagonal_x", "horizontal", "vertical", "cross", "dense6")
_STROKES = ("solid", "dash", "dot", "dash dot")


def frame(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    shapes = [row.pop("geometry", None) or rectangle(40 * n, 0, 30, 30) for n, row in enumerate(rows)]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=EPSG)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    with Project.create(tmp_path / "示例 项目.gpkg", epsg=EPSG, name="示例") as opened:
        yield opened


def insert(project: Project, layer: str, rows: list[dict[str, object]]) -> list[str]:
    with project.transaction("insert") as transaction:
        return transaction.insert(layer, frame(rows))


@pytest.mark.parametrize("spec", WITH_GEOMETRY, ids=lambda spec: spec.name)
def test_every_colour_of_a_style_is_one_of_the_light_symbols_or_a_class(spec: LayerSpec) -> None:
    """Read from the resource files themselves, not through the code under test."""
    symbol = LIGHT["layers"][spec.name]
    allowed_fills = {item["colour"].upper() for item in CLASSES.values()} if symbol.get("by_land_use") else {
        text.upper()
        for text in (
            symbol.get("fill"), symbol.get("hatch"), symbol["line"], *symbol.get("class_fills", {}).values(),
        )
        if text
    }  # fmt: skip
    for element in parsed(STYLES[spec.name]).iter("symbol"):
        for layer in element.findall("layer"):
            found = layer_properties(layer)
            fill, opacity = colour(found.get("color", "0,0,0,0"))
            if found.get("style") == "no" or "color" not in found:
                continue
            hatched = found.get("style", "solid") != "solid"
            assert fill in ({symbol["hatch"].upper()} if hatched else allowed_fills)
            expected = 0.35 if hatched else symbol.get("opacity", 1.0)
            assert opacity == pytest.approx(expected, abs=0.5 / 255)
        found = properties(element)
        assert colour(found.get("outline_color") or found["line_color"]) == (symbol["line"].upper(), 1.0)
        width = float(found.get("outline_width") or found["line_width"])
        assert width == pytest.approx(symbol["width"] * 25.4 / 96, abs=0.001)


@pytest.mark.parametrize("spec", WITH_GEOMETRY, ids=lambda spec: spec.name)
def test_qgis_and_our_own_map_fill_and_dash_each_class_alike(spec: LayerSpec) -> None:
    """The same symbol through both ways: colours and dashes of every class as the canvas draws them."""
    symbol = symbol_set("light").symbol(spec.name)
    fills = {key: item.colour for key, item in land_use_classes().items()}
    if symbol.by_land_use:
        values, titles = list(fills), [item.zh for item in land_use_classes().values()]
    elif spec.name in CLASS_FIELDS:
        table = code_table(str(spec.field(CLASS_FIELDS[spec.name]).codes)).values
        values, titles = [item.value for item in table], [item.zh for item in table]
    else:
        values, titles = [""], [spec.zh]
    look = look_of(symbol, values, [True] * len(values), fills)
    root = parsed(STYLES[spec.name])
    entries = [*root.findall("renderer-v2/rules/rule/rule"), *root.iter("category")]
    symbols = {element.attrib["name"]: element for element in root.iter("symbol")}
    for number, title in enumerate(titles):
        for entry in (entry for entry in entries if entry.attrib["label"] == title):
            element = symbols[entry.attrib["symbol"]]
            found = properties(element)
            if element.attrib["type"] == "fill":
                layers = [layer_properties(item) for item in element.findall("layer")]
                shown = {
                    item["style"]: argb(*colour(item["color"])) for item in layers if item["style"] != "no"
                }
                kind = int(np.asarray(look.hatch_kinds)[number])
                expected = {"solid": int(look.fills[number])}
                if kind:
                    expected[_BRUSHES[kind]] = int(np.asarray(look.hatch)[number])
                assert shown == {style: ink for style, ink in expected.items() if ink}, title
                assert found["outline_style"] == _STROKES[int(look.pens[number])], title
            line = found.get("outline_color") or found["line_color"]
            assert argb(*colour(line)) == int(look.lines[number]), title


@pytest.mark.parametrize("spec", WITH_GEOMETRY, ids=lambda spec: spec.name)
def test_labels_are_the_layers_own_in_the_symbols_colour_and_scale(spec: LayerSpec) -> None:
    symbol = LIGHT["layers"][spec.name]
    rules = parsed(STYLES[spec.name]).findall("labeling/rules/rule")
    assert bool(rules) == ("label_colour" in symbol)
    for rule in rules:
        style = rule.find("settings/text-style")
        assert style is not None
        assert style.attrib["fieldName"] == f'"{spec.label}"'
        assert colour(style.attrib["textColor"]) == (symbol["label_colour"].upper(), 1.0)
        assert float(style.attrib["fontSize"]) == pytest.approx(symbol["label_size"] * 0.75)
        assert rule.attrib["scalemaxdenom"] == str(symbol["label_scale"])


@pytest.mark.parametrize("layer", ["land_use", "parcel"])
def test_land_use_has_one_category_per_class_in_its_colour(layer: str) -> None:
    renderer = parsed(STYLES[layer]).find("renderer-v2")
    assert renderer is not None
    assert renderer.attrib["type"] == "categorizedSymbol"
    symbols = {s.attrib["name"]: colour(properties(s)["color"])[0] for s in renderer.iter("symbol")}
    found = [
        (c.attrib["value"], c.attrib["label"], symbols[c.attrib["symbol"]]) for c in renderer.iter("category")
    ]
    assert found == [(key, item["zh"], item["colour"].upper()) for key, item in CLASSES.items()]


def all_codes() -> list[tuple[str, str]]:
    codes = LandUseCodes.standard()
    return [(item.scheme, item.code) for scheme in codes.schemes for item in codes.entries(scheme)]


def test_the_class_expression_agrees_with_the_code_table_for_every_code_of_every_scheme() -> None:
    codes = LandUseCodes.standard()
    expression = class_expression(codes, "scheme", "code")
    wrong = [
        (scheme, code, codes.class_of(scheme, code), got)
        for scheme, code in all_codes()
        if (got := evaluate(expression, scheme=scheme, code=code)) != codes.class_of(scheme, code)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("scheme", "code", "expected"),
    [
        ("guide2023", "1001", "industrial"),
        ("guide2023", " 100101 ", "industrial"),
        ("guide2023", "100199", "industrial"),  # not in the table: the code above it counts
        ("guide2023", "1001/0901", "industrial_mixed"),
        ("guide2023", "0901、100102", "industrial_mixed"),
        ("guide2023", "100101/100102", "industrial"),
        ("guide2023", "0701+0901", "mixed"),
        ("guide2023", "07010901", "mixed"),
        ("guide2023", "07011001", "industrial_mixed"),
        ("guide2023", "0601", "agri"),
        ("survey3", "0601", "industrial"),
        ("survey3", "1001", "transport"),
        ("landchina", "061", "industrial"),
        ("gb50137", "M1", "industrial"),
        ("gb50137", "m1", "industrial"),
        ("gb50137", "M0", "industrial_mixed"),
        ("gb50137", "M1/M2", "industrial"),
        ("gb50137", "M1/M0", "industrial_mixed"),
        ("gb50137", "R2B1", "mixed"),
        ("gb50137", "B1M1", "industrial_mixed"),
        ("gb50137", "A33", "public_service"),
        ("guide2023", "99", "unknown"),
        ("guide2023", None, "unknown"),
        (None, "1001", "unknown"),
        ("no such scheme", "1001", "unknown"),
    ],
)
def test_the_class_expression_reads_codes_as_the_program_does(
    scheme: str | None, code: str | None, expected: str
) -> None:
    codes = LandUseCodes.standard()
    assert codes.class_of(scheme, code) == expected
    assert evaluate(class_expression(codes, "scheme", "code"), scheme=scheme, code=code) == expected


def test_a_projects_own_codes_are_read_literally_and_hostile_ones_stay_text() -> None:
    """R-15 is no R-1; LI* stands for all that it begins; regex, quote and backslash are letters like others."""
    table = "code,name,class\nR-1,a,residential\nLI*,b,industrial\nC(1),c,commercial\nM.*,d,industrial\no'\\n,e,green\n"
    codes = LandUseCodes.standard().with_csv(table)
    expression = class_expression(codes, "scheme", "code")
    expected = {
        "R-1": "residential", "R-15": "unknown", "LI": "industrial", "LI-2": "industrial",
        "C(1)": "commercial", "LI-2/R-1": "industrial_mixed", "M.X": "industrial", "MXX": "unknown",
        "O'\\N": "green",
    }  # fmt: skip
    assert {code: codes.class_of("custom", code) for code in expected} == expected
    assert {code: evaluate(expression, scheme="custom", code=code) for code in expected} == expected
    assert parsed(qgis_styles(codes)["parcel"]).tag == "qgis"


def test_a_long_code_is_refused_without_endless_backtracking() -> None:
    """Thirty parts with a foreign last one: exponential in a careless pattern, which would never end."""
    expression = class_expression(LandUseCodes.standard(), "scheme", "code")
    long = "1001" * 30 + "/" + "/".join(["100101"] * 30) + "/0901"
    assert evaluate(expression, scheme="guide2023", code=long) == "industrial_mixed"


def test_retired_versions_are_neither_drawn_nor_labelled(project: Project) -> None:
    """Two parcels, one of which is recoded: three versions, two drawn, each under its present class."""
    uuids = insert(
        project,
        "parcel",
        [
            {"parcel_no": "A-1", "land_use_code": "100101", "land_use_scheme": "guide2023"},
            {"parcel_no": "A-2", "land_use_code": "100101", "land_use_scheme": "guide2023"},
        ],
    )
    with project.transaction("edit") as transaction:
        changed = pd.DataFrame({"uuid": uuids[1:], "land_use_code": ["0901"], "parcel_no": ["A-3"]})
        transaction.update("parcel", changed)
    project.close()
    qml = stored(project.path)["parcel"]
    assert drawn(project.path, "parcel", qml) == {uuids[0]: ["工业用地"], uuids[1]: ["商业服务业用地"]}
    assert labelled(project.path, "parcel", qml) == {uuids[0]: "A-1", uuids[1]: "A-3"}


def test_of_the_plan_only_the_snapshot_imported_last_is_drawn(project: Project) -> None:
    def plan(snapshot: str, codes: list[str]) -> list[str]:
        rows: list[dict[str, object]] = [
            {"plot_no": str(n), "code": code, "scheme": "guide2023", "snapshot": snapshot}
            for n, code in enumerate(codes)
        ]
        return insert(project, "land_use", rows)

    older = plan("2023年规划", ["1001", "0701"])
    qml = stored(project.path)["land_use"]
    assert drawn(project.path, "land_use", qml) == {older[0]: ["工业用地"], older[1]: ["居住用地"]}
    newer = plan("2024年'调整'", ["0901", "0701"])
    assert drawn(project.path, "land_use", qml) == {newer[0]: ["商业服务业用地"], newer[1]: ["居住用地"]}
    project.store.undo()
    assert set(drawn(project.path, "land_use", qml)) == set(older)


def test_block_lines_are_drawn_by_level_while_they_are_in_force(project: Project) -> None:
    """On 2024-06-30: valid to that day is over (half-open), valid from that day has begun."""
    day = pd.Timestamp
    rows: list[dict[str, object]] = [
        {"code": "1", "name": "一", "level": "first", "valid_from": day("2022-03-01"), "valid_to": pd.NaT},
        {"code": "2", "name": "二", "level": "second", "valid_from": pd.NaT, "valid_to": day("2024-07-01")},
        {"code": "3", "name": "三", "level": None, "valid_from": day("2024-06-30"), "valid_to": pd.NaT},
        {"code": "4", "name": "四", "level": "first", "valid_from": pd.NaT, "valid_to": day("2024-06-30")},
        {"code": "5", "name": "五", "level": "first", "valid_from": day("2024-07-01"), "valid_to": pd.NaT},
    ]
    uuids = insert(project, "block_line", rows)
    qml = stored(project.path)["block_line"]
    assert drawn(project.path, "block_line", qml, "2024-06-30") == {
        uuids[0]: ["一级"], uuids[1]: ["二级"], uuids[2]: ["未填写"],
    }  # fmt: skip
    assert set(labelled(project.path, "block_line", qml, "2024-06-30").values()) == {"一", "二", "三"}
    dashes = {
        rule.attrib["label"]: properties(symbol)["outline_style"]
        for rule, symbol in zip(
            parsed(qml).findall("renderer-v2/rules/rule/rule"), parsed(qml).iter("symbol"), strict=True
        )
    }
    assert (dashes["一级"], dashes["二级"]) == ("solid", "dash")


def test_factories_are_drawn_by_state_as_outline_or_point(project: Project) -> None:
    states = [*(item.value for item in code_table("factory_state").values), None]
    rows: list[dict[str, object]] = [
        {"building_id": str(n), "state": state, "gross_floor_area": 1.0, "geometry": shape}
        for n, (state, shape) in enumerate(
            (state, shape) for state in states for shape in (rectangle(0, 0, 9, 9), shapely.Point(5e5, 36e5))
        )
    ]
    uuids = insert(project, "factory", rows)
    qml = stored(project.path)["factory"]
    titles = [*(item.zh for item in code_table("factory_state").values), "未填写"]
    assert drawn(project.path, "factory", qml) == {
        uuid: [title] for uuid, title in zip(uuids, (t for t in titles for _ in range(2)), strict=True)
    }
    root = parsed(qml)
    rules = root.findall("renderer-v2/rules/rule/rule")
    symbols = list(root.iter("symbol"))
    assert [s.attrib["type"] for s in symbols] == ["fill"] * len(titles) + ["marker"] * len(titles)
    fills = {
        r.attrib["label"]: colour(properties(s)["color"])[0] for r, s in zip(rules, symbols, strict=True)
    }
    expected = LIGHT["layers"]["factory"]
    assert fills["建成"] == expected["fill"]
    assert fills["在建"] == expected["class_fills"]["under_construction"]


def test_a_new_project_has_exactly_one_default_style_per_layer_and_gdal_sees_them(project: Project) -> None:
    project.close()
    names = [name for name, _kind in pyogrio.list_layers(project.path)]
    assert "layer_styles" in names
    table = pyogrio.read_dataframe(project.path, layer="layer_styles")
    assert sorted(table["f_table_name"]) == sorted(spec.name for spec in WITH_GEOMETRY)
    assert (table["useAsDefault"].astype(int) == 1).all()
    assert (table["f_geometry_column"] == "geom").all()
    for text in table["styleQML"]:
        parsed(text)


def test_a_projects_own_code_table_colours_its_layers(tmp_path: Path) -> None:
    path = tmp_path / "自带代码.gpkg"
    with Project.create(
        path, epsg=EPSG, name="x", land_use_csv="code,name,class\nI-2,General,industrial\n"
    ) as own:
        uuids = insert(own, "land_use", [{"code": "I-2", "scheme": "custom", "snapshot": "a"}])
    assert drawn(path, "land_use", stored(path)["land_use"]) == {uuids[0]: ["工业用地"]}


def test_every_class_that_the_program_knows_can_be_told_from_a_code() -> None:
    """A class without a code (mixed ones aside) would be a legend entry that nothing ever takes."""
    codes = LandUseCodes.standard()
    reached = {codes.class_of(*pair) for pair in all_codes()}
    assert set(land_use_classes()) - reached <= {"mixed", "unknown"}


def stored(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall())
