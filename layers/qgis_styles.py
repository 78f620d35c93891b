"""QGIS styles (QML) of the layers, so that the project file opens in QGIS drawn as on our own map.

Colours, widths and labels come from the symbols of the light style, land-use colours from the classes; rows of
the past, block lines out of force and older plan snapshots are left out by the styles' expressions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from gis.draw.symbols import HATCH_OPACITY, Symbol, SymbolSet, symbol_set
from gis.store.identifiers import quoted
from gis.store.styles import (
    CURRENT,
    LayerView,
    StyleLabel,
    StyleRule,
    categorized_qml,
    graduated_qml,
    quoted_text,
    rule_based_qml,
)
from gis.units import convert
from layers.codes import LandUseCodes, code_table, land_use_classes
from layers.land_use_codes import LandUseCode, plain_text
from layers.map_classes import CLASS_FIELDS, LAND_USE_FIELDS
from layers.registry import LAYERS, RECORDS
from layers.spec import Field, FieldType, GeometryKind, LayerSpec
from layers.styling.style import STANDARD, LayerStyle, Renderer, StyleClass
from layers.styling.symbols import class_symbols, styled_symbol
from layers.styling.template import Part, Template

__all__ = [
    "IN_FORCE",
    "NEWEST_SNAPSHOT",
    "class_expression",
    "class_filter",
    "label_expression",
    "layer_qml",
    "qgis_styles",
]

_MILLIMETRES = 25.4 / 96  # of a logical pixel
_POINTS = 72 / 96
_KINDS = {GeometryKind.POLYGON: "fill", GeometryKind.LINE: "line", GeometryKind.POINT: "marker"}
_UNTOLD = "未填写"  # data

# Block lines valid today: a line is replaced, not changed, and the older version stays in the layer.
IN_FORCE = (
    '("valid_from" IS NULL OR "valid_from" <= to_date(now())) '
    'AND ("valid_to" IS NULL OR "valid_to" > to_date(now()))'
)
# The snapshot whose rows were written last: QGIS draws one layer, and snapshots lie on top of each other.
NEWEST_SNAPSHOT = (
    f'"snapshot" = substr(maximum(lpad(to_string("fid"), 12, \'0\') || "snapshot", filter:={CURRENT}), 13)'
)
_DRAWN = {"block_line": f"{CURRENT} AND {IN_FORCE}", "land_use": f"{CURRENT} AND {NEWEST_SNAPSHOT}"}

# What stands between the parts of a mixed code, and codes written without it (R2B1, 07010901) by scheme:
# how a mixed code is known, and where one of its parts begins. The first entry is that of any scheme.
_SEPARATOR = "[/+、;；,，|&()（）]"  # data
_DIGITS = (f"{_SEPARATOR}|^[0-9]{{8,}}$", f"(^|{_SEPARATOR}|^[0-9]{{4}}|^[0-9]{{6}})")
_MIXED = {
    "": (_SEPARATOR, f"(^|{_SEPARATOR})"),
    "gb50137": (f"{_SEPARATOR}|[0-9][A-Z]", f"(^|{_SEPARATOR}|[0-9])"),
    "guide2023": _DIGITS,
    "guide2020": _DIGITS,
}


def qgis_styles(codes: LandUseCodes) -> dict[str, str]:
    """Table name → QML text for every layer and record table with a geometry."""
    symbols = symbol_set("light")
    return {spec.name: _style(spec, symbols, codes) for spec in (*LAYERS, *RECORDS) if spec.stored_geometry}


def layer_qml(spec: LayerSpec, style: LayerStyle, codes: LandUseCodes) -> str:
    """QML text of a layer with geometry in a person's own style."""
    return _style(spec, symbol_set("light"), codes, style)


def _style(spec: LayerSpec, symbols: SymbolSet, codes: LandUseCodes, style: LayerStyle = STANDARD) -> str:
    standard = symbols.symbol(spec.name)
    symbol = styled_symbol(style, standard)
    drawn = _DRAWN.get(spec.name, CURRENT)
    geometry = str(spec.stored_geometry)
    label = None
    template = Template.of_layer(style.label.template, spec)
    if template is not None and symbol.label_colour:
        label = StyleLabel(
            spec.label or "", symbol.label_colour, symbol.label_size * _POINTS, symbol.label_halo or symbols.halo,
            symbol.label_scale, label_expression(template) if style.label.template else "",
            symbol.label_nearest,
        )  # fmt: skip
    view = LayerView(style.opacity, symbol.nearest, symbol.farthest)
    if style.by_field:
        return _by_field(spec, style, standard, drawn, label, view)
    if symbol.by_land_use:
        categories = {
            key: _rule(symbol, item.zh, "", key, fill=item.colour) for key, item in land_use_classes().items()
        }
        value = class_expression(codes, *LAND_USE_FIELDS[spec.name])
        shown = f"CASE WHEN {drawn} THEN {value} END"
        return categorized_qml(geometry, shown, categories, drawn=drawn, label=label, view=view)
    kinds = [_KINDS[kind] for kind in spec.geometry]
    return rule_based_qml(geometry, _rules(spec, symbol), drawn=drawn, kinds=kinds, label=label, view=view)


