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
_TRIES = 4_000  # industrial parcels looked at for a year's sales
_PRICES = {"10": 0.018, "11": 0.02, "07": 0.21, "09": 0.26}  # 万元/m², for show


def unit_transfers(unit: DemoUnit, parcels: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Supply results of 2023 and of 2024 to the reference day, with what is planned after it.

    In each year industrial land is sold until it makes about ``unit.industry`` of what is sold. Cancelled
    contracts and leases come on top, so that they do not change the share.
    """
    pools = _Pools(parcels, rng)
    others = int(np.clip(len(parcels) * 0.018, 3, 120))
    parts: list[pd.DataFrame] = []
    for year, length in _YEARS:
        share = float(np.clip(unit.industry + rng.uniform(-0.04, 0.04), 0.05, 0.8))
        sold = pools.take("sold", others)
        industry = pools.industry(year, share / (1 - share) * pools.area[sold].sum())
        kinds = {
            "sold": sold + industry,
            "given": pools.take("given", others // 2),
            "leased": pools.take("industry", int(rng.random() < 0.4)),
            "cancelled": pools.take("sold", 1) + pools.take("industry", int(rng.random() < 0.4)),
        }
        rows = np.array([row for each in kinds.values() for row in each], dtype=np.int64)
        if len(rows):
            kind = np.repeat(list(kinds), [len(each) for each in kinds.values()])
            parts.append(_year(unit, parcels, rows, kind, year, length, rng))
    planned = np.array(
        [row for key in ("industry", "sold", "industry") for row in pools.take(key, 1)], dtype=np.int64
    )
    if len(planned):
        parts.append(_planned(unit, parcels, planned, rng))
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"geometry": []})
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=DEMO_EPSG)


class _Pools:
    """Rows of parcels not supplied yet, by what they can be supplied for, in random order.

    Standard land is sold in the year of its own contract only.
    """

    def __init__(self, parcels: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
        self.area = parcels["area_certified"].to_numpy()
        self._contract = parcels["contract_on"].dt.year.to_numpy()
        group = parcels["land_use_code"].to_numpy(dtype=object).astype("U2")
        free = rng.permutation(len(parcels))
        without = free[np.isnan(self._contract[free])]
        self._rows = {
            "industry": without[group[without] == "10"].tolist(),
            "sold": free[np.isin(group[free], ("07", "09", "11"))].tolist(),
            "given": free[np.isin(group[free], _ALLOCATED)].tolist(),
        }
        self._industry = free[group[free] == "10"].tolist()

    def take(self, kind: str, count: int) -> list[int]:
        """At most ``count`` rows, which are then gone."""
        rows = self._rows[kind]
        return [rows.pop() for _ in range(min(count, len(rows)))]

    def industry(self, year: int, wanted: float) -> list[int]:
        """Rows of industrial land that make up about ``wanted`` m²; no lot much larger than what is missing."""
        taken: list[int] = []
        missing = wanted
        for row in self._industry[:_TRIES]:
            if missing < 0.04 * wanted:
                break
            fits = np.isnan(self._contract[row]) or self._contract[row] == year
            if fits and self.area[row] < 1.15 * missing:
                taken.append(row)
                missing -= self.area[row]
        gone = set(taken)
        self._industry = [row for row in self._industry if row not in gone]
        self._rows["industry"] = [row for row in self._rows["industry"] if row not in gone]
        return taken


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
    kind: NDArray[np.str_],
    year: int,
    length: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    frame = _base(unit, parcels, rows, rng)
    own = parcels.iloc[rows]
    group = frame["use_code"].str[:2].to_numpy()
    start = np.full(len(rows), np.datetime64(f"{year}-01-01", "s"))
    drawn = days(start, rng.integers(3, length - 3, len(rows)))
    agreed = own["contract_on"].to_numpy().astype("datetime64[s]")
    signed = np.where(np.isnat(agreed), drawn, agreed)
    frame["contract_on"] = signed
    draw = rng.random(len(rows))
    industry = frame["use_code"].to_numpy() == "061"
    mode = np.where(industry | (draw < 0.7), "23", np.where(draw < 0.9, "22", "3"))
    mode = np.where(kind == "leased", "4", mode)
    given = (kind == "given") | frame["term"].isna().to_numpy()
    frame["mode"] = np.where(given, "1", mode)
    frame.loc[given, "price"] = 0.0
    letter = np.where(frame["mode"] == "1", "A", np.where(frame["mode"] == "4", "C", "B"))
    # Both committees are supplied under the county's code; serials far apart keep numbers unique.
    base = {"610902-GX": 3000, "610902-HK": 6000}.get(unit.code, 0)
    frame["supervision_no"] = [
        f"{unit.code[:6]}{year}{sign}{base + number:05d}" for number, sign in enumerate(letter, start=1)
    ]
    mixed = (group == "07") & (rng.random(len(rows)) < 0.3)
    frame.loc[mixed, "term"] = "其他普通商品住房用地70年; 批发零售用地40年;"  # data
    frame["agreed_handover"] = days(signed, 60)
    begun = days(signed, rng.integers(200, 420, len(rows)))
    for name, usual in (
        ("agreed_start", days(signed, 300)),
        ("agreed_finish", days(signed, 1030)),
        ("actual_start", np.where(begun <= _REFERENCE, begun, np.datetime64("NaT", "s"))),
    ):
        stated = own[name].to_numpy().astype("datetime64[s]")
        frame[name] = np.where(np.isnat(agreed), usual, stated)
    undone = np.minimum(days(signed, rng.integers(20, 120, len(rows))), _REFERENCE - np.timedelta64(1, "D"))
    cancelled = (kind == "cancelled") & ~given
    frame["cancelled_on"] = np.where(cancelled, undone, np.datetime64("NaT", "s"))
    frame.loc[cancelled, "note"] = f"{DEMO_MARK}：合同已解除"  # data
    supplements = frame[(kind == "sold") & ~given].head(1).copy()
    supplements["supervision_no"] += "-1"
    supplements["note"] = f"{DEMO_MARK}：补充合同"  # data
    supplements["area"] = np.round(supplements["area"] * 0.1, 2)
    supplements["geometry"] = None
    whole: pd.DataFrame = pd.concat([frame, supplements], ignore_index=True)
    return whole


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
