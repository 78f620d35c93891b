"""A county's GeoPackage in degrees into a project, against ``read_file``, ``to_crs``, ``to_file``."""

from __future__ import annotations

import gc
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tests.bench.synthetic import EPSG, parcels
from tests.bench.timing import Memory

__all__ = ["run", "write_source"]

_DEGREES = 4490
_USES = ("1001", "100101", "0701", "1207", "0901", "1301")


def write_source(path: Path, size: int) -> float:
    """Parcels under Chinese headers, as a county hands them over; returns their plane area in m²."""
    import geopandas
    import pandas

    shapes = parcels(size)
    area = float(shapely.area(shapes).sum())
    number = np.arange(size)
    frame = geopandas.GeoDataFrame(
        {
            "地块编号": [f"示例-{i:07d}" for i in number],
            "用地代码": np.array(_USES)[number % len(_USES)],
            "权利人": [f"示例企业{i}" for i in number % 5_000],
            "面积(亩)": np.round(shapely.area(shapes) * 3 / 2000, 4),
            "容积率要求": np.round(0.8 + (number % 30) / 10, 1),
            "签订日期": (np.datetime64("2019-01-01") + number % 2_000).astype(str),
            "交地日期": pandas.Series(np.datetime64("2019-03-01") + number % 2_000).dt.strftime(
                "%Y年%-m月%-d日"
            ),
        },
        geometry=shapes,
        crs=EPSG,
    )
    frame.to_crs(_DEGREES).to_file(path, layer="地块")
    return area


def run(size: int) -> dict[str, Any]:
    """``seconds`` is looking, checking, transforming and writing, journal and spatial index included.

    Every row must arrive, and the plane areas must agree to a square millimetre a parcel. The reference neither
    checks nor keeps anything but what ``to_file`` writes.
    """
    from layers.importing.plan import propose
    from layers.importing.run import run as carry_out
    from layers.project import Project

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "县 地块.gpkg"
        # In a process of its own, whose memory is gone with it.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as other:
            area = other.submit(write_source, source, size).result()
        project = Project.create(folder / "项目.gpkg", epsg=EPSG, name="示例数据")
        memory = Memory()
        started = time.perf_counter()
        plan = propose(project, "parcel", source, mapping=["land_use_scheme==guide2023"])
        looked = time.perf_counter() - started
        report = carry_out(project, plan)
        seconds = time.perf_counter() - started
        peak = memory.figures()
        columns = sorted(plan.mapping)
        del plan
        taken = project.read("parcel", columns=["parcel_no", "area_plane"])
        found = float(taken["area_plane"].sum())
        project.close()
        if report.taken != size or report.refused or abs(found - area) > 1e-6 * size:
            raise AssertionError(
                f"{report.taken} of {size} rows, {len(report.refused)} refused, {found - area} m²"
            )
        del taken, report
        gc.collect()
        return {
            "seconds": round(seconds, 3),
            "looking_seconds": round(looked, 3),
            "rows_per_second": round(size / seconds),
            "reference": "geopandas read_file, to_crs, to_file",
            "reference_seconds": round(_reference(source, folder / "plain.gpkg"), 3),
            "columns": columns,
            "source_mb": round(source.stat().st_size / 1e6, 1),
            "project_mb": round((folder / "项目.gpkg").stat().st_size / 1e6, 1),
            **peak,
        }


def _reference(source: Path, target: Path) -> float:
    import geopandas

    started = time.perf_counter()
    geopandas.read_file(source).to_crs(EPSG).to_file(target)
    return time.perf_counter() - started
