"""Between SQLite rows and data frames: the types promised by ``gis.store.base``."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import pandas as pd

from gis.store.schema import ColumnType

__all__ = ["new_uuids", "series_of", "values_of"]


def series_of(values: Sequence[object], kind: ColumnType) -> pd.Series:
    """A column of a read: TEXT str, INTEGER Int64, REAL float64, DATE datetime64[s], BOOLEAN boolean."""
    if kind is ColumnType.REAL:
        return pd.Series(pd.to_numeric(_objects(values), errors="coerce"), dtype="float64")
    if kind is ColumnType.INTEGER:
        return _objects(values).astype("Int64")
    if kind is ColumnType.BOOLEAN:
        return pd.Series(
            pd.array([None if value is None else bool(value) for value in values], dtype="boolean")
        )
    if kind is ColumnType.DATE:
        # Other programs may have written times or nonsense; a day or nothing is what a date column holds.
        days = [None if value is None else str(value)[:10] for value in values]
        return pd.Series(pd.to_datetime(_objects(days), errors="coerce", format="%Y-%m-%d")).astype(
            "datetime64[s]"
        )
    return pd.Series(pd.array([None if value is None else str(value) for value in values], dtype="str"))


def _objects(values: Sequence[object]) -> pd.Series:
    boxed = np.empty(len(values), dtype=object)
    boxed[:] = values
    return pd.Series(boxed)


def values_of(column: pd.Series, kind: ColumnType) -> list[object]:
    """Plain values for SQLite, None where missing.

    Raises ``ValueError`` or ``TypeError`` for a value that is not of the column's type.
    """
    missing = column.isna().to_numpy()
    if missing.all():
        return [None] * len(column)
    if kind is ColumnType.DATE:
        days = pd.to_datetime(column).dt.strftime("%Y-%m-%d").tolist()
        return [None if gone else day for day, gone in zip(days, missing.tolist(), strict=True)]
    if kind is ColumnType.TEXT:
        return [
            None if gone else str(value)
            for value, gone in zip(column.tolist(), missing.tolist(), strict=True)
        ]
    filled = column.astype(object).where(~missing, 0)
    if kind is ColumnType.REAL:
        values: Sequence[object] = filled.to_numpy().astype(np.float64).tolist()
    elif kind is ColumnType.BOOLEAN:
        values = filled.to_numpy().astype(bool).astype(int).tolist()
    else:
        exact = filled.to_numpy().astype(np.float64)
        if not np.all(exact == np.floor(exact)):
            raise ValueError(f"column {column.name} holds fractions where whole numbers belong")
        values = filled.to_numpy().astype(np.int64).tolist()
    return [None if gone else value for value, gone in zip(values, missing.tolist(), strict=True)]


def new_uuids(count: int) -> list[str]:
    """Random UUIDs (RFC 9562 version 4), made in one draw."""
    raw = np.frombuffer(os.urandom(16 * count), dtype=np.uint8).reshape(count, 16).copy()
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    text = raw.tobytes().hex()
    return [
        f"{text[i : i + 8]}-{text[i + 8 : i + 12]}-{text[i + 12 : i + 16]}-{text[i + 16 : i + 20]}-{text[i + 20 : i + 32]}"
        for i in range(0, 32 * count, 32)
    ]
