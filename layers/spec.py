"""One declaration per layer: import, validation, forms, tables, templates and labels come from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gis.store.schema import ColumnType, StoredColumn, TableSchema
from gis.text import language, mark, tr
from gis.units import unit_title

__all__ = ["Editing", "Field", "FieldType", "GeometryKind", "LayerSpec", "OnMerge", "OnSplit"]


class FieldType(StrEnum):
    """What a value is to a planner; the SQL type follows from it."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    DATE = "date"
    BOOLEAN = "boolean"
    CODE = "code"


_SQL_TYPES = {
    FieldType.TEXT: ColumnType.TEXT,
    FieldType.INTEGER: ColumnType.INTEGER,
    FieldType.REAL: ColumnType.REAL,
    FieldType.DATE: ColumnType.DATE,
    FieldType.BOOLEAN: ColumnType.BOOLEAN,
    FieldType.CODE: ColumnType.TEXT,
}


class GeometryKind(StrEnum):
    """Kinds of geometry a layer may hold."""

    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"

    @property
    def word(self) -> str:
        """What people call it: 点, 线, 面."""
        return tr(_KIND_TITLES[self.value])


_KIND_TITLES = {"point": mark("点"), "line": mark("线"), "polygon": mark("面")}


class OnSplit(StrEnum):
    """What the pieces of a row that is split get of a field.

    ``SHARE``: parts in proportion to their ellipsoidal area; ``NUMBER``: the number with -1, -2 … as a
    proposal; ``CLEAR``: nothing, because a new office paper has to say it.
    """

    COPY = "copy"
    SHARE = "share"
    NUMBER = "number"
    CLEAR = "clear"


class OnMerge(StrEnum):
    """What one row made from several gets of a field.

    ``SAME``: the value that all have, else the user is asked; ``JOIN``: the different texts one after the
    other; ``EARLIEST``: the first day there is; ``LATEST``: the last one, once all have one, as a stage is
    reached when every part has reached it; ``CLEAR``: nothing.
    """

    SAME = "same"
    SUM = "sum"
    JOIN = "join"
    EARLIEST = "earliest"
    LATEST = "latest"
    CLEAR = "clear"


class Editing(StrEnum):
    """How rows of a layer may be edited.

    ``ROWS``: freely. ``VERSIONS``: a boundary is never changed in place, a new row supersedes the old one from
    a day on. ``NONE``: not at all, rows come and go with an import.
    """

    ROWS = "rows"
    VERSIONS = "versions"
    NONE = "none"


# Types to which a rule of inheritance can be applied; the others suit every type.
_INHERITED = {
    OnSplit.SHARE: (FieldType.REAL,),
    OnSplit.NUMBER: (FieldType.TEXT,),
    OnMerge.SUM: (FieldType.REAL,),
    OnMerge.JOIN: (FieldType.TEXT,),
    OnMerge.EARLIEST: (FieldType.DATE,),
    OnMerge.LATEST: (FieldType.DATE,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a layer.

    ``codes`` names a code table of ``resources/codes``; ``unit`` is a key of ``gis.units`` in which
    values are stored; ``synonyms`` are ledger headers (compared without brackets, blanks and case);
    ``source_units`` gives the unit of those synonyms that are known not to name it themselves.
    A ``computed`` field is filled by the program and never taken from a file. ``on_split`` and ``on_merge``
    say what becomes of the value when rows are split and merged. ``refers`` is ``layer.field`` where the value is
    the number of a row there.
    """

    name: str
    type: FieldType
    zh: str
    en: str
    unit: str | None = None
    codes: str | None = None
    required: bool = False
    synonyms: tuple[str, ...] = ()
    source_units: Mapping[str, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    computed: bool = False
    on_split: OnSplit = OnSplit.COPY
    on_merge: OnMerge = OnMerge.SAME
    refers: str | None = None

    def __post_init__(self) -> None:
        for rule in (self.on_split, self.on_merge):
            if self.type not in _INHERITED.get(rule, tuple(FieldType)):
                raise ValueError(f"{self.name}: a {self.type} field cannot be inherited by {rule.value!r}")
        if (self.type is FieldType.CODE) != (self.codes is not None):
            raise ValueError(f"{self.name}: a code field, and only a code field, names its code table")

    @property
    def title(self) -> str:
        """Title in the language in use, without the unit."""
        return self.zh if language() == "zh_CN" else self.en

    @property
    def header(self) -> str:
        """Title with the unit, as it stands over a table column."""
        if not self.unit or self.unit == "one":
            return self.title
        return tr("{title}（{unit}）", title=self.title, unit=unit_title(self.unit))


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSpec:
    """One layer (or, without geometry, one ledger).

    ``key`` names the fields that together identify a row among the current rows; an import reports a
    repeated key as a duplicate. ``indexed`` names further fields by which rows are counted and found.
    ``label`` is the field written on the map. ``parent`` is set for a ledger that belongs to the rows of
    another layer (leases of a factory). ``editing`` says how its rows may be edited; boundaries of layers
    with ``joined`` are edited together, so that neighbours in all of them keep common points.
    """

    name: str
    zh: str
    en: str
    about: str  # marked for translation
    geometry: tuple[GeometryKind, ...]
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    label: str | None = None
    geometry_required: bool = True
    parent: str | None = None
    editing: Editing = Editing.ROWS
    joined: bool = False

    def __post_init__(self) -> None:
        names = [item.name for item in self.fields]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a field is declared twice")
        for name in (*self.key, *((self.label,) if self.label else ())):
            if name not in names:
                raise ValueError(f"{self.name}: no field {name!r}")

    @property
    def title(self) -> str:
        """Title in the language in use."""
        return self.zh if language() == "zh_CN" else self.en

    def field(self, name: str) -> Field:
        """The field of that name; ``KeyError`` if there is none."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(f"layer {self.name} has no field {name!r}")

    @property
    def stored_geometry(self) -> str | None:
        """GeoPackage geometry type: single-kind polygon layers hold multipolygons, mixed ones anything."""
        if not self.geometry:
            return None
        single = {
            GeometryKind.POINT: "POINT",
            GeometryKind.LINE: "MULTILINESTRING",
            GeometryKind.POLYGON: "MULTIPOLYGON",
        }
        return single[self.geometry[0]] if len(self.geometry) == 1 else "GEOMETRY"

    def table_schema(self) -> TableSchema:
        """The stored table of this layer."""
        return TableSchema(
            name=self.name,
            title=self.zh,
            columns=tuple(StoredColumn(item.name, _SQL_TYPES[item.type], item.zh) for item in self.fields),
            geometry=self.stored_geometry,
            indexed=(*self.key, *self.indexed),
        )
