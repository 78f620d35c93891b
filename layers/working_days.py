"""工作日: Monday to Friday without statutory holidays, and the weekends worked instead (调休).

The tables of the package ``chinesecalendar`` and, before them, those of ``resources/codes/working_days.toml``. Which
years they cover is looked up, not assumed: the State Council announces a year in the autumn before it.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["WORKING_DAYS_FILE", "WorkingDays", "load_working_days", "working_days"]

WORKING_DAYS_FILE = Path(__file__).resolve().parent.parent / "resources" / "codes" / "working_days.toml"

Days = NDArray[np.datetime64]

# A year of the package's table counts as covered when these stand in it: a table that ends with New Year does not.
_COMPLETE = {"Spring Festival", "National Day"}
_FRIDAY = 4


@dataclass(frozen=True)
class WorkingDays:
    """Working days of the covered years.

    ``before[i]`` is the number of working days before the ``i``-th day from 1 January of the first year on;
    ``gaps[k]`` that of years without a table before the ``k``-th year.
    """

    years: tuple[int, ...]
    before: NDArray[np.int64]
    gaps: NDArray[np.int64]

    @classmethod
    def from_tables(cls, tables: Mapping[int, tuple[set[dt.date], set[dt.date]]]) -> WorkingDays:
        """Year → (days off, weekends worked)."""
        if not tables:
            return cls((), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
        first, last = min(tables), max(tables)
        start = np.datetime64(f"{first:04d}-01-01", "D")
        days = np.arange(start, np.datetime64(f"{last + 1:04d}-01-01", "D"))
        working = np.is_busday(days)
        for holidays, workdays in tables.values():
            for listed, worked in ((holidays, False), (workdays, True)):
                if listed:
                    working[(np.array(sorted(listed), dtype="datetime64[D]") - start).astype(int)] = worked
        missing = [year not in tables for year in range(first, last + 1)]
        return cls(
            tuple(sorted(tables)),
            np.concatenate([[0], np.cumsum(working)]).astype(np.int64),
            np.concatenate([[0], np.cumsum(missing)]).astype(np.int64),
        )

    def covers(self, start: Days, end: Days) -> NDArray[np.bool_]:
        """Whether every year from each start to each end has a table; False where a day is missing or end is before."""
        known = ~(np.isnat(start) | np.isnat(end)) & (start <= end)
        if not self.years:
            return np.zeros(len(start), dtype=np.bool_)
        first, last = self.years[0], self.years[-1]
        begin, finish = _year(start, known, first), _year(end, known, first)
        inside = known & (begin >= first) & (finish <= last)
        begin, finish = np.clip(begin, first, last), np.clip(finish, first, last)
        return np.asarray(inside & (self.gaps[finish - first + 1] == self.gaps[begin - first]))

    def after(self, start: Days, end: Days) -> NDArray[np.int64]:
        """Working days after each start up to and including each end; -1 where that is not covered."""
        good = self.covers(start, end)
        result = np.full(len(start), -1, dtype=np.int64)
        if good.any():
            origin = np.datetime64(f"{self.years[0]:04d}-01-01", "D")
            begin = (start[good] - origin).astype(np.int64)
            finish = (end[good] - origin).astype(np.int64)
            result[good] = self.before[finish + 1] - self.before[begin + 1]
        return result


def _year(days: Days, known: NDArray[np.bool_], otherwise: int) -> NDArray[np.int64]:
    years = np.full(len(days), otherwise, dtype=np.int64)
    years[known] = days[known].astype("datetime64[Y]").astype(np.int64) + 1970
    return years


@cache
def working_days() -> WorkingDays:
    """The working days known to the program."""
    return load_working_days(WORKING_DAYS_FILE)


def load_working_days(path: Path) -> WorkingDays:
    """The package's tables, and the file's years instead of them. `ParkLineError` names a faulty entry of the file."""
    return WorkingDays.from_tables({**_package_tables(), **_file_tables(path)})


def _package_tables() -> dict[int, tuple[set[dt.date], set[dt.date]]]:
    from chinese_calendar import constants

    names: dict[int, set[str]] = {}
    for day, name in constants.holidays.items():
        names.setdefault(day.year, set()).add(str(name))
    covered = {year for year, found in names.items() if found >= _COMPLETE}
    return {
        year: (
            {day for day in constants.holidays if day.year == year},
            {day for day in constants.workdays if day.year == year},
        )
        for year in covered
    }


def _file_tables(path: Path) -> dict[int, tuple[set[dt.date], set[dt.date]]]:
    try:
        entries = tomllib.loads(path.read_text("utf-8-sig")).get("year", [])
        tables = {}
        for entry in entries:
            year = int(entry["year"])
            holidays, workdays = (set(_days(entry.get(key, []))) for key in ("holidays", "workdays"))
            strange = [day for day in holidays | workdays if day.year != year]
            if strange:
                raise ValueError(f"{strange[0].isoformat()} ≠ {year}")
            wrong = [day for day in workdays if day.weekday() <= _FRIDAY]
            if wrong:
                raise ValueError(tr("{day} 不是周末，不必列为补班", day=wrong[0].isoformat()))
            tables[year] = (holidays, workdays)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ParkLineError(
            tr("工作日表不正确：{reason}", reason=str(error)),
            hint=tr(
                "每年一节 [[year]]：year、holidays、workdays，日期写作 2027-02-05 或 2027-02-05/2027-02-12。"
            ),
            file=path,
        ) from error
    return tables


def _days(texts: Iterable[str]) -> Iterator[dt.date]:
    for text in texts:
        first, _slash, last = str(text).partition("/")
        day, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
        while day <= end:
            yield day
            day += dt.timedelta(days=1)
