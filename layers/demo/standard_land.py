"""What makes the demo's standard land lifelike: figures of production, late works, idle land, gaps in the papers.

Drawn from a stream of its own, so that nothing else of the demo depends on it. Units whose plan takes no industrial
land keep their promises; the others have a few cases of each kind.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.demo.facts import REFERENCE_DAY, DemoUnit

__all__ = ["lifelike"]

# Key, required, decimals, whether more is better: round numbers for show, no published thresholds.
_OTHER_FIGURES = (
    ("green_ratio", 20.0, 1, False),
    ("admin_land_ratio", 7.0, 1, False),
    ("land_output", 300.0, 0, True),
    ("energy", 0.30, 2, False),
    ("emission", 1.2, 2, False),
    ("rd_ratio", 2.0, 1, True),
)
_STEPS = (
    "evaluated_on", "cleared_on", "standard_set_on", "announced_on", "sold_on", "contract_on", "agreement_on",
    "paid_on", "handover_on", "certificate_on", "permit_on", "agreed_start", "actual_start", "agreed_finish",
)  # fmt: skip
_IDLE, _UNFINISHED = 700, 1400  # days by which a contract is set back so that land lies idle or works drag on


def lifelike(frame: gpd.GeoDataFrame, unit: DemoUnit, sold: Collection[str], seed: int) -> None:
    """Fill in and spoil, in place. ``sold`` are parcels named in the supply register, whose dates stay."""
    rng = np.random.default_rng([seed, zlib.crc32(f"standard_land {unit.code}".encode())])
    stage = frame["stage"].to_numpy(dtype=object)
    signed = np.isin(stage.astype(str), ["matched", "handed_over", "building", "accepted", "reviewed"])
    built = np.isin(stage.astype(str), ["accepted", "reviewed"])
    staged = frame["stage"].notna().to_numpy()
    _figures(frame, staged, signed, built, rng)
    if not unit.rezoned:
        _kept(frame, built)
        return
    free = ~frame["parcel_no"].isin(list(sold)).to_numpy()
    _set_back(frame, _some(free & (stage == "handed_over"), 0.10, rng), _IDLE)
    _set_back(frame, _some(free & (stage == "building"), 0.06, rng), _UNFINISHED)
    for row in _some(signed, 0.03, rng):  # the agreement is not on file
        frame.loc[frame.index[row], "agreement_on"] = pd.NaT
    for row in _some(built, 0.06, rng):  # a slip of the pen: the year of the permit
        at = frame.index[row]
        frame.loc[at, "permit_on"] = frame.loc[at, "actual_finish"] + pd.Timedelta(days=20)
    missing = _some(built, 0.08, rng)
    frame.loc[frame.index[missing], "far_actual"] = frame.loc[frame.index[missing], "far_required"]
    frame.loc[frame.index[missing], "building_coeff_actual"] = np.nan


def _figures(
    frame: gpd.GeoDataFrame,
    staged: NDArray[np.bool_],
    signed: NDArray[np.bool_],
    built: NDArray[np.bool_],
    rng: np.random.Generator,
) -> None:
    """The indicators that the plan of the parcel did not draw; actual ones once the works stand."""
    count = len(frame)
    for key, required, digits, rising in _OTHER_FIGURES:
        spread = rng.uniform(1.0, 1.25, count)
        committed = np.round(required * spread if rising else required / spread, digits)
        drift = rng.uniform(0.95, 1.3, count)
        actual = np.round(committed * drift if rising else committed / drift, digits)
        if key == "emission":  # not everybody measures it
            actual = np.where(rng.random(count) < 0.3, np.nan, actual)
        frame[f"{key}_required"] = np.where(staged, required, np.nan)
        frame[f"{key}_committed"] = np.where(signed, committed, np.nan)
        frame[f"{key}_actual"] = np.where(built, actual, np.nan)


def _kept(frame: gpd.GeoDataFrame, built: NDArray[np.bool_]) -> None:
    """Every promise kept, every paper on the day."""
    for name in [name for name in frame.columns if name.endswith("_committed")]:
        key = str(name).removesuffix("_committed")
        rising = next((up for other, _, _, up in _OTHER_FIGURES if other == key), True)
        actual, promised = frame[f"{key}_actual"].to_numpy(), frame[name].to_numpy()
        best = np.fmax(actual, promised) if rising else np.fmin(actual, promised)
        frame[f"{key}_actual"] = np.where(built, best, np.nan)
    waiting = frame["actual_start"].isna() & (frame["agreed_start"] < pd.Timestamp(REFERENCE_DAY))
    frame.loc[waiting, "agreed_start"] = pd.Timestamp(REFERENCE_DAY) + pd.Timedelta(days=30)


def _set_back(frame: gpd.GeoDataFrame, rows: NDArray[np.int64], days: int) -> None:
    at = frame.index[rows]
    for name in _STEPS:
        frame.loc[at, name] = frame.loc[at, name] - pd.Timedelta(days=days)


def _some(mask: NDArray[np.bool_], share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """A share of the rows of a mask, at least one where there are some."""
    rows = np.flatnonzero(mask)
    if not len(rows):
        return rows
    return np.sort(rng.choice(rows, max(1, round(share * len(rows))), replace=False))
