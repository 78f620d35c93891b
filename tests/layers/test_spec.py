from __future__ import annotations

import pytest

from gis.text import set_language
from layers.registry import LAYERS, TABLES, layer
from layers.spec import Field, FieldType, GeometryKind, LayerSpec


def test_all_nine_layers_and_the_lease_ledger_are_declared() -> None:
    assert {spec.name for spec in LAYERS} == {
        "unit", "land_use", "park", "parcel", "transfer", "factory", "block_line", "investment", "observation",
    }  # fmt: skip
    assert {spec.name for spec in TABLES} - {spec.name for spec in LAYERS} == {"lease"}


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