def _by_field(
    spec: LayerSpec, style: LayerStyle, symbol: Symbol, drawn: str, label: StyleLabel | None, view: LayerView
) -> str:
    """A renderer by category or by range; by rules where QGIS has no other way to say it."""
    geometry, field = str(spec.stored_geometry), spec.field(style.field)
    symbols = class_symbols(style, symbol)
    shown = [
        (
            item,
            replace(
                _rule(one, item.title, class_filter(field, item)),
                nearest=item.nearest,
                farthest=item.farthest,
            ),
        )
        for item, one in zip(style.classes, symbols, strict=False)
        if one is not None
    ]
    graduated = style.renderer is Renderer.GRADUATED
    scaled = any(item.nearest or item.farthest for item, _ in shown)
    if geometry == "GEOMETRY" or scaled or (graduated and any(item.other for item in style.classes)):
        hidden = [class_filter(field, item) for item in style.classes if not item.visible and not item.other]
        apart = (
            f"{drawn} AND NOT coalesce({' OR '.join(f'({one})' for one in hidden)}, false)"
            if hidden
            else drawn
        )
        kinds = [_KINDS[kind] for kind in spec.geometry]
        return rule_based_qml(
            geometry, [rule for _, rule in shown], drawn=apart, kinds=kinds, label=label, view=view
        )
    if graduated:
        value = f"CASE WHEN {drawn} THEN {quoted(field.name)} END"
        ranges = [(item.low, item.high, rule) for item, rule in shown]
        return graduated_qml(geometry, value, ranges, drawn=drawn, label=label, view=view)
    cases = "".join(
        f" WHEN {class_filter(field, item)} THEN '{number}'"
        for number, item in enumerate(style.classes)
        if not item.other
    )
    other = next((number for number, item in enumerate(style.classes) if item.other), None)
    rest = f" ELSE '{other}'" if other is not None else ""
    value = f"CASE WHEN {drawn} THEN CASE{cases or ' WHEN false THEN NULL'}{rest} END END"
    places = {id(item): str(number) for number, item in enumerate(style.classes)}
    categories = {places[id(item)]: rule for item, rule in shown}
    return categorized_qml(geometry, value, categories, drawn=drawn, label=label, view=view)


def class_filter(field: Field, item: StyleClass) -> str:
    """QGIS expression that holds for the rows of a class; ``ELSE`` for those of no other."""
    if item.other:
        return "ELSE"
    column = quoted(field.name)
    if not item.values:
        bounds = [f"{column} >= {item.low!r}"] if item.low is not None else []
        bounds += [f"{column} <= {item.high!r}"] if item.high is not None else []
        return " AND ".join(bounds) or f"{column} IS NOT NULL"
    text = column if field.type in (FieldType.TEXT, FieldType.CODE) else f"to_string({column})"
    given = ", ".join(quoted_text(value) for value in item.values)
    empty = f" OR {column} IS NULL" if "" in item.values else ""
    return f"({text} IN ({given}){empty})"


def label_expression(template: Template) -> str:
    """QGIS expression for a label template: lines whose fields are all empty are left out."""
    lines = []
    for line in template.lines:
        parts = [
            quoted_text(part.text) if part.field is None else f"coalesce({_shown(part)}, '')" for part in line
        ]
        text = " || ".join(parts) or "''"
        fields = [quoted(part.field.name) for part in line if part.field is not None]
        empty = " AND ".join(f"{name} IS NULL" for name in fields)
        lines.append(f"CASE WHEN {empty} THEN '' ELSE {text} || '\\n' END" if fields else f"{text} || '\\n'")
    return f"trim({' || '.join(lines)})"


def _shown(part: Part) -> str:
    field = part.field
    assert field is not None  # noqa: S101 - asked for fields only
    column = quoted(field.name)
    if field.type in (FieldType.REAL, FieldType.INTEGER):
        factor = convert(1.0, field.unit or "", part.unit) if part.unit else 1.0
        return f"format_number({column} * {factor!r}, {part.decimals}, omit_group_separators:=true)"
    if field.type is FieldType.CODE and field.codes and not part.bare:
        cases = "".join(
            f" WHEN {column} = {quoted_text(item.value)} THEN {quoted_text(item.zh)}"
            for item in code_table(field.codes).values
        )
        return f"CASE{cases} ELSE {column} END"
    if field.type is FieldType.DATE:
        return f"left(to_string({column}), {4 if part.bare else 10})"
    return column


def _rules(spec: LayerSpec, symbol: Symbol) -> list[StyleRule]:
    """One rule, or one for each value of the field that tells the classes."""
    name = CLASS_FIELDS.get(spec.name)
    table = spec.field(name).codes if name else None
    if name is None or table is None:
        return [_rule(symbol, spec.zh)]
    return [
        *(
            _rule(symbol, item.zh, f"{quoted(name)} = {quoted_text(item.value)}", item.value)
            for item in code_table(table).values
        ),
        _rule(symbol, _UNTOLD, "ELSE"),
    ]


