"""Checks made ready to be run again and again on tables in which little changes.

Whatever a check does, running it whole gives the right answer; a check of large tables says here what it need not
look at again. The answers are the same: verdicts, figures, explanations and evidence (its order aside).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import geopandas as gpd
import numpy as np

from layers.checks import industrial_quota
from layers.checks import tables as read
from layers.checks.registry import Check
from layers.checks.result import CheckResult
from layers.codes import LandUseCodes
from layers.policy import Policy
from layers.scenarios.changes import RowChange
from layers.scenarios.plan_ground import PlanGround
from layers.units import UnitTree

__all__ = ["Basis", "Prepared", "Whole", "prepared_quota"]

Tables = Mapping[str, gpd.GeoDataFrame]


@dataclass(frozen=True)
class Basis:
    """What a check is run on before anything is changed."""

    tables: Tables
    units: UnitTree
    policy: Policy
    codes: LandUseCodes
    as_of: dt.date
    year: int | None

    @cached_property
    def ground(self) -> PlanGround:
        """The plan, which several checks look at."""
        return PlanGround(self.tables["land_use"], self.codes)


class Prepared(Protocol):
    """A check made ready on a `Basis`."""

    def base(self) -> CheckResult:
        """The result without any change."""

    def run(self, tables: Tables, rows: Sequence[RowChange]) -> CheckResult:
        """The result with ``rows`` laid over the basis, which gives ``tables``."""


class Whole:
    """Any check: run whole."""

    def __init__(self, check: Check, basis: Basis) -> None:
        self._check, self._basis = check, basis

    def base(self) -> CheckResult:
        """The result without any change."""
        return self.run(self._basis.tables, ())

    def run(self, tables: Tables, rows: Sequence[RowChange]) -> CheckResult:  # noqa: ARG002 - as in `Prepared`
        """The result on the tables."""
        basis = self._basis
        return self._check.run(tables, basis.units, basis.policy, basis.codes, basis.as_of, basis.year)


def prepared_quota(check: Check, basis: Basis) -> Prepared:
    """The quota, of the year's contracts and the planned ones only: others are looked at and counted nowhere.

    By supervision number the year is in the number, and every row is needed.
    """
    if basis.policy.target(industrial_quota.TARGET).parameters["year_by"] != "contract":
        return Whole(check, basis)
    return _Quota(check, basis)


class _Quota(Whole):
    def run(self, tables: Tables, rows: Sequence[RowChange]) -> CheckResult:
        """The result on the rows of the year."""
        table = tables["transfer"]
        year = self._basis.as_of.year if self._basis.year is None else self._basis.year
        signed = read.dates(table, "contract_on")
        kept = np.isnat(signed) | (signed.astype("datetime64[Y]") == np.datetime64(f"{year:04d}", "Y"))
        kept |= read.booleans(table, "planned")
        if not kept.any():
            kept[:1] = True  # no contract of the year is something else than no contracts at all
        return super().run({**tables, "transfer": table[kept]}, rows)
