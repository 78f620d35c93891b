"""What is written on a row: a text with the layer's fields in braces, ``{parcel_no}`` or ``{area_ellipsoid:mu} 亩``.

After the colon stands, for a number, a unit of ``gis.units`` and after a dot the number of decimals (``mu``,
``mu.1``, ``.0``); for a date ``year``; for a coded field ``code``, which gives the value instead of its title.
``{{`` and ``}}`` are braces. Nothing else is understood: no attributes, no calls, no other format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gis.errors import ParkLineError
from gis.text import tr
from gis.units import UNIT_FACTORS, convert
from layers.codes import code_table
from layers.spec import Field, FieldType, LayerSpec

__all__ = ["Part", "Template"]

_LONGEST, _MOST_LINES, _MOST_DECIMALS = 300, 6, 6
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NUMBER = re.compile(r"([a-z][a-z0-9_]*)?(?:\.([0-9]))?")
_NUMBERS = (FieldType.REAL, FieldType.INTEGER)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line: a text, or a field with its unit, decimals and whether the bare value is meant."""

    text: str = ""
    field: Field | None = None
    unit: str = ""
    decimals: int = 0
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """The lines of a label, each of parts. A line whose fields are all empty is left out."""

    lines: tuple[tuple[Part, ...], ...]

    @classmethod
    def parse(cls, text: str, spec: LayerSpec) -> Template:
        """Read a template of a layer's fields. ``ParkLineError`` says what is wrong with it."""
        if len(text) > _LONGEST or text.count("\n") >= _MOST_LINES:
            raise ParkLineError(
                tr("标注模板太长"),
                hint=tr("最多 {lines} 行、{letters} 个字符。", lines=_MOST_LINES, letters=_LONGEST),
            )
        return cls(tuple(_line(line, spec) for line in text.split("\n")))

    @classmethod
    def of_layer(cls, text: str, spec: LayerSpec) -> Template | None:
        """The template, or for "" the layer's own label; None if it has none."""
        if text:
            return cls.parse(text, spec)
        return cls(((Part(field=spec.field(spec.label)),),)) if spec.label else None

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields it needs, each once."""
        parts = (part for line in self.lines for part in line)
        return tuple(dict.fromkeys(part.field.name for part in parts if part.field is not None))

    def render(self, row: Mapping[str, Any]) -> str:
        """The label of a row given by its stored values."""
        lines = []
        for line in self.lines:
            texts = [
                part.text if part.field is None else _value(part, row.get(part.field.name)) for part in line
            ]
            empty = [not text for part, text in zip(line, texts, strict=True) if part.field is not None]
            if not (empty and all(empty)):
                lines.append("".join(texts).strip())
        return "\n".join(line for line in lines if line)


def _line(text: str, spec: LayerSpec) -> tuple[Part, ...]:
    parts: list[Part] = []
    end = 0
    for found in _TOKEN.finditer(text):
        if found.start() > end:
            parts.append(Part(text[end : found.start()]))
        end = found.end()
        token = found.group()
        if token in ("{{", "}}"):
            parts.append(Part(token[0]))
        elif found.group(1) is None:
            raise ParkLineError(
                tr("标注模板中的花括号不成对"),
                hint=tr("字段写作 {example}。", example="{" + spec.fields[0].name + "}"),
            )
        else:
            parts.append(_placeholder(found.group(1), spec))
    if end < len(text):
        parts.append(Part(text[end:]))
    return tuple(parts)


def _placeholder(text: str, spec: LayerSpec) -> Part:
    name, _, wish = (piece.strip() for piece in text.partition(":"))
    try:
        field = spec.field(name)
    except KeyError:
        known = tr("、").join(item.name for item in spec.fields)
        raise ParkLineError(
            tr("图层“{layer}”没有字段“{field}”", layer=spec.title, field=name[:40]),
            hint=tr("可用字段：{fields}", fields=known),
        ) from None
    if field.type in _NUMBERS:
        return _number(field, wish)
    if wish and wish != {FieldType.DATE: "year", FieldType.CODE: "code"}.get(field.type):
        raise _unknown_format(field, wish)
    return Part(field=field, bare=bool(wish))


def _number(field: Field, wish: str) -> Part:
    standard = 2 if field.type is FieldType.REAL else 0
    found = _NUMBER.fullmatch(wish)
    if found is None:
        raise _unknown_format(field, wish)
    unit, decimals = found.group(1) or "", found.group(2)
    if unit:
        own = UNIT_FACTORS.get(field.unit or "", ("", 0.0))[0]
        if not own or UNIT_FACTORS.get(unit, ("?", 0.0))[0] != own:
            raise _unknown_format(field, wish)
    digits = int(decimals) if decimals else standard
    if digits > _MOST_DECIMALS:
        raise _unknown_format(field, wish)
    return Part(field=field, unit=unit, decimals=digits)


def _unknown_format(field: Field, wish: str) -> ParkLineError:
    units = [
        name
        for name, entry in UNIT_FACTORS.items()
        if entry[0] == UNIT_FACTORS.get(field.unit or "", ("",))[0]
    ]
    known = [*units, ".0", ".1", ".2"] if field.type in _NUMBERS else []
    known += {FieldType.DATE: ["year"], FieldType.CODE: ["code"]}.get(field.type, [])
    return ParkLineError(
        tr("字段“{field}”不能写成“{format}”", field=field.title, format=wish[:40]),
        hint=tr("可用格式：{formats}", formats=tr("、").join(known)) if known else tr("该字段不带格式。"),
    )


def _value(part: Part, value: Any) -> str:
    field = part.field
    if field is None or value is None or value != value:  # NaN, NaT
        return ""
    if field.type in _NUMBERS:
        number = float(value)
        if part.unit:
            number = convert(number, field.unit or "", part.unit)
        return f"{number:.{part.decimals}f}"
    if field.type is FieldType.DATE:
        return str(value)[: 4 if part.bare else 10]
    if field.type is FieldType.CODE and field.codes and not part.bare:
        return code_table(field.codes).title(value)
    if field.type is FieldType.BOOLEAN:
        return tr("是") if value else tr("否")
    return str(value).replace("\n", " ")
