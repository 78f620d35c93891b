"""Tables and rows of the store's tests."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.store.geopackage import GeoPackageStore
from gis.store.schema import ColumnType, StoredColumn, TableSchema

EPSG = 4545
PARCEL = TableSchema(
    "parcel",
    "地块",
    (
        StoredColumn("number", ColumnType.TEXT, "地块编号"),
        StoredColumn("floors", ColumnType.INTEGER, "层数"),
        StoredColumn("area", ColumnType.REAL, "面积"),
        StoredColumn("signed", ColumnType.DATE, "签订日期"),
        StoredColumn("built", ColumnType.BOOLEAN, "已建"),
    ),
    "MULTIPOLYGON",
    ("number",),
)
NOTE = TableSchema("note", "备注", (StoredColumn("text", ColumnType.TEXT, "内容"),), None)
TABLES = (PARCEL, NOTE)
ORIGIN = (560_000.0, 3_600_000.0)


def parcels(count: int, start: int = 0) -> gpd.GeoDataFrame:
    """Squares of 10 m side in a row of ten, 20 m apart, numbered from ``start``."""
    number = np.arange(start, start + count)
    x, y = ORIGIN[0] + number % 10 * 20.0, ORIGIN[1] + number // 10 * 20.0
    return gpd.GeoDataFrame(
        {
            "number": [f"示例-{n}" for n in number],
            "floors": pd.array(number % 5, dtype="Int64"),
            "area": np.full(count, 100.0),
            "signed": pd.Timestamp("2024-03-01") + pd.to_timedelta(number, unit="D"),
            "built": pd.array(number % 2 == 0, dtype="boolean"),
        },
        geometry=shapely.box(x, y, x + 10, y + 10),
        crs=EPSG,
    )


def add(store: GeoPackageStore, frame: pd.DataFrame, table: str = "parcel") -> list[str]:
    with store.transaction("add") as transaction:
        return transaction.insert(table, frame)


def content(store: GeoPackageStore) -> dict[str, set[tuple[object, ...]]]:
    """Everything current but fids and transaction ids: what a user would call the state of the project."""
    found = {}
    for schema in store.tables():
        read = store.read(schema.name)
        frame = pd.DataFrame(read.drop(columns=["born", "retired", "geometry"]))
        frame["wkb"] = shapely.to_wkb(read.geometry.to_numpy())
        found[schema.name] = {
            tuple(None if pd.isna(value) else value for value in row) for row in frame.to_numpy(dtype=object)
        }
    found["meta"] = {(store.meta("name"),)}
    return found


def names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def ask(path: Path, statement: str) -> list[tuple[object, ...]]:
    """Rows of a statement by a plain SQLite connection that knows nothing of the program."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def assert_sound(path: Path) -> None:
    """SQLite's own checks of the file and of every R-tree, on the closed file."""
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(path, "PRAGMA foreign_key_check") == []
    assert ask(path, "SELECT rtreecheck('rtree_parcel_geom')") == [("ok",)]
    assert ask(path, "PRAGMA journal_mode") == [("delete",)]
    counts = ask(path, "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = 'parcel'")
    assert counts == ask(path, "SELECT count(*) FROM parcel")
    indexed = ask(path, "SELECT id FROM rtree_parcel_geom ORDER BY id")
    assert indexed == ask(path, "SELECT fid FROM parcel WHERE geom NOTNULL ORDER BY fid")
