"""A small made-up project for edits: one block line, a plan, parcels side by side, a park, factories, contracts.

East and north are metres from the corner of `tests.layers.checks.world`. The block line L1 covers 1 000 m × 1 000 m;
the plan makes 0 to 1 500 m east industrial (1001) and the rest residential (0701).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gis.store.geopackage import GeoPackageStore
from layers.project import Project
from tests.layers.checks.world import EPSG, E, N, rectangle

__all__ = ["DAY", "at", "build", "content", "read", "uuid_of"]

DAY = dt.date(2024, 6, 30)
SCHEME = "guide2023"


def at(east: float, north: float) -> tuple[float, float]:
    """A place in the plane."""
    return E + east, N + north


def build(path: Path, *, plan: bool = True) -> Project:
    """The project as every test finds it."""
    project = Project.create(path, epsg=EPSG, name="示例", as_of=DAY)
    with project.transaction("示例数据", kind="import") as t:
        t.insert("unit", _units())
        if plan:
            project.add_snapshot("2023", dt.date(2023, 1, 1), scheme=SCHEME, transaction=t)
            t.insert("land_use", _plan())
        t.insert("block_line", _line())
        t.insert("parcel", _parcels())
        t.insert("park", _park())
        t.insert("factory", _factories())
        t.insert("lease", pd.DataFrame({"building_id": ["F1"], "kind": ["lease"], "area": [1000.0]}))
        t.insert("transfer", _transfers())
    return project


def _layer(shapes: list[BaseGeometry | None], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=EPSG))


def _units() -> gpd.GeoDataFrame:
    return _layer(
        [
            rectangle(-5000, -5000, 10_000, 10_000),
            rectangle(2000, 0, 2000, 2000),
            rectangle(5000, -5000, 10_000, 10_000),
        ],
        code=["610902", "610902-GX", "610922"],
        name=["汉滨区", "安康高新区", "石泉县"],
    )


def _plan() -> gpd.GeoDataFrame:
    return _layer(
        [rectangle(0, 0, 1500, 1000), rectangle(1500, 0, 500, 1000)],
        code=["1001", "0701"],
        scheme=[SCHEME, SCHEME],
        snapshot=["2023", "2023"],
    )


def _line() -> gpd.GeoDataFrame:
    return _layer(
        [rectangle(0, 0, 1000, 1000)],
        code=["L1"],
        name=["示例区块"],
        level=["first"],
        doc_no=["示例文号1"],
        approved_on=[pd.Timestamp("2022-12-01")],
        valid_from=[pd.Timestamp("2023-01-01")],
    )


def _parcels() -> gpd.GeoDataFrame:
    """A, B and C from west to east, each 200 m × 500 m; H lies half inside the line (900 to 1 100 m)."""
    frame = _layer(
        [
            rectangle(100, 100, 200, 500),
            rectangle(300, 100, 200, 500),
            rectangle(500, 100, 200, 500),
            rectangle(900, 100, 200, 500),
        ],
        parcel_no=["A", "B", "C", "H"],
        holder=["示例企业 1", "示例企业 1", "示例企业 2", "示例企业 3"],
        land_use_code=["100101", "100101", "0701", "1001"],
        land_use_scheme=[SCHEME] * 4,
        land_use_name=["一类工业用地", "一类工业用地", "居住用地", "工业用地"],
        area_certified=[100_050.0, 100_000.0, None, 99_990.0],
        contract_no=["HT-1", "HT-2", None, None],
        certificate_no=["证-1", None, None, None],
        contract_on=[pd.Timestamp("2023-05-01"), pd.Timestamp("2023-08-01"), pd.NaT, pd.NaT],
        agreed_start=[pd.Timestamp("2023-12-01"), pd.NaT, pd.NaT, pd.NaT],
        far_required=[1.0, 1.0, None, 1.2],
        note=["甲", "乙", None, None],
        source_crs=["EPSG:4546", "EPSG:4545", "EPSG:4545", "EPSG:4545"],
        source=["甲县.shp", "甲县.shp", "乙县.shp", "乙县.shp"],
    )
    from layers.importing.geometry import measured
    from layers.parcel import PARCEL_LAYER

    areas = measured(PARCEL_LAYER, frame.geometry.to_numpy(), EPSG)
    return gpd.GeoDataFrame(frame.join(areas))


def _park() -> gpd.GeoDataFrame:
    return _layer([rectangle(100, 100, 600, 500)], park_id=["P1"], name=["示例园区"])


def _factories() -> gpd.GeoDataFrame:
    return _layer(
        [rectangle(100, 100, 200, 50), shapely.Point(*at(350, 150)), None],
        building_id=["F1", "F2", "F3"],
        unit=["610902"] * 3,
        parcel_no=["A", "B", None],
        gross_floor_area=[20_000.0, 15_000.0, 5_000.0],
        state=["completed"] * 3,
        accepted_on=[pd.Timestamp("2023-01-01")] * 3,
    )


def _transfers() -> gpd.GeoDataFrame:
    """40 ha of industry and 60 ha of flats in 2024: 40 %."""
    return _layer(
        [None, rectangle(1600, 0, 100, 100)],
        supervision_no=["6109022024B00001", "6109022024B00002"],
        unit=["610902", "610902"],
        parcel_no=["A", None],
        area=[400_000.0, 600_000.0],
        use_name=["工业用地", "其他普通商品住房用地"],
        mode=["23", "23"],
        contract_on=[pd.Timestamp("2024-02-01"), pd.Timestamp("2024-03-01")],
    )


def read(project: Project, layer: str) -> gpd.GeoDataFrame:
    """Current rows indexed by the first field of their key."""
    from layers.registry import layer as spec

    return project.read(layer).set_index(spec(layer).key[0])


def uuid_of(project: Project, layer: str, number: str) -> str:
    return str(read(project, layer).loc[number, "uuid"])


def content(project: Project) -> dict[str, set[tuple[object, ...]]]:
    """Everything current but fids and transaction ids, as in the tests of the store."""
    from tests.gis.store.samples import content as of_store

    assert isinstance(project.store, GeoPackageStore)
    return of_store(project.store)
