"""QML as QGIS 3.22 writes it, and the table in which QGIS looks for it."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from gis.store.geopackage import GeoPackageStore
from gis.store.schema import ColumnType, StoredColumn, TableSchema
from gis.store.styles import CURRENT, StyleLabel, StyleRule, categorized_qml, quoted_text, rule_based_qml
from tests.gis.store.qml import colour, drawn, labelled, parsed, properties
from tests.gis.store.samples import EPSG, TABLES, add, ask, parcels

HOSTILE = "a\"b'c<d>&e]]>\\f\x00\x0b\n"


def test_rules_are_nested_under_the_rows_that_are_drawn() -> None:
    """Attributes and order of elements as in QGIS's own files (renderer-v2, rules, symbols; rule key, symbol)."""
    root = parsed(rule_based_qml("MULTIPOLYGON", [StyleRule("甲", '"n" < 3'), StyleRule("乙", "ELSE")]))
    assert root.tag == "qgis"
    assert root.attrib["styleCategories"] == "Symbology"
    renderer = root.find("renderer-v2")
    assert renderer is not None
    assert renderer.attrib["type"] == "RuleRenderer"
    assert [child.tag for child in renderer] == ["rules", "symbols"]
    [current] = renderer.findall("rules/rule")
    assert current.attrib["filter"] == CURRENT
    assert "symbol" not in current.attrib
    rules = [(r.attrib["label"], r.attrib["filter"], r.attrib["symbol"]) for r in current]
    assert rules == [("甲", '"n" < 3', "0"), ("乙", "ELSE", "1")]
    symbols = renderer.findall("symbols/symbol")
    assert [(s.attrib["name"], s.attrib["type"]) for s in symbols] == [("0", "fill"), ("1", "fill")]
    keys = [rule.attrib["key"] for rule in renderer.iter() if "key" in rule.attrib]
    assert len(set(keys)) == len(keys) == 4


@pytest.mark.parametrize(
    ("geometry", "kinds"),
    [
        ("POINT", ["marker"]),
        ("MULTILINESTRING", ["line"]),
        ("MULTIPOLYGON", ["fill"]),
        ("GEOMETRY", ["marker", "line", "fill"]),
    ],
)
def test_the_symbol_is_of_the_kind_of_the_geometry(geometry: str, kinds: list[str]) -> None:
    root = parsed(rule_based_qml(geometry))
    assert [symbol.attrib["type"] for symbol in root.iter("symbol")] == kinds
    classes = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
    assert [layer.attrib["class"] for layer in root.iter("layer")] == [classes[kind] for kind in kinds]


def test_colours_widths_dashes_and_hatches_are_those_of_the_rule() -> None:
    rules = [
        StyleRule("", fill="#0180ff", line="#102030", line_width=0.5, opacity=0.4),
        StyleRule("", opacity=0.0, line_style="dash"),
        StyleRule("", hatch="#8E24AA", opacity=0.0),
    ]
    solid, empty, hatched = (
        properties(symbol) for symbol in parsed(rule_based_qml("POLYGON", rules)).iter("symbol")
    )
    assert (solid["color"], solid["outline_color"]) == ("1,128,255,102", "16,32,48,255")  # 0.4 x 255 = 102
    assert (solid["outline_width"], solid["outline_width_unit"]) == ("0.5", "MM")
    assert (solid["style"], solid["outline_style"]) == ("solid", "solid")
    assert (empty["style"], empty["outline_style"]) == ("no", "dash")
    assert hatched["style"] == "b_diagonal"
    assert colour(hatched["color"]) == ("#8E24AA", pytest.approx(0.35, abs=1 / 255))


def test_text_from_outside_stays_text() -> None:
    """What XML cannot hold is left out, the rest comes back as it went in."""
    kept = HOSTILE.replace("\x00", "").replace("\x0b", "")
    root = parsed(
        rule_based_qml(
            "POINT",
            [StyleRule(HOSTILE, HOSTILE)],
            drawn=HOSTILE,
            label=StyleLabel('a"b<', "#000000", 8.0),
        )
    )
    [group] = root.findall("renderer-v2/rules/rule")
    [rule] = group
    assert (group.attrib["filter"], rule.attrib["filter"], rule.attrib["label"]) == (kept, kept, kept)
    style = root.find("labeling/rules/rule/settings/text-style")
    assert style is not None
    assert style.attrib["fieldName"] == '"a""b<"'
    [category] = parsed(categorized_qml("POINT", HOSTILE, {HOSTILE: StyleRule(HOSTILE)})).iter("category")
    assert (category.attrib["value"], category.attrib["label"]) == (kept, kept)


def test_a_text_in_an_expression_is_escaped_as_qgis_does() -> None:
    """QgsExpression::quotedString: quotes doubled, backslash, line feed and tabulator with a backslash."""
    assert quoted_text("a'b\\c\nd\te") == "'a''b\\\\c\\nd\\te'"
    with pytest.raises(ValueError, match="NUL"):
        quoted_text("\x00")


