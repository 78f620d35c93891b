"""Checks of the plan after a change of a few plots: what belongs to the plots of the core is found anew in their window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.checks import block_balance, block_share, industrial_total
from layers.checks import tables as read
from layers.checks.block_lines import in_force
from layers.checks.land_use_change import Plan, findings_of_uses
from layers.checks.plan_states import State, judged_day, plan_of
from layers.checks.registry import Check
from layers.checks.result import CheckResult, Finding
from layers.policy import Target
from layers.scenarios.changes import RowChange
from layers.scenarios.plan_ground import Window
from layers.scenarios.prepared import Basis, Prepared, Tables, Whole
from layers.units import UnitTree

__all__ = ["prepared_balance", "prepared_share", "prepared_total"]

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


def prepared_total(check: Check, basis: Basis) -> Prepared:
    """The total of industrial land, ready for changed plots."""
    target = basis.policy.target(check.id)
    pair = industrial_total.states(basis.tables, target, basis.as_of, basis.year)
    return Whole(check, basis) if isinstance(pair, str) else _Total(check, basis, pair)


def prepared_share(check: Check, basis: Basis) -> Prepared:
    """The share of industrial land in blocks, ready for changed plots."""
    state = block_share.states(basis.tables, basis.as_of)
    return Whole(check, basis) if isinstance(state, str) else _Share(check, basis, state)


def prepared_balance(check: Check, basis: Basis) -> Prepared:
    """The balance of land taken out and put in, ready for changed plots."""
    target = basis.policy.target(check.id)
    pair = block_balance.states(basis.tables, target, basis.as_of, basis.year)
    return Whole(check, basis) if isinstance(pair, str) else _Balance(check, basis, pair)


class _OfPlan(Whole):
    """A check that is run again on a window; anything else than plots that it reads makes it run whole."""

    def run(self, tables: Tables, rows: Sequence[RowChange]) -> CheckResult:
        """The result with the changes."""
        window = None
        if all(row.table == "land_use" or row.table not in self._check.tables for row in rows):
            window = self._basis.ground.window(tables["land_use"], rows)
        return super().run(tables, rows) if window is None else self._again(window)

    def _again(self, window: Window) -> CheckResult:
        raise NotImplementedError

    @property
    def _target(self) -> Target:
        return self._basis.policy.target(self._check.id)

    @property
    def _tree(self) -> UnitTree:
        return read.tree_for(self._basis.units, self._target.parameters["units"])


class _Total(_OfPlan):
    def __init__(self, check: Check, basis: Basis, pair: tuple[State, State]) -> None:
        super().__init__(check, basis)
        self._pair = pair
        plans = [plan_of(basis.tables["land_use"], state.name, basis.codes) for state in pair]
        self._found = industrial_total.find(plans[0], plans[1], self._tree, self._target, basis.codes)

    def base(self) -> CheckResult:
        """The result without any change."""
        ground = self._basis.ground
        uses = [ground.uses(state.name) for state in self._pair]
        return self._judge(self._found, findings_of_uses(uses[0], uses[1]))

    def _judge(self, found: industrial_total.Found, findings: list[Finding]) -> CheckResult:
        basis = self._basis
        return industrial_total.judge(found, findings, self._pair, self._tree, basis.policy, basis.as_of)

    def _again(self, window: Window) -> CheckResult:
        names = [state.name for state in self._pair]
        part = industrial_total.find(
            window.plan(names[0]), window.plan(names[1]), self._tree, self._target, self._basis.codes
        )
        places = [window.places(name) for name in names]
        cores = [window.core_places(name) for name in names]
        before, after = _placed(part.before, places[0]), _placed(part.after, places[1])

        def of_core(old: Integers, new: Integers) -> Booleans:
            return np.where(old >= 0, np.isin(old, cores[0]), np.isin(new, cores[1]))

        base = self._found
        kept, fresh = ~of_core(base.before, base.after), of_core(before, after)
        sizes = [values.copy() for values in base.sizes]
        for values, place, some in zip(sizes, places, part.sizes, strict=True):
            values[place] = some
        outside = ~np.isin(base.inside[0], places[1])
        found = industrial_total.Found(
            _joined(base.evidence, kept, part.evidence, fresh),
            np.concatenate([base.before[kept], before[fresh]]),
            np.concatenate([base.after[kept], after[fresh]]),
            (sizes[0], sizes[1]),
            (
                np.concatenate([base.inside[0][outside], places[1][part.inside[0]]]),
                np.concatenate([base.inside[1][outside], part.inside[1]]),
                np.concatenate([base.inside[2][outside], part.inside[2]]),
            ),
        )
        return self._judge(found, findings_of_uses(window.uses(names[0]), window.uses(names[1])))


class _Share(_OfPlan):
    def __init__(self, check: Check, basis: Basis, state: State) -> None:
        super().__init__(check, basis)
        self._state = state
        valid = in_force(basis.tables["block_line"], read.day_number(basis.as_of))
        self._blocks = block_share.blocks_of(valid, self._tree, self._target)
        plan = plan_of(basis.tables["land_use"], state.name, basis.codes)
        self._inside = block_share.industry_in(self._blocks.lines, plan, self._tree, self._target)

    def base(self) -> CheckResult:
        """The result without any change."""
        _plot, line, amount = self._inside
        return self._judge(self._blocks.with_industry(line, amount))

    def _judge(self, blocks: block_share.Blocks) -> CheckResult:
        return block_share.judge(blocks, self._state, self._tree, self._basis.policy, self._basis.as_of)

    def _again(self, window: Window) -> CheckResult:
        plot, line, amount = self._inside
        places = window.places(self._state.name)
        plan = window.plan(self._state.name)
        _plots, lines, amounts = block_share.industry_in(self._blocks.lines, plan, self._tree, self._target)
        kept = ~np.isin(plot, places)
        return self._judge(
            self._blocks.with_industry(
                np.concatenate([line[kept], lines]), np.concatenate([amount[kept], amounts])
            )
        )


class _Balance(_OfPlan):
    def __init__(self, check: Check, basis: Basis, pair: tuple[State, State]) -> None:
        super().__init__(check, basis)
        self._pair = pair
        day = judged_day(basis.as_of, basis.year)
        self._lines = block_balance.lines_of(basis.tables["block_line"], pair, day)
        plans = [plan_of(basis.tables["land_use"], state.name, basis.codes) for state in pair]
        self._pieces, self._inside = self._find(plans[0], plans[1])

    def _find(self, before: Plan, after: Plan) -> tuple[block_balance.Pieces, tuple[Integers, Integers]]:
        return block_balance.find((before, after), self._lines, self._tree, self._basis.codes, self._target)

    def base(self) -> CheckResult:
        """The result without any change."""
        uses = [self._basis.ground.uses(state.name) for state in self._pair]
        return self._judge(
            self._pieces, findings_of_uses(uses[0], uses[1]), anything=any(map(len, self._inside))
        )

    def _judge(self, pieces: block_balance.Pieces, findings: list[Finding], *, anything: bool) -> CheckResult:
        basis = self._basis
        return block_balance.judge(
            pieces, findings, self._pair, self._tree, basis.policy, basis.as_of, anything=anything
        )

    def _again(self, window: Window) -> CheckResult:
        names = [state.name for state in self._pair]
        part, inside = self._find(window.plan(names[0]), window.plan(names[1]))
        places = [window.places(name) for name in names]
        cores = [window.core_places(name) for name in names]
        taken = part.amount < 0
        plot = np.where(taken, _placed(np.where(taken, part.plot, -1), places[0]), -1)
        plot = np.where(taken, plot, _placed(np.where(taken, -1, part.plot), places[1]))
        part = replace(part, plot=plot)
        pieces = self._pieces.taken(np.flatnonzero(~_of_core(self._pieces, cores)))
        pieces = pieces.joined(part.taken(np.flatnonzero(_of_core(part, cores))))
        anything = any(map(len, inside)) or any(
            bool((~np.isin(plots, place)).any()) for plots, place in zip(self._inside, places, strict=True)
        )
        findings = findings_of_uses(window.uses(names[0]), window.uses(names[1]))
        return self._judge(pieces, findings, anything=anything)


def _of_core(pieces: block_balance.Pieces, cores: Sequence[Integers]) -> Booleans:
    """Which pieces belong to a plot of the core: land taken out to one of the earlier plan."""
    return np.where(pieces.amount < 0, np.isin(pieces.plot, cores[0]), np.isin(pieces.plot, cores[1]))


def _placed(rows: Integers, places: Integers) -> Integers:
    """Rows of a window's plan as those of the whole plan; -1 stays."""
    return np.append(places, -1)[rows]


def _joined(
    base: gpd.GeoDataFrame, kept: Booleans, part: gpd.GeoDataFrame, fresh: Booleans
) -> gpd.GeoDataFrame:
    """Rows of two tables of evidence."""
    if not fresh.any():
        return base[kept]
    if not kept.any():
        return part[fresh]
    both = pd.concat([base[kept], part[fresh]], ignore_index=True)
    # Where a few rows say nothing, their columns have no type of their own.
    both = both.astype({name: kind for name, kind in base.dtypes.items() if both[name].dtype != kind})
    return gpd.GeoDataFrame(both, geometry="geometry", crs=base.crs)
