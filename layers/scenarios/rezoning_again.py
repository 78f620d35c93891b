"""The rezoning check after a change of a few rows: only the land that these rows can touch is looked at again.

What a parcel or a contract takes depends on the plots and the lines that meet it and on nothing else, what the plan takes on
the plots around (`layers.scenarios.plan_ground`). So the pieces of changed ones are taken out, found anew among the rows around
them, and the verdicts are passed on all pieces. A change of a line or of a parcel's number reaches further: the check is run
whole then. Findings about the data (codes that cannot be read, overlapping plots) stay those of the tables without the changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.checks import block_lines, rezoning
from layers.checks import tables as read
from layers.checks.recorded_uses import read_contracts
from layers.checks.registry import Check
from layers.checks.result import CheckResult, Finding
from layers.checks.rezoning import Found
from layers.checks.rezoning_records import periods, recorded_pieces
from layers.policy import Target
from layers.scenarios.changes import RowChange
from layers.scenarios.plan_ground import Window
from layers.scenarios.prepared import Basis, Prepared, Tables, Whole

__all__ = ["prepared_rezoning"]

Integers = NDArray[np.int64]
Objects = NDArray[np.object_]
Boxes = NDArray[np.float64]

# Fields by which parcels are joined: another value there reaches further than the land of the row.
_JOINS = {"parcel_no", "uuid"}
_CHANGING = ("parcel", "transfer", "land_use")
_READ = ("snapshot", "block_line", "lineage", "warning")


def prepared_rezoning(check: Check, basis: Basis) -> Prepared:
    """The check on these tables, ready for changed parcels and contracts."""
    return _Again(check, basis)


class _Again(Whole):
    def __init__(self, check: Check, basis: Basis) -> None:
        super().__init__(check, basis)
        self._found: Found | None = None
        self._base: CheckResult | None = None
        self._land: dict[str, _Land] = {}

    def base(self) -> CheckResult:
        """The result without any change; what was found is kept."""
        basis = self._basis
        self._found = rezoning.find(basis.tables, basis.units, basis.policy, basis.codes, basis.as_of)
        # What the first change would wait for.
        basis.ground.prepare()
        for name in _CHANGING:
            self._on_land(name)
        self._given  # noqa: B018 - kept from now on
        self._base = self._judge(self._found)
        return self._base

    def run(self, tables: Tables, rows: Sequence[RowChange]) -> CheckResult:
        """The result with the changes, found around them only."""
        found = self._found
        if found is None or found.planned is None or not all(map(_local, rows)):
            return super().run(tables, rows)
        changed: dict[str, set[str]] = {name: set() for name in _CHANGING}
        for row in rows:
            if row.table in changed:
                changed[row.table].add(row.uuid)
        again, window = found, None
        if changed["land_use"]:
            window = self._basis.ground.window(tables["land_use"], rows)
            if window is None:
                return super().run(tables, rows)
            again = self._planned_again(found, window)
            changed["parcel"] |= self._on_land("parcel").uuids_in(window.boxes)
            changed["transfer"] |= self._given.uuids_in(window.boxes)
        again = self._found_again(again, tables, changed, window)
        return self._base if again is found and self._base is not None else self._judge(again)

    def _judge(self, found: Found) -> CheckResult:
        basis = self._basis
        return rezoning.judge(found, basis.tables["warning"], basis.units, basis.policy, basis.as_of)

    # --- finding again --------------------------------------------------------------------------------

    def _planned_again(self, found: Found, window: Window) -> Found:
        """With what the plan takes from the plots of the core of a window."""
        basis = self._basis
        lines = basis.tables["block_line"]
        mine = _near(lines, _boxes(list(read.geometries(window.table))))
        if not len(block_lines.in_force(mine, rezoning.compared(found.snapshots)[0][0])):
            # Without a line anywhere all land would be looked at: one that is elsewhere stands for the others.
            elsewhere = block_lines.in_force(lines, rezoning.compared(found.snapshots)[0][0])
            mine = lines[lines.index.isin([*mine.index, *elsewhere.index[:1]])]
        tree, target = read.tree_for(basis.units, self._target.parameters["units"]), self._target
        known = rezoning.since(found.snapshots, target)
        (first_day, first), (_last_day, last) = rezoning.compared(known)
        today = read.day_number(basis.as_of)
        fresh = rezoning.compare_plans(
            window.plan(first),
            window.plan(last),
            block_lines.in_force(mine, first_day),
            block_lines.in_force(mine, today),
            basis.units,
            target,
            basis.codes,
            tree.epsg,
        ).pieces
        earlier = rezoning.earlier_pieces(window.table, known, mine, fresh, today, tree, target, basis.codes)
        core = window.core_uuids
        assert found.planned is not None  # noqa: S101 - asked before
        planned = found.planned
        return replace(
            found,
            planned=replace(planned, pieces=self._replaced(planned.pieces, fresh, core)),
            earlier=None if found.earlier is None else self._replaced(found.earlier, earlier, core),
        )

    def _replaced(
        self, pieces: gpd.GeoDataFrame, fresh: gpd.GeoDataFrame, core: Sequence[str]
    ) -> gpd.GeoDataFrame:
        gone, come = (part["before_uuid"].isin(core).to_numpy() for part in (pieces, fresh))
        if not gone.any() and not come.any():
            return pieces
        kept = [pieces[~gone], fresh[come]]
        return _joined(kept, self._basis.units.epsg)

    def _found_again(
        self, found: Found, tables: Tables, changed: Mapping[str, set[str]], window: Window | None
    ) -> Found:
        parcels, contracts = changed["parcel"], changed["transfer"]
        kept = found.recorded
        if len(kept):
            kept = kept[~kept["after_uuid"].isin(list(parcels | contracts)).to_numpy()]
        fresh = [kept, *self._recorded_again(found, tables, parcels, contracts, window)]
        if len(kept) == len(found.recorded) and not any(map(len, fresh[1:])):
            return found
        return replace(found, recorded=self._ordered(_joined(fresh, self._basis.units.epsg), found, tables))

    def _ordered(self, pieces: gpd.GeoDataFrame, found: Found, tables: Tables) -> gpd.GeoDataFrame:
        """As the whole check has them: of pieces on the same land, equally grave, the first one counts."""
        if not len(pieces):
            return pieces
        way, uuid = pieces["way"].to_numpy(dtype=object), pieces["after_uuid"].to_numpy(dtype=object)
        period = np.full(len(pieces), -1, dtype=np.int64)
        place = np.zeros(len(pieces), dtype=np.int64)
        for name, mine in (("parcel", way != "transfer"), ("transfer", way == "transfer")):
            rows = np.flatnonzero(read.rows_with(tables[name], "uuid", set(uuid[mine])))
            some = tables[name].iloc[rows]
            numbers = {text: number for number, text in enumerate(read.texts(some, "uuid"))}
            at = np.array([numbers[text] for text in uuid[mine]], dtype=np.int64)
            place[mine] = rows[at]
            if name == "transfer":
                day = read.day_number(self._basis.as_of)
                period[mine] = periods(
                    read.dates(some, "contract_on"), found.snapshots, tables["block_line"], day
                )[at]
        order = np.lexsort((place, period))
        return pieces.iloc[order].reset_index(drop=True)

    def _recorded_again(
        self,
        found: Found,
        tables: Tables,
        parcels: set[str],
        contracts: set[str],
        window: Window | None,
    ) -> list[gpd.GeoDataFrame]:
        """Pieces that these parcels and contracts take."""
        basis = self._basis
        nothing = basis.tables["parcel"].iloc[:0]
        transfers = self._rows_of("transfer", tables, contracts)
        tried = []
        if parcels:
            tried.append((self._rows_of("parcel", tables, parcels), basis.tables["transfer"].iloc[:0]))
        if len(transfers):
            # Of the parcels that contracts name only the outlines are wanted here.
            named = self._named(read.texts(transfers, "parcel_no"))
            tried.append((named.assign(land_use_code=None, land_use_name=None), transfers))
        result = []
        for some, given in tried:
            boxes = _boxes([*read.geometries(some), *read.geometries(given)])
            if not len(boxes):
                continue
            around = self._on_land("land_use").rows_in(boxes)
            if window is not None:
                around = np.union1d(around, window.changed)
            pieces = recorded_pieces(
                some if len(some) else nothing,
                given,
                basis.tables["lineage"],
                tables["land_use"].iloc[around],
                found.snapshots,
                _near(basis.tables["block_line"], boxes),
                read.day_number(basis.as_of),
                read.tree_for(basis.units, self._target.parameters["units"]),
                self._target,
                basis.codes,
                list[Finding](),
            )
            result.append(pieces)
        return result

    def _rows_of(self, name: str, tables: Tables, uuids: set[str]) -> gpd.GeoDataFrame:
        """Rows of a table with the changes; those that are not in the basis stand at the end."""
        places, count = self._on_land(name).places, len(self._basis.tables[name])
        rows = [*sorted(places[uuid] for uuid in uuids & places.keys()), *range(count, len(tables[name]))]
        found = tables[name].iloc[rows]
        return found[[uuid in uuids for uuid in read.texts(found, "uuid")]]

    @property
    def _target(self) -> Target:
        return self._basis.policy.target(rezoning.TARGET)

    # --- looking around -------------------------------------------------------------------------------

    def _on_land(self, name: str) -> _Land:
        if name not in self._land:
            table = self._basis.tables[name]
            self._land[name] = _Land(read.texts(table, "uuid"), read.geometries(table))
        return self._land[name]

    @cached_property
    def _given(self) -> _Land:
        """The land of contracts in force."""
        tables, day = self._basis.tables, read.day_number(self._basis.as_of)
        uses = read_contracts(
            tables["transfer"], tables["parcel"], tables["lineage"], self._basis.codes, day, list[Finding]()
        ).uses
        return _Land(uses.uuids, uses.shapes)

    def _named(self, numbers: Iterable[str]) -> gpd.GeoDataFrame:
        """Parcels of these numbers, and all that were made from others: a number may be that of their parent."""
        table = self._basis.tables["parcel"]
        wanted = set(numbers) - {""}
        lineage = self._basis.tables["lineage"]
        children = set(lineage["child"]) if len(lineage) else set()
        kept = (
            table["parcel_no"].isin(list(wanted))
            if "parcel_no" in table
            else pd.Series(False, index=table.index)
        )
        return table[(kept | table["uuid"].isin(list(children))).to_numpy()]


class _Land:
    """Where the rows of a table lie."""

    def __init__(self, uuids: Sequence[str], shapes: Objects) -> None:
        self._uuids = uuids
        self.places = {uuid: place for place, uuid in enumerate(uuids)}
        self._tree = shapely.STRtree(shapes)

    def uuids_in(self, boxes: Boxes) -> set[str]:
        """The uuids of `rows_in`."""
        return {self._uuids[row] for row in self.rows_in(boxes).tolist()}

    def rows_in(self, boxes: Boxes) -> Integers:
        """Rows whose boxes meet any of these boxes, ascending."""
        asked = shapely.box(*boxes.T)
        return np.unique(self._tree.query(asked)[1]).astype(np.int64)


def _local(row: RowChange) -> bool:
    """Whether a change reaches no further than the land of its row."""
    if row.table not in _CHANGING:
        return row.table not in _READ
    if row.table == "land_use":
        return "snapshot" not in row.values
    return not (_JOINS & set(row.values)) if row.table == "parcel" else True


def _boxes(shapes: Sequence[object]) -> Boxes:
    found = shapely.bounds(np.array([shape for shape in shapes if shape is not None] or [None], dtype=object))
    return found[~np.isnan(found).any(axis=1)]


def _meet(boxes: Boxes, others: Boxes) -> NDArray[np.bool_]:
    """Which boxes meet any of the others."""
    result = np.zeros(len(boxes), dtype=bool)
    for west, south, east, north in others:  # a handful
        result |= (
            (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        )
    return result


def _near(lines: gpd.GeoDataFrame, boxes: Boxes) -> gpd.GeoDataFrame:
    """Every version of the lines that come near boxes: one elsewhere may be the newer version of one here."""
    bounds = shapely.bounds(read.geometries(lines)).reshape(-1, 4)
    near = _meet(np.nan_to_num(bounds, nan=np.inf), boxes)
    codes = np.array(read.texts(lines, "code"), dtype=object)
    return lines[near | np.isin(codes, [code for code in codes[near] if code])]


def _joined(parts: Sequence[gpd.GeoDataFrame], epsg: int) -> gpd.GeoDataFrame:
    kept = [part for part in parts if len(part)]
    if not kept:
        return parts[0]
    return gpd.GeoDataFrame(pd.concat(kept, ignore_index=True), geometry="geometry", crs=epsg)
