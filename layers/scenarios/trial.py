"""Scenarios tried out: the checks on the tables with planned changes laid over, only what they touch run again."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

import geopandas as gpd
import numpy as np

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
from layers.checks.by_unit import inherited
from layers.checks.registry import CHECKS, Check
from layers.checks.result import CheckResult
from layers.codes import LandUseCodes
from layers.policy import Policy
from layers.scenarios.changes import RowChange
from layers.scenarios.overlay import merged, table_laid_over
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
        basis = Basis(self._tables, RememberedUnits.of(units), policy, codes, as_of, year)
        self._checks = [check for check in checks if policy.has(check.id)]
        self._prepared: dict[str, Prepared] = {}
        self._places: dict[str, dict[str, int]] = {}
        # For each scenario that is compared, and the step of the control before.
        self._laid: Mapping[str, _Recent[gpd.GeoDataFrame]] = {name: _Recent(3) for name in self._tables}
        self._known: Mapping[str, _Recent[CheckResult]] = {check.id: _Recent(8) for check in self._checks}
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
        changed = list(rows)
        return {check.id for check in self._checks if _what_it_reads(check, changed)}

    def run(
        self,
        scenario: Scenario,
        *,
        only: Collection[str] | None = None,
        progress: Progress = silent,
    ) -> list[CheckResult]:
        """All results under a scenario, in the order of ``base``; those it does not touch are those of ``base``.

        ``only`` names the checks to be run; touched ones that are not among them are left out. A check is run again
        only where something that it reads differs from what it was given before.
        """
        rows = list(merged(scenario.rows(self.codes)).values())
        tables: dict[str, gpd.GeoDataFrame] | None = None
        results = []
        for number, (check, base) in enumerate(zip(self._checks, self.base, strict=True)):
            progress(number / len(self._checks), tr("检查：{title}", title=base.title))
            reads = _what_it_reads(check, rows)
            if not reads:
                results.append(base)
            elif only is None or check.id in only:
                known = self._known[check.id].get(reads)
                if known is None:
                    tables = self._laid_over(rows) if tables is None else tables
                    started = time.thread_time()
                    known = self._prepared[check.id].run(tables, rows)
                    self.seconds[check.id] = time.thread_time() - started
                self._known[check.id].put(reads, known)
                results.append(known)
        return results

    def _laid_over(self, rows: Sequence[RowChange]) -> dict[str, gpd.GeoDataFrame]:
        """The tables with the changes; a table in which the same is changed as before is the same object."""
        result = dict(self._tables)
        for name in {row.table for row in rows} & set(result):
            mine = [row for row in rows if row.table == name]
            key = tuple(_key(row, row.values) for row in mine)
            table = self._laid[name].get(key)
            if table is None:
                places = self._places_of(name)
                table = table_laid_over(self._tables[name], mine, places)
                changed = [places[row.uuid] for row in mine if row.uuid in places]
                inherited(table, self._tables[name], np.array(changed, dtype=np.int64))
            self._laid[name].put(key, table)
            result[name] = table
        return result

    def quick(self, limit: float) -> set[str]:
        """Checks that were run again within so many seconds."""
        return {check for check, seconds in self.seconds.items() if seconds <= limit}

    def _places_of(self, name: str) -> Mapping[str, int]:
        if name not in self._places:
            uuids = self._tables[name]["uuid"].to_numpy(dtype=object)
            self._places[name] = {str(uuid): row for row, uuid in enumerate(uuids)}
        return self._places[name]


_T = TypeVar("_T")
_Key = tuple[object, ...]


class _Recent(Generic[_T]):
    """What was last worked out, by what it was worked out from."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[_Key, _T] = {}

    def get(self, key: _Key) -> _T | None:
        """What is known; None if nothing is."""
        return self._known.get(key)

    def put(self, key: _Key, value: _T) -> None:
        """Keep as the latest."""
        self._known.pop(key, None)
        self._known[key] = value
        while len(self._known) > self._most:
            del self._known[next(iter(self._known))]


def _what_it_reads(check: Check, rows: Sequence[RowChange]) -> _Key:
    """The changes as far as a check reads them; empty if it reads none."""
    found = []
    for row in rows:
        if row.table not in check.tables:
            continue
        columns = check.columns.get(row.table)
        read = row.values if columns is None else {*columns, "geometry"} & set(row.values)
        if read or row.born:
            found.append(_key(row, read))
    return tuple(found)


def _key(row: RowChange, names: Iterable[str]) -> _Key:
    return row.table, row.uuid, row.born, *((name, row.values[name]) for name in sorted(names))