def test_categories_name_their_symbols() -> None:
    qml = categorized_qml(
        "MULTIPOLYGON", '"code"', {"a": StyleRule("甲", fill="#010203"), "b": StyleRule("乙", fill="#040506")}
    )
    renderer = parsed(qml).find("renderer-v2")
    assert renderer is not None
    assert (renderer.attrib["type"], renderer.attrib["attr"]) == ("categorizedSymbol", '"code"')
    symbols = {s.attrib["name"]: properties(s)["color"][:5] for s in renderer.iter("symbol")}
    assert [
        (c.attrib["value"], c.attrib["label"], symbols[c.attrib["symbol"]], c.attrib["render"])
        for c in renderer.iter("category")
    ] == [("a", "甲", "1,2,3", "true"), ("b", "乙", "4,5,6", "true")]


def test_labels_follow_the_rows_drawn_from_their_scale_on() -> None:
    label = StyleLabel("number", "#123456", 8.25, halo="#ffffff", scale=8000)
    root = parsed(rule_based_qml("MULTIPOLYGON", label=label))
    assert (root.attrib["styleCategories"], root.attrib["labelsEnabled"]) == ("Symbology|Labeling", "1")
    [rule] = root.findall("labeling/rules/rule")
    assert (rule.attrib["filter"], rule.attrib["scalemaxdenom"]) == (CURRENT, "8000")
    style, buffer = rule.find("settings/text-style"), rule.find("settings/text-style/text-buffer")
    assert style is not None
    assert buffer is not None
    assert (style.attrib["fieldName"], style.attrib["fontSize"], style.attrib["fontSizeUnit"]) == (
        '"number"', "8.25", "Point",
    )  # fmt: skip
    assert (style.attrib["textColor"], buffer.attrib["bufferColor"]) == ("18,52,86,255", "255,255,255,255")
    assert parsed(rule_based_qml("MULTIPOLYGON")).find("labeling") is None


def test_an_edited_row_is_drawn_and_labelled_once(path: Path, store: GeoPackageStore) -> None:
    """Three parcels, one edited, one retired: four versions in the table, two of them current."""
    uuids = add(store, parcels(3))
    with store.transaction("edit") as transaction:
        transaction.update("parcel", pd.DataFrame({"uuid": uuids[:1], "number": ["新号"]}))
        transaction.retire("parcel", uuids[1:2])
    store.close()
    qml = rule_based_qml("MULTIPOLYGON", [StyleRule("地块")], label=StyleLabel("number", "#000000", 8))
    assert ask(path, "SELECT count(*) FROM parcel") == [(4,)]
    assert drawn(path, "parcel", qml) == {uuids[0]: ["地块"], uuids[2]: ["地块"]}
    assert labelled(path, "parcel", qml) == {uuids[0]: "新号", uuids[2]: "示例-2"}


def test_each_kind_of_a_mixed_table_gets_its_own_symbol(path: Path) -> None:
    """QGIS opens a table of mixed geometry once per kind; a rule must not take rows of another kind."""
    mixed = TableSchema("seen", "所见", (StoredColumn("n", ColumnType.INTEGER),), "GEOMETRY")
    shapes = [
        shapely.Point(0, 0),
        shapely.LineString([(0, 0), (9, 9)]),
        shapely.box(0, 0, 1, 1),
        shapely.box(0, 0, 9, 9).difference(shapely.box(1, 1, 2, 2)),
        None,
    ]
    with GeoPackageStore.create(path, EPSG, [mixed], meta={}) as store:
        uuids = add(store, gpd.GeoDataFrame({"n": range(5)}, geometry=shapes, crs=EPSG), "seen")
    qml = rule_based_qml("GEOMETRY", [StyleRule("所见")])
    groups = parsed(qml).findall("renderer-v2/rules/rule")
    symbols = [symbol.attrib["type"] for symbol in parsed(qml).iter("symbol")]
    shown = {}
    for kind, group in zip(symbols, groups, strict=True):
        single = rule_based_qml("POINT", [StyleRule(kind)], drawn=group.attrib["filter"])
        shown |= dict.fromkeys(drawn(path, "seen", single), kind)
    assert shown == dict(zip(uuids[:4], ["marker", "line", "fill", "fill"], strict=True))
    assert all(len(entries) == 1 for entries in drawn(path, "seen", qml).values())


def test_every_table_with_geometry_has_one_default_style_that_gdal_lists(path: Path) -> None:
    """QGIS asks for f_table_schema = '', the names of table and column, and useAsDefault."""
    with GeoPackageStore.create(path, EPSG, TABLES, meta={}):
        pass
    found = ask(
        path,
        "SELECT f_table_schema, f_table_name, f_geometry_column, styleName, useAsDefault FROM layer_styles",
    )
    assert found == [("", "parcel", "geom", "地块", 1)]
    assert "layer_styles" in {name for name, _kind in pyogrio.list_layers(path)}
    table = pyogrio.read_dataframe(path, layer="layer_styles")
    assert table["f_table_name"].tolist() == ["parcel"]
    assert parsed(table["styleQML"].iloc[0]).tag == "qgis"
