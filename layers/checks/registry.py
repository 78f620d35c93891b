"""The checks of this program, in the order in which they are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd

from layers.checks import (
    block_balance,
    block_share,
    factory_reserve,
    factory_reward,
    industrial_quota,
    industrial_total,
    rezoning,
)
from layers.checks.land_use_change import PLAN_COLUMNS
from layers.checks.recorded_uses import CONTRACT_COLUMNS, PARCEL_COLUMNS
from layers.checks.result import CheckResult
from layers.codes import LandUseCodes
from layers.policy import Policy
from layers.units import UnitTree

__all__ = ["CHECKS", "Check", "Run", "check_named"]

Tables = Mapping[str, gpd.GeoDataFrame]
Run = Callable[[Tables, UnitTree, Policy, LandUseCodes, dt.date, int | None], CheckResult]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: the tables it reads and the pure function that judges them.

    ``title`` is Chinese and goes through ``tr`` where it is shown. The mapping given to ``run`` must
    hold every name in ``tables``; a table may be empty. ``columns`` names what is read of a large table,
    besides uuid and geometry, where that is not all.
    """

    id: str
    title: str
    tables: tuple[str, ...]
    run: Run
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _factory_reserve(
    tables: Tables,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    return factory_reserve.check(tables["factory"], tables["lease"], units, policy, codes, as_of, year)


def _industrial_quota(
    tables: Tables,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    return industrial_quota.check(tables["transfer"], units, policy, codes, as_of, year)


def _rezoning(
    tables: Tables,
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    return rezoning.check(
        tables["land_use"],
        tables["snapshot"],
        tables["block_line"],
        units,
        policy,
        codes,
        as_of,
        year,
        parcels=tables["parcel"],
        transfers=tables["transfer"],
        lineage=tables["lineage"],
        warnings=tables["warning"],
    )


CHECKS: tuple[Check, ...] = (
    Check(factory_reserve.TARGET, factory_reserve.TITLE, ("factory", "lease"), _factory_reserve),
    Check(
        factory_reward.TARGET,
        factory_reward.TITLE,
        ("factory", "parcel"),
        factory_reward.run,
        {"parcel": factory_reward.PARCEL_COLUMNS},
    ),
    Check(industrial_quota.TARGET, industrial_quota.TITLE, ("transfer",), _industrial_quota),
    *(
        Check(module.TARGET, module.TITLE, module.TABLES, module.run, {"land_use": PLAN_COLUMNS})
        for module in (industrial_total, block_share, block_balance)
    ),
    Check(
        rezoning.TARGET,
        rezoning.TITLE,
        ("land_use", "snapshot", "block_line", "parcel", "transfer", "lineage", "warning"),
        _rezoning,
        {"land_use": PLAN_COLUMNS, "parcel": PARCEL_COLUMNS, "transfer": CONTRACT_COLUMNS},
    ),
)


def check_named(check_id: str) -> Check:
    """The check of that id; ``KeyError`` if there is none."""
    for item in CHECKS:
        if item.id == check_id:
            return item
    raise KeyError(f"no check {check_id!r}; known: {', '.join(item.id for item in CHECKS)}")
