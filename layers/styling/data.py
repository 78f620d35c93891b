"""Styles as plain values (for TOML, JSON and the project file), and back with every value looked at."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from gis.class_breaks import METHODS
from gis.draw.patterns import HATCHES, PENS
from gis.draw.ramps import palettes, ramps
from gis.errors import ParkLineError
from gis.text import tr
from layers.spec import FieldType, LayerSpec
from layers.styling.style import NONE, LabelStyle, LayerStyle, Renderer, Sign, StyleClass
from layers.styling.template import Template

__all__ = ["MOST_CLASSES", "StyleError", "category_fields", "number_fields", "style_data", "style_from_data"]

MOST_CLASSES = 200
LAND_USE_COLOURS = "land_use"  # the palette of the national standard
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_LONGEST_TEXT = 200
_MOST_VALUES = 500
_FARTHEST = 1e9
_CATEGORIES = (FieldType.CODE, FieldType.TEXT, FieldType.INTEGER, FieldType.BOOLEAN, FieldType.DATE)

Key = tuple[str | int, ...]


class StyleError(ParkLineError):
    """A value of a style that cannot stand; ``key`` is the way to it: ``("classes", 2, "fill")``."""

    def __init__(self, key: Key, message: str, hint: str = "") -> None:
        text = tr("{key}：{problem}", key=_way(key), problem=message) if key else message
        super().__init__(text, hint=hint)
        self.key = key


def category_fields(spec: LayerSpec) -> list[str]:
    """Fields whose values may be categories."""
    return [item.name for item in spec.fields if item.type in _CATEGORIES]


def number_fields(spec: LayerSpec) -> list[str]:
    """Fields that may be divided into graduated classes."""
    return [item.name for item in spec.fields if item.type in (FieldType.REAL, FieldType.INTEGER)]


def style_data(style: LayerStyle) -> dict[str, Any]:
    """What departs from the standard, as numbers, texts, lists and tables."""
    return _departing(style, LayerStyle())


def _departing(value: Any, standard: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in fields(value):
        mine, usual = getattr(value, item.name), getattr(standard, item.name)
        if mine == usual:
            continue
        if isinstance(mine, Sign | LabelStyle):
            found[item.name] = _departing(mine, type(mine)())
        elif item.name == "classes":
            found[item.name] = [_departing(one, StyleClass()) for one in mine]
        elif isinstance(mine, tuple):
            found[item.name] = list(mine)
        else:
            found[item.name] = str(mine) if isinstance(mine, str) else mine
    return found


def style_from_data(data: object, spec: LayerSpec, *, skip: tuple[str, ...] = ()) -> LayerStyle:
    """The style that plain values say; ``StyleError`` for the first one that cannot be.

    ``skip`` are keys beside those of a style.
    """
    table = _table(data, (), {*_STYLE, "classes", "sign", "label", *skip})
    style = LayerStyle(**{name: _STYLE[name](table[name], (name,)) for name in _STYLE if name in table})
    style = replace(
        style,
        sign=_sign(table.get("sign", {}), ("sign",)),
        label=_label(table.get("label", {}), spec),
        classes=_classes(table.get("classes", [])),
    )
    _fits(style, spec)
    return style


def _fits(style: LayerStyle, spec: LayerSpec) -> None:
    """Whether the style's field is one of the layer's and its classes are of its renderer's kind."""
    if not style.by_field:
        return
    known = category_fields(spec) if style.renderer is Renderer.CATEGORIES else number_fields(spec)
    if style.field not in known:
        raise StyleError(
            ("field",),
            tr("图层“{layer}”没有可用的字段“{field}”", layer=spec.title, field=style.field[:40]),
            tr("可用字段：{fields}", fields=tr("、").join(known)),
        )
    if not style.classes:
        raise StyleError(("classes",), tr("没有类别"), tr("至少需要一个类别。"))
    for number, item in enumerate(style.classes):
        key = ("classes", number)
        if item.other:
            continue
        if style.renderer is Renderer.CATEGORIES and not item.values:
            raise StyleError((*key, "values"), tr("类别没有值"))
        if item.low is not None and item.high is not None and item.low > item.high:
            raise StyleError((*key, "high"), tr("上限小于下限"))


def _classes(data: object) -> tuple[StyleClass, ...]:
    items = _list(data, ("classes",), MOST_CLASSES)
    found = []
    for number, entry in enumerate(items):
        key: Key = ("classes", number)
        table = _table(entry, key, {*_CLASS, "sign"})
        plain = {name: _CLASS[name](table[name], (*key, name)) for name in _CLASS if name in table}
        found.append(StyleClass(**plain, sign=_sign(table.get("sign", {}), (*key, "sign"))))
    return tuple(found)


def _sign(data: object, key: Key) -> Sign:
    table = _table(data, key, set(_SIGN))
    return Sign(**{name: _SIGN[name](value, (*key, name)) for name, value in table.items()})


