"""Signs of the layer tree and the legend follow the symbols, the classes that occur and a person's own style."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.map_state import LayerStyle, MapState
from app.panels.map_signs import by_use, legend_signs, standard_colour, tree_sign, uses
from app.panels.swatches import swatch_icon
from gis.draw.symbols import symbol_set
from layers.registry import LAYERS, layer

FILLS = {"industrial": "#BB9674", "commercial": "#FF0000", "residential": "#FFF04A"}


def test_a_layer_whose_classes_look_different_has_a_sign_for_each_that_occurs() -> None:
    line = layer("block_line")
    both = legend_signs(line, LayerStyle(), "light", {"first", "second"})
    assert [(title, sign.line_style) for title, sign in both] == [
        ("工业区块线 · 一级", "solid"),
        ("工业区块线 · 二级", "dash"),
    ]
    assert [title for title, _ in legend_signs(line, LayerStyle(), "light", {"second"})] == ["工业区块线"]
    assert legend_signs(line, LayerStyle(), "light", {"second"})[0][1].line_style == "dash"
    park = legend_signs(layer("park"), LayerStyle(), "light", {""})
    assert [title for title, _ in park] == ["园区"]


def test_an_own_colour_takes_the_place_of_the_uses() -> None:
    parcel = layer("parcel")
    assert by_use("parcel", LayerStyle(), "light")
    assert tree_sign(parcel, LayerStyle(), "light", FILLS).fills == tuple(FILLS.values())
    own = LayerStyle("#123456", 0.5)
    assert not by_use("parcel", own, "light")
    sign = tree_sign(parcel, own, "light", FILLS)
    assert (sign.fills, sign.fill, sign.opacity) == ((), "#123456", 0.5)
    outline = tree_sign(layer("park"), own, "light", FILLS)
    assert (outline.fill, outline.stroke) == ("", "#123456")


def test_uses_stand_in_the_order_of_the_standard_and_unknown_ones_last() -> None:
    classes = {"industrial": ("工业用地", "#BB9674"), "water": ("水域", "#89C"), "green": ("绿地", "#0F0")}
    assert uses({"green", "industrial"}, classes) == [("工业用地", "#BB9674"), ("绿地", "#0F0")]
    assert [title for title, _ in uses({"industrial", "something"}, classes)] == ["工业用地", "未识别的用途"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_layer_has_a_sign_that_paints_something(qtbot: QtBot, theme: str) -> None:
    for spec in LAYERS:
        image: QImage = swatch_icon(tree_sign(spec, LayerStyle(), theme, FILLS)).pixmap(18, 18).toImage()
        assert any(
            image.pixelColor(x, y).alpha() > 0 for x in range(image.width()) for y in range(image.height())
        ), spec.name
        assert standard_colour(spec.name, theme) == (
            symbol_set(theme).symbol(spec.name).fill
            or symbol_set(theme).symbol(spec.name).hatch
            or symbol_set(theme).symbol(spec.name).line
        )


def test_the_state_of_a_map_survives_as_text_and_nonsense_counts_as_nothing() -> None:
    state = MapState(
        ["unit", "parcel"], ["parcel"], {"parcel": LayerStyle("#00ff00", 0.4)}, "2024年", (1.5, 2.5, 3.0)
    )
    assert MapState.from_text(state.as_text()) == state
    for text in ("", "{", "[]", '{"order": 5}', state.as_text().replace("1.5", "NaN"), "null"):
        assert MapState.from_text(text) is None or MapState.from_text(text).view is None  # type: ignore[union-attr]
    loud = state.as_text().replace("#00ff00", "url(x)").replace("0.4", "7")
    again = MapState.from_text(loud)
    assert again is not None
    assert again.style("parcel") == LayerStyle("", 1.0)
