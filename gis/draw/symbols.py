"""How layers look, read from ``resources/styles``: one set each for light, dark and print."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

__all__ = ["HATCH_OPACITY", "Symbol", "SymbolSet", "symbol_set"]

HATCH_OPACITY = 0.35  # of the diagonal lines over a hatched polygon

_STYLES = Path(__file__).resolve().parents[2] / "resources" / "styles"


@dataclass(frozen=True, slots=True)
class Symbol:
    """The look of one layer. Colours are ``#RRGGBB``, widths and sizes logical pixels, opacity 0 to 1.

    ``class_fills`` and ``class_dashes`` win over ``fill`` and ``dash`` for features of that class.
    Labels are written from scale 1:``label_scale`` on inwards.
    """

    fill: str = ""
    opacity: float = 1.0
    line: str = ""
    width: float = 1.0
    dash: bool = False
    hatch: str = ""
    point_size: float = 7.0
    label_colour: str = ""
    label_scale: float = 0.0
    label_size: int = 12
    by_land_use: bool = False
    class_fills: Mapping[str, str] = field(default_factory=dict)
    class_dashes: Mapping[str, bool] = field(default_factory=dict)


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
