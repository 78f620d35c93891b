"""Industrial-planned land inside a line that parcels or contracts give to another use.

Way (2): the code of a parcel; way (3): that of a part of a parcel that was split; way (5): a transfer
contract. Compared are the newest plan and the lines in force, for a contract those of its day.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.area import ellipsoidal_area
from gis.overlay import intersect_pairs, overlay
from gis.text import tr
from layers.checks import block_lines
from layers.checks import tables as read
from layers.checks.block_lines import Lines
from layers.checks.land_use_change import Plan, change_severity
from layers.checks.plan_states import plan_of
from layers.checks.recorded_uses import parcel_uses, read_contracts
from layers.checks.result import Finding
from layers.checks.rezoning_pieces import Pieces, inside_lines
from layers.checks.rezoning_table import table_by_unit
from layers.codes import LandUseCodes
from layers.policy import Target
from layers.policy_rules import SEVERITIES
from layers.units import UnitTree

__all__ = ["RECORDED", "lost_to_uses", "periods", "recorded_pieces", "with_recorded"]

# Ways in which a row, not the plan, gives land away, and the table of that row.
RECORDED = {"parcel": "parcel", "split": "parcel", "transfer": "transfer"}

Objects = NDArray[np.object_]

_KIND = ("way", "block", "to_code")
# A piece of which no more than this share was not answered for has been answered for.
_UNANSWERED = 0.01
_VALIDITY = ("valid_from", "valid_to")
Snapshots = Sequence[tuple[np.datetime64, str]]


def lost_to_uses(plan: Plan, uses: Plan, lines: Lines, target: Target) -> tuple[Pieces, Objects]:
    """Pieces of protected plots inside a line on which another use is recorded, and their severities.

    ``before`` of a piece points into the plan, ``after`` into the uses; a piece is one polygon.
    """
    protected = plan.rows_of(target.parameters["matrix"])
    severities = _Severities(plan, uses, target)

    def wanted(use: NDArray[np.int64], plot: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Pairs of which something may be lost inside a line: of a million parcels few."""
        lost = severities.lose(protected[plot], use)
        some = np.flatnonzero(np.bincount(use[lost], minlength=len(uses.shapes)))
        inside = np.zeros(len(uses.shapes), dtype=np.bool_)
        inside[some[shapely.STRtree(lines.shapes).query(uses.shapes[some], predicate="intersects")[0]]] = True
        return lost & inside[use]

    pairs = overlay(uses.shapes, plan.shapes[protected], clip=False, wanted=wanted)
    plot = protected[pairs.right]
    land = intersect_pairs(uses.shapes, plan.shapes, pairs.left, plot)
    return inside_lines(plot, pairs.left, severities.of(plot, pairs.left), land, lines, target)


