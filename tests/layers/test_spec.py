from __future__ import annotations

import pytest

from gis.text import set_language
from layers.registry import LAYERS, TABLES, layer
from layers.spec import Editing, Field, FieldType, GeometryKind, LayerSpec, OnMerge, OnSplit


def test_all_nine_layers_and_the_ledgers_are_declared() -> None:
    assert {spec.name for spec in LAYERS} == {
        "unit", "land_use", "park", "parcel", "transfer", "factory", "block_line", "investment", "observation",
    }  # fmt: skip
    assert {spec.name for spec in TABLES} - {spec.name for spec in LAYERS} == {
        "lease", "enterprise", "project_list", "funding", "suspension",
    }  # fmt: skip


def test_every_field_is_titled_in_both_languages() -> None:
    for spec in TABLES:
        for item in spec.fields:
            assert item.zh, f"{spec.name}.{item.name}"
            assert item.en, f"{spec.name}.{item.name}"


def test_a_layer_of_several_kinds_is_stored_as_any_geometry() -> None:
    assert layer("factory").stored_geometry == "GEOMETRY"
    assert layer("unit").stored_geometry == "MULTIPOLYGON"
    assert layer("lease").stored_geometry is None


def test_a_header_names_its_unit_in_the_language_in_use() -> None:
    area = layer("factory").field("gross_floor_area")
    assert area.header == "建筑面积（㎡）"
    set_language("en")
    try:
        assert area.header == "Gross floor area (m²)"
    finally:
        set_language("zh_CN")


def test_a_declaration_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="code table"):
        Field(name="a", type=FieldType.CODE, zh="甲", en="A")
    field = Field(name="a", type=FieldType.TEXT, zh="甲", en="A")
    with pytest.raises(ValueError, match="no field"):
        LayerSpec(
            name="x", zh="图层", en="X", about="", geometry=(GeometryKind.POINT,), fields=(field,), key=("b",)
        )


def test_the_numbers_of_every_divisible_layer_stay_unique_when_a_row_is_split() -> None:
    """A copied key would be there twice; a number gets a suffix or is left to be given anew."""
    for spec in TABLES:
        if GeometryKind.POLYGON in spec.geometry and spec.key:
            assert spec.field(spec.key[0]).on_split in {OnSplit.NUMBER, OnSplit.CLEAR}, spec.name


def test_a_computed_field_has_no_rule_of_inheritance() -> None:
    for spec in TABLES:
        for item in spec.fields:
            if item.computed:
                assert (item.on_split, item.on_merge) == (OnSplit.COPY, OnMerge.SAME), item.name


def test_the_plan_cannot_be_edited_and_a_line_only_superseded() -> None:
    assert layer("land_use").editing is Editing.NONE
    assert layer("block_line").editing is Editing.VERSIONS
    assert {spec.name for spec in LAYERS if spec.joined} == {"park", "parcel", "factory", "block_line"}


def test_a_rule_of_inheritance_must_suit_the_type() -> None:
    with pytest.raises(ValueError, match="inherited"):
        Field(name="a", type=FieldType.TEXT, zh="甲", en="A", on_split=OnSplit.SHARE)
    with pytest.raises(ValueError, match="inherited"):
        Field(name="a", type=FieldType.REAL, zh="甲", en="A", on_merge=OnMerge.LATEST)