def _rule(symbol: Symbol, label: str, wanted: str = "", value: str = "", *, fill: str = "") -> StyleRule:
    symbol = symbol.of_class(value, {value: fill})
    return StyleRule(
        label,
        wanted,
        fill=symbol.fill or symbol.line,
        line=symbol.line,
        line_width=round(symbol.width * _MILLIMETRES, 3),
        opacity=symbol.opacity if symbol.fill else 0.0,
        line_style=symbol.line_style,
        hatch=symbol.hatch if symbol.hatch_style else "",
        hatch_style=symbol.hatch_style,
        hatch_opacity=HATCH_OPACITY,
        size=round(symbol.point_size * _MILLIMETRES, 3),
    )


def class_expression(codes: LandUseCodes, scheme_field: str, code_field: str) -> str:
    """QGIS expression that gives the normalised class of a row as ``LandUseCodes.class_of`` does.

    Of a mixed code it tells whether a part is industrial, not whether the other parts are of one class.
    """
    code = f"upper(replace({quoted(code_field)}, ' ', ''))"
    cases = "".join(
        f" WHEN {quoted(scheme_field)} = {quoted_text(scheme)} THEN {_scheme_cases(codes, scheme, code)}"
        for scheme in codes.schemes
    )
    return f"CASE{cases} ELSE 'unknown' END"


def _scheme_cases(codes: LandUseCodes, scheme: str, code: str) -> str:
    entries = {plain_text(item.code): item for item in codes.entries(scheme)}
    prefixes = {text: item for text, item in entries.items() if codes.is_prefix(item)}
    exact = {text: item for text, item in entries.items() if text not in prefixes}
    cases = [f"WHEN {test} THEN {quoted_text(name)}" for test, name in _exact_tests(exact, code)]
    mixed, begins = _MIXED.get(scheme, _MIXED[""])
    only = _part_pattern(entries, prefixes, ("industrial",))
    some = _part_pattern(entries, prefixes, ("industrial", "industrial_mixed"))
    if only:
        part = f"{only}[^{_SEPARATOR[1:-1]}]*"
        every = f"^{_SEPARATOR}*{part}({_SEPARATOR}+{part})*{_SEPARATOR}*$"
        cases.append(f"WHEN {_matches(code, _SEPARATOR)} AND {_matches(code, every)} THEN 'industrial'")
    if some:
        cases.append(
            f"WHEN {_matches(code, mixed)} AND {_matches(code, begins + some)} THEN 'industrial_mixed'"
        )
    cases.append(f"WHEN {_matches(code, mixed)} THEN 'mixed'")
    cases += [f"WHEN {test} THEN {quoted_text(name)}" for test, name in _prefix_tests(prefixes, code)]
    return f"CASE {' '.join(cases)} ELSE 'unknown' END"


def _part_pattern(
    entries: Mapping[str, LandUseCode], prefixes: Mapping[str, LandUseCode], wanted: Collection[str]
) -> str:
    """Regular expression for the beginning of a part of one of the classes; empty if no code is of them."""
    mine = [text for text, item in entries.items() if item.use_class in wanted]
    patterns = []
    for text in mine:
        if text not in prefixes:
            patterns.append(f"{re.escape(text)}(?={_SEPARATOR}|$)")
        elif not any(text != other and text.startswith(other) for other in mine if other in prefixes):
            # Alternatives never begin alike, so that no text takes long to be refused.
            others = [
                re.escape(other[len(text) :])
                for other in entries
                if other.startswith(text) and entries[other].use_class not in wanted
            ]
            patterns.append(re.escape(text) + (f"(?!{'|'.join(others)})" if others else ""))
    return f"({'|'.join(patterns)})" if patterns else ""


def _matches(code: str, pattern: str) -> str:
    return f"regexp_match({code}, {quoted_text(pattern)}) > 0"


def _exact_tests(entries: Mapping[str, LandUseCode], code: str) -> Iterable[tuple[str, str]]:
    by_class: dict[str, list[str]] = {}
    for text, item in entries.items():
        by_class.setdefault(item.use_class, []).append(text)
    for name, texts in by_class.items():
        yield f"{code} IN ({', '.join(map(quoted_text, texts))})", name


def _prefix_tests(entries: Mapping[str, LandUseCode], code: str) -> Iterable[tuple[str, str]]:
    """Longest first; what a shorter one says too is left out."""
    grouped: dict[tuple[int, str], list[str]] = {}
    for text, item in entries.items():
        shorter = (entries[text[:end]] for end in range(len(text) - 1, 0, -1) if text[:end] in entries)
        above = next(shorter, None)
        if above is None or above.use_class != item.use_class:
            grouped.setdefault((len(text), item.use_class), []).append(text)
    for (length, name), texts in sorted(grouped.items(), key=lambda entry: -entry[0][0]):
        yield f"substr({code}, 1, {length}) IN ({', '.join(map(quoted_text, texts))})", name
