"""The quota's share through its year: after each day on which a contract was signed or cancelled, then with the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from gis.text import tr
from gis.units import PERCENT
from layers.checks import tables as read
from layers.checks.result import Series
from layers.checks.transfer_records import Records

__all__ = ["running_shares"]


# Day, unit, and what it adds to the sums of all land and of industrial land (m²).
_Step = tuple[np.datetime64, str | None, Decimal, Decimal]


def running_shares(
    records: Records,
    industrial: Sequence[Decimal],
    conveyed: NDArray[np.bool_],
    unit: NDArray[np.object_],
    codes: Sequence[str],
    as_of: dt.date,
    year: int,
) -> tuple[Series, ...]:
    """Share (percent) of each unit and of the city ("") after each day of the year on which it changed.

    A contract counts from the day it was signed to the day it was cancelled, so that the value of a day is what
    was judged on it. The last day before the forecast is ``as_of`` (or the year's last). Planned supply follows
    on the day planned for its contract, without such a day at the end of the year.
    """
    first, last = np.datetime64(f"{year:04d}-01-01", "D"), np.datetime64(f"{year:04d}-12-31", "D")
    today = min(read.day_number(as_of), last)
    was_in = conveyed & np.array([state in ("counted", "void") for state in records.state], dtype=np.bool_)
    steps = _steps(was_in, np.maximum(records.signed, first), records, industrial, unit, 1)
    void = was_in & np.array([state == "void" for state in records.state], dtype=np.bool_)
    ends = np.maximum(np.maximum(records.cancelled, records.signed), first)
    steps += _steps(void, ends, records, industrial, unit, -1)
    steps = _by_day(step for step in steps if step[0] <= today)
    plan = conveyed & records.planned
    planned = np.where(np.isnat(records.signed) | (records.signed <= today), last, records.signed)
    coming = _by_day(_steps(plan, planned, records, industrial, unit, 1))
    series = []
    for code in (*codes, ""):
        mine = [step for step in steps if not code or step[1] == code]
        ahead = [step for step in coming if not code or step[1] == code]
        days, values, sums = _run(mine, (Decimal(0), Decimal(0)))
        if days and days[-1] < today:
            days, values = [*days, today], [*values, values[-1]]
        later, forecast, _ = _run(ahead, sums)
        if not days and not later:
            continue
        series.append(
            Series(
                key="share",
                title=tr("工业用地占出让比例"),
                measure="percent",
                unit=code,
                days=tuple(_date(day) for day in (*days, *later)),
                values=(*values, *forecast),
                forecast_from=_date(later[0]) if later else None,
            )
        )
    return tuple(series)


def _date(day: np.datetime64) -> dt.date:
    return dt.date.fromisoformat(str(day))


def _steps(
    rows: NDArray[np.bool_],
    days: NDArray[np.datetime64],
    records: Records,
    industrial: Sequence[Decimal],
    unit: NDArray[np.object_],
    sign: int,
) -> list[_Step]:
    return [
        (days[row], unit[row], sign * records.area[row], sign * industrial[row])
        for row in np.flatnonzero(rows).tolist()
    ]


def _by_day(steps: Iterable[_Step]) -> list[_Step]:
    return sorted(steps, key=lambda step: int(step[0].astype(np.int64)))


def _run(
    steps: Sequence[_Step], start: tuple[Decimal, Decimal]
) -> tuple[list[np.datetime64], list[float | None], tuple[Decimal, Decimal]]:
    """The days of the steps, which are in order, the share after each, and the sums (all, industrial) at the end."""
    area, industry = start
    days: list[np.datetime64] = []
    values: list[float | None] = []
    for day, together in groupby(steps, key=lambda step: step[0]):
        for _day, _unit, more, more_industry in together:
            area, industry = area + more, industry + more_industry
        days.append(day)
        values.append(float(industry * PERCENT / area) if area else None)
    return days, values, (area, industry)
