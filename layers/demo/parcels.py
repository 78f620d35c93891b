"""Parcels of the demo: lots with holder, stage of 标准地, dates and indicators."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.demo.facts import DEMO_EPSG, DEMO_MARK, REFERENCE_DAY, DemoUnit
from layers.demo.land import UnitLand
from layers.demo.plan import SCHEME, UnitParks, code_names

__all__ = ["company", "days", "unit_parcels"]

# Stages in order and the share of industrial standard-land parcels that stand there.
_STAGES = {
    "prepared": 0.10, "standard_set": 0.08, "matched": 0.12, "handed_over": 0.12, "building": 0.30,
    "accepted": 0.20, "reviewed": 0.08,
}  # fmt: skip
_UNUSED = ("1401", "1402")
_WORKS = 6  # industrial parcels that even the smallest demo has in each unit
_ORIGIN = np.datetime64("2021-03-01", "s")
_REFERENCE = np.datetime64(REFERENCE_DAY, "s")
# Days from the contract to each step, and the stage (number) from which the step has been taken.
_STEPS = {
    "evaluated_on": (-150, 0), "cleared_on": (-90, 0), "standard_set_on": (-60, 1), "announced_on": (-45, 1),
    "sold_on": (-10, 2), "contract_on": (0, 2), "agreement_on": (3, 2), "paid_on": (40, 3), "handover_on": (55, 3),
    "certificate_on": (55, 3), "permit_on": (95, 4), "agreed_start": (180, 2), "actual_start": (165, 4),
    "agreed_finish": (910, 2), "actual_finish": (860, 5), "completion_review_on": (900, 5),
    "production_review_on": (1010, 6),
}  # fmt: skip


def company(numbers: NDArray[np.int64]) -> NDArray[np.object_]:
    """Plainly made-up holders: 示例企业 17."""
    return np.char.add("示例企业 ", numbers.astype(str)).astype(object)  # data


def days(start: NDArray[np.datetime64], offset: NDArray[np.int64] | int) -> NDArray[np.datetime64]:
    """Dates ``offset`` days later; NaT stays NaT."""
    return np.asarray(start + np.asarray(offset, dtype="timedelta64[D]"))


def unit_parcels(
    unit: DemoUnit, land: UnitLand, parks: UnitParks, wanted: int, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """``wanted`` lots that are not green, as parcels; what is over, here and there a plot, is not parcelled yet."""
    chosen = _parcelled(land, wanted, rng)
    count = len(chosen)
    geometry, code, park = land.lot[chosen], land.lot_code[chosen], land.lot_park[chosen]
    names = code_names()
    serial = np.char.zfill(np.arange(1, count + 1).astype(str), 6)
    park_name = pd.Series(park).map(parks.names)
    place = park_name.fillna(f"{unit.name}城区")  # data
    area = np.round(shapely.area(geometry), 2)
    # One certificate in a hundred says something else than the outline.
    area = np.where(rng.random(count) < 0.01, np.round(area * rng.uniform(1.004, 1.02, count), 2), area)
    frame = gpd.GeoDataFrame(
        {
            "parcel_no": np.char.add(f"{unit.short}-", serial).astype(object),
            "name": (place + "地块 ").to_numpy(dtype=object) + serial.astype(object),  # data
            "unit": unit.name,
            "park": park_name.to_numpy(dtype=object),
            "location": place.to_numpy(dtype=object),
            "land_use_code": code,
            "land_use_scheme": SCHEME,
            "land_use_name": pd.Series(code).map(names).to_numpy(dtype=object),
            "area_certified": area,
            "note": DEMO_MARK,
        },
        geometry=geometry,
        crs=DEMO_EPSG,
    )
    industrial = np.char.startswith(code.astype("U6"), "1001")
    held = industrial | (rng.random(count) < 0.6)
    holder = company(rng.integers(1, max(count, 400), count))
    holder[~held] = None
    frame["holder"] = holder
    _standard_land(frame, np.flatnonzero(industrial & (rng.random(count) < 0.7)), rng)
    return frame


def _parcelled(land: UnitLand, wanted: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Numbers of the lots to become parcels: plot after plot in random order, but a few works in any case."""
    fit = np.flatnonzero(~np.isin(land.lot_code, _UNUSED))
    turn = rng.permutation(len(land.plot))[land.lot_plot[fit]]
    works = np.flatnonzero(np.char.startswith(land.lot_code[fit].astype("U6"), "1001"))
    turn[works[:_WORKS]] = -1
    return np.sort(fit[np.argsort(turn, kind="stable")[:wanted]])


def _standard_land(frame: gpd.GeoDataFrame, rows: NDArray[np.int64], rng: np.random.Generator) -> None:
    """Stage, dates and indicators of standard-land parcels, written into ``frame``."""
    stages = np.array(list(_STAGES), dtype=object)
    stage = rng.choice(len(stages), len(rows), p=list(_STAGES.values()))
    frame["stage"] = _column(frame, rows, stages[stage], None)
    # The contract lies far enough back that the steps of the stage are over by the reference day.
    latest = np.array([30, 20, 15, 70, 180, 1010, 1120])[stage]
    ago = latest + rng.integers(0, 160, len(rows))
    contract = np.full(len(rows), _REFERENCE) - ago.astype("timedelta64[D]")
    for name, (offset, from_stage) in _STEPS.items():
        wobble = 0 if name in ("contract_on", "handover_on") else rng.integers(0, 9, len(rows))
        step = days(contract, np.asarray(offset + wobble, dtype=np.int64))
        if name == "certificate_on":  # 交地即交证: nine in ten on the day of the hand-over
            step = np.where(rng.random(len(rows)) < 0.9, days(contract, 55), days(contract, 68))
        taken = stage >= from_stage
        if not name.startswith("agreed"):
            taken &= step <= _REFERENCE
        step = np.where(taken, step, np.datetime64("NaT"))
        frame[name] = _column(frame, rows, step.astype("datetime64[s]"), np.datetime64("NaT", "s"))
    _indicators(frame, rows, stage, rng)


def _indicators(
    frame: gpd.GeoDataFrame, rows: NDArray[np.int64], stage: NDArray[np.int64], rng: np.random.Generator
) -> None:
    """Required, committed and (once built) actual figures; round numbers for show, no published thresholds."""
    built = stage >= 5
    for key, required, digits in (
        ("invest_intensity", 200.0, 0),
        ("far", 1.0, 2),
        ("building_coeff", 40.0, 1),
        ("tax_per_mu", 12.0, 1),
    ):
        committed = np.round(required * rng.uniform(1.0, 1.35, len(rows)), digits)
        actual = np.where(built, np.round(committed * rng.uniform(0.7, 1.2, len(rows)), digits), np.nan)
        frame[f"{key}_required"] = _column(frame, rows, np.full(len(rows), required), np.nan)
        frame[f"{key}_committed"] = _column(frame, rows, np.where(stage >= 2, committed, np.nan), np.nan)
        frame[f"{key}_actual"] = _column(frame, rows, actual, np.nan)


def _column(
    frame: gpd.GeoDataFrame, rows: NDArray[np.int64], values: NDArray[np.generic], empty: object
) -> object:
    column = np.full(len(frame), empty, dtype=values.dtype)
    column[rows] = values
    return column
