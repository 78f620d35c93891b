"""Ledgers as people keep them: title rows, two-row headers, units in the header, 合计 rows, merged cells.

Shared by the Excel and the CSV reader; both hand over a grid of cells.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.text import tr

__all__ = ["Ledger", "geometry_of", "parse_grid"]

Cell = Any

_RESOURCE = Path(__file__).resolve().parents[2] / "resources" / "formats" / "ledger.toml"
_WORDS: dict[str, list[str]] = tomllib.loads(_RESOURCE.read_text("utf-8"))
_TOTALS = tuple(_WORDS["totals"])
_UNIT_CELL = re.compile(
    rf"^[(（\[]?\s*(单位[:：]?)?\s*({'|'.join(map(re.escape, _WORDS['units']))})\s*[)）\]]?$"  # data
)
_EAST_NAMES, _NORTH_NAMES, _WKT_NAMES = (frozenset(_WORDS[kind]) for kind in ("east", "north", "wkt"))
_HEADER_SEARCH = 15
_WKT_START = re.compile(
    r"^\s*(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\s*(Z|M|ZM)?\s*\(", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Rows under unique headers; ``rows`` are sheet row numbers from 1; ``notes`` say what was left out."""

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    notes: tuple[str, ...]


def parse_grid(grid: Sequence[Sequence[Cell]]) -> Ledger:
    """Find the header of a grid of cells and take the rows below it.

    The header is the row within the first ones that has the most distinct texts; a second row of
    sub-headers or units is joined to it. Rows that are empty or add others up are left out and told.
    """
    width = max((len(row) for row in grid), default=0)
    cells = [[*row, *[None] * (width - len(row))] for row in grid]
    head = _header_row(cells)
    if head is None:
        return Ledger(pd.DataFrame(), np.empty(0, dtype=np.int64), ())
    headers = [_text(cell) for cell in cells[head]]
    first = head + 1
    if first < len(cells) and _is_second_header(cells[head], cells[first]):
        headers = _joined(headers, [_text(cell) for cell in cells[first]])
        first += 1
    notes = []
    if head:
        title = next((_text(cell) for cell in cells[0] if _text(cell)), "")
        notes.append(tr("表头在第 {row} 行；其上为标题“{title}”。", row=head + 1, title=title[:60]))
    kept, rows, totals = [], [], []
    for number in range(first, len(cells)):
        row = cells[number]
        texts = [_text(cell) for cell in row]
        if not any(texts):
            continue
        if any(text.replace(" ", "").startswith(_TOTALS) for text in texts[:3]):
            totals.append(number + 1)
            continue
        kept.append(row)
        rows.append(number + 1)
    if totals:
        notes.append(
            tr("未导入合计行：第 {rows} 行。", rows=tr("、").join(str(number) for number in totals[:20]))
        )
    names = _unique(headers)
    used = [i for i in range(width) if headers[i] or any(_text(row[i]) for row in kept)]
    frame = pd.DataFrame({names[i]: pd.Series([row[i] for row in kept], dtype=object) for i in used})
    return Ledger(frame, np.array(rows, dtype=np.int64), tuple(notes))


def _text(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    return " ".join(str(cell).split())


def _looks_like_value(cell: Cell) -> bool:
    text = _text(cell)
    return (not isinstance(cell, str) and text != "") or bool(re.fullmatch(r"[-+]?[\d,.]+%?", text))


def _header_row(cells: list[list[Cell]]) -> int | None:
    best, most = None, 0
    for number, row in enumerate(cells[:_HEADER_SEARCH]):
        texts = {_text(cell) for cell in row if _text(cell) and not _looks_like_value(cell)}
        if len(texts) > most and not any(_WKT_START.match(text) for text in texts):
            best, most = number, len(texts)
    return best


def _is_second_header(above: list[Cell], row: list[Cell]) -> bool:
    """A row of units, or of sub-headers under a merged header, holds texts only and leaves columns empty."""
    texts = [_text(cell) for cell in row]
    filled = [text for text in texts if text]
    if not filled or any(_looks_like_value(cell) for cell in row if _text(cell)):
        return False
    if all(_UNIT_CELL.match(unicodedata.normalize("NFKC", text)) for text in filled):
        return True
    merged = [i for i in range(1, len(above)) if texts[i] and _text(above[i]) in {"", _text(above[i - 1])}]
    return bool(merged) and len(filled) < len(texts)


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    result, group = [], ""
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        if not below:
            result.append(above)
        elif _UNIT_CELL.match(unicodedata.normalize("NFKC", below)):
            unit = below.strip("()（）[] ")  # data
            result.append(f"{above}({unit})")
        else:
            result.append(f"{group}{below}" if group and group != below else below)
    return result


def _unique(headers: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for position, header in enumerate(headers, start=1):
        name = header or tr("第{number}列", number=position)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return names


def geometry_of(frame: pd.DataFrame) -> NDArray[np.object_] | None:
    """Geometry from a WKT column or a pair of coordinate columns, None if the ledger has neither.

    Coordinates are taken as they stand (east from the column called so); whether X means north is for
    ``gis.crs.candidates`` to find out. Cells that are no numbers or no WKT give None.
    """
    keys = {
        re.sub(r"[(\[].*", "", unicodedata.normalize("NFKC", str(name))).strip().lower(): name
        for name in frame.columns
    }
    wkt = next((keys[name] for name in keys if name in _WKT_NAMES), None)
    if wkt is None:
        wkt = next((name for name in frame.columns if _first_is_wkt(frame[name])), None)
    if wkt is not None:
        texts = np.empty(len(frame), dtype=object)
        texts[:] = [
            re.sub(r"^SRID=\d+;", "", cell.strip()) if isinstance(cell, str) else None for cell in frame[wkt]
        ]
        return np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=np.object_)
    east = next((keys[name] for name in keys if name in _EAST_NAMES), None)
    north = next((keys[name] for name in keys if name in _NORTH_NAMES), None)
    if east is None or north is None:
        return None
    x = pd.to_numeric(frame[east], errors="coerce").to_numpy(dtype=np.float64)
    y = pd.to_numeric(frame[north], errors="coerce").to_numpy(dtype=np.float64)
    points = np.full(len(frame), None, dtype=object)
    known = np.isfinite(x) & np.isfinite(y)
    points[known] = shapely.points(x[known], y[known])
    return points if known.any() else None


def _first_is_wkt(column: pd.Series) -> bool:
    filled = column.dropna()
    return len(filled) > 0 and isinstance(filled.iloc[0], str) and bool(_WKT_START.match(filled.iloc[0]))
