"""Names of at most ten bytes for shapefiles, the same on the way out and on the way in."""

from __future__ import annotations

from collections.abc import Iterable

from layers.spec import LayerSpec

__all__ = ["NAME_BYTES", "cut", "short_name", "short_names"]

NAME_BYTES = 10  # a field name in a DBF


def short_names(spec: LayerSpec, more: Iterable[str] = ()) -> dict[str, str]:
    """Field → short name, for every field of a layer and the system columns ``more``.

    A name that fits stays; a longer one becomes the pinyin abbreviation of the ledgers (XZQDM, DKBH) where
    the declaration has one, else it is cut. No two are alike, whatever the case.
    """
    names: dict[str, str] = {}
    for column, synonyms in [*((item.name, item.synonyms) for item in spec.fields), *((m, ()) for m in more)]:
        pinyin = [name for name in synonyms if name.isascii() and name.isupper()]
        names[column] = short_name(column, pinyin, {name.casefold() for name in names.values()})
    return names


def short_name(name: str, preferred: Iterable[str] = (), taken: Iterable[str] = ()) -> str:
    """A name of at most ten bytes of UTF-8 that is not taken (in lower case), never ending in half a character.

    >>> short_name("completed_on"), short_name("规划用地代码"), short_name("规划用地代码", ["GHYDDM"])
    ('complete_o', '规划用', 'GHYDDM')
    """
    used = set(taken)
    for candidate in (name, *preferred):
        if len(candidate.encode()) <= NAME_BYTES and candidate.casefold() not in used:
            return candidate
    head, separator, tail = name.rpartition("_")
    # "completed_on" keeps the word that tells it from "accepted_on" in part: complete_o.
    plain = cut(head, NAME_BYTES - 2) + separator + tail[:1] if separator else cut(name, NAME_BYTES)
    number, candidate = 1, plain
    while candidate.casefold() in used:
        number += 1
        candidate = cut(plain, NAME_BYTES - len(str(number))) + str(number)
    return candidate


def cut(text: str, size: int) -> str:
    """The text cut to so many bytes of UTF-8, between characters."""
    return text.encode()[:size].decode("utf-8", "ignore")
