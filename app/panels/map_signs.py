"""The signs of the layers, from their symbols: one a layer for the tree, one a class for the legend."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from app.map_state import LayerStyle
from app.panels.swatches import Swatch
from gis.draw.symbols import symbol_set
from gis.text import tr
from layers.spec import GeometryKind, LayerSpec

if TYPE_CHECKING:
    from gis.draw.symbols import Symbol

__all__ = ["by_use", "legend_signs", "standard_colour", "tree_sign", "uses"]

# Shown in the sign of a layer that is coloured by use: the three that a planner looks for first.
_TYPICAL_USES = ("industrial", "commercial", "residential")
_UNKNOWN_USE = "#C9C9C9"
# Fields whose values are the classes of a layer that is not coloured by use.
_CLASS_FIELDS = ("level", "state")


def by_use(name: str, style: LayerStyle, theme: str) -> bool:
    """Whether a layer shows the colours of land uses."""
    return symbol_set(theme).symbol(name).by_land_use and not style.colour


def standard_colour(name: str, theme: str) -> str:
    """The colour that a layer has without a person's own."""
    symbol = symbol_set(theme).symbol(name)
    return symbol.fill or symbol.hatch or symbol.line


def tree_sign(spec: LayerSpec, style: LayerStyle, theme: str, fills: Mapping[str, str]) -> Swatch:
    """One sign for a layer. ``fills`` are the colours of the land-use classes."""
    symbol = symbol_set(theme).symbol(spec.name)
    typical = tuple(fills[name] for name in _TYPICAL_USES if name in fills)
    several = typical if by_use(spec.name, style, theme) else ()
    return _swatch(spec, symbol, style, theme, "", several)


def legend_signs(
    spec: LayerSpec, style: LayerStyle, theme: str, present: Collection[str]
) -> list[tuple[str, Swatch]]:
    """Title and sign of each class that occurs, or of the layer as a whole."""
    symbol = symbol_set(theme).symbol(spec.name)
    told_apart = {*symbol.class_fills, *symbol.class_lines, *symbol.class_hatches}
    if len(present) < 2 or not told_apart & set(present):
        return [(spec.title, _swatch(spec, symbol, style, theme, next(iter(present), "")))]
    return [
        (tr("{layer} · {value}", layer=spec.title, value=title), _swatch(spec, symbol, style, theme, name))
        for name, title in _in_order(spec, present)
    ]


def uses(present: Collection[str], classes: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """(title, colour) of the land uses that occur; ``classes`` are all of them, in the order of the standard."""
    found = [entry for name, entry in classes.items() if name in present]
    if any(name not in classes for name in present):
        found.append((tr("未识别的用途"), _UNKNOWN_USE))
    return found


def _in_order(spec: LayerSpec, present: Collection[str]) -> list[tuple[str, str]]:
    from layers.codes import code_table

    field = next((item for item in spec.fields if item.name in _CLASS_FIELDS and item.codes), None)
    if field is None or not field.codes:
        return [(name, name) for name in sorted(present)]
    known = [(item.value, item.title) for item in code_table(field.codes).values if item.value in present]
    rest = sorted(set(present) - {value for value, _ in known})
    return [*known, *((name, name or tr("未填写")) for name in rest)]


def _swatch(
    spec: LayerSpec, symbol: Symbol, style: LayerStyle, theme: str, name: str, fills: tuple[str, ...] = ()
) -> Swatch:
    colour = style.colour
    kind = spec.geometry[0] if spec.geometry else GeometryKind.POINT
    filled = bool(symbol.fill or symbol.by_land_use)
    line = symbol.line or symbol_set(theme).text
    return Swatch(
        fill=(colour or symbol.class_fills.get(name, symbol.fill)) if filled else "",
        stroke=colour if colour and not filled else line,
        kind=kind,
        line_style=symbol.class_lines.get(name, symbol.line_style),
        hatch=(colour or symbol.hatch) if symbol.hatch else "",
        hatch_style=symbol.class_hatches.get(name, symbol.hatch_style),
        fills=fills,
        opacity=style.opacity,
    )
