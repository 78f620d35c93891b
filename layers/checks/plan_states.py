"""States of the land-use plan: which snapshots are known on a day, which two are compared, each read once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.change import TwoStates
from gis.text import tr
from layers.checks import shared
from layers.checks import tables as read
from layers.checks.land_use_change import Plan, read_plan
from layers.codes import LandUseCodes

__all__ = ["State", "judged_day", "known_states", "plan_of", "states_of", "two_states"]


@dataclass(frozen=True, slots=True, order=True)
class State:
    """One snapshot: its day and name."""

    day: np.datetime64
    name: str

    @property
    def title(self) -> str:
        """Name and day."""
        return f"{self.name} {self.day}"


def known_states(snapshots: pd.DataFrame, today: np.datetime64) -> list[State]:
    """Snapshots dated on or before the day, oldest first."""
    names, days = read.texts(snapshots, "name"), read.dates(snapshots, "date")
    return sorted(State(days[row], names[row]) for row in np.flatnonzero(days <= today).tolist())


def judged_day(as_of: dt.date, year: int | None) -> dt.date:
    """``as_of``, or the last day of an earlier year that is to be judged."""
    return as_of if year is None or year >= as_of.year else dt.date(year, 12, 31)


def two_states(states: list[State], day: dt.date, against: str) -> tuple[State, State] | str:
    """The earlier state, as the policy names it, and the newest; a sentence where there are not two.

    ``against``: ``last_year`` is the state at the end of the year before the day, ``previous`` the one before
    the newest, ``first`` the oldest.
    """
    if len(states) < 2:
        return tr("需要两期规划快照，现有 {count} 期；请导入另一期规划用地", count=len(states))
    newest = states[-1]
    if against == "previous":
        return states[-2], newest
    if against == "first":
        return states[0], newest
    end = np.datetime64(f"{day.year - 1:04d}-12-31", "D")
    before = [state for state in states if state.day <= end]
    if not before:
        return tr("{day} 及以前没有规划快照，请导入", day=str(end))
    if before[-1] == newest:
        return tr("{day} 以后没有新的规划快照，请导入", day=str(end))
    return before[-1], newest


def plan_of(land_use: gpd.GeoDataFrame, name: str, codes: LandUseCodes) -> Plan:
    """The rows of a snapshot, read once for all checks of a run."""

    def read_rows() -> Plan:
        mine = read.rows_with(land_use, "snapshot", {name}) if "snapshot" in land_use else slice(0)
        return read_plan(land_use[mine], codes)

    return shared.once(land_use, f"plan {name}", read_rows, codes)


def states_of(before: Plan, after: Plan) -> TwoStates:
    """Two plans held against each other, once for all checks of a run, whichever of them is the earlier."""
    turned: TwoStates | None = shared.known(after, "states", before)
    if turned is not None:
        return turned.turned()
    return shared.once(before, "states", lambda: TwoStates(before.shapes, after.shapes), after)
