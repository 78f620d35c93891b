"""What the demo knows about Ankang: public facts and made-up words, read from ``resources/demo/ankang.toml``."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "DEMO_EPSG",
    "DEMO_MARK",
    "DEMO_UNITS",
    "INDUSTRIES",
    "LAND_SOURCES",
    "OBSERVED",
    "PARKS",
    "REFERENCE_DAY",
    "SCHEMATIC",
    "SNAPSHOT_DAYS",
    "USES",
    "DemoUnit",
]

_RESOURCE = Path(__file__).resolve().parents[2] / "resources" / "demo" / "ankang.toml"
_FACTS: dict[str, Any] = tomllib.loads(_RESOURCE.read_text("utf-8"))

DEMO_EPSG = 4545  # CGCS2000 3-degree plane, centre 108°E, no zone prefix
DEMO_MARK: str = _FACTS["mark"]
SCHEMATIC: str = _FACTS["schematic"]
REFERENCE_DAY = dt.date(2024, 6, 30)
SNAPSHOT_DAYS: dict[str, dt.date] = dict(
    zip(_FACTS["snapshots"], (dt.date(2023, 3, 31), dt.date(2024, 5, 31)), strict=True)
)
INDUSTRIES: list[str] = _FACTS["industries"]
OBSERVED: list[str] = _FACTS["observed"]
LAND_SOURCES: list[str] = _FACTS["land_sources"]
# Park number → what it has instead of the usual; "" is nothing.
PARKS: dict[str, dict[str, str]] = _FACTS["parks"]
# First digits of a plan code → code and name of use in land-supply results (domain reference §3.2), term.
USES: dict[str, tuple[str, str, str]] = {code: tuple(use) for code, use in _FACTS["uses"].items()}


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """One unit: published seat and area, and what the demo gives it.

    ``valley`` is the direction (degrees from east) of the valley the town lies in; ``weight`` its share of
    the parcels; ``reserve`` the vacant factory floor (m²) on the reference day; ``industry`` the share of
    industrial land in what it sells; ``rezoned`` whether the newer plan takes industrial land for other uses.
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
    rezoned: bool = True
    parent: str | None = None


DEMO_UNITS = tuple(
    DemoUnit(**{**entry, "leading_industries": tuple(entry["leading_industries"])})
    for entry in _FACTS["unit"]
)