class _Severities:
    """How grave it is that a plot has a use, worked out once for each combination that occurs.

    Parcels and contracts state no shares, so the same parts are no change; and a plain industrial use takes nothing
    from industry, whatever kind of it was planned.
    """

    def __init__(self, plan: Plan, uses: Plan, target: Target) -> None:
        self._plan, self._uses, self._target = plan, uses, target
        (self._before, self._plot), (self._after, self._use) = plan.kinds, uses.kinds

    def of(self, plot: NDArray[np.int64], use: NDArray[np.int64]) -> Objects:
        """Severity of each pair of a plot and a use."""
        both = self._both(plot, use)
        known = np.flatnonzero(np.bincount(both))
        table = np.full(int(known.max(initial=0)) + 1, "none", dtype=object)
        table[known] = [self._severity(item) for item in known.tolist()]
        return table[both]

    def lose(self, plot: NDArray[np.int64], use: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether anything is lost, of each pair."""
        both = self._both(plot, use)
        known = np.bincount(both)
        for item in np.flatnonzero(known).tolist():
            known[item] = self._severity(item) != "none"
        return np.asarray(known[both] > 0, dtype=np.bool_)

    def _both(self, plot: NDArray[np.int64], use: NDArray[np.int64]) -> NDArray[np.int64]:
        """A number of each pair that tells the classes and which has less industry: few occur."""
        fewer = self._uses.share[use] < self._plan.share[plot]
        both: NDArray[np.int64] = (self._plot[plot] * len(self._after) + self._use[use]) * 2 + fewer
        return both

    def _severity(self, both: int) -> str:
        (use, parts), fewer = self._before[both // 2 // len(self._after)], bool(both % 2)
        after = self._after[both // 2 % len(self._after)][1]
        if set(parts) == set(after) or set(after) == {"industrial"}:
            return "none"
        return change_severity(self._target, use, parts, after, fewer)


def recorded_pieces(
    parcels: gpd.GeoDataFrame,
    transfers: gpd.GeoDataFrame,
    lineage: pd.DataFrame,
    land_use: gpd.GeoDataFrame,
    snapshots: Snapshots,
    block_line: gpd.GeoDataFrame,
    today: np.datetime64,
    tree: UnitTree,
    target: Target,
    codes: LandUseCodes,
    findings: list[Finding],
) -> gpd.GeoDataFrame:
    """Everything found in parcels and contracts on a day, with the columns of the other pieces and ``subject``.

    ``snapshots`` are those up to the day, oldest first, at least one.
    """

    def table(before: Plan, uses: Plan, lines: Lines, labels: list[str], ways: Objects) -> gpd.GeoDataFrame:
        found, severities = lost_to_uses(before, uses, lines, target)
        if not len(severities):
            return gpd.GeoDataFrame({"subject": []}, geometry=[], crs=tree.epsg)
        pieces = table_by_unit(
            found, ways[found.after], severities, before, uses, lines, tree, target, codes, tree.epsg
        )
        by_uuid = {uses.uuids[row]: labels[row] for row in np.unique(found.after).tolist()}
        return pieces.assign(subject=[by_uuid[uuid] for uuid in pieces["after_uuid"]])

    lines = block_lines.read_lines(block_lines.in_force(block_line, today))
    uses, numbers = parcel_uses(parcels, codes, findings, lines.shapes)
    split = set(lineage.loc[lineage["operation"] == "split", "child"]) if len(lineage) else set()
    ways = np.array(["split" if uuid in split else "parcel" for uuid in uses.uuids], dtype=object)
    newest = plan_of(land_use, snapshots[-1][1], codes)
    tables = [table(newest, uses, lines, numbers, ways)] if len(lines.codes) and len(uses.uuids) else []

    contracts = read_contracts(transfers, parcels, lineage, codes, today, findings)
    days = np.where(np.isnat(contracts.signed), today, contracts.signed)
    period = periods(contracts.signed, snapshots, block_line, today)
    for number in np.unique(period):
        rows = np.flatnonzero(period == number)
        known = [name for date, name in snapshots if date <= days[rows[0]]]
        lines = block_lines.read_lines(block_lines.in_force(block_line, days[rows[0]]))
        if not known or not len(lines.codes):
            continue
        ways = np.full(len(rows), "transfer", dtype=object)
        tables.append(
            table(
                plan_of(land_use, known[-1], codes),
                _rows(contracts.uses, rows),
                lines,
                [contracts.labels[row] for row in rows],
                ways,
            )
        )
    kept = [item for item in tables if len(item)]
    if not kept:
        return gpd.GeoDataFrame({"subject": []}, geometry=[], crs=tree.epsg)
    return gpd.GeoDataFrame(pd.concat(kept, ignore_index=True), geometry="geometry", crs=tree.epsg)


def periods(
    signed: NDArray[np.datetime64], snapshots: Snapshots, block_line: gpd.GeoDataFrame, today: np.datetime64
) -> NDArray[np.int64]:
    """Contracts that are taken together: between two of these days neither plan nor lines change."""
    changes = [
        np.array([date for date, _name in snapshots]),
        *(read.dates(block_line, name) for name in _VALIDITY),
    ]
    days = np.where(np.isnat(signed), today, signed)
    return np.searchsorted(np.unique(np.concatenate(changes)), days, side="right").astype(np.int64)


def _rows(plan: Plan, rows: NDArray[np.int64]) -> Plan:
    return Plan(
        plan.shapes[rows],
        [plan.schemes[row] for row in rows],
        [plan.codes[row] for row in rows],
        plan.classes[rows],
        [plan.parts[row] for row in rows],
        plan.share[rows],
        plan.key[rows],
        [plan.uuids[row] for row in rows],
    )


def with_recorded(
    planned: gpd.GeoDataFrame,
    recorded: gpd.GeoDataFrame,
    warnings: gpd.GeoDataFrame | None,
    epsg: int,
    *,
    overlapping: bool = False,
) -> gpd.GeoDataFrame:
    """All pieces, with three more columns; ``overlapping`` tells that those of the plan may lie on each other.

    ``counted``: area that no other piece has already; ``state`` and ``reason``: what a user said to the
    warning, or ``new``.
    """
    pieces = planned.assign(subject="")
    if len(recorded):
        both = [item for item in (pieces, recorded) if len(item)]
        pieces = gpd.GeoDataFrame(pd.concat(both, ignore_index=True), geometry="geometry", crs=epsg)
    counted = (
        _counted_once(pieces, epsg)
        if overlapping or len(recorded)
        else pieces["area"].to_numpy(dtype=np.float64)
    )
    answers = _answers(pieces, warnings)
    return pieces.assign(
        counted=counted,
        state=[state for state, _reason in answers],
        reason=[text for _state, text in answers],
    )


def _answers(pieces: gpd.GeoDataFrame, warnings: gpd.GeoDataFrame | None) -> list[tuple[str, str]]:
    """State of each piece and the reason that was given: where it lies in land that was answered for.

    By land, not by row: the answer stands when the parcel is split later, and does not cover what is lost besides.
    """
    answers = [("new", "")] * len(pieces)
    if warnings is None or not len(warnings) or not len(pieces):
        return answers
    shapes = np.asarray(pieces.geometry.to_numpy(), dtype=object)
    land = read.geometries(warnings)
    named = [_kind(*row) for row in zip(*(read.texts(warnings, name) for name in _KIND), strict=True)]
    wanted = [_kind(*row) for row in zip(pieces["way"], pieces["line"], pieces["after_code"], strict=True)]
    states, reasons = read.texts(warnings, "state"), read.texts(warnings, "reason")
    pairs = overlay(shapes, land, clip=False)
    for row in np.unique(pairs.left):  # only pieces that somebody may have answered for
        mine = [at for at in pairs.right[pairs.left == row] if named[at] == wanted[row]]
        if not mine:
            continue
        rest = shapely.difference(shapes[row], shapely.union_all(land[mine]))
        if shapely.area(rest) > _UNANSWERED * shapely.area(shapes[row]):
            continue
        state = "acknowledged" if any(states[at] != "resolved" for at in mine) else "resolved"
        answers[row] = (state, tr("；").join(dict.fromkeys(reasons[at] for at in mine if reasons[at])))
    return answers


def _kind(way: str, block: str, code: str) -> tuple[str, str, str]:
    """Which answers fit which pieces; a line that moved makes land of no code."""
    return ("parcel" if way == "split" else way), block, ("" if way == "line" else code)


def _counted_once(pieces: gpd.GeoDataFrame, epsg: int) -> NDArray[np.float64]:
    """Area (m²) of each piece that no graver or earlier one has: a contract and a parcel may lose the same land."""
    shapes = np.asarray(pieces.geometry.to_numpy(), dtype=object)
    area: NDArray[np.float64] = pieces["area"].to_numpy(dtype=np.float64).copy()
    rank = np.array([SEVERITIES.index(item) for item in pieces["severity"]], dtype=np.int64)
    order = np.lexsort((np.arange(len(rank)), rank, pieces["sliver"].to_numpy(dtype=bool)))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    pairs = overlay(shapes, shapes, clip=False)
    earlier = place[pairs.right] < place[pairs.left]
    left, right = pairs.left[earlier], pairs.right[earlier]
    for row in np.unique(left):  # few pieces lie on others
        rest = shapely.difference(shapes[row], shapely.union_all(shapes[right[left == row]]))
        area[row] = float(ellipsoidal_area([rest], epsg)[0])
    return area
