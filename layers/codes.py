"""Code tables of the layers: what is stored, what is shown, which spellings a file may use.

The tables stand in ``resources/codes/lists.toml``. `LandUseCodes`, the land-use schemes and their
crosswalk, is offered here too.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from gis.text import language
from layers.land_use_codes import LandUseClass, LandUseCodes, land_use_classes

__all__ = [
    "CodeTable",
    "CodeValue",
    "LandUseClass",
    "LandUseCodes",
    "code_table",
    "code_tables",
    "land_use_classes",
]

_LISTS = Path(__file__).resolve().parent.parent / "resources" / "codes" / "lists.toml"


def _key(text: object) -> str:
    """Spelling by which values are compared: NFKC, no blanks, no case, ``2.0`` as ``2``."""
    plain = "".join(unicodedata.normalize("NFKC", str(text)).split()).casefold()
    return plain[:-2] if plain.endswith(".0") and plain[:-2].isdigit() else plain


@dataclass(frozen=True, slots=True)
class CodeValue:
    """One value of a code table; ``flags`` are facts about it (a supply mode: ``conveyance``, ``open``)."""

    value: str
    zh: str
    en: str
    synonyms: tuple[str, ...] = ()
    flags: Mapping[str, bool] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Title in the language in use."""
        return self.zh if language() == "zh_CN" else self.en


@dataclass(frozen=True, slots=True)
class CodeTable:
    """The values a code field may hold."""

    name: str
    values: tuple[CodeValue, ...]
    _index: Mapping[str, CodeValue] = field(repr=False)

    def canonical(self, text: object) -> str | None:
        """The stored value meant by ``text`` (value, title or synonym), or None if it is none of them."""
        found = self._index.get(_key(text))
        return None if found is None else found.value

    def get(self, value: str) -> CodeValue | None:
        """The entry of a stored value, or None."""
        found = self._index.get(_key(value))
        return found if found is not None and found.value == value else None

    def title(self, value: object) -> str:
        """Title of a stored value in the language in use; an unknown value stands for itself."""
        if value is None or value != value:  # NaN
            return ""
        found = self.get(str(value))
        return str(value) if found is None else found.title

    def having(self, flag: str) -> tuple[str, ...]:
        """The values for which a flag holds."""
        return tuple(item.value for item in self.values if item.flags.get(flag, False))


@cache
def code_tables() -> Mapping[str, CodeTable]:
    """All code tables by name."""
    with _LISTS.open("rb") as file:
        lists = tomllib.load(file)
    tables = {}
    for name, entries in lists.items():
        values = tuple(
            CodeValue(
                value=entry["value"],
                zh=entry["zh"],
                en=entry["en"],
                synonyms=tuple(entry.get("synonyms", ())),
                flags={key: value for key, value in entry.items() if isinstance(value, bool)},
            )
            for entry in entries
        )
        index: dict[str, CodeValue] = {}
        # Stored values win over titles, titles over synonyms: "1" of a level is never a stage.
        for spellings in (
            lambda item: (item.value,),
            lambda item: (item.zh, item.en),
            lambda item: item.synonyms,
        ):
            for item in values:
                for spelling in spellings(item):
                    index.setdefault(_key(spelling), item)
        tables[name] = CodeTable(name, values, index)
    return tables


def code_table(name: str) -> CodeTable:
    """The code table of that name; ``KeyError`` if there is none."""
    return code_tables()[name]
