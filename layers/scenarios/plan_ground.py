"""All states of the plan, and how far a change of some of its plots reaches.

What is found between two states belongs to a plot, and depends on the plots that share land with it, and on those that share
land with these: on nothing else. So a change of a few plots is looked at in a window: the changed plots, those whose land they
have or had (the core: only what belongs to these can be another), and three rings of plots around.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.checks import tables as read
from layers.checks.land_use_change import Plan, read_plan, uses_of
from layers.checks.plan_states import plan_of
from layers.codes import LandUseCodes
from layers.scenarios.changes import RowChange

__all__ = ["PlanGround", "Window"]

Integers = NDArray[np.int64]
Objects = NDArray[np.object_]
Uses = Counter[tuple[str, str, bool]]

# Owners of pieces, what they are compared with, what decides how these are, what was found earlier on the same land.
_RINGS = 3


@dataclass(frozen=True)
class Window:
    """The plots around changed ones, with the changes. Rows are positions in the table of all plots, ascending."""

    ground: PlanGround
    table: gpd.GeoDataFrame
    rows: Integers
    core: Integers
    changed: Integers
    boxes: NDArray[np.float64]  # of the changed plots as they were and as they are
    _uses: dict[str, Uses] = field(default_factory=dict)

    def plan(self, state: str) -> Plan:
        """The plots of a state inside the window."""
        return plan_of(self.table, state, self.ground.codes)

    def places(self, state: str) -> Integers:
        """Where these plots stand in the whole plan of the state."""
        return self.ground.places(state, self.rows)

    def core_places(self, state: str) -> Integers:
        """Where the plots of the core stand in it."""
        return self.ground.places(state, self.core)

    def uses(self, state: str) -> Uses:
        """The counted uses of the state with the changes."""
        mine = np.isin(self.changed, self.ground.rows(state))
        if not mine.any():
            return self.ground.uses(state)
        if state in self._uses:
            return self._uses[state]
        was = self.ground.table.iloc[self.changed[mine]]
        now = self.table.iloc[np.searchsorted(self.rows, self.changed[mine])]
        uses = Counter(self.ground.uses(state))
        uses.subtract(uses_of(read_plan(was, self.ground.codes)))
        uses.update(uses_of(read_plan(now, self.ground.codes)))
        self._uses[state] = uses
        return uses

    @property
    def core_uuids(self) -> list[str]:
        """The uuids of the core."""
        return read.texts(self.ground.table.iloc[self.core], "uuid")


class PlanGround:
    """The table of all plots before anything is changed."""

    def __init__(self, table: gpd.GeoDataFrame, codes: LandUseCodes) -> None:
        self.table, self.codes = table, codes
        self._shapes = read.geometries(table)
        self._uses: dict[str, Uses] = {}
        self._last: tuple[weakref.ref[gpd.GeoDataFrame], Window] | None = None

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._shapes)

    @cached_property
    def _rows(self) -> Mapping[str, Integers]:
        names, row = read.distinct(self.table, "snapshot")
        order = np.argsort(row, kind="stable")
        starts = np.searchsorted(row[order], np.arange(len(names) + 1))
        return {name: order[starts[at] : starts[at + 1]] for at, (name,) in enumerate(names)}

    def prepare(self) -> None:
        """Do now what the first change would wait for."""
        self._tree.query(shapely.Point(0, 0))
        self._rows  # noqa: B018 - kept from now on

    def rows(self, state: str) -> Integers:
        """The rows of a state, in the order in which its plan has them."""
        return self._rows.get(state, np.zeros(0, dtype=np.int64))

    def places(self, state: str, rows: Integers) -> Integers:
        """Of these rows those of the state, as positions in its plan."""
        mine = self.rows(state)
        return np.searchsorted(mine, rows[np.isin(rows, mine)])

    def uses(self, state: str) -> Uses:
        """The counted uses of a state."""
        if state not in self._uses:
            self._uses[state] = uses_of(plan_of(self.table, state, self.codes))
        return self._uses[state]

    def window(self, table: gpd.GeoDataFrame, rows: Sequence[RowChange]) -> Window | None:
        """The window of the changes that gave ``table``; None where they reach further than the land of their plots."""
        mine = [row for row in rows if row.table == "land_use"]
        if len(table) != len(self.table) or any("snapshot" in row.values for row in mine):
            return None
        if self._last is None or self._last[0]() is not table:
            self._last = (weakref.ref(table), self._window(table, {row.uuid for row in mine}))
        return self._last[1]

    def _window(self, table: gpd.GeoDataFrame, uuids: set[str]) -> Window:
        changed = np.flatnonzero(read.rows_with(self.table, "uuid", uuids))
        redrawn = read.geometries(table.iloc[changed])
        land = np.concatenate([self._shapes[changed], redrawn])
        core = np.union1d(changed, self._sharing(land))
        rows = core
        for _ring in range(_RINGS):
            more = self._sharing(np.concatenate([self._shapes[rows], redrawn]))
            if len(more) <= len(rows) and np.isin(more, rows).all():
                break
            rows = np.union1d(rows, more)
        boxes = shapely.bounds(land).reshape(-1, 4)
        return Window(self, table.iloc[rows], rows, core, changed, boxes[~np.isnan(boxes).any(axis=1)])

    def _sharing(self, land: Objects) -> Integers:
        """Rows that share land with any of the outlines: borders alone do not count."""
        asked, row = self._tree.query(land, predicate="intersects")
        new = ~shapely.equals_identical(land[asked], self._shapes[row])
        sure = row[~new]
        asked, row = asked[new], row[new]
        asked, row = asked[~np.isin(row, sure)], row[~np.isin(row, sure)]
        # Of outlines that are not valid nobody knows: they are looked at.
        doubtful = ~(shapely.is_valid(land)[asked] & shapely.is_valid(self._shapes[row]))
        inside = doubtful.copy()
        inside[~doubtful] = shapely.relate_pattern(
            land[asked[~doubtful]], self._shapes[row[~doubtful]], "T********"
        )
        return np.union1d(sure, row[inside])
