"""Scenarios tried out: the checks on the tables with planned changes laid over, only what they touch run again."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import geopandas as gpd

from gis.progress import Progress, scaled, silent
from gis.text import tr
from layers.checks import (
    block_balance,
    block_share,
    data_quality,
    industrial_quota,
    industrial_total,
    rezoning,
)
from layers.checks.registry import CHECKS, Check
from layers.checks.result import CheckResult
from layers.codes import LandUseCodes
from layers.policy import Policy
from layers.scenarios.changes import RowChange
from layers.scenarios.overlay import laid_over, merged
from layers.scenarios.plan_again import prepared_balance, prepared_share, prepared_total
from layers.scenarios.prepared import Basis, Prepared, Whole, prepared_quota
from layers.scenarios.quality_again import prepared_quality
from layers.scenarios.remembered import RememberedUnits
from layers.scenarios.rezoning_again import prepared_rezoning
from layers.scenarios.scenario import Scenario
from layers.units import UnitTree

if TYPE_CHECKING:
    from layers.project import Project

__all__ = ["Trial"]

_PREPARED: Mapping[str, Callable[[Check, Basis], Prepared]] = {
    industrial_quota.TARGET: prepared_quota,
    industrial_total.TARGET: prepared_total,
    block_share.TARGET: prepared_share,
    block_balance.TARGET: prepared_balance,
    rezoning.TARGET: prepared_rezoning,
    data_quality.TARGET: prepared_quality,
}


class Trial:
    """The checks of a project on a day, ready for scenarios. Pure but for its memory: nothing is written anywhere.

    ``base`` are the results without any scenario, in the order of the registry; only checks that the policy asks
    for are among them.
    """

    def __init__(
        self,
        tables: Mapping[str, gpd.GeoDataFrame],
        units: UnitTree,
        policy: Policy,
        codes: LandUseCodes,
        as_of: dt.date,
        year: int | None = None,
        *,
        checks: Sequence[Check] = CHECKS,
        progress: Progress = silent,
    ) -> None:
        self.as_of, self.year = as_of, as_of.year if year is None else year
        self.codes = codes
        self._tables = dict(tables)
        basis = Basis(self._tables, RememberedUnits.of(units), policy, codes, as_of, self.year)
        self._checks = [check for check in checks if policy.has(check.id)]
        self._prepared: dict[str, Prepared] = {}
        self._places: dict[str, dict[str, int]] = {}
        self.seconds: dict[str, float] = {}  # check → processor time of its last run
        self.base: list[CheckResult] = []
        for number, check in enumerate(self._checks):
            progress(number / len(self._checks), tr("检查：{title}", title=tr(check.title)))
            self._prepared[check.id] = _PREPARED.get(check.id, Whole)(check, basis)
            started = time.thread_time()
            self.base.append(self._prepared[check.id].base())
            # What is made ready is quick until it has shown otherwise; running anything else again takes as long again.
            self.seconds[check.id] = 0.0 if check.id in _PREPARED else time.thread_time() - started
        progress(1.0, tr("检查完成"))

    @classmethod
    def of_project(
        cls,
        project: Project,
        as_of: dt.date | None = None,
        year: int | None = None,
        progress: Progress = silent,
    ) -> Trial:
        """The checks of a project; ``as_of`` None means its own day, ``year`` None the year of that day."""
        checks = [check for check in CHECKS if project.policy.has(check.id)]
        with project.store.steady():
            tables = project.check_tables(checks, progress=scaled(progress, 0.0, 0.4))
            units = project.units()
        return cls(
            tables, units, project.policy, project.codes, as_of or project.as_of, year,
            checks=checks, progress=scaled(progress, 0.4, 1.0),
        )  # fmt: skip

    def touched(self, rows: Iterable[RowChange]) -> set[str]:
        """Ids of the checks that read something that is changed."""
        fields: dict[str, set[str]] = {}
        born = set()
        for row in rows:
            fields.setdefault(row.table, set()).update(row.values)
            born |= {row.table} if row.born else set()

        def reads(check: Check) -> bool:
            for name, changed in fields.items():
                if name not in check.tables:
                    continue
                columns = check.columns.get(name)
                if columns is None or name in born or changed & {*columns, "geometry"}:
                    return True
            return False

        return {check.id for check in self._checks if reads(check)}

    def run(
        self,
        scenario: Scenario,
        *,
        only: Collection[str] | None = None,
        progress: Progress = silent,
    ) -> list[CheckResult]:
        """All results under a scenario, in the order of ``base``; those it does not touch are those of ``base``.

        ``only`` names the checks to be run; touched ones that are not among them are left out.
        """
        rows = list(merged(scenario.rows(self.codes)).values())
        touched = self.touched(rows)
        tables = laid_over(self._tables, rows, self._rows_of({row.table for row in rows}))
        results = []
        for number, (check, base) in enumerate(zip(self._checks, self.base, strict=True)):
            progress(number / len(self._checks), tr("检查：{title}", title=base.title))
            if check.id not in touched:
                results.append(base)
            elif only is None or check.id in only:
                started = time.thread_time()
                results.append(self._prepared[check.id].run(tables, rows))
                self.seconds[check.id] = time.thread_time() - started
        return results

    def quick(self, limit: float) -> set[str]:
        """Checks that were run again within so many seconds."""
        return {check for check, seconds in self.seconds.items() if seconds <= limit}

    def _rows_of(self, names: Iterable[str]) -> Mapping[str, Mapping[str, int]]:
        for name in names:
            if name in self._tables and name not in self._places:
                uuids = self._tables[name]["uuid"].to_numpy(dtype=object)
                self._places[name] = {str(uuid): row for row, uuid in enumerate(uuids)}
        return self._places
