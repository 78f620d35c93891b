"""What a stored table looks like: the only words in which `layers` speaks to a store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["SYSTEM_COLUMNS", "ColumnType", "StoredColumn", "TableSchema"]

# Columns every stored table has beside its own; written by the store, never by the caller,
# except source_crs and source, which an import sets.
SYSTEM_COLUMNS = ("fid", "uuid", "source_crs", "source", "born", "retired")


class ColumnType(StrEnum):
    """SQL type of a column, in the words of the GeoPackage specification (table 1)."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    REAL = "REAL"
    DATE = "DATE"
    BOOLEAN = "BOOLEAN"


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One column; titles go to gpkg_data_columns so that QGIS shows them as aliases."""

    name: str
    type: ColumnType
    title: str = ""


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table. ``geometry`` is a GeoPackage type name (MULTIPOLYGON, GEOMETRY …) or None.

    ``indexed`` names the columns that get an SQL index.
    """

    name: str
    title: str
    columns: tuple[StoredColumn, ...]
    geometry: str | None
    indexed: tuple[str, ...] = ()
