"""Signs of the layer tree and the legend follow the symbols, the classes that occur and a person's own style."""

from __future__ import annotations

import json

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.map_state import MapState
from app.panels.map_signs import by_use, class_signs, legend_signs, tree_sign
from app.panels.swatches import swatch_icon
from layers.registry import LAYERS, layer
from layers.styling.style import STANDARD, LabelStyle, LayerStyle, Renderer, Sign, StyleClass

USES = {
    "industrial": ("工业用地", "#BB9674"),
    "commercial": ("商业用地", "#FF0000"),
    "residential": ("居住用地", "#FFFF2D"),
}
FILLS = {name: colour for name, (_, colour) in USES.items()}
BY_STAGE = LayerStyle(
    Renderer.CATEGORIES,
    "stage",
    (
        StyleClass("定标", ("standard_set",), sign=Sign(fill="#112233")),
        StyleClass("不看", ("announced",), visible=False),
        StyleClass("其他值", other=True, sign=Sign(fill="#445566", hatch="dots", hatch_colour="#000000")),
    ),
)


def test_a_layer_whose_classes_look_different_has_a_sign_for_each_that_occurs() -> None:
    line = layer("block_line")
    both = legend_signs(line, STANDARD, "light", {"first": 3, "second": 1})
    assert [(title, sign.line_style) for title, sign in both] == [
        ("工业区块线 · 一级", "solid"),
        ("工业区块线 · 二级", "dash"),
    ]
    assert [title for title, _ in legend_signs(line, STANDARD, "light", {"second": 1})] == ["工业区块线"]
    assert legend_signs(line, STANDARD, "light", {"second": 1})[0][1].line_style == "dash"
    park = legend_signs(layer("park"), STANDARD, "light", {"": 2})
    assert [title for title, _ in park] == ["园区"]


def test_an_own_colour_takes_the_place_of_the_uses() -> None:
    parcel = layer("parcel")
    assert by_use("parcel", STANDARD, "light")
    assert tree_sign(parcel, STANDARD, "light", FILLS).fills == tuple(FILLS.values())
    own = LayerStyle(Renderer.SINGLE, sign=Sign(fill="#123456", line="#654321"), opacity=0.5)
    assert not by_use("parcel", own, "light")
    sign = tree_sign(parcel, own, "light", FILLS)
    assert (sign.fills, sign.fill, sign.stroke, sign.opacity) == ((), "#123456", "#654321", 0.5)
    outline = tree_sign(layer("park"), own, "light", FILLS)
    assert (outline.fill, outline.stroke) == ("#123456", "#654321")
    assert class_signs(parcel, own, "light", {"": 4}, USES) == []


def test_uses_stand_in_the_order_of_the_standard_with_their_rows_and_unknown_ones_last() -> None:
    signs = class_signs(
        layer("parcel"), STANDARD, "light", {"strange": 1, "residential": 2, "industrial": 5}, USES
    )
    assert [(sign.title, sign.count, sign.swatch.fill) for sign in signs] == [
        ("工业用地", 5, "#BB9674"),
        ("居住用地", 2, "#FFFF2D"),
        ("未识别的用途", 1, "#C9C9C9"),
    ]
    unknown = class_signs(layer("parcel"), STANDARD, "light", {"industrial": 5}, USES, counted=False)
    assert [sign.count for sign in unknown] == [None]


def test_classes_by_field_are_listed_with_their_rows_unless_switched_off() -> None:
    signs = class_signs(layer("parcel"), BY_STAGE, "light", {"0": 7, "1": 4, "3": 9}, USES)
    assert [(sign.title, sign.count, sign.swatch.fill) for sign in signs] == [
        ("定标", 7, "#112233"),
        ("其他值", 0, "#445566"),
    ]
    assert signs[1].swatch.hatch_style == "dots"
    assert [title for title, _ in legend_signs(layer("parcel"), BY_STAGE, "light", {"0": 7})] == [
        "定标",
        "其他值",
    ]
    assert tree_sign(layer("parcel"), BY_STAGE, "light", FILLS).fills == ("#112233", "#445566")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "style", [STANDARD, LayerStyle(Renderer.SINGLE, sign=Sign(line_style="double", hatch="grid"))]
)
def test_every_layer_has_a_sign_that_paints_something(qtbot: QtBot, theme: str, style: LayerStyle) -> None:
    for spec in LAYERS:
        image: QImage = swatch_icon(tree_sign(spec, style, theme, FILLS)).pixmap(18, 18).toImage()
        assert any(
            image.pixelColor(x, y).alpha() > 0 for x in range(image.width()) for y in range(image.height())
        ), spec.name


def test_the_state_of_a_map_survives_as_text_and_nonsense_counts_as_nothing() -> None:
    styles = {"parcel": BY_STAGE, "park": LayerStyle(opacity=0.4, label=LabelStyle(template="{name}"))}
    state = MapState(["unit", "parcel"], ["parcel"], styles, ["parcel"], "2024年", (1.5, 2.5, 3.0))
    assert MapState.from_text(state.as_text()) == state
    for text in ("", "{", "[]", '{"order": 5}', state.as_text().replace("1.5", "NaN"), "null"):
        assert MapState.from_text(text) is None or MapState.from_text(text).view is None  # type: ignore[union-attr]
    loud = json.loads(state.as_text())
    loud["styles"]["parcel"]["classes"][0]["sign"]["fill"] = "url(x)"
    again = MapState.from_text(json.dumps(loud))
    assert again is not None
    assert again.style("parcel") == STANDARD
    assert again.style("park") == styles["park"]
