"""Vacant floors through time: months past as the ledger has them, months to come from lease ends and completions.

Sums are whole square millimetres, so that they are exact whatever their order; areas go out as m².
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.text import tr
from layers.checks import tables as read
from layers.checks.factory_stock import Stock
from layers.checks.result import Series
from layers.policy import Target

__all__ = ["Vacancy", "month_ends"]

# Stored areas are exact to this part of a square metre (`layers.checks.tables.exact`).
_PARTS = 1_000_000
# Months of history where an older policy names none.
_HISTORY = 24


def month_ends(day: dt.date, first: int, count: int) -> list[dt.date]:
    """Last days of ``count`` months in a row; the first is ``first`` months after the month of ``day``."""
    months = pd.period_range(pd.Period(day, freq="M") + first, periods=count, freq="M")
    return [month.end_time.date() for month in months]


@dataclass(frozen=True)
class Vacancy:
    """The stock of some units: ``place`` is the position of each building's unit in ``codes`` or -1."""

    stock: Stock
    place: NDArray[np.int64]
    codes: tuple[str, ...]
    area: NDArray[np.int64]
    lease_area: NDArray[np.int64]

    @classmethod
    def of(cls, stock: Stock, unit: NDArray[np.object_], codes: Sequence[str]) -> Vacancy:
        """The same stock in whole numbers; ``unit`` is the unit of each building or None."""
        position = {code: number for number, code in enumerate(codes)}
        return cls(
            stock,
            np.array([position.get(code, -1) for code in unit], dtype=np.int64),
            tuple(codes),
            np.array([int(area * _PARTS) for area in stock.area], dtype=np.int64),
            np.array([int(area * _PARTS) for area in stock.lease_area], dtype=np.int64),
        )

    def year_minima(self, as_of: dt.date) -> dict[str, float]:
        """Lowest vacant area of each unit from 1 January to the day: 动态 means at any date."""
        stock = self.stock
        first, last = np.datetime64(f"{as_of.year:04d}-01-01", "D"), read.day_number(as_of)
        events = np.concatenate(
            [stock.accepted, stock.demolished, stock.lease_from, stock.lease_to + np.timedelta64(1, "D")]
        )
        days = np.unique(np.concatenate([events[(events >= first) & (events <= last)], [first, last]]))
        lowest = np.min([self._on(day) for day in days], axis=0)  # at most one step for each day of a year
        return dict(zip(self.codes, (lowest[:-1] / _PARTS).tolist(), strict=True))

    def monthly(self, due: NDArray[np.datetime64], as_of: dt.date, target: Target) -> tuple[Series, ...]:
        """Vacant area of each unit and of the city ("") at the end of each month.

        The months past are those the policy names, then ``as_of`` itself; the forecast runs as many months as
        the policy's pipeline. It knows what is known on the day: leases end as agreed and no new ones begin,
        and floors being built are vacant from ``due`` (NaT: not counted) on.
        """
        back = int(target.parameters.get("history_months", _HISTORY))
        ahead = int(target.parameters["pipeline_months"])
        past = [day for day in month_ends(as_of, -back, back + 1) if day <= as_of]
        past = past[max(len(past) - back, 0) :]
        if as_of not in past:
            past.append(as_of)
        coming = [day for day in month_ends(as_of, 0, ahead + 1) if day > as_of][:ahead]
        today = read.day_number(as_of)
        values = [self._on(read.day_number(day)) for day in past]
        values += [self._forecast(due, today, read.day_number(day)) for day in coming]
        table = np.array(values) / _PARTS
        return tuple(
            Series(
                key="vacant",
                title=tr("可用储备"),
                measure="m2",
                unit=code,
                days=(*past, *coming),
                values=tuple(table[:, number].tolist()),
                forecast_from=coming[0] if coming else None,
            )
            for number, code in enumerate((*self.codes, ""))
        )

    def _on(self, day: np.datetime64) -> NDArray[np.int64]:
        running = self.stock.running(day) & self.stock.takes
        return self._sums(self.stock.built(day), running)

    def _forecast(
        self, due: NDArray[np.datetime64], today: np.datetime64, day: np.datetime64
    ) -> NDArray[np.int64]:
        running = self.stock.running(today) & self.stock.takes & ~(self.stock.lease_to < day)
        return self._sums(self.stock.built(today) | ((due > today) & (due <= day)), running)

    def _sums(self, built: NDArray[np.bool_], running: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Vacant area of each unit, then of the city with what lies in no unit."""
        taken = np.zeros(len(self.area), dtype=np.int64)
        np.add.at(taken, self.stock.owner[running], self.lease_area[running])
        vacant = np.where(built, np.maximum(self.area - taken, 0), 0)
        sums = np.zeros(len(self.codes) + 1, dtype=np.int64)
        there = self.place >= 0
        np.add.at(sums, self.place[there], vacant[there])
        sums[-1] = vacant.sum()
        return sums
