"""From a layer's symbol to the colours and widths of each of its classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from gis.draw.patterns import HATCHES, PENS
from gis.draw.raster import Look
from gis.draw.symbols import HATCH_OPACITY, Symbol

__all__ = ["Kept", "argb", "look_of", "look_of_symbols"]

_Made = TypeVar("_Made")
_HATCH_SPACING, _HATCH_WIDTH = 9.0, 1.5  # logical pixels


class Kept:
    """What was made last for each name: the looks of a map seldom change, and to draw a small layer takes no longer.

    Parts are compared by value and may be what no dictionary takes as a key; whoever gives them changes them no more.
    """

    def __init__(self) -> None:
        self._found: dict[str, tuple[tuple[Any, ...], Any]] = {}

    def of(self, name: str, make: Callable[..., _Made], *parts: Any) -> _Made:
        """``make(*parts)``, or what it gave for this name the last time, if the parts are the same."""
        found = self._found.get(name)
        if found is None or found[0] != (make, *parts):
            found = self._found[name] = ((make, *parts), make(*parts))
        made: _Made = found[1]
        return made


@lru_cache(maxsize=4096)
def argb(colour: str, opacity: float = 1.0) -> int:
    """``#RRGGBB`` or ``#AARRGGBB`` as a straight ARGB number; 0 for no colour. ``ValueError`` for anything else."""
    if not colour:
        return 0
    digits = colour.removeprefix("#")
    if len(digits) not in (6, 8):
        raise ValueError(f"not a colour: {colour!r}")
    number = int(digits, 16)
    alpha = number >> 24 if len(digits) == 8 else 255
    return round(alpha * min(max(opacity, 0.0), 1.0)) << 24 | number & 0xFFFFFF


def look_of(
    symbol: Symbol,
    class_names: Sequence[str],
    shown: Sequence[bool],
    fills: Mapping[str, str],
    opacity: float = 1.0,
    ratio: float = 1.0,
) -> Look:
    """How to draw a layer whose class ``i`` is called ``class_names[i]``.

    ``shown`` leaves classes out; ``fills`` are the colours of land-use classes; ``ratio`` is device pixels a
    logical pixel.
    """
    resolved = {name: symbol.of_class(name, fills) for name in set(class_names)}
    symbols = [resolved[name] if wanted else None for name, wanted in zip(class_names, shown, strict=True)]
    return look_of_symbols(symbols, opacity=opacity, ratio=ratio)


def look_of_symbols(symbols: Sequence[Symbol | None], opacity: float = 1.0, ratio: float = 1.0) -> Look:
    """The look of classes by their symbols; None for a class that is not drawn."""
    count = max(1, len(symbols))
    fills, lines, hatches = (np.zeros(count, dtype=np.uint32) for _ in range(3))
    pens, kinds = np.zeros(count, dtype=np.uint8), np.zeros(count, dtype=np.uint8)
    widths = np.ones(count)
    for number, symbol in enumerate(symbols):
        if symbol is None:
            continue
        fills[number] = argb(symbol.fill, symbol.opacity * opacity)
        lines[number] = argb(symbol.line, opacity)
        pens[number] = PENS[symbol.line_style]
        widths[number] = symbol.width * ratio
        kinds[number] = HATCHES[symbol.hatch_style]
        hatches[number] = argb(symbol.hatch, HATCH_OPACITY * opacity) if kinds[number] else 0
    drawn = next((symbol for symbol in symbols if symbol is not None), Symbol())
    return Look(
        fills=fills,
        lines=lines,
        pens=pens,
        width=widths,
        hatch=hatches,
        hatch_kinds=kinds,
        point_size=drawn.point_size * ratio,
        hatch_spacing=max(3, round(_HATCH_SPACING * ratio)),
        hatch_width=_HATCH_WIDTH * ratio,
    )
