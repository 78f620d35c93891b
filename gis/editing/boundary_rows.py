"""Rows of boundary points in typed or pasted text: number, ring and two coordinates, in whatever columns."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["BoundaryRow", "boundary_rows", "row_list"]

_SEPARATORS = re.compile(r"[,;\t]")
# 3618900.000, with a name before or a unit behind: X=3618900.000m.
_NUMBER = re.compile(r"(?:[A-Za-z]\s*[=:]\s*)?([-+]?\d+(?:\.\d*)?)\s*m?", re.IGNORECASE)
# A number with a slip in it, such as the letter O for nought: no row of it may be passed over.
_SLIP = re.compile(r"[-+]?[\dA-Za-z.]+")
_WHOLE = re.compile(r"\d{1,4}")
_SHOWN = 5

# What coordinates look like, by size alone: metres north of the equator in China, metres east with and
# without the number of the zone, degrees.
_NORTH = (1.8e6, 6.1e6)
_EAST = (1.0e5, 1.0e6)
_EAST_IN_ZONE = (2.4e7, 4.6e7)
_LATITUDE, _LONGITUDE = (3.0, 54.0), (73.0, 136.0)


@dataclass(frozen=True, slots=True)
class BoundaryRow:
    """One row: its number in the text from 1, the point's name, the ring it names, its two numbers.

    ``parcel`` counts the headings of parcels (lines that end in @) before it; ``shape`` says what the numbers look like ("north,east" …, empty if nothing known); ``starts`` that a
    blank line or a heading stands before it; ``closes`` that it only repeats the first point of its ring
    (``values`` then mean nothing).
    """

    row: int
    name: str
    ring: str
    values: tuple[float, float]
    parcel: int = 0
    shape: str = ""
    starts: bool = False
    closes: bool = False


def boundary_rows(text: str) -> list[BoundaryRow]:
    """The rows of a text in their order; headings, blank lines and ``key=value`` lines are left out.

    Columns may be separated by commas, tabs, semicolons or blanks, of whatever width. Where numbers look
    like coordinates of China, they are found in any columns; elsewhere the last two numbers are taken.
    Raises ``ParkLineError`` naming the rows in which a number cannot be read or does not fit the rest.
    """
    rows: list[BoundaryRow] = []
    wrong: list[int] = []
    starts, parcel = False, 0
    lines = [unicodedata.normalize("NFKC", line).strip() for line in text.lstrip("\ufeff").splitlines()]
    known = any(_pairs(_numbers(_tokens(line))) for line in lines)
    for number, line in enumerate(lines, start=1):
        tokens = _tokens(line)
        if not tokens or _is_heading(line):
            starts = True
            parcel += _is_parcel(line)
            continue
        found = _row(number, tokens, known=known)
        if found is not None:
            rows.append(replace(found, starts=starts, parcel=parcel))
            starts = False
        elif _holds_numbers(tokens):
            wrong.append(number)
    if wrong:
        raise ParkLineError(
            tr("第 {rows} 行读不出一对坐标。", rows=row_list(wrong)),
            hint=tr("每行应为“点号,X,Y”，如 J1,3618900.000,596600.000；请改正或删去这些行。"),
            row=wrong[0],
        )
    if all(row.starts for row in rows[1:]):
        # A blank line after every row is spacing.
        rows = [replace(row, starts=False) for row in rows]
    return _of_one_shape(_with_rings(rows))


def row_list(rows: list[int]) -> str:
    """Row numbers for a sentence, the first five of them."""
    shown = tr("、").join(str(row) for row in rows[:_SHOWN])
    return shown if len(rows) <= _SHOWN else tr("{rows} 等 {count}", rows=shown, count=len(rows))


def _tokens(line: str) -> list[str]:
    parts = _SEPARATORS.split(line) if _SEPARATORS.search(line) else line.split()
    parts = [part.strip() for part in parts]
    while parts and not parts[-1]:
        parts.pop()
    return parts if any(parts) else []


def _is_parcel(line: str) -> bool:
    return line.rstrip(", ").endswith("@")


def _is_heading(line: str) -> bool:
    """A section, a parcel's heading line (it ends in @), or a setting of the file."""
    if line.startswith(("[", "#")) or _is_parcel(line):
        return True
    name, sign, _ = line.partition("=")
    return bool(sign) and len(name.strip()) > 1 and not _pairs(_numbers(_tokens(line)))


