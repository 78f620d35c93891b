"""A year and a half of land supply in the demo: conveyances, allocations, leases, supplements, cancellations."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.demo.facts import DEMO_EPSG, DEMO_MARK, LAND_SOURCES, REFERENCE_DAY, USES, DemoUnit
from layers.demo.parcels import company, days

__all__ = ["unit_transfers"]

_REFERENCE = np.datetime64(REFERENCE_DAY, "s")
_YEARS = ((2023, 365), (2024, 181))
_ALLOCATED = ("08", "12", "13")
_PRICES = {"10": 0.018, "11": 0.02, "07": 0.21, "09": 0.26}  # 万元/m², for show


def unit_transfers(unit: DemoUnit, parcels: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Supply results of 2023 and of 2024 to the reference day, with what is planned after it.

    In each year industrial land is sold until it makes about ``unit.industry`` of what is sold.
    """
    free = rng.permutation(len(parcels))
    code = parcels["land_use_code"].to_numpy(dtype=object).astype("U6")
    area = parcels["area_certified"].to_numpy()
    group = code.astype("U2")
    pools = {
        "industry": [row for row in free if group[row] == "10"],
        "sold": [row for row in free if group[row] in ("07", "09", "11")],
        "given": [row for row in free if group[row] in _ALLOCATED],
    }
    others = int(np.clip(len(parcels) * 0.018, 3, 120))
    parts: list[pd.DataFrame] = []
    for year, length in _YEARS:
        share = float(np.clip(unit.industry + rng.uniform(-0.04, 0.04), 0.05, 0.8))
        sold = [pools["sold"].pop() for _ in range(min(others, len(pools["sold"])))]
        wanted = share / (1 - share) * area[sold].sum()
        industry: list[int] = []
        while pools["industry"] and area[industry].sum() < wanted:  # some dozens per unit and year
            industry.append(pools["industry"].pop())
        given = [pools["given"].pop() for _ in range(min(others // 2, len(pools["given"])))]
        rows = np.array([*sold, *industry, *given], dtype=np.int64)
        parts.append(_year(unit, parcels, rows, year, length, rng))
    planned = np.array(
        [pools[key].pop() for key in ("industry", "sold", "industry") if pools[key]], dtype=np.int64
    )
    parts.append(_planned(unit, parcels, planned, rng))
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=DEMO_EPSG)


def _use(code: str) -> tuple[str, str, str]:
    return USES.get(code[:4]) or USES[code[:2]]


def _base(
    unit: DemoUnit, parcels: gpd.GeoDataFrame, rows: NDArray[np.int64], rng: np.random.Generator
) -> pd.DataFrame:
    chosen = parcels.iloc[rows]
    codes = chosen["land_use_code"].to_numpy(dtype=object).astype("U6")
    uses = [_use(code) for code in codes]
    area = chosen["area_certified"].to_numpy()
    price = (
        np.array([_PRICES.get(code[:2], 0.0) for code in codes]) * area * rng.uniform(0.85, 1.3, len(rows))
    )
    return pd.DataFrame(
        {
            "unit": unit.name,
            "project": [f"示例项目 {item}" for item in rng.integers(1, 9000, len(rows))],  # data
            "location": chosen["location"].to_numpy(), "parcel_no": chosen["parcel_no"].to_numpy(), "area": area,
            "land_source": rng.choice(LAND_SOURCES, len(rows)),
            "use_code": [use[0] for use in uses], "use_name": [use[1] for use in uses], "use_scheme": "landchina",
            "term": [use[2] or None for use in uses], "price": np.round(price, 2),
            "holder": company(rng.integers(1, 900, len(rows))), "grade": "未评估地区", "approver": DEMO_MARK,  # data
            "planned": False, "note": DEMO_MARK, "geometry": chosen.geometry.to_numpy(),
        }
    )  # fmt: skip


def _year(
    unit: DemoUnit,
    parcels: gpd.GeoDataFrame,
    rows: NDArray[np.int64],
    year: int,
    length: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    frame = _base(unit, parcels, rows, rng)
    group = frame["use_code"].str[:2].to_numpy()
    start = np.full(len(rows), np.datetime64(f"{year}-01-01", "s"))
    signed = days(start, rng.integers(3, length - 3, len(rows)))
    frame["contract_on"] = signed
    draw = rng.random(len(rows))
    industry = frame["use_code"].to_numpy() == "061"
    mode = np.where(industry | (draw < 0.7), "23", np.where(draw < 0.9, "22", "3"))
    mode = np.where(industry & (draw > 0.94), "4", mode)  # a few leases of land
    given = np.isin(group, ["08", "10"]) | (frame["term"].isna().to_numpy())
    frame["mode"] = np.where(given, "1", mode)
    frame.loc[given, "price"] = 0.0
    letter = np.where(frame["mode"] == "1", "A", np.where(frame["mode"] == "4", "C", "B"))
    # Both committees are supplied under the county's code; serials far apart keep numbers unique.
    base = {"610902-GX": 3000, "610902-HK": 6000}.get(unit.code, 0)
    frame["supervision_no"] = [
        f"{unit.code[:6]}{year}{kind}{base + number:05d}" for number, kind in enumerate(letter, start=1)
    ]
    mixed = (group == "07") & (rng.random(len(rows)) < 0.3)
    frame.loc[mixed, "term"] = "其他普通商品住房用地70年; 批发零售用地40年;"  # data
    frame["agreed_handover"] = days(signed, 60)
    frame["agreed_start"] = days(signed, 300)
    frame["agreed_finish"] = days(signed, 1030)
    begun = days(signed, rng.integers(200, 420, len(rows)))
    frame["actual_start"] = np.where(begun <= _REFERENCE, begun, np.datetime64("NaT", "s"))
    undone = np.minimum(days(signed, rng.integers(20, 120, len(rows))), _REFERENCE - np.timedelta64(1, "D"))
    # Never the sale that makes the year: one in twenty-five, the first of a unit's year always.
    cancelled = (rng.random(len(rows)) < 0.04) & ~given
    cancelled[:1] = True
    frame["cancelled_on"] = np.where(cancelled, undone, np.datetime64("NaT", "s"))
    frame.loc[cancelled, "note"] = f"{DEMO_MARK}：合同已解除"  # data
    supplements = frame[~cancelled & ~given].head(1).copy()
    supplements["supervision_no"] += "-1"
    supplements["note"] = f"{DEMO_MARK}：补充合同"  # data
    supplements["area"] = np.round(supplements["area"] * 0.1, 2)
    supplements["geometry"] = None
    return pd.concat([frame, supplements], ignore_index=True)


def _planned(
    unit: DemoUnit, parcels: gpd.GeoDataFrame, rows: NDArray[np.int64], rng: np.random.Generator
) -> pd.DataFrame:
    frame = _base(unit, parcels, rows, rng)
    if len(frame):
        frame["mode"] = "23"
        frame["planned"] = True
        frame["price"] = np.nan
        frame["holder"] = None
        frame["contract_on"] = days(np.full(len(rows), _REFERENCE), 60 + 30 * np.arange(len(rows)))
        frame["note"] = f"{DEMO_MARK}：计划供地"  # data
    return frame
