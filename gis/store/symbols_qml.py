"""Symbols of QGIS (QML): from a rule of a style to the symbol layers that draw it.

Written as QGIS 3.22 writes QML: symbol properties both as ``Option`` (read since 3.22) and as ``prop`` (before).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from xml.sax.saxutils import quoteattr

__all__ = ["StyleRule", "rgba", "symbol_qml"]

_Part = tuple[str, Mapping[str, str], str]  # class of the symbol layer, its properties, a symbol inside it
# Names of ``gis.draw.patterns`` → names of Qt's pens and brushes, as QGIS writes them.
_STROKES = {"dash": "dash", "dot": "dot", "dash_dot": "dash dot"}
_BRUSHES = {
    "diagonal_right": "b_diagonal",
    "diagonal_left": "f_diagonal",
    "diagonal_cross": "diagonal_x",
    "horizontal": "horizontal",
    "vertical": "vertical",
    "grid": "cross",
    "dots": "dense6",
}


@dataclass(frozen=True, slots=True)
class StyleRule:
    """One entry of a legend. ``filter`` is a QGIS expression, empty for all, ``ELSE`` for what no other rule takes.

    Colours are #RRGGBB, sizes millimetres. ``opacity`` is that of the fill; 0 draws the outline only. ``hatch`` is
    the colour of lines or dots over it; ``hatch_style`` and ``line_style`` are names of ``gis.draw.patterns``.
    ``nearest`` and ``farthest`` are scale denominators between which a rule draws, 0 for no limit.
    """

    label: str
    filter: str = ""
    fill: str = "#d9d9d9"
    line: str = "#4d4d4d"
    line_width: float = 0.26
    opacity: float = 0.6
    line_style: str = "solid"
    hatch: str = ""
    hatch_style: str = "diagonal_right"
    hatch_opacity: float = 0.35
    size: float = 2.4  # of a point
    nearest: float = 0.0
    farthest: float = 0.0


def symbol_qml(kind: str, number: int, rule: StyleRule) -> str:
    """A symbol of kind ``marker``, ``line`` or ``fill``."""
    return (
        f'<symbol type="{kind}" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">'
        + "".join(_layer(*part) for part in _SYMBOL_LAYERS[kind](rule))
        + "</symbol>"
    )


def _marker_layers(rule: StyleRule) -> list[_Part]:
    options = {
        "color": rgba(rule.fill, rule.opacity),
        "name": "circle",
        "outline_color": rgba(rule.line),
        "outline_style": "solid",
        "outline_width": f"{rule.line_width:g}",
        "outline_width_unit": "MM",
        "scale_method": "diameter",
        "size": f"{rule.size:g}",
        "size_unit": "MM",
    }
    return [("SimpleMarker", options, "")]


def _line_layers(rule: StyleRule) -> list[_Part]:
    if rule.line_style == "double":
        apart = rule.line_width * 1.6
        return [_line(rule, offset=apart), _line(rule, offset=-apart)]
    return [_line(rule), *_tick_layers(rule)]


def _fill_layers(rule: StyleRule) -> list[_Part]:
    """The fill with its outline, then the hatch; a hatch without a fill is the brush of the only layer."""
    line, fill = rgba(rule.line), rgba(rule.fill, rule.opacity)
    brush = _BRUSHES.get(rule.hatch_style, "") if rule.hatch else ""
    ink = rgba(rule.hatch, rule.hatch_opacity) if brush else ""
    style = "no" if rule.opacity <= 0 else "solid"
    if brush and rule.opacity <= 0:
        fill, style = ink, brush
    stroke = "no" if rule.line_style == "double" else _STROKES.get(rule.line_style, "solid")
    options = {
        "color": fill,
        "style": style,
        "outline_color": line,
        "outline_style": stroke,
        "outline_width": f"{rule.line_width:g}",
        "outline_width_unit": "MM",
        "joinstyle": "round",
    }
    parts: list[_Part] = [("SimpleFill", options, "")]
    if brush and rule.opacity > 0:
        parts.append(("SimpleFill", {"color": ink, "style": brush, "outline_style": "no"}, ""))
    return [*parts, *(_line_layers(rule) if rule.line_style == "double" else _tick_layers(rule))]


def _line(rule: StyleRule, offset: float = 0.0) -> _Part:
    options = {
        "line_color": rgba(rule.line),
        "line_style": _STROKES.get(rule.line_style, "solid"),
        "line_width": f"{rule.line_width:g}",
        "line_width_unit": "MM",
        "joinstyle": "round",
    }
    return ("SimpleLine", options | ({"offset": f"{offset:g}", "offset_unit": "MM"} if offset else {}), "")


def _tick_layers(rule: StyleRule) -> list[_Part]:
    if rule.line_style != "ticks":
        return []
    options = {
        "interval": "2.4",
        "interval_unit": "MM",
        "hash_angle": "0",
        "hash_length": "1.4",
        "placement": "interval",
    }
    plain = _layer(*_line(replace(rule, line_style="solid")))
    return [("HashLine", options, f'<symbol type="line" name="@0@1" alpha="1">{plain}</symbol>')]


_SYMBOL_LAYERS: Mapping[str, Callable[[StyleRule], list[_Part]]] = {
    "marker": _marker_layers,
    "line": _line_layers,
    "fill": _fill_layers,
}


def _layer(name: str, options: Mapping[str, str], inner: str) -> str:
    entries = "".join(
        f'<Option name={quoteattr(key)} type="QString" value={quoteattr(value)}/>'
        for key, value in options.items()
    )
    return (
        f'<layer class="{name}" enabled="1" locked="0" pass="0"><Option type="Map">{entries}</Option>'
        + "".join(f"<prop k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in options.items())
        + f"{inner}</layer>"
    )


def rgba(colour: str, opacity: float = 1.0) -> str:
    """``#RRGGBB`` as QGIS writes colours: ``r,g,b,a``."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"
