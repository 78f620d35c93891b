"""A control of a scenario moves: the checks that it touches run again, beside all checks run anew."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from tests.bench.synthetic import CELL, EPSG, lines, snapshots
from tests.bench.timing import Memory, repeat

__all__ = ["run"]

_DAY = dt.date(2024, 6, 30)
_SCHEME = "guide2023"
_CODES = np.array(
    ["1001", "100101", "100102", "0701", "0901", "0804", "1101", "1207", "1401", "0803", "1001", "0701"],
    dtype=object,
)
# Of 100 parcels: so many contracts, factories and leases.
_CONTRACTS, _FACTORIES, _LEASES = 20, 2, 4


def run(size: int) -> dict[str, Any]:
    """Seconds until every touched check has its new result, the worst of the kinds of changes; the check anew as reference."""
    from layers.checks.registry import CHECKS
    from layers.codes import LandUseCodes
    from layers.policy import load_policy
    from layers.scenarios.changes import Build, Change, EndLease, Rezone, Transfer
    from layers.scenarios.overlay import laid_over
    from layers.scenarios.scenario import Scenario
    from layers.scenarios.trial import Trial

    tables, units = _city(size)
    policy, codes = load_policy(), LandUseCodes.standard()
    # Checks whose tables this city does not have are no part of the measure.
    checks = [check for check in CHECKS if set(check.tables) <= set(tables)]
    memory = Memory()
    prepared = repeat(lambda: Trial(tables, units, policy, codes, _DAY, checks=checks), most=1)
    trial = prepared.result
    number = size // 2

    def transfer(area: float, code: str) -> Change:
        return Transfer(
            id="planned", project="计划", unit=units.codes[0], area=area, scheme=_SCHEME, code=code, mode="23",
            contract_on=_DAY, parcel_no=f"P{number}",
        )  # fmt: skip

    moves: dict[str, list[Change]] = {
        "transfer": [transfer(50_000.0 + 100 * step, "1001") for step in range(9)],
        "transfer_housing": [transfer(50_000.0 + 100 * step, "0701") for step in range(9)],
        "rezone_parcel": [
            Rezone(table="parcel", uuid=f"p{number}", label="", scheme=_SCHEME, code=code) for code in _CODES[:9]
        ],
        "rezone_plot": [
            Rezone(table="land_use", uuid=f"b{number}", label="", scheme=_SCHEME, code=code) for code in _CODES[:9]
        ],
        "build": [
            Build(id="hall", building_id="新", unit=units.codes[0], area=1000.0 + step, accepted_on=_DAY)
            for step in range(9)
        ],
        "end_lease": [EndLease(uuid="l0", label="", last_day=_DAY - dt.timedelta(days=step + 1)) for step in range(9)],
    }  # fmt: skip
    others = [moves["build"][0], moves["rezone_parcel"][0]]
    seconds, processor = {}, {}
    for kind, steps in moves.items():
        # A scenario has other changes beside the one that is moved.
        more = [item for item in others if item.id != steps[0].id and kind not in ("build", "rezone_parcel")]
        turn = iter(range(1_000))
        timing = repeat(lambda: trial.run(Scenario("甲", (*more, steps[next(turn) % len(steps)]))))  # noqa: B023
        seconds[kind], processor[kind] = round(timing.best, 4), round(timing.best_processor, 4)
    peak = memory.figures()
    touched = trial.touched(moves["transfer"][0].rows(codes))
    laid = laid_over(tables, moves["transfer"][0].rows(codes))
    whole = repeat(
        lambda: [
            check.run(laid, units, policy, codes, _DAY, None) for check in checks if check.id in touched
        ],
        most=1,
    )
    return {
        "seconds": max(seconds.values()),
        "processor_seconds": max(processor.values()),
        "kinds": seconds,
        "kinds_processor": processor,
        "checks": [check.id for check in checks],
        "prepare_seconds": round(prepared.best, 3),
        "reference": "touched checks run whole",
        "reference_seconds": round(whole.best, 3),
        "pieces": len(trial.base[-1].evidence),
        **peak,
    }


def _city(size: int) -> tuple[dict[str, gpd.GeoDataFrame], Any]:
    from layers.units import UnitTree

    random = np.random.default_rng(7)
    plan = snapshots(size)
    west, south, east, north = shapely.total_bounds(plan.before)
    parcel_code = _CODES[plan.before_key].copy()
    other = random.random(size) < 0.01
    parcel_code[other] = "0901"
    number = size * _CONTRACTS // 100
    signed = np.datetime64("2014-01-01") + random.integers(0, 3_800, number).astype("timedelta64[D]")
    factories, leases = max(1, size * _FACTORIES // 100), max(1, size * _LEASES // 100)
    places = shapely.points(random.uniform(west, east, factories), random.uniform(south, north, factories))
    begins = np.datetime64("2020-01-01") + random.integers(0, 1_600, leases).astype("timedelta64[D]")
    edges = np.linspace(west - CELL, east + CELL, 13)
    tables = {
        "land_use": _frame(
            np.concatenate([plan.before, plan.after]),
            uuid=[*(f"a{row}" for row in range(size)), *(f"b{row}" for row in range(len(plan.after)))],
            snapshot=["a"] * size + ["b"] * len(plan.after),
            code=[*_CODES[plan.before_key], *_CODES[plan.after_key]],
            scheme=[_SCHEME] * (size + len(plan.after)),
        ),
        "snapshot": _frame(
            np.full(2, None, dtype=object), uuid=["s1", "s2"], name=["a", "b"],
            date=pd.to_datetime(["2023-01-01", "2024-01-01"]),
        ),
        "block_line": _frame(
            lines(size), uuid=[f"k{row}" for row in range(200)], code=[f"L{row}" for row in range(200)],
            level=["first"] * 200,
        ),
        "parcel": _frame(
            plan.before, uuid=[f"p{row}" for row in range(size)], parcel_no=[f"P{row}" for row in range(size)],
            land_use_code=parcel_code, land_use_scheme=[_SCHEME] * size,
        ),
        "transfer": _frame(
            np.full(number, None, dtype=object), uuid=[f"t{row}" for row in range(number)],
            supervision_no=[f"N{row}" for row in range(number)], unit=[f"U{row % 12}" for row in range(number)],
            parcel_no=[f"P{row * 5}" for row in range(number)], area=random.uniform(1e3, 1e5, number),
            use_name=["工业用地"] * number, use_code=_CODES[plan.before_key[: number * 5 : 5]],
            use_scheme=[_SCHEME] * number, mode=["23"] * number, contract_on=signed.astype("datetime64[s]"),
        ),
        "factory": _frame(
            places, uuid=[f"f{row}" for row in range(factories)], building_id=[f"F{row}" for row in range(factories)],
            gross_floor_area=random.uniform(1e3, 1e4, factories), state=["completed"] * factories,
            accepted_on=np.full(factories, np.datetime64("2020-01-01", "s")),
        ),
        "lease": _frame(
            np.full(leases, None, dtype=object), uuid=[f"l{row}" for row in range(leases)],
            building_id=[f"F{row // 2}" for row in range(leases)], kind=["lease"] * leases,
            area=random.uniform(100, 500, leases), from_date=begins.astype("datetime64[s]"),
            to_date=(begins + np.timedelta64(900, "D")).astype("datetime64[s]"),
        ),
        "lineage": _frame(
            np.empty(0, dtype=object), uuid=[], layer=[], operation=[], child=[], parent=[], parent_no=[],
        ),
        "warning": _frame(np.empty(0, dtype=object), uuid=[], way=[], block=[], to_code=[], state=[], reason=[]),
    }  # fmt: skip
    units = _frame(
        shapely.box(edges[:-1], south - CELL, edges[1:], north + CELL),
        code=[f"U{row}" for row in range(12)], name=[f"单元{row}" for row in range(12)],
    )  # fmt: skip
    return tables, UnitTree.from_frame(units, EPSG)


def _frame(shapes: NDArray[np.object_], **columns: Any) -> gpd.GeoDataFrame:
    """A table with the types that the store gives."""
    data = {
        name: pd.array(list(values), dtype=pd.StringDtype(na_value=np.nan))
        if len(values) == 0 or isinstance(values[0], str)
        else values
        for name, values in columns.items()
    }
    return gpd.GeoDataFrame(pd.DataFrame(data), geometry=gpd.GeoSeries(shapes, crs=EPSG))
