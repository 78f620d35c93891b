"""Opening a project: store, first view and whole table against ``geopandas.read_file``; window and first picture."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.synthetic import EPSG, parcels
from tests.bench.timing import Memory
from tests.bench.window_start import start_and_open

__all__ = ["run"]

_IN_VIEW = 2_000
# Larger demo projects take minutes to make; the bench of the canvas has them.
_LARGEST_DEMO = 100_000


def run(size: int) -> dict[str, Any]:
    """``seconds`` is opening plus the first view of some 2,000 parcels; the reference reads the file as a whole.

    Both ways of reading everything are measured too; their geometries must agree in number and area. Up to
    100,000 parcels, ``window`` has the start of the program and the first picture of a demo project.
    """
    result = _store(size)
    if size <= _LARGEST_DEMO:
        from layers.demo import generate

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "示例 项目.gpkg"
            generate(path, parcels=size, seed=1).close()
            result["window"] = start_and_open(path)
    return result


def _store(size: int) -> dict[str, Any]:
    import geopandas
    import shapely

    from gis.store.geopackage import GeoPackageStore
    from gis.store.schema import ColumnType, StoredColumn, TableSchema

    shapes = parcels(size)
    number = np.arange(size)
    frame = geopandas.GeoDataFrame(
        {
            "number": [f"示例-{i}" for i in number],
            "code": np.array(["1001", "1002", "0701", "1207"])[number % 4],
            "area": shapely.area(shapes),
            "floors": number % 7,
        },
        geometry=shapes,
        crs=EPSG,
    )
    box = _view(shapely.bounds(shapes), size)
    schema = TableSchema(
        "parcel",
        "地块",
        (
            StoredColumn("number", ColumnType.TEXT),
            StoredColumn("code", ColumnType.TEXT),
            StoredColumn("area", ColumnType.REAL),
            StoredColumn("floors", ColumnType.INTEGER),
        ),
        "MULTIPOLYGON",
        ("number",),
    )
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "项目 1.gpkg"
        with GeoPackageStore.create(path, EPSG, [schema], meta={}) as store:
            started = time.perf_counter()
            with store.transaction("fill", kind="import") as transaction:
                transaction.insert("parcel", frame)
            result["write_seconds"] = round(time.perf_counter() - started, 3)
        area = float(frame.area.sum())
        del frame, shapes
        memory = Memory()
        result["file_mb"] = round(path.stat().st_size / 1e6, 1)

        started = time.perf_counter()
        store = GeoPackageStore.open(path)
        result["open_seconds"] = round(time.perf_counter() - started, 4)
        result["parcels"] = store.count("parcel")
        result["count_seconds"] = round(time.perf_counter() - started - result["open_seconds"], 4)
        view = store.read_wkb("parcel", box, ("code",))
        result["seconds"] = round(time.perf_counter() - started, 4)
        result["in_view"] = len(view[0])
        started = time.perf_counter()
        store.read("parcel", bbox=box)
        result["view_frame_seconds"] = round(time.perf_counter() - started, 4)
        started = time.perf_counter()
        store.bounds("parcel")
        result["bounds_seconds"] = round(time.perf_counter() - started, 4)
        started = time.perf_counter()
        ours = store.read("parcel", columns=["number", "code", "area", "floors"])
        result["full_read_seconds"] = round(time.perf_counter() - started, 3)
        store.close()  # before GDAL opens the file in this process
        result.update(memory.figures())

        columns = ["uuid", "number", "code", "area", "floors"]
        started = time.perf_counter()
        reference = geopandas.read_file(path, layer="parcel", columns=columns)
        result["reference_seconds"] = round(time.perf_counter() - started, 3)
        result["reference"] = "geopandas.read_file"
        started = time.perf_counter()
        geopandas.read_file(path, layer="parcel", columns=columns, bbox=box)
        result["reference_view_seconds"] = round(time.perf_counter() - started, 4)
    if not len(ours) == len(reference) == size or abs(float(ours.area.sum()) - area) > 1e-9 * area:
        raise AssertionError("what was read is not what was written")
    return result


def _view(bounds: Any, size: int) -> tuple[float, float, float, float]:
    """A box in the middle of the city that holds some 2,000 parcels."""
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    share = min(1.0, (_IN_VIEW / size) ** 0.5) / 2
    x, y, wide, high = (west + east) / 2, (south + north) / 2, (east - west) * share, (north - south) * share
    return float(x - wide), float(y - high), float(x + wide), float(y + high)
