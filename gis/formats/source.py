"""What every reader gives: the raw rows of one source layer, and what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["RowProblem", "SourceInfo", "SourceTable", "take_out"]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that could not be read at all. ``row`` counts from 1 as a person would in that file."""

    row: int
    reason: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What an inspection finds without reading the rows.

    ``encoding_evidence`` says in words why the encoding was chosen; ``sample`` holds the first rows
    as text so that a person can see whether the encoding is right. ``crs`` is an authority string or
    WKT, None when the file does not say.
    """

    path: Path
    format: str
    layers: tuple[str, ...]
    layer: str | None
    columns: tuple[str, ...]
    geometry_types: tuple[str, ...]
    row_count: int | None
    crs: str | None
    encoding: str | None
    encoding_evidence: str
    sample: tuple[dict[str, str], ...]
    bounds: tuple[float, float, float, float] | None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class SourceTable:
    """All rows of one source layer.

    ``frame`` holds the raw attributes under the source's own column names; ``geometry`` is an object
    array of shapely geometries in the source's coordinates (None where a row has none), or None for a
    plain ledger; ``rows`` are the row numbers a person would see in the source.
    """

    info: SourceInfo
    frame: pd.DataFrame
    geometry: NDArray[np.object_] | None
    rows: NDArray[np.int64]
    problems: list[RowProblem] = field(default_factory=list)


def take_out(table: SourceTable, reasons: Mapping[int, str]) -> None:
    """Turn rows of a table, by position, into problems with their reasons and raw values; in place."""
    if not reasons:
        return
    positions = np.array(sorted(reasons), dtype=np.intp)
    values = table.frame.iloc[positions].astype(object).to_dict("records")
    table.problems += [
        RowProblem(
            int(table.rows[position]), reasons[int(position)], {str(key): cell for key, cell in row.items()}
        )
        for position, row in zip(positions, values, strict=True)
    ]
    table.problems.sort(key=lambda problem: problem.row)
    kept = np.ones(len(table.rows), dtype=bool)
    kept[positions] = False
    table.frame = table.frame[kept].reset_index(drop=True)
    table.rows = table.rows[kept]
    if table.geometry is not None:
        table.geometry = table.geometry[kept]
