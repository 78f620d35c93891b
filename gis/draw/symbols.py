"""How layers look, read from ``resources/styles``: one set each for light, dark and print."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

__all__ = ["HATCH_OPACITY", "UNKNOWN_FILL", "Symbol", "SymbolSet", "symbol_set"]

HATCH_OPACITY = 0.35  # of the lines or dots over a hatched polygon

UNKNOWN_FILL = "#C9C9C9"  # of a land-use class that the style has no colour for

_STYLES = Path(__file__).resolve().parents[2] / "resources" / "styles"


@dataclass(frozen=True, slots=True)
class Symbol:
    """The look of one layer. Colours are ``#RRGGBB``, widths and sizes logical pixels, opacity 0 to 1.

    ``line_style`` and ``hatch_style`` are names of ``gis.draw.patterns``; ``hatch`` is the colour of the hatch, and
    there is none unless both say so. ``class_fills``, ``class_lines`` (outline styles) and ``class_hatches``
    (hatch styles) win for features of that class.
    Labels are written from scale 1:``label_scale`` on inwards and as far as 1:``label_nearest``, with a halo of the sheet unless ``label_halo`` says
    another. Between the scales 1:``nearest`` and 1:``farthest``
    the layer is drawn, 0 for no limit. The fill of ``paper`` is that of the
    map's sheet, left out over an orthophoto.
    """

    fill: str = ""
    opacity: float = 1.0
    line: str = ""
    width: float = 1.0
    line_style: str = "solid"
    hatch: str = ""
    hatch_style: str = "diagonal_right"
    point_size: float = 7.0
    label_colour: str = ""
    label_scale: float = 0.0
    label_nearest: float = 0.0
    label_size: int = 12
    label_halo: str = ""
    nearest: float = 0.0
    farthest: float = 0.0
    by_land_use: bool = False
    paper: bool = False
    class_fills: Mapping[str, str] = field(default_factory=dict)
    class_lines: Mapping[str, str] = field(default_factory=dict)
    class_hatches: Mapping[str, str] = field(default_factory=dict)

    def of_class(self, name: str, fills: Mapping[str, str]) -> Symbol:
        """The symbol of one class, with no classes of its own. ``fills`` are the colours of land-use classes."""
        fill = self.class_fills.get(name, self.fill)
        return replace(
            self,
            fill=fills.get(name, UNKNOWN_FILL) if self.by_land_use else fill,
            line_style=self.class_lines.get(name, self.line_style),
            hatch_style=self.class_hatches.get(name, self.hatch_style),
            by_land_use=False,
            class_fills={},
            class_lines={},
            class_hatches={},
        )


@dataclass(frozen=True, slots=True)
class SymbolSet:
    """Symbols by layer, and the colours of the sheet itself."""

    background: str
    text: str
    halo: str
    selection: str
    flash: str
    layers: Mapping[str, Symbol]

    def symbol(self, layer: str) -> Symbol:
        """The symbol of a layer; layers without one get a plain outline."""
        return self.layers.get(layer, Symbol(line=self.text))


@cache
def symbol_set(name: str) -> SymbolSet:
    """The set ``light``, ``dark`` or ``print``."""
    with (_STYLES / f"{name}.toml").open("rb") as file:
        data = tomllib.load(file)
    sheet = data["sheet"]
    return SymbolSet(
        background=sheet["background"],
        text=sheet["text"],
        halo=sheet["halo"],
        selection=sheet["selection"],
        flash=sheet["flash"],
        layers={layer: Symbol(**entry) for layer, entry in data["layers"].items()},
    )