def _label(data: object, spec: LayerSpec) -> LabelStyle:
    table = _table(data, ("label",), set(_LABEL))
    label = LabelStyle(**{name: _LABEL[name](value, ("label", name)) for name, value in table.items()})
    if label.template:
        try:
            Template.parse(label.template, spec)
        except ParkLineError as error:
            raise StyleError(("label", "template"), error.message, error.hint) from None
    return label


# --- single values -----------------------------------------------------------------------------------


def _way(key: Key) -> str:
    """``classes[3].fill``, counted from one as a person counts."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in key).lstrip(".")


def _table(data: object, key: Key, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise StyleError(key, tr("这里应是一组键和值"))
    for name in data:
        if name not in known:
            raise StyleError(
                (*key, str(name)[:40]),
                tr("不认识的键"),
                tr("可用的键：{keys}", keys=tr("、").join(sorted(known))),
            )
    return data


def _list(data: object, key: Key, most: int) -> list[Any]:
    if not isinstance(data, list):
        raise StyleError(key, tr("这里应是一个列表"))
    if len(data) > most:
        raise StyleError(key, tr("最多 {most} 项，这里有 {count} 项", most=most, count=len(data)))
    return data


def _text(value: object, key: Key) -> str:
    if not isinstance(value, str):
        raise StyleError(key, tr("这里应是文字"))
    if len(value) > _LONGEST_TEXT or any(ord(letter) < 32 and letter != "\n" for letter in value):
        raise StyleError(key, tr("文字太长或含有控制字符"))
    return value


def _colour(value: object, key: Key) -> str:
    text = _text(value, key)
    if not _COLOUR.fullmatch(text):
        raise StyleError(
            key, tr("“{value}”不是颜色", value=text[:20]), tr("颜色写作 #RRGGBB，例如 #BB9674。")
        )
    return text.upper()


def _colour_or_none(value: object, key: Key) -> str:
    return NONE if value == NONE else _colour(value, key)


def _flag(value: object, key: Key) -> bool:
    if not isinstance(value, bool):
        raise StyleError(key, tr("这里应是 true 或 false"))
    return value


def _number(low: float, high: float) -> Callable[[object, Key], float]:
    def read(value: object, key: Key) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise StyleError(key, tr("这里应是数字"))
        if not low <= value <= high:
            raise StyleError(
                key,
                tr("{value} 不在 {low} 至 {high} 之间", value=f"{value:g}", low=f"{low:g}", high=f"{high:g}"),
            )
        return float(value)

    return read


def _one_of(names: Callable[[], list[str]]) -> Callable[[object, Key], str]:
    def read(value: object, key: Key) -> str:
        text = _text(value, key)
        if text not in names():
            raise StyleError(
                key,
                tr("不认识的值“{value}”", value=text[:40]),
                tr("可用的值：{values}", values=tr("、").join(names())),
            )
        return text

    return read


def _whole(low: int, high: int) -> Callable[[object, Key], int]:
    inner = _number(low, high)
    return lambda value, key: round(inner(value, key))


def _values(value: object, key: Key) -> tuple[str, ...]:
    return tuple(_text(item, (*key, number)) for number, item in enumerate(_list(value, key, _MOST_VALUES)))


_renderer = _one_of(lambda: [str(item.value) for item in Renderer])
_any_number, _scale = _number(-1e18, 1e18), _number(0.0, _FARTHEST)
_STYLE: Mapping[str, Callable[[object, Key], Any]] = {
    "renderer": lambda value, key: Renderer(_renderer(value, key)),
    "field": _text,
    "ramp": _one_of(lambda: [*ramps(), *palettes(), LAND_USE_COLOURS]),
    "method": _one_of(lambda: [*METHODS, "own"]),
    "opacity": _number(0.1, 1.0),
    "nearest": _scale,
    "farthest": _scale,
}
_CLASS: Mapping[str, Callable[[object, Key], Any]] = {
    "title": _text,
    "values": _values,
    "low": _any_number,
    "high": _any_number,
    "other": _flag,
    "visible": _flag,
    "nearest": _scale,
    "farthest": _scale,
}
_SIGN: Mapping[str, Callable[[object, Key], Any]] = {
    "fill": _colour_or_none,
    "hatch": _one_of(lambda: [NONE, *(name for name in HATCHES if name)]),
    "hatch_colour": _colour,
    "line": _colour_or_none,
    "line_style": _one_of(lambda: list(PENS)),
    "width": _number(0.0, 6.0),
    "size": _number(0.0, 30.0),
}
_LABEL: Mapping[str, Callable[[object, Key], Any]] = {
    "shown": _flag,
    "template": _text,
    "size": _whole(0, 40),
    "colour": _colour,
    "halo": _colour,
    "farthest": _scale,
}
