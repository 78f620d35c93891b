"""Reading the columns of stored tables for the checks: missing columns are columns of missing values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.store.frames import geo_frame
from layers.checks.result import Clause
from layers.policy import Policy
from layers.policy_rules import OUTERMOST_UNITS
from layers.units import UnitTree

__all__ = [
    "EVIDENCE_COLUMNS",
    "booleans",
    "clause",
    "dates",
    "day_number",
    "distinct",
    "evidence",
    "exact",
    "figures",
    "geometries",
    "no_evidence",
    "rows_with",
    "texts",
    "total",
    "tree_for",
]

EVIDENCE_COLUMNS = ("unit", "table", "uuid", "label", "amount", "why")

# Stored square metres carry the binary noise of a unit conversion (5.292804 公顷 × 10 000); a square
# millimetre is below any figure that was ever measured, so reading to it restores what was written.
_QUANTUM = Decimal("0.000001")


def texts(frame: pd.DataFrame, name: str) -> list[str]:
    """A text column, stripped, missing values empty."""
    if name not in frame.columns:
        return [""] * len(frame)
    stored = _stripped(frame[name])
    if stored is not None:
        return list(stored.to_numpy().tolist())
    return ["" if value is None or value != value else str(value).strip() for value in _values(frame, name)]


def distinct(frame: pd.DataFrame, *names: str) -> tuple[list[tuple[str, ...]], NDArray[np.int64]]:
    """Each combination that occurs in text columns, as `texts` gives them, and which of them each row has."""
    keys: list[tuple[str, ...]] = [()]
    row = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        place, values = _factorized(frame, name)
        row, pairs = pd.factorize(row * len(values) + place)
        keys = [(*keys[pair // len(values)], values[pair % len(values)]) for pair in pairs.tolist()]
    return (keys if len(frame) else []), row.astype(np.int64)


def rows_with(frame: pd.DataFrame, name: str, wanted: Collection[str]) -> NDArray[np.bool_]:
    """Which rows have one of the texts, compared as `texts` gives them."""
    stored = _stripped(frame[name]) if name in frame.columns else None
    if stored is None:
        return np.array([value in wanted for value in texts(frame, name)], dtype=np.bool_)
    import pyarrow as pa
    import pyarrow.compute as pc

    return np.asarray(
        pc.is_in(stored, value_set=pa.array(list(wanted), stored.type)).to_numpy(), dtype=np.bool_
    )


def _factorized(frame: pd.DataFrame, name: str) -> tuple[NDArray[np.int64], list[str]]:
    """Which of the distinct texts of a column each row has."""
    stored = _stripped(frame[name]) if name in frame.columns else None
    if stored is None:
        place, values = pd.factorize(np.array(texts(frame, name), dtype=object))
        return place.astype(np.int64), values.tolist()
    coded = stored.combine_chunks().dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()


def _stripped(column: pd.Series[Any]) -> Any:
    """A text column without the spaces around its values, missing ones empty; None where it is not kept in Arrow.

    Arrow takes off what Python's ``strip`` takes off, and makes no object of each of a million values.
    """
    if not isinstance(column.array, pd.arrays.ArrowStringArray):
        return None
    import pyarrow as pa
    import pyarrow.compute as pc

    stored = pa.chunked_array([], pa.large_string()) if not len(column) else pa.array(column.array)
    whole = stored if isinstance(stored, pa.ChunkedArray) else pa.chunked_array([stored])
    return pc.utf8_trim_whitespace(pc.fill_null(whole, ""))


def figures(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A number column, missing values NaN."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def dates(frame: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    """A date column as days, missing values NaT."""
    if name not in frame.columns:
        return np.full(len(frame), np.datetime64("NaT", "D"))
    column = pd.to_datetime(frame[name], errors="coerce")
    return column.to_numpy(dtype="datetime64[s]").astype("datetime64[D]")


def booleans(frame: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    """A boolean column, missing values False."""
    if name not in frame.columns:
        return np.zeros(len(frame), dtype=np.bool_)
    return np.array([value is True or value == 1 for value in _values(frame, name)], dtype=np.bool_)


def geometries(frame: pd.DataFrame) -> NDArray[np.object_]:
    """The geometry column, None where a row has none or the table has no geometry at all."""
    if isinstance(frame, gpd.GeoDataFrame) and "geometry" in frame.columns:
        return np.asarray(frame["geometry"].to_numpy(), dtype=object)
    return np.full(len(frame), None, dtype=object)


def _values(frame: pd.DataFrame, name: str) -> list[object]:
    return [None if value is pd.NA else value for value in frame[name].astype(object)]


def day_number(day: dt.date) -> np.datetime64:
    """A date as it compares with `dates`."""
    return np.datetime64(day, "D")


def exact(values: Iterable[float]) -> list[Decimal]:
    """Figures as the decimals they were written as, so that sums and thresholds are met exactly."""
    return [
        Decimal(repr(float(value))).quantize(_QUANTUM) if value == value else Decimal(0) for value in values
    ]


def total(values: Sequence[Decimal], rows: NDArray[np.bool_] | None = None) -> Decimal:
    """Exact sum, of all values or of the rows that are true; independent of their order."""
    chosen = values if rows is None else [values[row] for row in np.flatnonzero(rows).tolist()]
    return sum(chosen, Decimal(0))


def tree_for(units: UnitTree, which: object) -> UnitTree:
    """All units, or only those that lie in no other, as the policy wants them judged."""
    return units.top_level() if which in OUTERMOST_UNITS else units


def clause(policy: Policy, target_id: str) -> Clause:
    """What the policy says, as it stands beside a verdict."""
    target = policy.target(target_id)
    return Clause(
        policy=f"{policy.title} {policy.version}",
        number=target.clause,
        quotation=target.quotation,
        operator=target.operator,
        threshold=target.value,
        unit=target.unit,
        figure=target.figure,
    )


def no_evidence(epsg: int) -> gpd.GeoDataFrame:
    """Evidence where nothing was counted."""
    return evidence({name: [] for name in EVIDENCE_COLUMNS}, [], epsg)


def evidence(columns: Mapping[str, Any], shapes: Iterable[object], epsg: int) -> gpd.GeoDataFrame:
    """Evidence rows; ``columns`` must hold at least `EVIDENCE_COLUMNS`."""
    missing = [name for name in EVIDENCE_COLUMNS if name not in columns]
    if missing:
        raise ValueError(f"evidence lacks {', '.join(missing)}")
    rows = pd.DataFrame(
        {
            name: values
            if isinstance(values, np.ndarray | pd.api.extensions.ExtensionArray)
            else list(values)
            for name, values in columns.items()
        }
    )
    given = shapes if isinstance(shapes, np.ndarray) else list(shapes)
    found = np.empty(len(given), dtype=object)
    found[:] = given
    return geo_frame(rows, found, epsg)
