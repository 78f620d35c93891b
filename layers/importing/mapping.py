"""Columns of a file matched to the fields of a layer, by name and by the synonyms of its declaration."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from gis.errors import ParkLineError
from gis.text import tr
from gis.units import UNIT_FACTORS, unit_in_header, without_unit
from layers.short_names import short_names
from layers.spec import Field, LayerSpec

__all__ = [
    "Source",
    "match_columns",
    "needs_unit",
    "parse_assignment",
    "remembered",
    "signature",
    "to_memory",
]

_BRACKETS = re.compile(r"[(\[【〔（].*?[)\]】〕）]")  # data


@dataclass(frozen=True, slots=True)
class Source:
    """Where the values of a field come from: a column with its unit, or one constant for all rows.

    ``how`` says why: name, synonym, remembered, given.
    """

    column: str | None = None
    unit: str | None = None
    constant: str | None = None
    how: str = "given"


def normalised(header: str) -> str:
    """A header as it is compared: NFKC, without bracketed remarks, blanks, colons and case."""
    text = _BRACKETS.sub("", unicodedata.normalize("NFKC", header))
    return re.sub(r"[\s:_\-*./]", "", text).casefold()


def needs_unit(field: Field) -> bool:
    """Whether numbers of this field mean nothing without a unit (areas and money)."""
    return field.unit is not None and UNIT_FACTORS[field.unit][0] in {"area", "money"}


def match_columns(spec: LayerSpec, columns: Sequence[str]) -> dict[str, Source]:
    """Propose a source for each field. Own names and titles win over synonyms; a column serves one field."""
    keys = {normalised(without_unit(column)): column for column in reversed(columns)}
    keys |= {normalised(column): column for column in reversed(columns)}
    used: set[str] = set()
    found: dict[str, Source] = {}
    fields = [field for field in spec.fields if not field.computed]
    short = short_names(spec)
    # What the export wrote carries these two, and its values stand in the units of the declarations.
    own = {"uuid", "source"} <= set(columns)
    for how in ("name", "synonym"):
        for field in fields:
            if field.name in found:
                continue
            names = (field.name, field.zh, field.en, short[field.name]) if how == "name" else field.synonyms
            for name in names:
                column = keys.get(normalised(name))
                if column is not None and column not in used:
                    used.add(column)
                    unit = field.unit if own and how == "name" else unit_of(field, column, name)
                    found[field.name] = Source(column, unit, how=how)
                    break
    return {field.name: found[field.name] for field in fields if field.name in found}


def unit_of(field: Field, column: str, synonym: str = "") -> str | None:
    """The unit of a column: named in its header, else known of that synonym; None if nobody says."""
    if field.unit is None:
        return None
    stated = unit_in_header(column)
    if stated is not None and UNIT_FACTORS[stated][0] == UNIT_FACTORS[field.unit][0]:
        return stated
    for name, unit in field.source_units.items():
        if normalised(name) in {normalised(column), normalised(synonym)} and normalised(name) == normalised(
            column
        ):
            return unit
    return None if needs_unit(field) else field.unit


def parse_assignment(spec: LayerSpec, text: str, columns: Iterable[str]) -> tuple[str, Source]:
    """``field=column``, ``field=column[unit]`` or ``field==constant`` as typed by a person.

    Raises ``ParkLineError`` for an unknown field, column or unit.
    """
    name, separator, value = text.partition("=")
    name = name.strip()
    known = {field.name: field for field in spec.fields if not field.computed}
    if not separator or name not in known:
        raise ParkLineError(
            tr("“{text}”不是“字段=列名”的形式，或图层没有字段 {name}。", text=text, name=name),
            hint=tr("可用字段：{fields}", fields=tr("、").join(known)),
        )
    field = known[name]
    if value.startswith("="):
        return name, Source(constant=value[1:])
    column, unit = value.strip(), None
    available = list(columns)
    stated = re.fullmatch(r"(.*)\[(\w+)\]", column)
    if stated and column not in available:
        column, unit = stated[1].strip(), stated[2]
        unit = unit if unit in UNIT_FACTORS else unit_in_header(f"x({unit})")
        if unit is None or field.unit is None or UNIT_FACTORS[unit][0] != UNIT_FACTORS[field.unit][0]:
            raise ParkLineError(
                tr("字段 {name} 不能用单位“{unit}”。", name=name, unit=stated[2]),
                hint=tr("可用单位：{units}", units=tr("、").join(UNIT_FACTORS)),
            )
    if column not in available:
        raise ParkLineError(
            tr("文件中没有列“{column}”。", column=column),
            hint=tr("文件中的列：{columns}", columns=tr("、").join(available)),
        )
    return name, Source(column, unit or unit_of(field, column))


def signature(columns: Sequence[str]) -> str:
    """Key under which the mapping of a file with these columns is remembered."""
    return hashlib.sha256("\x1f".join(sorted(columns)).encode()).hexdigest()[:32]


def to_memory(spec: LayerSpec, mapping: Mapping[str, Source]) -> str:
    """A mapping as the JSON text that is kept in the project; null says that a field was left without a source."""
    known = {field.name: None for field in spec.fields if not field.computed}
    kept = {**known, **{name: asdict(source) for name, source in mapping.items()}}
    return json.dumps(kept, ensure_ascii=False)


def remembered(
    text: str, spec: LayerSpec, columns: Sequence[str], found: Mapping[str, Source]
) -> dict[str, Source]:
    """A kept mapping, as far as its fields and columns still exist.

    ``found`` is what would be proposed without it: only fields that were not declared then are taken from there.
    """
    known = {field.name for field in spec.fields if not field.computed}
    memory: dict[str, dict[str, str | None] | None] = json.loads(text)
    mapping = {
        name: Source(entry.get("column"), entry.get("unit"), entry.get("constant"), "remembered")
        for name, entry in memory.items()
        if name in known
        and entry is not None
        and (entry.get("column") in columns or entry.get("constant") is not None)
    }
    used = {source.column for source in mapping.values()}
    return mapping | {
        name: source for name, source in found.items() if name not in memory and source.column not in used
    }
