"""From a style and a standard symbol to the symbols that are drawn."""

from __future__ import annotations

from dataclasses import replace

from gis.draw.symbols import Symbol
from layers.styling.style import NONE, LabelStyle, LayerStyle, Renderer, Sign

__all__ = [
    "class_symbols",
    "in_range",
    "labelled",
    "plain_symbol",
    "sign_in_colour",
    "signed",
    "styled_symbol",
]


def in_range(scale: float, nearest: float, farthest: float) -> bool:
    """Whether 1:``scale`` lies between two scales, 0 for no limit."""
    return (not nearest or scale >= nearest) and (not farthest or scale <= farthest)


def signed(symbol: Symbol, sign: Sign) -> Symbol:
    """A symbol with what a sign changes."""
    hatch_style = symbol.hatch_style if not sign.hatch else "" if sign.hatch == NONE else sign.hatch
    return replace(
        symbol,
        fill=_chosen(sign.fill, symbol.fill),
        line=_chosen(sign.line, symbol.line),
        line_style=sign.line_style or symbol.line_style,
        width=sign.width or symbol.width,
        hatch_style=hatch_style,
        hatch=sign.hatch_colour or symbol.hatch or (symbol.line if sign.hatch else ""),
        point_size=sign.size or symbol.point_size,
    )


def plain_symbol(symbol: Symbol) -> Symbol:
    """A standard symbol without its own classes: what single and chosen classes begin with."""
    filled = replace(symbol, by_land_use=False, class_fills={}, class_lines={}, class_hatches={})
    return replace(filled, fill=symbol.line) if symbol.by_land_use and not symbol.fill else filled


def styled_symbol(style: LayerStyle, symbol: Symbol) -> Symbol:
    """The symbol of a layer as a whole, from which its classes are made; its label and scales with it.

    The standard renderer keeps fills and hatches of its classes and lets only the outline be changed.
    """
    if style.renderer is Renderer.STANDARD:
        changed = signed(symbol, replace(style.sign, fill="", hatch="", hatch_colour=""))
        if style.sign.line_style:
            changed = replace(changed, class_lines={})
    else:
        changed = signed(plain_symbol(symbol), style.sign)
    changed = replace(
        changed, nearest=style.nearest or symbol.nearest, farthest=style.farthest or symbol.farthest
    )
    return labelled(changed, style.label)


def class_symbols(style: LayerStyle, symbol: Symbol, scale: float = 0.0) -> list[Symbol | None]:
    """The symbols of the classes of a style by field, and at last None for rows of no class.

    None as well for a class that is switched off, or not drawn at 1:``scale`` (0: whatever the scale).
    """
    base = styled_symbol(style, symbol)
    shown = [
        item.visible and (not scale or in_range(scale, item.nearest, item.farthest)) for item in style.classes
    ]
    symbols = [signed(base, item.sign) if on else None for item, on in zip(style.classes, shown, strict=True)]
    return [*symbols, None]


def sign_in_colour(symbol: Symbol, colour: str) -> Sign:
    """A class in a colour: its fill, or the outline and the hatch where the layer is not filled."""
    if symbol.fill or symbol.by_land_use:
        return Sign(fill=colour)
    return Sign(line=colour, hatch_colour=colour if symbol.hatch and symbol.hatch_style else "")


def labelled(symbol: Symbol, label: LabelStyle) -> Symbol:
    """A symbol with another label; without a colour none is written."""
    if not label.shown:
        return replace(symbol, label_colour="")
    return replace(
        symbol,
        label_colour=label.colour or symbol.label_colour or (symbol.line if label.template else ""),
        label_halo=label.halo or symbol.label_halo,
        label_size=label.size or symbol.label_size,
        label_scale=label.farthest or symbol.label_scale,
        label_nearest=0.0 if label.template or label.farthest else symbol.label_nearest,
    )


def _chosen(wish: str, standard: str) -> str:
    return standard if not wish else "" if wish == NONE else wish
