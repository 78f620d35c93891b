"""The signs of the layers, from their symbols and styles: one a layer for the tree, one a class below it and in the legend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.panels.swatches import Swatch
from gis.draw.symbols import symbol_set
from gis.text import tr
from layers.map_classes import CLASS_FIELDS
from layers.spec import GeometryKind, LayerSpec
from layers.styling.style import COMPUTED, LayerStyle, Renderer
from layers.styling.symbols import class_symbols, styled_symbol

if TYPE_CHECKING:
    from gis.draw.symbols import Symbol

__all__ = ["ClassSign", "by_use", "class_signs", "field_title", "legend_signs", "tree_sign"]

# Shown in the sign of a layer that is coloured by use: the three that a planner looks for first.
_TYPICAL_USES = ("industrial", "commercial", "residential")
_MOST_STRIPES = 3


@dataclass(frozen=True, slots=True)
class ClassSign:
    """A class of a layer: its title, its sign, and how many rows it has; None where that is not known yet."""

    title: str
    swatch: Swatch
    count: int | None = None


def by_use(name: str, style: LayerStyle, theme: str) -> bool:
    """Whether a layer shows the colours of land uses."""
    return symbol_set(theme).symbol(name).by_land_use and style.renderer is Renderer.STANDARD


def field_title(spec: LayerSpec, style: LayerStyle) -> str:
    """Title of the field that divides a layer; "" if none does."""
    if style.field.startswith(COMPUTED):
        return tr(style.field.removeprefix(COMPUTED))
    return spec.field(style.field).title if style.by_field else ""


def tree_sign(spec: LayerSpec, style: LayerStyle, theme: str, fills: Mapping[str, str]) -> Swatch:
    """One sign for a layer. ``fills`` are the colours of the land-use classes."""
    standard = symbol_set(theme).symbol(spec.name)
    symbol = styled_symbol(style, standard)
    stripes: tuple[str, ...] = ()
    if by_use(spec.name, style, theme):
        stripes = tuple(fills[name] for name in _TYPICAL_USES if name in fills)
    elif style.by_field:
        shown = [one for one in class_symbols(style, standard) if one is not None]
        step = max(1, (len(shown) - 1) // max(1, _MOST_STRIPES - 1))
        stripes = tuple(one.fill or one.line for one in shown[::step][:_MOST_STRIPES])
    return _swatch(spec, symbol.of_class("", fills) if not stripes else symbol, style, stripes)


def class_signs(
    spec: LayerSpec,
    style: LayerStyle,
    theme: str,
    present: Mapping[str, int],
    fills: Mapping[str, tuple[str, str]],
    *,
    counted: bool = True,
) -> list[ClassSign]:
    """The classes of a layer in their order; none for a layer that is drawn in one way.

    ``present`` are the rows of each class that occurs, ``fills`` (title, colour) of the land-use classes.
    """
    standard = symbol_set(theme).symbol(spec.name)
    if style.by_field:
        return [
            ClassSign(
                item.title, _swatch(spec, symbol, style), present.get(str(number), 0) if counted else None
            )
            for number, (item, symbol) in enumerate(
                zip(style.classes, class_symbols(style, standard), strict=False)
            )
            if symbol is not None
        ]
    symbol = styled_symbol(style, standard)
    colours = {name: colour for name, (_, colour) in fills.items()}
    if by_use(spec.name, style, theme):
        order = [(name, title) for name, (title, _) in fills.items() if name in present]
        order += [(name, tr("未识别的用途")) for name in sorted(set(present) - set(fills))]
    else:
        told_apart = {*symbol.class_fills, *symbol.class_lines, *symbol.class_hatches}
        order = _in_order(spec, present) if len(present) > 1 and told_apart & set(present) else []
    return [
        ClassSign(
            title, _swatch(spec, symbol.of_class(name, colours), style), present[name] if counted else None
        )
        for name, title in order
    ]


def legend_signs(
    spec: LayerSpec, style: LayerStyle, theme: str, present: Mapping[str, int]
) -> list[tuple[str, Swatch]]:
    """Title and sign of each class that occurs, or of the layer as a whole."""
    signs = class_signs(spec, style, theme, present, {})
    if style.by_field:
        return [(sign.title, sign.swatch) for sign in signs]
    if signs:
        return [(tr("{layer} · {value}", layer=spec.title, value=sign.title), sign.swatch) for sign in signs]
    symbol = styled_symbol(style, symbol_set(theme).symbol(spec.name))
    return [(spec.title, _swatch(spec, symbol.of_class(next(iter(present), ""), {}), style))]


def _in_order(spec: LayerSpec, present: Mapping[str, int]) -> list[tuple[str, str]]:
    from layers.codes import code_table

    name = CLASS_FIELDS.get(spec.name)
    codes = spec.field(name).codes if name else None
    if codes is None:
        return [(value, value) for value in sorted(present)]
    known = [(item.value, item.title) for item in code_table(codes).values if item.value in present]
    rest = sorted(set(present) - {value for value, _ in known})
    return [*known, *((value, value or tr("未填写")) for value in rest)]


def _swatch(spec: LayerSpec, symbol: Symbol, style: LayerStyle, stripes: tuple[str, ...] = ()) -> Swatch:
    return Swatch(
        fill=symbol.fill,
        stroke=symbol.line,
        kind=spec.geometry[0] if spec.geometry else GeometryKind.POINT,
        line_style=symbol.line_style,
        hatch=symbol.hatch if not stripes else "",
        hatch_style=symbol.hatch_style,
        width=symbol.width,
        fills=stripes,
        opacity=style.opacity,
    )
