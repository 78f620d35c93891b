"""Colours of the land-use codes of the 2023 guide (用地用海分类), as plan drawings fill them.

``resources/codes/land_use_colours.csv``: a code has the colour of its longest prefix there. ``basis`` is ``seen`` for
colours found in a public use of the drawing specification (domain reference §3.3), ``general`` for those
that were filled in within the family of their class.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from layers.land_use_codes import LandUseCodes, plain_text

__all__ = ["land_use_colour", "land_use_colours"]

_FILE = Path(__file__).resolve().parent.parent / "resources" / "codes" / "land_use_colours.csv"
_SCHEMES = ("guide2023", "guide2020")  # the main codes of both agree


@cache
def land_use_colours() -> Mapping[str, str]:
    """Colour ``#RRGGBB`` by code of the guide."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["colour"] for row in csv.DictReader(file)}


def land_use_colour(scheme: str, code: str) -> str:
    """Fill colour of a code; of a mixed code, or one of another scheme, that of its normalised class."""
    codes, plain = LandUseCodes.standard(), plain_text(code)
    if scheme in _SCHEMES and len(codes.parts(scheme, plain)) == 1 and codes.known(scheme, plain):
        table = land_use_colours()
        for end in range(len(plain), 1, -1):
            if plain[:end] in table:
                return table[plain[:end]]
    return codes.colour(scheme, plain)
