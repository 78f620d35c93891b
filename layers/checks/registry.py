"""The checks of this program, in the order in which they are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd

from layers.checks import (
    approval_days,
    approval_rate,
    block_balance,
    block_share,
    data_quality,
    enterprises,
    factory_reserve,
    factory_reward,
    idle_floors,
    industrial_quota,
    industrial_total,
    land_deadlines,
    land_stages,
    low_use,
    manufacturing,
    park_industry,
    park_infrastructure,
    park_structure,
    per_mu,
    project_counts,
    rezoning,
    standard_land,
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


def _of_parcels(check_id: str, title: str, run: Run, columns: tuple[str, ...]) -> Check:
    return Check(check_id, title, ("parcel",), run, {"parcel": columns})


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
    Check(park_structure.TARGET, park_structure.TITLE, ("park",), park_structure.run),
    Check(park_industry.TARGET, park_industry.TITLE, ("park", "investment", "enterprise"), park_industry.run),
    Check(park_infrastructure.TARGET, park_infrastructure.TITLE, ("park",), park_infrastructure.run),
    *(
        Check(target, project_counts.TITLES[target], tables, run)
        for target, tables, run in (
            (project_counts.RESERVE, ("investment", "project_list"), project_counts.run_reserve),
            (project_counts.INVESTMENT, ("investment", "project_list"), project_counts.run_investment),
            (project_counts.RENEWAL, ("investment",), project_counts.run_renewal),
            (project_counts.APPLICATION, ("investment", "project_list"), project_counts.run_application),
        )
    ),
    Check(manufacturing.SHARE, manufacturing.SHARE_TITLE, ("investment",), manufacturing.run_share),
    Check(
        manufacturing.GROWTH, manufacturing.GROWTH_TITLE, ("investment", "funding"), manufacturing.run_growth
    ),
    Check(enterprises.TARGET, enterprises.TITLE, ("enterprise",), enterprises.run),
    Check(approval_days.TARGET, approval_days.TITLE, ("investment", "suspension"), approval_days.run),
    Check(approval_rate.TARGET, approval_rate.TITLE, ("investment", "project_list"), approval_rate.run),
    Check(
        data_quality.TARGET, data_quality.TITLE, data_quality.TABLES, data_quality.run, data_quality.COLUMNS
    ),
    _of_parcels(standard_land.TARGET, standard_land.TITLE, standard_land.run, standard_land.COLUMNS),
    _of_parcels(land_stages.TARGET, land_stages.TITLE, land_stages.run, land_stages.COLUMNS),
    _of_parcels(
        land_deadlines.DEADLINE,
        land_deadlines.DEADLINE_TITLE,
        land_deadlines.run_deadlines,
        land_deadlines.DEADLINE_COLUMNS,
    ),
    _of_parcels(
        land_deadlines.CERTIFICATE,
        land_deadlines.CERTIFICATE_TITLE,
        land_deadlines.run_certificates,
        land_deadlines.CERTIFICATE_COLUMNS,
    ),
    _of_parcels(per_mu.TARGET, per_mu.TITLE, per_mu.run, per_mu.COLUMNS),
    _of_parcels(low_use.TARGET, low_use.TITLE, low_use.run, low_use.COLUMNS),
    Check(idle_floors.TARGET, idle_floors.TITLE, ("factory", "lease"), idle_floors.run),
)


def check_named(check_id: str) -> Check:
    """The check of that id; ``KeyError`` if there is none."""
    for item in CHECKS:
        if item.id == check_id:
            return item
    raise KeyError(f"no check {check_id!r}; known: {', '.join(item.id for item in CHECKS)}")
