"""Ledgers as people keep them: title rows, two-row headers, units in the header, 合计 rows, merged cells.

Shared by the Excel and the CSV reader; both hand over a grid of cells.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import tr

__all__ = ["WORDS", "Ledger", "cell_text", "number_of", "parse_grid"]

Cell = Any

_RESOURCE = Path(__file__).resolve().parents[2] / "resources" / "formats" / "ledger.toml"
WORDS: dict[str, list[str]] = tomllib.loads(_RESOURCE.read_text("utf-8"))
_UNIT_CELL = re.compile(
    rf"^[(（\[]?\s*(单位[:：]?)?\s*({'|'.join(map(re.escape, WORDS['units']))})\s*[)）\]]?$"  # data
)
# "合计", "合 计", "汉滨区小计", "合计（公顷）:" add rows up; a company called 合计源 does not.
_TOTAL = re.compile(rf"^[^\d]{{0,8}}({'|'.join(map(re.escape, WORDS['totals']))})([(（\[:：].*)?$")  # data
_SUBTOTALS = frozenset(WORDS["subtotals"])
_LABEL_COLUMNS = 4
_HEADER_SEARCH = 15
_HEADER_SHARE = 0.6  # of the columns in use that a header names
_YEARS = range(1950, 2100)
_WKT_START = re.compile(
    r"^\s*(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\s*(Z|M|ZM)?\s*\(", re.IGNORECASE
)
_SHOWN_TOTALS = 20


@dataclass(frozen=True, slots=True)
class Ledger:
    """Rows under unique headers; ``rows`` are sheet row numbers from 1; ``notes`` say what was left out."""

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    notes: tuple[str, ...]


def parse_grid(grid: Sequence[Sequence[Cell]]) -> Ledger:
    """Find the header of a grid of cells and take the rows below it.

    The header is the first row within the first ones that names most columns by texts of its own; a second
    row of sub-headers or units is joined to it. Rows that are empty or add others up are left out and told,
    and a total that is not the sum of its rows is told too.
    """
    width = max((len(row) for row in grid), default=0)
    cells = [[*row, *[None] * (width - len(row))] for row in grid]
    head = _header_row(cells)
    if head is None:
        anything = any(map(cell_text, _flat(cells)))
        hint = (tr("没有找到表头，请在第一行写列名。"),) if anything else ()
        return Ledger(pd.DataFrame(), np.empty(0, dtype=np.int64), hint)
    headers = [cell_text(cell) for cell in cells[head]]
    first = head + 1
    if first < len(cells) and _is_second_header(headers, cells[first]):
        headers = _joined(headers, [cell_text(cell) for cell in cells[first]])
        first += 1
    notes: list[str] = []
    if head:
        title = next((cell_text(cell) for cell in _flat(cells[:head]) if cell_text(cell)), "")
        notes.append(tr("表头在第 {row} 行；其上为标题“{title}”。", row=head + 1, title=title[:60]))
    kept, rows, totals = [], [], []
    for number in range(first, len(cells)):
        if not any(cell_text(cell) for cell in cells[number]):
            continue
        if _is_total(cells[number]):
            totals.append(number)
            continue
        kept.append(cells[number])
        rows.append(number + 1)
    names = _unique(headers)
    if totals:
        shown = tr("、").join(str(number + 1) for number in totals[:_SHOWN_TOTALS])
        notes.append(tr("未导入合计行：第 {rows} 行。", rows=shown))
        notes += _wrong_totals(names, kept, [cells[number] for number in totals])
    used = [i for i in range(width) if headers[i] or any(cell_text(row[i]) for row in kept)]
    frame = pd.DataFrame({names[i]: pd.Series([row[i] for row in kept], dtype=object) for i in used})
    return Ledger(frame, np.array(rows, dtype=np.int64), tuple(notes))


def _flat(cells: Iterable[Sequence[Cell]]) -> Iterable[Cell]:
    return (cell for row in cells for cell in row)


def cell_text(cell: Cell) -> str:
    """A cell as text, blanks joined; "" where it is empty."""
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    return " ".join(str(cell).split())


def number_of(cell: Cell) -> float | None:
    """The number in a cell, also with full-width digits and thousands commas; None where there is none."""
    if isinstance(cell, bool) or cell is None:
        return None
    try:
        value = float(unicodedata.normalize("NFKC", str(cell)).replace(",", "").strip())
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _looks_like_value(cell: Cell) -> bool:
    text = unicodedata.normalize("NFKC", cell_text(cell))
    if text.isdecimal() and int(text[:5]) in _YEARS:
        return False  # years are headers of columns now and then
    return (not isinstance(cell, str) and text != "") or bool(re.fullmatch(r"[-+]?[\d,.]+%?", text))


def _header_row(cells: list[list[Cell]]) -> int | None:
    """The first row of texts that names enough of the columns in use, else the row with most different texts."""
    start = cells[: 4 * _HEADER_SEARCH]
    used = sum(any(cell_text(row[i]) for row in start) for i in range(len(cells[0]))) if cells else 0
    best, most = None, 0
    for number, row in enumerate(cells[:_HEADER_SEARCH]):
        filled = [cell_text(cell) for cell in row if cell_text(cell)]
        texts = {cell_text(cell) for cell in row if cell_text(cell) and not _looks_like_value(cell)}
        if any(_WKT_START.match(text) for text in texts):
            continue
        labelled = sum(bool(re.search("[:：]", text)) for text in texts) * 2 >= len(texts)  # data
        values = sum(_looks_like_value(cell) for cell in row if cell_text(cell))
        if not values and not labelled and len(texts) >= min(2, used) and len(filled) >= _HEADER_SHARE * used:
            return number
        if len(texts) > most:
            best, most = number, len(texts)
    if best and _names_the_rest(cells[best - 1], cells[best]):
        return best - 1
    return best


def _names_the_rest(above: list[Cell], row: list[Cell]) -> bool:
    """Whether the row above heads the columns that this one leaves open: the upper row of two."""
    upper = [cell_text(cell) for cell in above]
    return (
        len({text for text in upper if text}) >= 2
        and not any(_looks_like_value(cell) for cell in above if cell_text(cell))
        and any(text and not cell_text(cell) for text, cell in zip(upper, row, strict=True))
        and all(text or cell_text(cell) for text, cell in zip(upper, row, strict=True))
    )


def _is_second_header(above: list[str], row: list[Cell]) -> bool:
    """A row of units, or of sub-headers: texts only, and only below headers that span several columns."""
    texts = [cell_text(cell) for cell in row]
    if not any(texts) or any(_looks_like_value(cell) for cell in row if cell_text(cell)):
        return False
    # A cell merged over both rows repeats its header.
    own = ["" if text == upper else text for text, upper in zip(texts, above, strict=True)]
    filled = [text for text in own if text]
    if filled and all(_UNIT_CELL.match(unicodedata.normalize("NFKC", text)) for text in filled):
        return True
    spanning = [i for i in range(len(own)) if own[i] and _spans(above, own, i)]
    return len(spanning) >= 2 and len(spanning) == len(filled)


def _spans(above: list[str], own: list[str], place: int) -> bool:
    """Whether the column stands below a header of several columns, which the row tells apart."""
    start = place
    while start > 0 and above[start] in {"", above[start - 1]} and own[start - 1]:
        start -= 1
    end = place
    while end + 1 < len(above) and above[end + 1] in {"", above[start]} and own[end + 1]:
        end += 1
    return bool(above[start]) and end > start


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    result, group = [], ""
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        if not below or below == above:
            result.append(above)
        elif _UNIT_CELL.match(unicodedata.normalize("NFKC", below)):
            unit = re.sub("^单位[:：]?", "", below.strip("()（）[] "))  # data
            result.append(f"{group}({unit})")
        else:
            result.append(f"{group}{below}" if group else below)
    return result


def _is_total(row: list[Cell]) -> bool:
    """Whether the label of a total stands at the start of the row, before any number."""
    first = True
    for cell in row[:_LABEL_COLUMNS]:
        text = cell_text(cell).replace(" ", "")
        if not text:
            continue
        if _looks_like_value(cell):
            return False
        match = _TOTAL.match(text)
        if match and (first or text.startswith(match[1])):
            return True
        first = False
    return False


def _wrong_totals(names: list[str], kept: list[list[Cell]], totals: list[list[Cell]]) -> list[str]:
    """What the grand total states otherwise than its rows add up to, allowing for rounding of each row."""
    words = {match[1] for cell in totals[-1] if (match := _TOTAL.match(cell_text(cell).replace(" ", "")))}
    if not kept or words & _SUBTOTALS:
        return []
    notes = []
    for place, name in enumerate(names):
        stated = number_of(totals[-1][place])
        numbers = [number_of(row[place]) for row in kept]
        found = [value for value in numbers if value is not None]
        if stated is None or not found or len(found) < len(kept) / 2:
            continue
        decimals = len(cell_text(totals[-1][place]).partition(".")[2])
        allowed = max(0.5 * 10.0 ** -min(decimals, 12) * (len(found) + 1), 1e-9 * abs(stated))
        if abs(sum(found) - stated) > allowed:
            notes.append(
                tr("合计与各行之和不符：{column} 合计 {stated:g}，各行之和 {sum:g}。", column=name, stated=stated,
                   sum=sum(found))
            )  # fmt: skip
    return notes


def _unique(headers: list[str]) -> list[str]:
    seen: set[str] = set()
    names = []
    for position, header in enumerate(headers, start=1):
        name = header or tr("第{number}列", number=position)
        shown, repeat = name, 2
        while shown in seen:
            shown, repeat = f"{name}_{repeat}", repeat + 1
        seen.add(shown)
        names.append(shown)
    return names
