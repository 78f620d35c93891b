"""An empty project of Ankang and files a county might send to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import shapely

from layers.importing.plan import ImportPlan, propose
from layers.importing.report import ImportReport
from layers.importing.run import run
from layers.project import Project

__all__ = ["PLACE", "contents", "ledger", "lots", "send", "squares", "take"]

PLACE = (596_000.0, 3_618_000.0)  # in the plane of EPSG:4545, near the high-tech zone


def squares(count: int = 5, side: float = 100.0) -> list[shapely.Polygon]:
    """Squares of 1 ha in a row."""
    x, y = PLACE
    return [shapely.box(x + side * i, y, x + side * (i + 1), y + side) for i in range(count)]


def lots(count: int = 5, **columns: Any) -> gpd.GeoDataFrame:
    """Squares numbered 示例-1 and so on, in EPSG:4545; columns come on top or instead."""
    data = {"地块编号": [f"示例-{i + 1}" for i in range(count)], **columns}
    return gpd.GeoDataFrame(data, geometry=squares(count), crs=4545)


def send(path: Path, frame: gpd.GeoDataFrame, *, prj: bool = True, swap: bool = False) -> Path:
    """A shapefile in GBK as counties send it, with or without .prj, north first if ``swap``."""
    if swap:
        frame = frame.set_geometry(
            shapely.transform(frame.geometry.to_numpy(), lambda c: c[:, ::-1]), crs=frame.crs
        )
    frame.to_file(path, encoding="gbk")
    if not prj:
        path.with_suffix(".prj").unlink()
    return path


def ledger(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def take(project: Project, layer: str, path: Path, **options: Any) -> tuple[ImportPlan, ImportReport]:
    """Propose and run."""
    plan = propose(project, layer, path, **options)
    return plan, run(project, plan)


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of a project file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def places(frame: gpd.GeoDataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Bounds of each row."""
    return np.asarray(frame.geometry.bounds)