def _numbers(tokens: list[str]) -> list[float | None]:
    matches = [_NUMBER.fullmatch(token) for token in tokens]
    return [None if match is None else float(match[1]) for match in matches]


def _shape(first: float, second: float) -> str:
    """What a pair of numbers looks like; empty for nothing known."""

    def kind(value: float) -> str:
        sizes = (
            ("north", _NORTH),
            ("east", _EAST),
            ("zone", _EAST_IN_ZONE),
            ("latitude", _LATITUDE),
            ("longitude", _LONGITUDE),
        )
        return next((name for name, (low, high) in sizes if low <= value < high), "")

    pair = (kind(first), kind(second))
    matching = {"north": {"east", "zone"}, "latitude": {"longitude"}}
    fits = pair[1] in matching.get(pair[0], ()) or pair[0] in matching.get(pair[1], ())
    return ",".join(pair) if fits else ""


def _pairs(numbers: list[float | None]) -> list[int]:
    """Positions at which two neighbouring numbers look like coordinates."""
    return [
        i
        for i, (first, second) in enumerate(itertools.pairwise(numbers))
        if first is not None and second is not None and _shape(first, second)
    ]


def _row(number: int, tokens: list[str], *, known: bool) -> BoundaryRow | None:
    numbers = _numbers(tokens)
    places = _pairs(numbers)
    closes = False
    if not places and known:
        places = [i for i in _both(numbers) if numbers[i] == numbers[i + 1] and _is_large(numbers[i])]
        closes = bool(places)
    elif not places:
        places = _both(numbers)[-1:]
    if not places:
        return None
    at = places[0]
    first, second = numbers[at], numbers[at + 1]
    if first is None or second is None:
        return None
    before = [token for token in tokens[:at] if token]
    ring = before[-1] if len(before) > 1 and _WHOLE.fullmatch(before[-1]) else ""
    name = (before[-2] if ring else before[-1]) if before else ""
    return BoundaryRow(number, name, ring, (first, second), shape=_shape(first, second), closes=closes)


def _both(numbers: list[float | None]) -> list[int]:
    return [i for i in range(len(numbers) - 1) if numbers[i] is not None and numbers[i + 1] is not None]


def _is_large(value: float | None) -> bool:
    return value is not None and value >= _EAST[0]


def _holds_numbers(tokens: list[str]) -> bool:
    """Whether a row that is no point was meant to be one: a heading has no numbers to speak of."""
    numbers = [value for value in _numbers(tokens) if value is not None]
    if len(numbers) > 1 or any(_is_large(value) for value in numbers):
        return True
    return len(tokens) > 1 and any(
        _SLIP.fullmatch(token) and sum(character.isdigit() for character in token) >= 4 for token in tokens
    )


def _with_rings(rows: list[BoundaryRow]) -> Iterator[BoundaryRow]:
    """Where every row has another number before its coordinates, that is the point's, not the ring's."""
    counts = Counter(row.ring for row in rows)
    counted = len(rows) > 2 and "" not in counts and max(counts.values()) < 3
    for row in rows:
        yield replace(row, ring="", name=row.ring) if counted else row


def _of_one_shape(rows: Iterator[BoundaryRow]) -> list[BoundaryRow]:
    """The rows, if the numbers of all look alike; otherwise the error names those that do not."""
    listed = list(rows)
    shapes = Counter(row.shape for row in listed if not row.closes)
    if len(shapes) > 1:
        usual = shapes.most_common(1)[0][0]
        odd = [row.row for row in listed if row.shape != usual and not row.closes]
        raise ParkLineError(
            tr("第 {rows} 行的坐标与其他行不是一种写法（列序、带号或位数不同）。", rows=row_list(odd)),
            hint=tr("请核对这些行的数字，使各行的 X、Y 顺序和带号一致。"),
            row=odd[0],
        )
    return listed
