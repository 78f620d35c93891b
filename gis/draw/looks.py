"""From a layer's symbol to the colours and widths of each of its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gis.draw.raster import Look
from gis.draw.symbols import HATCH_OPACITY, Symbol

__all__ = ["argb", "look_of"]

_UNKNOWN_FILL = "#C9C9C9"  # a class that the style has no colour for


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
    *,
    colour: str = "",
    opacity: float = 1.0,
    ratio: float = 1.0,
) -> Look:
    """How to draw a layer whose class ``i`` is called ``class_names[i]``.

    ``shown`` leaves classes out; ``fills`` are the colours of land-use classes; ``colour`` is the user's own
    and replaces the symbol's; ``ratio`` is device pixels a logical pixel.
    """
    count = max(1, len(class_names))
    fill_colours, line_colours = np.zeros(count, dtype=np.uint32), np.zeros(count, dtype=np.uint32)
    dashed = np.zeros(count, dtype=np.bool_)
    filled = bool(symbol.fill or symbol.by_land_use)
    line = colour if colour and not filled else symbol.line
    for number, (name, wanted) in enumerate(zip(class_names, shown, strict=True)):
        if not wanted:
            continue
        if symbol.by_land_use:
            fill = colour or fills.get(name, _UNKNOWN_FILL)
        else:
            fill = (colour if filled else "") or symbol.class_fills.get(name, symbol.fill)
        fill_colours[number] = argb(fill, symbol.opacity * opacity)
        line_colours[number] = argb(line, opacity)
        dashed[number] = symbol.dash or symbol.class_dashes.get(name, False)
    return Look(
        fills=fill_colours,
        lines=line_colours,
        dashed=dashed,
        width=symbol.width * ratio,
        hatch=argb(colour or symbol.hatch, HATCH_OPACITY * opacity) if symbol.hatch else 0,
        point_size=symbol.point_size * ratio,
    )
