"""What the demo knows about Ankang: public facts, and the seeded numbers it is built round.

County seats (degrees, rounded) and areas are published facts; outlines are not used. The areas of the two
committees' territories are round numbers for show: no published figure was at hand.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

__all__ = ["DEMO_EPSG", "DEMO_MARK", "DEMO_UNITS", "REFERENCE_DAY", "SCHEMATIC", "SNAPSHOT_DAYS", "DemoUnit"]

DEMO_EPSG = 4545  # CGCS2000 3-degree plane, centre 108°E, no zone prefix
DEMO_MARK = "示例数据"
SCHEMATIC = "示意界线"
REFERENCE_DAY = dt.date(2024, 6, 30)
SNAPSHOT_DAYS = {"2023年规划": dt.date(2023, 3, 31), "2024年调整方案": dt.date(2024, 5, 31)}


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """One unit: published seat and area, and what the demo gives it.

    ``valley`` is the direction (degrees from east) of the valley the town lies in; ``weight`` its share of
    the parcels; ``reserve`` the vacant factory floor (m²) on the reference day; ``industry`` the share of
    industrial land in what it sells.
    """

    code: str
    name: str
    short: str
    kind: str
    longitude: float
    latitude: float
    area_km2: float
    valley: float
    weight: float
    reserve: float
    industry: float
    zone: str
    zone_level: str
    leading_industries: tuple[str, ...]
    parent: str | None = None


DEMO_UNITS = (
    DemoUnit("610902", "汉滨区", "HB", "district", 109.029, 32.695, 3646.0, 12.0, 15.0, 42_300.0, 0.34,
             "汉滨经济技术开发区", "provincial", ("富硒食品", "装备制造", "纺织服装")),
    DemoUnit("610921", "汉阴县", "HY", "county", 108.509, 32.893, 1365.0, -18.0, 8.0, 28_640.0, 0.41,
             "汉阴经济技术开发区", "provincial", ("富硒食品", "新型材料")),
    DemoUnit("610922", "石泉县", "SQ", "county", 108.248, 33.039, 1525.0, -35.0, 7.0, 24_900.0, 0.30,
             "石泉工业集中区", "county", ("丝绸服装", "富硒食品")),
    DemoUnit("610923", "宁陕县", "NS", "county", 108.314, 33.310, 3678.0, 70.0, 3.0, 8_200.0, 0.22,
             "宁陕工业集中区", "county", ("绿色食品",)),
    DemoUnit("610924", "紫阳县", "ZY", "county", 108.534, 32.520, 2204.0, 30.0, 6.0, 33_400.0, 0.37,
             "紫阳工业集中区", "county", ("富硒茶", "毛绒玩具")),
    DemoUnit("610925", "岚皋县", "LG", "county", 108.902, 32.307, 1956.0, 62.0, 5.0, 12_750.0, 0.28,
             "岚皋工业集中区", "county", ("魔芋食品", "生物医药")),
    DemoUnit("610926", "平利县", "PL", "county", 109.362, 32.389, 2627.0, 48.0, 7.0, 31_150.0, 0.44,
             "平利经济技术开发区", "provincial", ("富硒茶", "电子线束")),
    DemoUnit("610927", "镇坪县", "ZP", "county", 109.527, 31.884, 1503.0, 82.0, 3.0, 5_600.0, 0.18,
             "镇坪工业集中区", "county", ("中药材加工",)),
    DemoUnit("610981", "旬阳市", "XY", "city", 109.365, 32.833, 3554.0, 8.0, 13.0, 35_200.0, 0.47,
             "旬阳高新技术产业开发区", "provincial", ("新型材料", "烟草食品", "装备制造")),
    DemoUnit("610929", "白河县", "BH", "county", 110.113, 32.809, 1450.0, -22.0, 6.0, 26_300.0, 0.33,
             "白河工业集中区", "county", ("毛绒玩具", "汽车电子")),
    DemoUnit("610902-GX", "安康高新区", "GX", "committee", 108.962, 32.722, 66.0, 20.0, 17.0, 68_450.0, 0.52,
             "安康高新技术产业开发区", "national", ("新型材料", "电子信息", "生物医药"), "610902"),
    DemoUnit("610902-HK", "恒口示范区", "HK", "committee", 108.782, 32.738, 120.0, -6.0, 10.0, 30_000.0, 0.39,
             "恒口工业园", "county", ("毛绒玩具", "智能制造"), "610902"),
)  # fmt: skip
