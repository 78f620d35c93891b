"""From a symbol to the colours of its classes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gis.draw.looks import Kept, argb, look_of
from gis.draw.patterns import HATCHES, PENS
from gis.draw.symbols import Symbol, symbol_set


@pytest.mark.parametrize(
    ("colour", "opacity", "number"),
    [
        ("#0180FF", 1.0, 0xFF0180FF),
        ("#0180FF", 0.5, 0x800180FF),  # 0.5 x 255 = 127.5, to even: 128
        ("#800180FF", 1.0, 0x800180FF),
        ("#800180FF", 0.5, 0x400180FF),
        ("#000000", 2.0, 0xFF000000),
        ("", 1.0, 0),
    ],
)
def test_colours_become_straight_argb(colour: str, opacity: float, number: int) -> None:
    assert argb(colour, opacity) == number


@pytest.mark.parametrize("colour", ["#12", "red", "#GGGGGG", "#1234567"])
def test_other_texts_are_no_colours(colour: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - int() and our own message alike
        argb(colour)


def test_fills_and_dashes_of_a_class_win_over_those_of_the_layer() -> None:
    symbol = Symbol(
        fill="#111111", line="#222222", class_fills={"planned": "#333333"}, class_lines={"planned": "dash"}
    )
    look = look_of(symbol, ["completed", "planned", ""], [True] * 3, {})
    assert look.fills.tolist() == [0xFF111111, 0xFF333333, 0xFF111111]
    assert look.lines.tolist() == [0xFF222222] * 3
    assert look.pens.tolist() == [PENS["solid"], PENS["dash"], PENS["solid"]]


def test_a_hatch_needs_a_colour_and_a_style_and_may_be_of_one_class_only() -> None:
    symbol = Symbol(by_land_use=True, hatch="#000000", hatch_style="", class_hatches={"mixed": "dots"})
    look = look_of(symbol, ["mixed", "industrial"], [True, True], {"mixed": "#FF9A3C"})
    assert look.hatch_kinds.tolist() == [HATCHES["dots"], 0]  # type: ignore[union-attr]
    assert look.hatch.tolist() == [0x59000000, 0]  # type: ignore[union-attr] # 0.35 x 255 = 89 = 0x59
    assert look.fills.tolist() == [0xFFFF9A3C, 0xFFC9C9C9]


def test_widths_and_patterns_grow_with_the_pixels_of_the_screen() -> None:
    look = look_of(Symbol(line="#222222", width=1.5), [""], [True], {}, ratio=2.0)
    assert (look.width.tolist(), look.hatch_spacing, look.hatch_width) == ([3.0], 18, 3.0)  # type: ignore[union-attr]


def test_classes_that_are_not_shown_have_no_colour() -> None:
    look = look_of(Symbol(fill="#111111", line="#222222"), ["a", "b"], [False, True], {})
    assert look.fills.tolist() == [0, 0xFF111111]
    assert look.lines.tolist() == [0, 0xFF222222]


@pytest.mark.parametrize("name", ["light", "dark", "print"])
def test_every_set_tells_the_states_of_factories_apart(name: str) -> None:
    symbol = symbol_set(name).symbol("factory")
    states = ["completed", "under_construction", "planned", "demolished"]
    look = look_of(symbol, states, [True] * 4, {})
    assert len(set(look.fills.tolist())) == 4
    assert look.pens.tolist() == [PENS[name] for name in ("solid", "solid", "dash", "dot")]


def test_what_is_kept_is_made_anew_when_a_part_of_it_has_another_value() -> None:
    kept, fills = Kept(), {"mixed": "#FF9A3C"}
    symbol = Symbol(fill="#111111", by_land_use=True)
    first = kept.of("parcel", look_of, symbol, ("mixed",), (True,), fills)
    assert kept.of("parcel", look_of, replace(symbol), ("mixed",), (True,), dict(fills)) is first
    other = kept.of("parcel", look_of, symbol, ("mixed",), (True,), {"mixed": "#102030"})
    assert first.fills.tolist() == [0xFFFF9A3C]
    assert other.fills.tolist() == [0xFF102030]
    assert kept.of("land_use", look_of, symbol, ("mixed",), (False,), fills).fills.tolist() == [0]
