"""From a symbol to the colours of its classes."""

from __future__ import annotations

import pytest

from gis.draw.looks import argb, look_of
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
        fill="#111111", line="#222222", class_fills={"planned": "#333333"}, class_dashes={"planned": True}
    )
    look = look_of(symbol, ["completed", "planned", ""], [True] * 3, {})
    assert look.fills.tolist() == [0xFF111111, 0xFF333333, 0xFF111111]
    assert look.lines.tolist() == [0xFF222222] * 3
    assert look.dashed.tolist() == [False, True, False]


def test_the_users_own_colour_replaces_every_fill() -> None:
    symbol = Symbol(fill="#111111", line="#222222", class_fills={"planned": "#333333"})
    look = look_of(symbol, ["completed", "planned"], [True, True], {}, colour="#00FF00")
    assert look.fills.tolist() == [0xFF00FF00] * 2
    assert look.lines.tolist() == [0xFF222222] * 2


def test_an_outline_takes_the_users_colour_where_nothing_is_filled() -> None:
    look = look_of(Symbol(line="#222222"), [""], [True], {}, colour="#00FF00")
    assert (look.fills.tolist(), look.lines.tolist()) == ([0], [0xFF00FF00])


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
    assert look.dashed.tolist() == [False, False, True, True]
